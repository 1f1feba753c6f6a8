"""What a source of GitHub listens to: its settings, and the lists that are read for them. Pure."""

from __future__ import annotations

from typing import Literal

from channels.github.client import Client
from channels.github.convert import repo_name
from channels.github.place import Feed
from channels.manifest import Listening, SourceSettings
from domain.errors import Refused, SignInFailed

SEARCH_OVERLAP_S = 600
"""The search index fills in late."""


class GitHubSettings(SourceSettings, frozen=True, kw_only=True):
    """`kind` "repository" hears all issues, pull requests, discussions and their comments in `repository`; `ours` says
    that whatever is said there is for us. "search" looks for `query`, or for the topics' phrases, everywhere;
    "mentions" for posts that name our account. `base_url` is the server to ask, by default our account's."""

    kind: Literal["repository", "search", "mentions"] = "search"
    repository: str = ""
    ours: bool = False
    query: str = ""
    base_url: str = ""


def feeds_of(listening: Listening, client: Client) -> tuple[Feed, ...]:
    """The lists to read. Raises Refused for settings that name nothing, SignInFailed where an account is needed."""
    settings: GitHubSettings = listening.settings
    if settings.kind == "repository":
        return _repository(settings.repository, signed_in=bool(client.token))
    if not client.token and listening.account is not None:
        # The account may well work where it is: this says nothing about its sign-in.
        raise Refused(f"{settings.kind} needs an account on {client.server}, not on another server")
    if not client.token:
        raise SignInFailed(f"{settings.kind} on GitHub needs an account: add one with a token")
    return tuple(
        Feed(f"{about} {query}", "search", query, about, SEARCH_OVERLAP_S)
        for query in _queries(listening, settings)
        for about in ("ISSUE", "DISCUSSION")
    )


def _repository(name: str, *, signed_in: bool) -> tuple[Feed, ...]:
    repo = repo_name(name)
    if not repo:
        raise Refused(f"{name!r} is no repository: write owner/name")
    lists = (Feed("issues", "issues", repo), Feed("comments", "comments", repo))
    # Discussions are there by GraphQL only, and that needs an account.
    talks = Feed("discussions", "search", f"repo:{repo}", "DISCUSSION", SEARCH_OVERLAP_S)
    return (*lists, talks) if signed_in else lists


def _queries(listening: Listening, settings: GitHubSettings) -> tuple[str, ...]:
    if settings.kind == "mentions":
        return (f"mentions:{listening.account.handle}",) if listening.account else ()
    words = (settings.query,) if settings.query else listening.terms
    return tuple('"' + each.replace('"', " ") + '" in:title,body,comments' for each in words)
