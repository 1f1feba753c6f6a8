"""What is no opinion never counts as one: handles, links, the brand's own names."""

import time

import pytest

from scoring.cleaning import MAX_CHARACTERS, Cleaner
from scoring.vader import compound


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("@united my bag", "my bag"),
        ("thanks @good.friend.example for this", "thanks for this"),
        ("@great@love.example hello", "hello"),
        ("write to love@win.example", "write to love@win.example"),
        ("see https://love.example/great?x=1 now", "see now"),
        ("see www.great.example now", "see now"),
        ("#WorstTripEver", "Worst Trip Ever"),
        ("#RichHarbour opens", "RichHarbour opens"),
        ("#fail again", "fail again"),
        ("bread &amp; butter &lt;3", "bread & butter <3"),
        ("RT @someone: late again", ": late again"),
        ("seat 1#2", "seat 1#2"),
        ("", ""),
    ],
)
def test_what_is_left_of_a_text(text, left):
    assert Cleaner().clean(text).split() == left.split()


@pytest.mark.parametrize(
    ("names", "text"),
    [
        (["Great Air"], "Great Air flight 12 to Split"),
        (["great air"], "GREAT  AIR flight 12 to Split"),
        (["JoyCo", "Joy"], "joy’s counter is next to the JoyCo desk"),
        (["united"], "@united #United united's gate is B4"),
        (["Hope & Love"], "the Hope & Love branch in Zagreb"),
        (["C++ Best (Pro)"], "I use C++ Best (Pro) at work"),
    ],
)
def test_brand_names_carry_no_feeling(names, text):
    assert compound(Cleaner(names).clean(text)) == 0.0


def test_words_that_merely_contain_a_name_keep_their_feeling():
    assert Cleaner(["Joy"]).clean("an enjoyable and joyful trip") == "an enjoyable and joyful trip"


def test_a_name_does_not_hide_the_feeling_around_it():
    assert compound(Cleaner(["Great Air"]).clean("Great Air lost my bag, horrible")) < -0.5


def test_a_name_of_blanks_or_signs_is_harmless():
    assert Cleaner(["", " ", "@", "#"]).clean("good day") == "good day"


def test_huge_and_hostile_text_is_cut_and_stays_quick():
    hostile = ["@" * 50_000, "@a." * 50_000, "#a" * 50_000, "http://" * 30_000, "&" * 50_000, "Great " * 50_000]
    started = time.process_time()
    for text in hostile:
        assert len(Cleaner(["Great Air"]).clean(text)) <= 2 * MAX_CHARACTERS
    assert time.process_time() - started < 1.0
