"""Nothing a stranger wrote pings, links or formats in a message of ours."""

import re

import pytest

from alerts.message import QUOTED, compose, harmless, quoted
from tests.alerts.hostile import HOSTILE


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_harmless_and_stays_so(text):
    line = harmless(text)
    assert "\n" not in line
    assert not re.search(r"[@<>\[\]`\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069\u200b-\u200f\U000e0000-\U000e007f]", line)
    assert not re.search(r"(?i)\w:[/\\]{2}|mailto:|javascript:|www\.|evil\.example|[a-z]\.[a-z]{2}", line)
    assert harmless(line) == line


def test_ordinary_words_stay_as_they_were():
    said = "My train was 3.5 hours late, e.g. today. Čekam već 2 sata! 50% & more: why?"
    assert harmless(said) == said


def test_a_long_post_is_cut():
    assert len(quoted("a" * 500)) == QUOTED


def test_only_our_link_is_live_and_the_title_is_one_line():
    link = "https://desk.norda.example/alerts/1?t=abc_-x"
    message = compose(
        title="Norda:\r\nBcc: x@evil.example " + "t" * 300,
        body="They wrote: “<!channel> http://evil.example”\nsecond line",
        why="you are on call",
        link=link,
        dedup_key="alert-1-r1-c2",
    )
    assert "\n" not in message.title
    assert len(message.title) <= 150
    assert message.text.count("://") == 1
    assert link in message.text.splitlines()
    assert "second line" in message.text.splitlines()
