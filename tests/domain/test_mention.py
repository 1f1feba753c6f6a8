"""What counts as the same words."""

from hypothesis import given, settings
from hypothesis import strategies as st

from domain import mention
from domain.mention import content_hash, text_hash

PIECES = ["http://", "https://", "HTTP://x", "@", "@a.b", "_", "-", ".", "a", "B", "9", " ", "\n", "\t", "\x1c", "\x1f",
          "\x00", "\x7f", "://", "word", "@@x", "#x", "'"]  # fmt: skip


def test_copies_differ_in_case_links_handles_and_signs_only():
    assert text_hash("Norda is LATE, again!! https://a.example/1") == text_hash("@norda norda is late... again")
    assert text_hash("Norda is late") != text_hash("Norda is early")
    assert text_hash("Ärger mit Norda!") == text_hash("ÄRGER  mit norda")


@settings(max_examples=500)
@given(st.lists(st.sampled_from(PIECES), max_size=10).map("".join))
def test_plain_text_takes_a_shorter_way_to_the_same_words(text: str):
    assert mention._ascii_words(text) == mention._words(text)


def test_what_the_author_wrote_shows_in_the_other_hash():
    assert content_hash("", "Norda!") != content_hash("", "Norda")
    assert content_hash("a", "b") != content_hash("", "ab")
