"""What stands below the writer's words is cut, and only that."""

from __future__ import annotations

import pytest

from channels.email.quotes import forwards, own_words, without_html_quote

KEPT = "It is wet again.\n\nMara"


@pytest.mark.parametrize(
    "below",
    [
        "\n\nOn Fri, 20 Nov 2026 at 12:00, Norda <help@norda.example> wrote:\n> Is it dry now?\n>\n> Norda",
        "\n\nOn Fri, 20 Nov 2026 at 12:00, Norda of the northern line\n<help@norda.example> wrote:\n\n> Is it dry?",
        "\n\nAm 20.11.2026 um 12:00 schrieb Norda:\n> Ist es trocken?\n\n",
        "\n\n> Is it dry now?",
        "\n\n-----Original Message-----\nFrom: Norda\nIs it dry now?",
        "\n\n-----Ursprüngliche Nachricht-----\nVon: Norda\nIst es trocken?",
        "\n\n________________________________\nFrom: Norda <help@norda.example>\nSent: Friday\nIs it dry now?",
        "\n-- \nMara Testfield\nNorth Street 7\n\nOn 20/11/2026, Norda wrote:\n> Is it dry now?",
        "\n--\nMara Testfield",
    ],
)
def test_quotes_and_signatures_at_the_end_go(below: str):
    assert own_words(KEPT + below, answers=True) == KEPT


@pytest.mark.parametrize(
    "text",
    [
        "> Is it dry now?\n\nNo.\n\n> Shall we change it?\n\nYes.",  # the answers need their questions
        "You promised:\n\n5 things\n-- and more --\nNone came.",
        "Prices:\n- 5\n- 7",
        "> only a quote",
        "---------- Forwarded message ---------\nFrom: Norda\nWe will mend it.",
        "a\n--\n" + "\n".join("more than a signature" for _ in range(20)),
        "One line\n________________________________\nand another",
    ],
)
def test_everything_else_stays(text: str):
    assert own_words(text, answers=True) == text


def test_a_sentence_before_a_quote_is_no_attribution_for_its_colon():
    assert own_words("My question again:\n> Is it dry?", answers=True) == "My question again:"


def test_a_first_mail_keeps_what_it_quotes():
    text = "Your page says:\n> dry seats, always"
    assert own_words(text, answers=False) == text


@pytest.mark.parametrize("subject", ["Fwd: x", "FW: x", "WG: x", "TR : x"])
def test_forwards_are_known(subject: str):
    assert forwards(subject)
    assert not forwards(f"Re: {subject}")


@pytest.mark.parametrize(
    "mark",
    ['<div class="gmail_quote">', '<blockquote style="margin:0" type="cite">', '<div dir="ltr" id="divRplyFwdMsg">'],
)
def test_html_is_cut_where_the_program_marked_the_quote(mark: str):
    assert without_html_quote(f"<p>Wet.</p>{mark}Is it dry?") == "<p>Wet.</p>"
    assert without_html_quote(f"<div><br></div>{mark}Is it dry?").endswith("dry?"), "nothing would be left"


def test_crafted_html_costs_no_time():
    source = "<div class=<style" * 20_000
    assert without_html_quote(source) == source
