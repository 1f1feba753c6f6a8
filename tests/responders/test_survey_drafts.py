"""A follow-up that carries a link: personal as before, and nothing in it that the reply contract objects to."""

from dataclasses import replace

import pytest

from domain.ids import ids
from responders.brief import Brief
from responders.contract import ReplyContext, check
from responders.drafters.composed import compose
from responders.survey_links import SurveyLinks
from tests.responders.detector import detect
from tests.responders.test_surveying import Link
from tests.responders.world import START

LINKS = SurveyLinks(address="https://care.norda.example", secret=b"k" * 32)
POSTS = {
    "en": "My parcel is three weeks late and nobody answers.",
    "hr": "Paket kasni tri tjedna i nitko se ne javlja.",
    "hu": "Három hete késik a csomagom, és senki sem válaszol.",
    "id": "Paket saya terlambat tiga minggu dan tidak ada yang menjawab.",
    "lv": "Mana paka kavējas jau trīs nedēļas, un neviens neatbild.",
    "tl": "Tatlong linggo nang huli ang parcel ko at walang sumasagot.",
}


def brief(lang: str, formality: str = "") -> Brief:
    return Brief(
        brand="Norda", sign_off="Iva, Norda", author_name="Mara", author_handle="mara", mention_id="1",
        text=POSTS[lang], lang=lang, answer_lang=lang, label="negative", channel="email", private=True, max_length=5000,
        kind="follow_up", formality=formality, link=LINKS.url(Link(ids.next(START), 1)),
    )  # fmt: skip


@pytest.mark.parametrize("lang", POSTS)
@pytest.mark.parametrize("formality", ["", "informal"])
def test_the_link_stands_in_it_whole_and_the_contract_lets_it_pass(lang: str, formality: str) -> None:
    asked = brief(lang, formality)
    for candidate in range(3):
        text = compose(asked, candidate).text
        assert text.count(asked.link) == 1
        context = ReplyContext(
            lang=lang, author_handle="mara", author_name="Mara", allowed_hosts=(LINKS.host,), detect=detect,
            sign_off="Iva, Norda", private=True,
        )  # fmt: skip
        assert [each for each in check(text, context) if each.blocking] == [], text


def test_without_a_survey_it_names_no_link_and_a_link_to_there_is_stopped() -> None:
    plain = compose(replace(brief("en"), link="")).text
    assert "http" not in plain
    found = check(f"{plain} {brief('en').link}", ReplyContext(lang="en", detect=detect))
    assert "bad_link" in {each.rule for each in found}
