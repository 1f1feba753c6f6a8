"""A report in words, on one screen: what was said, how people felt, how fast they were answered, what we missed. Pure.

Each sentence is a list of pieces; a piece may name the figure it tells, so that a page can link it.
"""

from __future__ import annotations

from dataclasses import dataclass

from reports import words
from reports.blind_spots import gaps
from reports.figures import PART, source_names
from reports.report import Report

_GAPS_TOLD = 2


@dataclass(frozen=True, slots=True)
class Piece:
    """A bit of a sentence, and which figure it tells (empty for plain words)."""

    text: str
    name: str = ""
    group: str = ""


Sentence = tuple[Piece, ...]


def story(report: Report) -> list[Sentence]:
    """At most six short sentences."""
    if report.is_empty:
        return [(Piece("Nothing was heard in this period."),), *_sight(report)]
    return [_heard(report), *_felt(report), *_answered(report), *_promised(report), *_sight(report)]


def plain(report: Report) -> str:
    """The same as one text."""
    return " ".join("".join(piece.text for piece in sentence) for sentence in story(report))


def period_words(report: Report) -> str:
    """What the period before is called."""
    return "day before" if report.period.length == 1 else f"{report.period.length} days before"


def _heard(report: Report) -> Sentence:
    now, before = report.here.volume.mentions, report.before.volume.mentions
    change = words.change(now, before)
    if not before:
        tail = f" (none in the {period_words(report)})" if now else ""
    elif change == "as many":
        tail = f", as many as in the {period_words(report)}"
    else:
        tail = f", {change}{'' if 'times' in change else ' than in the'} {_as(change)}{period_words(report)}"
    return (Piece(words.plural(now, "mention"), "volume"), Piece(f"{tail}."))


def _as(change: str) -> str:
    return "as in the " if "times" in change else ""


def _felt(report: Report) -> list[Sentence]:
    volume = report.here.volume
    if not volume.mentions:
        return []
    unsure = (Piece(words.percent(volume.share("unsure").value), "unsure_share", PART), Piece(" could not be told"))
    if not volume.told:
        return [(*unsure, Piece("."))]
    told = (
        Piece(f"{words.percent(volume.share('negative').value)} negative", "negative_share", PART),
        Piece(", "),
        Piece(f"{words.percent(volume.share('positive').value)} positive", "positive_share", PART),
    )
    # shares are of what could be told, so what could not comes first
    before = (*unsure, Piece("; of the rest ")) if volume.feelings["unsure"] else ()
    return [(*before, *told, Piece(".")), *_corrected(report)]


def _corrected(report: Report) -> list[Sentence]:
    """The note that figures were restated."""
    share = report.here.volume.corrected_share
    if not share.part:
        return []
    said = f"{words.count(share.part)} of {words.count(share.n)} labels corrected by people"
    return [(Piece(said, "corrected_share", PART), Piece("; figures restated."))]


def _answered(report: Report) -> list[Sentence]:
    response = report.here.response
    if not response.cases:
        return []
    half = response.first_answer[50]
    start = (
        Piece(words.plural(len(response.cases), "case needs", "cases need"), "cases"),
        Piece(" an answer: "),
        Piece(f"{words.count(len(response.answered))} answered", "answered"),
        Piece(", "),
        Piece(f"{words.count(len(response.waiting))} still waiting", "waiting"),
    )
    if half.seconds is None:
        return [(*start, Piece("."))]
    said = "Half have waited" if half.at_least else "Half were answered within"
    return [(*start, Piece(f". {said} {words.waited(half.seconds, half.at_least)}."))]


def _promised(report: Report) -> list[Sentence]:
    kept = report.here.response.sla_target
    if not kept.share.n:
        return []
    share = Piece(f"{words.percent(kept.share.value)} of {words.count(kept.share.n)}", "sla_target", "met")
    missed = Piece(f"{words.count(len(kept.missed))} missed", "sla_target", "missed")
    return [(Piece("The promised answer time was kept for "), share, Piece(" due, "), missed, Piece("."))]


def _sight(report: Report) -> list[Sentence]:
    if not report.sights:
        return [(Piece("No source is listening, so nothing can be heard."),)]
    if not any(each.due for each in report.sights):
        return []
    found = gaps(report.sights)
    if not found:
        return [(Piece("Every source was seen the whole time.", "coverage"),)]
    names = source_names(report)
    told = [
        f"{names[each.source_id]} not seen {words.clock_range(gap.since, gap.until, report.period.zone)}"
        for each, gap in sorted(found, key=lambda pair: -pair[1].minutes)[:_GAPS_TOLD]
    ]
    more = f" and {words.count(len(found) - _GAPS_TOLD)} shorter" if len(found) > _GAPS_TOLD else ""
    return [(Piece(words.plural(len(found), "gap"), "gaps"), Piece(f": {'; '.join(told)}{more}."))]
