"""Checks JSON lines of replies: the same reply contract as at the desk."""

from __future__ import annotations

from typing import BinaryIO

import msgspec

from commands.json_lines import Row, rows
from domain.clock import SystemClock
from domain.errors import BadInput
from domain.reply import Finding
from net.decode import text_at
from responders.contract import check
from responders.facts import facts_of
from responders.local import located
from responders.markets import PACKS
from responders.measuring import context_of
from responders.rules.context import Detect
from responders.rules.words import LANGUAGES
from scoring.language import Detector, language_of_tag


def check_lines(source: BinaryIO, target: BinaryIO) -> None:
    """One answer per line, in order; a line that cannot be read gives an `error` row."""
    detect = Detector().detect
    for number, row, wrong in rows(source, needs="reply"):
        try:
            answer = wrong or _answer(row, detect)
        except BadInput as error:
            answer = {"id": row.get("id"), "error": f"line {number}: {error}"}
        target.write(msgspec.json.encode(answer) + b"\n")
    target.flush()


def _answer(row: Row, detect: Detect) -> Row:
    lang = language_of_tag(text_at(row, "lang")) or ""
    if lang not in LANGUAGES:
        raise BadInput(f"lang: needs one of {', '.join(LANGUAGES)}")
    facts = located(facts_of(row.get("case") or {}, SystemClock().now().year), PACKS.all())
    found = check(row["reply"], context_of(lang, facts, detect))
    return {"id": row.get("id"), "findings": [_shown(finding) for finding in found]}


def _shown(finding: Finding) -> Row:
    shown: Row = {"rule": finding.rule, "words": finding.words, "advice": finding.advice}
    return shown | ({"fix": finding.fix} if finding.fix is not None else {})
