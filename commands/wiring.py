"""Wires the house: the only place (with `commands.serve`) that hands real parts to one another."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from math import ceil
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec

from alerts.notifiers.mail import MailServer
from alerts.parts import Parts as Alerting
from channels.manifest import Manifest
from channels.registry import manifests
from config.secrets import Vault, open_vault
from config.settings import Settings
from domain.account import Account
from domain.clock import Clock, SystemClock
from domain.errors import BadInput
from domain.ids import ids
from domain.ports import Publisher
from listener.renewing import Renewer
from listener.teaching import Teacher
from listener.verifying import Verifier
from listener.worker import Listener
from net.door import AllowList, Door
from responders.drafters import phrasebook
from responders.drafters.model import Model
from responders.drafters.model_budget import Price
from responders.drafting import Drafting
from responders.markets import PACKS
from responders.parts import Limits
from responders.parts import Parts as Responding
from responders.shelf import PLAYBOOKS, Shelf
from responders.survey_links import SurveyLinks
from scoring.language import Detector
from scoring.naming import read_names
from scoring.priority import Weights, weights_of
from scoring.scorer import BrandProfile, Scorer
from scoring.sentiment import read_packs
from scoring.traits import Reader
from storage.database import Database
from storage.jobs_local import LocalJobs
from storage.tables import AccountRow, Brand
from web.live import Hub
from web.parts import Parts as Desk
from web.parts import SealSecrets, TryAccount

VERSION = "0.1.0"


@dataclass(slots=True)
class House:
    """All parts of one process."""

    settings: Settings
    clock: Clock
    vault: Vault
    database: Database
    door: Door
    channels: Mapping[str, Manifest]
    jobs: Any
    listener: Listener
    verifier: Verifier
    renewer: Renewer
    teacher: Teacher
    responding: Responding
    alerting: Alerting

    async def close(self) -> None:
        """Let go of connections."""
        await self.door.close()
        await self.database.close()


def account_context(row_id: int) -> str:
    """What the secrets of an account are sealed to."""
    return f"account:{row_id}:secrets"


def account_opener(vault: Vault) -> Callable[[AccountRow], Account]:
    """Turns a stored account into one with its secrets readable."""

    def open_account(row: AccountRow) -> Account:
        sealed = vault.open(row.secrets, account_context(row.id)) if row.secrets else "{}"
        secrets = msgspec.json.decode(sealed, type=dict[str, str])
        return Account(row.id, row.channel, row.handle, row.external_id, row.base_url, secrets, row.labelled)

    return open_account


def seal_secrets(vault: Vault) -> SealSecrets:
    """Encrypts the secrets of an account row."""

    def seal(row_id: int, secrets: Mapping[str, str]) -> str:
        return vault.seal(msgspec.json.encode(dict(secrets)).decode(), account_context(row_id))

    return seal


def account_tester(channels: Mapping[str, Manifest], door: Door) -> TryAccount:
    """Signs in with the fields of a form before anything is stored."""

    async def try_account(channel: str, fields: Mapping[str, str]) -> Account:
        manifest = channels.get(channel)
        if manifest is None or manifest.try_account is None:
            raise BadInput(f"channel {channel!r} takes no accounts")
        secrets = {name: value for name, value in fields.items() if name.startswith("secret_")}
        given = Account(0, channel, fields.get("handle", ""), "", fields.get("base_url", ""), secrets)
        tried: Account = await manifest.try_account(given, door)
        return replace(tried, secrets=tried.secrets or secrets)

    return try_account


def scorers(weights: Weights) -> Callable[[Brand], Scorer]:
    """Gives the scorer of a brand; one per set of names, because building its tables is the dear part."""

    @lru_cache(maxsize=256)
    def scorer(name: str, handles: tuple[str, ...], languages: tuple[str, ...]) -> Scorer:
        language = languages[0] if languages else None
        return Scorer(BrandProfile(names=(name,), handles=handles, default_language=language, weights=weights))

    return lambda brand: scorer(brand.name, tuple(brand.handles), tuple(brand.languages))


@lru_cache(maxsize=256)
def _reader(name: str, handles: tuple[str, ...]) -> Reader:
    return Reader((name, *handles))


def reader_for(brand: Brand) -> Reader:
    """What reads a brand's mentions for grouping."""
    return _reader(brand.name, tuple(brand.handles))


def publisher_of(door: Door) -> Callable[[Manifest, Account], Publisher]:
    """Builds the publisher of a channel for one account."""

    def publisher(manifest: Manifest, account: Account) -> Publisher:
        if manifest.publisher is None:
            raise BadInput(f"{manifest.title} takes no replies by API")
        return manifest.publisher(account, door)

    return publisher


def _keep_good_versions(folder: Path) -> None:
    """Before anything reads them."""
    PACKS.keep_in(folder / "markets")
    phrasebook.keep_in(folder / "phrases")


def build(settings: Settings, clock: Clock | None = None) -> House:
    """All parts of one process, not started yet."""
    clock = clock or SystemClock()
    read_packs()
    read_names()
    _keep_good_versions(settings.data_dir / "good")
    vault = open_vault(settings.data_dir)
    database = Database(settings.database)
    door = Door(clock, AllowList.parse(settings.outbound_allow))
    channels = manifests()
    jobs = _motor(settings, database, clock)
    teacher = Teacher(database, channels, scorers(weights_of(settings.priority)))
    open_account = account_opener(vault)
    surveys = _surveys(settings, vault)
    drafting = Drafting(channels, Detector().detect, surveys)
    shelf = Shelf(settings.data_dir / PLAYBOOKS)
    responding = Responding(
        database=database,
        clock=clock,
        jobs=jobs,
        channels=channels,
        account=open_account,
        publisher=publisher_of(door),
        secret=vault.derive("approvals"),
        compose=drafting.compose,
        check=drafting.check,
        taught=teacher.taught,
        playbooks=shelf.of,
        shelf=shelf,
        stop_file=settings.data_dir / "STOP",
        model=_model(settings, door),
        surveys=surveys,
        limits=_limits(settings),
    )
    listener = Listener(
        database=database,
        clock=clock,
        door=door,
        manifests=dict(channels),
        scorer_for=teacher.scorer,
        open_account=open_account,
        concurrency=settings.concurrency,
        sla=settings.sla.model_dump(),
    )
    verifier = Verifier(database, channels, listener.ears)
    renewer = Renewer(database, door, channels, open_account, seal_secrets(vault))
    alerting = Alerting(
        database=database,
        clock=clock,
        jobs=jobs,
        channels=channels,
        public_url=settings.address,
        seal=vault.seal,
        open_=vault.open,
        mail=_mail(settings),
        allow=AllowList.parse(settings.outbound_allow),
    )
    jobs.runner.on_parked = alerting.parked.note
    return House(
        settings,
        clock,
        vault,
        database,
        door,
        channels,
        jobs,
        listener,
        verifier,
        renewer,
        teacher,
        responding,
        alerting,
    )


def _limits(settings: Settings) -> Limits:
    publishing, care = settings.publishing, settings.care
    return Limits(
        undo_s=publishing.undo_s,
        ceiling=publishing.ceiling,
        ceiling_window_s=publishing.ceiling_window_s,
        per_day=publishing.per_day,
        follow_up_s=care.follow_up_s,
        check_in_s=care.check_in_s,
        sla=settings.sla.model_dump(),
    )


def _model(settings: Settings, door: Door) -> Model | None:
    """The optional model. In the clear it is asked only on a server that the operator listed."""
    given, billionths = settings.model, 10**9
    if not given.url:
        return None
    address = urlsplit(given.url)
    host, port = address.hostname or "", address.port or 80
    if address.scheme == "http" and not AllowList.parse(settings.outbound_allow).permits(host, port):
        raise BadInput(
            f"[model] url: {given.url} is not encrypted, so posts and the key could be read on their way: use https, "
            f"or list {host}:{port} in outbound_allow if it is a server of yours"
        )
    per_token = billionths // 10**6
    return Model(
        door=door,
        url=given.url.rstrip("/"),
        name=given.name,
        key=given.key.get_secret_value(),
        price=Price(ceil((given.prompt_price or 0) * per_token), ceil((given.answer_price or 0) * per_token)),
        cap=int(given.budget_per_day * billionths),
        calls=given.calls_per_day,
        answer_tokens=given.answer_tokens,
        limit_name=given.limit_name,
        deadline_s=given.deadline_s,
    )


def _surveys(settings: Settings, vault: Vault) -> SurveyLinks | None:
    """Links for authors; none while nobody outside can reach this desk."""
    if not settings.public_url:
        return None
    return SurveyLinks(address=settings.address, secret=vault.derive("surveys"), kind=settings.care.satisfaction)


def _mail(settings: Settings) -> MailServer | None:
    given = settings.mail
    if not given.host:
        return None
    return MailServer(
        host=given.host,
        port=given.port,
        username=given.user,
        password=given.password.get_secret_value(),
        sender=given.sender,
        security=given.security,
    )


def desk_parts(house: House) -> Desk:
    """What the desk is built from."""
    settings = house.settings
    return Desk(
        db=house.database,
        clock=house.clock,
        live=Hub(house.database, house.clock),
        responding=house.responding,
        channels=house.channels,
        public_url=settings.address,
        secret=house.vault.derive("desk"),
        hosts=(settings.host, *settings.hosts),
        secure=settings.address.startswith("https://"),
        version=VERSION,
        metrics_token=settings.metrics_token.get_secret_value(),
        try_account=account_tester(house.channels, house.door),
        seal_secrets=seal_secrets(house.vault),
        alerting=house.alerting,
        receiver=house.listener.receiver,
        teacher=house.teacher,
    )


def _motor(settings: Settings, database: Database, clock: Clock) -> Any:
    if database.dialect == "sqlite":
        return LocalJobs(database, clock, settings.concurrency)
    from storage.jobs_procrastinate import ProcrastinateJobs  # imported only where PostgreSQL is used

    return ProcrastinateJobs(database, clock, settings.concurrency)


def new_account_row(house: House, brand_id: int, account: Account, secrets: Mapping[str, str]) -> AccountRow:
    """A row for an account that was tried; its secrets are sealed."""
    now = house.clock.now()
    row_id = ids.next(now)
    return AccountRow(
        id=row_id,
        brand_id=brand_id,
        channel=account.channel,
        handle=account.handle,
        external_id=account.external_id,
        base_url=account.base_url,
        secrets=seal_secrets(house.vault)(row_id, secrets),
        labelled=account.labelled,
        good_until=account.good_until,
        created_at=now,
    )
