"""An account's fields: what they mean, and what is told when they mean nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from channels.email.servers import login_of, written
from domain.account import Account
from domain.errors import SignInFailed

SERVERS = "imaps://imap.norda.example smtp://smtp.norda.example:2587"
ACCOUNT = Account(1, "email", "Norda Service <Help@Norda.example>", "", SERVERS, {"secret_password": "pässword"})


def test_ports_and_encryption_follow_from_the_scheme():
    login = login_of(ACCOUNT)
    assert (login.reading.host, login.reading.port, login.reading.starttls) == ("imap.norda.example", 993, False)
    assert (login.sending.host, login.sending.port, login.sending.starttls) == ("smtp.norda.example", 2587, True)
    assert (login.name, login.address, login.handle) == (
        "Norda Service",
        "Help@norda.example",
        "Norda Service <Help@norda.example>",
    )
    assert login.reading.user == login.address
    assert "pässword" not in repr(login)
    assert "\n" not in login_of(replace(ACCOUNT, handle='"A\r\nBcc: x@y.example" <help@norda.example>')).handle


@pytest.mark.parametrize(
    "servers",
    [SERVERS, "imap://n%40x%25y@imap.norda.example smtps://norda@[2001:db8::1]:465 sent=append"],
)
def test_one_spelling_is_stored_and_means_the_same(servers: str):
    login = login_of(replace(ACCOUNT, base_url=servers))
    again = login_of(replace(ACCOUNT, base_url=written(login)))
    assert again == login
    assert written(again) == written(login)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"handle": "Norda"}, "address: write one mail address"),
        ({"secrets": {}}, "password"),
        ({"secrets": {"secret_password": "a\r\nb"}}, "password"),
        ({"base_url": ""}, "for example imaps://imap.example.org smtps://smtp.example.org"),
        ({"base_url": "imaps://imap.norda.example"}, "the one to read from and the one to send by"),
        ({"base_url": SERVERS + " sent=maybe"}, "servers"),
        ({"base_url": "imap.norda.example smtp.norda.example"}, "must begin with imaps:// or imap://"),
        ({"base_url": "https://imap.norda.example smtps://smtp.norda.example"}, "must begin with imaps://"),
        ({"base_url": "smtps://smtp.norda.example imaps://imap.norda.example"}, "must begin with imaps://"),
        ({"base_url": "imaps://imap.norda.example:99999 smtps://smtp.norda.example"}, "is not an address"),
        ({"base_url": "imaps://u:p@imap.norda.example smtps://smtp.norda.example"}, "servers"),
        ({"base_url": "imaps://u%0d%0aX@imap.norda.example smtps://smtp.norda.example"}, "line break"),
        ({"base_url": "imaps://-bad-/x smtps://smtp.norda.example"}, "name a host"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_says_what_to_write(changes: dict[str, object], told: str):
    with pytest.raises(SignInFailed, match=told):
        login_of(replace(ACCOUNT, **changes))  # type: ignore[arg-type]
