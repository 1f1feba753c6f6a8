"""The tables. No behaviour here: rules live in `domain`, queries beside this file, moves in `transitions`.

Ids are time-ordered 63-bit integers (`domain.ids`). Moments are UTC. What is due is a column of the row that
needs it (`..._due_at`), so a restart loses nothing. A new row is its own first event; each later change of
status writes one row of `transition` in the same transaction.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    Dialect,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, SQLModel


class UtcDateTime(TypeDecorator[datetime]):
    """Aware UTC in Python, whatever the database keeps. A naive value is a programming error."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive moment must not be stored")
        return value.astimezone(UTC).replace(tzinfo=None) if dialect.name == "sqlite" else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


ID_BITS = 63
"""What a column of ids holds: a larger number makes both databases refuse the whole statement."""
Id = BigInteger().with_variant(Integer(), "sqlite")
Json = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
metadata: MetaData = SQLModel.metadata


def key() -> Any:
    return Field(sa_type=Id, primary_key=True, sa_column_kwargs={"autoincrement": False})


def ref(target: str, *, index: bool = False) -> Any:
    return Field(sa_type=Id, foreign_key=target, index=index)


def maybe_ref(target: str, *, index: bool = False) -> Any:
    return Field(default=None, sa_type=Id, foreign_key=target, index=index, nullable=True)


def at() -> Any:
    return Field(sa_type=UtcDateTime)


def maybe_at(*, index: bool = False) -> Any:
    return Field(default=None, sa_type=UtcDateTime, nullable=True, index=index)


def json_list() -> Any:
    return Field(default_factory=list, sa_column=Column(Json, nullable=False))


def json_object() -> Any:
    return Field(default_factory=dict, sa_column=Column(Json, nullable=False))


# --- people ----------------------------------------------------------------------------------------------------


class User(SQLModel, table=True):
    """A named person. `disabled_at` ends every session of theirs at once."""

    __tablename__ = "person"
    id: int = key()
    email: str = Field(unique=True)
    name: str
    password_hash: str = ""
    zone: str = "UTC"
    language: str = "en"
    created_at: datetime = at()
    disabled_at: datetime | None = maybe_at()


class Membership(SQLModel, table=True):
    """A person's role in one brand: admin, manager, agent, on_call or viewer."""

    user_id: int = Field(sa_type=Id, foreign_key="person.id", primary_key=True)
    brand_id: int = Field(sa_type=Id, foreign_key="brand.id", primary_key=True)
    role: str


class Session(SQLModel, table=True):
    """A browser session, found by the hash of its cookie."""

    __tablename__ = "web_session"
    token_hash: str = Field(primary_key=True)
    user_id: int = ref("person.id", index=True)
    created_at: datetime = at()
    seen_at: datetime = at()
    expires_at: datetime = at()


class OneTimeToken(SQLModel, table=True):
    """A single-use token (sign-in link, invitation, acknowledge link), bound to its purpose; only its hash is kept."""

    __tablename__ = "one_time_token"
    token_hash: str = Field(primary_key=True)
    purpose: str
    user_id: int | None = maybe_ref("person.id")
    subject: str = ""
    created_at: datetime = at()
    expires_at: datetime = at()
    used_at: datetime | None = maybe_at()


class Contact(SQLModel, table=True):
    """Where alerts reach a person: kind "mail" (an address) or "apprise" (an encrypted service address)."""

    id: int = key()
    user_id: int = ref("person.id", index=True)
    kind: str
    label: str = ""
    target: str
    created_at: datetime = at()


class Shift(SQLModel, table=True):
    """One line of the weekly on-call list, in local minutes of `zone`. Weekday 0 is Monday; the end may pass 1440."""

    id: int = key()
    brand_id: int = ref("brand.id", index=True)
    user_id: int = ref("person.id")
    weekday: int
    start_minute: int
    end_minute: int
    zone: str = "UTC"


# --- what we listen for ----------------------------------------------------------------------------------------


class Brand(SQLModel, table=True):
    """A brand we listen and answer for. `handles` are our own names on networks, `links` the hosts a reply may link to.

    `policy` holds the SLA of the brand and of single channels (see `domain.sla.Policy`), `fallback_user_id` is paged
    when nobody is on call, `demo` marks the fictional brand of a first start. `keep_days` is how long posts are kept
    (None: without end); a source may have its own. `two_from` is the risk from which two people approve: high or
    medium (see `responders.depth`).
    """

    id: int = key()
    name: str
    slug: str = Field(unique=True)
    handles: list[str] = json_list()
    links: list[str] = json_list()
    languages: list[str] = json_list()
    voice: dict[str, Any] = json_object()
    policy: dict[str, Any] = json_object()
    zone: str = "UTC"
    fallback_user_id: int | None = maybe_ref("person.id")
    demo: bool = False
    keep_days: int | None = None
    two_from: str = Field(default="high", sa_column_kwargs={"server_default": "high"})
    created_at: datetime = at()


class Topic(SQLModel, table=True):
    """What a brand listens for; `query` in the grammar of `domain.query`."""

    id: int = key()
    brand_id: int = ref("brand.id", index=True)
    name: str
    query: str
    enabled: bool = True
    created_at: datetime = at()


class AccountRow(SQLModel, table=True):
    """An account of ours. `secrets` is encrypted (net of the key file outside the database).

    `labelled`: whether it is shown as automated, by the network's word or a person's; None while nobody said.

    Secrets that end are renewed (decision 0012). `good_until` is their end, as far as the network told; `renew_at` is
    when the next step is due, and while one runs, until when it is claimed. `renewing_since` says that a request may
    have left whose answer is not stored; `renewed_secrets` are new ones that have not been tried yet.
    """

    __tablename__ = "account"
    id: int = key()
    brand_id: int = ref("brand.id", index=True)
    channel: str
    handle: str
    external_id: str = ""
    base_url: str = ""
    secrets: str = ""
    labelled: bool | None = None
    status: str = "working"
    error: str = ""
    created_at: datetime = at()
    good_until: datetime | None = maybe_at()
    renew_at: datetime | None = maybe_at()
    renewing_since: datetime | None = maybe_at()
    renewed_at: datetime | None = maybe_at()
    renewed_secrets: str = ""
    renew_error: str = ""


class SourceRow(SQLModel, table=True):
    """One thing we poll or stream: a feed, a hashtag, a search, our notifications.

    `cursor` moves only in the transaction that stores its page; `cursor_key` is the hash of channel, settings and
    query, so changed words start a new cursor. `next_poll_at` is when it is due; a stream is always due.

    Its stored posts are looked at again in rounds, by rising id: `verified_up_to` is where the round that began at
    `verify_round_at` stands (None: none is under way), `verified_at` when the last whole one began: what was stored
    before has been seen since. What is older than `keep_days` is purged daily, up to `purged_up_to`.
    """

    __tablename__ = "source"
    __table_args__ = (UniqueConstraint("brand_id", "channel", "name"),)
    id: int = key()
    brand_id: int = ref("brand.id", index=True)
    account_id: int | None = maybe_ref("account.id")
    channel: str
    name: str
    settings: dict[str, Any] = json_object()
    status: str = "listening"
    error: str = ""
    failures: int = 0
    cursor: dict[str, Any] | None = Field(default=None, sa_column=Column(Json, nullable=True))
    cursor_key: str = ""
    next_poll_at: datetime | None = maybe_at(index=True)
    next_sweep_at: datetime | None = maybe_at()
    claimed_until: datetime | None = maybe_at()
    last_ok_at: datetime | None = maybe_at()
    last_mention_at: datetime | None = maybe_at()
    seen: int = 0
    stored: int = 0
    late: int = 0
    next_verify_at: datetime | None = maybe_at()
    verify_round_at: datetime | None = maybe_at()
    verified_up_to: int = Field(default=0, sa_type=Id)
    verified_at: datetime | None = maybe_at()
    verify_error: str = ""
    keep_days: int | None = None
    next_purge_at: datetime | None = maybe_at()
    purged_up_to: int = Field(default=0, sa_type=Id)
    created_at: datetime = at()


class Coverage(SQLModel, table=True):
    """A stretch of a source's timeline: `state` is seen, gap or paused. The last stretch grows with each good poll."""

    __table_args__ = (Index("ix_coverage_source_id_started_at", "source_id", "started_at"),)
    id: int = key()
    source_id: int = ref("source.id")
    started_at: datetime = at()
    ended_at: datetime = at()
    state: str
    reason: str = ""


class Quarantine(SQLModel, table=True):
    """An item that could not be read: where it came from, why, and its first bytes."""

    id: int = key()
    source_id: int = ref("source.id", index=True)
    at: datetime = at()
    place: str
    why: str
    sample: str = Field(default="", sa_type=Text)


# --- what was said, what we owe --------------------------------------------------------------------------------


class MentionRow(SQLModel, table=True):
    """One mention, once per brand, channel and native id.

    `text_hash` is equal for copies; `same_as` points to the first of them. `parts` are the named parts of
    `priority`. `topic_ids` are the topics that matched, `themes` say what it is about. At most four indexes: this is
    the table that grows.
    """

    __tablename__ = "mention"
    __table_args__ = (
        UniqueConstraint("brand_id", "channel", "external_id"),
        Index("ix_mention_brand_id_posted_at", "brand_id", "posted_at"),
        Index("ix_mention_case_id", "case_id", sqlite_where=text("case_id IS NOT NULL")),
        Index("ix_mention_brand_id_text_hash", "brand_id", "text_hash"),
    )
    id: int = key()
    brand_id: int = ref("brand.id")
    source_id: int = ref("source.id")
    case_id: int | None = maybe_ref("case_file.id")
    channel: str
    external_id: str
    thread_id: str
    parent_id: str | None = None
    url: str = ""
    title: str = ""
    text: str = Field(sa_type=Text)
    author_id: str = ""
    author_handle: str = ""
    author_name: str = ""
    author_followers: int | None = None
    shares: int = 0
    addressed: bool = False
    is_repost: bool = False
    posted_at: datetime = at()
    received_at: datetime = at()
    edited_at: datetime | None = maybe_at()
    content_hash: str = ""
    text_hash: int = Field(sa_type=BigInteger)
    same_as: int | None = Field(default=None, sa_type=Id, nullable=True)
    native: dict[str, Any] = json_object()
    topic_ids: list[int] = json_list()
    status: str = "kept"
    lang: str | None = None
    sentiment: float | None = None
    label: str = "unsure"
    severity: int = 0
    priority: float = 0.0
    parts: list[Any] = json_list()
    themes: list[str] = json_list()
    version: int = 1


class Case(SQLModel, table=True):
    """The mentions of one thread that we owe one answer.

    Three clocks: acknowledgement, first human answer (target and limit), resolution; counted from the author's post.
    `next_due_at` is the nearest one still owed (None when nothing is): the sweep and the queue read it.
    `version` rises with each change, so that pages know what they showed. `follow_up_at` is when its author is asked
    whether all is well since. `praise`: nothing but praise so far, so a thank-you is due to nobody by no time.
    `hold_at` is when a holding reply is drafted, unless a word of ours was sent by then; None once that came to be.
    """

    __tablename__ = "case_file"
    __table_args__ = (
        UniqueConstraint("brand_id", "channel", "thread_id"),
        Index(
            "ix_case_file_queue",
            "brand_id",
            text("priority DESC"),
            "next_due_at",
            "id",
            sqlite_where=text("status IN ('open','escalated')"),
            postgresql_where=text("status IN ('open','escalated')"),
        ),
        Index("ix_case_file_next_due_at", "next_due_at"),
        # only who sleeps is looked for: new cases cost no entry
        Index(
            "ix_case_file_snoozed_until",
            "snoozed_until",
            sqlite_where=text("snoozed_until IS NOT NULL"),
            postgresql_where=text("snoozed_until IS NOT NULL"),
        ),
        Index("ix_case_file_brand_id_author_id", "brand_id", "channel", "author_id"),
        Index(
            "ix_case_file_follow_up_at",
            "follow_up_at",
            sqlite_where=text("follow_up_at IS NOT NULL"),
            postgresql_where=text("follow_up_at IS NOT NULL"),
        ),
        Index("ix_case_file_hold_at", "hold_at"),
    )
    id: int = key()
    brand_id: int = ref("brand.id")
    channel: str
    thread_id: str
    author_id: str = ""
    author_handle: str = ""
    author_name: str = ""
    status: str = "open"
    assignee_id: int | None = maybe_ref("person.id")
    lang: str | None = None
    label: str = "unsure"
    severity: int = 0
    priority: float = 0.0
    why: str = ""
    opened_at: datetime = at()
    posted_at: datetime = at()
    last_mention_at: datetime = at()
    last_mention_id: int | None = Field(default=None, sa_type=Id, nullable=True)
    mentions: int = 1
    ack_due_at: datetime | None = maybe_at()
    answer_due_at: datetime | None = maybe_at()
    answer_limit_at: datetime | None = maybe_at()
    resolve_due_at: datetime | None = maybe_at()
    next_due_at: datetime | None = maybe_at()
    snoozed_until: datetime | None = maybe_at()
    version: int = 1
    follow_up_at: datetime | None = maybe_at()
    praise: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    hold_at: datetime | None = maybe_at()


class Problem(SQLModel, table=True):
    """Mentions, and through them cases, with one cause.

    `root_id` is itself, or the problem into which a person merged it, over any number of steps; pages show roots alone.
    While it is merged (`merged_into`), its own figures stay as they were, so that it can be taken out again.

    `title` is a person's; empty, pages word one from `named`: how many mentions named which cause, place, language,
    channel and severity. `spike_since`: more people tell of it than usual at this hour, `spike_people` in the last one.
    """

    __table_args__ = (
        Index("ix_problem_brand_id_last_at", "brand_id", "last_at"),
        Index("ix_problem_root_id", "root_id"),
    )
    id: int = key()
    brand_id: int = ref("brand.id")
    root_id: int = ref("problem.id")
    merged_into: int | None = maybe_ref("problem.id")
    status: str = "open"
    title: str = ""
    named: dict[str, dict[str, int]] = json_object()
    mentions: int = 0
    severity: int = 0
    first_at: datetime = at()
    last_at: datetime = at()
    spike_since: datetime | None = maybe_at()
    spike_people: int = 0
    spike_usual: float = 0.0
    version: int = 1
    created_at: datetime = at()


class Told(SQLModel, table=True):
    """A mention tells of a problem. `problem_id` changes only by a person's hand; merged problems keep theirs."""

    mention_id: int = Field(sa_type=Id, foreign_key="mention.id", primary_key=True)
    problem_id: int = ref("problem.id", index=True)


class TroubleHour(SQLModel, table=True):
    """How many mentions of a brand named a cause in one hour (its start): what is usual at an hour of the week."""

    __tablename__ = "trouble_hour"
    brand_id: int = Field(sa_type=Id, foreign_key="brand.id", primary_key=True)
    hour_at: datetime = Field(sa_type=UtcDateTime, primary_key=True)
    cause: str = Field(primary_key=True)
    mentions: int = 0


class Grouping(SQLModel, table=True):
    """Where the grouping of a brand's mentions stands: `up_to` is the newest id looked at, `looked` the ids shortly
    before it that were looked at too, `memory` what `scoring.problems` remembers (hashes and concepts, no words)."""

    brand_id: int = Field(sa_type=Id, foreign_key="brand.id", primary_key=True)
    up_to: int = Field(default=0, sa_type=Id)
    looked: list[int] = json_list()
    memory: bytes = b""
    since: datetime = at()


class Reply(SQLModel, table=True):
    """One reply to one case, from request to sent. Only one is live (requested..unknown) per case.

    `due_at` is when the next durable step on this row is due: drafting, the end of the undo window, a read-back.
    `body` and `key` are the frozen platform bytes of an approved reply. `promises_due_at` is when what was sent is
    to be
    read for promises.
    """

    __table_args__ = (
        Index("ix_reply_case_id", "case_id"),
        Index("ix_reply_due_at", "due_at"),
        Index(
            "ix_reply_promises_due_at",
            "promises_due_at",
            sqlite_where=text("promises_due_at IS NOT NULL"),
            postgresql_where=text("promises_due_at IS NOT NULL"),
        ),
    )
    id: int = key()
    brand_id: int = ref("brand.id")
    case_id: int = ref("case_file.id")
    mention_id: int = ref("mention.id")
    account_id: int | None = maybe_ref("account.id")
    channel: str
    status: str = "requested"
    way: str = "manual"
    way_reason: str = ""
    kind: str = "answer"
    lang: str | None = None
    text: str = Field(default="", sa_type=Text)
    first_text: str = Field(default="", sa_type=Text)
    findings: list[Any] = json_list()
    error: str = ""
    version: int = 1
    due_at: datetime | None = maybe_at()
    body: str = Field(default="", sa_type=Text)
    send_key: str = ""
    external_id: str = ""
    url: str = ""
    reads: int = 0
    created_at: datetime = at()
    sent_at: datetime | None = maybe_at()
    promises_due_at: datetime | None = maybe_at()


class Promise(SQLModel, table=True):
    """A promise in a sent reply: its words are `start` to `stop` of the reply's text, which is cleaned where it must
    be.

    `due_at` is when it must be kept (None while nobody said), `warn_at` when its owner is warned. `kept_by` is the
    reply
    that kept it, where a person tied one to it.
    """

    __table_args__ = (
        Index("ix_promise_case_id", "case_id"),
        Index("ix_promise_status_due_at", "status", "due_at"),
    )
    id: int = key()
    brand_id: int = ref("brand.id", index=True)
    case_id: int = ref("case_file.id")
    reply_id: int = ref("reply.id")
    start: int
    stop: int
    status: str = "found"
    owner_id: int | None = maybe_ref("person.id")
    made_at: datetime = at()
    due_at: datetime | None = maybe_at()
    warn_at: datetime | None = maybe_at()
    kept_by: int | None = maybe_ref("reply.id")
    version: int = 1


class Approval(SQLModel, table=True):
    """A named person's yes to exactly these bytes, this account and this version of the parent. Only ever voided.

    `sign_off_id` is the first yes where two people are needed (`tables_depth.SignOff`).
    """

    id: int = key()
    reply_id: int = ref("reply.id", index=True)
    user_id: int = ref("person.id")
    bound_hash: str
    mac: str
    mention_version: int
    created_at: datetime = at()
    expires_at: datetime = at()
    sign_off_id: int | None = Field(default=None, sa_type=Id, nullable=True)
    voided_at: datetime | None = maybe_at()
    void_reason: str = ""


class Attempt(SQLModel, table=True):
    """One sending of one approved reply, written before the socket is opened."""

    __table_args__ = (
        UniqueConstraint("approval_id", "number"),
        CheckConstraint("number >= 1", name="number"),
        Index("ix_attempt_started_at", "started_at"),
    )
    id: int = key()
    reply_id: int = ref("reply.id", index=True)
    approval_id: int = ref("approval.id")
    number: int
    started_at: datetime = at()
    ended_at: datetime | None = maybe_at()
    outcome: str = ""
    evidence: dict[str, Any] = json_object()


class OptOut(SQLModel, table=True):
    """An author wants to be left alone on one channel: no reply to them leaves by API while this stands.

    The author is kept as a hash, so that the wish outlives the removal of what they wrote. `actor` is who noted it,
    `said` the phrase of our list, or the words of the person who noted it.
    """

    __tablename__ = "opt_out"
    __table_args__ = (Index("ix_opt_out_brand_id_author_hash", "brand_id", "author_hash"),)
    id: int = key()
    brand_id: int = ref("brand.id")
    channel: str
    author_hash: str
    mention_id: int = ref("mention.id", index=True)
    actor: str
    said: str = ""
    status: str = "standing"
    created_at: datetime = at()


# --- what people teach -----------------------------------------------------------------------------------------


class Correction(SQLModel, table=True):
    """A person put something right about one mention: `kind` is one of `domain.correction.KINDS`, `old` and `new` are
    its values. The last one of each kind stands; it comes after `replaces`, which stands again when it is taken back.

    `teaches`: others may learn from the mention's words (not where its network forbids that). `restate_due_at` is when
    the mention must be scored again with what stands, because its author changed its words.
    """

    __table_args__ = (
        Index(
            "uq_correction_standing",
            "mention_id",
            "kind",
            unique=True,
            sqlite_where=text("status = 'standing'"),
            postgresql_where=text("status = 'standing'"),
        ),
        Index("ix_correction_brand_id_id", "brand_id", "id"),
        Index(
            "ix_correction_restate_due_at",
            "restate_due_at",
            sqlite_where=text("restate_due_at IS NOT NULL"),
            postgresql_where=text("restate_due_at IS NOT NULL"),
        ),
    )
    id: int = key()
    brand_id: int = ref("brand.id")
    mention_id: int = ref("mention.id", index=True)
    kind: str
    old: str
    new: str
    actor: str
    teaches: bool = True
    status: str = "standing"
    replaces: int | None = Field(default=None, sa_type=Id, nullable=True)
    restate_due_at: datetime | None = maybe_at()
    created_at: datetime = at()


class Learning(SQLModel, table=True):
    """How far a brand's scores follow what its people taught. Words are not kept: they are read from posts each time.

    Live are the corrections after `forgotten_up_to` up to `live_up_to` (ids), while `enabled`. `version` rises when
    the live lessons may have changed. `before_reset` holds both ids of before a reset, while it can be taken back.
    Open mentions are then scored again from `rescore_due_at` on, by rising id; `rescored_up_to` is how far that came.
    """

    __table_args__ = (Index("ix_learning_rescore_due_at", "rescore_due_at"),)
    brand_id: int = Field(sa_type=Id, foreign_key="brand.id", primary_key=True)
    enabled: bool = True
    live_up_to: int = Field(default=0, sa_type=Id)
    forgotten_up_to: int = Field(default=0, sa_type=Id)
    before_reset: list[int] = json_list()
    version: int = 0
    rescore_due_at: datetime | None = maybe_at()
    rescored_up_to: int = Field(default=0, sa_type=Id)


# --- alerts ----------------------------------------------------------------------------------------------------


class Alert(SQLModel, table=True):
    """One alert per rule and subject while it is not resolved; repeated until somebody acknowledges. `for_user_id` is
    told first, before whoever is on call."""

    __table_args__ = (
        Index(
            "uq_alert_live",
            "brand_id",
            "rule",
            "subject",
            unique=True,
            sqlite_where=text("status <> 'resolved'"),
            postgresql_where=text("status <> 'resolved'"),
        ),
        Index("ix_alert_notify_due_at", "notify_due_at"),
    )
    id: int = key()
    brand_id: int = ref("brand.id")
    rule: str
    subject: str
    urgent: bool = True
    title: str
    body: str = Field(default="", sa_type=Text)
    status: str = "raised"
    raised_at: datetime = at()
    notify_due_at: datetime | None = maybe_at()
    rounds: int = 0
    acknowledged_by: int | None = maybe_ref("person.id")
    for_user_id: int | None = maybe_ref("person.id")


class Delivery(SQLModel, table=True):
    """One message of one alert to one contact, with its result."""

    id: int = key()
    alert_id: int = ref("alert.id", index=True)
    user_id: int = ref("person.id")
    contact_id: int | None = maybe_ref("contact.id")
    notifier: str
    target: str
    dedup_key: str
    round: int
    status: str = "due"
    tries: int = 0
    due_at: datetime | None = maybe_at(index=True)
    error: str = ""
    created_at: datetime = at()
    delivered_at: datetime | None = maybe_at()


# --- the one history -------------------------------------------------------------------------------------------


class Transition(SQLModel, table=True):
    """One change of status of one row. Append-only; `seal_id` is filled once, by the sealer."""

    __table_args__ = (
        Index("ix_transition_noun_row_id", "noun", "row_id"),
        Index("ix_transition_brand_id_at", "brand_id", "at"),
        Index(
            "ix_transition_unsealed",
            "brand_id",
            "id",
            sqlite_where=text("seal_id IS NULL"),
            postgresql_where=text("seal_id IS NULL"),
        ),
    )
    id: int = key()
    brand_id: int = ref("brand.id")
    noun: str
    row_id: int = Field(sa_type=Id)
    old: str
    new: str
    actor: str
    at: datetime = at()
    why: str = ""
    seal_id: int | None = Field(default=None, sa_type=Id, nullable=True)


class Seal(SQLModel, table=True):
    """A sealed batch of transitions: SHA-256 over the previous seal's hash and the batch, in id order."""

    id: int = key()
    brand_id: int = ref("brand.id", index=True)
    number: int
    count: int
    hash: str
    sealed_at: datetime = at()


class Note(SQLModel, table=True):
    """A private note on a case, by a named person.

    `flagged_at`: a post of its case was removed since; somebody looks whether the note quotes it.
    `reply_id`: it asks for changes to this draft, until `settled_at`: the text was changed, or it was taken back.
    """

    id: int = key()
    case_id: int = ref("case_file.id", index=True)
    user_id: int = ref("person.id")
    text: str = Field(sa_type=Text)
    reply_id: int | None = Field(default=None, sa_type=Id, nullable=True, index=True)
    settled_at: datetime | None = maybe_at()
    flagged_at: datetime | None = maybe_at()
    created_at: datetime = at()


# --- what we know ----------------------------------------------------------------------------------------------


class KnownFact(SQLModel, table=True):
    """A key and a value that somebody knows of a case; one stands per key, `replaces` is the one before it.

    Keys that start with `crm_` are for the desk's eyes. `owner_id` and `due_on` belong to what is to be done next.
    """

    __tablename__ = "known_fact"
    id: int = key()
    brand_id: int = ref("brand.id")
    case_id: int = ref("case_file.id", index=True)
    key: str
    value: str = Field(sa_type=Text)
    owner_id: int | None = maybe_ref("person.id")
    due_on: date | None = None
    status: str = "standing"
    replaces: int | None = maybe_ref("known_fact.id")
    actor: str
    created_at: datetime = at()


class Article(SQLModel, table=True):
    """What we know and may tell anybody, in the words of its newest version (`number`).

    `name` is how files call it, once per brand. An empty `market` fits every market. `case_id` is the resolved case
    that it was proposed from.
    """

    __table_args__ = (UniqueConstraint("brand_id", "name"), Index("ix_article_review_on", "brand_id", "review_on"))
    id: int = key()
    brand_id: int = ref("brand.id")
    name: str
    status: str = "draft"
    title: str
    text: str = Field(sa_type=Text)
    lang: str
    market: str = ""
    owner_id: int | None = maybe_ref("person.id")
    review_on: date | None = None
    number: int = 1
    case_id: int | None = maybe_ref("case_file.id")
    version: int = 1
    created_at: datetime = at()
    changed_at: datetime = at()


class ArticleVersion(SQLModel, table=True):
    """The words of an article as somebody left them; numbers rise from 1."""

    __tablename__ = "article_version"
    article_id: int = Field(sa_type=Id, foreign_key="article.id", primary_key=True)
    number: int = Field(primary_key=True)
    title: str
    text: str = Field(sa_type=Text)
    lang: str
    market: str = ""
    actor: str
    created_at: datetime = at()


class Clue(SQLModel, table=True):
    """A hashed word or concept by which a live article or a resolved case is found (`scoring.clues`), or hashed words
    by which a reply like another one is (`responders.similarity`)."""

    __table_args__ = (Index("ix_clue_noun_row_id", "noun", "row_id"),)
    brand_id: int = Field(sa_type=Id, foreign_key="brand.id", primary_key=True)
    noun: str = Field(primary_key=True)
    term: int = Field(sa_type=BigInteger, primary_key=True)
    row_id: int = Field(sa_type=Id, primary_key=True)


class Removal(SQLModel, table=True):
    """A post whose words were removed here. Until `due_at` is done, `needles` say what is still to be cleaned where;
    then only the hash of its native id is left, so that the post never comes back."""

    __table_args__ = (UniqueConstraint("brand_id", "channel", "name_hash"), Index("ix_removal_due_at", "due_at"))
    id: int = key()
    brand_id: int = ref("brand.id")
    channel: str
    name_hash: int = Field(sa_type=BigInteger)
    mention_id: int = ref("mention.id")
    needles: dict[str, Any] = json_object()
    due_at: datetime | None = maybe_at()
    removed_at: datetime = at()


class Setting(SQLModel, table=True):
    """What a person set in the desk for the whole installation, e.g. whether publishing is on."""

    name: str = Field(primary_key=True)
    value: str
    actor: str
    at: datetime = at()


def table(model: type[SQLModel]) -> Table:
    """The Core table behind a model, for bulk work and typed column access."""
    return model.__table__  # type: ignore[attr-defined, no-any-return]


import storage.tables_delay  # noqa: E402
import storage.tables_identity  # noqa: E402
import storage.tables_many  # noqa: E402
import storage.tables_market  # noqa: E402
import storage.tables_model  # noqa: E402
import storage.tables_storm  # noqa: E402
import storage.tables_survey  # noqa: E402, F401  (tables of one part each, in the same metadata)
