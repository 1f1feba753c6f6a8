"""Run by a Python that has Meta's own client library (facebook-business). Not a test itself.

`drive_page BASE TOKEN SECRET PAGE` and `drive_instagram BASE TOKEN SECRET USER`: drives the library through an emulated
Graph API and prints what it saw as JSON. `check`: reads recorded calls as JSON lines and prints what of them the
library does not know: edges, parameters and their values, fields of nodes. The library is made from Meta's own
description of the API.
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


EDGES = {
    ("GET", "feed"): ("Page", "get_feed", "PagePost"),
    ("GET", "tagged"): ("Page", "get_tagged", "PagePost"),
    ("GET", "comments"): ("PagePost", "get_comments", "Comment"),
    ("POST", "comments"): ("Comment", "create_comment", "Comment"),
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
    fields = re.sub(r"\.[a-z_]+\([^()]*\)|\{[^{}]*\}", "", asked.get("fields", "")).split(",")
    fields = [field for field in fields if field]
    if not edge:
        known = [known_fields(kind) for kind in NODES[network]]
        return [] if any(set(fields) <= each for each in known) else [f"no node has all of {fields}"]
    if (method, edge) not in EDGES:
        return ["no such edge"]
    kind, call, answers = EDGES[method, edge]
    checker = getattr(node(kind, name), call)(pending=True)._param_checker
    given = {key: value for key, value in asked.items() if key not in ALWAYS}
    faults = [f"unknown parameter {key}" for key in given if not checker.is_valid_key(key)]
    faults += [f"{key}={value}" for key, value in given.items() if not checker.is_valid_pair(key, value)]
    return faults + [f"{answers} has no {field}" for field in fields if field not in known_fields(answers)]


def known_fields(kind: str) -> set[str]:
    found = type(node(kind, "1")).Field.__dict__
    return {value for key, value in found.items() if not key.startswith("__")}


if __name__ == "__main__":
    command, *given = sys.argv[1:]
    drive_page(*given) if command == "drive_page" else check(*given)
