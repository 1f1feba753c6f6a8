"""Articles as files: what is written reads back the same, and every bad line is named with what to do."""

from datetime import date

import pytest

from domain.errors import BadInput
from responders.article_files import Filed, markdown, once_each, read_file, slug

GOOD = """---
name: refund-times
title: How long a refund takes
lang: en
market: GB
owner: mara@desk.test
review: 2026-06-01
status: live
---
Refunds arrive within five working days.

---
A line of hyphens in the text is text.
"""


def test_an_article_reads_back_as_it_was_written() -> None:
    [article] = read_file("refund.md", GOOD.encode())
    assert (article.name, article.lang, article.market, article.owner) == ("refund-times", "en", "GB", "mara@desk.test")
    assert (article.review_on, article.status) == (date(2026, 6, 1), "live")
    assert article.text.endswith("A line of hyphens in the text is text.")
    assert read_file("refund.md", markdown(article).encode()) == [article]
    assert markdown(article) == GOOD


def test_a_name_comes_from_the_file_or_the_title() -> None:
    [article] = read_file("Refund Times.md", b"---\ntitle: A\nlang: hr\n---\nText.\r\n")
    assert (article.name, article.status, article.market) == ("refund-times", "draft", "")
    [article] = read_file(
        "all.jsonl", '{"title": "Povrat novca – rok", "lang": "hr", "text": "Rok je pet dana."}'.encode()
    )
    assert article.name == "povrat-novca-rok"
    assert slug("Žuti vlak") == "zuti-vlak"


BAD = [
    (b"Refunds take five days.", "a.md, line 1: an article begins with a line ---"),
    (b"---\ntitle: A\nlang: en\nText", "a.md, line 4: the head does not end"),
    (b"---\ntitle: A\nlang: en\nowners: x\n---\nText", "a.md, line 4: 'owners: x' is no line of a head"),
    (b"---\ntitle: A\ntitle: B\nlang: en\n---\nText", "a.md, line 3: title stands in line 2 already"),
    (b"---\ntitle: A\nlang: english\n---\nText", "a.md, line 3: lang: write the code"),
    (b"---\ntitle: A\n---\nText", "a.md, line 1: lang: write the code"),
    (b"---\ntitle: A\nlang: en\nmarket: Croatia\n---\nText", "a.md, line 4: market: write two capital letters"),
    (b"---\ntitle: A\nlang: en\nreview: soon\n---\nText", "a.md, line 4: review: write a day like"),
    (b"---\ntitle: A\nlang: en\nstatus: public\n---\nText", "a.md, line 4: status: choose one of draft, live, retired"),
    (b"---\ntitle: A\nlang: en\nowner: Mara\n---\nText", "a.md, line 4: owner: write the mail address"),
    (b"---\ntitle: A\nlang: en\nname: A B\n---\nText", "a.md, line 4: name: write small letters"),
    (b"---\ntitle: A\nlang: en\n---\n\n", "a.md, line 5: text: write 1 to"),
    (b"---\ntitle: A\nlang: en\n---\nText \xff", "a.md, line 5: this is not UTF-8"),
    (b"---\ntitle: A\nlang: en\n---\nText\0", "a.md, line 5: it holds a NUL"),
]


@pytest.mark.parametrize(("content", "said"), BAD)
def test_a_bad_line_is_named_with_what_to_do(content: bytes, said: str) -> None:
    with pytest.raises(BadInput) as error:
        read_file("a.md", content)
    assert str(error.value).startswith(said)


BAD_LINES = [
    (b'{"title": "A", "lang": "en", "text": "T"}\n{', "a.jsonl, line 2: this is not JSON"),
    (b"[1]", "a.jsonl, line 1: an object with title"),
    (b'{"title": "A", "lang": "en", "text": 7}', "a.jsonl, line 1: text must be a text in quotes"),
    (b'{"title": "A", "lang": "en", "text": "T", "body": "x"}', "a.jsonl, line 1: 'body' is no field"),
    (b'{"title": "A", "lang": "en", "text": "\\ud800"}', "a.jsonl, line 1: text holds a character"),
    (b'{"title": ["A"], "lang": "en", "text": "T"}', "a.jsonl, line 1: title must be a text"),
    (b'{"title": "\xd0\x90", "lang": "en", "text": "T"}', "a.jsonl, line 1: name: write small letters"),
]


@pytest.mark.parametrize(("content", "said"), BAD_LINES)
def test_a_bad_row_is_named_with_what_to_do(content: bytes, said: str) -> None:
    with pytest.raises(BadInput) as error:
        read_file("a.jsonl", content)
    assert str(error.value).startswith(said)


def test_two_articles_of_one_name_are_refused() -> None:
    one = Filed(name="a", title="A", text="T", lang="en", place="a.md, line 1")
    with pytest.raises(BadInput, match=r"a\.md, line 1: the name a is taken by a\.md, line 1"):
        once_each([one, one])
