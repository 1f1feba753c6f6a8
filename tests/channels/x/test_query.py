"""What X is asked for."""

from __future__ import annotations

import pytest

from channels.x.query import SEARCH_LENGTH, names_of, queries
from domain.errors import Refused

TAIL = " -from:norda -from:norda_help -is:retweet -is:nullcast"
HANDLES = ("norda", "@Norda_Help", "norda.bsky.social", "@norda@social.example", "")


def test_words_phrases_tags_names_and_domains():
    terms = ("norda", "cold coach", "#nordafail", "@norda_cares", "norda.example", 'say "or" not', "42")
    (query,) = queries("", terms, HANDLES, SEARCH_LENGTH)
    assert query == (
        '("norda" OR #norda OR "cold coach" OR #nordafail OR @norda_cares OR "norda.example" OR url:"norda.example"'
        f' OR "say or not" OR "42"){TAIL}'
    )


def test_a_query_of_the_settings_is_kept_and_our_posts_stay_out():
    assert queries(" norda lang:en ", ("x",), HANDLES, SEARCH_LENGTH) == (f"(norda lang:en){TAIL}",)


def test_many_words_become_several_queries_that_fit_and_lose_none():
    terms = [f"phrase number {number}" for number in range(100)]
    found = queries("", terms, HANDLES, SEARCH_LENGTH)
    assert max(len(query) for query in found) <= SEARCH_LENGTH
    assert [term for term in terms if not any(f'"{term}"' in query for query in found)] == []
    assert len(found) < 10
    assert all(query.endswith(TAIL) for query in found)


@pytest.mark.parametrize(("query", "terms"), [("x" * 600, ()), ("", ("norda", "y " * 300))])
def test_what_cannot_fit_is_said_with_its_length(query: str, terms: tuple[str, ...]):
    with pytest.raises(Refused, match="at most 512 characters"):
        queries(query, terms, HANDLES, SEARCH_LENGTH)


def test_without_words_nothing_is_asked():
    assert queries("", (), HANDLES, SEARCH_LENGTH) == ()


def test_only_names_that_x_can_have_are_ours_there():
    assert names_of(HANDLES) == ("norda", "norda_help")
