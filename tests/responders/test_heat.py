"""The Rule of 5: what is hot, what is held, and that no hold ever costs the window."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from responders.heat import HOLD, HOT, OTHERS, Heat, hold_until, incoming, is_held, own

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
CALM, HOT_ONE, SCATHING = Heat(0.0, ()), Heat(0.6, ("insults",)), Heat(0.9, ("insults",))
RUDE = {
    "en": "You idiots, this is the worst and ridiculous",
    "hr": "Sramota, idioti, katastrofa",
    "hu": "Idióta banda, felháborító, szégyen",
    "id": "Goblok, penipu, parah",
    "lv": "Idioti, kauns, šausmas",
    "tl": "Mga bobo, gago, nakakahiya",
}
BLAMING = {
    "en": "That is your own fault, madam.",
    "hr": "To je vaša greška.",
    "hu": "Ez az Ön hibája.",
    "id": "Itu salah Anda sendiri.",
    "lv": "Tā ir jūsu vaina.",
    "tl": "Kasalanan mo iyan.",
}

CALLING_NAMES = {
    "en": ["You are idiots.", "Scammers!", "What a bunch of liars.", "WHERE IS MY MONEY YOU THIEVES", "Go to hell!"],
    "hr": ["Lopovi!", "Vi ste lopovi.", "Krivi ste, lažovi"],
    "hu": ["Tolvajok!", "Önök tolvajok.", "Szemét banda, csalók"],
    "id": ["Penipu!", "Dasar penipu kalian"],
    "lv": ["Zagļi!", "Jūs esat zagļi."],
    "tl": ["Magnanakaw kayo!", "Mga bobo kayo."],
}
NOT_US = {
    "en": "Thieves broke into my car at your parking. Can you look at the cameras?",
    "hr": "Ukrali su mi torbu na kolodvoru, lopovi su pobjegli.",
    "hu": "Tolvajok vitték el a csomagomat a kapu elől.",
    "id": "Motor saya dicuri maling di parkiran stasiun.",
    "lv": "Zagļi izdauzīja manas mašīnas logu stāvvietā.",
    "tl": "May magnanakaw sa estasyon kahapon.",
}
LYING = {
    "en": ["What nonsense. You are lying.", "Stop lying to us.", "That is a lie.", "You are wrong."],
    "hr": ["Prestanite lagati.", "Vi lažete.", "Lagali ste nam."],
    "hu": ["Ne hazudjon.", "Ön hazudik nekünk."],
    "id": ["Jangan bohong.", "Anda berbohong.", "Jangan bohongi kami."],
    "lv": ["Nemelojiet.", "Jūs melojat.", "Beidziet mums melot."],
    "tl": ["Huwag kayong magsinungaling.", "Nagsisinungaling po kayo."],
}


@pytest.mark.parametrize("lang", RUDE)
def test_a_rude_message_is_hot_in_each_language(lang: str) -> None:
    assert incoming(RUDE[lang], lang, 1).value >= HOT


@pytest.mark.parametrize("lang", CALLING_NAMES)
def test_who_calls_us_names_is_held_by_that_alone_and_who_tells_of_a_thief_is_not(lang: str) -> None:
    for text in CALLING_NAMES[lang]:
        assert incoming(text, lang, 1).value >= HOT, text
        assert "insults" in incoming(text, lang, 1).reasons
    assert incoming(NOT_US[lang], lang, 1).value < HOT


@pytest.mark.parametrize("lang", LYING)
def test_nobody_is_called_a_liar_in_haste(lang: str) -> None:
    for text in LYING[lang]:
        assert own(text, lang).value >= HOT, text


BLUNT = {
    "en": ("You are to blame.", "I already told you.", "Read the terms before you complain.", "Stop complaining."),
    "hr": ("Vi ste krivi za to.", "Već sam Vam to rekla.", "Prestanite se žaliti.", "To su gluposti."),
    "hu": ("Ön a hibás.", "Már megmondtam Önnek.", "Önnek nincs igaza.", "Ne panaszkodjon."),
    "id": ("Kan sudah saya bilang.", "Anda yang keliru.", "Itu omong kosong.", "Jangan mengeluh terus."),
    "lv": ("Es Jums to jau teicu.", "Jums nav taisnība.", "Beidziet sūdzēties.", "Tās ir muļķības."),
    "tl": ("Sinabi ko na sa inyo.", "Kayo po ang mali.", "Kalokohan iyan.", "Tigilan na ninyo ang pagrereklamo."),
}
NOT_BLUNT = {
    "en": ("Nobody is to blame but us.", "You were right, that was nonsense.", "I've already told this to our depot."),
    "hr": ("Niste krivi.", "Nemojte se ustručavati ponovno žaliti.", "Mi smo krivi."),
    "hu": ("Igaza van.", "Sajnálom, hogy Ön hibás terméket kapott.", "Nekünk van a hibánk."),
    "id": ("Maaf, tagihan Anda keliru.", "Kami yang keliru."),
    "lv": ("Jums ir taisnība.", "Mēs kļūdījāmies."),
    "tl": (
        "Huwag po kayong mag-alala, ang reklamo ninyo ay hawak ko.",
        "Nasingil po nang mali kayo.",
        "Sinabihan ko na ang rider.",
    ),
}


@pytest.mark.parametrize("lang", BLUNT)
def test_few_blunt_words_of_ours_are_hot_and_the_same_said_of_us_is_not(lang: str) -> None:
    assert [text for text in BLUNT[lang] if own(text, lang).value < HOT] == []
    assert [text for text in NOT_BLUNT[lang] if own(text, lang).value >= HOT] == []


@pytest.mark.parametrize("lang", BLAMING)
def test_an_answer_that_blames_is_hot_and_says_why(lang: str) -> None:
    assert own(BLAMING[lang], lang).value >= HOT
    assert own(BLAMING[lang], lang).reasons == ("blame",)


def test_calm_texts_are_calm() -> None:
    assert incoming("My parcel has not arrived yet, where is it?", "en", 1) == CALM
    assert own("Sorry about the wait, Ana. We are looking for your parcel now.", "en") == CALM


def test_an_everyday_latvian_word_is_no_indonesian_insult() -> None:
    assert incoming("Paldies tai meitenei", "lv", 0) == CALM
    assert incoming("Paldies tai meitenei", None, 0) == CALM


def test_many_edits_alone_do_not_hold_but_heat_up_what_is_shouted() -> None:
    assert own("We will look.", "en", edits=9).value < HOT
    assert own("WE HAVE TOLD YOU WHAT TO DO ABOUT IT", "en").value >= HOT


@pytest.mark.parametrize(
    ("theirs", "ours", "kind", "severity", "held"),
    [
        (CALM, CALM, "answer", 3, False),
        (HOT_ONE, CALM, "answer", 1, True),
        (HOT_ONE, CALM, "holding", 1, False),
        (HOT_ONE, CALM, "holding", 3, True),
        (SCATHING, CALM, "holding", 1, True),
        (CALM, HOT_ONE, "holding", 0, True),
    ],
)
def test_who_is_held(theirs: Heat, ours: Heat, kind: str, severity: int, held: bool) -> None:
    assert is_held(theirs, ours, kind=kind, severity=severity) is held


@given(left=st.integers(-86_400, 86_400), others=st.integers(0, 9))
def test_a_hold_never_passes_the_time_left(left: int, others: int) -> None:
    due = NOW + timedelta(seconds=left)
    end = hold_until(NOW, due, others)
    assert end is None or NOW < end <= min(NOW + HOLD, due)


def test_a_hold_lasts_five_minutes_or_five_others() -> None:
    assert hold_until(NOW, None, OTHERS - 1) == NOW + timedelta(minutes=5)
    assert hold_until(NOW, NOW + timedelta(minutes=3), 0) == NOW + timedelta(minutes=2)
    assert hold_until(NOW, NOW + timedelta(seconds=50), 0) is None
    assert hold_until(NOW, None, OTHERS) is None
