"""Grouping: measured on labelled mentions, then what must hold for any text."""

from __future__ import annotations

import csv
import json
import random
import time
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring import problems
from scoring.grouping import BrandGroups, without_single
from scoring.naming import Names, subjects_for
from scoring.near import Near, hashed
from scoring.problems import Grouper, State, Telling
from scoring.traits import Reader
from tests.scoring.pairs import agreement

DATA = Path(__file__).parents[1] / "data" / "problems.jsonl"
DEMO = Path(__file__).parents[2] / "channels" / "replay" / "demo.jsonl"
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def grouped(rows: Iterable[dict[str, Any]]) -> list[int | None]:
    """The problem of each row, as `run.py group` finds it."""
    brands: dict[str, BrandGroups] = {}
    found = []
    for number, row in enumerate(rows, 1):
        brand = brands.setdefault(row["brand"], BrandGroups(row["brand"]))
        at = datetime.fromisoformat(row["created_at"])
        found.append(brand.place(number, row["text"], row.get("lang"), at, str(row.get("author", ""))))
    return without_single(found)


def labelled() -> list[dict[str, Any]]:
    return [json.loads(line) for line in DATA.read_text(encoding="utf-8").splitlines()]


# --- measured --------------------------------------------------------------------------------------------------


def test_pairs_of_the_labelled_mentions() -> None:
    rows = labelled()
    truth = [row["problem"] for row in rows]
    found = agreement(truth, grouped(rows))
    print(f"\n{len(rows)} mentions, {len(set(truth) - {None})} problems: {found}")
    assert found.f1 >= 0.85


@pytest.mark.parametrize(
    ("fault", "spoil"),
    [
        ("all of a brand together", lambda rows, found: [row["brand"] for row in rows]),
        ("nothing together", lambda rows, found: [None] * len(rows)),
        (
            "by brand and language",
            lambda rows, found: [x and f"{x}{row['lang']}" for row, x in zip(rows, found, strict=True)],
        ),
        ("one in five astray", lambda rows, found: [7 if n % 5 == 0 else x for n, x in enumerate(found)]),
    ],
)
def test_the_measure_sees_planted_faults(fault: str, spoil: Any) -> None:
    rows = labelled()
    assert agreement([row["problem"] for row in rows], spoil(rows, grouped(rows))).f1 < 0.85


def test_without_subjects_of_other_languages_problems_do_not_meet(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = labelled()
    monkeypatch.setattr("scoring.traits.subjects_for", lambda lang: Names([]))
    assert agreement([row["problem"] for row in rows], grouped(rows)).f1 < 0.6


def test_reasons_of_the_airline_sample(shared: Path) -> None:
    """A reason is wider than a problem (a brand's posts of two days with one reason): purity says what counts."""
    with (shared / "mentions" / "airline_labels.csv").open() as file:
        reasons = {row["id"]: row["reason"] for row in csv.DictReader(file)}
    lines = (shared / "mentions" / "airline_sample.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) | {"lang": "en"} for line in lines]
    found = grouped(rows)
    truth = [
        (row["brand"], reasons[row["id"]]) if reasons[row["id"]] not in ("", "Can't Tell") else None for row in rows
    ]
    known = [(group, reason) for group, reason in zip(found, truth, strict=True) if group is not None and reason]
    by_group: dict[int, Counter[Any]] = {}
    for group, reason in known:
        by_group.setdefault(group, Counter())[reason] += 1
    pure = sum(max(reasons.values()) for reasons in by_group.values()) / len(known)
    print(f"\n{len(by_group)} problems, purity {pure:.3f}, {agreement(truth, found)}")
    assert pure >= 0.55


# --- the demo stream -------------------------------------------------------------------------------------------

TOLD = {
    "outage": (
        "Norda app: 'Something went wrong'",
        "@norda is the app down?",
        "Norda aplikacija ne radi",
        "norda app down for anyone else?",
        "Ticket machines dead at Ostrand",
        "Nem megy a Norda app",
        "15,000 followers",
        "Norda lietotne nestr",
        "Inspector on the 8:12",
        "Down ang app ng Norda",
        "Norda ticket app and machines out of service",
        "Mesin tiket Norda di Velmar mati",
    ),
    "smoke": (
        "Smoke in the rear coach",
        "Fire service is here",
        "Reports of smoke",
        "Dim u vlaku R4",
        "Füst a Norda R4-en",
        "For those asking: R4 units",
        "Norda says a faulty brake",
        "Still coughing",
    ),
    "double charge": ("@norda platio sam kartu dvaput", "@norda lietotne atkal str", "@norda dalawang beses"),
    "heating": ("@norda the heating in coach 3", "@norda If the heating is not working"),
    "lift": ("Third morning this week that the lift", "@norda Still no answer about the lift"),
    "refund": ("Norda on the phone: 47 minutes", "Hol látom, hogy a visszatérítésem"),
}
"""How the posts begin that tell of one thing."""
ALONE = (
    "Good morning from the 6:52",
    "Norda's new two-car units",
    "Naik Norda ke Velmar",
    "Norda will close Velmar Central",
    "My bag with my laptop",
    "Paldies Norda konduktorei",
    "Norda je danas objavila novi vozni red",
    "Norda, köszi!",
    "Update on my bag: found!",
    "Norda mi je već odgovorila",
    "The Norda guy selling coffee",
    "To be fair the Norda desk",
    "Norda naudu atmaks",
    "Halo @norda, tas saya",
    "Natanggap ko na ang refund",
    "Evening Norda: on time",
)
"""Praise, thanks, plain news, and a trouble of one person."""


@pytest.fixture(scope="module")
def demo() -> dict[str, int | None]:
    """The problem of each text of the demo stream."""
    rows = [json.loads(line) for line in DEMO.read_text(encoding="utf-8").splitlines()]
    found = grouped([row | {"brand": "Norda", "author": row["author"]["handle"]} for row in rows])
    return {row["text"]: problem for row, problem in zip(rows, found, strict=True)}


def of(demo: dict[str, int | None], begins: str) -> int | None:
    [problem] = [problem for text, problem in demo.items() if text.startswith(begins)]
    return problem


@pytest.mark.parametrize("thing", TOLD)
def test_what_the_demo_tells_of_one_thing_is_one_problem(thing: str, demo: dict[str, int | None]) -> None:
    found = {begins: of(demo, begins) for begins in TOLD[thing]}
    assert None not in found.values(), found
    assert len(set(found.values())) == 1, found


def test_unrelated_troubles_of_the_demo_do_not_meet(demo: dict[str, int | None]) -> None:
    assert len({of(demo, told[0]) for told in TOLD.values()}) == len(TOLD)


@pytest.mark.parametrize("begins", ALONE)
def test_praise_thanks_and_news_of_the_demo_stand_alone(begins: str, demo: dict[str, int | None]) -> None:
    assert of(demo, begins) is None


def test_the_outage_and_the_smoke_are_the_greatest_problems_of_the_demo(demo: dict[str, int | None]) -> None:
    greatest = Counter(problem for problem in demo.values() if problem).most_common()
    assert {problem for problem, _ in greatest[:2]} == {of(demo, TOLD["outage"][0]), of(demo, TOLD["smoke"][0])}
    assert greatest[0][1] <= 18
    assert greatest[1][1] <= 11
    assert greatest[2][1] <= 5


# --- what must hold --------------------------------------------------------------------------------------------

FIVE = (
    ("en", "Norda took the money twice for one ticket since last night's update"),
    ("hr", "Norda mi je dvaput naplatila kartu nakon ažuriranja, tko to vraća?"),
    ("hu", "A Norda kétszer vonta le a jegyet a kártyámról a frissítés óta"),
    ("id", "Norda habis update saldo saya kepotong dua kali buat satu tiket"),
    ("lv", "Norda pēc atjauninājuma naudu par biļeti noņēma divreiz"),
)
WEST = (
    ("de", "Norda hat seit dem Update meine Karte doppelt belastet, ich will eine Erstattung"),
    ("es", "Norda me ha cobrado dos veces la tarjeta desde la actualización, quiero el reembolso"),
    ("fr", "Norda a débité ma carte deux fois depuis la mise à jour, j'attends le remboursement"),
    ("it", "Norda mi ha addebitato due volte la carta dopo l'aggiornamento, voglio il rimborso"),
    ("pt", "A Norda cobrou duas vezes no cartão depois da atualização, quero o reembolso"),
)
EAST = (
    ("pl", "Norda po aktualizacji dwa razy pobrała pieniądze za bilet, czekam na zwrot"),
    ("sv", "Norda har dragit pengar två gånger för biljetten sedan uppdateringen, jag vill ha återbetalning"),
    ("th", "Norda ตัดเงินสองรอบหลังอัปเดต ขอเงินคืน"),
    ("tr", "Norda güncellemeden sonra bilet için iki kez para çekti, iade istiyorum"),
    ("vi", "Norda trừ tiền hai lần cho một vé sau khi cập nhật, tôi muốn hoàn tiền"),
)
OTHERS = (
    ("en", "Norda lost my suitcase in Riga and nobody picks up the phone"),
    ("hr", "Nema interneta u vlaku Norde za Osijek već treći dan"),
    ("hu", "A Norda appja összeomlik, mióta frissítettem"),
    ("en", "Norda's conductor shouted at my daughter, so rude"),
    ("en", "Lovely trip with Norda today, thank you!"),
)


def run(posts: Iterable[tuple[str, str]], hours: float = 0.5) -> list[int | None]:
    groups = BrandGroups("Norda")
    at = NOON
    found = []
    for number, (lang, text) in enumerate(posts, 1):
        found.append(groups.place(number, text, lang, at, f"author {number}"))
        at += timedelta(hours=hours)
    return without_single(found)


@pytest.mark.parametrize("told_in", [FIVE, WEST, EAST])
def test_one_problem_told_in_five_languages_is_one(told_in: tuple[tuple[str, str], ...]) -> None:
    posts = [post for pair in zip(told_in, OTHERS, strict=True) for post in pair]
    found = run(posts)
    told = found[::2]
    assert None not in told
    assert len(set(told)) <= 2, "at most one merge by a person is left"
    assert not set(told) & set(found[1::2])


@pytest.mark.parametrize("seed", range(8))
def test_the_order_of_independent_troubles_does_not_matter(seed: int) -> None:
    posts = list(enumerate([*FIVE, *OTHERS]))
    random.Random(seed).shuffle(posts)
    found = run([post for _, post in posts])
    together = {
        frozenset(n for (n, _), group in zip(posts, found, strict=True) if group == each)
        for each in set(found) - {None}
    }
    assert together == {frozenset(range(5))}


def test_copies_and_reposts_belong_together_whatever_their_case_links_and_handles() -> None:
    said = "the granola I bought from Norda on Friday was full of little grey moths"
    copies = [said, f"RT @someone {said.upper()}!!", f"{said} https://example.org/a?b", f"@norda {said} @friend"]
    changed = "the granola i bought from Norda on Saturday was full of little grey moths"
    assert set(run([("en", text) for text in (*copies, changed)])) == {1}


def test_praise_spam_and_nothing_stand_alone() -> None:
    texts = (
        "Norda is lovely, thank you!",
        "",
        "🙂",
        "Earn money from home, click the link in bio! Norda",
        "norda " * 2_000,
    )
    assert run([("en", text) for text in texts * 2]) == [None] * 10


def test_a_longer_entry_hides_those_within_it() -> None:
    names = subjects_for("en")
    assert "order" in names.find(["my", "order", "is", "out"])
    assert "order" not in names.find(["lift", "out", "of", "order"])
    assert {"outage", "order"} <= names.find(["my", "order", "is", "out", "of", "order"]).keys()


def test_a_name_that_one_of_many_posts_dropped_is_not_what_a_problem_is_about() -> None:
    texts = ["the lifts of Norda are out of order"] * 6 + ["Norda in Kestia and Brinja: lift out of order, awful"]
    found = run([("en", text) for text in (*texts, "The awful Norda tram from Kestia to Brinja has a dirty seat")])
    assert found == [1] * 7 + [None]


def test_a_wrong_place_keeps_problems_apart() -> None:
    posts = [("en", f"No internet in {town} since this morning, Norda fibre is down") for town in ("Osijek", "Riga")]
    assert run(posts * 3) == [1, 2, 1, 2, 1, 2]


def test_what_no_list_knows_meets_by_its_rare_words() -> None:
    texts = (
        "Norda's carillon at the depot museum plays an awful waltz out of tune, unbearable",
        "why is the carillon of that museum so horribly out of tune, terrible waltz @norda",
        "this awful carillon again, Norda, the museum should be ashamed of such a waltz",
        "the harp lessons of Norda are awful",
    )
    assert run([("en", text) for text in texts]) == [1, 1, 1, None]


def test_what_every_post_of_a_brand_names_brings_none_together() -> None:
    faults = ("was filthy and stinks", "conductor insulted me, so rude", "charged my card twice", "has no heating")
    posts = [("en", f"the Norda train {fault} {number}") for number in range(8) for fault in faults]
    found = run(posts, hours=0.1)
    assert all(len(set(found[place::4])) == 1 for place in range(4))
    assert len(set(found)) == 4


def test_weeks_later_it_is_another_problem() -> None:
    assert run([FIVE[0], FIVE[1], FIVE[0], FIVE[1]], hours=24 * 9) == [None, None, None, None]


def test_a_state_that_was_stored_goes_on_as_if_it_had_not_been() -> None:
    rows = [row for row in labelled() if row["brand"] == "Lumora"]
    reader, straight, resumed = Reader(("Lumora",)), Grouper(), Grouper()
    for number, row in enumerate(rows):
        told = Telling(number, number * 600.0, reader.read(row["text"], row["lang"], "negative"))
        stored = msgspec.msgpack.decode(msgspec.msgpack.encode(resumed.state()), type=State)
        resumed = Grouper(stored)
        assert straight.place(told) == resumed.place(told)


def test_memory_and_time_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(problems, "MOST_COUNTED", 500)
    reader, grouper, chance = Reader(), Grouper(), random.Random(1)
    words = ["".join(chance.choices("abcdefghij", k=8)) for _ in range(5_000)]
    begun = time.process_time()
    for number in range(1_500):
        text = f"refund charged twice {' '.join(chance.choices(words, k=12))} {chance.choice(words).title()}"
        grouper.place(Telling(number, number * 86_400.0 * 8, reader.read(text, "en", "negative")))
    assert time.process_time() - begun < 15
    assert len(grouper.profiles) <= problems.MOST_PROFILES
    assert len(msgspec.msgpack.encode(grouper.state())) < 1_000_000


@settings(max_examples=60)
@given(st.lists(st.text(max_size=300), max_size=12))
def test_any_text_is_taken_and_the_same_texts_give_the_same(texts: list[str]) -> None:
    posts = [("en", text) for text in texts]
    assert run(posts) == run(posts)


@pytest.mark.parametrize(
    "text", ["refund " * 100_000, "a-" * 200_000, "@" * 100_000, "1.2" * 100_000, "Riga" * 100_000]
)
def test_a_huge_text_takes_no_longer_than_its_beginning(text: str) -> None:
    begun = time.process_time()
    run([("en", text), ("en", text)])
    assert time.process_time() - begun < 2


def test_near_copies_are_found_without_comparing_each_with_each() -> None:
    near = Near(100, [])
    words = [frozenset(hashed(f"w{number}-{n}") for n in range(12)) for number in range(300)]
    for number, each in enumerate(words):
        near.add(each, number)
    assert len(near.kept) == 100, "the oldest fall out"
    assert near.find(words[0]) is None
    assert near.find(frozenset([*list(words[299])[:-1], 1])) == 299
    assert near.find(frozenset(list(words[299])[:5])) is None, "too short to tell"
