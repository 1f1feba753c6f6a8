"""What leads from a post to an article: concepts across languages, rare words within one, never a brand's name."""

from scoring.clues import COMMON, clues, fits, weight, why
from scoring.traits import Reader

READER = Reader(("Norda",))
ARTICLE = "Charged twice\n\nA second charge of a ticket is a reservation; the bank releases it within five days."


def shared(one: dict[int, str], other: dict[int, str], rows: int = 1) -> dict[int, int]:
    return dict.fromkeys(one.keys() & other.keys(), rows)


def test_the_same_trouble_meets_across_languages() -> None:
    article = clues(READER, ARTICLE, "en")
    for lang, post in (("hr", "Karta mi je dvaput naplaćena!"), ("hu", "Kétszer vonták le a jegyet.")):
        post_clues = clues(READER, post, lang)
        common = shared(post_clues, article)
        assert fits(post_clues, common), lang
        assert "double charge" in why(post_clues, common)


def test_words_of_a_thing_without_a_concept_lead_to_it_and_one_alone_does_not() -> None:
    article = clues(READER, "Bicycles on night trains\n\nReserve a bicycle space on the night train beforehand.", "en")
    asked = clues(READER, "Can I take a bicycle on your night train?", "en")
    assert fits(asked, shared(asked, article))
    other = clues(READER, "Which museums are near the bicycle shop?", "en")
    assert not fits(other, shared(other, article))


def test_a_rare_word_weighs_more_than_one_that_leads_everywhere() -> None:
    found = clues(READER, "bicycle", "en")
    assert weight(found, dict.fromkeys(found, 1)) > 4 * weight(found, dict.fromkeys(found, COMMON))


def test_names_of_the_brand_lead_nowhere() -> None:
    assert not clues(READER, "Norda", "en")
