"""HTML of posts becomes the text a reader sees, quickly, whatever is in it."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import net.text
from net.text import clean_text, html_to_text
from tests.net.test_decode import NASTY, check_storable


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("plain", "plain"),
        ("two\nlines", "two\nlines"),
        ("<p>Hello<br>there</p><p>again</p>", "Hello\nthere\n\nagain"),
        ("<p>Hello<br />there</p>", "Hello\nthere"),
        ("A&amp;B &lt;tag&gt; &#39;q&#x27; &nbsp;x", "A&B <tag> 'q' x"),
        ("first<p>second<p>third", "first\n\nsecond\n\nthird"),
        (
            '<p><span class="h-card"><a href="https://a.example/@mara" class="u-url mention">'
            "@<span>mara</span></a></span> hi</p>",
            "@mara hi",
        ),
        (
            '<a href="https://a.example/long/path"><span class="invisible">https://</span>'
            '<span class="ellipsis">a.example/lo</span><span class="invisible">ng/path</span></a>',
            "https://a.example/long/path",
        ),
        (
            '<a href="https:&#x2F;&#x2F;a.example&#x2F;very&#x2F;long">https:&#x2F;&#x2F;a.example&#x2F;ve...</a>',
            "https://a.example/very/long",
        ),
        ('<a href="https://a.example/x"><img src="y"></a>', "https://a.example/x"),
        ('<a href="https://a.example/x">our post</a>', "our post"),
        ('<a href="javascript:alert(1)"></a>x', "x"),
        ("a<script>alert('<b>')</script>b<style>p{}</style>c", "abc"),
        ("a<script>never closed <b>x", "a"),
        ("a<!-- hidden <b> -->b<!-- open", "ab"),
        ("<![CDATA[x]]><!doctype html><?php x ?>y", "y"),
        ("1 < 2 and 3 > 2", "1 < 2 and 3 > 2"),
        ("<3 love", "<3 love"),
        ('<a title="a > b" href="https://a.example/">shown</a>', "shown"),
        ("<ul><li>one</li><li>two</li></ul>", "one\n\ntwo"),
        ("<pre><code>a\n  b</code></pre>", "a\n  b"),
        ("<p>soft\nwrap   and\ttabs</p>", "soft wrap and tabs"),
        ("&#0;&#xD800;&#27;x&lt", "\ufffd\ufffdx<"),
        ("<b><i>unclosed", "unclosed"),
        ("</p></a></div>x", "x"),
    ],
)
def test_reads_as_a_person_would_see_it(source: str, text: str):
    assert html_to_text(source) == text


@pytest.mark.parametrize("text", NASTY)
def test_nasty_html_comes_out_storable(text: str):
    for source in (text, f"<p>{text}</p>", f'<a href="{text}">{text}</a>', f"<script>{text}</script>{text}&amp;"):
        check_storable(html_to_text(source))


@settings(max_examples=300)
@given(st.text(alphabet="<>/!-aps =\"'&;#x\n", max_size=60))
def test_any_markup_gives_text(source: str):
    check_storable(html_to_text(source))


@pytest.mark.parametrize(
    "piece",
    ["<", "<a", "<a ", '<a "', "<a '", "</", "<!", "<!--", "<!-- -->", "<![CDATA[", "<?", "<p>", "<a>", "<a href='",
     "&", "&#", "&#x", "<script>", "<script></script>", "</a>", "<a href='https://x.example/'>", "<a>x...</a>", "<pre>",
     " ", "\n", "<br>\n ", "<a b", '<a b="c>', "<<", "<scripT ", "<style><", "&nbsp;", "<pre> "],
)  # fmt: skip
def test_crafted_input_costs_linear_time(piece: str):
    source = piece * (200_000 // len(piece))
    began = time.process_time()
    html_to_text(source)
    assert time.process_time() - began < 1.0


def test_clean_text_is_nfc_and_keeps_emoji():
    assert clean_text("e\u0301 👨‍👩‍👧 \x00\r\n") == "é 👨‍👩‍👧 \ufffd\n"


PIECES = ["<p>", "</p>", "<br>", "<br/>", "<br />", "<br\n/>", "<P>", "<p >", "<pre>", "</pre>", "<b>", "</", "<", ">",
          "&amp;", "&amp", "&lt;p&gt;", "&nbsp;", "&#10;", "&#13;", "&Tab;", "&NewLine;", "&#xA0;", "&#0;", "&",
          "#", ";", " ", "  ", "\t", "\n", "\r", "\r\n", "\f", "\x0b", "\x1c", "\x85", "\xa0", "\u2003", "\u2028",
          "\x00", "word", "naïve", "e\u0301", "\ud800", '"', "'", "<!--", "-->", "😀"]  # fmt: skip


@settings(max_examples=800)
@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join))
def test_the_short_way_reads_what_the_reader_reads(source: str):
    """Posts with bare paragraphs and breaks take a short way; nobody may notice."""
    read = net.text.clean_text(net.text._tidy(net.text._Reader(source).read()))
    if "<" in source or "&" in source:
        assert html_to_text(source) == read


def test_the_short_way_is_taken_for_ordinary_posts():
    assert net.text._simple("<p>Late &amp; cold.<br />Never again</p><p>Bye</p>") is not None
