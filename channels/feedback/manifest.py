"""The facts of the page on which people tell a brand something."""

from __future__ import annotations

from typing import Annotated, Final

import msgspec

from channels.feedback.convert import CHANNEL, mail_to
from channels.manifest import Answering, Manifest, SourceSettings, otherwise

KEY_LETTERS: Final = "bcdfghjkmnpqrstvwxyz"
KEY_LENGTH: Final = 16
_NEVER_S: Final = 100 * 365 * 86_400.0


class FeedbackSettings(SourceSettings, frozen=True, kw_only=True):
    """`key` is the short name of the page in its address."""

    key: Annotated[str, msgspec.Meta(pattern=f"^[{KEY_LETTERS}]{{{KEY_LENGTH}}}$")]


MANIFEST = Manifest(
    name=CHANNEL,
    title="Feedback page",
    settings=FeedbackSettings,
    setting_labels={"key": "Short name of the page in its address"},
    takes_all=True,
    silence_after_s=_NEVER_S,  # nobody has to write to us: silence tells nothing
    sweep_interval_s=None,
    private=True,
    mail_to=mail_to,
    answers=(
        Answering(
            "an address was left",
            lambda it: bool(mail_to(it.native)),
            "manual",
            "They left an e-mail address: answer it from your own mail program. Nobody checked that it is theirs.",
            "ours: the page only takes",
        ),
        Answering(
            "otherwise",
            otherwise,
            "none",
            "They left no address, so nobody can answer. Mend what they tell of, then resolve the case.",
            "ours: the page only takes",
        ),
    ),
)
