"""A page decoded straight into its fields reads as one that was read field by field."""

from __future__ import annotations

import json
from typing import Any

import pytest

from channels.mastodon.convert import to_mention
from channels.mastodon.status import Status, read_page
from domain.account import Account
from domain.errors import Undecodable
from tests.emulators.mastodon import MastodonServer

US = Account(id=1, channel="mastodon", handle="norda", external_id="77", base_url="https://social.example")


def status(**changed: Any) -> dict[str, Any]:
    made = MastodonServer().post("Norda is late & cold", "mara", number=3, language="en")
    return {key: value for key, value in made.items() if not key.startswith("_")} | changed


CHANGES: list[dict[str, Any]] = [
    {},
    {"edited_at": "2026-03-02T10:00:00.123Z", "created_at": "2026-03-02T10:00:00+02:00"},
    {"mentions": [{"id": "77"}, {"id": None}], "in_reply_to_account_id": "12"},
    {"in_reply_to_account_id": "77", "in_reply_to_id": "5"},
    {"reblog": status(content="<p>boosted</p>", uri="https://b.example/1")},
    {"reblogs_count": -3, "url": None, "uri": None, "spoiler_text": " a title "},
    {"language": None, "mentions": None, "visibility": None, "unknown": [[[[{}]]]]},
    {"account": {"acct": "mara@b.example", "note": "<p>#<span>nobot</span> please</p>", "followers_count": 2**40}},
    {"account": {"acct": "mara", "note": "no&#98;ot", "bot": True}},
]


@pytest.mark.parametrize("changed", CHANGES)
@pytest.mark.parametrize("account", [None, US])
def test_both_ways_read_the_same(changed: dict[str, Any], account: Account | None):
    plain = status(**changed)
    typed = read_page(json.dumps([plain]).encode())
    assert isinstance(typed, list)
    assert isinstance(typed[0], Status)
    assert to_mention(typed[0], server="social.example", account=account) == to_mention(
        plain, server="social.example", account=account
    )


@pytest.mark.parametrize("odd", [{"id": 5}, {"content": ["x"]}, {"account": None}, {"created_at": True}, {"id": ""}])
def test_an_odd_item_does_not_take_its_page_with_it(odd: dict[str, Any]):
    page = read_page(json.dumps([status(), status(**odd)]).encode())
    assert isinstance(page, list)
    assert to_mention(page[0], server="social.example").text == "Norda is late & cold"
    with pytest.raises(Undecodable):
        to_mention(page[1], server="social.example")


@pytest.mark.parametrize("text", ["a\x00b", "a\rb", "lone \ud800 half"])
def test_what_must_be_mended_is_mended(text: str):
    page = read_page(json.dumps([status(content=f"<p>{text}</p>")]).encode())
    assert isinstance(page, list)
    to_mention(page[0], server="social.example").text.encode()
    assert "\x00" not in to_mention(page[0], server="social.example").text
