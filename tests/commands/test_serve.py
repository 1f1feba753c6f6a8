"""What the desk refuses to do before it starts."""

import socket
from pathlib import Path

import pytest

from commands.serve import check_address, check_port
from config.settings import Settings
from domain.errors import BadInput
from storage.database import lock_data_dir


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.9", "::1", "localhost"])
def test_this_machine_alone_needs_no_tls(host: str) -> None:
    check_address(Settings(host=host))


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "desk.example", ""])
def test_a_public_address_needs_tls_or_a_word(host: str, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="--behind-tls"):
        check_address(Settings(host=host))
    check_address(Settings(host=host, behind_tls=True))
    check_address(Settings(host=host, allow_public_http=True))
    pair = tmp_path / "cert.pem"
    pair.write_text("")
    check_address(Settings(host=host, tls_cert=pair, tls_key=pair))


def test_half_a_tls_pair_is_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="both tls_cert and tls_key"):
        check_address(Settings(tls_cert=tmp_path / "cert.pem"))
    with pytest.raises(BadInput, match="there is no file"):
        check_address(Settings(tls_cert=tmp_path / "cert.pem", tls_key=tmp_path / "key.pem"))


def test_a_taken_port_is_one_clear_error() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(BadInput, match="choose another --port"):
            check_port(Settings(port=taken.getsockname()[1]))


def test_one_process_per_data_folder(tmp_path: Path) -> None:
    held = lock_data_dir(tmp_path)
    with pytest.raises(BadInput, match="another Earshot already runs"):
        lock_data_dir(tmp_path)
    held.close()
    lock_data_dir(tmp_path).close()
    (tmp_path / "file").write_text("")
    with pytest.raises(BadInput, match="--data-dir"):
        lock_data_dir(tmp_path / "file")
