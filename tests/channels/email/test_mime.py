"""Headers, charsets and bodies as mail programs write them."""

from __future__ import annotations

import base64

import pytest

from channels.email.mime import MOST_CHARACTERS, addresses, header, read_mail, to_text
from tests.channels.email.letters import heard, letter


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("=?utf-8?q?Versp=C3=A4tung?=", "Verspätung"),
        ("=?utf-8?b?VmVyc3DD?= =?utf-8?b?pHR1bmc=?=", "Verspätung"),  # a letter broken over two words
        ("=?iso-8859-1?q?Versp=E4tung?= und mehr", "Verspätung und mehr"),
        ("=?gb2312?b?zfi147K71/fXvA==?=", "网点不作准"),
        ("Verspätung", "Verspätung"),  # bytes of UTF-8, against the rules
        ("=?utf-8?b?A?= stays", "=?utf-8?b?A?= stays"),
        ("=?rot13?q?nop?=", "nop"),
        ("two\r\n\tlines", "two lines"),
        ("a =?utf-8?q?=0D=0ABcc=3A_x=40y?= b", "a Bcc: x@y b"),
    ],
)
def test_subjects_are_decoded_onto_one_line(written: str, text: str):
    assert header(read_mail(letter(Subject=written)), "subject") == text


def test_names_are_decoded_after_the_addresses_are_told_apart():
    """A name that decodes to another address must not become one."""
    mail = read_mail(letter(From="=?utf-8?q?boss=40norda=2Eexample=2C?= <mara@customers.example>"))
    assert addresses(mail, "from") == [("boss@norda.example,", "mara@customers.example")]


@pytest.mark.parametrize(
    ("data", "charset", "text"),
    [
        (b"gr\xfc\xdfe", "iso-8859-1", "grüße"),
        (b"\x93so\x94", "iso-8859-1", "“so”"),  # Windows' quotes under the smaller set's name
        ("grüße".encode(), "us-ascii", "grüße"),
        ("grüße".encode(), None, "grüße"),
        (b"gr\xfc\xdfe", None, "grüße"),
        ("grüße".encode(), "no-such-set", "grüße"),
        (b"\\u0041", "unicode_escape", "\\u0041"),
        (b"abc", "rot13", "abc"),
        (b"abc", "x\x00y", "abc"),
        ("привет".encode("koi8-r"), "KOI8-R", "привет"),
        ("網".encode()[:2], "utf-8", "ç¶"),
    ],
)
def test_charsets(data: bytes, charset: str | None, text: str):
    assert to_text(data, charset) == text


def alternative(*parts: tuple[str, str]) -> bytes:
    """A mail that says the same in several types."""
    said = "".join(f"--b\r\nContent-Type: {kind}; charset=utf-8\r\n\r\n{text}\r\n" for kind, text in parts)
    return letter(f"{said}--b--\r\n", Content_Type="multipart/alternative; boundary=b")


def test_plain_words_come_before_html():
    assert heard(alternative(("text/plain", "Wet."), ("text/html", "<p>Wet!</p>"))).text == "Wet."
    assert heard(alternative(("text/html", "<p>Wet!</p>"), ("text/plain", "Wet."))).text == "Wet."


def test_html_counts_where_the_plain_words_are_missing():
    assert heard(alternative(("text/plain", " "), ("text/html", "<p>Wet &amp; cold</p>"))).text == "Wet & cold"
    assert heard(letter("<p>Wet<br>seat</p>", Content_Type="text/html")).text == "Wet\nseat"


def test_words_around_a_picture_belong_together():
    said = (
        "--b\r\n\r\nFirst.\r\n--b\r\nContent-Type: image/png\r\nContent-ID: <logo>\r\n\r\nx\r\n"
        "--b\r\nContent-Type: image/jpeg; name=photo.jpg\r\nContent-Disposition: inline\r\n\r\nx\r\n"
        "--b\r\n\r\nSecond.\r\n--b--\r\n"
    )
    found = heard(letter(said, Content_Type="multipart/mixed; boundary=b"))
    assert found.text == "First.\n\nSecond.\n[attached: photo.jpg]"


def test_a_forwarded_mail_is_named():
    said = "--b\r\n\r\nSee below.\r\n--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: x\r\n\r\nsecret\r\n--b--\r\n"
    assert (
        heard(letter(said, Content_Type="multipart/mixed; boundary=b")).text
        == "See below.\n[attached: a forwarded mail]"
    )


@pytest.mark.parametrize("charset", ["charset*=us-ascii'en'utf-8", 'charset="utf\x00-8"', "charset=utf-8; charset"])
def test_a_damaged_parameter_does_not_cost_the_words(charset: str):
    assert heard(letter("Wet seat in row 7", Content_Type=f"text/plain; {charset}")).text == "Wet seat in row 7"


def test_a_mail_that_was_cut_off_keeps_its_words():
    coded = base64.encodebytes(b"Wet seat, again. " * 9)
    said = letter(coded[:-7], Content_Transfer_Encoding="base64")
    assert heard(said).text.startswith("Wet seat, again. Wet seat")


def test_what_is_too_long_is_cut_and_says_so():
    found = heard(letter("wet " * MOST_CHARACTERS)).text
    assert len(found) < MOST_CHARACTERS + 100
    assert found.endswith("[the mail is longer]")
