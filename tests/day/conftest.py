"""Without threads for SQLite and without a log; a real mail server that takes the alerts."""

from collections.abc import Iterator

import pytest

from tests.alerts.mailbox import Mailbox, start
from tests.quick import quick

__all__ = ["quick"]


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    box, controller = start()
    yield box
    controller.stop()
