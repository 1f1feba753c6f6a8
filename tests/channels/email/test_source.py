"""A mailbox on Dovecot, read page by page: nothing is lost, nothing is read twice, nothing is touched."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from channels.email.manifest import try_account
from channels.email.source import PAGE, EmailSettings, EmailSource
from channels.manifest import Listening
from domain.errors import Gone, SignInFailed, Unreachable
from domain.ports import Cursor
from tests.channels.email.conftest import Town
from tests.channels.email.letters import letter
from tests.channels.network import NOON, Post
from tests.channels.subjects.email import mail
from tests.peers.dovecot import PASSWORD
from tests.peers.servers import listening_addresses


async def names(town: Town, cursor: Cursor | None = None) -> tuple[list[str], Cursor | None]:
    """Numbers of the mails of one poll, page by page."""
    found: list[str] = []
    while True:
        page = await town.fetch(cursor)
        found += [mention.external_id.partition("@")[0] for mention in page.mentions]
        cursor = page.cursor
        if not page.more:
            return found, cursor


async def test_a_full_mailbox_comes_in_pages_and_each_mail_once(town: Town):
    for number in range(1, 2 * PAGE + 8):
        town.write(number)
    first = await town.fetch()
    assert len(first.mentions) == first.seen == PAGE
    assert first.more
    found, cursor = await names(town)
    assert found == [str(number) for number in range(1, 2 * PAGE + 8)]
    assert await names(town, cursor) == ([], cursor), "UID n:* gives the last mail again"
    town.write(99)
    assert (await names(town, cursor))[0] == ["99"]


async def test_new_numbers_lead_to_a_full_reading(town: Town):
    for number in range(1, 4):
        town.write(number)
    _, cursor = await names(town)
    town.dovecot.renumber(town.user)
    town.write(4)
    assert cursor is not None
    page = await town.fetch(cursor)
    assert page.cursor is not None
    assert page.cursor["validity"] != cursor["validity"]
    assert [mention.external_id[0] for mention in page.mentions] == ["1", "2", "3", "4"]
    assert await names(town, page.cursor) == ([], page.cursor)


async def test_what_cannot_be_read_is_set_aside_in_the_same_words_after_new_numbers(town: Town):
    town.deliver(mail(Post(1, "nobody wrote this", broken=True)))
    before = await town.fetch()
    town.dovecot.renumber(town.user)
    assert len(before.unreadable) == 1
    assert (await town.fetch()).unreadable == before.unreadable


async def test_old_mail_is_not_read_not_even_after_new_numbers(town: Town):
    town.deliver(letter(Message_ID="<old@c.example>"), minutes=-60 * 24 * 5)
    town.write(1)
    found, cursor = await names(town)
    assert found == ["1"]
    town.dovecot.renumber(town.user)
    assert (await names(town, cursor))[0] == ["1"]


async def test_a_mail_moved_in_later_is_heard_though_it_is_older(town: Town):
    town.write(2)
    _, cursor = await names(town)
    town.write(1)
    assert (await names(town, cursor))[0] == ["1"]


async def test_the_moment_is_when_the_server_took_it(town: Town):
    town.deliver(letter(Date="Fri, 20 Nov 2037 12:00:00 +0000"), minutes=7)
    (mention,) = (await town.fetch()).mentions
    assert mention.posted_at == NOON + timedelta(minutes=7)


async def test_nothing_is_marked_as_read(town: Town):
    town.write(1)
    await town.fetch()
    assert await town.imap.run(lambda box: (box.look_into("INBOX"), box.find("UNSEEN"))[1]) == [1]


async def test_ours_and_machines_move_the_cursor_and_are_no_mentions(town: Town):
    town.deliver(letter(From=town.account.handle))
    town.deliver(letter(Auto_Submitted="auto-replied"))
    page = await town.fetch()
    assert (page.mentions, page.seen, page.more) == ((), 2, False)
    assert page.cursor is not None
    assert page.cursor["uid"] == 2


async def test_another_folder_in_any_script(town: Town):
    # as Dovecot keeps "Beschwerden & Größe" on disk
    town.write(1, folder="Beschwerden &- Gr&APYA3w-e")
    page = await town.fetch(folder="Beschwerden & Größe")
    assert [mention.external_id[0] for mention in page.mentions] == ["1"]


@pytest.mark.parametrize("folder", ["Nowhere", 'x"\r\nA9 DELETE INBOX', "INBOX\r\nA9 LOGOUT", ""])
async def test_a_folder_that_is_not_there_is_told_and_harms_nothing(town: Town, folder: str):
    town.write(1)
    with pytest.raises((Gone, Unreachable)):
        await town.fetch(folder=folder)
    assert len((await town.fetch()).mentions) == 1


@pytest.mark.parametrize("cursor", [{}, {"uid": "x"}, {"validity": -1, "uid": -5, "since": "never"}, {"since": 7}])
async def test_an_odd_cursor_starts_anew(town: Town, cursor: Cursor):
    town.write(1)
    assert (await names(town, cursor))[0] == ["1"]


async def test_encryption_can_begin_later_and_is_never_left_out(town: Town):
    servers = town.account.base_url.replace("imaps", "imap").replace(
        str(town.dovecot.port), str(town.dovecot.starttls_port)
    )
    town.write(1)
    assert len((await town.having(base_url=servers).fetch()).mentions) == 1


async def test_an_untrusted_certificate_is_no_partner(town: Town, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("SSL_CERT_FILE")
    with pytest.raises(Unreachable, match="certificate is not trusted"):
        await town.fetch()
    with pytest.raises(Unreachable, match="certificate is not trusted"):
        await try_account(replace(town.account, base_url=town.account.base_url), town.door)


async def test_a_wrong_password_stops_the_account(town: Town):
    with pytest.raises(SignInFailed, match="AUTHENTICATIONFAILED"):
        await town.having(secrets={"secret_password": "wrong"}).fetch()


def test_the_counterpart_listens_on_this_machine_only(town: Town):
    assert listening_addresses(town.dovecot.process.pid) == {"0100007F"}


async def test_without_an_account_it_says_what_to_do(town: Town):
    listening = Listening(EmailSettings(), None, (), (), town.door)
    with pytest.raises(SignInFailed, match="a mailbox needs an account"):
        await EmailSource(listening).fetch(None)


async def test_an_account_is_tried_on_both_servers(town: Town):
    given = replace(town.account, external_id="", handle=f"Norda Service <{town.user.upper()}>")
    tried = await try_account(given, town.door)
    assert tried.external_id == town.user
    assert town.office.sessions == 1
    assert town.office.contents == 0
    with pytest.raises(SignInFailed, match="AUTHENTICATIONFAILED"):
        await try_account(replace(given, secrets={"secret_password": PASSWORD + "x"}), town.door)
    town.misbehave(sign_in="535 5.7.8 no")
    with pytest.raises(SignInFailed, match=r"does not accept the password \(535 5\.7\.8 no\)"):
        await try_account(given, town.door)
