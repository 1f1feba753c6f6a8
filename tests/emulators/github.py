"""A GitHub Enterprise server as far as the channel uses it, with its own books.

Written from GitHub's REST description and GraphQL schema, not from our client. `violations` lists requests that they
forbid, `exchanges` every call for a check against both. Its GraphQL knows the four operations by name and answers in
full; whether a document is valid and gets just that answer is checked where GitHub's schema is at hand.
"""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import web

from tests.emulators.late import Late

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
TOKEN, LOGIN, OWN_ID = "token-of-brand", "norda-desk", 9001
REPO = "norda/app"
Item = dict[str, Any]
Handler = Callable[[web.Request], Awaitable[web.Response]]

PARAMS = {
    "issues": {"state", "sort", "direction", "since", "per_page", "page"},
    "comments": {"sort", "direction", "since", "per_page", "page"},
    "issue_comments": {"since", "per_page", "page"},
}
ENUMS = {"state": ("open", "closed", "all"), "sort": ("created", "updated", "comments"), "direction": ("asc", "desc")}
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def stamp(moment: datetime) -> str:
    """As GitHub writes times."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def user(login: str, host: str = "https://github.example") -> Item:
    """A person, or a bot, as REST gives it. Nobody where the account is gone."""
    api = f"{host}/api/v3/users/{login}"
    own_id = OWN_ID if login == LOGIN else sum(map(ord, login))
    names = ("followers", "subscriptions", "organizations", "repos", "received_events")
    more = {f"{name}_url": f"{api}/{name}" for name in names}
    return {
        "login": login, "id": own_id, "node_id": f"U_{own_id}", "avatar_url": f"{host}/face.png", "gravatar_id": "",
        "url": api, "html_url": f"{host}/{login}", "type": "Bot" if login.endswith("[bot]") else "User",
        "site_admin": False, "following_url": f"{api}/following{{/other_user}}",
        "gists_url": f"{api}/gists{{/gist_id}}",
        "starred_url": f"{api}/starred{{/owner}}{{/repo}}", "events_url": f"{api}/events{{/privacy}}",
    } | more  # fmt: skip


@dataclass
class GitHubServer(Late):
    """`posts` are issues, comments, discussions and their comments, in order of writing."""

    page_size: int = 100
    posts: list[Item] = field(default_factory=list)
    received: list[Item] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    exchanges: list[tuple[str, str, list[tuple[str, str]], Any, int, Any]] = field(default_factory=list)
    gone_repos: set[str] = field(default_factory=set)
    renamed: dict[str, str] = field(default_factory=dict)
    archived: bool = False
    remaining: int = 4999
    token_ends: str = ""
    credentials: list[str] = field(default_factory=list)
    """What each request gave as its Authorization."""
    read_lag: int = 0
    """How many readings of comments still lack our newest one."""
    graph_errors: list[Item] = field(default_factory=list)
    graph_applies: bool = True
    hidden: set[str] = field(default_factory=set)
    """Nodes that a token may no longer see."""

    # --- what people do ---

    def issue(self, title: str, body: str | None = "", author: str = "mara", *, repo: str = REPO, **more: Any) -> Item:
        """Open an issue, or with `pull` a pull request."""
        return self._write("issue", author, repo, title=title, body=body, locked=False, **more)

    def discussion(self, title: str, body: str = "", author: str = "mara", *, repo: str = REPO, **more: Any) -> Item:
        """Open a discussion."""
        return self._write("discussion", author, repo, title=title, body=body, locked=False, **more)

    def comment(self, on: Item, body: str, author: str = "mara", *, under: Item | None = None, **more: Any) -> Item:
        """Comment on an issue or a discussion; `under` is the discussion's comment it answers."""
        place = {"on": on, "under": under, "number": on["number"]}
        comment = self._write("comment", author, on["repo"], body=body, **place, **more)
        on["changed"] = max(on["changed"], comment["at"])
        return comment

    def _write(self, kind: str, author: str, repo: str, **facts: Any) -> Item:
        serial = len(self.posts) + 1
        at = NOON + timedelta(minutes=facts.pop("minute", serial))
        number = facts.pop("number", None) or 1 + sum(post["kind"] != "comment" for post in self.posts)
        post: Item = {
            "kind": kind, "author": author, "repo": repo, "at": at, "changed": at, "edited": None, "deleted": False,
            "id": 3_000_000_000 + serial, "node": f"{kind[0].upper()}_{serial}", "number": number, "dated": True,
            "naive": False,
        } | facts  # fmt: skip
        self.posts.append(post)
        return post

    def edit(self, post: Item, body: str, at: datetime | None = None) -> None:
        """Its author changes the words."""
        moment = at or post["at"] + timedelta(minutes=30)
        post.update(body=body, changed=moment, edited=moment)

    def remove(self, post: Item) -> None:
        """Its author removes it. A discussion's comment with answers stays as their place, without its words."""
        if any(each.get("under") is post for each in self.posts):
            post.update(deleted=True, body="", changed=post["at"] + timedelta(minutes=30))
        else:
            self.posts = [each for each in self.posts if each is not post and each.get("on") is not post]

    def own_texts(self) -> list[str]:
        """What stands there under our name, as people see it."""
        return [re.sub(r"\s*<!--.*?-->", "", post["body"]) for post in self.posts if post["author"] == LOGIN]

    def refresh(self) -> None:
        """Called before each answer; a test may replace it to change what is served."""

    # --- REST ---

    def routes(self) -> list[web.RouteDef]:
        """All addresses the connector uses."""
        repo = "/api/v3/repos/{owner}/{name}/issues"
        return [
            web.get("/api/v3/user", self._noted("user", self._user)),
            web.get("/api/v3/repos/{owner}/{name}", self._noted("repository", self._repository)),
            web.get(repo, self._noted("issues", self._issues)),
            web.get(repo + "/comments", self._noted("comments", self._comments)),
            web.get(repo + "/{number}/comments", self._noted("issue_comments", self._issue_comments)),
            web.post(repo + "/{number}/comments", self._noted("create_comment", self._create)),
            web.post("/api/graphql", self._noted("graphql", self._graphql)),
        ]

    def _noted(self, name: str, handler: Handler) -> Handler:
        async def note(request: web.Request) -> web.Response:
            self.refresh()
            raw = await request.read()
            self.credentials.append(request.headers.get("Authorization", ""))
            answer = self._stopped(request) or await handler(request)
            answer.headers["x-ratelimit-remaining"] = str(self.remaining)
            answer.headers["x-ratelimit-reset"] = str(int(NOON.timestamp()) + 7200)
            given = json.loads(raw) if raw else None
            body = json.loads(answer.body) if isinstance(answer.body, bytes) else None
            self.exchanges.append((name, request.path, list(request.query.items()), given, answer.status, body))
            self._check(name, request)
            return answer

        return note

    def _check(self, name: str, request: web.Request) -> None:
        """What GitHub's description forbids."""
        asked = dict(request.query)
        self.violations += [f"{name}: unknown {each}" for each in set(asked) - PARAMS.get(name, set())]
        self.violations += [
            f"{name}: {key}={asked[key]}" for key in ENUMS if key in asked and asked[key] not in ENUMS[key]
        ]
        if not 1 <= int(asked.get("per_page", "30")) <= 100:
            self.violations.append(f"{name}: per_page={asked['per_page']}")
        if "since" in asked and not _MOMENT.fullmatch(asked["since"]):
            self.violations.append(f"{name}: since={asked['since']}")
        if not request.headers.get("User-Agent"):
            self.violations.append(f"{name}: no User-Agent")

    def _stopped(self, request: web.Request) -> web.Response | None:
        given = request.headers.get("Authorization", "")
        if given and given != f"Bearer {TOKEN}" and given != f"token {TOKEN}":
            return web.json_response({"message": "Bad credentials", "documentation_url": "https://x"}, status=401)
        if not given and (request.method == "POST" or request.path.endswith("/user")):
            return web.json_response({"message": "Requires authentication"}, status=401)
        if self.remaining == 0:
            return web.json_response({"message": "API rate limit exceeded"}, status=403)
        return None

    def _host(self, request: web.Request) -> str:
        return str(request.url.origin())

    async def _user(self, request: web.Request) -> web.Response:
        ends = {"github-authentication-token-expiration": self.token_ends} if self.token_ends else {}
        return web.json_response(user(LOGIN, self._host(request)), headers=ends)

    async def _repository(self, request: web.Request) -> web.Response:
        """Only its name: the description asks for a hundred fields more, so the witness leaves this answer out."""
        repo = f"{request.match_info['owner']}/{request.match_info['name']}"
        return self._moved(request) or web.json_response({"id": 1, "full_name": repo})

    def _moved(self, request: web.Request) -> web.Response | None:
        repo = f"{request.match_info['owner']}/{request.match_info['name']}"
        if repo in self.renamed:
            target = self._host(request) + request.path_qs.replace(repo, self.renamed[repo])
            return web.json_response(
                {"message": "Moved Permanently", "url": target}, status=301, headers={"Location": target}
            )
        if repo in self.gone_repos:
            return web.json_response(
                {"message": "Not Found", "documentation_url": "https://x", "status": "404"}, status=404
            )
        return None

    def _dates(self, post: Item) -> Item:
        form = "%Y-%m-%dT%H:%M:%S" if post["naive"] else "%Y-%m-%dT%H:%M:%SZ"
        dates = {"created_at": post["at"].strftime(form), "updated_at": post["changed"].strftime(form)}
        return dates if post["dated"] else {"updated_at": dates["updated_at"]}

    def _shared(self, post: Item, request: web.Request) -> Item:
        author = user(post["author"], self._host(request)) if post["author"] else None
        return {"id": post["id"], "node_id": post["node"], "user": author, "body": post["body"],
                "author_association": "NONE"} | self._dates(post)  # fmt: skip

    def _issue(self, post: Item, request: web.Request) -> Item:
        host, number = self._host(request), post["number"]
        api, page = f"{host}/api/v3/repos/{post['repo']}", "pull" if post.get("pull") else "issues"
        issue = self._shared(post, request) | {
            "url": f"{api}/issues/{number}", "labels_url": f"{api}/issues/{number}/labels{{/name}}",
            "comments_url": f"{api}/issues/{number}/comments", "events_url": f"{api}/issues/{number}/events",
            "repository_url": api, "html_url": f"{host}/{post['repo']}/{page}/{number}", "number": number,
            "title": post["title"], "labels": [],
            "state": "open", "locked": post["locked"], "assignee": None, "assignees": [], "milestone": None,
            "comments": sum(each.get("on") is post for each in self.posts), "closed_at": None,
        }  # fmt: skip
        if post.get("pull"):
            link = f"{api}/pulls/{number}"
            issue["pull_request"] = {"url": link, "html_url": issue["html_url"], "diff_url": link, "patch_url": link}
        return issue

    def _said(self, post: Item, request: web.Request) -> Item:
        host = self._host(request)
        api, page = f"{host}/api/v3/repos/{post['repo']}/issues", f"{host}/{post['repo']}/issues/{post['number']}"
        return self._shared(post, request) | {
            "url": f"{api}/comments/{post['id']}", "html_url": f"{page}#issuecomment-{post['id']}",
            "issue_url": f"{api}/{post['number']}",
        }  # fmt: skip

    def _page(
        self, request: web.Request, posts: list[Item], shape: Callable[[Item, web.Request], Item]
    ) -> web.Response:
        asked = request.query
        since = datetime.fromisoformat(asked.get("since", "1970-01-01T00:00:00Z"))
        posts = [post for post in posts if post["changed"] >= since]
        key = "changed" if asked.get("sort") == "updated" else "at"
        if "sort" in asked:
            posts.sort(key=lambda post: (post[key], post["id"] or 0), reverse=asked.get("direction") != "asc")
        page, size = int(asked.get("page", "1")), min(int(asked.get("per_page", "30")), self.page_size)
        shown, headers = posts[(page - 1) * size : page * size], {}
        if page * size < len(posts):
            following = request.url.update_query(page=page + 1)
            headers["Link"] = f'<{request.url.update_query(page=1)}>; rel="first", <{following}>; rel="next"'
        return web.json_response([shape(post, request) for post in shown], headers=headers)

    def _in_repo(self, request: web.Request, kind: str) -> list[Item]:
        repo = f"{request.match_info['owner']}/{request.match_info['name']}"
        return [post for post in self.posts if post["repo"] == repo and post["kind"] == kind]

    async def _issues(self, request: web.Request) -> web.Response:
        return self._moved(request) or self._page(request, self._in_repo(request, "issue"), self._issue)

    def _on_issues(self, request: web.Request) -> list[Item]:
        return [post for post in self._in_repo(request, "comment") if post["on"]["kind"] == "issue"]

    async def _comments(self, request: web.Request) -> web.Response:
        return self._moved(request) or self._page(request, self._on_issues(request), self._said)

    def _found(self, request: web.Request) -> Item | None:
        number = int(request.match_info["number"])
        return next((post for post in self._in_repo(request, "issue") if post["number"] == number), None)

    async def _issue_comments(self, request: web.Request) -> web.Response:
        issue = self._found(request)
        if stop := self._moved(request):
            return stop
        if issue is None:
            return web.json_response(
                {"message": "This issue was deleted", "documentation_url": "https://x"}, status=410
            )
        posts = [post for post in self._on_issues(request) if post["on"] is issue]
        return self._page(request, self._lagging(posts), self._said)

    def _lagging(self, posts: list[Item]) -> list[Item]:
        posts = [post for post in posts if self.shows(post["id"])]
        mine = [post for post in posts if post["author"] == LOGIN]
        if mine and self.read_lag > 0:
            self.read_lag -= 1
            return [post for post in posts if post is not mine[-1]]
        return posts

    async def _create(self, request: web.Request) -> web.Response:
        body = await request.json()
        self.received.append(body)
        issue = self._found(request)
        if issue is None:
            return web.json_response({"message": "Not Found", "status": "404"}, status=404)
        if issue["locked"] or self.archived:
            return web.json_response({"message": "Unable to create comment because issue is locked."}, status=403)
        if not body.get("body") or len(body["body"]) > 65_536:
            return web.json_response({"message": "Validation Failed", "errors": [{"field": "body"}]}, status=422)
        at = max(self.clock.now(), NOON + timedelta(minutes=60 + len(self.received)))
        comment = self.comment(issue, body["body"], LOGIN, at=at, changed=at)
        self.took(comment["id"])
        return web.json_response(self._said(comment, request), status=201)

    # --- GraphQL ---

    async def _graphql(self, request: web.Request) -> web.Response:
        asked = await request.json()
        found = re.match(r"\s*(?:query|mutation) (\w+)", asked["query"])
        calls = {"Search": self._search, "Nodes": self._nodes, "ReadBack": self._read_back, "Reply": self._reply,
                 "Look": self._look}  # fmt: skip
        if found is None or found.group(1) not in calls:
            return web.json_response({"errors": [{"message": "Parse error"}]})
        errors, self.graph_errors = self.graph_errors, []
        if errors and not self.graph_applies:
            return web.json_response({"data": None, "errors": errors})
        answer = calls[found.group(1)](asked["variables"], self._host(request))
        if errors:
            return web.json_response({"data": None, "errors": errors})
        return web.json_response(answer)

    def _author(self, post: Item) -> Item | None:
        if not post["author"]:
            return None
        person = user(post["author"])
        return {
            "login": person["login"].removesuffix("[bot]"),
            "__typename": person["type"],
            "databaseId": person["id"],
        }

    def _node(self, post: Item, host: str) -> Item:
        form = "%Y-%m-%dT%H:%M:%S" if post["naive"] else "%Y-%m-%dT%H:%M:%SZ"
        page = f"{host}/{post['repo']}/{'discussions' if post['kind'] == 'discussion' else 'issues'}/{post['number']}"
        node: Item = {
            "id": post["node"], "body": post["body"] or "", "url": page, "updatedAt": post["changed"].strftime(form),
            "createdAt": post["at"].strftime(form), "author": self._author(post),
            "lastEditedAt": stamp(post["edited"]) if post["edited"] else None,
        }  # fmt: skip
        return node if post["dated"] else node | {"createdAt": None}

    def _root(self, post: Item, host: str) -> Item:
        comments = [each for each in self.posts if each.get("on") is post and each["under"] is None]
        shape = self._discussed if post["kind"] == "discussion" else self._ticket_comment
        kind = "Discussion" if post["kind"] == "discussion" else "PullRequest" if post.get("pull") else "Issue"
        return self._node(post, host) | {
            "__typename": kind, "number": post["number"], "title": post["title"], "locked": post["locked"],
            "repository": {"nameWithOwner": post["repo"]},
            "comments": {"totalCount": len(comments), "nodes": [shape(each, host) for each in comments[-30:]]},
        }  # fmt: skip

    def _ticket_comment(self, post: Item, host: str) -> Item:
        return {"fullDatabaseId": str(post["id"])} | self._node(post, host)

    def _discussion_comment(self, post: Item, host: str) -> Item:
        deleted = stamp(post["changed"]) if post["deleted"] else None
        return {"databaseId": post["id"] - 3_000_000_000, "deletedAt": deleted} | self._node(post, host)

    def _discussed(self, post: Item, host: str) -> Item:
        replies = [each for each in self.posts if each.get("under") is post]
        nodes = [self._discussion_comment(each, host) for each in replies[-10:]]
        return self._discussion_comment(post, host) | {"replies": {"totalCount": len(replies), "nodes": nodes}}

    def _search(self, variables: Item, host: str) -> Item:
        kind = "discussion" if variables["type"] == "DISCUSSION" else "issue"
        query, words = variables["query"], re.search(r'"([^"]+)" in:title,body,comments', variables["query"])
        since = re.search(r"updated:>=(\S+)", query)
        repo, named = re.search(r"repo:(\S+)", query), re.search(r"mentions:(\S+)", query)
        assert since is not None
        assert query.endswith(" sort:updated-asc")
        found = [
            post for post in self.posts
            if post["kind"] == kind and post["changed"] >= datetime.fromisoformat(since[1])
            and (not repo or post["repo"] == repo[1])
            and (not words or words[1].casefold() in self._words(post))
            and (not named or f"@{named[1]}".casefold() in self._words(post))
        ]  # fmt: skip
        found.sort(key=lambda post: (post["changed"], post["id"]))
        start, size = int(variables["after"] or "0"), min(25, self.page_size)
        info = {"hasNextPage": start + size < len(found), "endCursor": str(start + size) if found else None}
        nodes = [self._root(post, host) for post in found[start : start + size]]
        return {"data": {"search": {"pageInfo": info, "nodes": nodes}}}

    def _words(self, post: Item) -> str:
        texts = [post["title"], post["body"], *(each["body"] for each in self.posts if each.get("on") is post)]
        return "\n".join(text for text in texts if text).casefold()

    def _nodes(self, variables: Item, host: str) -> Item:
        known = {post["node"]: post for post in self.posts if post["node"] not in self.hidden}
        nodes: list[Item | None] = []
        errors = []
        for place, node in enumerate(variables["ids"]):
            post = known.get(node)
            nodes.append(self._known(post) if post else None)
            if post is None:
                said = f"Could not resolve to a node with the global id of '{node}'"
                errors.append({"type": "NOT_FOUND", "path": ["nodes", place], "message": said})
        return {"data": {"nodes": nodes}} | ({"errors": errors} if errors else {})

    def _look(self, variables: Item, host: str) -> Item:
        """The same with the words."""
        answer, known = self._nodes(variables, host), {post["node"]: post for post in self.posts}
        found = [known[node["id"]] if node else None for node in answer["data"]["nodes"]]
        return answer | {"data": {"nodes": [self._in_full(post, host) if post else None for post in found]}}

    def _in_full(self, post: Item, host: str) -> Item:
        if post["kind"] != "comment":
            kind = "Discussion" if post["kind"] == "discussion" else "PullRequest" if post.get("pull") else "Issue"
            return self._node(post, host) | {"title": post["title"], "__typename": kind}
        if post["on"]["kind"] == "discussion":
            return self._discussion_comment(post, host) | {"__typename": "DiscussionComment"}
        return self._ticket_comment(post, host) | {"__typename": "IssueComment"}

    def _known(self, post: Item) -> Item:
        node: Item = {"id": post["node"]}
        if post["kind"] == "comment" and post["on"]["kind"] == "discussion":
            node["deletedAt"] = stamp(post["changed"]) if post["deleted"] else None
        return node

    def _read_back(self, variables: Item, host: str) -> Item:
        root = next((post for post in self.posts if post["node"] == variables["id"]), None)
        if root is None:
            return {"data": {"node": None}, "errors": [{"type": "NOT_FOUND", "path": ["node"], "message": "no node"}]}
        below = [each for each in self.posts if each.get("under") is root] if root["kind"] == "comment" else [
            each for each in self.posts if each.get("on") is root and each["under"] is None
        ]  # fmt: skip
        below = self._lagging(below)
        end, size = int(variables["before"] or len(below)), min(100, self.page_size)
        shown = below[max(0, end - size) : end]
        info = {"hasPreviousPage": end - size > 0, "startCursor": str(max(0, end - size)) if shown else None}
        fields = ("id", "databaseId", "body", "url", "createdAt", "author")
        nodes = [{name: self._discussion_comment(each, host)[name] for name in fields} for each in shown]
        return {"data": {"node": {"posts": {"nodes": nodes, "pageInfo": info}}}}

    def _reply(self, variables: Item, host: str) -> Item:
        self.received.append(variables)
        place = {post["node"]: post for post in self.posts}
        talk, under = place.get(variables["discussionId"]), place.get(variables["replyToId"] or "")
        problem = ""
        if talk is None or talk["kind"] != "discussion" or (variables["replyToId"] and under is None):
            problem = "NOT_FOUND"
        elif under is not None and under["under"] is not None:
            problem = "UNPROCESSABLE"  # answers to answers are not taken
        elif talk["locked"]:
            problem = "FORBIDDEN"
        at = max(self.clock.now(), NOON + timedelta(minutes=60 + len(self.received)))
        if problem or talk is None:
            error = {"type": problem, "path": ["addDiscussionComment"], "message": "not possible"}
            return {"data": {"addDiscussionComment": None}, "errors": [error]}
        comment = self.comment(talk, variables["body"], LOGIN, under=under, at=at, changed=at)
        self.took(comment["id"])
        node = self._discussion_comment(comment, host)
        short = {name: node[name] for name in ("id", "databaseId", "url")}
        return {"data": {"addDiscussionComment": {"comment": short}}}
