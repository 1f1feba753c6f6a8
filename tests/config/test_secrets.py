"""The vault: what it seals opens only where it belongs and with the right key."""

import stat
from pathlib import Path

import pytest

from config.secrets import Vault, open_vault
from domain.errors import BadInput

CONTEXT = "account:7:secrets"


def test_what_is_sealed_opens_again_and_twice_looks_different(tmp_path: Path) -> None:
    vault = open_vault(tmp_path)
    once, twice = vault.seal("token žćš", CONTEXT), vault.seal("token žćš", CONTEXT)
    assert once != twice
    assert open_vault(tmp_path).open(once, CONTEXT) == "token žćš"
    assert "token" not in once


def test_a_value_copied_to_another_row_does_not_open(tmp_path: Path) -> None:
    vault = open_vault(tmp_path)
    with pytest.raises(BadInput, match="account:8:secrets"):
        vault.open(vault.seal("token", CONTEXT), "account:8:secrets")


@pytest.mark.parametrize("change", [lambda s: s[:-4] + "AAAA", lambda s: s[:9], lambda s: "ž" + s, lambda s: ""])
def test_a_changed_value_does_not_open(tmp_path: Path, change) -> None:
    vault = open_vault(tmp_path)
    with pytest.raises(BadInput, match="does not open"):
        vault.open(change(vault.seal("token", CONTEXT)), CONTEXT)


def test_another_key_says_what_to_do(tmp_path: Path) -> None:
    sealed = Vault(b"k" * 32).seal("token", CONTEXT)
    with pytest.raises(BadInput, match="put the right key file back") as said:
        open_vault(tmp_path).open(sealed, CONTEXT)
    assert "secret.key" in str(said.value)


def test_the_key_is_its_owners_alone_and_is_never_replaced(tmp_path: Path) -> None:
    data = tmp_path / "data"
    first = open_vault(data)
    assert stat.S_IMODE((data / "secret.key").stat().st_mode) == 0o600
    assert open_vault(data).derive("desk") == first.derive("desk") != first.derive("approvals")
    assert [path.name for path in data.iterdir()] == ["secret.key"]
    (data / "secret.key").write_bytes(b"not a key")
    with pytest.raises(BadInput, match="not a key of Earshot"):
        open_vault(data)
    assert (data / "secret.key").read_bytes() == b"not a key"


def test_a_folder_that_cannot_be_used_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BadInput, match="--data-dir"):
        open_vault(tmp_path / "file")


def test_a_vault_does_not_print_its_key() -> None:
    assert repr(Vault(b"k" * 32)) == "Vault(…)"
