"""Drafts answers to JSON lines: the same drafter and the same reply contract as in the product."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cache, partial
from typing import Any, BinaryIO

import msgspec

from channels.manifest import Manifest
from channels.registry import manifests
from commands.json_lines import Row, rows
from domain.clock import SystemClock
from domain.errors import BadInput
from domain.reply import Finding
from net.decode import text_at
from responders.brief import Brief, Draft
from responders.contract import check
from responders.drafters.composed import compose_several
from responders.drafters.phrasebook import LANGUAGES
from responders.facts import Facts, facts_of
from responders.local import formality_in, located
from responders.markets import PACKS
from responders.measuring import context_of
from scoring.scorer import score_text
from scoring.sentiment import read_packs

MOST_CANDIDATES = 5


def draft_lines(source: BinaryIO, target: BinaryIO, lang: str | None = None, candidates: int = 3) -> None:
    """One answer per line, in order; a line that cannot be read gives an `error` row. No draft of this run is like
    another."""
    if not 1 <= candidates <= MOST_CANDIDATES:
        raise BadInput(f"--candidates: give a number from 1 to {MOST_CANDIDATES}")
    read_packs()
    run = _Run(lang, candidates)
    for number, row, wrong in rows(source, needs=""):
        target.write(msgspec.json.encode(wrong or run.answer(number, row)) + b"\n")
    target.flush()


@dataclass
class _Run:
    """`recent` is what was drafted before in this run."""

    lang: str | None
    count: int
    recent: list[str] = field(default_factory=list[str])

    def answer(self, number: int, row: Row) -> Row:
        try:
            brief = self._brief(row, number)
        except BadInput as error:
            return {"id": row.get("id"), "error": f"line {number}: {error}"}
        findings = cache(partial(_findings, brief))
        drafts = compose_several(brief, self.count, findings)
        found = [findings(draft.text) for draft in drafts]
        self.recent += [draft.text for draft in drafts if draft.text]
        first = drafts[0]
        return {
            "id": row.get("id"),
            "lang": first.lang,
            "reply": first.text,
            "candidates": list(map(_candidate, drafts, found)),
            "findings": list(map(_shown, found[0])),
            "sources": list(first.sources),
            "hints": list(first.hints),
        }

    def _brief(self, row: Row, number: int) -> Brief:
        facts, handle = _case(row)
        if not facts.mention.strip():
            raise BadInput("needs a case with a mention, or a text")
        score = score_text(facts.mention, text_at(row, "lang") or self.lang, facts.brand or None)
        channel = manifests().get(facts.channel.casefold())
        answer_lang = next(each for each in (text_at(row, "lang"), self.lang, score.lang, "en") if each in LANGUAGES)
        facts = located(facts, PACKS.all())
        formality = formality_in(facts, PACKS.all(), answer_lang)
        return Brief(
            brand=facts.brand,
            sign_off=facts.brand,
            author_name=facts.author_name,
            author_handle=handle,
            mention_id=str(row.get("id") or number),
            text=facts.mention,
            lang=score.lang,
            answer_lang=answer_lang,
            label=score.label,
            severity=score.severity,
            channel=facts.channel,
            recent=tuple(self.recent),
            facts=facts,
            formality=formality,
            **_bounds(channel),
        )


def _case(row: Row) -> tuple[Facts, str]:
    """The facts of a row, and the author's handle where the name is one."""
    year = SystemClock().now().year
    if row.get("case") is not None:
        facts = facts_of(row["case"], year)
    else:
        named = {name: row.get(name) for name in ("brand", "channel")}
        facts = facts_of({"mention": row.get("text"), "author_name": row.get("author"), **named}, year)
    name = facts.author_name.strip()
    return (facts, name) if name.startswith("@") and " " not in name else (facts, "")


def _bounds(channel: Manifest | None) -> dict[str, Any]:
    if channel is None:
        return {}
    bounds = {"max_length": channel.max_length, "length": channel.length}
    return bounds | {"private": channel.private, "messages": bool(channel.messages)}


def _findings(brief: Brief, text: str) -> list[Finding]:
    context = context_of(brief.answer_lang, brief.facts, None)
    return check(
        text, replace(context, author_handle=brief.author_handle, recent=brief.recent, sign_off=brief.sign_off)
    )


def _candidate(draft: Draft, findings: list[Finding]) -> Row:
    return {
        "text": draft.text,
        "used": list(draft.used),
        "restated": list(draft.restated),
        "findings": list(map(_shown, findings)),
    }


def _shown(finding: Finding) -> Row:
    return {"rule": finding.rule, "words": finding.words}
