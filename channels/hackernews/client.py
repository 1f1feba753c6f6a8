"""HTTP of Hacker News: its search index and its own item API, both without a key."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from domain.clock import Clock
from domain.errors import Undecodable
from net.decode import int_at, list_at, value_at
from net.door import Door, raise_for

TAGS = "(story,comment)"
_AT_ONCE = 10


class HackerNewsClient:
    """Reads from the two addresses. Firebase states no limit; we ask for at most ten items at once."""

    def __init__(self, search_url: str, items_url: str, door: Door, clock: Clock) -> None:
        self._search = search_url.rstrip("/")
        self._items = items_url.rstrip("/")
        self._door = door
        self._clock = clock

    async def _get(self, url: str, params: dict[str, str | int] | None = None) -> object:
        answer = await self._door.request("GET", url, params=params, purpose="hackernews")
        return raise_for(answer, self._clock.now()).json()

    async def search(self, term: str, after: int, until: int | None, page: int, size: int) -> object:
        """One page of hits, newest first. Quoted, and without typo tolerance: "Norda" must not find "Nordea"."""
        window = f"created_at_i>{after}" + (f",created_at_i<{until}" if until is not None else "")
        quoted = '"' + term.replace('"', " ") + '"'
        params: dict[str, str | int] = {
            "query": quoted,
            "tags": TAGS,
            "typoTolerance": "false",
            "numericFilters": window,
            "hitsPerPage": size,
            "page": page,
        }
        return _with_hits(await self._get(f"{self._search}/search_by_date", params))

    async def newest(self) -> tuple[int, int] | None:
        """Id and moment (epoch seconds) of the newest item in the index, whatever it is about."""
        answer = _with_hits(await self._get(f"{self._search}/search_by_date", {"tags": TAGS, "hitsPerPage": 1}))
        for hit in list_at(answer, "hits"):
            item_id, moment = int_at(hit, "objectID"), int_at(hit, "created_at_i")
            if item_id is not None and moment is not None:
                return item_id, moment
        return None

    async def max_item(self) -> int:
        """The highest id there is."""
        found = int_at([await self._get(f"{self._items}/maxitem.json")], 0)
        if found is None:
            raise Undecodable("maxitem is no number")
        return found

    async def items(self, ids: Iterable[int]) -> list[tuple[int, object]]:
        """These items in order; a value is None while the item is not there yet or cannot be read."""
        turn = asyncio.Semaphore(_AT_ONCE)

        async def one(item_id: int) -> tuple[int, object]:
            async with turn:
                try:
                    return item_id, await self._get(f"{self._items}/item/{item_id}.json")
                except Undecodable:
                    return item_id, None

        tasks = [asyncio.create_task(one(item_id)) for item_id in ids]
        try:
            return list(await asyncio.gather(*tasks))
        finally:
            for task in tasks:
                task.cancel()

    async def changed(self) -> set[int]:
        """Ids of items that changed in the last minutes."""
        answer = await self._get(f"{self._items}/updates.json")
        return {found for raw in list_at(answer, "items") if (found := int_at([raw], 0)) is not None}


def _with_hits(answer: object) -> object:
    if not isinstance(value_at(answer, "hits"), list):
        raise Undecodable("the answer has no list of hits")
    return answer
