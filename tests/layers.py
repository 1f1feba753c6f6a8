"""Reads our own sources and says which lines break the house's picture of who may import and touch what.

Pure: source text in, breaches out, so that test_layers.py can feed it planted faults as well as the real files.
"""

import ast
from collections.abc import Iterator
from typing import NamedTuple

# Higher may import lower; boxes on one line never one another (ARCHITECTURE.md draws it).
RANKS = {
    **dict.fromkeys(["run", "launcher", "commands", "bench"], 5),
    "web": 4,
    **dict.fromkeys(["listener", "responders", "alerts", "reports"], 3),
    **dict.fromkeys(["channels", "scoring", "storage"], 2),
    **dict.fromkeys(["net", "config"], 1),
    "domain": 0,
}
# The environment is made before anything else exists, so these two know nothing of the rest.
BOOTSTRAP = frozenset({"bootstrap", "bootstrap_install"})
NOT_PRODUCT = frozenset({"tests", "bench"})

# The words of the trade do no I/O: no network, no database, no web, no queue, no files of the machine.
NOT_IN_DOMAIN = frozenset(
    {"aiohttp", "aiosmtplib", "aiosqlite", "alembic", "apprise", "apscheduler", "asyncpraw", "fastapi", "feedparser"}
    | {"jinja2", "procrastinate", "psycopg", "requests", "socket", "sqlalchemy", "sqlite3", "sqlmodel", "starlette"}
    | {"subprocess", "tweepy", "uvicorn"}
)
CLOCK_CALLS = frozenset(
    {"datetime.datetime.now", "datetime.datetime.utcnow", "datetime.datetime.today", "datetime.date.today"}
    | {"time.time", "time.time_ns", "time.sleep", "asyncio.sleep"}
)
CLOCK_HOME = "domain/clock.py"
CLIENT_SESSION = frozenset({"aiohttp.ClientSession", "aiohttp.client.ClientSession"})
# path -> why it may. Each line is a decision.
CLOCK_EXEMPT: dict[str, str] = {}
SESSION_EXEMPT: dict[str, str] = {}


class Breach(NamedTuple):
    """One line that breaks the picture."""

    path: str
    line: int
    why: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.why}"


class Import(NamedTuple):
    """One imported module, by its full name."""

    module: str
    line: int


def box_of(path: str) -> str:
    """Return the top-level package or module a file belongs to: `net/door.py` -> `net`, `run.py` -> `run`."""
    return path.split("/")[0].removesuffix(".py")


def imports_of(tree: ast.AST) -> Iterator[Import]:
    """Yield every absolute import, also inside functions, under TYPE_CHECKING and through import_module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (Import(alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield Import(node.module, node.lineno)
        elif isinstance(node, ast.Call) and dotted(node.func).endswith("import_module") and node.args:
            name = node.args[0]
            if isinstance(name, ast.Constant) and isinstance(name.value, str):
                yield Import(name.value, node.lineno)


def dotted(node: ast.AST) -> str:
    """Return `a.b.c` for such an expression, else an empty string."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        owner = dotted(node.value)
        return f"{owner}.{node.attr}" if owner else ""
    return ""


def full_names(tree: ast.AST) -> dict[str, str]:
    """Map each imported local name to what it stands for: `from time import time as t` -> {"t": "time.time"}."""
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names.update(
                {a.asname or a.name.split(".")[0]: a.name if a.asname else a.name.split(".")[0] for a in node.names}
            )
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.update({a.asname or a.name: f"{node.module}.{a.name}" for a in node.names})
    return names


def uses_of(tree: ast.AST, targets: frozenset[str], *, calls_only: bool) -> Iterator[tuple[str, int]]:
    """Yield (full name, line) wherever one of the targets is mentioned (or, with calls_only, called)."""
    names = full_names(tree)
    for node in ast.walk(tree):
        expression = node.func if calls_only and isinstance(node, ast.Call) else node
        if (calls_only and not isinstance(node, ast.Call)) or not isinstance(expression, ast.Name | ast.Attribute):
            continue
        first, _, rest = dotted(expression).partition(".")
        full = ".".join(filter(None, [names.get(first, ""), rest]))
        if full in targets:
            yield full, expression.lineno


def why_not_import(path: str, module: str) -> str:
    """Return why this file may not import this module, or an empty string."""
    here, there = box_of(path), module.split(".")[0]
    if here == "domain" and there in NOT_IN_DOMAIN:
        return f"domain does no I/O, so it does not import {there}"
    if there == "procrastinate" and not path.startswith("storage/jobs_"):
        return "only storage/jobs_*.py may import procrastinate"
    if there == "tests" or (there == "bench" and here != "bench"):
        return f"the product does not import {there}"
    if here in BOOTSTRAP and there in RANKS:
        return f"{here} runs before the environment exists and imports nothing of ours"
    if there in BOOTSTRAP and here not in BOOTSTRAP | {"run"}:
        return "only run.py imports the bootstrap"
    if here == there or here not in RANKS or there not in RANKS or RANKS[here] == 5:
        return ""
    return (
        ""
        if RANKS[there] < RANKS[here]
        else f"{here} may not import {there}: imports go downwards only, never sideways"
    )


def breaches(path: str, source: str) -> list[Breach]:
    """Return every breach in one product file; `path` is relative to the project, with forward slashes."""
    tree = ast.parse(source, path)
    found = [Breach(path, i.line, why) for i in imports_of(tree) if (why := why_not_import(path, i.module))]
    if path != CLOCK_HOME and path not in CLOCK_EXEMPT and box_of(path) not in NOT_PRODUCT:
        for name, line in uses_of(tree, CLOCK_CALLS, calls_only=False):
            found.append(Breach(path, line, f"{name}: hold a Clock or take `now` (domain/clock.py)"))
    if box_of(path) not in NOT_PRODUCT | {"net"} and path not in SESSION_EXEMPT:
        for _, line in uses_of(tree, CLIENT_SESSION, calls_only=True):
            found.append(Breach(path, line, "only net/ makes an aiohttp.ClientSession: one outbound door"))
    return sorted(found, key=lambda breach: breach.line)
