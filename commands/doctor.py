"""Looks at everything an installation needs and says what to do about what is wrong."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import aiosmtplib
from rich.console import Console
from rich.markup import escape
from sqlalchemy import func
from sqlmodel import col, select

from commands.wiring import House, build
from config.settings import Settings
from domain.errors import BadInput, ChannelError, EarshotError, SignInFailed
from listener.meters import Reading, amount, readings
from listener.schedule import is_silent
from responders.drafters import phrasebook
from responders.drafters.model_breaker import FAILURES, rests
from responders.markets import PACKS
from responders.rules import posts, reader
from responders.shelf import PLAYBOOKS, Shelf
from storage import suggestions
from storage.migrate import migrate
from storage.seals import broken_seals
from storage.settings import publishing_on
from storage.tables import AccountRow, Brand, Contact, Quarantine, Reply, SourceRow

say = Console(highlight=False).print

_LEAST_FREE_MB = 200
_ENDS_SOON = timedelta(days=14)
_REVIEW = "read it again, then set the day of the next review"


@dataclass(frozen=True, slots=True)
class Verdict:
    """One line of the examination. `grade` is ok, note or bad; a bad one has a mend."""

    what: str
    grade: str
    found: str
    mend: str = ""


Examination = Callable[[House], AsyncIterator[Verdict]]


async def examine(settings: Settings) -> bool:
    """Print all verdicts; True when nothing is bad."""
    await migrate(settings.database)
    house = build(settings)
    healthy = True
    try:
        for examination in EXAMINATIONS:
            async for verdict in _guarded(examination, house):
                _show(verdict)
                healthy = healthy and verdict.grade != "bad"
    finally:
        await house.close()
    say("\n[green]all well[/green]" if healthy else "\n[red]some things need you, see above[/red]")
    return healthy


async def _guarded(examination: Examination, house: House) -> AsyncIterator[Verdict]:
    try:
        async for verdict in examination(house):
            yield verdict
    except EarshotError as error:
        yield Verdict(examination.__name__.strip("_"), "bad", str(error))


def _show(verdict: Verdict) -> None:
    mark = {"ok": "[green]ok  [/green]", "note": "[yellow]note[/yellow]", "bad": "[red]bad [/red]"}[verdict.grade]
    say(f"{mark} {escape(verdict.what)}: {escape(verdict.found)}", soft_wrap=True)
    if verdict.mend:
        say(f"       → {escape(verdict.mend)}", soft_wrap=True)


async def _database(house: House) -> AsyncIterator[Verdict]:
    async with house.database.read() as session:
        brands = (await session.exec(select(func.count(col(Brand.id))))).one()
    yield Verdict("database", "ok", f"{house.database.dialect}, current schema, {brands} brand(s)")
    free = shutil.disk_usage(house.settings.data_dir).free // 1_000_000
    enough = free >= _LEAST_FREE_MB
    mend = "" if enough else f"make room: less than {_LEAST_FREE_MB} MB is left where the data folder is"
    yield Verdict("disk", "ok" if enough else "bad", f"{free} MB free", mend)


async def _clock(house: House) -> AsyncIterator[Verdict]:
    async with house.database.read() as session:
        newest = (await session.exec(select(func.max(SourceRow.last_ok_at)))).one()
    ahead = newest is not None and newest > house.clock.now() + timedelta(seconds=5)
    mend = "set this machine's clock: stored moments lie in its future" if ahead else ""
    yield Verdict("clock", "bad" if ahead else "ok", f"{house.clock.now():%Y-%m-%d %H:%M:%S} UTC", mend)


async def _history(house: House) -> AsyncIterator[Verdict]:
    async with house.database.read() as session:
        for brand in await session.exec(select(Brand)):
            broken = await broken_seals(session, brand.id)
            if broken:
                mend = "history was changed from outside: compare with a backup before you rely on reports"
                yield Verdict(f"history of {brand.name}", "bad", f"seals {broken[:5]} do not hold", mend)
            else:
                yield Verdict(f"history of {brand.name}", "ok", "every seal holds")


async def _sources(house: House) -> AsyncIterator[Verdict]:
    now = house.clock.now()
    async with house.database.read() as session:
        sources = list(await session.exec(select(SourceRow).order_by(col(SourceRow.id))))
        bad = (await session.exec(select(func.count(col(Quarantine.id))))).one()
    meters = readings(sources, house.channels, now)
    for source in sources:
        name = f"source {source.name}"
        if (reading := meters.get(source.id)) is not None:
            yield _meter(name, reading)
        if source.status in ("stopped", "failing"):
            mend = "mend the account or the settings on the sources page, then resume it"
            yield Verdict(name, "bad", f"{source.status}: {source.error}", mend)
        elif source.channel in house.channels and is_silent(
            now, source.last_mention_at, source.created_at, house.channels[source.channel].silence_after_s
        ):
            yield Verdict(name, "note", "silent for longer than is normal for it", "check that its words still exist")
        else:
            yield Verdict(name, "ok", f"{source.status}, {source.seen} seen, {source.stored} stored")
    if bad:
        yield Verdict("quarantine", "note", f"{bad} item(s) could not be read", "see them on the sources page")


def _meter(name: str, reading: Reading) -> Verdict:
    meter, spent = reading.meter, reading.share >= 1
    found = f"{amount(meter.used, meter.unit)} of {amount(meter.of, meter.unit)} used today {meter.what}"
    if meter.of_account and reading.sources > 1:
        both = amount(reading.by_account, meter.unit), amount(meter.of_account, meter.unit)
        found += f"; the {reading.sources} sources of its account together {both[0]} of {both[1]}"
    mend = f"it reads on at {meter.resets_at:%H:%M} UTC; a larger budget is a setting of the source" if spent else ""
    return Verdict(f"budget of {name}", "note" if spent else "ok", found, mend)


async def _accounts(house: House) -> AsyncIterator[Verdict]:
    async with house.database.read() as session:
        rows = list(await session.exec(select(AccountRow).where(col(AccountRow.status) != "removed")))
    for row in rows:
        yield await _try_account(house, row)
        if row.status == "working" and (found := _ending(row, house.clock.now())):
            what = f"sign-in of {row.handle or row.base_url} on {row.channel}"
            yield Verdict(what, "note", found, "connect the account again before its sign-in ends")


def _ending(row: AccountRow, now: datetime) -> str:
    """What to know of a sign-in that could not be renewed, or that ends soon; empty when there is nothing."""
    end = f"it ends on {row.good_until:%Y-%m-%d}" if row.good_until else ""
    if row.renew_error:
        return "; ".join(filter(None, (f"not renewed yet, and tried again by itself: {row.renew_error}", end)))
    return end if row.good_until is not None and row.good_until < now + _ENDS_SOON else ""


async def _try_account(house: House, row: AccountRow) -> Verdict:
    name, manifest = f"account {row.handle or row.base_url} on {row.channel}", house.channels.get(row.channel)
    if manifest is None or manifest.try_account is None:
        return Verdict(name, "note", "this channel cannot be tried")
    if row.base_url.endswith(":0") or row.channel in ("replay", "sandbox"):
        return Verdict(name, "ok", "lives on the sandbox network of this machine")
    try:
        await manifest.try_account(house.responding.account(row), house.door)
    except SignInFailed as error:
        return Verdict(name, "bad", f"sign-in failed: {error}", "connect it again on the accounts page")
    except (ChannelError, BadInput) as error:
        return Verdict(name, "bad", str(error), "check address and network, then run this again")
    return Verdict(name, "ok", "signs in")


async def _publishing(house: House) -> AsyncIterator[Verdict]:
    async with house.database.read() as session:
        on, why = await publishing_on(session, house.responding.stop_file)
        unknown = (await session.exec(select(func.count(col(Reply.id))).where(col(Reply.status) == "unknown"))).one()
    yield Verdict("publishing", "ok" if on else "note", "on" if on else why)
    if unknown:
        yield Verdict("sentences", "bad", f"{unknown} with unknown outcome", "open them in the desk and settle each")


async def _playbooks(house: House) -> AsyncIterator[Verdict]:
    shelf, today = Shelf(house.settings.data_dir / PLAYBOOKS), house.clock.now().date()
    for wrong in shelf.broken():
        yield Verdict("playbook", "bad", wrong, "mend that file; `run.py playbooks` checks it")
    async with house.database.read() as session:
        slugs = list(await session.exec(select(Brand.slug).order_by(col(Brand.slug))))
    for path in shelf.files():
        if path.parent.name not in slugs:
            mend = f"name its folder like a brand: {', '.join(slugs)}"
            yield Verdict(f"playbook {path.name}", "note", f"{path.parent.name} is no brand", mend)
    for each in (each for slug in slugs for each in shelf.of(slug)):
        late = each.review_on < today
        found = f"version {each.version}, review on {each.review_on}"
        yield Verdict(f"playbook {each.name}", "note" if late else "ok", found, _REVIEW if late else "")


async def _markets(house: House) -> AsyncIterator[Verdict]:
    wrong = PACKS.broken()
    for each in wrong:
        yield Verdict("market pack", "bad", each, "mend that file; `run.py markets` checks it")
    if not wrong:
        codes = ", ".join(sorted(code for code in PACKS.all() if code))
        yield Verdict("market packs", "ok", codes or "only the default")


async def _phrases(house: House) -> AsyncIterator[Verdict]:
    wrong = phrasebook.broken()
    for each in wrong:
        yield Verdict("phrase pack", "bad", each, "mend that file in responders/phrases")
    if not wrong:
        yield Verdict("phrase packs", "ok", ", ".join(phrasebook.LANGUAGES))


async def _sentences(house: House) -> AsyncIterator[Verdict]:
    try:
        runs = reader.runs()
        if runs:
            posts.learned()
    except BadInput as error:
        yield Verdict("sentences", "bad", str(error), "until then no reply can be drafted or checked")
        return
    mend = "" if runs else "nothing is wrong; fewer faulty drafts are noticed (docs/replies.md)"
    found = "read by their meaning" if runs else "word lists alone: no sentence model for this machine"
    yield Verdict("sentences", "ok" if runs else "note", found, mend)


async def _notifiers(house: House) -> AsyncIterator[Verdict]:
    async with house.database.read() as session:
        contacts = (await session.exec(select(func.count(col(Contact.id))))).one()
    mend = "" if contacts else "add one on the on-call page, or nobody hears of an alert"
    yield Verdict("contacts", "ok" if contacts else "note", f"{contacts} contact(s)", mend)
    mail = house.settings.mail
    if not mail.host:
        yield Verdict("mail", "note", "no mail server is set", "set [mail] in earshot.toml to be alerted by mail")
        return
    server = aiosmtplib.SMTP(
        hostname=mail.host, port=mail.port, timeout=10,
        use_tls=mail.security == "tls", start_tls=mail.security == "starttls",
    )  # fmt: skip
    try:
        async with server:
            if mail.user:
                await server.login(mail.user, mail.password.get_secret_value())
    except (aiosmtplib.SMTPException, OSError) as error:
        yield Verdict("mail", "bad", f"{mail.host}:{mail.port}: {error}", "check [mail] in earshot.toml")
    else:
        yield Verdict("mail", "ok", f"{mail.host}:{mail.port} answers")


async def _model(house: House) -> AsyncIterator[Verdict]:
    model, now = house.responding.model, house.clock.now()
    if model is None:
        return  # off is how it comes: nothing to say
    async with house.database.read() as session:
        spent, calls = await suggestions.spent(session, now.date())
        resting = rests(await suggestions.last_ends(session, FAILURES), now)
    used = f"{spent / 10**9:.2f} of {model.cap / 10**9:.2f} spent today in {calls} of {model.calls} question(s)"
    try:
        await model.examine(now)
    except ChannelError as error:
        mend = "check [model] in earshot.toml; drafts are composed without it"
        yield Verdict("model", "bad", f"{model.url}: {error}", mend)
        return
    mend = "its last answers could not be used: see docs/model.md" if resting else ""
    yield Verdict("model", "note" if resting else "ok", f"{model.name} at {model.url} answers, {used}", mend)


EXAMINATIONS: tuple[Examination, ...] = (
    _database, _clock, _history, _sources, _accounts, _publishing, _playbooks, _markets, _phrases, _sentences,
    _notifiers, _model,
)  # fmt: skip
