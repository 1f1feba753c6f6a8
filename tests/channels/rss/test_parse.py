"""What is read from the bytes of a feed."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from channels.rss.convert import identity, to_mention
from channels.rss.parse import parse
from domain.errors import Undecodable

PAGES = Path(__file__).resolve().parents[1] / "pages" / "rss"
LATER = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def read(name: str):
    return parse((PAGES / name).read_bytes(), "application/xml", "https://forum.example/feed")


def test_atom_with_markup_dates_and_an_entry_without_a_date():
    feed = read("forum_atom.xml")
    first, second = (to_mention(entry, "f", feed.updated or LATER, feed.lang) for entry in feed.entries)
    assert first.external_id == "f:tag:forum.example,2026:post/501"
    assert first.title == "Norda <3 the new seats"
    assert first.text == "Soft & warm.\n\nIs R4 next?"
    assert first.posted_at == datetime(2026, 11, 20, 8, 15, tzinfo=UTC)
    assert first.edited_at == datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
    assert (first.author_name, first.url, first.lang_tag) == ("Mara Testfield", "https://forum.example/post/501", "en")
    assert second.posted_at == datetime(2026, 11, 20, 10, 58, tzinfo=UTC)
    assert second.title == "Lost bag & no answer"
    assert second.text == "I wrote <!DOCTYPE html> in the form and Norda's page broke."
    assert second.url == ""


def test_a_broken_feed_gives_what_can_be_read():
    feed = read("broken_rss.xml")
    assert not feed.whole
    good, bad = [], []
    for entry in feed.entries:
        try:
            good.append(to_mention(entry, "f", LATER, None))
        except Undecodable as problem:
            bad.append(problem)
    assert good[0].external_id == "f:https://news.example/1"
    assert good[1].external_id.startswith("f:hash:")
    assert good[1].posted_at == LATER
    assert len(bad) == 1


@pytest.mark.parametrize(
    "body",
    [
        b'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "b">]><rss version="2.0"><channel></channel></rss>',
        b"<!-- x --><!doctype html><html><body>a page</body></html>",
        '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE x [<!ENTITY a "b">]><rss version="2.0"/>'.encode("utf-16"),
        b'<?xml version="1.0" encoding="utf-7"?><rss version="2.0"><channel><title>x</title></channel></rss>',
        b"/etc/hostname",
        b"https://forum.example/feed",
        b"",
        b"\x00\xff" * 400,
    ],
)
def test_declarations_pages_and_addresses_are_no_feed(body: bytes):
    with pytest.raises(Undecodable):
        parse(body, "application/xml", "https://forum.example/feed")


def test_the_date_is_no_part_of_the_identity():
    item = "<item><title>Same words</title><pubDate>{}</pubDate></item>"
    body = '<rss version="2.0"><channel><title>t</title>' + item + "</channel></rss>"
    days = ("Fri, 20 Nov 2026 08:00:00 GMT", "Sat, 21 Nov 2026 08:00:00 GMT")
    ids = {identity(parse(body.format(day).encode(), "", "").entries[0]) for day in days}
    assert len(ids) == 1


def test_the_content_is_read_also_where_a_summary_is_longer():
    """As WordPress writes a comment: the summary's markup is escaped once more, and would be shown to people."""
    item = (
        "<item><guid>c</guid><description><![CDATA[It is &#60;i&#62;late&#60;/i&#62; &#38; full]]></description>"
        "<content:encoded><![CDATA[<p>It is <i>late</i> &amp; full</p>]]></content:encoded></item>"
    )
    module = 'xmlns:content="http://purl.org/rss/1.0/modules/content/"'
    for shown in (item, item.replace("<p>It is <i>late</i> &amp; full</p>", "")):
        body = f'<rss version="2.0" {module}><channel><title>t</title>{shown}</channel></rss>'
        text = to_mention(parse(body.encode(), "", "").entries[0], "f", LATER, None).text
        assert text == ("It is late & full" if shown is item else "It is <i>late</i> & full")
