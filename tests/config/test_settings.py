"""A mistake in the settings names the place, the key and the mend; secrets never print."""

from pathlib import Path

import pytest

from config.settings import load
from domain.errors import BadInput


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "earshot.toml"


@pytest.mark.parametrize(
    ("toml", "where", "words"),
    [
        ("port = 1\nprot = 2", "line 2", "prot is not a setting \\(did you mean port\\?\\)"),
        ("[mail]\n\nhots = 'x'", "line 3", "mail.hots is not a setting \\(did you mean host\\?\\)"),
        ("mail = { hots = 'x' }", "line 1", "mail.hots is not a setting"),
        ("mail.port = 70000", "line 1", "mail.port: input should be less than or equal to 65535"),
        ("# first\nport = 'many'", "line 2", "port: input should be a valid integer"),
        ("hosts = [1]", "line 1", "hosts.0: input should be a valid string"),
        ("[sla]\nack_s = -1", "line 2", "sla.ack_s: input should be greater than 0"),
        ("[mail]\nsecurity = 'ssl'", "line 2", "mail.security: .*'starttls', 'tls' or 'none'"),
        ("mail = 5", "line 1", "mail: "),
        ("[model]\nurl = 'api.example'", "line 1", "model: .*url needs the base address of the API"),
        ("[model]\nurl = 'https://k@api.example/v1'", "line 1", "model: .*url needs the base address"),
        ("[model]\nurl = 'https://api.example/v1'", "line 1", "model: .*name is missing"),
        ("[model]\nurl = 'https://api.example/v1'\nname = 'm'", "line 1", "prompt_price and answer_price are missing"),
        ("[model]\nbudget_per_day = 0", "line 2", "model.budget_per_day: input should be greater than 0"),
        ("secrets_dir = 5", "line 1", "secrets_dir: 5 is no folder"),
        ("port = = 1", "line 1", "config/example.toml"),
    ],
)
def test_a_mistake_in_the_file_names_its_place(file: Path, toml: str, where: str, words: str) -> None:
    file.write_text(toml)
    with pytest.raises(BadInput, match=words) as said:
        load(file)
    assert str(file) in str(said.value)
    assert where in str(said.value)


def test_all_mistakes_are_named_at_once(file: Path) -> None:
    file.write_text("port = 0\nfoo = 1\n")
    with pytest.raises(BadInput) as said:
        load(file)
    assert len(str(said.value).splitlines()) == 2


def test_a_file_that_is_named_must_be_there_and_be_text(file: Path) -> None:
    with pytest.raises(BadInput, match="there is no such file"):
        load(file)
    file.write_bytes(b"port = 1 # \xff")
    with pytest.raises(BadInput, match="not UTF-8 at byte 11"):
        load(file)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("EARSHOT_PORT", "many", "environment, EARSHOT_PORT: port: input should be a valid integer"),
        ("EARSHOT_MAIL__PORT", "0", "environment, EARSHOT_MAIL__PORT: mail.port"),
        ("EARSHOT_MAIL__HOTS", "x", "environment, EARSHOT_MAIL__HOTS: mail.hots is not a setting"),
        ("EARSHOT_HOSTS", "desk.example", "environment, EARSHOT_HOSTS: .* written as JSON"),
    ],
)
def test_a_mistake_in_the_environment_names_the_variable(
    file: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str, words: str
) -> None:
    file.write_text("port = 9000")
    monkeypatch.setenv(name, value)
    with pytest.raises(BadInput, match=words):
        load(file)


def test_the_command_line_wins_over_the_environment_and_that_over_the_file(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.write_text("port = 9000\nhost = '::1'\n[mail]\nhost = 'a.example'\nuser = 'u'\n")
    monkeypatch.setenv("EARSHOT_PORT", "9001")
    monkeypatch.setenv("EARSHOT_MAIL__HOST", "b.example")
    found = load(file, port=9002, host=None)
    assert (found.port, found.host, found.mail.host, found.mail.user) == (9002, "::1", "b.example", "u")
    assert load(file).port == 9001


def test_an_option_is_checked_like_the_file(file: Path) -> None:
    file.write_text("")
    with pytest.raises(BadInput, match="--port: input should be less than or equal to 65535"):
        load(file, port=99_999)


def test_a_folder_of_secrets_is_read(file: Path, tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    folder.mkdir()
    (folder / "EARSHOT_METRICS_TOKEN").write_text("from-a-file")
    file.write_text(f"secrets_dir = {str(folder)!r}")
    assert load(file).metrics_token.get_secret_value() == "from-a-file"


def test_secrets_never_print(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_text("[mail]\npassword = 'hush-file'\n")
    monkeypatch.setenv("EARSHOT_DATABASE_URL", "postgresql://earshot:hush-env@db.example/earshot")
    found = load(file)
    assert "hush" not in repr(found) + str(found.model_dump())
    assert found.database == "postgresql+psycopg://earshot:hush-env@db.example/earshot"
    file.write_text("[mail]\npassword = ['hush-file']\n")
    with pytest.raises(BadInput) as said:
        load(file)
    assert "hush" not in str(said.value)


def test_without_anything_it_is_sqlite_in_the_data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert load().database == f"sqlite+aiosqlite:///{tmp_path / 'data' / 'earshot.db'}"
    assert load(public_url="https://desk.example/").address == "https://desk.example"
