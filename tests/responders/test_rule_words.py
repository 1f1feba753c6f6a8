"""The word lists of the rules: all of them can be read, and a bad line is named with what to do."""

import re

import pytest

from domain.errors import BadInput
from responders.rules.figures import figures
from responders.rules.patterns import finder
from responders.rules.words import FOLDER, LANGUAGES, read_words, words_of


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_file_can_be_read(lang: str) -> None:
    assert words_of(lang).lang == lang


def test_a_bad_entry_is_named_with_its_line() -> None:
    text = (FOLDER / "en.toml").read_text("utf-8")
    start = 'jargon = [\n    "'
    broken = text.replace(start, f'{start}tier (two)", "', 1)
    line = text[: text.index(start)].count("\n") + 2
    with pytest.raises(BadInput, match=rf"en.toml, line {line}: 'tier \(two\)': '\(two\)' is no word"):
        read_words("en.toml", broken)


def test_a_missing_list_is_named() -> None:
    text = (FOLDER / "en.toml").read_text("utf-8").replace("\nvow = ", "\nvows = ", 1)
    with pytest.raises(BadInput, match=r"phrases\.vow is missing: add it"):
        read_words("en.toml", text)


@pytest.mark.parametrize(
    ("entry", "text", "found"),
    [
        ("refund*", "two refunds", True),
        ("we|i .. refunded", "we have already refunded it", True),
        ("we|i .. refunded", "we, who know all that very well, refunded", False),
        ("full? refund", "refund", False),
        ("a full? refund", "a refund", True),
        ("find|find_out how", "we find out how", True),
        ("will|'ll call", "i'll call", True),
        ("in # days", "in 3 days", True),
        ("will", "willow", False),
        ("*jte|will", "pogledajte", True),
        ("*jte", "ujte", False),
        ("one|two", "anyone", False),
        ("say two_words|it now", "say two words now", True),
    ],
)
def test_how_an_entry_is_read(entry: str, text: str, found: bool) -> None:
    if entry.startswith("full?"):
        with pytest.raises(BadInput, match="needs to begin"):
            finder([entry])
        return
    assert bool(finder([entry]).search(text)) is found


@pytest.mark.parametrize(
    ("lang", "name", "text"),
    [
        ("en", "acts.refund", "we will refund it"),
        ("en", "acts.refund", "we're going to refund it"),
        ("en", "acts.waive", "you won't be charged"),
        ("en", "phrases.sends_away", "we don't handle those"),
        ("en", "phrases.sends_away", "see the help section"),
        ("en", "phrases.casual", "my bad"),
        ("en", "asked.tried", "have you tried it"),
        ("hr", "phrases.noted", "hvala na komentaru"),
        ("hu", "phrases.public", "a poszt alatt"),
        ("id", "asked.tried", "sudah reset ulang"),
        ("id", "causes.bank", "penerbit kartu"),
        ("tl", "phrases.jargon", "yung backend"),
        ("tl", "phrases.noted", "thank you sa feedback"),
    ],
)
def test_two_words_among_others_do_not_tear_their_entry_apart(lang: str, name: str, text: str) -> None:
    kind, key = name.split(".")
    found = getattr(words_of(lang), kind)[key]
    assert (found if isinstance(found, re.Pattern) else found.will).search(text)


@pytest.mark.parametrize(
    ("lang", "one", "other"),
    [
        ("id", "rp20.000", "20 ribu rupiah"),
        ("hr", "u 14 sati", "14:00"),
        ("hr", "12. svibnja", "2026-05-12"),
        ("en", "2 pm", "14:00"),
        ("en", "two weeks", "14 days"),
        ("hu", "24 ora", "1 nap"),
        ("tl", "dis 3", "disyembre 3"),
    ],
)
def test_one_figure_in_two_writings(lang: str, one: str, other: str) -> None:
    def readings(text: str) -> set[object]:
        told = (reading for figure in figures(text, (lang,)) for reading in figure.readings)
        return {(kind.removeprefix("spoken "), value) for kind, value in told}

    assert readings(one) & readings(other)
