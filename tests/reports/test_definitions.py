"""One definition per figure, and the documentation says the same."""

from pathlib import Path

from reports.definitions import COMPARISON, DEFINITIONS
from reports.figures import figures
from reports.period import last_days
from reports.report import build
from tests.reports.conftest import NOW, History

DOC = Path(__file__).resolve().parents[2] / "docs" / "reports.md"


def test_the_documentation_holds_every_definition_word_for_word():
    lines = DOC.read_text("utf-8").splitlines()
    for name, each in DEFINITIONS.items():
        assert f"| `{name}` | {each.title} | {each.unit} | {each.text} |" in lines, name
    named = {line.split("`")[1] for line in lines if line.startswith("| `")}
    assert named == set(DEFINITIONS)
    assert COMPARISON in " ".join(lines)


async def test_every_figure_has_a_definition_and_every_definition_a_figure(sqlite_history: History):
    async with sqlite_history.db.read() as session:
        report = await build(session, [sqlite_history.brand], last_days(28, "UTC", NOW), "", NOW)
    assert {each.name for each in figures(report)} == set(DEFINITIONS)
    pairs = [(each.name, each.group) for each in figures(report)]
    assert len(pairs) == len(set(pairs))
