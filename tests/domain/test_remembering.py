"""What is kept in memory of people's words: asked for once, let go at a word, and nowhere kept in another way."""

import re
from pathlib import Path

from domain.remembering import forget, remembered

PROJECT = Path(__file__).resolve().parents[2]
NO_WORDS = {
    "domain/opt_out.py": "the brand's own phrases",
    "domain/sla.py": "lengths of time",
    "listener/calendars.py": "holidays",
    "responders/markets.py": "holidays, places of packs",
    "scoring/folding.py": "single letters",
    "scoring/language.py": "tags of languages",
    "scoring/near.py": "hashes of words",
    "scoring/priority.py": "figures, and signals with words of the lists",
    "scoring/scorer.py": "names of scorers",
    "scoring/themes.py": "names of concepts",
    "web/fragments.py": "one of those that forget",
    "web/gate.py": "sessions and how often they asked",
    "web/throttle.py": "who asked how often",
}
"""Who keeps what nobody wrote."""


def test_it_is_worked_out_once_and_again_after_it_was_let_go() -> None:
    asked = list[str]()

    @remembered(10)
    def length(text: str) -> int:
        asked.append(text)
        return len(text)

    assert [length("Ana was here"), length("Ana was here")] == [12, 12]
    assert asked == ["Ana was here"]
    forget()
    assert length("Ana was here") == 12
    assert asked == ["Ana was here"] * 2


def test_whoever_keeps_texts_in_memory_can_forget_them() -> None:
    keeping = {
        str(file.relative_to(PROJECT))
        for folder in ("domain", "scoring", "responders", "listener", "alerts", "reports", "storage", "web", "channels")
        for file in (PROJECT / folder).rglob("*.py")
        if re.search(r"\blru_cache\(|\bOrderedDict\[", file.read_text("utf-8")) and file.name != "remembering.py"
    }
    assert keeping == set(NO_WORDS)
