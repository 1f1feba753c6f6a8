"""The mail that an approval fixes: what stands in it, and that nothing can be smuggled into its head."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest

from channels.email.freeze import freeze
from domain.account import Account
from domain.errors import BadInput
from domain.reply import Outgoing, Parent

SERVERS = "imaps://imap.norda.example smtps://smtp.norda.example"
ACCOUNT = Account(1, "email", "Norda Dienst für Gäste <help@norda.example>", "", SERVERS, {"secret_password": "x"})
NATIVE: dict[str, Any] = {
    "to": "mara@customers.example",
    "subject": "Nasser Sitz in Wagen 7",
    "message_id": "3@c.example",
    "references": ["1@c.example", "2@norda.example"],
}
APPROVED = datetime(2026, 11, 20, 13, 0, tzinfo=UTC)


def outgoing(text: str = "Danke, Mara.\n.\nGrüße", **native: Any) -> Outgoing:
    parent = Parent("3@c.example", "1@c.example", "", "mara", "mara@customers.example", NATIVE | native)
    return Outgoing(text, "de", parent, ACCOUNT, APPROVED, 7001)


def parsed(given: Outgoing) -> EmailMessage:
    mail = message_from_bytes(freeze(given).body, policy=policy.default)
    assert mail.defects == []
    return mail


def test_the_mail_answers_in_its_thread():
    frozen, mail = freeze(outgoing()), parsed(outgoing())
    assert mail["From"].addresses[0].display_name == "Norda Dienst für Gäste"
    assert mail["From"].addresses[0].addr_spec == "help@norda.example"
    assert mail["To"] == "mara@customers.example"
    assert mail["Subject"] == "Re: Nasser Sitz in Wagen 7"
    assert mail["Date"].datetime == APPROVED
    assert mail["Message-ID"] == f"<{frozen.key}>"
    assert frozen.key.endswith("@norda.example")
    assert mail["In-Reply-To"] == "<3@c.example>"
    assert mail["References"] == "<1@c.example> <2@norda.example> <3@c.example>"
    assert mail["Content-Language"] == "de"
    assert mail.get_content().splitlines() == ["Danke, Mara.", ".", "Grüße"]


def test_it_is_the_same_each_time_and_another_for_another_approval():
    assert freeze(outgoing()) == freeze(outgoing())
    keys = {
        freeze(each).key
        for each in (outgoing(), outgoing("Danke."), replace(outgoing(), reply_id=7002),
                     replace(outgoing(), approved_at=APPROVED.replace(second=1)), outgoing(to="ben@customers.example"))
    }  # fmt: skip
    assert len(keys) == 5


def test_it_needs_no_extension_of_the_server():
    body = freeze(outgoing("ä" * 3000 + "\n" + "x" * 3000, subject="ä" * 400)).body
    assert body.isascii()
    assert max(len(line) for line in body.split(b"\r\n")) <= 200
    assert b"\n" not in body.replace(b"\r\n", b"")
    assert parsed(outgoing("ä" * 3000)).get_content().strip() == "ä" * 3000


def test_long_ids_stay_whole():
    """The standard library would fold them into encoded words, which no mail program takes for ids."""
    names = [f"{'x' * 150}{n}@mail.example" for n in range(20)]
    mail = message_from_bytes(freeze(outgoing(references=names)).body, policy=policy.default)
    assert [each.strip("<>") for each in mail["References"].split()] == [*names, "3@c.example"]


@pytest.mark.parametrize("subject", ["Re: Sitz", "RE : Sitz", "re: Sitz"])
def test_one_re_is_enough(subject: str):
    assert parsed(outgoing(subject=subject))["Subject"] == subject


def test_a_mail_without_id_or_subject_can_be_answered():
    mail = parsed(outgoing(message_id="", references=[], subject=""))
    assert mail["Subject"] == "Re:"
    assert mail["In-Reply-To"] is None
    assert mail["References"] is None


SMUGGLED = "x\r\nBcc: victim@else.example\r\n\r\nbody"


@pytest.mark.parametrize(
    "given",
    [
        outgoing(subject=SMUGGLED),
        outgoing(subject="x\u2028Bcc: victim@else.example\x0b\x85\0y"),
        outgoing(message_id=SMUGGLED),
        outgoing(message_id="a> <b@c"),
        outgoing(references=[SMUGGLED, "a\r\n b@c", 7, None]),
        replace(outgoing(), lang=SMUGGLED),
        replace(outgoing(), account=replace(ACCOUNT, handle=f'"{SMUGGLED}" <help@norda.example>')),
        outgoing(SMUGGLED),
        outgoing("From nobody\n.\n.\r\nQUIT\r\n\r.\r"),
    ],
)
def test_nothing_can_be_smuggled_into_the_head(given: Outgoing):
    head, _, _ = freeze(given).body.partition(b"\r\n\r\n")
    names = [line.split(b":")[0].decode() for line in head.split(b"\r\n") if not line.startswith(b" ")]
    allowed = ["From", "To", "Subject", "Date", "Message-ID", "In-Reply-To", "References", "MIME-Version",
               "Content-Type", "Content-Transfer-Encoding", "Content-Language"]  # fmt: skip
    assert [name for name in names if name not in allowed] == []
    assert len(set(names)) == len(names)
    assert parsed(given)["Bcc"] is None
    assert parsed(given)["To"] == "mara@customers.example"


@pytest.mark.parametrize(
    "to", ["", "mara", "no-reply@shop.example", "a@b.example, c@d.example", "a@b.example\r\nBcc: x@y.example", "<a@b>"]
)
def test_who_cannot_be_written_to_is_told_before_approval(to: str):
    with pytest.raises(BadInput, match="answer it by hand"):
        freeze(outgoing(to=to))


def test_a_mailbox_that_cannot_be_used_is_told_before_approval():
    with pytest.raises(BadInput, match="connect it again"):
        freeze(replace(outgoing(), account=replace(ACCOUNT, base_url="")))


def test_a_domain_beyond_ascii_is_written_in_its_wire_form():
    assert parsed(outgoing(to="mara@bücher.example"))["To"] == "mara@xn--bcher-kva.example"
