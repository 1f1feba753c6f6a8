"""What each figure means. One place: the page, the exports, the command line and docs/reports.md read it here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Unit = Literal["count", "percent", "points", "seconds", "minutes", "mean"]


@dataclass(frozen=True, slots=True)
class Definition:
    """A figure's title, its unit, and what is counted, in words that leave nothing open."""

    title: str
    unit: Unit
    text: str


_PERIOD_CASES = "Cases whose first post was written in the period"

DEFINITIONS: Final[dict[str, Definition]] = {
    "volume": Definition(
        "Mentions",
        "count",
        "Posts written in the period, each counted once per brand however often or by however many sources it was"
        " heard. Reposts, posts marked as irrelevant and posts that their author removed are left out.",
    ),
    "raw": Definition(
        "All items heard",
        "count",
        "Everything stored with a time of writing in the period: mentions plus reposts, irrelevant and removed posts.",
    ),
    "reposts": Definition(
        "Reposts", "count", "Items heard that only pass on another post (not irrelevant or removed)."
    ),
    "ignored": Definition("Irrelevant", "count", "Items heard that a person marked as irrelevant."),
    "withdrawn": Definition(
        "Removed", "count", "Items heard that their author has removed since, or that were erased on request."
    ),
    "by_day": Definition("Mentions by day", "count", "Mentions per day of the calendar in the report's time zone."),
    "by_hour": Definition(
        "Mentions by hour of the week",
        "count",
        "Mentions per weekday and hour in the report's time zone, all weeks of the period added up (“Mon 09”: Mondays"
        " from 9 to 10). Hours without any are left out.",
    ),
    "by_channel": Definition("Mentions by channel", "count", "Mentions per channel; the channels add up to all."),
    "by_language": Definition(
        "Mentions by language", "count", "Mentions per language found; “unknown” where the text is too short to tell."
    ),
    "by_topic": Definition(
        "Mentions by topic",
        "count",
        "Mentions per topic they match. A mention may match several topics, so topics do not add up to all.",
    ),
    "positive_share": Definition(
        "Positive", "percent", "Positive mentions / (positive + neutral + negative) x 100. Unsure ones are left out."
    ),
    "neutral_share": Definition(
        "Neutral", "percent", "Neutral mentions / (positive + neutral + negative) x 100. Unsure ones are left out."
    ),
    "negative_share": Definition(
        "Negative", "percent", "Negative mentions / (positive + neutral + negative) x 100. Unsure ones are left out."
    ),
    "unsure_share": Definition(
        "Unsure",
        "percent",
        "Mentions whose feeling could not be told / all mentions x 100: the part of which the other shares know "
        "nothing.",
    ),
    "corrected_share": Definition(
        "Corrected",
        "percent",
        "Mentions whose feeling a person put right / all mentions x 100. The person's word counts in every figure, also"
        " of days past.",
    ),
    "net_sentiment": Definition(
        "Net sentiment", "points", "(positive - negative) / (positive + neutral + negative) x 100, from -100 to 100."
    ),
    "cases": Definition(
        "Cases that need an answer",
        "count",
        f"{_PERIOD_CASES} and that need an answer. Cases with nothing left to answer (every post marked as "
        "irrelevant or removed, and no answer sent) are left out, and so is praise that asks for nothing.",
    ),
    "irrelevant_cases": Definition(
        "Cases left out",
        "count",
        f"{_PERIOD_CASES}, where every post was marked as irrelevant or removed, and no answer was sent.",
    ),
    "answered": Definition("Answered", "count", f"{_PERIOD_CASES} and that got a first answer, at whatever time."),
    "waiting": Definition("Still waiting", "count", f"{_PERIOD_CASES} and that have no answer yet and are not closed."),
    "closed": Definition(
        "Closed without an answer",
        "count",
        f"{_PERIOD_CASES}, which a person resolved without an answer from us and did not open again.",
    ),
    "first_word": Definition(
        "Time to a first word",
        "seconds",
        "From the author's first post to our first sent reply of any kind, holding replies included. p50: half of"
        " the cases waited at most this long. Cases that still wait count with the time they have waited so far; "
        "where that decides, the figure says “over”. Cases closed without a word are left out. Clock time, "
        "day and night.",
    ),
    "first_answer": Definition(
        "Time to the first answer",
        "seconds",
        "From the author's first post to our first sent answer; a holding reply is no answer. Every reply is "
        "approved by a named person, so this is the first human answer. Counted as the time to a first word.",
    ),
    "team_answer": Definition(
        "Time to the first answer, since we heard it",
        "seconds",
        "As the time to the first answer, but from the moment the case came to us: how fast the team was, "
        "whatever the network's delay.",
    ),
    "within_1h": Definition(
        "Answered within 1 h",
        "percent",
        "Cases answered within an hour of the post / (those + those that were not) x 100. A case that waits "
        "longer than an hour counts as missed. A case still inside its hour is shown apart as “still running”; "
        "one closed without an answer inside its hour is left out.",
    ),
    "within_4h": Definition("Answered within 4 h", "percent", "As “answered within 1 h”, with four hours."),
    "within_24h": Definition("Answered within 24 h", "percent", "As “answered within 1 h”, with 24 hours."),
    "sla_target": Definition(
        "Promised answer time kept",
        "percent",
        "Of the cases whose promised answer time (of their channel, with its business hours) fell into the "
        "period: answered by then / due x 100. Due later than now and not answered: “still running”, shown apart."
        " Closed without an answer before it was due: left out.",
    ),
    "sla_limit": Definition(
        "Latest answer time kept", "percent", "As the promised answer time, for the latest time of the channel (a day)."
    ),
    "fcr": Definition(
        "Solved at first contact (FCR)",
        "percent",
        "Answered cases of the period whose author did not come back about the same matter within 7 days of "
        "our first answer, on any channel where we know them / (those + those who did, or whose case was "
        "escalated) x 100. Plain thanks are no coming back. “Still running”: the 7 days are not over. "
        "“Unknown”: nobody can recognise the author (a feedback page, a name that is gone), or the matter of "
        "what came later cannot be told. Both stand apart.",
    ),
    "sent_cases": Definition(
        "Cases we wrote to", "count", "Cases in which at least one reply of ours was sent in the period."
    ),
    "unedited_share": Definition(
        "Sent as drafted",
        "percent",
        "Cases in which every reply sent in the period left exactly as it was drafted / cases we wrote to x 100.",
    ),
    "rejected": Definition(
        "Cases with a rejected draft",
        "count",
        "Cases with a draft that was rejected in the period and stayed rejected, by reason. A case with two "
        "reasons counts under both.",
    ),
    "overruled": Definition(
        "Cases with an overruled finding",
        "count",
        "Cases in which a manager overruled a finding of the reply contract in the period, by rule. A case with two "
        "rules counts under both.",
    ),
    "promises_kept": Definition(
        "Promises kept",
        "percent",
        "Promises in our replies whose moment fell into the period: kept by then / (kept + broken) x 100. One kept "
        "after its moment counts as broken, and so does one that nobody confirmed, kept or dismissed by its moment; "
        "one that is still open, as neither.",
    ),
    "survey_answers": Definition(
        "Questions answered",
        "percent",
        "Authors who were asked in the period how it was, and have answered since / all who were asked in it x 100.",
    ),
    "csat": Definition(
        "Satisfied (CSAT)",
        "percent",
        "Answers of 4 or 5 of 5 / all answers x 100, of those first given in the period, each as it stands "
        "now. Said from 10 answers on; “from” and “to” are the bounds within which it lies in 95 of 100 such "
        "samples (Wilson).",
    ),
    "nps": Definition(
        "Would recommend us (NPS)",
        "points",
        "Answers of 9 or 10 less those of 0 to 6 / all answers x 100, on 0 to 10, from -100 to 100, of those "
        "first given in the period, each as it stands now. The part are those of 9 or 10. Said from 10 "
        "answers on; “from” and “to” are the bounds within which it lies in 95 of 100 such samples.",
    ),
    "ces": Definition(
        "Found it easy (CES)",
        "percent",
        "Answers of 5 to 7 of 7 / all answers x 100, of those first given in the period, each as it stands "
        "now. Said from 10 answers on; “from” and “to” are the bounds within which it lies in 95 of 100 such "
        "samples (Wilson).",
    ),
    "ces_mean": Definition(
        "How easy it was, on average",
        "mean",
        "The mean of the CES answers first given in the period, from 1 (very difficult) to 7 (very easy). "
        "Said from 10 answers on.",
    ),
    "coverage": Definition(
        "Seen",
        "percent",
        "Minutes seen / minutes due x 100. Due: every minute of the period since a source was added, up to its "
        "last poll (up to now where the next poll is overdue), except while a person had paused it. Seen: polls "
        "went well, or posts of that time were read later.",
    ),
    "gaps": Definition(
        "Gaps", "count", "Stretches of the period in which a source was not seen: posts of that time may be missing."
    ),
    "late_minutes": Definition(
        "Caught up later", "minutes", "Minutes that were a gap until a later poll reached back over it."
    ),
    "paused_minutes": Definition(
        "Paused", "minutes", "Minutes in which a person had switched the source off; not due."
    ),
}

COMPARISON: Final = (
    "“Before” is the equally long period just before. Of a period that still runs it is only as much as has "
    "passed: seven days up to this hour are compared with seven days up to this hour."
)
