"""What a post can be about, in no language: each concept with the theme it belongs to and the urgency it signals.

Packs name the words of each concept, so the same trouble meets across languages: "povrat novca" and "my money back"
are both `refund`. A concept without a theme says how a thing went ("late"), not what it was.
"""

from collections.abc import Mapping
from typing import NamedTuple

THEMES = (
    "safety", "legal", "press", "privacy", "billing", "delivery", "outage", "service", "product",
    "praise", "question", "spam", "other",
)  # fmt: skip
"""What a mention is about, the gravest first; `other` stands alone where nothing was found."""


class Concept(NamedTuple):
    """Its theme (one of THEMES) and its urgency signal (a key of the weights in `scoring.priority`), if it has them."""

    theme: str | None
    signal: str | None


_TABLE = """
injury           safety    safety
fire             safety    safety
poisoning        safety    safety
danger           safety    safety
vulnerable       safety    safety
lawyer           legal     legal
authority        legal     legal
press            press     press
data leak        privacy   privacy
hacked           privacy   privacy
phishing         privacy   money gone
double charge    billing   money gone
money gone       billing   money gone
fraud            billing   money gone
refund           billing   money
bill             billing   money
voucher          billing   money
payment failed   billing   broken
cannot cancel    billing   leaving
price            billing   -
not arrived      delivery  missing
lost parcel      delivery  missing
wrong item       delivery  damaged
courier          delivery  -
delivery         delivery  -
outage           outage    broken
no internet      outage    broken
no power         outage    broken
no water         outage    broken
cannot sign in   outage    broken
stranded         service   stranded
luggage          service   lost
cancelled        service   cancelled
no answer        service   no answer
on hold          service   no answer
queue            service   late
rude             service   staff
staff            service   -
damaged          product   damaged
broken           product   broken
crash            product   broken
error            product   broken
update           product   -
quality          product   -
size             product   -
stale            product   damaged
app              product   -
lost             -         lost
late             -         late
leaving          -         leaving
repeated         -         repeated
harsh            -         harsh
help             -         help
wish             -         -
thanks           praise    thanks
spam             spam      -
irony            -         -
double-edged     -         -
asks             -         -
news             -         -
"""


def _row(line: str) -> tuple[str, Concept]:
    name, theme, signal = (cell.strip() for cell in (line[:17], line[17:27], line[27:]))
    return name, Concept(theme if theme != "-" else None, signal if signal != "-" else None)


CONCEPTS: Mapping[str, Concept] = dict(map(_row, _TABLE.strip().splitlines()))
