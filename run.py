"""Start Earshot: `python3 run.py`. Needs Python 3.11+ and nothing else; `python3 run.py --help` lists the commands."""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - before any import: an old Python cannot even read the other files
    sys.exit(f"Earshot needs Python 3.11 or newer; this is {sys.version.split()[0]} ({sys.executable}).")

import bootstrap


def main() -> None:
    """Make sure of the environment, then hand over to the command line."""
    bootstrap.ensure(dev=sys.argv[1:2] == ["test"])
    from commands.app import main as run_command

    run_command()


if __name__ == "__main__":
    main()
