"""The settings of an installation: one TOML file, environment variables on top, everything optional.

Precedence: command line, then `EARSHOT_…` variables (`EARSHOT_MAIL__PASSWORD`), then files of the secrets folder,
then the file. A wrong or unknown key names the file, the line, the key and what to do.
"""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, SettingsError

from domain.errors import BadInput

_FILE = "earshot.toml"


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Mail(_Section):
    """The server through which alerts are mailed. Without a host no mail is sent."""

    host: str = ""
    port: int = Field(587, ge=1, le=65535)
    user: str = ""
    password: SecretStr = SecretStr("")
    sender: str = "earshot@localhost"
    security: Literal["starttls", "tls", "none"] = "starttls"


class Sla(_Section):
    """Promised times in seconds for new brands; a brand may have its own in the desk."""

    ack_s: float = Field(3600, gt=0)
    answer_s: float = Field(3600, gt=0)
    limit_s: float = Field(86_400, gt=0)
    resolve_s: float = Field(259_200, gt=0)


class Publishing(_Section):
    """Bounds of publishing. Whether it is on at all is set in the desk, by a named admin."""

    undo_s: float = Field(20, ge=0, le=120)
    ceiling: int = Field(30, ge=1)
    ceiling_window_s: float = Field(600, gt=0)
    per_day: int = Field(200, ge=1)


class Care(_Section):
    """What is done after an answer."""

    follow_up_s: float = Field(172_800, ge=3600, le=30 * 86_400)
    check_in_s: float = Field(172_800, ge=3600, le=30 * 86_400)
    satisfaction: Literal["", "csat", "nps", "ces"] = ""


class Model(_Section):
    """The optional model, off without `url`. Prices are per million tokens, in the currency of `budget_per_day`; 0 for
    one that runs on a machine of yours."""

    url: str = ""
    name: str = ""
    key: SecretStr = SecretStr("")
    prompt_price: float | None = Field(None, ge=0, le=100_000)
    answer_price: float | None = Field(None, ge=0, le=100_000)
    budget_per_day: float = Field(1.0, gt=0, le=1_000_000)
    calls_per_day: int = Field(1000, ge=1, le=1_000_000)
    answer_tokens: int = Field(400, ge=16, le=4000)
    limit_name: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"
    deadline_s: float = Field(20, ge=1, le=120)

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if not self.url:
            return self
        if not re.fullmatch(r"https?://[^\s/?#@]+[^\s?#@]*", self.url):
            raise ValueError('url needs the base address of the API, such as "https://api.example/v1"')
        if not self.name:
            raise ValueError("name is missing: the model to ask for, as its server calls it")
        if self.prompt_price is None or self.answer_price is None:
            raise ValueError(
                "prompt_price and answer_price are missing, and without them no budget holds: "
                "set both to 0 for a model that costs nothing"
            )
        return self


class Settings(BaseSettings):
    """All settings. Times in seconds. `priority` gives parts and signals other points than `scoring.priority` does."""

    model_config = SettingsConfigDict(
        env_prefix="EARSHOT_",
        env_nested_delimiter="__",
        extra="forbid",
        hide_input_in_errors=True,
        validate_assignment=True,
    )

    host: str = "127.0.0.1"
    port: int = Field(8765, ge=1, le=65535)
    data_dir: Path = Path("data")
    database_url: SecretStr = SecretStr("")
    public_url: str = ""
    hosts: list[str] = []
    tls_cert: Path | None = None
    tls_key: Path | None = None
    behind_tls: bool = False
    allow_public_http: bool = False
    outbound_allow: list[str] = []
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_json: bool = False
    metrics_token: SecretStr = SecretStr("")
    concurrency: int = Field(8, ge=1, le=64)
    mail: Mail = Mail()
    sla: Sla = Sla()
    publishing: Publishing = Publishing()
    care: Care = Care()
    model: Model = Model()
    priority: dict[str, float] = {}

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Environment before secrets folder before file (the file comes in through the initial values)."""
        return env_settings, file_secret_settings, init_settings

    @property
    def database(self) -> str:
        """The SQLAlchemy address of the database; SQLite in the data folder unless set."""
        given = self.database_url.get_secret_value()
        if not given:
            return f"sqlite+aiosqlite:///{self.data_dir.resolve() / 'earshot.db'}"
        for short, full in (("postgresql://", "postgresql+psycopg://"), ("postgres://", "postgresql+psycopg://")):
            given = given.replace(short, full, 1) if given.startswith(short) else given
        return given.replace("sqlite://", "sqlite+aiosqlite://", 1) if given.startswith("sqlite://") else given

    @property
    def address(self) -> str:
        """How people reach the desk."""
        scheme = "https" if self.tls_cert else "http"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return (self.public_url or f"{scheme}://{host}:{self.port}").rstrip("/")


def load(path: Path | None = None, **given: Any) -> Settings:
    """Read the settings once. `given` are values of the command line (None is not given). Raises BadInput."""
    file = path or Path(_FILE)
    if path is not None and not file.is_file():
        raise BadInput(f"{file}: there is no such file; leave --config out to start without one")
    raw = _read(file) if file.is_file() else {}
    secrets = _secrets_dir(raw, file)
    try:
        settings = Settings(**raw, _secrets_dir=secrets)
    except ValidationError as error:
        raise BadInput(_explain(error, file)) from None
    except SettingsError as error:
        raise BadInput(_explain_variable(error)) from None
    return _with_options(settings, {name: value for name, value in given.items() if value is not None})


def _secrets_dir(raw: dict[str, Any], file: Path) -> Path | None:
    """The folder of secrets that the file names, one file per setting."""
    given = raw.pop("secrets_dir", "")
    if given == "":
        return None
    if not isinstance(given, str) or not Path(given).is_dir():
        line = _line_of(file, ["secrets_dir"])
        raise BadInput(f"{file}, line {line}: secrets_dir: {given!r} is no folder; name one, or remove the line")
    return Path(given)


def _with_options(settings: Settings, options: dict[str, Any]) -> Settings:
    """Values of the command line, checked like all others."""
    changed = settings.model_copy()
    for name, value in options.items():
        try:
            setattr(changed, name, value)
        except ValidationError as error:
            problem = error.errors()[0]["msg"]
            option = name.replace("_", "-")
            raise BadInput(f"--{option}: {problem[0].lower() + problem[1:]}") from None
    return changed


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except UnicodeDecodeError as error:
        raise BadInput(f"{file}: not UTF-8 at byte {error.start}; save the file as UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise BadInput(f"{file}: {error}; see config/example.toml for the form") from None


def _explain(error: ValidationError, file: Path) -> str:
    return "\n".join(_explain_one(dict(problem), file) for problem in error.errors())


def _explain_one(problem: dict[str, Any], file: Path) -> str:
    keys = [str(part) for part in problem["loc"]]
    name = ".".join(keys)
    line = _line_of(file, keys)
    # what the environment says wins, so it is what was wrong
    named = next((name for name in _variables(keys) if name in os.environ), "")
    where = f"{file}, line {line}" if line and not named else f"environment, {named or _variable(keys)}"
    if problem["type"] == "extra_forbidden":
        return f"{where}: {name} is not a setting{_nearest(keys)}; remove it or mend its name"
    return f"{where}: {name}: {problem['msg'][0].lower() + problem['msg'][1:]}; see config/example.toml"


def _explain_variable(error: SettingsError) -> str:
    found = re.search(r'field "(\w+)"', str(error))
    name = _variable([found[1]]) if found else "a variable"
    return f'environment, {name}: a list or section is written as JSON, for example ["desk.example.org"]'


def _variable(keys: list[str]) -> str:
    return "EARSHOT_" + "__".join(keys).upper()


def _variables(keys: list[str]) -> list[str]:
    """The variables that may have set this key: its own, or one that holds the whole section or list."""
    return [_variable(keys[:count]) for count in range(len(keys), 0, -1)]


def _nearest(keys: list[str]) -> str:
    model: type[BaseModel] = Settings
    for key in keys[:-1]:
        found = model.model_fields.get(key)
        if found is None or not isinstance(found.annotation, type) or not issubclass(found.annotation, BaseModel):
            return ""
        model = found.annotation
    close = difflib.get_close_matches(keys[-1], model.model_fields, n=1)
    return f" (did you mean {close[0]}?)" if close else ""


def _line_of(file: Path, keys: list[str]) -> int:
    """The line of a key in the file, 0 when it is not there. Good for the plain form that the example has."""
    if not file.is_file():
        return 0
    section, wanted = "", [key for key in keys if not key.isdigit()]
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        if header := re.match(r"\s*\[([^\]]+)\]", line):
            section = header[1].strip()
            if section.split(".") == wanted:
                return number
            continue
        key = line.split("=")[0].strip().strip('"')
        if key and [*filter(None, section.split(".")), *key.split(".")] == wanted:
            return number
    return _line_of(file, wanted[:-1]) if len(wanted) > 1 else 0
