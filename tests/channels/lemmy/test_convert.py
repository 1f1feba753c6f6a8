"""What a post or comment of Lemmy becomes, in both versions of its API."""

from __future__ import annotations

from typing import Any, Literal

import pytest

from channels.lemmy.convert import Site, answered_id, calls, is_withdrawn, to_mention
from domain.account import Account
from domain.errors import Undecodable
from tests.emulators.lemmy import FIRST, OWN, Instance

BASE = "https://home.example"
ACCOUNT = Account(1, "lemmy", f"{OWN}@home.example", f"https://home.example/u/{OWN}", BASE)
LANGUAGES = {"37": "en", "181": "hr"}
APIS: list[Literal["v3", "v4"]] = ["v3", "v4"]


@pytest.mark.parametrize("api", APIS)
def test_a_comment_is_the_same_mention_in_both_versions(api: Literal["v3", "v4"]):
    instance = Instance()
    instance.post("Trains", "Which one?")
    instance.comment("the first", number=2)
    row = instance.comment(
        "norda is *late*", "mara@far.example", number=3, answers=2, language_id=181,
        updated_at="2026-11-20T13:00:00.000000Z",
    )  # fmt: skip
    mention = to_mention(
        instance.view(row, api), Site(BASE, ACCOUNT, api, languages=LANGUAGES), addresses={FIRST + 2: "https://x/2"}
    )
    assert mention.external_id == "https://town.example/comment/5003"
    assert (mention.thread_id, mention.parent_id) == ("https://town.example/post/5001", "https://x/2")
    assert mention.full_text == "norda is *late*"
    assert (mention.author_id, mention.author_handle) == ("https://far.example/u/mara", "mara@far.example")
    assert (mention.author_name, mention.lang_tag) == ("Mara", "hr")
    assert mention.edited_at is not None
    assert mention.url == "https://home.example/comment/5003", "where our account can answer it"
    assert mention.native == {
        "id": 5003, "post_id": 5001, "is_comment": True, "server": "home.example", "api": api, "answerable": True,
        "locked": False, "link": "",
    }  # fmt: skip


@pytest.mark.parametrize("api", APIS)
def test_a_post_speaks_under_its_title_and_is_its_own_thread(api: Literal["v3", "v4"]):
    instance = Instance()
    row = instance.post("Norda is late", "", "robot", creator=instance.person("robot", bot_account=True), locked=True,
                        url="https://norda.example/map")  # fmt: skip
    mention = to_mention(instance.view(row, api), Site("https://else.example", ACCOUNT, api))
    assert (mention.full_text, mention.thread_id, mention.parent_id) == ("Norda is late\n", row["ap_id"], None)
    assert mention.author_is_bot
    assert (mention.native["locked"], mention.native["link"]) == (True, "https://norda.example/map")
    assert mention.url == row["ap_id"], "we have no account there"
    assert mention.native["answerable"] is False
    answer = to_mention(instance.view(instance.comment("hm", number=2), api), Site(BASE, ACCOUNT, api))
    assert (answer.title, answer.parent_id) == ("", row["ap_id"])


@pytest.mark.parametrize(
    ("path", "answered"), [("0.5", None), ("0.5.6", 5), ("0.5.6.7", 6), ("", None), ("0.x.7", None)]
)
def test_what_a_comment_answers_stands_in_its_path(path: str, answered: int | None):
    assert answered_id({"path": path}) == answered


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("hi @norda@home.example.", True),
        ("hi [@Norda@Home.example](https://home.example/u/norda)", True),
        ("hi @norda@home.example.org and @norda and x@norda@home.example", False),
    ],
)
def test_who_writes_our_full_name_addresses_us(text: str, named: bool):
    assert calls(text, "norda@home.example") is named
    assert calls(text, "") is False


def test_deleted_and_removed_are_withdrawn():
    instance = Instance()
    post, comment = instance.post("x"), instance.comment("y", number=2)
    for row in (post, comment):
        assert not is_withdrawn(instance.view(row, "v4"))
        for flag in ("deleted", "removed"):
            assert is_withdrawn(instance.view(row | {flag: True}, "v3"))


@pytest.mark.parametrize(
    "change",
    [{"id": None}, {"ap_id": "javascript:alert(1)"}, {"ap_id": None}, {"published_at": "soon"}, {"content": None},
     {"creator": {}}],
)  # fmt: skip
def test_unreadable_comment_says_so(change: dict[str, Any]):
    instance = Instance()
    instance.post("x")
    view = instance.view(instance.comment("y", number=2) | change, "v4")
    with pytest.raises(Undecodable):
        to_mention(view, Site(BASE))
