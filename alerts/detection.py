"""Looks every few seconds whether an alert should stand, and stores what changed. Detection never sends anything."""

from __future__ import annotations

from datetime import datetime

import structlog
from prometheus_client import Counter, Gauge
from sqlmodel.ext.asyncio.session import AsyncSession

from alerts.parts import Parts
from alerts.rules import Changes, changes, find
from domain.alert import LiveAlert, Raise, Situation
from domain.crashpoint import crashpoint
from domain.errors import Moved
from net.metrics import REGISTRY
from scoring.spikes import NEW
from scoring.titles import title_of
from storage import alert_causes, alerts, transitions

log = structlog.get_logger()

RAISED = Counter("earshot_alerts_raised", "Alerts raised, by rule.", ["rule"], registry=REGISTRY)
UNREACHED = Gauge(
    "earshot_alerts_unreached", "Raised alerts of whose latest round no message got through.", registry=REGISTRY
)


async def sweep(parts: Parts, now: datetime) -> int:
    """One look at everything. Returns how many alerts were raised. A tick; safe to run in several processes."""
    parked = parts.parked.noted()
    async with parts.database.read() as session:
        seen = await alert_causes.situations(
            session,
            now,
            severe_priority=parts.limits.severe_priority,
            silence_after_s={name: manifest.silence_after_s for name, manifest in parts.channels.items()},
            verify_within_s={n: manifest.verify_within_s for n, manifest in parts.channels.items() if manifest.verify},
            title_of=lambda problem: title_of(problem.title, problem.named, problem.mentions),
            new_since=now - NEW,
            parked=parked,
        )
        UNREACHED.set(len(await alerts.unreached(session)))
    raised = 0
    for situation in seen:
        raised += await _store(parts, situation, changes(situation.live, find(situation, now, parts.limits)), now)
    parts.parked.forget(parked)
    return raised


async def _store(parts: Parts, seen: Situation, found: Changes, now: datetime) -> int:
    if not (found.new or found.gone or found.again or found.reworded):
        return 0
    raised = 0
    async with parts.database.write() as session:
        for want in await _still_true(session, seen, found.new):
            alert_id = await alerts.store_alert(session, seen.brand_id, want, now)
            if alert_id is not None:
                raised += 1
                RAISED.labels(want.rule).inc()
                await parts.jobs.nudge(session, "alert", alert_id, now)
                log.warning("alert raised", rule=want.rule, subject=want.subject, alert=alert_id)
        for alert, want in found.reworded:
            await alerts.reword(session, alert.id, want.title, want.body)
        crashpoint("alert.before_trigger_commit")
    crashpoint("alert.after_trigger_commit")
    await _move(parts, seen, found, now)
    return raised


async def _still_true(session: AsyncSession, seen: Situation, new: list[Raise]) -> list[Raise]:
    """Without alerts about cases that changed since they were seen: what they quote may have been erased meanwhile.
    The next look raises them with what is so then."""
    subjects = {want.subject for want in new}
    changed = await alert_causes.changed(session, [case for case in seen.cases if f"case:{case.id}" in subjects])
    return [want for want in new if want.subject not in {f"case:{case_id}" for case_id in changed}]


async def _move(parts: Parts, seen: Situation, found: Changes, now: datetime) -> None:
    """Each move on its own: a person may have been faster with one of them."""
    moves: list[tuple[LiveAlert, str, str, datetime | None]]
    moves = [(alert, "resolved", "the cause is gone", None) for alert in found.gone]
    moves += [(alert, "raised", "more of the same since it was acknowledged", now) for alert, _ in found.again]
    for alert, new, why, due_at in moves:
        values = {"acknowledged_by": None} if new == "raised" else {}
        try:
            async with parts.database.write() as session:
                await transitions.move(
                    session,
                    "alert",
                    alert.id,
                    alert.status,
                    new,
                    brand_id=seen.brand_id,
                    actor=alerts.ACTOR,
                    now=now,
                    why=why,
                    notify_due_at=due_at,
                    **values,
                )
        except Moved:
            continue
        log.info("alert moved", alert=alert.id, rule=alert.rule, to=new)
