"""Approve, edit, recall, new words, tampering and sending in every order: nothing leaves that nobody said yes to.

Hypothesis plays people, authors, the network, the clock and an intruder in the database against real SQLite files.
The oracle keeps its own book of live approvals and shares no code with the product.
"""

import asyncio
import json
import shutil
import tempfile
from collections.abc import Awaitable
from pathlib import Path
from typing import Any, ClassVar, TypeVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from channels.policies import Bound, Policies
from domain.errors import BadInput, Moved, OutcomeUnknown, RateLimited, Refused, Unreachable
from domain.reply import ApprovedReply
from responders.parts import Limits
from responders.worker import found_at_start
from storage.replies import request, request_row, stale_replies
from tests.fakes import Answer
from tests.responders.world import World, furnish

T = TypeVar("T")
UNBOUND = Policies(per_post=Bound(100_000, "ours"))
"""The bounds of replies have tests of their own: here as much as possible shall leave."""
MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None
"""Nothing here is about power loss, so the files may live in memory."""

TEXTS = st.sampled_from(["We are sorry.", "Please try again.", "A refund is on its way.", "SHOUT"])
COLLEAGUE = "I have called you. Ben"
ANSWERS = st.sampled_from(
    [
        Answer(),
        Answer(applied=True, error=OutcomeUnknown("cut")),
        Answer(applied=False, error=OutcomeUnknown("lost")),
        Answer(applied=False, error=Unreachable()),
        Answer(applied=False, error=RateLimited()),
        Answer(applied=False, error=Refused("no")),
    ]
)
INTRUSIONS = st.sampled_from(
    [
        "UPDATE reply SET text = 'Buy now'",
        "UPDATE reply SET body = replace(body, 'e', 'x') WHERE body <> ''",
        "UPDATE reply SET send_key = 'other' WHERE send_key <> ''",
        "UPDATE account SET external_id = external_id || 'x'",
        "UPDATE account SET base_url = base_url || 'x'",
        "UPDATE mention SET external_id = external_id || 'x'",
        "UPDATE approval SET voided_at = NULL",
        "UPDATE approval SET expires_at = '2036-01-01 00:00:00.000000', voided_at = NULL",
        "UPDATE approval SET mention_version = mention_version + 1",
        "UPDATE reply SET status = 'approved', due_at = created_at WHERE status IN ('drafted', 'rejected', 'stale')",
        "UPDATE reply SET status = 'approved', due_at = created_at WHERE status IN ('refused')",
    ]
)


class Desk(RuleBasedStateMachine):
    """One case, one account; replies come and go."""

    pattern: ClassVar[Path]
    proof: ClassVar[str] = "read_back"
    requests: ClassVar[int] = 0

    @initialize()
    def move_in(self) -> None:
        self.folder = tempfile.TemporaryDirectory(prefix="earshot-desk-", dir=MEMORY)
        path = shutil.copy(self.pattern, Path(self.folder.name) / "desk.db")
        self.runner = asyncio.Runner()
        key = {"key_valid_s": 3000.0} if self.proof == "key" else {}
        free: dict[str, Any] = {"policies": UNBOUND, "limits": Limits(per_day=100_000)}
        self.world: World = self.run(furnish(f"sqlite+aiosqlite:///{path}", proof=self.proof, **key, **free))
        self.world.network.de_duplicates = self.proof == "key"
        self.world.network.two_steps = self.proof == "two_phase"
        self.world.network.watch = self.judge
        self.live: dict[int, dict[str, str]] = {}
        self.current = self.world.reply_id
        self.tampered = False
        self.wrong: list[str] = []
        self.run(self.world.publishing(True))

    def teardown(self) -> None:
        if hasattr(self, "world"):
            self.run(self.world.db.close())
            self.runner.close()
            self.folder.cleanup()

    def run(self, work: Awaitable[T]) -> T:
        async def wait() -> T:
            return await work

        return self.runner.run(wait())

    # --- the oracle ---

    def judge(self, reply: ApprovedReply, said: dict[str, Any]) -> None:
        """Called by the network for each request: is there a live yes to exactly this?"""
        yes = self.live.get(reply.reply_id)
        sent = {name: said[name] for name in ("text", "parent", "account", "key")}
        if sent != yes:
            # raised here it would be one more doubtful answer of the network
            self.wrong.append(f"posted {sent}, approved was {yes}")
        Desk.requests += 1

    @invariant()
    def only_what_was_approved(self) -> None:
        assert not getattr(self, "wrong", []), self.wrong

    @invariant()
    def nobody_elses_words_are_replaced(self) -> None:
        gone = self.world.network.replaced if hasattr(self, "world") else []
        assert not [post for post in gone if post["text"] == COLLEAGUE], "a colleague's answer was replaced"

    def void(self, reply_id: int) -> None:
        self.live.pop(reply_id, None)

    def tried(self, name: str, row_id: int | None = None, **values: Any) -> bool:
        try:
            self.run(self.world.act(name, row_id or self.current, **values))
        except (Moved, BadInput):
            return False
        return True

    def version(self) -> int:
        return self.run(self.world.reply(self.current)).version

    # --- people ---

    @rule(text=TEXTS, seen=st.integers(-1, 0))
    def approve(self, text: str, seen: int) -> None:
        before = self.run(self.world.reply(self.current)).status
        if not self.tried("approve", text=text, version=self.version() + seen) or before != "drafted":
            return
        reply = self.run(self.world.reply(self.current))
        if reply.status == "approved":
            self.live[reply.id] = {
                "text": text,
                "parent": json.loads(reply.body)["parent"] if self.tampered else "p1",
                "account": self.account() if self.tampered else "acc-1",
                "key": reply.send_key,
            }

    def account(self) -> str:
        from storage.tables import AccountRow

        return str(self.run(self.world.rows(AccountRow))[0].external_id)

    @rule(text=TEXTS, seen=st.integers(-1, 0))
    def edit(self, text: str, seen: int) -> None:
        if self.tried("edit", text=text, version=self.version() + seen):
            self.void(self.current)

    @rule()
    def recall(self) -> None:
        if self.tried("recall"):
            self.void(self.current)

    @rule()
    def reject_or_restore(self) -> None:
        if self.tried("reject", reason="tone", version=self.version()) or self.tried("restore"):
            self.void(self.current)

    @rule()
    def redraft(self) -> None:
        try:
            done = self.run(self.world.act("redraft"))
        except Moved:
            return
        assert done.reply_id is not None
        self.void(self.current)
        self.current = done.reply_id

    @rule()
    def hand_over(self) -> None:
        if self.tried("hand_over", text="By hand.", version=self.version()):
            self.void(self.current)

    @rule()
    def resolve_and_reopen(self) -> None:
        if self.tried("resolve", self.world.case_id):
            self.void(self.current)
        self.tried("reopen", self.world.case_id)

    @rule()
    def switch(self) -> None:
        self.run(self.world.publishing(False))
        before = len(self.world.network.requests)
        self.sweep()
        assert len(self.world.network.requests) == before, "posted while publishing was off"
        self.run(self.world.publishing(True))

    @rule(text=st.sampled_from([COLLEAGUE, ""]))
    def a_colleague_acts(self, text: str) -> None:
        if self.proof == "upsert":
            self.world.network.by_hand(text)

    # --- the author ---

    @rule(edited=st.booleans())
    def new_words(self, edited: bool) -> None:
        async def arrive() -> list[tuple[int, int]]:
            async with self.world.db.write() as session:
                stale = await stale_replies(session, [self.world.case_id], self.world.now)
                rows = [
                    request_row(c, brand_id=self.world.brand_id, channel="parley", mention_id=m, lang="en",
                                now=self.world.now)
                    for c, m in stale
                ]  # fmt: skip
                await request(session, rows)
                self.fresh = [row["id"] for row in rows]
                return stale

        if edited:
            self.run(self.world.tamper("UPDATE mention SET version = version + 1"))
        if self.run(arrive()):
            self.current = self.fresh[-1]
        self.live.clear()

    # --- an intruder, who can write to the database but has no secret ---

    @rule(statement=INTRUSIONS)
    def intrude(self, statement: str) -> None:
        self.run(self.world.tamper(statement))
        self.tampered = True

    # --- the network, the clock, the worker ---

    @rule(answer=ANSWERS, hidden=st.booleans())
    def network_mood(self, answer: Answer, hidden: bool) -> None:
        self.world.network.answers.clear()
        self.world.network.answers.append(answer)
        self.world.network.hidden = hidden

    @rule(seconds=st.sampled_from([1, 21, 61, 700]))
    def time_passes(self, seconds: int) -> None:
        self.world.clock.move(seconds)
        self.sweep()

    @rule()
    def sweep(self) -> None:
        for kind in ("draft", "send", "settle"):
            self.run(self.world.run(kind))

    @rule()
    def rush(self) -> None:
        """A nudge may come at any moment."""
        for kind in ("send", "settle", "draft", "send"):
            self.run(self.world.steps[kind].handle(self.current, self.world.now))

    @rule()
    def restart(self) -> None:
        self.run(found_at_start(self.world.parts, self.world.now))

    # --- the way most replies go, with something odd on it ---

    @rule(
        text=TEXTS,
        answer=ANSWERS,
        hidden=st.booleans(),
        between=st.sampled_from(
            [*["nothing"] * 4, *["intrude"] * 3, "colleague", "edit", "recall", "new words", "edited", "resolve"]
        ),
        statement=INTRUSIONS,
    )
    def a_whole_round(self, text: str, answer: Answer, hidden: bool, between: str, statement: str) -> None:
        self.network_mood(answer, hidden)
        if not self.back_to_a_draft():
            return
        self.a_colleague_acts(COLLEAGUE if between == "colleague" else "")
        self.approve(text, 0)
        if between == "edit":
            self.edit("Something else.", 0)
        elif between == "recall":
            self.recall()
        elif between in ("new words", "edited"):
            self.new_words(between == "edited")
        elif between == "intrude":
            self.intrude(statement)
        elif between == "resolve":
            self.resolve_and_reopen()
        self.world.clock.move(21)
        self.rush()
        if self.proof == "two_phase":
            self.world.clock.move(31)
            self.rush()

    def back_to_a_draft(self) -> bool:
        """Whatever was before, there is a draft in front of a person now, if that is allowed."""
        self.recall()
        self.world.clock.move(300)
        try:
            self.run(self.world.act("settle_absent", self.current, who=self.world.admin))
            self.void(self.current)
        except (Moved, BadInput):
            self.redraft()
        self.tried("reopen", self.world.case_id)
        self.run(self.world.run("draft"))
        return self.run(self.world.reply(self.current)).status == "drafted"

    @invariant()
    def one_request_per_approval(self) -> None:
        """Without a server that knows repeats, one yes is one request, unless that certainly did nothing."""
        if not hasattr(self, "world") or self.proof != "read_back":
            return
        doubtful: dict[int, int] = {}
        for attempt in self.run(self.world.attempts()):
            if attempt.outcome in ("", "unknown", "sent"):
                doubtful[attempt.approval_id] = doubtful.get(attempt.approval_id, 0) + 1
        assert max(doubtful.values(), default=0) <= 1, f"sent again after a doubtful answer: {doubtful}"

    @invariant()
    def what_is_held_ready_is_published_once(self) -> None:
        if hasattr(self, "world") and self.proof == "two_phase":
            published = [post["handle"] for post in self.world.network.posts]
            assert len(set(published)) == len(published), f"published twice: {published}"


def play(pattern: Path, proof: str, **more: Any) -> None:
    """Run the machine; AssertionError when something left that nobody had said yes to."""

    class Case(Desk):
        pass

    Case.pattern, Case.proof = pattern, proof
    given = {"max_examples": 15, "stateful_step_count": 35} | more
    run_state_machine_as_test(Case, settings=settings(database=None, suppress_health_check=list(HealthCheck), **given))


@pytest.mark.parametrize("proof", ["read_back", "key", "upsert", "two_phase"])
def test_every_order_of_events(migrated_file: Path, proof: str) -> None:
    before = Desk.requests
    for _ in range(6):  # chance decides how much is sent in one play: go on until it proves something
        play(migrated_file, proof)
        if Desk.requests - before > 20:
            return
    pytest.fail("hardly anything was sent: the machine proves nothing")


@pytest.mark.long
@pytest.mark.parametrize("proof", ["read_back", "key", "upsert", "two_phase"])
def test_every_order_of_events_at_length(migrated_file: Path, proof: str) -> None:
    play(migrated_file, proof, max_examples=400, stateful_step_count=50)


def _no_check(*_args: object, **_more: object) -> None:
    return None


def look_for_a_fault(pattern: Path) -> None:
    """Chance decides what one play tries: up to four, each until something is wrong."""
    for _ in range(4):
        play(pattern, "read_back", max_examples=100, phases=[Phase.generate], report_multiple_bugs=False)


async def _send_again(session: Any, reply: Any, why: str, parts: Any, now: Any, **_more: Any) -> None:
    from responders.outcomes import move

    await move(session, reply, "approved", now, why, due_at=now)


@pytest.mark.parametrize(
    ("fault", "planted"),
    [("responders.approval.check", _no_check), ("responders.outcomes.give_up", _send_again)],
)
def test_the_machine_notices_a_planted_fault(
    migrated_file: Path, monkeypatch: pytest.MonkeyPatch, fault: str, planted: object
) -> None:
    monkeypatch.setattr(fault, planted)
    with pytest.raises(AssertionError, match=r"Failing test case"):
        look_for_a_fault(migrated_file)
