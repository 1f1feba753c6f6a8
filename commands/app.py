"""The command line's root: every command of `run.py` is registered here."""

from typing import Annotated

import typer

app = typer.Typer(
    name="run.py",
    help="Earshot hears what people say about a brand and helps a team answer.",
    no_args_is_help=False,
    add_completion=False,
    pretty_exceptions_show_locals=False,
)


@app.callback()
def root() -> None:
    """Keep `test` a sub-command while it is the only one."""


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
    """Run the command line of this process."""
    app()
