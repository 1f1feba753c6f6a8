"""Hands one mail to the server that sends for us, and says what its answers mean.

An answer of 4xx or 5xx, at whatever step, means that the server has not taken the mail and will not deliver it (RFC
5321, 4.2.5). Until the DATA command nothing can go wrong in an uncertain way. After it, whatever is no clear answer
leaves open whether the mail is on its way.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiosmtplib
from aiosmtplib import SMTP, SMTPAuthenticationError, SMTPException, SMTPResponseException

from channels.email.servers import PORTS, Login
from domain.errors import ChannelError, OutcomeUnknown, RateLimited, Refused, SignInFailed, Unreachable
from net.door import Door

ENVELOPE_S = 10.0
DATA_S = 17.0
"""Together they stay within the 30 s that a sending has; a server may look long at a mail before it takes it."""
_QUIT_S = 1.0


async def try_sending(login: Login, door: Door) -> None:
    """Sign in and out. Raises SignInFailed, RateLimited, Unreachable, Refused."""
    async with _certain(login), asyncio.timeout(ENVELOPE_S), _session(login, door):
        pass


async def send(login: Login, door: Door, recipient: str, mail: bytes) -> str:
    """Hand over the mail with one DATA; what the server said to it. Raises as a publisher must."""
    async with contextlib.AsyncExitStack() as stack:
        async with _certain(login), asyncio.timeout(ENVELOPE_S):
            session = await stack.enter_async_context(_session(login, door))
            await session.mail(login.address)
            await session.rcpt(recipient)
        return await _data(session, login.sending.host, mail)


async def _data(session: SMTP, host: str, mail: bytes) -> str:
    try:
        async with asyncio.timeout(DATA_S):
            answer = await session.data(mail, timeout=DATA_S)
    except SMTPResponseException as error:
        if 400 <= error.code < 600:
            raise refusal(host, error) from None
        raise OutcomeUnknown(f"{host} answered to the mail with {error.code}") from None
    except (SMTPException, OSError, ValueError) as error:
        raise OutcomeUnknown(f"{host}: no answer to the mail ({type(error).__name__})") from None
    return said(answer.code, answer.message)


@asynccontextmanager
async def _session(login: Login, door: Door) -> AsyncIterator[SMTP]:
    """An encrypted session, signed in."""
    server = login.sending
    session = SMTP(
        hostname=server.host,
        username=server.user,
        password=login.password,
        use_tls=not server.starttls,
        start_tls=server.starttls,
        local_hostname=login.domain,  # otherwise the library asks the name server, and everybody waits
        timeout=ENVELOPE_S,
    )
    try:
        await session.connect(sock=await door.connect(server.host, server.port, kind="mail", ports=PORTS))
        yield session
        with contextlib.suppress(SMTPException, OSError):
            await session.quit(timeout=_QUIT_S)
    finally:
        session.close()


@asynccontextmanager
async def _certain(login: Login) -> AsyncIterator[None]:
    """Names the faults of all that comes before DATA: certainly nothing was sent."""
    host = login.sending.host
    try:
        yield
    except SMTPAuthenticationError as error:
        raise _sign_in_problem(host, error) from None
    except SMTPResponseException as error:
        raise refusal(host, error) from None
    except (SMTPException, OSError, ValueError) as error:
        raise meaning(host, error) from error


def _sign_in_problem(host: str, error: SMTPAuthenticationError) -> ChannelError:
    if 400 <= error.code < 500:
        return Unreachable(f"{host} cannot check the password now ({said(error.code, error.message)})")
    return SignInFailed(f"{host} does not accept the password ({said(error.code, error.message)})")


def refusal(host: str, error: SMTPResponseException) -> ChannelError:
    """4xx: later (a greylist, a full queue, too many mails). 5xx: never as it is. Else the server is not itself."""
    detail = f"{host} says: {said(error.code, error.message)}"
    if 400 <= error.code < 500:
        return RateLimited(detail=detail)
    if 500 <= error.code < 600:
        return Refused(f"the mail server refused it ({said(error.code, error.message)})", detail)
    return Unreachable(detail)


def meaning(host: str, error: Exception) -> ChannelError:
    """A fault before the mail was sent."""
    cause = error.__cause__ or error
    if isinstance(cause, ssl.SSLCertVerificationError):
        return Unreachable(f"{host}: its certificate is not trusted")
    if isinstance(cause, ssl.SSLError):
        return Unreachable(f"{host}: no secure connection (TLS)")
    if isinstance(error, TimeoutError):
        return Unreachable(f"{host}: no answer in time")
    if type(error) is aiosmtplib.SMTPException:  # it offers no sign-in, or no encryption
        return SignInFailed(f"{host}: {' '.join(error.message.split())[:200]}")
    return Unreachable(f"{host}: the connection broke")


def said(code: int, message: str) -> str:
    """An answer of a server on one line."""
    return f"{code} {' '.join(message.split())}"[:200].encode("utf-8", "replace").decode()
