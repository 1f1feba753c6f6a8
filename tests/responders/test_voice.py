"""How a brand speaks in each language: what may be set, and what became of voices that held one text for all."""

import pytest

from domain.errors import BadInput
from responders.voice import LONGEST, Spoken, checked, respoken, spoken
from tests.responders.detector import detect

OLD = {"sign_off": "Norda", "formality": "ti", "greeting": "Dear {name},", "closing": "Kind regards,"}


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("en", Spoken("", "Dear {name},", "Kind regards,")),
        ("hr", Spoken("informal", "Bok, {name}!", "Lijep pozdrav,")),
        ("hr", Spoken("formal", "Poštovani {name},", "Želimo Vam lijep dan!")),
        ("hu", Spoken("formal", "Tisztelt {name}!", "Üdvözlettel,")),
        ("id", Spoken("", "Halo Kak {name},", "Salam hangat,")),
        ("lv", Spoken("formal", "Cienījamā {name}!", "Ar cieņu,")),
        ("tl", Spoken("", "Hi {name}!", "Maraming salamat po.")),
    ],
)
def test_what_people_write_in_each_language_may_stand(lang: str, said: Spoken) -> None:
    assert checked(said, lang, (), detect) == said


@pytest.mark.parametrize(
    ("lang", "said", "wrong"),
    [
        ("hu", Spoken(greeting="Dear {name},"), "greeting: “Dear Ana,” reads as en"),
        ("hr", Spoken(closing="Kind regards,"), "closing: “Kind regards,” reads as en"),
        ("lv", Spoken(greeting="Kedves {name}!"), "reads as hu"),
        ("hr", Spoken("formal", "Bok, {name},"), "“Bok”: Too familiar"),
        ("hr", Spoken("informal", closing="Želimo Vam lijep dan!"), "“Vam”: Too formal"),
        ("en", Spoken(greeting="Hi {first_name},"), "{first_name} is not known; only {name}"),
        ("en", Spoken(greeting="Hi {name} {name},"), "write {name} once"),
        ("en", Spoken(greeting="Hi there,"), "write {name} once"),
        ("en", Spoken(greeting="Hi {name}"), "end it with one of"),
        ("en", Spoken(greeting="Hi\n{name},"), "one line"),
        ("en", Spoken(greeting="Hi [NAME] {name},"), "template residue"),
        ("en", Spoken(greeting="A very warm good morning {name},"), "4 words"),
        ("en", Spoken(closing="Bye {name}."), "{name} is not known"),
        ("en", Spoken(closing="x" * LONGEST + "."), "81 characters"),
        ("en", Spoken(closing="We'll refund you by Friday."), "Nobody owns this promise"),
        ("en", Spoken(closing="Help is at www.norda.example."), "links"),
        ("en", Spoken("rude"), "form of address: choose"),
    ],
)
def test_what_no_reply_may_hold_is_refused_with_the_reason(lang: str, said: Spoken, wrong: str) -> None:
    with pytest.raises(BadInput) as refused:
        checked(said, lang, (), detect)
    assert wrong in str(refused.value)


def test_a_host_of_the_brand_may_be_named() -> None:
    said = Spoken(closing="Help is at www.norda.example.")
    assert checked(said, "en", ("www.norda.example",), detect) == said


def test_one_text_for_all_languages_counts_in_the_first_one_and_its_form_of_address_in_each() -> None:
    assert spoken(OLD, ["en", "hu"], "en") == Spoken("informal", "Dear {name},", "Kind regards,")
    assert spoken(OLD, ["en", "hu"], "hu") == Spoken("informal")
    assert spoken({"greeting": "Dear customer,"}, [], "en") == Spoken()


def test_the_first_change_carries_the_old_texts_over() -> None:
    voice = respoken(OLD, ["en"], {"hr": Spoken("formal", "Poštovani {name},")})
    assert (voice["sign_off"], "greeting" in voice) == ("Norda", False)
    assert spoken(voice, ["hr"], "hr") == Spoken("formal", "Poštovani {name},")
    assert spoken(voice, ["hr"], "en") == Spoken("informal", "Dear {name},", "Kind regards,")
    assert spoken(voice, ["hr"], "hu") == Spoken("informal")
