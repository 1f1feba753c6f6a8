"""The view of a team in the report: who may see it, and that no small number is told as a rate."""

from __future__ import annotations

from datetime import timedelta

from sqlmodel import select

from domain.ids import ids
from reports.first_contact import FirstContact
from reports.team import rate, team
from storage.tables import Reply, Transition
from storage.team import Approved
from tests.reports.conftest import NOW, History


def test_people_stand_by_name_and_small_numbers_are_no_rates() -> None:
    rows = [Approved(1, case, 3 if case < 6 else 0, case == 1) for case in range(12)] + [Approved(2, 99, 0, False)] * 2
    found = FirstContact(met=tuple(range(9)), missed=(9, 99), running=(10, 11))
    first, second = team(rows, found, {1: "Zora", 2: "adam"})
    assert [first.name, second.name] == ["adam", "Zora"]
    assert (first.cases, rate(first.solved), rate(first.hard), rate(first.heat)) == (1, None, None, None)
    assert (second.cases, rate(second.solved), rate(second.hard)) == (12, 90.0, 50.0)


async def approve(history: History) -> None:
    """Of some sent answers the agent is who approved them."""
    async with history.db.write() as session:
        sent = list(await session.exec(select(Reply).where(Reply.status == "sent", Reply.brand_id == history.brand)))
        for reply in [each for each in sent if each.kind == "answer"]:
            session.add(
                Transition(
                    id=ids.next(NOW), brand_id=history.brand, noun="reply", row_id=reply.id, old="drafted",
                    new="approved", actor=f"user:{history.desk.users['agent']}", at=NOW - timedelta(days=1),
                )
            )  # fmt: skip


async def test_who_leads_sees_the_team_and_nobody_else(history: History) -> None:
    if not history.sql.is_sqlite:  # the history on PostgreSQL is only read
        manager = await history.browser("manager")
        assert (await manager.get("/reports/team.csv?days=28")).status == 200
        return
    await approve(history)
    manager, agent = await history.browser("manager"), await history.browser("agent")
    page = await manager.get("/reports?days=28&zone=UTC")
    assert 'id="team"' in page.text
    assert "never of a number" in page.text
    (line,) = (await manager.get_json("/reports?days=28&zone=UTC")).json["team"]
    assert line["cases"] >= 10
    assert 0 <= line["solved"] <= 100
    lines = (await manager.get("/reports/team.csv?days=28&zone=UTC")).text.splitlines()
    assert lines[0].endswith("person,cases,solved,solved_n,hard,hard_n,heat,heat_n")
    assert lines[1].startswith(f"{line['person']},{line['cases']},")
    assert 'id="team"' not in (await agent.get("/reports?days=28&zone=UTC")).text
    assert (await agent.get_json("/reports?days=28&zone=UTC")).json["team"] == []
    assert (await agent.get("/reports/team.csv?days=28")).status == 403
