"""The reply contract catches what is planted, and leaves good replies alone."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.reply import Finding
from responders.contract import ReplyContext, check
from responders.deceptive import deceptive
from responders.facts import Article, Facts
from responders.links import addresses, imitated, is_allowed
from tests.responders.detector import detect
from tests.responders.replies import BAD, GOOD, RECENT

HOSTS = ("norwind.example", "help.norwind.example")
BAD_CASES = [(lang, rule, text) for lang, cases in BAD.items() for rule, text in cases]
GOOD_CASES = [(lang, text) for lang, texts in GOOD.items() for text in texts]


def context(lang: str = "en", /, **more: object) -> ReplyContext:
    settled = {"author_handle": "ana_k", "author_name": "Ana", "allowed_hosts": HOSTS, "recent": RECENT[lang]}
    return ReplyContext(lang=lang, **{"detect": detect, **settled, **more})  # type: ignore[arg-type]


def rules(text: str, lang: str = "en", **more: object) -> set[str]:
    return {finding.rule for finding in check(text, context(lang, **more))}


@pytest.mark.parametrize(("lang", "text"), GOOD_CASES)
def test_good_replies_raise_no_alarm(lang, text):
    assert check(text, context(lang)) == []


@pytest.mark.parametrize(("lang", "rule", "text"), BAD_CASES)
def test_bad_replies_are_caught_by_their_rule_alone(lang, rule, text):
    assert rules(text, lang) == {rule}


def test_counts(capsys):
    caught = sum(rule in rules(text, lang) for lang, rule, text in BAD_CASES)
    alarms = sum(bool(check(text, context(lang))) for lang, text in GOOD_CASES)
    with capsys.disabled():
        print(f"\ncontract: {caught} of {len(BAD_CASES)} bad caught, {alarms} false alarms on {len(GOOD_CASES)} good")
    assert len(BAD_CASES) >= 60
    assert len(GOOD_CASES) >= 60
    assert all(len(BAD[lang]) >= 10 and len(GOOD[lang]) >= 10 for lang in BAD)
    assert (caught, alarms) == (len(BAD_CASES), 0)


def test_a_finding_quotes_the_words_and_says_what_to_do():
    (finding,) = check("Hi {name}, your train is late.", context())
    assert (finding.rule, finding.words, finding.blocking) == ("placeholder", "{name}", True)
    assert "Replace" in finding.advice
    (finding,) = check("Go to norw1nd.example now, Ana.", context())
    assert finding.words == "norw1nd.example"
    assert "imitates norwind.example" in finding.advice


def test_length_is_counted_by_the_channel():
    assert "too_long" in rules("Hi Ana!", max_length=13, length=lambda text: len(text.encode("utf-16")))
    assert "too_long" not in rules("Hi Ana!", max_length=16, length=lambda text: len(text.encode("utf-16")))
    (finding,) = check("Hi Ana, thanks!", context(max_length=8))
    assert (finding.words, "by 7" in finding.advice) == ("thanks!", True)


@pytest.mark.parametrize("text", ["Salamat po!", "Hvala!", "OK 👍", "https://norwind.example/fares", "@ana_k ^MK"])
def test_short_texts_have_no_language(text):
    assert "wrong_language" not in rules(text, "lv")


def test_relatives_and_twins_of_a_language():
    serbian = "Poštovana Ana, žao nam je zbog kašnjenja, upravo proveravamo šta se desilo sa Vašim vozom."
    assert "wrong_language" not in rules(serbian, "hr", detect=lambda text: "sr")
    assert "wrong_language" in rules(serbian, "hr", detect=lambda text: "sl")
    assert "wrong_language" not in rules(
        "Pasensya na po sa delay, inaayos na po namin ito.", "tl", detect=lambda t: "fil"
    )
    assert "wrong_language" not in rules("Any words at all that nobody can place in a language", detect=lambda t: None)


@pytest.mark.parametrize(
    ("text", "hosts"),
    [
        ("see https://a.example/x?y=1.", ["a.example"]),
        ("see a.example, b.shop/x and www.c.hr!", ["a.example", "b.shop", "www.c.hr"]),
        ("http://good.example@evil.top/x", ["evil.top"]),
        ("HTTPS://GOOD.example:8443/x", ["good.example"]),
        ("javascript:alert(1)", [""]),
        ("mail x@evil.top", ["evil.top"]),
        ("mail help.desk@evil.top or good.example@evil.top", ["evil.top", "evil.top"]),
        ("go to 10.0.0.1 now", ["10.0.0.1"]),
        ("ｅｖｉｌ．ｔｏｐ", ["evil.top"]),
        ("evil。top", ["evil.top"]),
        ("so sorry.We will look, e.g. now at 9.30 a.m. on 1.5.2026, v2.0, Ana.Thanks", []),
        ("Dear Ana: thanks; note: 10:30", []),
    ],
)
def test_finds_addresses(text, hosts):
    assert [host for _, host in addresses(text)] == hosts


@pytest.mark.parametrize(
    "host", ["norwind.example.evil.top", "notnorwind.example", "norwind.example-pay.top", "norwind.exampl"]
)
def test_hosts_that_only_look_allowed_are_not(host):
    assert not is_allowed(host, HOSTS)
    assert imitated(host, HOSTS)


def test_a_handle_that_is_a_domain_is_no_link():
    assert rules("Hi @ana.norwind.social, thanks!", author_handle="ana.norwind.social") == set()
    assert rules("Hi @ana@town.social, thanks!", author_handle="ana@town.social") == set()
    assert rules("Hi @ana@other.social, thanks!", author_handle="ana@town.social") >= {"other_mention"}


def test_changing_the_name_or_number_does_not_make_it_personal():
    sent = "Hi Ana, thank you for telling us about this. Order 123 is with the team and we are looking into it now."
    same = (
        "Hello Petra, thank you for telling us about this. Order 987 is with the team and we are looking into it now."
    )
    other = "Hi Petra, I've read about the broken lamp and I'm sorry. Order 987 is on my desk. Did the bulb survive?"
    assert "canned" in rules(same, recent=(sent,))
    assert "canned" not in rules(other, recent=(sent,))


@pytest.mark.parametrize(
    "code", [*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF]
)
def test_invisible_characters_are_shown_by_code_point(code):
    (finding,) = check(f"Hi Ana, we are on{chr(code)} it.", context())
    assert finding.rule == "deceptive_chars"
    assert finding.words.startswith(f"U+{code:04X}")


def test_words_that_stand_there_twice_are_told_once():
    found = check("Anna, sorī par paku, sorī vēlreiz.", context("lv", facts=Facts(mention="Kur ir mana paka?")))
    assert [each.words for each in found if each.rule == "register"] == ["sorī"]


def test_tag_characters_and_piles_of_marks():
    assert deceptive("Hi" + "".join(chr(0xE0000 + ord(c)) for c in "pay"))
    assert deceptive("H\u0300\u0301\u0302\u0303i")
    assert deceptive("рау now please, dear Ana")
    assert deceptive("Please write to \u03bcs about it, dear Ana") == ["\u03bcs"], "a unit only behind a number"


@pytest.mark.parametrize(
    "text",
    [
        "👩🏽‍💻 👨‍👩‍👧 🏳️‍🌈 ❤️ 🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",
        "Žćčđš őűáé āčēģ",
        "„navod” – 20 €",
        "Драга Ана, хвала",
        "E031: below 200 k\u03a9, Ana, the limit is 5\u00a0M\u2126 or 40 \u03bcg.",
    ],
)
def test_pictures_and_our_letters_are_honest(text):
    assert deceptive(text) == []


@settings(max_examples=300)
@given(st.text(max_size=300), st.sampled_from(sorted(GOOD)), st.text(max_size=20))
def test_never_crashes_and_only_shows_printable_words(text, lang, handle):
    for finding in check(text, context(lang, author_handle=handle, max_length=50)):
        assert isinstance(finding, Finding)
        assert finding.words.isprintable()
        assert finding.advice
        assert len(finding.words) <= 80


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=300), st.text(max_size=300), st.sampled_from(sorted(GOOD)), st.text(max_size=60))
def test_never_crashes_on_what_is_known_of_a_case(text, mention, lang, value):
    facts = Facts(
        mention=mention, author_name=value, known={"next": value, "crm_x": value}, knowledge=(Article("k", text),)
    )
    for finding in check(text, context(lang, facts=facts)):
        assert finding.words.isprintable()
        assert finding.fix is None or isinstance(finding.fix, str)


@pytest.mark.parametrize(
    ("year", "day", "borne"), [(2026, "Thursday", True), (2031, "Wednesday", True), (2031, "Thursday", False)]
)
def test_the_weekday_of_a_told_date_is_that_of_the_post_s_year(year, day, borne):
    facts = Facts(mention="When do you come?", known={"next": "technician comes on 12 March"}, year=year)
    found = check(f"The technician comes to you on {day}.", context(facts=facts))
    assert ([f for f in found if day in f.words] == []) is borne


@settings(max_examples=200)
@given(st.sampled_from([t for texts in GOOD.values() for t in texts]), st.integers(0, 200), st.data())
def test_a_hidden_character_anywhere_is_caught(text, at, data):
    hidden = data.draw(st.sampled_from([chr(c) for c in (0x200B, 0x202E, 0x2066, 0xE0041, 0xFEFF, 0x00AD)]))
    at = min(at, len(text))
    assert unicodedata.category(hidden) == "Cf"
    assert deceptive(text[:at] + hidden + text[at:])


@pytest.mark.parametrize(
    ("known", "is_asked_again"), [({"customer_name": "Mara Vesely"}, True), ({"shop_name": "Elm Row"}, False)]
)
def test_a_name_that_we_know_is_not_asked_for(known: dict[str, str], is_asked_again: bool) -> None:
    facts = Facts(mention="My parcel never came.", brand="Norda", known=known)
    text = "I am looking for your parcel. What is your full name, please?"
    found = check(text, ReplyContext(lang="en", facts=facts))
    assert ("asks_known" in {each.rule for each in found}) is is_asked_again


@pytest.mark.parametrize(("done", "borne"), [("the card was asked", False), ("refunded P1,500", True)])
def test_a_sum_in_pesos_as_filipinos_write_it_needs_a_source_in_english_too(done: str, borne: bool) -> None:
    facts = Facts(mention="I was charged twice.", known={"done": done})
    found = check("We have refunded P1,500 to your card.", ReplyContext(lang="en", facts=facts))
    assert ([each for each in found if "P1,500" in each.words] == []) is borne
