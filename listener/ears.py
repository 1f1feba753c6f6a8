"""What one poll works with: the brand's topics, names and promises, and the channel's view of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from channels.manifest import Listening, Manifest
from domain.account import Account
from domain.clock import Clock
from domain.errors import BadInput, Refused, SignInFailed
from domain.ports import Scorer
from domain.sla import Policy, policy_from
from listener.calendars import holiday_dates
from listener.matching import Matcher, topic
from listener.meters import used
from net.door import Door
from storage import sources
from storage.database import Database
from storage.tables import AccountRow, Brand, SourceRow

Words = tuple[tuple[int, str], ...]


@dataclass(slots=True)
class Elsewhere:
    """What the other sources of an account have used, as it was looked up last."""

    used: float = 0.0

    def __call__(self) -> float:
        """The figure."""
        return self.used


@dataclass(frozen=True, slots=True)
class Ears:
    """What one poll works with. `key` names what the source serves: another key starts a new cursor."""

    brand: Brand
    matcher: Matcher
    policy: Policy
    listening: Listening
    own_names: frozenset[str]
    scorer: Scorer
    key: str
    takes_all: bool = False
    elsewhere: Elsewhere = field(default_factory=Elsewhere)


@dataclass(slots=True)
class EarMaker:
    """Gathers ears. Matchers are kept per brand until its topics change: building one is dear."""

    database: Database
    clock: Clock
    door: Door
    scorer_for: Callable[[Brand], Scorer]
    open_account: Callable[[Any], Account]
    sla: Mapping[str, Any]
    _matchers: dict[int, tuple[Words, Matcher]] = field(default_factory=dict)

    async def gather(self, source: SourceRow, manifest: Manifest) -> Ears:
        """In one read. Refused for wrong settings, SignInFailed for a dead account, BadInput for what else is wrong."""
        async with self.database.read() as session:
            brand = await sources.get_brand(session, source.brand_id)
            matcher = self._matcher(brand.id, await self._words(session, brand.id))
            rows = await sources.own_accounts(session, source.brand_id, source.channel)
        account = self._account(rows, source)
        settings = settings_of(source, manifest)
        handles = (*brand.handles, *(row.handle for row in rows if row.handle))
        asked = matcher.terms if manifest.asks_for_terms(settings) else ()
        elsewhere = Elsewhere()
        ears = Ears(
            brand=brand,
            matcher=matcher,
            policy=self.promises(brand, source.channel),
            listening=Listening(
                settings=settings,
                account=account,
                terms=matcher.terms,
                handles=handles,
                door=self.door,
                clock=self.clock,
                used_elsewhere=elsewhere,
            ),
            own_names=own_names(handles, rows),
            scorer=self.scorer_for(brand),
            key=sources.cursor_key(source.channel, source.settings, asked),
            takes_all=manifest.takes_all,
            elsewhere=elsewhere,
        )
        await self.look_elsewhere(source, manifest, ears)
        return ears

    async def look_elsewhere(self, source: SourceRow, manifest: Manifest, ears: Ears) -> None:
        """How much the other sources of this account have used by now: a budget is one for all of them."""
        if manifest.meter is None or source.account_id is None:
            return
        async with self.database.read() as session:
            others = await sources.others_of_account(session, source)
        ears.elsewhere.used = used(others, manifest, self.clock.now())

    async def changed(self, source: SourceRow, ears: Ears) -> bool:
        """Whether the topics or the settings are others by now: a stream is then begun anew from its cursor."""
        async with self.database.read() as session:
            words = await self._words(session, source.brand_id)
            now = await sources.get_source(session, source.id)
        return now is None or now.settings != source.settings or self._matcher(ears.brand.id, words) is not ears.matcher

    async def _words(self, session: Any, brand_id: int) -> Words:
        return tuple((each.id, each.query) for each in await sources.brand_topics(session, brand_id))

    def _matcher(self, brand_id: int, words: Words) -> Matcher:
        held = self._matchers.get(brand_id)
        if held is None or held[0] != words:
            held = (words, Matcher(topic(topic_id, query) for topic_id, query in words))
            self._matchers[brand_id] = held
        return held[1]

    def _account(self, rows: Iterable[AccountRow], source: SourceRow) -> Account | None:
        row = next((row for row in rows if row.id == source.account_id), None)
        if row is not None and row.status == "dead":
            raise SignInFailed(row.error or f"{row.handle} is signed out: connect it again on the accounts page")
        return self.open_account(row) if row is not None else None

    def promises(self, brand: Brand, channel: str) -> Policy:
        """The installation's times, the brand's own on top, with the holidays of its country."""
        country = brand.policy.get("holidays")
        dates = holiday_dates(country, self.clock.now().year) if country else ()
        return policy_from({**self.sla, **brand.policy}, channel, dates)


def settings_of(source: SourceRow, manifest: Manifest) -> Any:
    """The settings of a source as its channel reads them. Raises Refused in plain words."""
    try:
        return msgspec.convert(source.settings, manifest.settings)
    except msgspec.ValidationError as error:
        raise Refused(f"the settings of this source are not valid: {error}; remove it and add it anew") from None


def streams(source: SourceRow, manifest: Manifest) -> bool:
    """Whether this source is pushed to us, rather than asked."""
    if manifest.stream is None or manifest.source is None:
        return manifest.stream is not None
    try:
        return bool(getattr(settings_of(source, manifest), "kind", "") == "stream")
    except (Refused, BadInput):
        return False  # the poll says what is wrong


def own_names(handles: Iterable[str], rows: Iterable[AccountRow]) -> frozenset[str]:
    """Our names and native ids on a network. Never the empty one: it would make every nameless post ours."""
    names = {name.casefold().lstrip("@") for name in handles} | {row.external_id for row in rows}
    return frozenset(names - {""})
