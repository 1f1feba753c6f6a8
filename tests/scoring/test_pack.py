"""Packs are plain files that a speaker edits: each bad line is named, with what to do."""

import pytest

from domain.errors import BadInput
from scoring.folding import spelled, written
from scoring.pack import FOLDER, pack, read_pack


@pytest.mark.parametrize("name", sorted(file.stem for file in FOLDER.glob("*.txt")))
def test_every_pack_is_sound(name: str) -> None:
    found = pack(name)
    assert found.feelings
    if name != "emoji":
        kinds = set(found.roles.values())
        assert {"more", "less", "but"} < kinds
        assert kinds & {"not", "not after"}


def test_a_pack_has_feelings_concepts_roles_times_and_notes() -> None:
    found = read_pack(
        "xx.txt",
        "# about\nnot: ne\n-2: kasni*, ne radi  # out of order\n1.5: hvala\n\nlate: kasni*\nhours: sati\ntwo: dva\n",
    )
    assert found.feelings == [("kasni*", -2.0), ("ne radi", -2.0), ("hvala", 1.5)]
    assert found.concepts == [("kasni*", "late")]
    assert found.roles == {"ne": "not"}
    assert (found.units, found.numbers) == ({"sati": 60}, {"dva": 2})


def test_a_pack_without_spaces_names_words_that_hold_others() -> None:
    found = read_pack("xx.txt", "-2: เสีย\napart: เสียง, คดี\nnot after: değil\n".replace("ğ", "g"))
    assert found.apart == ["เสียง", "คดี"]
    assert found.feelings == [("เสีย", -2.0)]
    assert found.roles == {"degil": "not after"}


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
        ("-2: nema + struje", "only a concept joins words"),
        ("no power: nema + vise struje", "each of them one word"),
        ("no power: ne* + struje", "would match too much"),
    ],
)
def test_a_bad_line_is_named(line: str, told: str) -> None:
    with pytest.raises(BadInput, match=f"xx.txt, line 3: .*{told}"):
        read_pack("xx.txt", f"1: hvala\n\n{line}\n")


def test_korean_is_written_in_syllables_and_read_by_its_letters() -> None:
    found = read_pack("xx.txt", "-2: 느리*, 안 되*, 별로\n")
    assert [entry for entry, _ in found.feelings] == [spelled(entry) for entry in ("느리*", "안 되*", "별로")]
    assert spelled("느린").startswith(spelled("느리"))
    assert written(spelled("느린")) == "느린"
    with pytest.raises(BadInput, match="would match too much"):
        read_pack("xx.txt", "-2: 되*\n")
