"""What a page or a program sends us: a form or JSON, read into one typed model; and the little signed messages."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from typing import Any, TypeVar
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.requests import Request

from domain.errors import BadInput, Missing
from storage.tables import ID_BITS

_LONGEST_MESSAGE = 3000


class Form(BaseModel):
    """Base of all forms. `then` is where to go on afterwards, a path of this desk."""

    model_config = ConfigDict(str_strip_whitespace=False, extra="ignore", frozen=True)

    then: str = ""


F = TypeVar("F", bound=Form)


def row_id(text: str) -> int:
    """The row that a field or address names; 0, which no row has, when it is no number that a row can have."""
    return int(text) if text.isdecimal() and len(text) < 20 and int(text).bit_length() <= ID_BITS else 0


async def storable(request: Request) -> None:
    """Before every page: no address names what a database cannot even be asked for. Missing or BadInput."""
    for value in map(str, request.path_params.values()):
        if value.isdecimal() and not row_id(value) and value.strip("0"):
            raise Missing("there is no such page")
    for name, value in request.query_params.multi_items():
        _writable(name, value)


def _writable(name: str, value: str) -> None:
    """NUL and halves of surrogate pairs cannot be kept: PostgreSQL refuses the one, UTF-8 has no other."""
    if "\0" in value or any("\ud800" <= char <= "\udfff" for char in value):
        raise BadInput(f"{name[:40]!a}: it holds a character that cannot be kept; type the words again")


def described(model: type[Form], *statuses: int) -> dict[str, Any]:
    """Keyword arguments for a route, so that the API description tells its body and its errors."""
    schema = {"schema": model.model_json_schema()}
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {
        "openapi_extra": {
            "requestBody": {"content": {"application/json": schema, "application/x-www-form-urlencoded": schema}}
        },
        "responses": {
            303: {"description": "Done; for browsers: where to go on"},
            **{
                status: {"description": _MEANING[status], "content": problem}
                for status in (401, 403, 404, 422, *statuses)
            },
        },
    }


_MEANING = {
    401: "Not signed in",
    403: "The role does not permit this, or the request is not from this desk",
    404: "No such thing for this person",
    409: "It has changed in between; the newer state wins",
    422: "The input cannot be used; the detail says what, where and how to mend it",
    429: "Too many tries; Retry-After says when to try again",
}


async def read_form(request: Request, model: type[F]) -> F:
    """The body as `model`. BadInput names the field that does not fit."""
    try:
        return model.model_validate(await _values(request))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "body"
        raise BadInput(f"{where}: {first['msg'][:1].lower()}{first['msg'][1:]}") from None


async def _values(request: Request) -> dict[str, Any]:
    values = await _sent(request)
    for name, value in values.items():
        if isinstance(value, str):
            _writable(name, value)
    return values


async def _sent(request: Request) -> dict[str, Any]:
    if not request.headers.get("content-type", "").startswith("application/json"):
        return {name: value for name, value in (await request.form()).multi_items() if isinstance(value, str)}
    try:
        values = json.loads(await request.body())
    except (ValueError, RecursionError):
        raise BadInput("body: this is not JSON") from None
    if not isinstance(values, dict):
        raise BadInput("body: a JSON object is expected")
    return values


async def all_values(request: Request) -> dict[str, str]:
    """The body as plain names and texts, for forms whose fields a channel decides."""
    return {name: str(value) for name, value in (await _values(request)).items() if value is not None}


def own_path(path: str, otherwise: str = "/queue") -> str:
    """`path` if it is a path of this desk, else `otherwise`: a redirect never leaves the house."""
    parts = urlsplit(path)
    plain = path.startswith("/") and not path.startswith(("//", "/\\")) and not parts.netloc and not parts.scheme
    return path if plain and path.isprintable() and "\\" not in path else otherwise


def wants_json(request: Request) -> bool:
    """Whether the caller asks for JSON: a program. Browsers ask for HTML."""
    accept = request.headers.get("accept", "")
    return "json" in accept and "text/html" not in accept


def sign(secret: bytes, value: dict[str, Any]) -> str:
    """A small object as text that only we can have made; empty when it is too long for a cookie."""
    body = base64.urlsafe_b64encode(json.dumps(value, separators=(",", ":")).encode())
    signed = f"{body.decode()}.{_mac(secret, body)}"
    return signed if len(signed) <= _LONGEST_MESSAGE else ""


def signed_value(secret: bytes, text: str) -> dict[str, Any]:
    """The object that `sign` made; an empty one when the text is not ours."""
    body, _, mac = text.partition(".")
    if not hmac.compare_digest(_mac(secret, body.encode()).encode(), mac.encode()):
        return {}
    try:
        return dict(json.loads(base64.urlsafe_b64decode(body)))
    except (ValueError, binascii.Error):
        return {}


def _mac(secret: bytes, body: bytes) -> str:
    return hmac.new(secret, b"desk message\x00" + body, hashlib.sha256).hexdigest()
