"""The tables of approval depth: the first of two yeses, and findings that somebody overruled. Both are only voided."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field, SQLModel

from storage.tables import at, key, maybe_at, ref


class SignOff(SQLModel, table=True):
    """The first of two people's yes: to this text, this version of the reply and this version of the answered post.

    `mac` is made like that of an approval, so that nobody who can write here can invent one.
    """

    __tablename__ = "sign_off"
    id: int = key()
    reply_id: int = ref("reply.id", index=True)
    user_id: int = ref("person.id")
    text_hash: str
    reply_version: int
    mention_version: int
    mac: str
    created_at: datetime = at()
    voided_at: datetime | None = maybe_at()
    void_reason: str = ""


class Overruling(SQLModel, table=True):
    """A manager's word that one finding does not hold for exactly this text. The reason stands in the history.

    `finding` is `domain.reply.Finding.key`: the words themselves are not kept twice.
    """

    id: int = key()
    reply_id: int = ref("reply.id", index=True)
    user_id: int = ref("person.id")
    rule: str
    finding: str
    text_hash: str = Field(max_length=64)
    created_at: datetime = at()
    voided_at: datetime | None = maybe_at()
    void_reason: str = ""
