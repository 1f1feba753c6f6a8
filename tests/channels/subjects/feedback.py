"""The feedback page in the suite: it is neither asked nor pushed to, so only its table of answers is looked at here.
What it takes is tested in tests/channels/feedback and tests/web/test_feedback.py."""

from __future__ import annotations

from channels.feedback import MANIFEST
from channels.manifest import Situation
from tests.channels.subject import Subject

SUBJECT = Subject(
    MANIFEST,
    over_http=False,
    situations={
        "an address was left": Situation(False, True, {"to": "mara@mail.test", "subject": "#X"}),
        "otherwise": Situation(False, True, {}),
    },
)
