"""The command line's root: every command of `run.py` is registered here. Heavy imports wait until a command runs."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated, Any

import typer

from commands.options import BehindTls, Config, DatabaseUrl, DataDir, Host, Port, PublicHttp, settings_from
from domain.errors import BadInput, EarshotError

app = typer.Typer(
    name="run.py",
    help="Earshot hears what people say about a brand and helps a team answer. Without a command it starts the desk.",
    invoke_without_command=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def run(work: Coroutine[Any, Any, Any]) -> Any:
    """Run a command's coroutine on uvloop where it is there."""
    try:
        import uvloop
    except ImportError:
        return asyncio.run(work)
    return uvloop.run(work)


@app.callback()
def start(
    context: typer.Context,
    host: Host = None,
    port: Port = None,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
    config: Config = None,
    allow_public_http: PublicHttp = False,
    behind_tls: BehindTls = False,
) -> None:
    """Start listening, steps, alerts and the desk in one process."""
    if context.invoked_subcommand is not None:
        _refuse_stray_options(context)
        return
    from commands.serve import serve

    settings = settings_from(
        config, data_dir, database_url, host=host, port=port,
        allow_public_http=allow_public_http, behind_tls=behind_tls,
    )  # fmt: skip
    run(serve(settings))


def _refuse_stray_options(context: typer.Context) -> None:
    """Options before the command would be lost silently: say where they belong."""
    sources = {name: context.get_parameter_source(name) for name in context.params}
    given = [name for name, source in sources.items() if source is not None and source.name == "COMMANDLINE"]
    if given:
        option = "--" + given[0].replace("_", "-")
        raise BadInput(f"{option} belongs after the command: run.py {context.invoked_subcommand} … {option} …")


@app.command("serve")
def serve_desk(
    host: Host = None,
    port: Port = None,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
    config: Config = None,
    allow_public_http: PublicHttp = False,
    behind_tls: BehindTls = False,
) -> None:
    """Only the desk; `work` does the rest elsewhere (PostgreSQL)."""
    from commands.serve import serve

    settings = settings_from(
        config, data_dir, database_url, host=host, port=port,
        allow_public_http=allow_public_http, behind_tls=behind_tls,
    )  # fmt: skip
    _needs_postgres(settings.database, "serve")
    run(serve(settings, work=False))


@app.command()
def work(data_dir: DataDir = None, database_url: DatabaseUrl = None, config: Config = None) -> None:
    """Only the workers: listening, drafting, sending, alerts. Run as many as you like (PostgreSQL)."""
    from commands.serve import serve

    settings = settings_from(config, data_dir, database_url)
    _needs_postgres(settings.database, "work")
    run(serve(settings, web=False))


def _needs_postgres(url: str, command: str) -> None:
    if url.startswith("sqlite"):
        raise BadInput(
            f"{command}: several processes need PostgreSQL; give --database-url, or start all in one: python3 run.py"
        )


@app.command()
def watch(
    brand: Annotated[str, typer.Argument(help="The brand's name.")],
    host: Host = None,
    port: Port = None,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
    config: Config = None,
) -> None:
    """Listen for a brand on everything that needs no account, and open the desk."""
    from commands.serve import serve
    from commands.watch import watch_for

    settings = settings_from(config, data_dir, database_url, host=host, port=port)
    run(serve(settings, prepare=watch_for(brand)))


@app.command()
def replay(
    file: Annotated[Path, typer.Argument(help="JSON lines; docs/channels/replay.md tells the fields.")],
    speed: Annotated[float, typer.Option(help="0: at once; 1: original pace; 60: a minute in a second.")] = 0.0,
    brand: Annotated[str, typer.Option(help="The name of the brand to replay for.")] = "",
    host: Host = None,
    port: Port = None,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
    config: Config = None,
) -> None:
    """Hear the posts of a file as if they came in now; replies go to the sandbox network of this machine."""
    from commands.serve import serve
    from commands.watch import replay_of

    if not file.is_file():
        raise BadInput(f"replay: there is no file {file}")
    settings = settings_from(config, data_dir, database_url, host=host, port=port)
    run(serve(settings, prepare=replay_of(file.resolve(), speed, brand or file.stem)))


@app.command()
def sandbox(
    port: Annotated[int, typer.Option(help="Where it listens on 127.0.0.1.")] = 8766,
    folder: Annotated[Path, typer.Option(help="Where its books stand.")] = Path("data/sandbox"),
    quiet: Annotated[bool, typer.Option("--quiet", help="Print nothing.")] = False,
) -> None:
    """A small network on this machine with its own books, to try everything without an account."""
    from commands.sandbox import run_sandbox

    run(run_sandbox(port, folder, quiet))


@app.command()
def score(lang: Annotated[str, typer.Option(help="Language of lines that name none.")] = "") -> None:
    """Score JSON lines {id,text,lang?,brand?} from standard input; one JSON line each on standard output."""
    from commands.score import score_lines

    score_lines(sys.stdin.buffer, sys.stdout.buffer, lang or None)


@app.command()
def group() -> None:
    """Group JSON lines {id,text,lang?,brand?,channel?,author?,created_at?} by what they tell of; {id,cluster} each."""
    from commands.group import group_lines

    group_lines(sys.stdin.buffer, sys.stdout.buffer)


@app.command("check-reply")
def check_reply() -> None:
    """Check JSON lines {id,lang,case,reply} against the reply contract; {id,findings} each (docs/replies.md)."""
    from commands.check_reply import check_lines

    check_lines(sys.stdin.buffer, sys.stdout.buffer)


@app.command()
def draft(
    lang: Annotated[str, typer.Option(help="Language of lines that name none.")] = "",
    candidates: Annotated[int, typer.Option(help="So many drafts for each line.")] = 3,
) -> None:
    """Draft answers to JSON lines {id,lang?,case} or {id,text,lang?,brand?,author?,channel?}; one JSON line each."""
    from commands.draft import draft_lines

    draft_lines(sys.stdin.buffer, sys.stdout.buffer, lang or None, candidates)


@app.command("sign-in")
def sign_in(
    email: Annotated[str, typer.Argument(help="Whose link; the first admin's when left out.")] = "",
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
    config: Config = None,
) -> None:
    """Print a one-time sign-in link."""
    from commands.people import print_link

    run(print_link(settings_from(config, data_dir, database_url), email))


@app.command()
def user(
    email: Annotated[str, typer.Argument(help="The person's mail address.")],
    name: Annotated[str, typer.Option(help="The person's name.")] = "",
    role: Annotated[str, typer.Option(help="admin, manager, agent, on_call or viewer; none takes it away.")] = "agent",
    brand: Annotated[str, typer.Option(help="Short name of the brand; every brand when left out.")] = "",
    disable: Annotated[bool, typer.Option("--disable", help="End all access of this person at once.")] = False,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
    config: Config = None,
) -> None:
    """Add a person, change a role, or end a person's access. Prints a one-time sign-in link."""
    from commands.people import change_person

    run(change_person(settings_from(config, data_dir, database_url), email, name, role, brand, disable=disable))


@app.command("stop-publishing")
def stop_publishing(
    why: Annotated[str, typer.Option(help="The reason that everybody will read.")] = "stopped from the command line",
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
    config: Config = None,
) -> None:
    """Stop publishing now, by a file in the data folder and in the database. An admin turns it on again in the desk."""
    from commands.stopping import stop

    run(stop(settings_from(config, data_dir, database_url), why))


knowledge_app = typer.Typer(help="Articles in and out of files.", no_args_is_help=True, add_completion=False)
app.add_typer(knowledge_app, name="knowledge")


@knowledge_app.command("import")
def knowledge_import(
    path: Annotated[Path, typer.Argument(help="A Markdown file, JSON lines, or a folder of them; docs/knowledge.md.")],
    brand: Annotated[str, typer.Option(help="Short name of the brand; needed where there are several.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would change, and change nothing.")] = False,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
    config: Config = None,
) -> None:
    """Take in articles: all of them, or none when one is bad."""
    from commands.knowledge import import_articles

    run(import_articles(settings_from(config, data_dir, database_url), path, brand, dry=dry_run))


@knowledge_app.command("export")
def knowledge_export(
    path: Annotated[Path, typer.Argument(help="A file that ends in .jsonl, or a folder for Markdown files.")],
    brand: Annotated[str, typer.Option(help="Short name of the brand; needed where there are several.")] = "",
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
    config: Config = None,
) -> None:
    """Write all articles of a brand to files that `knowledge import` reads."""
    from commands.knowledge import export_articles

    run(export_articles(settings_from(config, data_dir, database_url), path, brand))


@app.command()
def playbooks(
    path: Annotated[
        Path | None, typer.Argument(help="A file or folder to check; those in the data folder unless given.")
    ] = None,
    data_dir: DataDir = None,
    config: Config = None,
) -> None:
    """Check playbooks: a bad one is named with its line and what to do."""
    from commands.playbooks import check
    from responders.shelf import PLAYBOOKS

    if not check(path or settings_from(config, data_dir, None).data_dir / PLAYBOOKS):
        raise typer.Exit(1)


account_app = typer.Typer(help="Our accounts on networks.", no_args_is_help=True, add_completion=False)
app.add_typer(account_app, name="account")


@account_app.command("add")
def account_add(
    channel: Annotated[str, typer.Argument(help="On which network, e.g. mastodon.")],
    brand: Annotated[str, typer.Option(help="Short name of the brand; needed where there are several.")] = "",
    set_: Annotated[
        list[str] | None, typer.Option("--set", help="A field that is no secret: base_url=https://mastodon.social")
    ] = None,
    again: Annotated[str, typer.Option(help="Connect this account again: its handle or id.")] = "",
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
    config: Config = None,
) -> None:
    """Try an account and store it. Secrets are asked for, or read from EARSHOT_ACCOUNT_SECRET_… variables."""
    from commands.accounts import add_account

    run(add_account(settings_from(config, data_dir, database_url), channel, brand, set_ or [], again))


@account_app.command("list")
def account_list(data_dir: DataDir = None, database_url: DatabaseUrl = None, config: Config = None) -> None:
    """Print every account with its state."""
    from commands.accounts import list_accounts

    run(list_accounts(settings_from(config, data_dir, database_url)))


@app.command()
def erase(
    author: Annotated[str, typer.Option(help="Whose data: the handle as the posts show it, or the native id.")],
    channel: Annotated[str, typer.Option(help="On which network, e.g. mastodon.")],
    brand: Annotated[str, typer.Option(help="Short name of the brand; every brand when left out.")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Erase it; without this it is only counted.")] = False,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
    config: Config = None,
) -> None:
    """Erase all that is held of one author: posts, drafts, names in answers and raw items. Counts first."""
    from commands.erase import erase_author

    run(erase_author(settings_from(config, data_dir, database_url), author, channel, brand, yes=yes))


@app.command()
def report(
    brand: Annotated[str, typer.Option(help="Short name of the brand; every brand when left out.")] = "",
    since: Annotated[str, typer.Option(help="First day, e.g. 2026-03-02.")] = "",
    until: Annotated[str, typer.Option(help="Last day; today when left out.")] = "",
    days: Annotated[int, typer.Option(help="Today and the days before it.")] = 7,
    zone: Annotated[str, typer.Option(help="Time zone of the days; the brand's when left out.")] = "",
    csv: Annotated[Path | None, typer.Option(help="Write the figures to this file, too.")] = None,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
    config: Config = None,
) -> None:
    """Print the report of a period: mentions, feeling, answer times, what was not seen."""
    from commands.report import Asked, print_report

    asked = Asked(brand, since, until, days, zone, csv)
    run(print_report(settings_from(config, data_dir, database_url), asked))


@app.command()
def doctor(data_dir: DataDir = None, database_url: DatabaseUrl = None, config: Config = None) -> None:
    """Check accounts, sources, database, clock, history and notifiers, and say what to do."""
    from commands.doctor import examine

    healthy = run(examine(settings_from(config, data_dir, database_url)))
    raise typer.Exit(0 if healthy else 1)


@app.command("test", context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def run_tests(
    context: typer.Context,
    peers: Annotated[bool, typer.Option("--peers", help="Only the tests against real peer servers.")] = False,
    long: Annotated[bool, typer.Option("--long", help="Only the long proofs (thousands of rounds).")] = False,
) -> None:
    """Check style, types and behaviour. What follows is handed to pytest: `run.py test tests/domain -k case`."""
    from commands.suite import run_suite

    raise typer.Exit(run_suite(context.args, peers=peers, long=long))


def main() -> None:
    """Run the command line of this process. What a person can mend is one clear message, not a traceback."""
    try:
        app()
    except EarshotError as error:
        print(f"\nEarshot: {error}", file=sys.stderr)
        raise SystemExit(2) from None
