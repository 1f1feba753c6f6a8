"""Run by a Python that has Meta's own client library (facebook-business). Not a test itself.

`drive_page BASE TOKEN SECRET PAGE` and `drive_instagram BASE TOKEN SECRET USER CAPTION`: drives the library through an
emulated Graph API and prints what it saw as JSON. `check NETWORK`: reads recorded calls as JSON lines and prints what
of them the library does not know: edges, parameters and their values, fields of nodes. The library is made from Meta's
own description of the API.
"""

import json
import re
import sys
from importlib import import_module
from typing import Any

ALWAYS = {"fields", "limit", "after", "summary"}


def node(kind: str, name: str) -> Any:
    module = import_module(f"facebook_business.adobjects.{kind.lower()}")
    return getattr(module, kind)(name)


def start(base: str, token: str, secret: str) -> None:
    import_module("facebook_business.session").FacebookSession.GRAPH = base
    import_module("facebook_business.api").FacebookAdsApi.init("app", secret, token)


def drive_page(base: str, token: str, secret: str, page_id: str) -> None:
    start(base, token, secret)
    page = node("Page", page_id)
    posts = list(page.get_feed(fields=["message", "from", "updated_time"], params={"limit": 2}))
    asked = {"filter": "stream", "order": "reverse_chronological", "limit": 2}
    comments = list(posts[-1].get_comments(fields=["message", "from", "parent"], params=asked))
    mine = node("Comment", comments[-1]["id"]).create_comment(params={"message": "Thank you"})
    again = posts[-1].get_comments(fields=["message", "parent"], params=asked)
    try:
        node("Comment", "5_404").api_get(fields=["message"])
        trouble = 0
    except import_module("facebook_business.exceptions").FacebookRequestError as error:
        trouble = error.api_error_code()
    seen = {
        "me": node("Page", "me").api_get(fields=["name", "category"])["name"],
        "posts": [post["message"] for post in posts],
        "comments": [comment["message"] for comment in comments],
        "mine": mine["id"],
        "again": [[comment["message"], comment.get("parent", {}).get("id", "")] for comment in again],
        "tagged": [post["message"] for post in page.get_tagged(fields=["message"])],
        "trouble": trouble,
    }
    print(json.dumps(seen))


def drive_instagram(base: str, token: str, secret: str, user_id: str, caption: str) -> None:
    start(base, token, secret)
    user = node("IGUser", user_id)
    user.create_mention(params={"media_id": caption, "message": "Thanks"})
    media = list(user.get_media(fields=["timestamp", "comments_count"], params={"limit": 2}))
    comments = list(media[-1].get_comments(fields=["text", "username", "from"], params={"limit": 2}))
    mine = comments[-1].create_reply(params={"message": "Thank you"})
    tags = list(user.get_tags(fields=["caption", "username"]))
    seen = {
        "counts": [each["comments_count"] for each in media],
        "comments": [[each["text"], each["username"]] for each in comments],
        "mine": mine["id"],
        "answers": [each["text"] for each in comments[-1].get_replies(fields=["text", "parent_id"])],
        "tags": [[each["caption"], each["username"]] for each in tags],
        "connected": node("Page", "me").api_get(fields=["instagram_business_account"])["instagram_business_account"],
    }
    print(json.dumps(seen, default=dict))


EDGES = {
    ("GET", "feed"): ("Page", "get_feed", "PagePost"),
    ("GET", "tagged"): ("Page", "get_tagged", "PagePost"),
    ("GET", "comments"): ("PagePost", "get_comments", "Comment"),
    ("POST", "comments"): ("Comment", "create_comment", "Comment"),
    ("GET", "media"): ("IGUser", "get_media", "IGMedia"),
    ("GET", "tags"): ("IGUser", "get_tags", "IGMedia"),
    ("GET", "ig comments"): ("IGMedia", "get_comments", "IGComment"),
    ("GET", "replies"): ("IGComment", "get_replies", "IGComment"),
    ("POST", "replies"): ("IGComment", "create_reply", "IGComment"),
    ("POST", "mentions"): ("IGUser", "create_mention", "IGUser"),
}
NODES = {"facebook": ("Page", "PagePost", "Comment"), "instagram": ("Page", "IGUser", "IGMedia", "IGComment")}


def check(network: str) -> None:
    faults = []
    for line in sys.stdin:
        method, path, asked = json.loads(line)
        name, _, edge = path.partition("/")
        faults += [f"{method} {path}: {fault}" for fault in call_faults(network, method, name, edge, asked)]
    print(json.dumps(faults))


def call_faults(network: str, method: str, name: str, edge: str, asked: Any) -> list[str]:
    edge = "ig comments" if (network, edge) == ("instagram", "comments") else edge
    fields = plain(asked.get("fields", ""))
    if not edge:
        known = [known_fields(kind) for kind in NODES[network]]
        unknown = [] if any(set(fields) <= each for each in known) else [f"no node has all of {sorted(fields)}"]
        return unknown + inner_faults(asked.get("fields", ""))
    if (method, edge) not in EDGES:
        return ["no such edge"]
    kind, call, answers = EDGES[method, edge]
    checker = getattr(node(kind, name), call)(pending=True)._param_checker
    given = {key: value for key, value in asked.items() if key not in ALWAYS}
    faults = [f"unknown parameter {key}" for key in given if not checker.is_valid_key(key)]
    faults += [f"{key}={value}" for key, value in given.items() if not checker.is_valid_pair(key, value)]
    faults += [f"{answers} has no {field}" for field in fields if field not in known_fields(answers)]
    return faults + inner_faults(asked.get("fields", ""))


def plain(fields: str) -> dict[str, str]:
    """The outer names of an expression of fields, each with what stands in its braces."""
    found: dict[str, str] = {}
    for match in re.finditer(r"([a-z_]+)(?:\.[a-z_]+\([^()]*\))*(\{(?:[^{}]|\{[^{}]*\})*\})?", fields):
        found[match[1]] = (match[2] or "")[1:-1]
    return found


INNER = {"mentioned_comment": "IGComment", "mentioned_media": "IGMedia", "media": "IGMedia", "replies": "IGComment",
         "comments": "IGComment", "instagram_business_account": "IGUser", "parent": "Comment"}  # fmt: skip


def known_fields(kind: str) -> set[str]:
    """Fields, and the edges that a field may stand for."""
    made = node(kind, "1")
    edges = {name.removeprefix("get_") for name in dir(made) if name.startswith("get_")}
    return edges | {value for key, value in type(made).Field.__dict__.items() if not key.startswith("__")}


def inner_faults(fields: str) -> list[str]:
    """What stands in braces must be fields of what the name before them leads to."""
    found = []
    for name, inside in plain(fields).items():
        for field in plain(inside):
            if field not in known_fields(INNER[name]):
                found.append(f"{INNER[name]} has no {field}")
        found += inner_faults(inside) if inside else []
    return found


if __name__ == "__main__":
    command, *given = sys.argv[1:]
    if command == "check":
        check(*given)
    else:
        drive_page(*given) if command == "drive_page" else drive_instagram(*given)
