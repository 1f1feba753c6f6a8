"""Questions, answers and comments of Stack Exchange as Mentions. Pure.

Questions and answers of a site share one sequence of numbers, comments have their own. Titles and names come as HTML.
"""

from __future__ import annotations

import html

from domain.errors import Undecodable
from domain.mention import Mention
from net.decode import clean_text, html_to_text, int_at, text_at, time_at, value_at

CHANNEL = "stackexchange"
_OWN_DOMAINS = {
    "stackoverflow": "stackoverflow.com",
    "serverfault": "serverfault.com",
    "superuser": "superuser.com",
    "askubuntu": "askubuntu.com",
    "mathoverflow": "mathoverflow.net",
    "stackapps": "stackapps.com",
}


def origin_of(site: str) -> str:
    """The web address of a site, from its name in the API or its domain."""
    domain = site if "." in site else _OWN_DOMAINS.get(site, f"{site}.stackexchange.com")
    return f"https://{domain}"


def post_name(site: str, post_id: int) -> str:
    """What a question or an answer is called here."""
    return f"{site}/p/{post_id}"


def comment_name(site: str, comment_id: int) -> str:
    """What a comment is called here."""
    return f"{site}/c/{comment_id}"


def plain(text: str) -> str:
    """A title or a name, which the API escapes, as text."""
    return clean_text(html.unescape(text)).strip()


def from_question(raw: object, site: str) -> Mention:
    """A question with its body. It is its own thread. Raises Undecodable."""
    number = _number(raw, "question_id")
    return _mention(raw, site, post_name(site, number), number, None, f"q/{number}", plain(text_at(raw, "title")))


def from_answer(raw: object, site: str) -> Mention:
    """An answer with its body. Raises Undecodable."""
    number, question = _number(raw, "answer_id"), _number(raw, "question_id")
    return _mention(raw, site, post_name(site, number), question, question, f"a/{number}")


def from_post(raw: object, site: str, question: int, title: str) -> Mention:
    """A question or an answer as /posts gives it, without naming its question. Raises Undecodable."""
    number = _number(raw, "post_id")
    if number == question:
        return _mention(raw, site, post_name(site, number), number, None, f"q/{number}", title)
    return _mention(raw, site, post_name(site, number), question, question, f"a/{number}")


def from_comment(raw: object, site: str) -> Mention:
    """A comment with its body. It belongs to the thread of its post, which may be an answer. Raises Undecodable."""
    number, post = _number(raw, "comment_id"), _number(raw, "post_id")
    return _mention(raw, site, comment_name(site, number), post, post, f"posts/comments/{number}")


def _number(raw: object, name: str) -> int:
    number = int_at(raw, name)
    if number is None:
        raise Undecodable(f"an item without {name}")
    return number


def _mention(raw: object, site: str, name: str, thread: int, parent: int | None, path: str, title: str = "") -> Mention:
    body, posted_at, owner = value_at(raw, "body"), time_at(raw, "creation_date"), value_at(raw, "owner")
    if not isinstance(body, str) or posted_at is None:
        raise Undecodable("an item without body or creation_date")
    user = int_at(owner, "user_id")
    return Mention(
        channel=CHANNEL,
        external_id=name,
        text=html_to_text(body),
        title=title,
        posted_at=posted_at,
        thread_id=post_name(site, thread),
        parent_id=post_name(site, parent) if parent is not None else None,
        url=f"{origin_of(site)}/{path}",
        author_id=f"{site}/u/{user}" if user is not None else "",
        author_name=plain(text_at(owner, "display_name")),
        edited_at=time_at(raw, "last_edit_date"),
        native={"score": int_at(raw, "score") or 0, "reputation": int_at(owner, "reputation") or 0},
    )
