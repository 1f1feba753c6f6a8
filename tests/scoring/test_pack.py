"""Packs are plain files that a speaker edits: each bad line is named, with what to do."""

import pytest

from domain.errors import BadInput
from scoring.pack import FOLDER, pack, read_pack


@pytest.mark.parametrize("name", sorted(file.stem for file in FOLDER.glob("*.txt")))
def test_every_pack_is_sound(name: str) -> None:
    found = pack(name)
    assert found.words or found.stems
    if name != "emoji":
        assert set(found.roles.values()) == {"not", "more", "less", "but"}


def test_a_pack_has_words_stems_phrases_roles_and_notes() -> None:
    found = read_pack("xx.txt", "# about\nnot: ne\n-2: kasni*, ne radi  # out of order\n1.5: hvala\n\n")
    assert found.stems == {"kasni": -2.0}
    assert found.phrases == {"radi": [("ne radi", -2.0)]}
    assert found.words == {"hvala": 1.5}
    assert found.roles == {"ne": "not"}


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("kasni", "begin with a valence"),
        ("-9: kasni", "begin with a valence"),
        ("0: kasni", "begin with a valence"),
        ("bad: kasni", "begin with a valence"),
        ("-2: Kasni", "in lower case without accents: 'kasni'"),
        ("-2: kašnjenje", "in lower case without accents: 'kasnjenje'"),
        ("-2: ka*", "would match too much"),
        ("-2: ka*sni", "no word, stem\\* or phrase"),
        ("-2: hvala", "stands in line 1 already"),
    ],
)
def test_a_bad_line_is_named(line: str, told: str) -> None:
    with pytest.raises(BadInput, match=f"xx.txt, line 3: .*{told}"):
        read_pack("xx.txt", f"1: hvala\n\n{line}\n")
