"""Urgency words, phrases and lengths of time, in every language that has a pack."""

import time

import pytest

from scoring.concepts import CONCEPTS, THEMES
from scoring.folding import fold
from scoring.index import stands_in
from scoring.pack import LANGUAGES, pack, read_pack
from scoring.priority import DEFAULT_POINTS, SAID
from scoring.scorer import score_text
from scoring.signals import Found, find
from scoring.words import Table, table_for


def told(text: str, table: Table) -> Found:
    return find(table.read(fold(text)))


def names(text: str, lang: str | None = "en") -> set[str]:
    return set(told(text, table_for(lang)).words)


@pytest.mark.parametrize(
    ("text", "lang", "signal"),
    [
        ("On HOLD since noon", "en", "no answer"),
        ("you lost my suitcase", "en", "lost"),
        ("We're STRANDED in Split!", "en", "stranded"),
        ("I can’t get through", "en", "no answer"),
        ("my lawyer will call", "en", "legal"),
        ("charged twice!!", "en", "money gone"),
        ("this is the third time", "en", "repeated"),
        ("never again.", "en", "leaving"),
        ("Naplatili su mi dvaput, prevaranti", "hr", "money gone"),
        ("ПРЕВАРАНТИ", "hr", "money gone"),
        ("Već treći put otkazano", "hr", "repeated"),
        ("Nem válaszolnak", "hu", "no answer"),
        ("Törölték a járatot", "hu", "cancelled"),
        ("paket rusak dan tidak dibalas", "id", "no answer"),
        ("Jau otro reizi nesaņemu", "lv", "repeated"),
        ("Nozagta nauda, krāpnieki", "lv", "money gone"),
        ("walang sumasagot sa hotline", "tl", "no answer"),
        ("ang bulok ng refund nyo", "tl", "money"),
        ("prevara! scam!", None, "money gone"),
    ],
)
def test_a_signal_is_found(text, lang, signal):
    assert signal in names(text, lang)


@pytest.mark.parametrize("text", ["hold my beer", "a legal holiday", "lost in translation", "the third floor", ""])
def test_words_alone_do_not_make_a_phrase(text):
    assert not names(text) & {"no answer", "legal", "lost", "repeated"}


@pytest.mark.parametrize(
    "text",
    [
        "Thank you for the hospitality",
        "Is the smoking area on the second floor?",
        "This colour sparks joy",
        "I can't wait for the new phone",
        "Find My is a great feature",
        "When I get home I will watch your show",
        "The bottle leaked a little",
        "I ran out of my data allowance",
        "Sue from the desk was there",
        "I saw it on the BBC",
        "My account was disabled",
        "The burnt toast was my fault",
        "I lost my patience",
        "Threw out the box",
        "The update is stuck at ten percent",
        "What a busy day in line with our plan",
        "Another coffee, please",
        "Customer service is what you need",
    ],
)
def test_everyday_words_are_no_alarm(text):
    alarms = {"safety", "lost", "late", "stranded", "privacy", "legal", "press", "no answer", "repeated"}
    assert not names(text) & alarms


def test_a_television_that_does_not_work_is_no_matter_of_the_press():
    assert "press" not in names("Televizija mi ne radi od jutra", "hr")
    assert "press" not in names("Televīzija nerāda kopš rīta", "lv")
    assert "press" in names("Zvat ću televiziju", "hr")
    assert "press" in names("Zvanīšu uz televīziju", "lv")


@pytest.mark.parametrize(
    ("text", "lang", "themes"),
    [
        ("The train is late", "en", ("service",)),
        ("My parcel is late", "en", ("delivery",)),
        ("Vlak kasni sat vremena", "hr", ("service",)),
    ],
)
def test_what_is_late_is_a_matter_of_service_unless_it_is_a_delivery(text, lang, themes):
    assert score_text(text, lang).themes == themes


@pytest.mark.parametrize(
    ("text", "severity"),
    [
        ("My parcel never arrived.", 2),
        ("The vase came damaged, what a pity.", 2),
        ("The bread was mouldy, disgusting.", 2),
        ("Nobody answers, and my parcel never arrived.", 3),
        ("Third time that my parcel never arrived.", 3),
        ("I am a journalist, who can I talk to before five?", 3),
        ("My lawyer will write to you.", 3),
        ("We are stranded with two kids, please help, thanks", 3),
    ],
)
def test_what_must_be_answered_first(text, severity):
    assert score_text(text, "en").severity == severity


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("on hold for 2 hours", 120), ("45min and counting", 45), ("three days now", 4_320), ("2.5 hrs", 150),
        ("2+ hours", 120), ("a 3-day wait", 4_320), ("10 minutes then 2 weeks", 20_160), ("flight at 10:45 in B4", 0),
        ("have a good day", 0), ("čekam 3 sata", 180), ("2 órája várok", 120), ("sudah 5 hari", 7_200),
        ("9999999 days", 0),
    ],
)  # fmt: skip
def test_the_longest_time_named(text, minutes):
    assert told(text, table_for(None)).minutes == minutes


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_entry_of_a_pack_finds_its_concept(lang):
    table = table_for(lang)
    for entry, concept in pack(lang).concepts:
        assert concept in told(entry.replace("*", ""), table).concepts, (concept, entry)


def test_every_concept_has_a_known_theme_and_signal_and_every_signal_is_weighed_and_worded():
    signals = {concept.signal for concept in CONCEPTS.values()} - {None}
    assert {concept.theme for concept in CONCEPTS.values()} - {None} <= set(THEMES)
    assert signals == DEFAULT_POINTS.keys() == SAID.keys()


@pytest.mark.parametrize(
    "sentences",
    [
        {"en": "I want a refund", "hr": "tražim povrat novca", "hu": "visszatérítést kérek"},
        {"en": "no internet since noon", "hr": "nema interneta od jutra", "lv": "kopš rīta nav interneta"},
    ],
)
def test_the_same_trouble_is_the_same_concept_in_every_language(sentences):
    shared = set.intersection(*(set(told(text, table_for(lang)).concepts) for lang, text in sentences.items()))
    assert shared


def test_hostile_text_stays_within_its_time_and_memory():
    table = table_for("en")
    started = time.process_time()
    for text in ("day " * 2_000, "1 " * 4_000, "hours" * 1_600, "x" * 8_000, "no one is " * 800):
        told(text, table)
    assert time.process_time() - started < 0.5


def test_words_of_one_entry_may_stand_apart_but_in_one_sentence(monkeypatch):
    read = read_pack("xx.txt", "no internet: nema + internet*\nlost parcel: posiljk* + nesta*\n")
    monkeypatch.setattr("scoring.words.pack", lambda name: read)
    table = Table(None, "xx")
    assert told("kod nas nema vec tri dana interneta!", table).concepts == {"no internet": "nema … internet"}
    assert told("interneta opet nema", table).concepts.keys() == {"no internet"}
    assert told("nestala mi je posiljka", table).concepts.keys() == {"lost parcel"}
    assert not told("nikoga nema. internet radi", table).concepts
    assert not told("nema mjesta ni za sve one koji su dosli ranije zbog interneta", table).concepts
    assert not told("internetom", table).concepts


def test_a_phrase_ends_at_a_word_unless_it_is_starred(monkeypatch):
    assert not stands_in("can i", "can it fly")
    assert stands_in("can i", "can it, or can i?")
    read = read_pack("xx.txt", "asks: can i\nno answer: nobody answer*\n")
    monkeypatch.setattr("scoring.words.pack", lambda name: read)
    table = Table(None, "xx")
    assert told("can it fly", table).concepts == {}
    assert told("nobody answers", table).concepts == {"no answer": "nobody answer"}


def test_a_phrase_begins_at_a_word():
    assert stands_in("on hold", "salmon holds, on hold")
    assert stands_in("on hold", "(on hold)")
    assert not stands_in("on hold", "salmon holds")
    assert not stands_in("on hold", "x" + "on holdx" * 4_000)


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("hu", "Megsérült a karom a buszon"),
        ("hu", "A karom megsérült"),
        ("hu", "megsérült a gyerekem"),
        ("hu", "eltört a kezem"),
        ("hr", "slomljena mi je ruka"),
        ("lv", "mana roka ir salauzta"),
        ("lv", "salauzu roku"),
        ("id", "tangan saya patah di bus"),
        ("tl", "nabali ang braso ko"),
        ("en", "I broke my arm on your stairs"),
    ],
)
def test_where_a_verb_says_that_somebody_is_hurt_no_thing_is_meant(lang: str, text: str):
    score = score_text(text, lang)
    assert (score.severity, score.themes) == (3, ("safety",))
    assert {name for name, _, _ in score.parts}.isdisjoint({"damaged", "broken"})


@pytest.mark.parametrize(
    ("lang", "text"), [("hu", "megsérült a karóra"), ("en", "The parcel was damaged and my arm was hurt")]
)
def test_a_thing_that_is_damaged_as_well_is_told(lang: str, text: str):
    assert "damaged" in score_text(text, lang).concepts
