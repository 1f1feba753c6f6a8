"""Posts and comments are looked at again: only the instance's own word makes one gone."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from channels.lemmy.source import LemmySettings
from channels.lemmy.verify import verify
from channels.manifest import Listening
from domain.errors import Gone, Refused, SignInFailed, Undecodable, Unreachable
from domain.ports import Held
from tests.channels.lemmy.rig import NEW, OLD, Rig, rigged
from tests.channels.network import Fault
from tests.emulators.lemmy import refused


def listening(rig: Rig, *, account: bool = True) -> Listening:
    settings = LemmySettings(base_url=rig.network.base)
    return Listening(settings, rig.account if account else None, ("norda",), (), rig.door, rig.clock)


async def stored(rig: Rig) -> dict[str, Held]:
    """What is stored of what was heard, by its words."""
    heard, _ = await rig.heard()
    native = [json.loads(json.dumps(m.native)) for m in heard]
    return {
        m.full_text.strip(): Held(m.external_id, m.thread_id, m.url, m.addressed, n)
        for m, n in zip(heard, native, strict=True)
    }


@pytest.mark.parametrize("version", [OLD, NEW])
async def test_both_kinds_are_told_in_both_versions(version: str):
    async with rigged(version) as rig:
        post = rig.instance.post("norda", number=1)
        comments = [rig.instance.comment(f"norda {number}", number=number + 2) for number in range(4)]
        posts = await stored(rig)
        post["name"] = "norda again"
        comments[1]["deleted"] = comments[2]["removed"] = True
        del rig.instance.comments[comments[3]["id"]]
        found = await verify(listening(rig), list(posts.values()))
        read = {words: found[each.external_id] for words, each in posts.items()}
        assert {words: each and each.full_text.strip() for words, each in read.items()} == {
            "norda": "norda again", "norda 0": "norda 0", "norda 1": None, "norda 2": None, "norda 3": None,
        }  # fmt: skip


@pytest.mark.parametrize(("name", "status", "gone"), [
    ("not_found", 404, True), ("couldnt_find_comment", 404, True), ("couldnt_find_comment", 400, True),
    ("unknown", 400, False), ("couldnt_find_person", 400, False),
])  # fmt: skip
async def test_a_comment_is_gone_only_by_name(rig: Rig, name: str, status: int, gone: bool):
    rig.instance.post("A post", number=1)
    rig.instance.comment("norda", number=2)
    held = (await stored(rig))["norda"]
    rig.network.fault = Fault(
        status=status, body=(refused(name).text or "").encode(), path=f"/api/{rig.instance.api}/comment"
    )
    assert await verify(listening(rig), [held]) == ({held.external_id: None} if gone else {})


async def test_an_instance_that_is_gone_reset_or_closed_makes_nothing_gone(rig: Rig):
    rig.instance.post("A post", number=1)
    comment = rig.instance.comment("norda", number=2)
    held = (await stored(rig))["norda"]
    assert await verify(listening(rig), [replace(held, native=held.native | {"server": "far.example"})]) == {}
    comment["ap_id"] = "https://another.example/comment/9"
    comment["deleted"] = True
    assert await verify(listening(rig), [held]) == {}
    rig.network.fault = Fault(status=404, body=(refused("not_found").text or "").encode())
    with pytest.raises(Gone):
        await verify(listening(rig), [held])
    rig.network.fault = Fault(
        status=404, body=b"<h1>parked</h1>", content_type="text/html", path=f"/api/{rig.instance.api}/comment"
    )
    with pytest.raises(Gone):
        await verify(listening(rig), [held])
    rig.network.fault = Fault(body=b"{}")
    with pytest.raises((Undecodable, Unreachable)):
        await verify(listening(rig), [held])
    rig.network.fault = None
    rig.instance.private = True
    with pytest.raises(SignInFailed):
        await verify(listening(rig, account=False), [held])
    elsewhere = replace(rig.account, base_url="https://far.example")
    with pytest.raises(Refused, match="only to members"):
        await verify(replace(listening(rig), account=elsewhere), [held])
    with pytest.raises(Refused, match="no instance"):
        await verify(replace(listening(rig, account=False), settings=LemmySettings()), [held])
