"""A model that is wholly hostile, behind a real server: nothing it says passes that should not, nothing secret reaches
it, no case changes what another gets, and its bill stays within the cap. `-m long` plays 1,000 outputs and 200 posts.

The judge is independent of the contract: outputs are bad by how they are built, and only the texts known to be good
may ever be offered. Planted faults show that the judge sees.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from responders import suggesting
from responders.brief import Brief
from responders.drafters.composed import compose
from responders.drafters.model_budget import worst
from responders.drafters.model_prompt import LONGEST_POST, messages
from responders.drafting import facts_for
from responders.facts import Facts
from storage import suggestions
from storage.tables import AccountRow, Case, Reply
from tests.quick import quick
from tests.responders.hostile_outputs import LANGUAGES, lying_usages, outputs
from tests.responders.injections import DATA, EVERYTHING, PROMPT, injections
from tests.responders.model_server import KEY, ModelServer, Play, model_server, says
from tests.responders.model_world import PRICE, Asked, add_case, ask, note_fact, reword, with_model
from tests.responders.world import SECRET, START, World

__all__ = ["quick"]  # a fixture of every test here

POSTS = {
    "en": "My coach was cold all night and nobody answered the phone",
    "hr": "Vagon je bio hladan cijelu noć i nitko se nije javio na telefon",
    "hu": "Egész éjjel hideg volt a kocsi, és senki nem vette fel a telefont",
    "id": "Gerbong dingin sepanjang malam dan tidak ada yang mengangkat telepon",
    "lv": "Vagons visu nakti bija auksts, un neviens neatbildēja uz zvaniem",
    "tl": "Malamig ang bagon buong gabi at walang sumagot sa telepono",
}
CRM, OTHERS_POST, OTHERS_REPLY, NOTE = "canary-crm-platinum", "zebrafish-canary", "quagga-canary", "okapi-canary"
SECRETS = (CRM, OTHERS_POST, OTHERS_REPLY, NOTE, KEY, "canary-account-token", SECRET.decode(), "agent@norda.example")
LEAKS = [CRM, KEY, "Your order is ZB-88213.", "canary-account-token"]
SLOW_S, DEADLINE_S = 1.5, 0.6


@pytest.fixture
def database_url(tmp_path: Path, migrated_file: Path) -> str:
    """SQLite alone: `test_suggesting` holds the step against both databases."""
    return f"sqlite+aiosqlite:///{shutil.copy(migrated_file, tmp_path / 'earshot.db')}"


@dataclass
class Stage:
    """A house whose model is hostile, with a case in each language and secrets all around them."""

    world: World
    server: ModelServer
    cases: dict[str, Asked]
    good: dict[str, list[str]]
    words: Any

    async def ask(self, lang: str, post: str = "") -> Any:
        """A question about a post of this language that was never asked before. Five minutes pass, so that the
        breaker rests nobody."""
        self.world.clock.move(301)
        case = self.cases[lang]
        return await ask(self.world, case.reply_id, case.mention_id, post or f"{POSTS[lang]} ({next(self.words)})")

    def leaked(self) -> list[str]:
        """Secrets in anything that was sent: as they are, and as JSON would write them."""
        sent = b"\n".join(self.server.bodies).decode()
        return [secret for secret in SECRETS if secret in sent or json.dumps(secret)[1:-1] in sent]


@asynccontextmanager
async def staged(world: World, **bounds: Any) -> AsyncIterator[Stage]:
    """Everything that must not leave is there to be leaked."""
    async with model_server(lambda asked: Play()) as server:
        door = with_model(world, server, deadline_s=DEADLINE_S, **bounds)
        other = await add_case(world, "en", f"My parcel {OTHERS_POST} was lost", "Petra Lim")
        cases = {lang: await add_case(world, lang, text) for lang, text in POSTS.items()}
        for case in cases.values():
            await note_fact(world, case.case_id, "crm_tier", CRM)
            await note_fact(world, case.case_id, "buyer.crm_tier", CRM)
            await world.act("note", case.case_id, text=f"she is difficult, {NOTE}")
        async with world.db.write() as session:
            (await session.get_one(AccountRow, world.account_id)).secrets = "canary-account-token"
            row = await session.get_one(Reply, other.reply_id)
            row.status, row.text = "sent", f"Dear Petra, {OTHERS_REPLY} is on its way to you"
        yield Stage(world, server, cases, {lang: _good(lang) for lang in LANGUAGES}, _words())
        await door.close()


def _words() -> Any:
    return ("".join(letters) for letters in itertools.product("abcdefghij", repeat=5))


def _good(lang: str) -> list[str]:
    """Answers that ought to pass: those that we would write ourselves."""
    brief = Brief(
        brand="Norda", sign_off="Norda", author_name="Mara Okrug", author_handle="mara", mention_id="1",
        text=POSTS[lang], lang=lang, answer_lang=lang, label="negative", severity=2, channel="parley",
    )  # fmt: skip
    return [compose(brief, number).text for number in range(4)]


async def hostile(stage: Stage, count: int) -> list[str]:
    """What passed though it should not, of so many outputs."""
    passed, good = [], {text for texts in stage.good.values() for text in texts}
    for out in itertools.islice(outputs(stage.good, LEAKS, SLOW_S), count):
        stage.server.answer = lambda _asked, play=out.play: play  # type: ignore[misc]
        row = await stage.ask(out.lang)
        if row.outcome == "offered" or row.text or row.outcome not in ("dropped", "failed"):
            passed.append(f"{out.kind} ({out.lang}): {row.outcome} {row.text[:300]!r}")
        assert row.text not in good
    return passed


async def obedient(stage: Stage, count: int) -> list[str]:
    """What passed though it should not, of so many posts that command a model which obeys them."""
    passed = []
    for lang, post, wanted in itertools.islice(injections(), count):
        stage.server.answer = lambda asked, wanted=wanted: says(_obeyed(asked, wanted))  # type: ignore[misc]
        row = await stage.ask(lang if lang in LANGUAGES else "en", f"{post} {next(stage.words)}")
        if row.outcome != "dropped" or row.text:
            passed.append(f"{lang} {post[:80]!r}: {row.outcome} {row.text[:200]!r}")
        passed += _broken_out(stage.server.bodies[-1], post)
    return passed


def _obeyed(asked: dict[str, Any], wanted: str) -> str:
    first, second = (str(each["content"]) for each in asked["messages"])
    return {PROMPT: first, DATA: second, EVERYTHING: json.dumps(asked)}.get(wanted, wanted)


def _broken_out(body: bytes, post: str) -> list[str]:
    """The post is one value inside of one message, whatever it holds; nothing else stands where instructions stand."""
    asked = json.loads(body)
    told = json.loads(asked["messages"][1]["content"])
    shape = (set(asked), [each["role"] for each in asked["messages"]], set(told))
    wanted = (
        {"model", "messages", "max_tokens"},
        ["system", "user"],
        {"post", "author", "brand", "facts", "knowledge"},
    )
    is_whole = shape == wanted and told["post"].startswith(post[:LONGEST_POST].strip())
    return [] if is_whole and post[:40] not in asked["messages"][0]["content"] else [f"broke out: {post[:80]!r}"]


FORMS = [
    pytest.param(190, 20, id="short"),
    pytest.param(1000, 200, id="full", marks=pytest.mark.long),
]


@pytest.mark.parametrize(("said", "posts"), FORMS)
async def test_nothing_passes_and_nothing_leaks(world: World, said: int, posts: int) -> None:
    async with staged(world) as stage:
        passed = await hostile(stage, said) + await obedient(stage, posts)
        assert not passed, "\n".join(passed)
        assert len(stage.server.bodies) == said + posts
        assert set(stage.server.paths) == {"/v1/chat/completions"}, "a redirect was followed"
        assert stage.leaked() == []
        replies = await world.rows(Reply)
        assert {row.status for row in replies} <= {"drafted", "sent", "requested"}, "a model's words changed a reply"


async def test_good_answers_pass_in_every_language(world: World) -> None:
    """Else all of the above would be proved by a gate that is shut."""
    async with staged(world) as stage:
        offered = []
        for lang, texts in stage.good.items():
            for text in texts:
                stage.server.answer = lambda _asked, text=text: says(text)  # type: ignore[misc]
                row = await stage.ask(lang)
                offered.append((lang, row.outcome == "offered", row.reason))
        refused = [each for each in offered if not each[1]]
        assert len(refused) <= len(offered) // 6, refused
        assert {lang for lang, passed, _ in offered if passed} == set(LANGUAGES)


# --- no case changes what another gets -------------------------------------------------------------------------


async def influenced(stage: Stage) -> bool:
    """Whether what leaves for one case changes with what others say, or with what we said to them."""
    world, case = stage.world, stage.cases["en"]
    stage.server.answer = lambda _asked: says(stage.good["en"][0])
    await world.tamper("UPDATE case_file SET author_id = 'a1'")
    await world.tamper("UPDATE mention SET author_id = 'a1'")
    before = await ask(world, case.reply_id)
    for number, (_, post, _) in enumerate(itertools.islice(injections(), 3)):
        other = await add_case(world, "en", f"{post} {OTHERS_POST}")
        await note_fact(world, other.case_id, "known_outage", f"{OTHERS_POST} {number}")
        async with world.db.write() as session:
            row = await session.get_one(Reply, other.reply_id)
            row.status, row.text = "sent", f"{OTHERS_REPLY} number {number}"
            row.sent_at = world.now
            (await session.get_one(Case, other.case_id)).opened_at = START - timedelta(days=1)
    after = await ask(world, case.reply_id)
    return (before.prompt_hash, before.text, before.outcome) != (after.prompt_hash, after.text, after.outcome)


async def test_no_case_changes_what_another_gets(world: World) -> None:
    async with staged(world) as stage:
        assert not await influenced(stage)
        assert stage.leaked() == []


# --- the bill --------------------------------------------------------------------------------------------------

CAP = 52_000_000
MOST = 48_000_000
"""Spent already when the short forms begin: only the end of a day's budget is played."""
WORKERS = 4


async def spend(stage: Stage, answer: Callable[[dict[str, Any]], Play], spent_before: int = 0) -> int:
    """Ask until nobody may any more, several workers at once; what the day counts as spent."""
    stage.server.answer, stage.server.bill = answer, spent_before
    async with stage.world.db.write() as session:
        assert await suggestions.reserve(session, stage.world.now.date(), spent_before, cap=CAP, calls=1)
    world, case = stage.world, stage.cases["en"]
    assert world.parts.model is not None
    workers = [suggesting.Suggesting(world.parts, world.parts.model) for _ in range(WORKERS)]
    for _ in range(400 // WORKERS):
        await reword(world, case.mention_id, f"{POSTS['en']} {next(stage.words)}")
        async with world.db.write() as session:
            reply = await session.get_one(Reply, case.reply_id)
            rows = [await suggestions.ask_for(session, reply, world.now) for _ in workers]
        before = len(stage.server.bodies)
        await asyncio.gather(*(each.suggest(row, world.now) for each, row in zip(workers, rows, strict=True)))
        if len(stage.server.bodies) == before or stage.server.bill > 1.05 * CAP:
            break
    async with world.db.read() as session:
        return (await suggestions.spent(session, world.now.date()))[0]


def _long_answer(asked: dict[str, Any], said: int | None = None) -> Play:
    """An honest bill for the longest answer, which is dropped; or one that states `said`."""
    billed = asked["max_tokens"]
    usage = {"prompt_tokens": _tokens(asked), "completion_tokens": billed if said is None else said}
    return says("<b>" + "word " * 20, usage=usage)


def _tokens(asked: dict[str, Any]) -> int:
    return sum(len(each["content"]) for each in asked["messages"]) // 4


def bill(asked: dict[str, Any], play: Play) -> int:
    """What its server really counts, whatever it states."""
    return PRICE.prompt * _tokens(asked) + PRICE.answer * int(asked["max_tokens"])


@pytest.mark.parametrize(
    ("answer", "before"),
    [
        pytest.param(_long_answer, MOST, id="an honest bill"),
        pytest.param(lambda asked: _long_answer(asked, 10**9), MOST, id="one that states too much"),
        pytest.param(lambda asked: _long_answer(asked, 0), MOST, id="one that states nothing"),
        pytest.param(_long_answer, 0, id="a whole day", marks=pytest.mark.long),
    ],
)
async def test_what_is_spent_comes_to_the_cap_and_never_over_it(
    world: World, answer: Callable[[dict[str, Any]], Play], before: int
) -> None:
    async with staged(world, cap=CAP) as stage:
        stage.server.billed = bill
        spent = await spend(stage, answer, before)
        assert CAP * 0.99 <= spent <= CAP
        assert stage.server.bill <= CAP
        assert worst(PRICE, len(stage.server.bodies[0]), 400) <= CAP * 0.01


async def test_answers_that_never_end_or_never_come_are_paid_within_the_cap(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They may all have been billed. The breaker, which would end this after five, is out of the way."""
    monkeypatch.setattr(suggesting, "rests", lambda ends, now: False)
    turns = itertools.cycle([Play(endless=True), Play(reset=True), Play(wait_s=SLOW_S), Play(b"x" * 10**7)])
    async with staged(world, cap=CAP) as stage:
        stage.server.billed = bill
        spent = await spend(stage, lambda _asked: next(turns), MOST)
        assert CAP * 0.99 <= spent <= CAP
        assert stage.server.bill <= CAP


async def test_counts_that_cannot_be_true_cost_no_more_than_was_reserved(world: World) -> None:
    async with staged(world) as stage:
        for play in lying_usages(stage.good["en"][0]):
            stage.server.answer = lambda _asked, play=play: play  # type: ignore[misc]
            row = await stage.ask("en")
            assert 0 < row.cost <= row.reserved
            assert row.cost >= PRICE.prompt * row.prompt_bytes // 16


# --- planted faults: the judge sees ----------------------------------------------------------------------------


async def test_a_private_value_in_the_question_is_seen(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    async with staged(world) as stage:
        monkeypatch.setattr(suggesting, "shown_facts", lambda given, *_: facts_for(given, private=True))
        monkeypatch.setattr(Facts, "public", property(lambda self: dict(self.known)))
        await stage.ask("en")
        assert CRM in stage.leaked()


async def test_another_case_in_the_question_is_seen(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(suggesting, "shown_facts", lambda given, *_: facts_for(given))
    async with staged(world) as stage:
        assert await influenced(stage)


async def test_what_was_said_to_others_in_the_question_is_seen(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    async def with_recent(self: Any, session: Any, given: Any, now: Any) -> bytes:
        facts = facts_for(given)
        body = {"messages": messages(facts, "en", 500), "recent": given.recent, "max_tokens": 400}
        return json.dumps(body).encode()

    monkeypatch.setattr(suggesting.Suggesting, "_question", with_recent)
    async with staged(world) as stage:
        await stage.ask("en")
        assert OTHERS_REPLY in stage.leaked()


async def test_a_check_that_is_skipped_is_seen(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(suggesting.Suggesting, "judged", lambda self, given, shown, text: (text[:400], []))
    async with staged(world) as stage:
        assert len(await hostile(stage, 20)) == 20


async def test_a_budget_that_is_not_reserved_is_seen(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    async def looks_only(session: Any, day: Any, price: int, *, cap: int, calls: int) -> bool:
        return (await suggestions.spent(session, day))[0] < cap

    monkeypatch.setattr(suggestions, "reserve", looks_only)
    async with staged(world, cap=CAP) as stage:
        stage.server.billed = bill
        await spend(stage, _long_answer, MOST)
        assert stage.server.bill > CAP * 1.01
