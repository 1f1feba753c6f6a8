"""What is private, whoever is no party to it, and what is in another language: found however it is bent or wrapped."""

from typing import Any

import pytest

from responders.contract import check
from responders.facts import facts_of
from responders.local import located
from responders.markets import PACKS
from responders.measuring import context_of
from responders.rules.language import wrong_language
from responders.rules.mending import mended
from responders.rules.places import bad_link, other_mention
from responders.rules.privacy import personal_data
from tests.responders.detector import detect


def words(rule: Any, lang: str, reply: str, mention: str = "Norda?", author: str = "", market: str = "", **known: str):
    case = {"mention": mention, "author_name": author, "brand": "Larkpost", "channel": "x", "market": market}
    facts = located(facts_of(case | {"known": known}, 2026), PACKS.all())
    return [each.words for each in rule(reply, context_of(lang, facts, detect))]


@pytest.mark.parametrize(
    ("lang", "value", "reply", "shown"),
    [
        ("hu", "asztma", "Tudjuk, hogy asztmával nem lehet várni.", ["asztmával"]),
        ("hu", "Szeged", "Látom, hogy ön Szegeden van.", ["Szegeden"]),
        ("hu", "Szeged", "Szegény csomag, hol lehet?", []),
        ("hr", "Zagreb", "Paket je u Zagrebu.", ["Zagrebu"]),
        ("hr", "Zagreb", "Zagrebački kolodvor radi.", []),
        ("hr", "Karlovac", "Paket je u Karlovcu.", ["Karlovcu"]),
        ("hr", "Ilica 45", "Šaljemo na Ilicu 45.", ["Ilicu 45"]),
        ("lv", "Liepu iela 14", "Sūtām uz Liepu ielu 14.", ["Liepu ielu 14"]),
        ("lv", "Liepāja", "Paka ir Liepājā.", ["Liepājā"]),
        ("id", "asma bronkial", "Kami tahu asma bronkialnya berat.", ["asma bronkialnya"]),
        ("en", "asthma; eczema", "With eczema that is hard.", ["eczema"]),
    ],
)
def test_a_private_value_is_found_in_any_case(lang: str, value: str, reply: str, shown: list[str]) -> None:
    assert words(personal_data, lang, reply, crm_note=value) == shown


def test_what_the_author_said_themselves_in_another_case_is_no_secret() -> None:
    assert words(personal_data, "hr", "Paket je u Zagrebu.", mention="Stojim u Zagrebom!", crm_city="Zagreb") == []


@pytest.mark.parametrize(
    ("lang", "reply", "found"),
    [
        ("en", "Could you tell us your date of birth?", True),
        ("en", "What's your phone number? We will answer in private.", True),
        ("en", "What's your phone number? Send it in a private message.", False),
        ("en", "Please message us in private. What's your phone number?", False),
        ("hr", "Koji je Vaš broj telefona? Odgovorit ćemo privatno.", True),
        ("hr", "Pišite nam privatno. Koji je Vaš broj telefona?", False),
        ("lv", "Kāds ir jūsu tālruņa numurs? Atbildēsim privāti.", True),
        ("id", "Berapa nomor telepon Anda? Kami akan membalas lewat pesan pribadi.", True),
    ],
)
def test_only_who_is_led_away_may_be_asked(lang: str, reply: str, found: bool) -> None:
    assert bool(words(personal_data, lang, reply)) is found


@pytest.mark.parametrize(
    ("author", "handle", "strange"),
    [
        ("Ana", "@Larkpost_Refunds", True), ("Ana", "@banana_shop", True), ("Dan", "@jordan_k", True),
        ("Ana", "@Larkpost", False), ("Ana Kovač", "@ana_kovac", False), ("Ana", "@larkpost_help", False),
        ("Ana", "@larkpost_hel", True),
    ],
)  # fmt: skip
def test_a_handle_that_holds_a_name_is_not_that_name(author: str, handle: str, strange: bool) -> None:
    found = words(other_mention, "en", f"Please write to {handle} today.", author=author, site="@larkpost_help")
    assert found == ([handle] if strange else [])


@pytest.mark.parametrize(
    ("lang", "market", "reply", "name"),
    [
        ("hu", "HU", "Kovács Péter is ezt írta.", ["Kovács Péter"]),
        ("hr", "HR", "Isto je javio i Petar Kovač jučer.", ["Petar Kovač"]),
        ("hr", "HR", "Isto je javio i Stjepan Horvat jučer.", ["Stjepan Horvat"]),
        ("hr", "HR", "Ne radimo na Svetog Stjepana.", []),
        ("hr", "HR", "Želimo Vam Sretan Božić.", []),
        ("hu", "HU", "Kedves Ügyfelünk, utánanézünk.", []),
    ],
)
def test_a_stranger_s_full_name_is_no_holiday(lang: str, market: str, reply: str, name: list[str]) -> None:
    assert words(other_mention, lang, reply, market=market) == name


@pytest.mark.parametrize(
    "number", ["06-30-123-4567", "06/30/123-4567", "01.23.45.67.89", "06–30–123–4567", "+36 30 123 4567"]
)
def test_a_number_is_no_date_and_not_ours_because_the_post_names_it(number: str) -> None:
    assert words(bad_link, "en", f"Call us on {number} now.", mention=f"My number is {number}") == [number]
    assert words(bad_link, "en", f"Call us on {number} now.", line=number) == []


@pytest.mark.parametrize(
    "when",
    ["12.05.2026.", "2026-05-12", "12.05.2026. 14", "10.00-18.00", "10.00–18.00", "24.12. 10-12", "12.05-14.05.2026"],
)
def test_dates_and_hours_are_no_number(when: str) -> None:
    assert words(bad_link, "hr", f"Radimo {when} u gradu.") == []


@pytest.mark.parametrize(
    ("reply", "langs"),
    [
        ("We are sorry for the delay.", "hr hu id lv"),
        ("Thanks for your patience!", "hr hu id lv"),
        ("Prosimo, pošljite nam sporočilo.", "hr"),
        ("Kami sedang semak bungkusan awak.", "id"),
        ("Tikriname, kur jūsų siunta.", "lv"),
        ("Es tut uns leid.", "en hu"),
    ],
)
def test_a_short_reply_in_another_language_is_noticed(reply: str, langs: str) -> None:
    assert [words(wrong_language, lang, reply) for lang in langs.split()] == [[reply]] * len(langs.split())


@pytest.mark.parametrize(
    ("lang", "reply"),
    [("tl", "Thanks for your patience!"), ("en", "No way, man!"), ("lv", "Salamat po!"),
     ("hr", "Žao nam je zbog toga."),
     ("hu", "Elnézést a késésért!"), ("id", "Mohon maaf, Kak."), ("lv", "Paldies par ziņu!"),
     ("tl", "Sige po, salamat.")],
)  # fmt: skip
def test_a_short_reply_in_their_language_is_not(lang: str, reply: str) -> None:
    assert words(wrong_language, lang, reply) == []


def test_the_part_in_another_language_is_quoted_as_it_stands_and_can_be_taken_out() -> None:
    part = "We will call you, Ana, before 5 pm about LP-4471 and your parcel."
    ours = "Ana, žao nam je zbog paketa koji kasni već tri dana."
    case = {"mention": "LP-4471 kasni", "author_name": "Ana", "brand": "Larkpost", "channel": "x"}
    (found,) = wrong_language(f"{ours} {part}", context_of("hr", facts_of(case, 2026), detect))
    assert found.words == part
    assert mended(f"{ours} {part}", found) == ours


def test_a_whole_reply_in_another_language_is_not_mended_by_its_first_sentence() -> None:
    text = "We are sorry, Ana. Your parcel LP-4471 is with the courier and will be there today. Thank you for waiting."
    case = {"mention": "LP-4471 kasni", "author_name": "Ana", "brand": "Larkpost", "channel": "x"}
    (found,) = wrong_language(text, context_of("hr", facts_of(case, 2026), detect))
    assert found.words.startswith("We are sorry, Ana. Your parcel")
    assert mended(text, found) is None


def test_the_contract_says_so() -> None:
    case = {"mention": "Hol van?", "brand": "Larkpost", "channel": "x", "known": {"crm_diagnosis": "asztma"}}
    found = check("Tudjuk, hogy asztmával nem lehet várni.", context_of("hu", facts_of(case, 2026), None))
    assert "personal_data" in {each.rule for each in found if each.blocking}
