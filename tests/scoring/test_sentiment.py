"""Unknown is a value: what nobody here can read is never called neutral."""

import pytest

from scoring.folding import fold
from scoring.form import ANY, Form
from scoring.pack import LANGUAGES
from scoring.sentiment import NEUTRAL, UNSURE, felt, judge, judge_page
from scoring.words import table_for


@pytest.mark.parametrize(
    ("compound", "label"),
    [
        (-1.0, "negative"),
        (-0.05, "negative"),
        (-0.0499, "neutral"),
        (0.0, "neutral"),
        (0.0499, "neutral"),
        (0.05, "positive"),
    ],
)
def test_labels_change_at_the_published_thresholds(compound, label):
    assert ANY.label(compound, 0, Form()) == label


def test_english_with_feeling_gets_its_compound():
    found = judge("this is a horrible mess", "en")
    assert found.label == "negative"
    assert found.compound is not None
    assert found.compound < -0.5


def test_a_plain_english_statement_is_neutral_but_a_scrap_is_unsure():
    assert judge("the flight leaves at nine", "en") == NEUTRAL
    assert judge("gate nine", "en") == UNSURE
    assert judge("", "en") == UNSURE


@pytest.mark.parametrize("lang", ["da", "fi", "ru", None])
def test_a_language_without_an_engine_is_unsure_whatever_the_words(lang):
    assert judge("super great love", lang) == UNSURE


def test_taglish_is_scored_only_when_a_word_is_known():
    assert judge("sobrang horrible ng service nila", "tl").label == "negative"
    assert judge("ang order ko kahapon ng umaga", "tl") == UNSURE
    assert judge("hindi pa dumating ang order ko kahapon", "tl").label == "negative"


def test_feeling_that_cancels_out_is_neutral_not_unsure():
    assert judge("kind of food", "en") == UNSURE
    assert judge("good bad", "en").compound is not None


@pytest.mark.parametrize("lang", LANGUAGES)
def test_an_empty_text_is_unsure_in_every_language(lang):
    assert judge("", lang) == UNSURE


def test_a_page_is_judged_as_each_text_alone():
    texts = [
        "terrible mess",
        "Vlak opet kasni, katastrofa.",
        "ang bagal nila",
        "was fine",
        "the plane left at nine today",
    ]
    langs = ["en", "hr", "tl", None, "en"]
    forms = [Form()] * len(texts)
    own = [felt(text, table_for(lang).read(fold(text)), lang) for text, lang in zip(texts, langs, strict=True)]
    assert judge_page(texts, own, langs, forms) == [judge(text, lang) for text, lang in zip(texts, langs, strict=True)]
