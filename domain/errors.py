"""Named errors, each with one treatment.

EarshotError
├── BadInput            what a person or a file gave us cannot be used: what, where, how to fix
│   └── Missing         there is no such row, or not for this person (alike, so that nobody learns which)
├── NotAllowed          the person's role does not permit the action
├── Moved               the row changed in between; the newer state wins
│   └── Held            not yet: the same is possible from `until` on
└── ChannelError        something about a network
    ├── RateLimited     wait until `retry_at`; no fault
    │   └── Prepared    the first of two steps is done, nothing is public yet: come back for the second
    ├── Unreachable     try later, longer each time; certainly nothing was applied
    ├── SignInFailed    stop this source or account, call a person
    ├── Refused         this item will never work as it is
    ├── Gone            the post, thread or feed is no longer there
    ├── Undecodable     an answer that cannot be read: quarantine it
    └── OutcomeUnknown  it may be public already: look before doing anything
"""

from __future__ import annotations

from datetime import datetime


class EarshotError(Exception):
    """Base of all errors that we raise on purpose. Its text is fit to be shown to a person."""


class BadInput(EarshotError):
    """Input that cannot be used. The message says what, where and how to fix it."""


class Missing(BadInput):
    """There is no such row, or not for this person. Both read alike, so that ids of other brands tell nothing."""


class NotAllowed(EarshotError):
    """The person's role does not permit this action."""


class Moved(EarshotError):
    """The row is no longer in the status the action expected: another was faster."""


class Held(Moved):
    """Not yet: the same is possible from `until` on."""

    def __init__(self, said: str, until: datetime) -> None:
        super().__init__(said)
        self.until = until


class ChannelError(EarshotError):
    """Something about a network. `detail` never holds a secret or the text of a post."""

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail or (type(self).__doc__ or "").splitlines()[0])
        self.detail = detail


class RateLimited(ChannelError):
    """The network asks us to wait."""

    def __init__(self, retry_at: datetime | None = None, detail: str = "") -> None:
        super().__init__(detail)
        self.retry_at = retry_at


class Prepared(RateLimited):
    """The network holds the reply ready and shows it to nobody; it is published in a second step, by its handle."""

    def __init__(self, handle: str, detail: str = "") -> None:
        super().__init__(None, detail)
        self.handle = handle


class Unreachable(ChannelError):
    """The network could not be reached; certainly nothing was applied."""


class SignInFailed(ChannelError):
    """The network no longer accepts our sign-in."""


class Refused(ChannelError):
    """The network refused this request and will refuse it again."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(detail or reason)
        self.reason = reason


class Gone(ChannelError):
    """It is no longer there."""


class Undecodable(ChannelError):
    """The answer cannot be read."""


class OutcomeUnknown(ChannelError):
    """The reply may be public already."""


class NotShown(OutcomeUnknown):
    """Where the reply would stand, the network shows us nothing: to look again is of no use."""
