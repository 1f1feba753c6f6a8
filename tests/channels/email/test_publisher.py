"""An answer leaves once, and what the post office says decides what came of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from channels.email.freeze import freeze
from domain.errors import ChannelError, Gone, OutcomeUnknown, RateLimited, Refused, SignInFailed, Unreachable
from domain.reply import ApprovedReply, Outgoing, Parent
from tests.channels.email.conftest import Town
from tests.channels.email.letters import letter
from tests.channels.network import NOON
from tests.emulators.post_office import open_post_office
from tests.peers.dovecot import PASSWORD, certificate

TEXT = "Hello Mara, the seat is being dried."


def approved(town: Town, text: str = TEXT, **native: Any) -> ApprovedReply:
    facts = {"to": "mara@customers.example", "subject": "Wet seat", "message_id": "one@customers.example"} | native
    parent = Parent("one@customers.example", "one@customers.example mara", "", "mara", "mara", facts)
    frozen = freeze(Outgoing(text, "en", parent, town.account, NOON, 7001))
    return ApprovedReply(
        reply_id=7001, approval_id=1, channel="email", account=town.account, parent=parent, text=text,
        body=frozen.body, key=frozen.key, approved_at=NOON,
    )  # fmt: skip


async def test_exactly_the_approved_bytes_leave_for_exactly_one_address(town: Town):
    reply = approved(town, "One.\n.\n..two\nFrom here")
    sent = await town.publisher.publish(reply)
    assert (town.office.contents, town.office.recipients) == (1, ["mara@customers.example"])
    assert town.office.taken[0].rstrip() == reply.body.rstrip()
    assert sent.external_id == reply.key
    assert sent.evidence == {"said": "250 2.0.0 taken"}
    assert town.office.users == [town.user]


CERTAIN = [
    ({"sign_in": "535 5.7.8 no"}, SignInFailed, 0),
    ({"sign_in": "454 4.7.0 later"}, Unreachable, 0),
    ({"sender": "550 5.1.0 not yours"}, Refused, 0),
    ({"sender": "452 4.3.1 full"}, RateLimited, 0),
    ({"recipient": "550 5.1.1 nobody here"}, Refused, 0),
    ({"recipient": "450 4.2.0 greylisted"}, RateLimited, 0),
    ({"recipient": "421 4.3.2 closing"}, RateLimited, 0),
    ({"recipient": "<html>"}, Unreachable, 0),
    ({"content": "554 5.7.1 looks like advertising"}, Refused, 1),
    ({"content": "451 4.3.0 later"}, RateLimited, 1),
    ({"content": "421 4.3.2 closing"}, RateLimited, 1),
]


@pytest.mark.parametrize(("trouble", "error", "contents"), CERTAIN)
async def test_a_clear_no_is_certain_at_every_step(
    town: Town, trouble: dict[str, str], error: type[ChannelError], contents: int
):
    town.misbehave(**trouble)
    with pytest.raises(error) as caught:
        await town.publisher.publish(approved(town))
    assert type(caught.value) is error
    assert (town.office.taken, town.office.contents) == ([], contents)
    assert "seat" not in str(caught.value), "no words of the mail in an error"


DOUBTS: list[dict[str, Any]] = [{"drop": True}, {"content": "<html>"}, {"content": "999 x"}, {"content": "354 go on"}]


@pytest.mark.parametrize("trouble", DOUBTS, ids=str)
@pytest.mark.parametrize("applied", [True, False])
async def test_everything_else_after_the_last_dot_is_doubtful_and_read_back(
    town: Town, trouble: dict[str, Any], applied: bool
):
    reply = approved(town)
    town.misbehave(**trouble, applied=applied)
    with pytest.raises(OutcomeUnknown):
        await town.publisher.publish(reply)
    assert town.office.contents == 1
    found = await town.publisher.find_published(reply)
    assert (found is not None) == applied
    if found:
        assert (found.external_id, found.evidence) == (reply.key, {"copies": 1})


async def test_a_server_that_takes_too_long_over_a_mail_leaves_a_doubt(town: Town, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("channels.email.smtp.DATA_S", 0.2)
    town.misbehave(stall_s=0.6, applied=True)
    with pytest.raises(OutcomeUnknown, match="no answer to the mail"):
        await town.publisher.publish(approved(town))


async def test_nobody_there_is_certain(town: Town):
    await town.office.close()
    with pytest.raises(Unreachable, match="cannot connect"):
        await town.publisher.publish(approved(town))


async def test_an_untrusted_certificate_is_certain(town: Town, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("SSL_CERT_FILE")
    with pytest.raises(Unreachable, match="certificate is not trusted"):
        await town.publisher.publish(approved(town))
    assert town.office.users == []


@pytest.mark.parametrize("offers", [True, False])
async def test_encryption_may_begin_later_but_never_not_at_all(town: Town, offers: bool):
    made = certificate()
    office = open_post_office(PASSWORD, made.certificate, made.key, starttls=True)
    if not offers:
        assert office.controller is not None
        office.controller.SMTP_kwargs |= {"tls_context": None, "require_starttls": False, "auth_require_tls": False}
    servers = f"{town.account.base_url.split()[0]} smtp://127.0.0.1:{office.port} sent=server"
    there = town.having(base_url=servers)
    try:
        if offers:
            await there.publisher.publish(approved(there))
        else:
            with pytest.raises(SignInFailed, match="STARTTLS"):
                await there.publisher.publish(approved(there))
        assert (len(office.taken), bool(office.users)) == (int(offers), offers)
    finally:
        await office.close()


@pytest.mark.parametrize("copies", ["", "sent=append"])
async def test_a_server_that_files_nothing_proves_nothing_by_silence(town: Town, copies: str):
    there, reply = town.sending(copies), approved(town)
    with pytest.raises(OutcomeUnknown, match="not known to file"):
        await there.publisher.find_published(reply)
    await there.publisher.publish(reply)
    assert await there.publisher.find_published(reply) is not None  # but a copy that is there proves the sending


async def test_a_copy_is_kept_when_the_account_asks_for_it(town: Town):
    town.office.on_taken = lambda mail: None  # this server files nothing itself
    there, reply = town.sending("sent=append"), approved(town)
    sent = await there.publisher.publish(reply)
    assert sent.evidence["copy"] == "kept"
    found = await there.publisher.find_published(reply)
    assert found is not None
    assert found.evidence["copies"] == 1
    await town.sending("").publisher.publish(approved(town, "Another."))
    with pytest.raises(OutcomeUnknown):
        await town.sending("").publisher.find_published(approved(town, "Another."))


async def test_a_copy_that_cannot_be_kept_does_not_undo_the_sending(town: Town):
    wrong = town.account.base_url.replace(str(town.dovecot.port), "1").replace("sent=server", "sent=append")
    there = town.having(base_url=wrong)
    sent = await there.publisher.publish(approved(there))
    assert sent.external_id
    assert sent.evidence["copy"].startswith("not kept: 127.0.0.1: cannot connect")


async def test_only_the_whole_id_counts(town: Town):
    reply = approved(town)
    town.deliver(letter(Message_ID=f"<x{reply.key}>"), folder="Sent")
    town.deliver(letter(Message_ID=f"<{reply.key}.example>"), folder="Sent")
    assert await town.publisher.find_published(reply) is None


async def test_what_a_person_sent_with_another_program_is_found_by_its_words(town: Town):
    by_hand = replace(approved(town), key="", body=TEXT.encode())
    assert await town.publisher.find_published(by_hand) is None
    said = f"{TEXT}\r\n\r\n-- \r\nNorda\r\n\r\nOn 20/11/2026 Mara wrote:\r\n> wet\r\n"
    town.deliver(
        letter("Something else.", Message_ID="<h1@n.example>", In_Reply_To="<one@customers.example>"), folder="Sent"
    )
    town.deliver(letter(said, Message_ID="<h2@n.example>", In_Reply_To="<one@customers.example>"), folder="Sent")
    found = await town.publisher.find_published(by_hand)
    assert found is not None
    assert found.external_id == "h2@n.example"


async def test_without_a_sent_folder_a_look_says_so(town: Town, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("channels.email.mailbox.Mailbox.list", lambda box: ("OK", [b'(\\Noselect) "." INBOX', None]))
    with pytest.raises(Gone, match="names no folder of sent mails"):
        await town.publisher.find_published(approved(town))
