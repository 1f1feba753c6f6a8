"""What every trial starts from: a brand with its people, accounts and sources, and what the world has said so far."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from channels.sandbox.ledger import Ledger
from commands.wiring import House, new_account_row
from domain.account import Account
from domain.alert import Turn
from domain.ids import ids
from listener.onboarding import add_brand, add_source
from storage import people, rota, settings
from tests.crash.outside import BOOKS

START = datetime(2025, 3, 3, 9, 0, tzinfo=UTC)
APPROVER = "ana@norda.example"
ON_CALL = "ivo@norda.example"
REPLAY = "posts.jsonl"
SPOILED_LINE = 2

POSTS = (
    ("mara_test", "@norda the coach is on fire, smoke everywhere, somebody is injured. Please help"),
    ("jonas_test", "@norda could you tell me why there is no timetable for Brinja?"),
    ("till_test", "Lovely sunrise from the Norda night train, thanks to the crew"),
)
LINES = (
    {"id": "r1", "text": "Norda is building a new depot in Velmar"},
    {"id": "r2", "text": "@norda the ticket machine at Ostrand is broken, when will it work again?"},
)


def write_world(folder: Path) -> None:
    """The books of the sandbox network, and the file that is replayed (one of its lines is spoiled)."""
    ledger = Ledger(folder / BOOKS)
    for author, text in POSTS:
        ledger.write(author, text, START, lang="en")
    ledger.close()
    lines = [json.dumps(_line(line, place)) for place, line in enumerate(LINES)]
    lines.insert(SPOILED_LINE - 1, '{"id": "broken", "text": ')
    (folder / REPLAY).write_text("\n".join(lines) + "\n", encoding="utf-8")


def _line(given: dict[str, str], place: int) -> dict[str, Any]:
    moment = START.replace(minute=place).isoformat()
    return {**given, "created_at": moment, "author": f"author{place}_test", "lang": "en", "mentions": []}


async def furnish(house: House, folder: Path, address: str) -> None:
    """Fill an empty, migrated database."""
    now = house.clock.now()
    async with house.database.write() as session:
        brand = await add_brand(session, "Norda", now, handles=["norda"], languages=["en"])
        approver = await people.add_person(session, APPROVER, "Ana", "UTC", now)
        await people.set_role(session, approver.id, brand.id, "admin")
        on_call = await people.add_person(session, ON_CALL, "Ivo", "UTC", now)
        await people.set_role(session, on_call.id, brand.id, "on_call")
        for day in range(7):
            await rota.add_shift(session, brand.id, Turn(on_call.id, day, 0, 1440, "UTC"), now)
        contact = {"user_id": on_call.id, "kind": "mail", "label": "mail", "target": ON_CALL, "created_at": now}
        await rota.add_contact(session, id=ids.next(now), **contact)
        await settings.start_publishing(session, actor=f"user:{approver.id}", now=now)
        places: dict[str, dict[str, Any]] = {
            "sandbox": {"base_url": address},
            "replay": {"path": str(folder / REPLAY), "speed": 0.0, "started_at": now.isoformat()},
        }
        for channel, place in places.items():
            account = Account(0, channel, "norda", "norda", address)
            row = new_account_row(house, brand.id, account, {"secret_token": "sandbox-token"})
            session.add(row)
            await session.flush()
            add_source(session, brand.id, house.channels[channel], channel, place, now, row.id)
        gone = {"path": str(folder / "gone.jsonl"), "speed": 0.0}
        add_source(session, brand.id, house.channels["replay"], "outage", gone, now)
