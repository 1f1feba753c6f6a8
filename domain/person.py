"""Who may do what. One table of roles; actions, pages and the API ask it and nothing else."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from domain.errors import NotAllowed

ROLES: Final = ("admin", "manager", "agent", "on_call", "viewer")

_ANSWERING = {"admin", "manager", "agent"}
_EVERYONE = set(ROLES)

POLICY: Final[dict[str, set[str]]] = {
    "see": _EVERYONE,
    "report": _EVERYONE,
    "edit": _ANSWERING,
    "approve": _ANSWERING,
    "reject": _ANSWERING,
    "ask_change": _ANSWERING,
    "overrule": {"admin", "manager"},  # a finding that stops approval, with a reason
    "recall": _ANSWERING,
    "redraft": _ANSWERING,
    "hand_over": _ANSWERING,
    "promise": _ANSWERING,  # confirm, keep, dismiss, give to a colleague
    "settle": {"admin", "manager"},
    "triage": _ANSWERING | {"on_call"},  # snooze, assign, escalate, resolve, irrelevant, correct
    "problems": _ANSWERING | {"on_call"},  # merge, split, name, resolve
    "tell": _ANSWERING,  # what mended a problem, told to everyone who waits
    "storm": _ANSWERING | {"on_call"},  # hold the answers of a problem
    "calm": {"admin", "manager"},  # let them go: one, at a pace, or all
    "note": _ANSWERING | {"on_call"},
    "know": _ANSWERING | {"on_call"},  # facts of a case
    "write_articles": _ANSWERING,
    "publish_articles": {"admin", "manager"},  # what drafts rest on: live, retired, imports
    "playbooks": {"admin", "manager"},  # what people may do without asking: put in force, taken away
    "opt_out": _ANSWERING | {"on_call"},  # note that an author wants to be left alone
    "lift_opt_out": {"admin", "manager"},
    "acknowledge": {"admin", "manager", "agent", "on_call"},
    "listen": {"admin", "manager"},  # topics, sources
    "teach": {"admin", "manager"},  # what is learned from corrections goes live, is switched off or forgotten
    "rota": {"admin", "manager"},
    "test_alert": {"admin", "manager", "on_call"},
    "stop_publishing": {"admin", "manager", "agent", "on_call"},
    "start_publishing": {"admin"},
    "accounts": {"admin"},
    "people": {"admin"},
    "erase": {"admin"},
}
"""Action -> roles that may do it. Anyone who answers may stop publishing; only an admin may turn it on."""


@dataclass(frozen=True, slots=True)
class Person:
    """A signed-in person with their role in each brand (DESIGN: a role is per brand)."""

    id: int
    name: str
    email: str
    zone: str = "UTC"
    roles: dict[int, str] = field(default_factory=dict)

    @property
    def actor(self) -> str:
        """How history names this person."""
        return f"user:{self.id}"

    @property
    def brands(self) -> list[int]:
        """The brands this person may see; every query is scoped by them."""
        return sorted(self.roles)

    def may(self, action: str, brand_id: int) -> bool:
        """Whether the role in that brand permits the action. KeyError for an action that is not in the table."""
        return self.roles.get(brand_id, "") in POLICY[action]

    def require(self, action: str, brand_id: int) -> None:
        """Raise NotAllowed unless `may`."""
        if not self.may(action, brand_id):
            raise NotAllowed(f"your role here ({self.roles.get(brand_id, 'none')}) does not permit this: {action}")
