"""Entry point of the installed distribution: the `earshot` command.

In the wheel all our folders live inside one package (pyproject.toml), but they import each other by their top-level
names, as in a checkout. So this module puts its own folder first on the path of this process, and of no other.
"""

import sys
from pathlib import Path


def main() -> None:
    """Run the command line from the installed package."""
    sys.path.insert(0, str(Path(__file__).resolve().parent))
    from commands.app import main as run_command

    run_command()
