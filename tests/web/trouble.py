"""Two problems in five languages for the pages, told by people who tagged the brand and by people who did not."""

from __future__ import annotations

from listener.grouping import group_all
from scoring.traits import Reader
from tests.web.seed import Desk, hear

TWICE = (
    ("mastodon", "Ines Par", "@ines", 320, "Norda charged my card twice for one ticket since the update. Refund?"),
    ("sandbox", "Luka Dren", "luka", 200, "Norda mi je dvaput naplatila istu kartu nakon ažuriranja, vratite novac."),
    ("mastodon", "Bence Tar", "@bence", 95, "A Norda kétszer vonta le a jegy árát a kártyámról a frissítés óta!"),
    ("hackernews", "sari_w", "sari_w", 40, "Norda habis update saldo saya kepotong dua kali buat satu tiket."),
    ("mastodon", "Anna Zar", "@anna", 12, "Norda pēc atjauninājuma naudu par biļeti noņēma divreiz. Kauns."),
)
LOST = (
    ("mastodon", "Petar Vir", "@petar", 400, "@norda my suitcase did not arrive in Riga, is anybody looking for it?"),
    ("rss", "Commuter Forum", "forum_l", 55, "Norda izgubila kofer na putu za Rigu, već drugi dan bez prtljage."),
)


async def tell(desk: Desk) -> None:
    """Both problems come in and are found."""
    await hear(desk, desk.brand, TWICE + LOST)
    await group_all(desk.db, lambda brand: Reader((brand.name,)), desk.clock.now())
