"""The lifecycles. Statuses are declared here and nowhere else; `storage.transitions` is the one door.

Each table maps a status to the statuses that may follow. The first key is where a row may start, further
starts are listed in `STARTS`. The graph is checked when this module is imported.
"""

from __future__ import annotations

from typing import Final

MENTION: Final = {
    "received": {"kept", "ignored", "withdrawn"},
    "kept": {"ignored", "withdrawn"},
    "ignored": {"kept", "withdrawn"},
    "withdrawn": set[str](),
}

CASE: Final = {
    "open": {"snoozed", "escalated", "waiting", "resolved"},
    "snoozed": {"open", "escalated", "waiting", "resolved"},
    "escalated": {"open", "waiting", "resolved"},
    "waiting": {"open", "resolved"},
    "resolved": {"open"},
}

PROBLEM: Final = {
    "open": {"resolved", "merged"},
    "resolved": {"open", "merged"},
    "merged": {"open"},
}

REPLY: Final = {
    "requested": {"drafted", "failed", "stale"},
    "drafted": {"approved", "rejected", "replaced", "stale"},
    "approved": {"drafted", "replaced", "stale", "sending", "handed_over"},
    "handed_over": {"sent", "drafted"},
    "sending": {"sent", "refused", "unknown", "approved"},
    "refused": {"drafted", "rejected", "replaced"},
    # `sending` again only where the server itself recognises the same key and the same bytes
    "unknown": {"sent", "drafted", "sending"},
    # undo stands in place of "are you sure"
    "rejected": {"drafted"},
    # somebody asked for another draft; this one may come back as long as it still fits
    "replaced": {"drafted", "stale"},
    "sent": set[str](),
    "stale": set[str](),
    "failed": set[str](),
}

ALERT: Final = {
    "raised": {"acknowledged", "resolved"},
    "acknowledged": {"resolved", "raised"},
    "resolved": set[str](),
}

DELIVERY: Final = {
    "due": {"delivering", "dropped"},
    "delivering": {"delivered", "failed", "due"},
    "delivered": set[str](),
    "failed": set[str](),
    "dropped": set[str](),
}

SOURCE: Final = {
    "listening": {"failing", "stopped", "paused"},
    "failing": {"listening", "stopped", "paused"},
    "stopped": {"listening", "paused"},
    "paused": {"listening"},
}

ACCOUNT: Final = {
    "working": {"dead", "removed"},
    "dead": {"working", "removed"},
    "removed": set[str](),
}

OPT_OUT: Final = {
    "standing": {"lifted"},
    "lifted": set[str](),
}

CORRECTION: Final = {
    "standing": {"replaced", "taken_back"},
    "replaced": {"standing"},
    "taken_back": set[str](),
}

ARTICLE: Final = {
    "draft": {"live", "retired"},
    "live": {"draft", "retired"},
    "retired": {"draft", "live"},
}

FACT: Final = {
    "standing": {"replaced", "taken_back"},
    "replaced": {"standing"},
    "taken_back": {"standing"},
}

PROMISE: Final = {
    # what nobody confirmed is kept or broken all the same
    "found": {"open", "kept", "broken", "dismissed"},
    "open": {"kept", "broken", "dismissed"},
    # late is better than never, and still late; dismissed only where nobody had confirmed it
    "broken": {"kept", "dismissed"},
    # undo; broken where its moment has passed meanwhile
    "kept": {"open", "broken"},
    "dismissed": {"found"},
}

# a person puts questions aside that need no article; undo
GAP: Final = {"aside": {"needed"}, "needed": {"aside"}}

# what a person says of it may be put right at any time
DEFECT: Final = {
    "reported": {"being_fixed", "fixed", "will_not_fix", "taken_back"},
    "being_fixed": {"reported", "fixed", "will_not_fix", "taken_back"},
    "fixed": {"reported", "being_fixed"},
    "will_not_fix": {"reported", "being_fixed"},
    "taken_back": {"reported"},
}

RESOLUTION: Final = {
    "standing": {"withdrawn"},
    "withdrawn": set[str](),
}

# a person says whether two authors are one person; undo
IDENTITY: Final = {
    "same": {"taken_back"},
    "different": {"taken_back"},
    "taken_back": {"same", "different"},
}

STORM: Final = {
    "frozen": {"stated", "over"},
    # other words need another yes
    "stated": {"frozen", "releasing", "over"},
    "releasing": {"frozen", "over"},
    "over": set[str](),
}

LIFECYCLES: Final[dict[str, dict[str, set[str]]]] = {
    "mention": MENTION,
    "case": CASE,
    "problem": PROBLEM,
    "reply": REPLY,
    "alert": ALERT,
    "delivery": DELIVERY,
    "source": SOURCE,
    "account": ACCOUNT,
    "opt_out": OPT_OUT,
    "correction": CORRECTION,
    "article": ARTICLE,
    "fact": FACT,
    "promise": PROMISE,
    "gap": GAP,
    "defect": DEFECT,
    "resolution": RESOLUTION,
    "identity": IDENTITY,
    "storm": STORM,
}

STARTS: Final[dict[str, set[str]]] = {
    "mention": {"received", "kept", "ignored"},
    "reply": {"requested", "drafted"},
}


def allows(noun: str, old: str, new: str) -> bool:
    """Whether a row of this noun may move from `old` to `new`. KeyError for a status that does not exist."""
    return new in LIFECYCLES[noun][old]


def check(noun: str, graph: dict[str, set[str]], starts: set[str]) -> None:
    """Raise ValueError when a status is unknown or cannot be reached from where rows start."""
    unknown = (set().union(*graph.values()) | starts) - set(graph)
    if unknown:
        raise ValueError(f"lifecycle of {noun}: {sorted(unknown)} is not declared")
    reached, todo = set(starts), list(starts)
    while todo:
        for status in graph[todo.pop()] - reached:
            reached.add(status)
            todo.append(status)
    if unreached := set(graph) - reached:
        raise ValueError(f"lifecycle of {noun}: {sorted(unreached)} cannot be reached")


for _noun, _graph in LIFECYCLES.items():
    check(_noun, _graph, STARTS.get(_noun, {next(iter(_graph))}))
