"""Hears one folder of a mailbox, in the order in which the server took the mails in. It marks nothing as read."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from email.utils import parseaddr
from functools import partial

from channels.email.convert import convert
from channels.email.imap import Imap
from channels.email.mailbox import Letter, Mailbox
from channels.email.protocol import folder_name
from channels.email.servers import login_of
from channels.manifest import Listening, SourceSettings
from domain.account import Account
from domain.errors import SignInFailed, Undecodable, Unreachable
from domain.mention import Mention
from domain.ports import Cursor, Page, Unreadable
from net.decode import int_at, parse_time, text_at

WINDOW_S = 86_400.0
PAGE = 25
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class EmailSettings(SourceSettings, frozen=True, kw_only=True):
    """`folder` is the one to read. `own_list` is the List-Id of a mailing list through which customers write to us;
    what comes through other lists is no mention."""

    folder: str = "INBOX"
    own_list: str = ""
    interval_s: float | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where we stand in a folder: the highest UID read, valid under this UIDVALIDITY. `since` is the day from which
    this source reads: a folder that numbers its mails anew is read again from there, and only from there."""

    validity: int
    uid: int
    since: date

    @classmethod
    def read(cls, cursor: Cursor | None, start: date) -> Place:
        """From a stored cursor; None and anything unknown start anew."""
        validity, uid = int_at(cursor, "validity") or 0, int_at(cursor, "uid") or 0
        try:
            return cls(validity, max(0, uid), date.fromisoformat(text_at(cursor, "since")))
        except ValueError:
            return cls(0, 0, start)

    def cursor(self) -> Cursor:
        """As stored."""
        return {"validity": self.validity, "uid": self.uid, "since": self.since.isoformat()}

    def under(self, validity: int) -> Place:
        """The same place, or the beginning when the numbers are others by now."""
        return self if validity == self.validity else replace(self, validity=validity, uid=0)

    def criteria(self) -> tuple[str, str]:
        """What to search for. The server compares days by its own calendar."""
        day = f"{self.since.day}-{_MONTHS[self.since.month - 1]}-{self.since.year}"
        return f"UID {self.uid + 1}:*", f"SINCE {day}"


class EmailSource:
    """Keeps nothing between calls."""

    def __init__(self, listening: Listening) -> None:
        self._settings: EmailSettings = listening.settings
        self._listening = listening

    async def fetch(self, cursor: Cursor | None) -> Page:
        """One page of mails. Raises SignInFailed without an account."""
        account = self._listening.account
        if account is None:
            raise SignInFailed("a mailbox needs an account: add it on the accounts page and choose it for this source")
        # A day more than the window: the server's day may have begun when ours had not.
        start = (self._listening.clock.now() - timedelta(seconds=WINDOW_S)).date() - timedelta(days=1)
        work = partial(self._page, account=account, place=Place.read(cursor, start))
        return await Imap(login_of(account), self._listening.door).run(work)

    def _page(self, box: Mailbox, account: Account, place: Place) -> Page:
        place = place.under(box.look_into(folder_name(self._settings.folder)))
        # "n:*" always names the last mail, also when its UID is below n (RFC 9051, 9: sequence sets have no order).
        waiting = [uid for uid in box.find(*place.criteria()) if uid > place.uid]
        taken = waiting[:PAGE]
        letters, unreadable = self._take(box, taken)
        mentions: list[Mention] = []
        for letter in letters:
            try:
                mentions += self._heard(letter, account)
            except Undecodable as error:
                # Without its number, which changes when the folder is numbered anew: it is set aside once.
                unreadable.append(Unreadable(self._settings.folder, str(error), letter.raw[:2000]))
        moved = replace(place, uid=taken[-1]) if taken else place
        return Page(tuple(mentions), moved.cursor(), len(waiting) > PAGE, len(letters), unreadable=tuple(unreadable))

    def _take(self, box: Mailbox, uids: list[int]) -> tuple[list[Letter], list[Unreadable]]:
        """The mails, and those that the server itself cannot give. When it gives none, something else is wrong."""
        letters: list[Letter] = []
        failed: list[Unreadable] = []
        for uid in uids:
            try:
                letter = box.take(uid)
            except Unreachable as error:
                if uid == uids[-1] and not letters:
                    raise
                where = f"{self._settings.folder} UID {uid}"
                failed.append(Unreadable(where, str(error), f"UID {uid}".encode()))
            else:
                letters += [letter] if letter else []
        return letters, failed

    def _heard(self, letter: Letter, account: Account) -> list[Mention]:
        own = {account.external_id, *(parseaddr(handle)[1].casefold() for handle in self._listening.handles)}
        received_at = parse_time(letter.dated) or self._listening.clock.now()
        found = convert(letter.raw, received_at, own, self._settings.own_list)
        return [found] if found else []
