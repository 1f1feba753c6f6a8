"""Groups the posts of one brand by what they tell of, one after the other, in any language.

Each problem is a small profile: how often its posts named which cause, place, name and rare word. A post joins the
problem that explains its traits best: for each trait, how much more likely it is there than among all troubles of this
brand. What fits none begins one of its own. Once placed, a post is never moved by this module.

Nothing is read twice and everything is bounded: a post costs one look at the profiles that share a trait with it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from math import log
from typing import Any, NamedTuple

import msgspec

from scoring.near import Kept, Near, Words
from scoring.traits import WIDE_SHARE, Traits, is_fault, share_of

DAY = 86_400.0
MOST_PROFILES = 400
MOST_WAITING = 20
MOST_WORDS = 60
"""Names and rare words that a profile keeps: those that most of its posts named."""
MOST_KEPT = 400
"""Texts that later copies are held against."""
MOST_COUNTED = 4_000
"""Words whose frequency is known; then all counts are halved, so what was is forgotten."""
IDLE = 7 * DAY
"""A problem of which nobody told for so long takes no more posts."""

JOIN = 0.7
"""How much better than chance a profile must explain a post: the natural logarithm of the ratio."""
DOUBT = 0.3
"""More is asked of a post that may be no trouble at all."""
USUAL = {"how": 0.3, "place": 0.06}
"""Share of troubles, of any brand, that name one certain trait. Not counted here: in a storm everybody names one."""
RARE = 0.02
"""The same for names and other words, until enough posts were counted to know better."""
BEFORE = 40.0
"""So many posts that first guess counts for."""
STRENGTH = {"cause": 1.0, "how": 0.25, "place": 1.0}
OF_WORDS, OF_NAMES = 0.2, 0.8
"""Strength of any other word, and of one that is written as a name or has digits: a flight, a version, a street."""
FIELD, ENOUGH = 0.35, 20.0
"""A thing that more troubles of a brand name than this share says nothing, once so many were counted."""
SELDOM = 0.02
"""Share of troubles up to which one thing in common is enough to ask how well it fits."""
OFTEN = 0.2
"""Share of the posts of a problem from which on what they name is what it is about."""
OF_FIELD, OF_A_NAME, OF_A_WORD = 0.5, 1.4, 0.7
"""What in common counts beside a place or a thing: what names the whole field (a railway's trains), a name, a word."""
LEAST = {"cause": -0.2, "how": -0.3, "place": -3.0}
"""How much one trait can speak against a problem: people name other troubles in passing, but seldom a wrong place."""
MOST = {"cause": 2.5, "how": 0.5, "place": 3.0, "word": 2.0}
"""How much all traits of a kind can say for a problem."""
ELSEWHERE = 3.0
PER_DAY = 0.6
PER_SIZE = 0.15

Trait = tuple[str, Any]
KINDS = ("cause", "how", "place", "word")
NO_NAMES: Words = frozenset()


class Telling(NamedTuple):
    """One post on its way to a problem. `at` in seconds since 1970; `kin` is the problem of its thread or original;
    `author` a hash of who wrote it, 0 where nobody knows."""

    id: int
    at: float
    traits: Traits
    kin: int | None = None
    author: int = 0


class Profile(msgspec.Struct):
    """What the posts of one problem named, and how often. `id` is that of its first post, unless a person split it.

    `waiting` are its posts while one person alone told of it (`author`): only a second one makes it a problem.
    """

    id: int
    size: int
    counts: dict[str, dict[Any, int]]
    first_at: float
    last_at: float
    author: int = 0
    waiting: list[int] = msgspec.field(default_factory=list)


class Placed(NamedTuple):
    """Where a post went. `members` are the posts that belong to a problem by this: itself, and those that waited for a
    second person; none while one person alone told of it."""

    problem: int
    members: tuple[int, ...]


class State(msgspec.Struct):
    """All that grouping remembers of one brand."""

    profiles: list[Profile] = msgspec.field(default_factory=list)
    seen: float = 0.0
    counts: dict[int, float] = msgspec.field(default_factory=dict)
    causes: dict[str, float] = msgspec.field(default_factory=dict)
    kept: list[Kept] = msgspec.field(default_factory=list)
    copies: dict[int, int] = msgspec.field(default_factory=dict)


class Grouper:
    """Groups the posts of one brand in the order given."""

    def __init__(self, state: State | None = None) -> None:
        state = state or State()
        self.profiles = {profile.id: profile for profile in state.profiles}
        self.seen, self.counts, self.causes = state.seen, state.counts, state.causes
        self.near = Near(MOST_KEPT, state.kept)
        self.copies = state.copies

    def state(self) -> State:
        """What to keep so that grouping can go on later."""
        kept = list(self.near.kept.values())
        return State(list(self.profiles.values()), self.seen, self.counts, self.causes, kept, self.copies)

    def place(self, told: Telling) -> Placed | None:
        """The problem that this post belongs to from now on; None when it stands alone."""
        profile = self._kin(told)
        if profile is None and told.traits.alone:
            return None
        traits = traits_of(told.traits)
        self._count(traits)
        profile = profile or self._best(told, traits) or (self._begin(told) if told.traits.is_trouble else None)
        return self._add(profile, told, traits) if profile else None

    def _kin(self, told: Telling) -> Profile | None:
        """The problem of its thread, or lately of its original or a post of nearly the same words in no other place."""
        if told.kin is not None and told.kin in self.profiles:
            return self.profiles[told.kin]
        for known in (self.copies.get(told.traits.copy), self.near.find(told.traits.text)):
            profile = self.profiles.get(known) if known is not None else None
            if profile is not None and _apart(profile, told.at) <= IDLE and not _elsewhere(profile, told.traits):
                return profile
        return None

    def _best(self, told: Telling, traits: list[Trait]) -> Profile | None:
        likest, most = None, JOIN if told.traits.is_trouble else JOIN + DOUBT
        rare, field = told.traits.rare, self._field()
        traits = [trait for trait in traits if trait[1] not in field]
        for profile in self.profiles.values():
            if _may_join(profile, told, rare, field):
                score = self.fit(profile, traits, told.traits.names) - PER_DAY * _apart(profile, told.at) / DAY
                score -= ELSEWHERE if _elsewhere(profile, told.traits) else 0.0
                if score > most:
                    likest, most = profile, score
        return likest

    def fit(self, profile: Profile, traits: list[Trait], names: Words = NO_NAMES) -> float:
        """How much better than chance the profile explains these traits, as a logarithm.

        What several causes say together is bounded: "no internet", "outage" and "connection" are one and the same.
        """
        sums = dict.fromkeys(KINDS, 0.0)
        for kind, value in traits:
            if kind == "word":
                sums[kind] += self._by_word(profile, value) * (OF_NAMES if value in names else OF_WORDS)
            else:
                sums[kind] += max(LEAST[kind], STRENGTH[kind] * _gain(profile.counts[kind], kind, value))
        by_all = sum(min(MOST[kind], total) for kind, total in sums.items())
        return PER_SIZE * log(profile.size) + by_all

    def _field(self) -> frozenset[str]:
        """Things that so many troubles of this brand name that they say nothing: the trains of a railway."""
        if self.seen < ENOUGH:
            return frozenset()
        often = (cause for cause, count in self.causes.items() if count > FIELD * self.seen)
        return frozenset(cause for cause in often if not is_fault(cause))

    def _by_word(self, profile: Profile, word: int) -> float:
        """How much likelier a name or rare word is here than in any post of this brand; an absent one says nothing."""
        count = profile.counts["word"].get(word, 0)
        if not count:
            return 0.0
        usual = (self.counts.get(word, 0.0) + BEFORE * RARE) / (self.seen + BEFORE)
        return max(0.0, log((count + usual) / ((profile.size + 1) * usual)))

    def _count(self, traits: Iterable[Trait]) -> None:
        self.seen += 1
        for kind, value in traits:
            if kind in ("word", "cause"):
                counts: dict[Any, float] = self.counts if kind == "word" else self.causes
                counts[value] = counts.get(value, 0.0) + 1
        if len(self.counts) > MOST_COUNTED:
            self.seen /= 2
            self.counts = {value: count / 2 for value, count in self.counts.items() if count >= 2}
            self.causes = {value: count / 2 for value, count in self.causes.items() if count >= 2}

    def _begin(self, told: Telling) -> Profile:
        profile = Profile(told.id, 0, {kind: {} for kind in KINDS}, told.at, told.at, told.author)
        self.profiles[told.id] = profile
        if len(self.profiles) > MOST_PROFILES:
            self.drop(min(self.profiles.values(), key=lambda each: (each.last_at, each.id)).id)
        return profile

    def _add(self, profile: Profile, told: Telling, traits: list[Trait]) -> Placed:
        alone = not profile.size or (profile.waiting and told.author and told.author == profile.author)
        members = (*profile.waiting, told.id)[-MOST_WAITING:]
        profile.waiting = list(members) if alone else []
        add_to(profile, told.at, traits)
        if told.traits.copy not in self.copies:
            self.copies[told.traits.copy] = profile.id
            if len(self.copies) > MOST_KEPT:
                del self.copies[next(iter(self.copies))]
        self.near.add(told.traits.text, profile.id)
        return Placed(profile.id, () if alone else members)

    def drop(self, problem: int) -> None:
        """Let go of a problem: no more posts join it."""
        self.profiles.pop(problem, None)
        self.copies = {copy: known for copy, known in self.copies.items() if known != problem}

    def merge(self, problem: int, into: int) -> None:
        """A person said that a problem is part of another: what would join it joins that from now on."""
        part, whole = self.profiles.pop(problem, None), self.profiles.get(into)
        if part is not None and whole is None:
            part.id = into
            self.profiles[into] = part
        elif part is not None and whole is not None:
            _merge(whole, part)
        self.near.move(problem, into)
        self.copies = {copy: into if known == problem else known for copy, known in self.copies.items()}

    def split(self, problem: int, new: int, tellings: list[Telling]) -> None:
        """A person said that these posts of a problem tell of another, `new`."""
        if not tellings:
            return
        part = Profile(new, 0, {kind: {} for kind in KINDS}, tellings[0].at, tellings[0].at)
        for told in tellings:
            add_to(part, told.at, traits_of(told.traits))
            self.copies[told.traits.copy] = new
            self.near.add(told.traits.text, new)
        if (whole := self.profiles.get(problem)) is not None:
            _take_out(whole, part)
        self.profiles[new] = part


def traits_of(traits: Traits) -> list[Trait]:
    """All traits that a profile counts."""
    kinds = (("cause", traits.causes), ("how", traits.hows), ("place", traits.places))
    sure = [(kind, value) for kind, values in kinds for value in values]
    return sure + [("word", value) for value in sorted(traits.rare)]


def add_to(profile: Profile, at: float, traits: list[Trait]) -> None:
    """Count one more post in a profile."""
    profile.size += 1
    profile.first_at, profile.last_at = min(profile.first_at, at), max(profile.last_at, at)
    for kind, value in traits:
        profile.counts[kind][value] = profile.counts[kind].get(value, 0) + 1
    if len(profile.counts["word"]) > MOST_WORDS:
        profile.counts["word"] = dict(Counter(profile.counts["word"]).most_common(MOST_WORDS // 2))


def _merge(whole: Profile, part: Profile) -> None:
    whole.size += part.size
    whole.waiting = []
    whole.first_at, whole.last_at = min(whole.first_at, part.first_at), max(whole.last_at, part.last_at)
    whole.counts = {kind: dict(Counter(whole.counts[kind]) + Counter(part.counts[kind])) for kind in KINDS}


def _take_out(whole: Profile, part: Profile) -> None:
    whole.size = max(1, whole.size - part.size)
    whole.counts = {kind: dict(Counter(whole.counts[kind]) - Counter(part.counts[kind])) for kind in KINDS}


def _elsewhere(profile: Profile, traits: Traits) -> bool:
    """Whether the post names places, but none of those that most posts of the problem name."""
    places = profile.counts["place"]
    if not traits.places or not places.keys().isdisjoint(traits.places):
        return False
    return 2 * max(places.values(), default=0) >= profile.size


def _may_join(profile: Profile, told: Telling, rare: Words, field: frozenset[str]) -> bool:
    """Whether enough is the same to ask how well it fits: a fault, a thing that is seldom named, or any two things.

    What few posts of the problem named is not what it is about.
    """
    traits, counts = told.traits, profile.counts
    causes = _often(profile, "cause", traits.causes) - field
    words = _often(profile, "word", rare)
    if not (causes or words) or _apart(profile, told.at) > IDLE:
        return False
    if any(is_fault(cause) or share_of(cause) <= SELDOM for cause in causes):
        return True
    things = sum(OF_FIELD if share_of(cause) >= WIDE_SHARE else 1 for cause in causes)
    places = len(counts["place"].keys() & traits.places)
    return things + places + OF_A_NAME * len(words & traits.names) + OF_A_WORD * len(words - traits.names) >= 2


def _often(profile: Profile, kind: str, values: Iterable[Any]) -> set[Any]:
    counted, enough = profile.counts[kind], OFTEN * profile.size
    return {value for value in counted.keys() & values if counted[value] >= enough}


def _gain(counted: dict[Any, int], kind: str, value: Any) -> float:
    """How much likelier a trait is in a problem than elsewhere. The more different ones of its kind were counted there,
    the less a new one surprises (Witten and Bell's estimate)."""
    if not counted:
        return 0.0
    usual = share_of(value) if kind == "cause" else USUAL[kind]
    different, all_ = len(counted), sum(counted.values())
    if value in counted:
        return log((counted[value] + different * usual) / ((all_ + different) * usual))
    return log(different / (all_ + different)) * max(0.0, 1 - usual / WIDE_SHARE)


def _apart(profile: Profile, at: float) -> float:
    """Seconds between a post and the time in which a problem was told of."""
    return max(0.0, at - profile.last_at, profile.first_at - at)
