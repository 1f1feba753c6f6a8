"""A report as one flat list of figures with stable names: what exports, the API and the command line hand out. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from reports.blind_spots import Sight
from reports.definitions import DEFINITIONS
from reports.metrics import FEELINGS, PERCENTILES, WINDOWS, Kept, Response, Share, Waits
from reports.report import Report, Side
from reports.satisfaction import Score

STATES: Final = ("met", "missed", "running", "closed")
CONTACTS: Final = ("met", "missed", "running", "unknown")
WEEKDAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
PART: Final = "part"
"""The group of a share that is the number above the line."""
KEPT: Final = (*WINDOWS, "sla_target", "sla_limit")
CLOCKS: Final = ("first_word", "first_answer", "team_answer")


@dataclass(frozen=True, slots=True)
class Figure:
    """One number. `name` is a key of DEFINITIONS, `group` says which part of it (a day, a channel, p90, missed);
    `n` is how many items stand behind it, `before` its value in the period before (None: cannot be said, or there is
    nothing to compare with). `at_least`: it will be more."""

    name: str
    group: str
    value: float | None
    n: int
    before: float | None = None
    at_least: bool = False

    @property
    def unit(self) -> str:
        """What the value is counted in; parts of a share are counts."""
        return "count" if self.group in (*STATES, *CONTACTS, PART) else DEFINITIONS[self.name].unit


def figures(report: Report) -> list[Figure]:
    """Every figure of a report, in the order of the page."""
    return [
        *_volume(report.here, report.before),
        *_groups(report),
        *_response(report.here.response, report.before.response),
        *_first_contact(report.here, report.before),
        *_drafts(report.here, report.before),
        *_promised(report.here, report.before),
        *_satisfaction(report.here, report.before),
        *_coverage(report),
    ]


def _volume(here: Side, before: Side) -> Iterator[Figure]:
    now, then = here.volume, before.volume
    for name, value, old in (
        ("volume", now.mentions, then.mentions),
        ("raw", now.raw, then.raw),
        ("reposts", now.reposts, then.reposts),
        ("ignored", now.ignored, then.ignored),
        ("withdrawn", now.withdrawn, then.withdrawn),
    ):
        yield Figure(name, "", value, value, old)
    for feeling in (*FEELINGS, "unsure"):
        share = now.share(feeling)
        yield Figure(f"{feeling}_share", "", share.value, share.n, then.share(feeling).value)
        yield Figure(f"{feeling}_share", PART, share.part, share.n, then.share(feeling).part)
    share, old_share = now.corrected_share, then.corrected_share
    yield Figure("corrected_share", "", share.value, share.n, old_share.value)
    yield Figure("corrected_share", PART, share.part, share.n, old_share.part)
    yield Figure("net_sentiment", "", now.net, now.told, then.net)


def _groups(report: Report) -> Iterator[Figure]:
    here, before = report.here, report.before
    for day, feelings in sorted(here.volume.by_day.items()):
        yield Figure("by_day", day.isoformat(), feelings.total(), feelings.total())
    for (weekday, hour), number in sorted(report.by_hour.items()):
        yield Figure("by_hour", f"{WEEKDAYS[weekday]} {hour:02}", number, number)
    channels = {name: counts.total() for name, counts in here.volume.by_channel.items()}
    old = {name: counts.total() for name, counts in before.volume.by_channel.items()}
    yield from _counted("by_channel", channels, lambda name: old.get(name, 0))
    yield from _counted("by_language", here.volume.by_language, lambda name: before.volume.by_language[name])
    old_topics = by_name(report, before.topics)
    yield from _counted("by_topic", by_name(report, here.topics), lambda name: old_topics.get(name, 0))


def by_name(report: Report, topics: Mapping[int, int]) -> dict[str, int]:
    """Counts of topics by name; topics of one name in several brands are told apart by their id."""
    found: dict[str, int] = {}
    for topic_id, number in topics.items():
        name = report.topics.get(topic_id, f"a topic that is gone ({topic_id})")
        found[name if name not in found else f"{name} ({topic_id})"] = number
    return found


def _counted(name: str, counts: Mapping[str, int], old: Callable[[str], int]) -> Iterator[Figure]:
    for group, number in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        yield Figure(name, group, number, number, old(group))


def _response(now: Response, then: Response) -> Iterator[Figure]:
    for name in ("cases", "answered", "waiting", "closed", "irrelevant_cases"):
        number = len(getattr(now, name))
        yield Figure(name, "", number, number, len(getattr(then, name)))
    for name in CLOCKS:
        yield from _clock(name, getattr(now, name), getattr(then, name))
    for label, ids in now.buckets.items():
        yield Figure("answered", label, len(ids), len(ids), len(then.buckets[label]))
    for name in KEPT:
        yield from _kept(name, kept_of(now, name), kept_of(then, name))


def kept_of(response: Response, name: str) -> Kept:
    """The limit of this name."""
    found: Kept = response.within[name] if name in response.within else getattr(response, name)
    return found


def _clock(name: str, now: Waits, then: Waits) -> Iterator[Figure]:
    for percent in PERCENTILES:
        found = now[percent]
        yield Figure(name, f"p{percent}", found.seconds, now.n, then[percent].seconds, found.at_least)


def _kept(name: str, now: Kept, then: Kept) -> Iterator[Figure]:
    yield Figure(name, "", now.share.value, now.share.n, then.share.value)
    for state in STATES:
        number = len(getattr(now, state))
        yield Figure(name, state, number, number, len(getattr(then, state)))


def _first_contact(here: Side, before: Side) -> Iterator[Figure]:
    now, then = here.first_contact, before.first_contact
    yield Figure("fcr", "", now.share.value, now.share.n, then.share.value)
    for state in CONTACTS:
        yield Figure("fcr", state, len(now[state]), len(now[state]), len(then[state]))


def _drafts(here: Side, before: Side) -> Iterator[Figure]:
    now, then = here.drafts, before.drafts
    yield Figure("sent_cases", "", len(now.sent), len(now.sent), len(then.sent))
    yield Figure("unedited_share", "", now.unedited.value, now.unedited.n, then.unedited.value)
    yield Figure("unedited_share", PART, len(now.as_drafted), now.unedited.n, len(then.as_drafted))
    for reason, ids in now.rejected.items():
        yield Figure("rejected", reason, len(ids), len(ids), len(then.rejected.get(reason, ())))
    for rule, ids in now.overruled.items():
        yield Figure("overruled", rule, len(ids), len(ids), len(then.overruled.get(rule, ())))


def _promised(here: Side, before: Side) -> Iterator[Figure]:
    now, then = here.promised, before.promised
    yield Figure("promises_kept", "", now.share.value, now.share.n, then.share.value)
    yield Figure("promises_kept", PART, len(now.kept), now.share.n, len(then.kept))


def _satisfaction(here: Side, before: Side) -> Iterator[Figure]:
    now, then = here.satisfaction, before.satisfaction
    share, old_share = Share(now.answered, now.asked), Share(then.answered, then.asked)
    yield Figure("survey_answers", "", share.value, share.n, old_share.value)
    yield Figure("survey_answers", PART, share.part, share.n, old_share.part)
    for name in ("csat", "nps", "ces"):
        yield from _score(name, getattr(now, name), getattr(then, name))
    yield Figure("ces_mean", "", now.ces.mean, now.ces.n, then.ces.mean)


def _score(name: str, now: Score, then: Score) -> Iterator[Figure]:
    yield Figure(name, "", now.value, now.n, then.value)
    yield Figure(name, PART, now.part, now.n, then.part)
    low, high = now.interval or (None, None)
    old_low, old_high = then.interval or (None, None)
    yield Figure(name, "from", low, now.n, old_low)
    yield Figure(name, "to", high, now.n, old_high)


def _coverage(report: Report) -> Iterator[Figure]:
    minutes = round(sum(each.due for each in report.sights))
    yield Figure("coverage", "", report.coverage, minutes)
    names = source_names(report)
    for each in report.sights:
        name = names[each.source_id]
        yield Figure("coverage", name, each.share, round(each.due))
        yield Figure("gaps", name, len(each.gaps), len(each.gaps))
        yield Figure("late_minutes", name, each.minutes("late"), round(each.due))
        yield Figure("paused_minutes", name, each.minutes("paused"), round(each.due))


def source_names(report: Report) -> dict[int, str]:
    """A name for each source that no other has: its own, with channel or id where that is not enough."""
    owners: Counter[str] = Counter(each.name for each in report.sights)
    pairs = Counter((each.channel, each.name) for each in report.sights)
    return {each.source_id: _unique(each, owners, pairs) for each in report.sights}


def _unique(sight: Sight, owners: Counter[str], pairs: Counter[tuple[str, str]]) -> str:
    if owners[sight.name] == 1:
        return sight.name
    both = f"{sight.channel}: {sight.name}"
    return both if pairs[sight.channel, sight.name] == 1 else f"{both} ({sight.source_id})"
