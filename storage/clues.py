"""The index of live articles, resolved cases and replies: clue -> rows. What is a clue is decided elsewhere, in
`scoring.clues` and `responders.similarity`.

A look-up of articles and cases costs the same however much is stored: of each clue the newest rows alone are followed,
then the candidates are looked at with all clues.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Subquery, TextClause, delete, func, insert, text, union_all
from sqlalchemy import select as pick
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.tables import Clue, table

_CANDIDATES = 40
_C = table(Clue).c


async def put(session: AsyncSession, brand_id: int, noun: str, row_id: int, terms: Iterable[int]) -> None:
    """This row is found by these clues from now on, and by no others."""
    await take_out(session, noun, [row_id])
    rows = [{"brand_id": brand_id, "noun": noun, "term": term, "row_id": row_id} for term in sorted(set(terms))]
    if rows:
        await (await session.connection()).execute(insert(table(Clue)), rows)


async def take_out(session: AsyncSession, noun: str, row_ids: Sequence[int]) -> None:
    """These rows are found no longer."""
    gone = delete(table(Clue)).where(_C.noun == noun, _C.row_id.in_(list(row_ids)))
    await (await session.connection()).execute(gone)


async def find(
    session: AsyncSession, brand_id: int, noun: str, terms: Sequence[int], common: int
) -> dict[int, dict[int, int]]:
    """Row -> the clues it shares, each with how many rows it leads to (at most `common`). Two bounded reads."""
    if not terms:
        return {}
    here: dict[str, Any] = {"brand": brand_id, "noun": noun, "most": common}
    values = here | {f"t{at}": term for at, term in enumerate(terms)}
    found = await (await session.connection()).execute(_newest(len(terms)), values)
    rows = [(int(term), int(row_id)) for term, row_id in found]
    many = Counter(term for term, _ in rows)
    near = Counter[int]()
    for term, row_id in rows:
        near[row_id] += 1 + common // many[term]
    candidates = [row_id for row_id, _ in near.most_common(_CANDIDATES)]
    return await _shared(session, brand_id, noun, list(many), candidates, many)


def sharing(brand_id: int, noun: str, terms: Sequence[int], since: int) -> Subquery:
    """Rows (`row_id`) with an id from `since` on that share one of these clues at least, and how many (`shared`).

    However common they are. One search for each clue: of all at once SQLite takes the wrong index and reads every row.
    """
    here = _C.brand_id == brand_id, _C.noun == noun, _C.row_id >= since
    found = union_all(*(pick(_C.row_id).where(*here, _C.term == term) for term in terms)).subquery()
    return pick(found.c.row_id, func.count().label("shared")).group_by(found.c.row_id).subquery()


@cache
def _newest(terms: int) -> TextClause:
    """The newest rows of each clue. Written out: as an expression it takes longer to compile than to run."""
    one = (
        "SELECT * FROM (SELECT term, row_id FROM clue WHERE brand_id = :brand AND noun = :noun AND term = :t{at}"
        " ORDER BY row_id DESC LIMIT :most) AS of_{at}"
    )
    return text(" UNION ALL ".join(one.format(at=at) for at in range(terms)))


async def _shared(
    session: AsyncSession, brand_id: int, noun: str, terms: list[int], row_ids: list[int], many: Counter[int]
) -> dict[int, dict[int, int]]:
    query = pick(_C.row_id, _C.term).where(
        _C.brand_id == brand_id, _C.noun == noun, _C.term.in_(terms), _C.row_id.in_(row_ids)
    )
    found: dict[int, dict[int, int]] = defaultdict(dict)
    for row_id, term in await (await session.connection()).execute(query):
        found[row_id][term] = many[term]
    return dict(found)
