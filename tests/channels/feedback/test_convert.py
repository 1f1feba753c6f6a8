"""What is read from the form of a feedback page, and how it is called."""

from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.feedback import MANIFEST
from channels.feedback.convert import LETTERS, LONGEST_NAME, LONGEST_TEXT, Told, mail_to, read, reference, to_page
from channels.manifest import Situation
from domain.errors import BadInput

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
SECRET = b"s" * 32


@pytest.mark.parametrize(
    ("text", "address", "wrong"),
    [
        ("", "", "missing"),
        (" \r\n\t ", "", "missing"),
        ("a" * (LONGEST_TEXT + 1), "", "too_long"),
        ("late again", "mara", "address"),
        ("late again", "mara@mail.test\nBcc: other@mail.test", "address"),
        ("late again", "mara@mail.test, other@mail.test", "address"),
        ("late again", "mara@mail.test?bcc=other@mail.test", "address"),
        ("late again", "no-reply@mail.test", "address"),
        ("late again", f"{'m' * 250}@mail.test", "address"),
    ],
)
def test_what_cannot_be_taken_is_named(text: str, address: str, wrong: str) -> None:
    with pytest.raises(BadInput, match=f"^{wrong}$"):
        read(text, "", address)


def test_line_ends_count_once_as_in_the_browser() -> None:
    assert len(read("a\r\n" * (LONGEST_TEXT // 2 - 1) + "ab").text) == LONGEST_TEXT


def test_a_name_is_one_line_and_an_address_goes_on_the_wire() -> None:
    told = read("late", f" Mara \n Kovač {'x' * 200}", " Mara@Bücher.example ")
    assert told.name.startswith("Mara Kovač x")
    assert len(told.name) == LONGEST_NAME
    assert told.address == "Mara@xn--bcher-kva.example"


def test_the_same_form_is_one_message_and_anything_else_is_another() -> None:
    told = Told("late", "Mara", "mara@mail.test", "once")
    others = [Told("late", "Mara", "mara@mail.test", "twice"), Told("late!", "Mara", "mara@mail.test", "once"),
              Told("late", "Mar", "mara@mail.test", "once"), Told("late", "Mara", "", "once")]  # fmt: skip
    number = reference(told, "link", SECRET)
    assert reference(told, "link", SECRET) == number
    numbers = {reference(each, "link", SECRET) for each in others}
    numbers |= {reference(told, "another", SECRET), reference(told, "link", b"t" * 32)}
    assert len(numbers | {number}) == 7
    assert [len(part) for part in number.split("-")] == [4, 4, 4]
    assert set(number) <= {*LETTERS, "-"}


def test_the_address_is_only_where_those_who_answer_see_it() -> None:
    mention = to_page(Told("late", "Mara", "Mara@mail.test"), "ABCD", NOON).mentions[0]
    shown = (mention.author_handle, mention.author_name, mention.url, mention.title, mention.text)
    assert not any("mail.test" in part for part in shown)
    assert (mention.author_id, mail_to(mention.native)) == ("", "Mara@mail.test"), "nobody checked whose it is"
    assert MANIFEST.mail_link(mention.native) == "mailto:Mara@mail.test?subject=Re%3A%20%23ABCD"
    assert MANIFEST.capability(Situation(False, True, mention.native)).way == "manual"


def test_nobody_answers_who_left_no_address() -> None:
    mention = to_page(Told("late"), "ABCD", NOON).mentions[0]
    assert (mention.author_id, mention.native, MANIFEST.mail_link(mention.native)) == ("", {}, "")
    assert MANIFEST.capability(Situation(False, True, mention.native)).way == "none"


@given(st.text(), st.text(), st.text(), st.text())
def test_whatever_is_typed_is_read_or_refused(text: str, name: str, address: str, once: str) -> None:
    try:
        told = read(text, name, address, once)
    except BadInput:
        return
    told.text.encode()
    assert "\0" not in told.text + told.name + told.address
    assert "\n" not in told.name
    assert reference(told, "link", SECRET)


@pytest.mark.parametrize(
    "key", ["", "short", "b" * 15, "b" * 17, "B" * 16, "a" * 16, "b" * 15 + "\n", "../../../etc/pas"]
)
def test_a_short_name_is_sixteen_letters_of_ours(key: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"key": key}, MANIFEST.settings)
    msgspec.convert({"key": "b" * 16}, MANIFEST.settings)
