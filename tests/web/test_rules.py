"""The pure rules behind the pages."""

from datetime import UTC, datetime, timedelta

import pytest
from markupsafe import Markup

from domain.errors import BadInput
from web import codepoints, forms, snoozes, wording
from web.fragments import Fragments

NOW = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)  # a Wednesday


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (59, "59 s"), (60, "1 min"), (3599, "59 min"), (3600, "1 h"), (3900, "1 h 5 min"), (30_000, "8 h"),
     (90_000, "1 d 1 h"), (400_000, "4 d")],
)  # fmt: skip
def test_spans_are_said_in_one_or_two_units(seconds: int, words: str):
    assert wording.span(seconds) == words


def test_clocks_say_their_state_in_words():
    hour = timedelta(hours=1)
    assert wording.clock(NOW, None, NOW) == ("met", "✓", "nothing owed")
    assert wording.clock(NOW, NOW + hour, NOW)[0] == "running"
    assert wording.clock(NOW - hour, NOW + timedelta(minutes=10), NOW)[::2] == ("at_risk", "10 min left")
    assert wording.clock(NOW - 3 * hour, NOW - hour, NOW)[::2] == ("breached", "1 h late")


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://a.example/x", True),
        ("http://a.example", True),
        ("javascript:alert(1)", False),
        ("data:text/html,x", False),
        ("//a.example", False),
        ("https:", False),
        ("https://[bad", False),
        ("", False),
    ],
)
def test_only_web_addresses_become_links(url: str, safe: bool):
    assert wording.safe_url(url) == (url if safe else "")


def test_snoozing_is_in_ones_own_zone_and_over_a_clock_change():
    tomorrow = snoozes.until("tomorrow", "", NOW, "Europe/Zagreb")
    assert tomorrow == datetime(2026, 3, 5, 8, 0, tzinfo=UTC)
    before_change = datetime(2026, 3, 28, 12, 0, tzinfo=UTC)
    assert snoozes.until("tomorrow", "", before_change, "Europe/Zagreb") == datetime(2026, 3, 29, 7, 0, tzinfo=UTC)
    assert snoozes.until("monday", "", NOW, "UTC") == datetime(2026, 3, 9, 9, 0, tzinfo=UTC)
    assert snoozes.until("", "2026-03-04T20:00", NOW, "Asia/Jakarta") == datetime(2026, 3, 4, 13, 0, tzinfo=UTC)
    assert "afternoon" not in snoozes.presets(NOW + timedelta(hours=4), "UTC")
    for wrong in (("never", ""), ("", "next week")):
        with pytest.raises(BadInput):
            snoozes.until(*wrong, NOW, "UTC")


@pytest.mark.parametrize(
    "text",
    [
        "Hello, world.",
        "Žao nam je",
        "नमस्ते\u200dक",
        "👩\u200d💻 ok 👍🏽",
        "привет",
        "a\nb\tc",
        "µm α-test",
        "日本語テスト",
    ],
)
def test_honest_texts_hold_nothing_odd(text: str):
    assert not codepoints.is_odd(text)
    assert "".join(piece.text for piece in codepoints.pieces(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        "a\u200bb",
        "\u202eabc",
        "p\u0430ypal",
        "x\u2066y",
        "\U000e0041",
        "\ufeffx",
        "go\u03bfgle",
        "\u00adsoft",
        "\x1b[0m",
    ],
)
def test_deceptive_texts_are_flagged(text: str):
    assert codepoints.is_odd(text)
    assert all("U+" in piece.why for piece in codepoints.pieces(text) if piece.why)


@pytest.mark.parametrize(
    "path", ["", "https://x.example", "//x", "/\\x", "x", "/a\r\nb", "/\t/x.example", "javascript:1", "\\\\x"]
)
def test_redirects_stay_in_the_house(path: str):
    assert forms.own_path(path) == "/queue"
    assert forms.own_path("/cases/1?x=2") == "/cases/1?x=2"


def test_messages_between_pages_cannot_be_made_by_others():
    signed = forms.sign(b"k" * 32, {"said": "Approved"})
    assert forms.signed_value(b"k" * 32, signed) == {"said": "Approved"}
    assert forms.signed_value(b"x" * 32, signed) == {}
    assert forms.signed_value(b"k" * 32, signed.replace(signed[3], "Q", 1)) == {}
    assert forms.signed_value(b"k" * 32, "é.é") == {}
    assert forms.sign(b"k" * 32, {"said": "x" * 5000}) == ""


def test_fragments_are_rendered_once_and_bounded():
    kept, rendered = Fragments(size=2), []

    def render(name: str) -> Markup:
        rendered.append(name)
        return Markup(name)

    for name in ("a", "b", "a", "c", "a", "b"):
        kept.get(name, lambda name=name: render(name))  # type: ignore[misc]
    assert rendered == ["a", "b", "c", "b"]
