"""How a post is put decides how strong a feeling must be: complaints count early, retold news late."""

import pytest

from scoring.form import ANY, ENGLISH, Form, form_of
from scoring.scorer import score_text
from scoring.signals import NOTHING, Found

ASKS = Found({"asks": "do you"}, {}, 0.0)


@pytest.mark.parametrize(
    "told",
    [
        "{} https://news.example/1",
        "{} {{link}}",
        "RT @reporter: {}",
        "“@reporter: {}”",
        "$NRDA: {}",
        "Analysts: {}",
    ],
)
def test_retold_news_is_neutral(told):
    said = "there is some trouble with the new phones of Norda"
    assert score_text(said, "en").label == "negative"
    assert score_text(told.format(said), "en").label == "neutral"


@pytest.mark.parametrize(
    "text",
    [
        "Do you fly to Split in winter?",
        "Is there a bus after the late film?",
        "When will my refund show up?",
        "Is there any way to change the address of an order, please?",
    ],
)
def test_a_plain_question_is_neutral(text):
    assert score_text(text, "en").label == "neutral"


@pytest.mark.parametrize(
    "text",
    [
        "Nobody told us anything and nothing has arrived",
        "@norda why is my phone dead again? https://pic.example/1",
        "Your staff could not even tell me where my order is",
        "Thanks for losing my bag, great job",
        "Is it too much to ask for a phone line that works? Useless!",
    ],
)
def test_a_complaint_counts_however_it_is_put(text):
    assert score_text(text, "en").label == "negative"


@pytest.mark.parametrize(
    "text", ["I love this app", "@norda you guys rock, thank you so much!", "Brilliant service today"]
)
def test_praise_counts(text):
    assert score_text(text, "en").label == "positive"


@pytest.mark.parametrize(
    "text",
    [
        "Great, another outage 🙄",
        "Love waiting an hour for nothing, thanks!",
        "Thanks for ruining our wonderful holiday, great job",
        "Oh great, the app is perfect again",
    ],
)
def test_irony_turns_praise_around(text):
    assert score_text(text, "en").label == "negative"


@pytest.mark.parametrize(
    "text",
    [
        "Way to go, team, that was a lovely evening!",
        "Congratulations on the award, well deserved and a great honour",
        "Love how easy this app is, thank you so much",
        "Thanks to your crew we had a wonderful trip",
        "A world class team, excellent work",
    ],
)
def test_words_that_are_sincere_as_well_need_a_trouble_beside_them(text):
    assert score_text(text, "en").label == "positive"


@pytest.mark.parametrize(
    "text",
    [
        "Way to go, my train is delayed again",
        "Love how the app stopped working, great",
        "World class service, my parcel never arrived",
    ],
)
def test_sincere_words_beside_a_trouble_are_irony(text):
    assert score_text(text, "en").label == "negative"


def test_a_customer_who_asks_about_a_promotion_is_no_spammer():
    score = score_text("@norda I won your giveaway, where is my voucher? https://pic.example/1", "en")
    assert "spam" in score.concepts
    assert score.needs_answer
    assert score.why != "looks like spam"
    assert score_text("Giveaway! Click the link https://win.example/1", "en").why == "looks like spam"


def test_the_bar_falls_with_negations_and_rises_with_links():
    told, plain = Form(is_retold=True), Form()
    assert ENGLISH.label(-0.2, 0, plain) == "neutral"
    assert ENGLISH.label(-0.2, 1, plain) == "negative"
    assert ENGLISH.label(-0.5, 0, plain) == "negative"
    assert ENGLISH.label(-0.5, 0, told) == "neutral"
    assert ENGLISH.label(0.0, 9, plain) == "neutral"
    assert ENGLISH.label(0.3, 0, plain) == "positive"
    assert ENGLISH.label(0.3, 0, Form(addressed=True)) == "neutral"


def test_the_form_of_a_post():
    assert form_of("@norda hi", " hi", NOTHING, False) == Form(addressed=True)
    assert form_of("see https://a.example/?x", "see  ", NOTHING, False) == Form(is_retold=True)
    assert form_of("see https://a.example", "see  ", NOTHING, True) == Form(addressed=True)
    assert form_of("do you?", "do you?", ASKS, False) == Form(is_question=True, asks=True)
    assert form_of("do you", "do you", ASKS, False) == Form()
    assert ANY.label(-0.05, 0, Form(is_retold=True)) == "negative"


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("They took the monthly amount two times, charged twice on the 3rd", "en"),
        ("Naplatili ste mi dvaput", "hr"),
        ("Kétszer vonták le a díjat", "hu"),
        ("Divreiz noņēma naudu", "lv"),
    ],
)
def test_trouble_is_a_complaint_without_a_word_of_feeling(text, lang):
    assert score_text(text, lang).label == "negative"
