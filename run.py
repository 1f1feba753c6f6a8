"""Start Earshot: `python3 run.py`. Needs Python 3.11+ and nothing else; `python3 run.py --help` lists the commands."""

import sys

import bootstrap


def main() -> None:
    """Make sure of the environment, then hand over to the command line."""
    bootstrap.ensure(dev=sys.argv[1:2] == ["test"])
    from commands.app import main as run_command

    run_command()


if __name__ == "__main__":
    main()
