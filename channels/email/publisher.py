"""Sends one approved answer and finds it again by its Message-ID in the folder of sent mails."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from functools import partial

from channels.email.imap import Imap
from channels.email.mailbox import Mailbox
from channels.email.mime import Mail, body, header, read_mail
from channels.email.protocol import quoted
from channels.email.quotes import own_words
from channels.email.servers import Login, login_of
from channels.email.smtp import send
from domain.account import Account
from domain.errors import ChannelError, OutcomeUnknown
from domain.mention import text_hash
from domain.reply import ApprovedReply, PublishedReply
from net.door import Door

WITHIN_S = 28.0
"""A sending has 30 s. What is left of these after the mail was taken may go into keeping a copy."""
_MOST = 10
_HEAD = "BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)]"


@dataclass(frozen=True, slots=True)
class EmailPublisher:
    """One DATA per `publish`."""

    account: Account
    door: Door

    async def publish(self, reply: ApprovedReply) -> PublishedReply:
        """Send the frozen bytes once; then, when the account asks for it, keep a copy in the folder of sent mails."""
        until = asyncio.get_running_loop().time() + WITHIN_S
        login = login_of(self.account)
        recipient = header(read_mail(reply.body), "to")
        evidence = {"said": await send(login, self.door, recipient, reply.body)}
        if login.copies == "append":
            evidence["copy"] = await self._keep_copy(login, reply.body, until)
        return PublishedReply(reply.key, "", evidence)

    async def _keep_copy(self, login: Login, mail: bytes, until: float) -> str:
        """The mail is out: whatever goes wrong here must not look as if it were not."""
        try:
            async with asyncio.timeout_at(until):
                await Imap(login, self.door).run(lambda box: box.keep(box.sent_folder(), mail))
        except TimeoutError:
            return "not kept: no time was left"
        except ChannelError as error:
            return f"not kept: {error}"
        return "kept"

    async def find_published(self, reply: ApprovedReply) -> PublishedReply | None:
        """The reply among the sent mails. Not being there proves something only where the server itself files all that
        it sends; else raises OutcomeUnknown."""
        login = login_of(self.account)
        look = partial(_ours, key=reply.key) if reply.key else partial(_by_hand, reply=reply)
        found = await Imap(login, self.door).run(look)
        if found:
            return PublishedReply(found[0], "", {"copies": len(found)})
        if reply.key and login.copies != "server":
            raise OutcomeUnknown("not among the sent mails, but this server is not known to file there what it sends")
        return None


def _ours(box: Mailbox, key: str) -> list[str]:
    """The mails with exactly this Message-ID: a search finds parts of ids, too."""
    return [each for each in map(_named, _sent(box, "Message-ID", key, _HEAD)) if each == key]


def _by_hand(box: Mailbox, reply: ApprovedReply) -> list[str]:
    """What a person sent with another program: an answer to the same mail, in the same words."""
    answered = str(reply.parent.native.get("message_id") or "")
    found = _sent(box, "In-Reply-To", answered) if answered else []
    return [_named(each) for each in found if _says(each, reply.text)]


def _sent(box: Mailbox, field: str, value: str, *part: str) -> list[Mail]:
    box.look_into(box.sent_folder())
    letters = [box.take(uid, *part) for uid in box.find("HEADER", field, quoted(value))[-_MOST:]]
    return [read_mail(each.raw) for each in letters if each]


def _named(mail: Mail) -> str:
    return header(mail, "message-id").strip("<>")


def _says(mail: Mail, text: str) -> bool:
    return text_hash(own_words(body(mail, answers=True).text, answers=True)) == text_hash(text)
