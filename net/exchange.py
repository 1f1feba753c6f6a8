"""Parts of one exchange on aiohttp: one attempt, a mark before the first byte, a bounded body, plain faults."""

from __future__ import annotations

import asyncio
import errno
import os
import ssl
from types import SimpleNamespace

import aiohttp
from aiohttp import ClientHandlerType, ClientRequest, ClientResponse, ClientSession

from domain.crashpoint import crashpoint
from domain.errors import Refused, Undecodable
from net.text import clean_string


class Once:
    """A middleware that lets a session send one request and no second.

    aiohttp repeats PUT and DELETE (as GET) when the connection breaks before an answer, and a WebSocket's handshake
    follows redirects; either would come through here again.
    """

    def __init__(self) -> None:
        self._used = False

    async def __call__(self, request: ClientRequest, handler: ClientHandlerType) -> ClientResponse:
        if self._used:
            raise Refused(
                "address", f"{request.url.raw_host}: the server closed or redirected, and asking again is off"
            )
        self._used = True
        return await handler(request)


class Broken(aiohttp.ClientError):
    """The connection broke before an answer: aiohttp must not take it as a reason to repeat."""


async def never_again(request: ClientRequest, handler: ClientHandlerType) -> ClientResponse:
    """A middleware that hides from aiohttp that a repeat might help."""
    try:
        return await handler(request)
    except aiohttp.ClientConnectorError:
        raise
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
        raise Broken(_name(error)) from error


def mark_connected(connected: asyncio.Event) -> aiohttp.TraceConfig:
    """Sets the event once a connection stands, TLS included: before that, no byte of the request can have left."""

    async def note(
        session: ClientSession, context: SimpleNamespace, params: aiohttp.TraceConnectionCreateEndParams
    ) -> None:
        connected.set()
        crashpoint("send.connected")

    async def head_sent(
        session: ClientSession, context: SimpleNamespace, params: aiohttp.TraceRequestHeadersSentParams
    ) -> None:
        crashpoint("send.head_sent")

    async def body_sent(
        session: ClientSession, context: SimpleNamespace, params: aiohttp.TraceRequestChunkSentParams
    ) -> None:
        crashpoint("send.body_sent")

    async def answered(session: ClientSession, context: SimpleNamespace, params: aiohttp.TraceRequestEndParams) -> None:
        crashpoint("send.answer_begun")

    config = aiohttp.TraceConfig()
    config.on_connection_create_end.append(note)
    config.on_request_headers_sent.append(head_sent)
    config.on_request_chunk_sent.append(body_sent)
    config.on_request_end.append(answered)
    return config


async def read_body(response: ClientResponse, max_bytes: int) -> bytes:
    """The body to its end, counted as unpacked. Raises Undecodable beyond `max_bytes`; drops the connection then."""
    body = bytearray()
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > max_bytes:
            response.close()
            raise Undecodable(f"{response.url.raw_host}: an answer of more than {max_bytes} bytes")
    return bytes(body)


def headers_of(response: ClientResponse) -> dict[str, str]:
    """Lower-case names; a header that came several times is joined by commas; values are clean."""
    headers: dict[str, str] = {}
    for name, value in response.headers.items():
        key, text = name.lower(), clean_string(value)
        headers[key] = f"{headers[key]}, {text}" if key in headers else text
    return headers


def why(error: BaseException, timeout_s: float) -> str:
    """A fault in plain words. Never the library's own text: it may quote the address with its secrets."""
    if isinstance(error, TimeoutError):
        return f"no complete answer within {timeout_s:g} s"
    if isinstance(error, (aiohttp.ClientConnectorCertificateError, ssl.SSLCertVerificationError)):
        return "its certificate is not trusted"
    if isinstance(error, (aiohttp.ClientConnectorSSLError, ssl.SSLError)):
        return "no secure connection (TLS)"
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return "its name was not found"
    if isinstance(error, Undecodable):
        return "its answer is too large"
    return _name(error)


def unconnected(error: BaseException, timeout_s: float) -> str:
    """Why no connection came about, in plain words, for a socket of our own."""
    if isinstance(error, TimeoutError):
        return f"no connection within {timeout_s:g} s"
    number = (error.errno or 0) if isinstance(error, OSError) else 0
    # no number, a negative one (the resolver's own) and ENOENT all come from the look-up
    return (
        f"cannot connect ({os.strerror(number)})" if number > 0 and number != errno.ENOENT else "its name was not found"
    )


def _name(error: BaseException) -> str:
    if isinstance(error, aiohttp.ClientConnectorError):
        return f"cannot connect ({error.os_error.strerror or type(error.os_error).__name__})"
    if isinstance(error, aiohttp.ClientPayloadError):
        return "its answer was cut short or damaged"
    if isinstance(error, aiohttp.ClientResponseError):
        return "its answer is not HTTP"
    if isinstance(error, Broken):
        return str(error)
    if isinstance(error, (aiohttp.ServerDisconnectedError, ConnectionError, aiohttp.ClientOSError)):
        return "the connection broke before an answer"
    return f"failed ({type(error).__name__})"
