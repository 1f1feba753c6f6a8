"""Looks at posts again by their nodes, 50 in one GraphQL call."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

import msgspec

from channels.github.client import Client
from channels.github.convert import Kind, Thread, Us, said
from channels.github.feeds import GitHubSettings
from channels.github.place import LOT
from channels.github.queries import LOOK
from channels.github.source import client_of
from channels.manifest import Listening
from domain.errors import ChannelError, Refused, Undecodable
from domain.mention import Mention
from domain.ports import Held
from net.decode import int_at, list_at, text_at, value_at


def can(settings: GitHubSettings, has_account: bool) -> bool:
    """Many posts at once are shown by GraphQL only, and that needs a token."""
    return has_account


async def verify(listening: Listening, held: Sequence[Held]) -> dict[str, Mention | None]:
    """As `channels.manifest.Verify`. Gone is what GitHub does not find in a repository that we still see: one that was
    deleted, or is private now, or a token that was cut short, hide their posts in the same words. Without an account
    nothing is told."""
    client = client_of(listening)
    if listening.account is None:
        return {}
    if not client.token:
        # The account may well work where it is: this says nothing about its sign-in.
        raise Refused(f"looking at posts again needs an account on {client.server}, not on another server")
    here = [each for each in held[:LOT] if text_at(each.native, "server") == client.server]
    asked = {node: each for each in here if (node := text_at(each.native, "id"))}
    if not asked:
        return {}
    answer = await client.ask(LOOK, {"ids": list(asked)}, purpose="github look-up")
    nodes = list_at(answer, "data", "nodes")
    if len(nodes) != len(asked):
        raise Undecodable("GitHub answered for other posts than were asked for")
    unfound = {int_at(error, "path", 1) for error in list_at(answer, "errors") if text_at(error, "type") == "NOT_FOUND"}
    missing = [each for at, each in enumerate(asked.values()) if nodes[at] is None and at in unfound]
    found: dict[str, Mention | None] = dict.fromkeys(each.external_id for each in await _still_seen(client, missing))
    for post, each in zip(nodes, asked.values(), strict=True):
        if text_at(post, "id") == text_at(each.native, "id"):
            with suppress(Undecodable):
                found |= _read(post, each, client)
    return found


async def _still_seen(client: Client, missing: Sequence[Held]) -> list[Held]:
    """Those whose repository we see."""
    seen: dict[str, bool] = {}
    for repo in {text_at(each.native, "repo") for each in missing}:
        try:
            seen[repo] = bool(value_at((await client.get(f"/repos/{repo}", purpose="look again")).json(), "full_name"))
        except ChannelError:
            seen[repo] = False
    return [each for each in missing if seen[text_at(each.native, "repo")]]


def _read(node: object, held: Held, client: Client) -> dict[str, Mention | None]:
    """The post, or None where only the place of its replies is kept."""
    kind: Kind = "discussion" if text_at(held.native, "kind") == "discussion" else "issue"
    thread = Thread(text_at(held.native, "repo"), int_at(held.native, "number") or 0, kind)
    post = said(node, thread, Us(client.server))
    if post.mention.external_id != held.external_id:
        return {}
    if post.is_deleted:
        return {held.external_id: None}
    return {held.external_id: msgspec.structs.replace(post.mention, native=held.native, addressed=held.addressed)}
