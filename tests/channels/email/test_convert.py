"""A mail becomes a mention: who, what, in which thread; and which mails are none."""

from __future__ import annotations

import random

import pytest

from channels.email.convert import convert
from domain.errors import Undecodable
from tests.channels.conformance import spoil
from tests.channels.email.letters import TAKEN, heard, letter


def test_a_mail_is_a_mention_that_asks_for_an_answer():
    found = heard(letter("My seat was wet.\r\n\r\nMara"))
    assert (found.external_id, found.title, found.text) == (
        "one@customers.example",
        "Wet seat",
        "My seat was wet.\n\nMara",
    )
    assert (found.author_id, found.author_name) == ("mara@customers.example", "Mara Testfield")
    assert found.posted_at == TAKEN, "the mail's own date is only a claim"
    assert found.addressed
    assert found.native["to"] == "mara@customers.example"


@pytest.mark.parametrize(
    "changes",
    [
        {"Auto_Submitted": "auto-replied"},
        {"Auto_Submitted": "Auto-Generated; owner-email=x@y.example"},
        {"Precedence": "bulk"},
        {"Precedence": "LIST"},
        {"List_Id": "Norda fans <fans.lists.example>"},
        {"Return_Path": "<>"},
        {"Content_Type": "multipart/report; report-type=delivery-status; boundary=b"},
        {"From": "Norda Service <HELP@norda.example>"},
        {"From": "colleague@norda.example", "Reply_To": "help@norda.example"},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_machines_lists_and_we_ourselves_are_not_heard(changes: dict[str, str]):
    own = {"help@norda.example", "colleague@norda.example"}
    assert convert(letter(**changes), TAKEN, own) is None


@pytest.mark.parametrize(
    "changes", [{"Auto_Submitted": "no"}, {"Precedence": "normal"}, {"Return_Path": "<m@c.example>"}]
)
def test_what_only_resembles_them_is_heard(changes: dict[str, str]):
    assert heard(letter(**changes)).text == "My seat was wet."


def test_our_own_list_is_a_way_to_us():
    through = letter(List_Id="help <help.norda.example>", Precedence="list")
    assert convert(through, TAKEN, set()) is None
    assert heard(through, own_list="help.norda.example").text == "My seat was wet."


def test_a_contact_form_that_sends_as_us_is_the_customers_mail():
    found = heard(letter(From="Norda forms <help@norda.example>", Reply_To="Mara <mara@customers.example>"))
    assert (found.author_handle, found.author_name) == ("mara@customers.example", "Mara")


def test_a_list_that_names_itself_as_the_address_for_answers_does_not_hide_the_writer():
    assert heard(letter(Reply_To="help@norda.example")).author_handle == "mara@customers.example"


def test_a_thread_is_its_first_mail_and_its_writer():
    first = heard(letter())
    later = heard(
        letter(
            Message_ID="<3@c.example>", References="<one@customers.example> <2@n.example>", In_Reply_To="<2@n.example>"
        )
    )
    assert later.thread_id == first.thread_id
    assert later.parent_id == "2@n.example"
    assert heard(letter(In_Reply_To="<2@n.example>")).parent_id == "2@n.example"


def test_answers_to_one_newsletter_are_not_one_thread():
    to_all = "<newsletter-7@norda.example>"
    mara = heard(letter(Message_ID="<a@x.example>", References=to_all))
    ben = heard(letter(Message_ID="<b@x.example>", References=to_all, From="ben@customers.example"))
    assert mara.thread_id != ben.thread_id


def test_without_a_message_id_the_head_names_the_mail():
    first, same = heard(letter(Message_ID=None)), heard(letter("cut", Message_ID=None))
    other = heard(letter(Message_ID=None, Date="Fri, 20 Nov 2026 12:00:01 +0000"))
    assert first.external_id == same.external_id
    assert first.external_id.startswith("sha256:")
    assert other.external_id != first.external_id
    assert first.native["message_id"] == "", "what is not in the mail cannot be referred to"


@pytest.mark.parametrize(
    ("written", "name"),
    [("<a@b>", "a@b"), ("a@b", "a@b"), ("  <a@b> (added by a server)", "a@b"), ("<" + "x" * 999 + "@b>", "sha256")],
)
def test_odd_message_ids(written: str, name: str):
    assert heard(letter(Message_ID=written)).external_id.partition(":")[0] == name


@pytest.mark.parametrize(
    "address", ["no-reply@s.example", "NoReply+1@s.example", "do_not_reply@s.example", "mailer-daemon@s.example"]
)
def test_addresses_that_nobody_reads_are_known(address: str):
    assert heard(letter(From=address)).native["no_reply"]


@pytest.mark.parametrize(
    "address", ["noreen@s.example", "norepland@s.example", "bounceboy@s.example", "donot@s.example"]
)
def test_people_are_not_taken_for_them(address: str):
    assert not heard(letter(From=address)).native["no_reply"]


def test_an_address_that_cannot_be_written_to_is_heard_all_the_same():
    found = heard(letter(From="Mara <mära@customers.example>"))
    assert found.author_name == "Mara"
    assert found.native["to"] == ""


def test_a_mail_that_names_nobody_is_unreadable():
    with pytest.raises(Undecodable, match="names no sender"):
        convert(letter(From=None), TAKEN, set())


def test_attached_files_are_named_not_opened():
    parts = (
        b"--b\r\n\r\nSee the picture.\r\n--b\r\nContent-Type: image/jpeg\r\n"
        b'Content-Disposition: attachment; filename="seat\x00 row 7.jpg"\r\n\r\nxxxx\r\n--b--\r\n'
    )
    found = heard(letter(parts, Content_Type="multipart/mixed; boundary=b"))
    assert found.text == "See the picture.\n[attached: seat\ufffd row 7.jpg]"


def test_damaged_mails_are_heard_or_unreadable_and_nothing_else():
    parts = "--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>Wet</p>\r\n--b\r\n\r\n> quoted\r\n--b--\r\n"
    whole = letter(parts, Content_Type='multipart/alternative; boundary="b"', Subject="=?utf-8?b?TmFzcw==?=")
    for seed in range(1500):
        rng = random.Random(seed)
        raw = whole
        for _ in range(rng.randrange(1, 4)):
            raw = spoil(raw, rng)
        try:
            found = convert(raw, TAKEN, set())
        except Undecodable:
            continue
        if found is not None:
            assert found.external_id
            assert "\n" not in found.title + found.author_handle + found.external_id + found.thread_id
            assert (found.text + found.title + found.author_name + repr(found.native)).encode()


def test_a_mail_of_parts_within_parts_costs_no_time():
    nested = "".join(f'--b{n}\r\nContent-Type: multipart/mixed; boundary="b{n + 1}"\r\n\r\n' for n in range(2000))
    with pytest.raises(Undecodable, match="parts within parts"):
        convert(letter(nested, Content_Type='multipart/mixed; boundary="b0"'), TAKEN, set())
