"""What a template left behind stops a reply, what people write does not; the desk's own taste in length is advice."""

from typing import Any

import pytest

from domain.reply import Finding
from responders.contract import check
from responders.facts import facts_of
from responders.measuring import context_of


def found(lang: str, reply: str, channel: str = "email") -> list[Finding]:
    """What is found of template and length."""
    case: dict[str, Any] = {"mention": "?", "author_name": "Sam Fable", "brand": "Larkpost", "channel": channel}
    every = check(reply, context_of(lang, facts_of(case, 2026), None))
    return [each for each in every if each.rule in ("placeholder", "too_long")]


@pytest.mark.parametrize(
    ("lang", "reply"),
    [
        ("en", "Please enter name and address as on the card."),
        ("en", "The name of the customer stands on the invoice."),
        ("hr", "Na stranici unesite ime i prezime."),
        ("hr", "Ovdje unesite broj s računa."),
        ("hu", "Kérem, írja be a nevét a mezőbe."),
        ("hu", "Kedves, hogy megírta, Éva!"),
        ("id", "Silakan masukkan nama pengguna."),
        ("id", "Mohon isi nama sesuai KTP."),
        ("lv", "Lūdzu, ievadiet vārdu un uzvārdu."),
        ("tl", "Pakisuyo po, ilagay ang pangalan ninyo."),
        ("en", "You can always write to Sam <sam@larkpost.example>."),
    ],
)
def test_who_is_asked_to_enter_a_name_reads_no_template(lang: str, reply: str) -> None:
    assert found(lang, reply) == []


@pytest.mark.parametrize(
    ("lang", "reply"),
    [
        ("en", "Hi, insert name, sorry about the delay."),
        ("en", "Hi Sam, (insert name) looks into it."),
        ("hr", "UNESITE IME, hvala na poruci."),
        ("hu", "Kedves ügyfél neve! Sajnáljuk a késést."),
        ("id", "Halo Kak, isi nama pelanggan, terima kasih."),
        ("lv", "Sveiki, klienta vārds! Paldies."),
        ("tl", "Hello po, ilagay ang pangalan, salamat po."),
        ("hu", "Kedves, köszönjük az üzenetét."),
        ("en", "Hi null, thanks for telling us."),
    ],
)
def test_a_name_that_nobody_entered_stops_the_reply(lang: str, reply: str) -> None:
    assert [each.blocking for each in found(lang, reply)] == [True]


@pytest.mark.parametrize("channel", ["reddit", "lemmy", "discourse", "github"])
def test_links_and_code_are_shown_where_the_channel_knows_them(channel: str) -> None:
    reply = "See [our guide](https://larkpost.example/guide): set `max_retries` to `null` and `<timeout>` to 3."
    assert found("en", reply, channel) == []
    assert [each.words for each in found("en", "Hi {name}, see [{link}](https://larkpost.example).", channel)] == [
        "{name}", "{link}",
    ]  # fmt: skip
    assert found("en", reply, "x") != [], "readers of X would see the brackets"


def test_what_may_be_a_field_or_a_value_of_a_program_is_advice() -> None:
    assert [(each.words, each.blocking) for each in found("en", "Set max_retries to null.", "github")] == [
        ("max_retries", False), ("null", False),
    ]  # fmt: skip


@pytest.mark.parametrize("left", ["[first name]", "{name}", "<first_name>"])
def test_the_mended_greeting_names_the_person_and_keeps_the_apology(left: str) -> None:
    (each,) = found("en", f"Hi {left}, sorry about the delay. It leaves today.")
    assert each.fix == "Hi Sam, sorry about the delay. It leaves today."


@pytest.mark.parametrize(
    ("channel", "words"), [("github", 175), ("appstore", 175), ("lemmy", 175), ("discourse", 225), ("email", 265)]
)
def test_more_words_than_we_like_stop_nothing_more_characters_than_the_network_takes_do(
    channel: str, words: int
) -> None:
    assert [(each.rule, each.blocking) for each in found("en", "word " * words, channel)] == [("too_long", False)]
    assert [(each.rule, each.blocking) for each in found("en", "word " * 101, "mastodon")] == [("too_long", True)]
