"""Croatian, Hungarian and Latvian: what bears a claim in other words than the source's, and what nobody may say."""

import re

import pytest

from responders.contract import check
from responders.facts import Facts, facts_of
from responders.measuring import context_of


def rules(lang: str, reply: str, mention: str, author: str = "", **known: str) -> set[str]:
    case = {"mention": mention, "author_name": author, "brand": "Kuhalko", "known": known, "channel": "facebook"}
    return {found.rule for found in check(reply, context_of(lang, facts_of(case, 2026), None))}


BROKEN = {
    "hr": "Kuhalo je stiglo razbijeno, grozna usluga!",
    "hu": "A vízforraló törötten jött meg, borzalmas!",
    "lv": "Tējkanna atnāca saplēsta, šausmīgi!",
}


@pytest.mark.parametrize(
    ("lang", "reply", "wrong"),
    [
        ("hr", "Struja će se vratiti u pola osam.", "Struja će se vratiti u pola devet."),
        ("hu", "Este fél nyolckor lesz áram.", "Este fél kilenckor lesz áram."),
        ("lv", "Strāva būs pusastoņos.", "Strāva būs pusdeviņos."),
    ],
)
def test_an_hour_in_words_is_the_hour_that_is_known(lang: str, reply: str, wrong: str) -> None:
    post = {"hr": "Nema struje u cijeloj ulici.", "hu": "Nincs áram az egész utcában.", "lv": "Visā ielā nav strāvas."}
    assert "over_promise" not in rules(lang, reply, post[lang], next="power back at 19:30")
    assert "over_promise" in rules(lang, wrong, post[lang], next="power back at 19:30")


def test_two_dates_tell_the_days_between() -> None:
    known = {"zatvoreno": "filter na popravku od 20.11.", "next": "otvaranje 7.12."}
    post = "Kupio godišnju kartu, a bazen zatvoren."
    assert not rules("hr", "Vaša se karta produljuje za 17 dana.", post, **known)
    assert rules("hr", "Vaša se karta produljuje za 27 dana.", post, **known)


@pytest.mark.parametrize(
    ("lang", "idle", "told"),
    [
        ("hr", "Žao mi je zbog kuhala. Baš je nezgodno.", "Žao mi je. U skladištu u Zadru leži zamjensko."),
        ("hu", "Sajnálom a vízforralót. Ez elég kellemetlen.", "Sajnálom. Cserekészülék a győri raktárban van."),
        ("lv", "Žēl par tējkannu. Tas ir nepatīkami.", "Žēl. Liepājas noliktavā stāv jauna tējkanna."),
    ],
)
def test_an_answer_to_trouble_tells_does_or_asks_something(lang: str, idle: str, told: str) -> None:
    status = {"hr": "u skladištu u Zadru", "hu": "a győri raktárban", "lv": "Liepājas noliktavā"}
    assert "brush_off" in rules(lang, idle, BROKEN[lang], status=status[lang])
    assert "brush_off" not in rules(lang, told, BROKEN[lang], status=status[lang])


def test_a_surname_that_nobody_told_us_is_somebody_else() -> None:
    told = {"voditelj": "Luka Nepostojić"}
    assert "other_mention" in rules("hr", "Isto je javio i susjed Dinko Izmišljak jučer.", BROKEN["hr"], **told)
    assert "other_mention" not in rules("hr", "Pitam i Luku Nepostojića iz skladišta.", BROKEN["hr"], **told)


def test_a_question_of_what_suits_asks_for_no_address() -> None:
    assert "personal_data" not in rules("hr", "Odgovara li Vam dostava na kućnu adresu ili na posao?", BROKEN["hr"])
    assert "personal_data" in rules("hr", "Na koju adresu da pošaljemo? Napišite ovdje.", BROKEN["hr"])


@pytest.mark.parametrize("lang", BROKEN)
def test_laughter_fits_praise_only(lang: str) -> None:
    praise = {"hr": "Odlično kuhalo, hvala!", "hu": "Remek vízforraló, köszönöm!", "lv": "Lieliska tējkanna, paldies!"}
    assert "register" in rules(lang, "😂", BROKEN[lang]) | rules(lang, "Ines 😂", BROKEN[lang])
    assert "register" not in rules(lang, "Ines 😂", praise[lang])


def test_who_complains_did_not_ask_to_be_sold_one() -> None:
    offer = "Ajánljuk mellé vízforralónkat is."
    assert "selling" in rules("hu", offer, BROKEN["hu"])


def test_the_plural_said_once_is_no_formal_address() -> None:
    reply = "Oprosti, trebali smo vam to reći u vlaku, napiši mi broj karte u poruku."
    assert "register" not in rules("hr", reply, "Vlak je kasnio.", formality="ti")
    assert "register" in rules("hr", reply.replace("vam", "Vam"), "Vlak je kasnio.", formality="ti")


@pytest.mark.parametrize(
    ("lang", "source", "reply", "is_borne"),
    [
        ("en", "counter opens at 8:00", "The counter opens at 8:00.", True),
        ("en", "counter opens at 8:00", "The counter opens at 20:00.", False),
        ("en", "counter opens at 20:00", "The counter opens at 8:00.", False),
        ("en", "counter opens at 20:00", "The counter opens at 8 pm.", True),
        ("en", "counter opens at 20:00", "The counter opens at 8 am.", False),
        ("en", "counter opens at 8", "The counter opens at 20:00.", True),
        ("en", "counter opens at 20:00", "The counter opens at 8.", True),
        ("en", "counter opens at 8:00 in the evening", "The counter opens at 20:00.", True),
        ("hr", "šalter se otvara u 8:00", "Šalter se otvara u 20:00.", False),
        ("hr", "šalter se otvara u 20.00", "Šalter se otvara u 8.00.", False),
        ("hr", "šalter se otvara u 8.00", "Šalter se otvara u 8.00.", True),
        ("hr", "šalter se otvara u 20:00", "Šalter se otvara u 8 navečer.", True),
        ("id", "loket buka jam 08.00", "Loket buka jam 20.00.", False),
        ("id", "loket buka jam 20.00", "Loket buka jam 8 malam.", True),
    ],
)
def test_eight_in_the_morning_is_not_eight_in_the_evening(lang: str, source: str, reply: str, is_borne: bool) -> None:
    facts = Facts(mention="Norda?", known={"counter": source})
    found = [each for each in check(reply, context_of(lang, facts, None)) if re.search(r"\d", each.words)]
    assert (not found) == is_borne, found


@pytest.mark.parametrize(
    ("lang", "reply"), [("en", "The counter opens at 14:30."), ("hr", "Šalter se otvara u 14:30 sati.")]
)
def test_a_clock_is_quoted_once(lang: str, reply: str) -> None:
    facts = Facts(mention="Norda?", known={"counter": "open"})
    found = check(reply, context_of(lang, facts, None))
    assert [each.words for each in found if "14" in each.words] == ["14:30"]
