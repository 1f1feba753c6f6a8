"""Run by a Python that has PyGithub, graphql-core and jsonschema. Not a test itself.

`drive BASE TOKEN REPO`: drives PyGithub through an emulated GitHub and prints what it saw as JSON.
`check SCHEMA OPENAPI`: reads recorded calls as JSON lines and prints what of them GitHub's own schema (GraphQL) and
description (OpenAPI) do not allow. Each GraphQL document is run by graphql-core on the recorded data, so that an answer
with a field more, a field less or of another type is noticed.
"""

import json
import sys
from importlib import import_module
from typing import Any

PATHS = {
    "user": "/user",
    "issues": "/repos/{owner}/{repo}/issues",
    "comments": "/repos/{owner}/{repo}/issues/comments",
    "issue_comments": "/repos/{owner}/{repo}/issues/{issue_number}/comments",
    "create_comment": "/repos/{owner}/{repo}/issues/{issue_number}/comments",
}


def drive(base: str, token: str, repo_name: str) -> None:
    github = import_module("github")
    hub = github.Github(base_url=f"{base}/api/v3", auth=github.Auth.Token(token), per_page=2)
    repo = hub.get_repo(repo_name, lazy=True)
    issues = list(repo.get_issues(state="all", sort="updated", direction="asc"))
    comments = list(repo.get_issues_comments(sort="updated", direction="asc"))
    mine = issues[0].create_comment("Thank you")
    seen = {
        "login": hub.get_user().login,
        "issues": [issue.title for issue in issues],
        "comments": [comment.body for comment in comments],
        "mine": mine.id,
        "again": [comment.body for comment in issues[0].get_comments()],
    }
    print(json.dumps(seen))


def check(schema_path: str, openapi_path: str) -> None:
    with open(schema_path, encoding="utf-8") as schema, open(openapi_path, encoding="utf-8") as description:
        graph, rest = Graph(schema.read()), Rest(json.load(description))
    faults = []
    for line in sys.stdin:
        name, _, query, given, status, body = json.loads(line)
        if name == "graphql":
            found = graph.faults(given, body)
        else:
            found = rest.faults(PATHS[name], "post" if name == "create_comment" else "get", query, given, status, body)
        faults += [f"{name}: {fault}" for fault in found]
    print(json.dumps(faults))


class Graph:
    def __init__(self, schema: str) -> None:
        self.graphql = import_module("graphql")
        self.schema = self.graphql.build_schema(schema, assume_valid=True)

    def faults(self, given: Any, body: Any) -> list[str]:
        document = self.graphql.parse(given["query"])
        faults = [error.message for error in self.graphql.validate(self.schema, document)]
        if faults or body.get("data") is None:
            return faults
        out_of_reach = {tuple(error["path"]) for error in body.get("errors", [])}
        result = self.graphql.execute(
            self.schema,
            document,
            root_value=body["data"],
            variable_values=given["variables"],
            field_resolver=lambda source, info, **arguments: source[info.path.key],
            type_resolver=kind_of,
        )
        faults = [f"{error.path}: {error.message}" for error in result.errors or [] if not out_of_reach]
        if not faults and result.data != body["data"]:
            faults.append("the answer holds something that was not asked for")
        return faults


def kind_of(value: Any, *_: Any) -> str:
    """The type of a recorded object where the document leaves it open."""
    if "__typename" in value:
        return str(value["__typename"])
    if "login" in value:
        return "User"
    if "posts" in value:
        return "Discussion"
    return "DiscussionComment" if "deletedAt" in value else "Issue"


class Rest:
    def __init__(self, description: Any) -> None:
        self.description = _plain(description)
        self.validator = import_module("jsonschema").Draft202012Validator

    def faults(self, path: str, method: str, query: Any, given: Any, status: int, body: Any) -> list[str]:
        spec = self.description["paths"][path][method]
        known = {each["name"]: each["schema"] for each in map(self._resolved, spec.get("parameters", []))}
        faults = [f"unknown parameter {name}" for name, _ in query if name not in known]
        faults += [f"{name}={value}" for name, value in query if value not in known.get(name, {}).get("enum", [value])]
        if given is not None:
            faults += self._value(spec["requestBody"]["content"]["application/json"]["schema"], given)
        answer = spec["responses"].get(str(status))
        if answer is None:
            return [*faults, f"status {status} is not described"]
        content = self._resolved(answer).get("content", {}).get("application/json")
        return faults + (self._value(content["schema"], body) if content else [])

    def _resolved(self, part: Any) -> Any:
        if "$ref" not in part:
            return part
        found = self.description
        for name in part["$ref"].removeprefix("#/").split("/"):
            found = found[name]
        return found

    def _value(self, schema: Any, value: Any) -> list[str]:
        whole = {**schema, "components": self.description["components"]}
        found = self.validator(whole).iter_errors(value)
        return [f"{'/'.join(map(str, error.path))}: {error.message[:120]}" for error in found]


def _plain(part: Any) -> Any:
    """OpenAPI 3.0 says `nullable` where JSON Schema has a type of its own for nothing."""
    if isinstance(part, list):
        return [_plain(each) for each in part]
    if not isinstance(part, dict):
        return part
    plain = {name: _plain(value) for name, value in part.items()}
    if plain.pop("nullable", False) is True:
        return {"anyOf": [{"type": "null"}, plain]}
    return plain


if __name__ == "__main__":
    drive(*sys.argv[2:]) if sys.argv[1] == "drive" else check(*sys.argv[2:])
