"""Who wants to be left alone: said in six languages, and what only sounds like it."""

from datetime import UTC, datetime
from typing import Any

import pytest

from domain.mention import Mention
from domain.opt_out import LONGEST, WORDS, asks_to_stop, author_hash

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def post(text: str, **more: Any) -> Mention:
    return Mention(channel="tape", external_id="1", thread_id="1", text=text, posted_at=NOW, **more)


@pytest.mark.parametrize(
    "text",
    [
        "stop",
        "STOP!!!",
        "@norda stop 🛑",
        "Please stop.",
        "Don't contact me again, please",
        "don’t contact me",
        "@norda@social.example LEAVE ME ALONE",
        "Molim vas, prestanite mi pisati!",
        "ne pisite mi vise",
        "Ostavite me na miru...",
        "Kérem, ne írjanak nekem többet!",
        "hagyjanak beken",
        "Tolong jangan hubungi saya lagi",
        "Lūdzu, vairs nerakstiet man.",
        "lieciet mani miera",
        "Huwag niyo na akong kontakin po",
        "wag na kayong mag-reply",
    ],
)
def test_a_whole_short_message_that_says_it_counts(text: str) -> None:
    assert asks_to_stop(post(text))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "@norda",
        "please",
        "stop the delays",
        "Please stop cancelling my train",
        "the bus stop is closed",
        "non-stop",
        "can you stop?? where is my refund",
        "don't stop, you are doing great",
        "@norda @other.rail stop",
        "jangan hubungi saya di nomor lama, pakai email",
        "Nerakstiet man, ka vilciens kavējas, ja tas nekavējas",
        "stop " * 40,
    ],
)
def test_anything_else_is_a_message_like_others(text: str) -> None:
    assert asks_to_stop(post(text)) is None


def test_a_title_or_a_repost_is_not_said_to_us() -> None:
    assert asks_to_stop(post("stop", title="The last stop")) is None
    assert asks_to_stop(post("stop", is_repost=True)) is None


def test_the_phrase_is_given_back_as_it_is_listed_and_a_channel_may_have_its_own() -> None:
    assert asks_to_stop(post("PRESTANITE!")) == "prestanite"
    assert asks_to_stop(post("/stop"), {"bot": ("/stop",)}) == "/stop"
    assert asks_to_stop(post("leave me alone"), {"bot": ("/stop",)}) is None


def test_every_listed_phrase_is_understood_and_short_enough() -> None:
    for phrases in WORDS.values():
        assert len(set(phrases)) == len(phrases)
        for phrase in phrases:
            assert asks_to_stop(post(phrase))
            assert len(phrase) < LONGEST


def test_an_author_is_remembered_without_their_name() -> None:
    named = author_hash("tape", "did:plc:mara", "mara")
    assert "mara" not in named
    assert named == author_hash("tape", "DID:plc:mara", "another name by now")
    assert len({named, author_hash("rss", "did:plc:mara", ""), author_hash("tape", "", "mara")}) == 3
