"""What a reply may ask: another number than the one we know, and private data where nobody else reads the answer."""

from typing import Any

import pytest

from domain.reply import Finding
from responders.contract import check
from responders.facts import facts_of
from responders.measuring import context_of
from responders.rules.words import words_of
from scoring.folding import fold

MENTIONS = {
    "en": "My kettle does not heat.",
    "hr": "Kuhalo mi ne grije.",
    "hu": "Nem melegít a vízforralóm.",
    "id": "Ketel saya tidak panas.",
    "lv": "Mana tējkanna nesilda.",
    "tl": "Hindi umiinit ang takure ko.",
}
KNOWN = {"agent": "Noor", "order": "NW-48213", "name": "Ines Fable"}


def found(lang: str, reply: str, channel: str = "email", **known: str) -> list[Finding]:
    """What the contract says of this reply to somebody whose order and name we know."""
    case: dict[str, Any] = {
        "mention": MENTIONS[lang],
        "author_name": "Ines Fable",
        "brand": "Copperpot",
        "known": KNOWN | known,
        "channel": channel,
    }
    return check(reply, context_of(lang, facts_of(case, 2026), None))


def blocking(lang: str, reply: str, channel: str = "email", **known: str) -> set[str]:
    """The rules that stop this reply."""
    return {each.rule for each in found(lang, reply, channel, **known) if each.blocking}


@pytest.mark.parametrize(
    ("lang", "reply"),
    [
        ("en", "What is the serial number under the kettle?"),
        ("en", "What is your account number?"),
        ("en", "What was the name of the colleague you spoke to?"),
        ("hr", "Koji je serijski broj ispod kuhala?"),
        ("hr", "Koji je broj modela?"),
        ("hr", "Koji je broj vašeg telefona?"),
        ("hr", "Koji je kod pogreške?"),
        ("hr", "Kako se zvao kolega s kojim ste razgovarali?"),
        ("hu", "Mi a sorozatszám a vízforraló alján?"),
        ("hu", "Mi az ügyfélszáma?"),
        ("hu", "Mi volt a neve a kollégának, akivel beszélt?"),
        ("id", "Nomor seri di bawah ketelnya berapa, Kak?"),
        ("id", "Siapa nama petugas yang Kakak hubungi?"),
        ("lv", "Kāds ir sērijas numurs zem tējkannas?"),
        ("lv", "Kāds ir skaitītāja numurs?"),
        ("lv", "Kā sauca kolēģi, ar kuru runājāt?"),
        ("tl", "Ano po ang serial number sa ilalim ng takure?"),
        ("tl", "Ano po ang account number ninyo?"),
        ("tl", "Ano po ang pangalan ng kausap ninyong staff?"),
    ],
)
def test_another_number_or_name_than_the_known_one_may_be_asked_for(lang: str, reply: str) -> None:
    assert not [each for each in found(lang, reply) if each.rule == "asks_known"]


@pytest.mark.parametrize(
    ("lang", "reply"),
    [
        ("en", "What is your order number?"),
        ("en", "What is your order number, and the serial number under the kettle?"),
        ("en", "What is your full name?"),
        ("hr", "Koji je broj narudžbe?"),
        ("hr", "Samo mi još javite broj narudžbe."),
        ("hu", "Mi a rendelésszáma?"),
        ("id", "Nomor pesanannya berapa, Kak?"),
        ("lv", "Kāds ir pasūtījuma numurs?"),
        ("tl", "Ano po ang order number ninyo?"),
    ],
)
def test_the_known_number_or_name_is_not(lang: str, reply: str) -> None:
    assert "asks_known" in blocking(lang, reply)


def test_a_serial_number_that_we_know_is_not_asked_for() -> None:
    reply = "What is the serial number under the kettle?"
    assert "asks_known" in {each.rule for each in found("en", reply, serial="KT-20991")}


@pytest.mark.parametrize(
    ("lang", "reply"),
    [
        ("id", "Boleh kirim nomor HP lewat DM?"),
        ("id", "Boleh kirim nomor HP via DM?"),
        ("id", "Boleh kirim nomor HP ke inbox kami?"),
        ("id", "Boleh japri nomor HP Kakak?"),
        ("id", "Boleh kirim nomor HP lewat WA pribadi?"),
        ("hr", "Napišite nam broj telefona porukom."),
        ("lv", "Uzrakstiet mums ziņā savu tālruņa numuru."),
    ],
)
def test_private_data_may_be_asked_for_in_a_message(lang: str, reply: str) -> None:
    assert "personal_data" not in blocking(lang, reply, "x")
    assert "personal_data" in blocking(lang, "Boleh kirim nomor HP di sini?" if lang == "id" else {
        "hr": "Napišite nam broj telefona.", "lv": "Uzrakstiet savu tālruņa numuru."}[lang], "x")  # fmt: skip


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("en", "dm pm inbox messenger chat"),
        ("hr", "privatno dm pm inbox porukom mailom messenger"),
        ("hu", "privátban üzenetben dm pm inbox e-mailben chat"),
        ("id", "dm pm inbox japri pribadi privat chat email messenger"),
        ("lv", "privāti dm pm e-pastā čatā"),
        ("tl", "dm pm private inbox messenger chat pribado"),
    ],
)
def test_each_word_for_a_private_way_is_found_alone(lang: str, words: str) -> None:
    private = words_of(lang).phrases["private"]
    assert [word for word in words.split() if not private.search(fold(word))] == []


@pytest.mark.parametrize(
    ("lang", "name", "words"),
    [
        ("hr", "secret", "lozinku zaporku"),
        ("hu", "account", "ügyfélszám ügyfélazonosító felhasználónév szerződésszám kártyaszám"),
    ],
)
def test_each_word_for_what_is_asked_is_found_alone(lang: str, name: str, words: str) -> None:
    asked = words_of(lang).asked[name]
    assert [word for word in words.split() if not asked.search(fold(word))] == []
