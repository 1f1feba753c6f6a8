"""What a GraphQL search gives: conversations, each with its newest comments. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from channels.github.convert import Kind, Thread, comment_name, repo_name
from domain.errors import Undecodable
from net.decode import bool_at, dict_at, int_at, list_at, text_at, time_at


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a search found: a conversation and its posts. Only the newest comments come along with it: all since `all_s`
    (epoch seconds) did."""

    thread: Thread
    items: tuple[tuple[object, Thread], ...]
    all_s: int


def ticket(node: object) -> Ticket | None:
    """A search result of GraphQL; None for one that is out of reach. Raises Undecodable."""
    if node is None:
        return None
    repo, number = text_at(node, "repository", "nameWithOwner"), int_at(node, "number")
    if not repo_name(repo) or number is None:
        raise Undecodable("a search result without repository or number")
    kind: Kind = "discussion" if text_at(node, "__typename") == "Discussion" else "issue"
    thread = Thread(repo, number, kind, bool_at(node, "locked"), text_at(node, "id"))
    lists = [dict_at(node, "comments"), *(dict_at(each, "replies") for each in list_at(node, "comments", "nodes"))]
    return Ticket(thread, ((node, thread), *_comments(node, thread)), max(map(_all_since, lists)))


def _all_since(comments: object) -> int:
    """Since when a list of the newest comments is complete: always, where it holds as many as there are."""
    nodes = list_at(comments, "nodes")
    if (int_at(comments, "totalCount") or 0) <= len(nodes):
        return 0
    return min((int(at.timestamp()) for each in nodes if (at := time_at(each, "createdAt"))), default=0)


def _comments(node: object, thread: Thread) -> Iterator[tuple[object, Thread]]:
    """Comments with where they stand. On discussions they have answers of their own, one level deep."""
    for comment in list_at(node, "comments", "nodes"):
        below = replace(thread, top=text_at(comment, "id")) if thread.kind == "discussion" else thread
        yield comment, below
        answers = replace(below, parent=comment_name(comment, thread.kind))
        for reply in list_at(comment, "replies", "nodes"):
            yield reply, answers
