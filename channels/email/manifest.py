"""The facts of e-mail."""

from __future__ import annotations

from dataclasses import replace

from channels.email.convert import CHANNEL
from channels.email.freeze import freeze
from channels.email.imap import Imap
from channels.email.publisher import EmailPublisher
from channels.email.servers import login_of, written
from channels.email.smtp import try_sending
from channels.email.source import WINDOW_S, EmailSettings, EmailSource
from channels.manifest import Answering, Manifest, otherwise
from domain.account import Account
from net.door import Door


async def try_account(account: Account, door: Door) -> Account:
    """Sign in to both servers; the account completed with our address. Raises SignInFailed, Unreachable, Refused."""
    login = login_of(account)
    await Imap(login, door).run(lambda box: box.look_into("INBOX"))
    await try_sending(login, door)
    return replace(account, handle=login.handle, external_id=login.address.casefold(), base_url=written(login))


ANSWERS = (
    Answering(
        "no account",
        lambda it: not it.has_account,
        "manual",
        "no working mailbox: answer from your mail program",
        "e-mail: sending needs a mailbox",
    ),
    Answering(
        "a no-reply address",
        lambda it: bool(it.native.get("no_reply")),
        "manual",
        "the address says that nobody reads there: if the text names another one, write to it by hand",
        "a custom of e-mail",
    ),
    Answering(
        "no usable address",
        lambda it: not it.native.get("to"),
        "manual",
        "the mail names no address that an answer could be sent to: see in the text whom to write to",
        "e-mail: an answer needs an address",
    ),
    Answering(
        "otherwise",
        otherwise,
        "api",
        "the person wrote to us; the answer leaves once from our mailbox, to their address, in the same thread",
        "e-mail",
    ),
)

MANIFEST = Manifest(
    name=CHANNEL,
    title="E-mail",
    settings=EmailSettings,
    setting_labels={
        "folder": "Folder to read",
        "own_list": "List-Id of a mailing list through which customers write to you, if there is one",
    },
    source=EmailSource,
    account_fields=(
        ("base_url", "Servers to read and to send, for example imaps://imap.example.org smtps://smtp.example.org"),
        ("handle", "Address, for example Norda Service <help@example.org>"),
        ("secret_password", "Password (often one of its own for programs)"),
    ),
    try_account=try_account,
    min_interval_s=30.0,
    interval_s=60.0,
    silence_after_s=3 * 86_400.0,
    sweep_interval_s=6 * 3600.0,
    sweep_window_s=WINDOW_S,
    private=True,
    mail_to=lambda native: "" if native.get("no_reply") else str(native.get("to") or ""),
    answers=ANSWERS,
    freeze=freeze,
    publisher=EmailPublisher,
    proof="read_back",
    settle_s=60.0,
)
