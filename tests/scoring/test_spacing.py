"""Without spaces the words of its pack are set apart before they are looked up. The sentences are ours."""

import time

import pytest

from scoring.pack import LANGUAGES
from scoring.scorer import score_text
from scoring.signals import find
from scoring.spacing import WITHOUT_SPACES, fold_for, set_apart
from scoring.words import table_for


def test_the_longest_known_word_is_set_apart() -> None:
    assert set_apart("พนักงานพูดจาไม่ดี", "th").split() == ["พนักงาน", "พูดจาไม่ดี"]
    assert set_apart("รอ2ชั่วโมง", "th").split() == ["รอ", "2", "ชั่วโมง"]
    assert find(table_for("th").read(fold_for("รอ2ชั่วโมง", "th"))).minutes == 120
    assert set_apart("nothing here 123", "th") == "nothing here 123"


@pytest.mark.parametrize("text", ["บ้านหลังนี้อยู่ริมน้ำ", "ได้ยินเสียงเพลง", "รบกวนสอบถามค่ะ", "ขนมปังวางอยู่บนโต๊ะ", "สวัสดีครับ"])
def test_a_word_inside_another_is_not_found(text: str) -> None:
    assert score_text(text, "th").label == "unsure"


def test_a_word_whose_last_letter_bears_another_sign_is_another_word() -> None:
    assert score_text("ได้ยินว่าวางไว้", "th").label == "unsure"  # "ไว" is fast, "ไว้" to keep


def test_tones_and_vowels_of_thai_are_no_accents() -> None:
    assert fold_for("ช้า", "th").strip() == "ช้า"
    assert score_text("ช้ามาก", "th").label == "negative"
    assert score_text("ชาร้อน", "th").label == "unsure"


def test_languages_with_spaces_are_left_alone() -> None:
    for lang in (*LANGUAGES, None):
        if lang not in WITHOUT_SPACES:
            assert fold_for("Čekam ไม่ดี", lang) == "cekam ไม่ดี"


def test_hostile_text_is_bounded() -> None:
    began = time.process_time()
    for text in ("ไม่" * 3_000, "ดี" * 4_000, "\u0e34" * 9_000, "เ" * 9_000):
        score_text(text, "th")
    assert time.process_time() - began < 1.0
