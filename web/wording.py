"""How values are said to people: times, labels, statuses, numbers. Filters of the templates; all pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from domain import sla
from responders.depth import Depth

STATUS = {
    "open": "Open",
    "snoozed": "Snoozed",
    "escalated": "Escalated",
    "waiting": "Waiting",
    "resolved": "Resolved",
    "requested": "Being drafted",
    "drafted": "Draft",
    "approved": "Approved, leaves soon",
    "handed_over": "To be posted by hand",
    "sending": "Being sent",
    "sent": "Sent",
    "refused": "Refused by the network",
    "unknown": "Outcome unknown",
    "rejected": "Rejected",
    "replaced": "Gave way to another draft",
    "stale": "Out of date",
    "failed": "No draft possible",
    "received": "New",
    "kept": "Kept",
    "ignored": "Irrelevant",
    "withdrawn": "Removed",
    "listening": "Listening",
    "failing": "Failing",
    "stopped": "Stopped",
    "paused": "Paused",
    "working": "Working",
    "dead": "Sign-in refused",
    "removed": "Removed",
    "merged": "Merged",
    "found": "To confirm",
    "broken": "Broken",
    "dismissed": "No promise",
    "raised": "Raised",
    "acknowledged": "Acknowledged",
    "reported": "Reported",
    "being_fixed": "Being fixed",
    "fixed": "Fixed",
    "will_not_fix": "Will not be fixed",
    "taken_back": "Taken back",
    "frozen": "Held",
    "stated": "Statement agreed",
    "releasing": "Being let go",
    "over": "Over",
}
TONE = {
    "sent": "good", "listening": "good", "working": "good", "resolved": "good",
    "failing": "warn", "snoozed": "calm", "waiting": "calm", "approved": "warn", "handed_over": "warn",
    "escalated": "bad", "refused": "bad", "unknown": "bad", "stopped": "bad", "dead": "bad", "raised": "bad",
    "broken": "bad", "found": "warn", "reported": "bad", "being_fixed": "warn", "fixed": "good", "will_not_fix": "calm",
}  # fmt: skip
LANGUAGES = {
    "en": "English", "hr": "Croatian", "hbs": "Croatian/Serbian/Bosnian", "hu": "Hungarian", "id": "Indonesian",
    "lv": "Latvian", "tl": "Tagalog", "de": "German", "fr": "French", "es": "Spanish", "it": "Italian",
    "ar": "Arabic", "he": "Hebrew", "ja": "Japanese", "pt": "Portuguese", "nl": "Dutch",
    "pl": "Polish", "sv": "Swedish", "th": "Thai", "tr": "Turkish", "vi": "Vietnamese", "ko": "Korean",
}  # fmt: skip
DEPTH = {"low": "low risk", "medium": "some risk", "high": "high risk"}
SEVERITY = ("none", "low", "high", "must be answered first")
REJECT = {
    "wrong_facts": "Wrong facts",
    "wrong_tone": "Wrong tone",
    "wrong_language": "Wrong language",
    "no_answer_needed": "No answer needed",
    "answered_elsewhere": "Answered elsewhere",
}
ROLE = {"admin": "Admin", "manager": "Manager", "agent": "Agent", "on_call": "On call", "viewer": "Viewer"}


def zone_of(name: str) -> ZoneInfo:
    """The person's time zone; UTC when its name is unknown here."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def span(seconds: float) -> str:
    """A length of time in one or two units: 45 s, 12 min, 3 h 5 min, 2 d 4 h."""
    seconds = abs(seconds)
    if seconds < 60:
        return f"{int(seconds)} s"
    minutes = int(seconds // 60)
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return f"{hours} h {minutes} min" if minutes and hours < 6 else f"{hours} h"
    days, hours = divmod(hours, 24)
    return f"{days} d {hours} h" if hours and days < 3 else f"{days} d"


def ago(moment: datetime, now: datetime) -> str:
    """ "4 min ago", "in 2 h", "just now"."""
    seconds = (now - moment).total_seconds()
    if abs(seconds) < 5:
        return "just now"
    return f"{span(seconds)} ago" if seconds > 0 else f"in {span(seconds)}"


def exact(moment: datetime, zone: str) -> str:
    """The moment in the person's zone, to the minute, with the zone's name."""
    local = moment.astimezone(zone_of(zone))
    return f"{local:%a %d %b %Y, %H:%M} {local.tzname()}"


def iso(moment: datetime) -> str:
    """The moment for `datetime=` and for JSON."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def clock(since: datetime, due_at: datetime | None, now: datetime) -> tuple[str, str, str]:
    """An SLA clock: its state, a mark that needs no colour, and the words. Nothing owed: "met"."""
    if due_at is None:
        return "met", "✓", "nothing owed"
    left = (due_at - now).total_seconds()
    match sla.state(since, due_at, now):
        case "breached":
            return "breached", "!", f"{span(left)} late"
        case "at_risk":
            return "at_risk", "▲", f"{span(left)} left"
    return "running", "◷", f"{span(left)} left"


def is_purged(mention: Any) -> bool:
    """Whether a post has lost its words because it is older than posts are kept."""
    return not (mention.text or mention.title or mention.author_handle or mention.author_id)


def safe_url(url: str) -> str:
    """The address if a browser may open it as a link (http or https with a host), else an empty text."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return url if parts.scheme in ("http", "https") and parts.netloc else ""


def status(value: str) -> str:
    """A status in words."""
    return STATUS.get(value, value.replace("_", " ").capitalize())


def tone(value: str) -> str:
    """good, warn, bad, calm or plain: only ever beside the word itself."""
    return TONE.get(value, "plain")


def language(value: str | None) -> str:
    """A language's name."""
    return LANGUAGES.get(value, value) if value else "Unknown language"


def signed(number: float | None) -> str:
    """A sentiment with its sign and a true minus; "?" when unknown."""
    return "?" if number is None else f"{number:+.2f}".replace("-", "−")


def points(number: float) -> str:
    """Points of a priority, short."""
    return f"{number:+.0f}".replace("-", "−") if abs(number) >= 1 else f"{number:+.1f}".replace("-", "−")


def top_parts(parts: list[Any], count: int = 3) -> list[tuple[str, float, str]]:
    """The parts of a priority that weigh most."""
    known = [(str(part[0]), float(part[1]), str(part[2])) for part in parts if len(part) == 3]
    return sorted((part for part in known if part[1]), key=lambda part: -abs(part[1]))[:count]


def first_words(text: str, length: int = 160) -> str:
    """The beginning of a text on one line."""
    line = " ".join(text.split())
    return line if len(line) <= length else line[: length - 1].rstrip() + "…"


def local_input(moment: datetime, zone: str) -> str:
    """The moment for a `datetime-local` field in the person's zone."""
    return f"{moment.astimezone(zone_of(zone)):%Y-%m-%dT%H:%M}"


def seconds_left(until: datetime, now: datetime) -> int:
    """Whole seconds until then, never negative."""
    return max(0, int((until - now) / timedelta(seconds=1) + 0.999))


def depth_words(depth: Depth) -> str:
    """How many people say yes to a reply, and why."""
    why = "; ".join(depth.reasons)
    if depth.people > 1:
        return f"Needs a second person: {why}."
    if depth.alone:
        return f"A second person would be due ({why}), but only one may approve here: look twice."
    return f"One person approves, {DEPTH[depth.level]}{': ' if why else ''}{why}."
