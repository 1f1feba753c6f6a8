"""Passwords: argon2, in a thread, few at a time (each costs tens of MiB and tens of milliseconds)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from domain.errors import BadInput

T = TypeVar("T")
SHORTEST = 12
_LONGEST = 200


class Passwords:
    """Hashes and verifies. An unknown person costs the same time as a known one."""

    def __init__(self, workers: int = 2, hasher: PasswordHash | None = None) -> None:
        self._hasher = hasher or PasswordHash((Argon2Hasher(),))
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix="passwords")
        self._nobody = ""

    async def hash(self, password: str) -> str:
        """The hash to keep. BadInput when the password is too short or too long."""
        if not SHORTEST <= len(password) <= _LONGEST:
            raise BadInput(f"password: use {SHORTEST} to {_LONGEST} characters; a few words in a row are fine")
        return await self._in_thread(self._hasher.hash, password)

    async def verify(self, password: str, kept: str) -> bool:
        """Whether the password fits. An empty `kept` (nobody, or no password set) takes as long and fits never."""
        password = password[:_LONGEST]
        if not kept:
            self._nobody = self._nobody or await self._in_thread(self._hasher.hash, "nobody has this one")
            await self._in_thread(self._hasher.verify, password, self._nobody)
            return False
        return await self._in_thread(self._hasher.verify, password, kept)

    async def _in_thread(self, call: Callable[..., T], *values: str) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, call, *values)
