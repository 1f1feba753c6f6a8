"""What agents claim and promise in free words, and what bears it: a source that speaks of it, in whatever language."""

from typing import Any

import pytest

from responders.contract import check
from responders.facts import facts_of
from responders.measuring import context_of
from responders.rules.claims import unsupported_fact

POST = "Paket je stigao razbijen, a platila sam 14,90 eura dostavu. Treća takva u studenom."


def rules(reply: str, lang: str = "hr", mention: str = POST, **known: str) -> set[str]:
    case: dict[str, Any] = {"mention": mention, "author_name": "Vilma Tobožić", "brand": "Paketko", "known": known}
    found = check(reply, context_of(lang, facts_of({**case, "channel": "email"}, 2026), None))
    return {each.rule for each in found} & {"unsupported_fact", "over_promise"}


@pytest.mark.parametrize(
    ("lang", "reply", "known", "found"),
    [
        ("hr", "Dostavljač više ne radi za nas.", "the courier no longer works for us", "unsupported_fact"),
        ("hu", "A futárt figyelmeztettük.", "the courier was warned today", "unsupported_fact"),
        ("lv", "Kurjers jau ir brīdināts.", "the courier was warned today", "unsupported_fact"),
        ("hr", "Sljedeća narudžba Vam je gratis.", "goodwill: the next order is free", "over_promise"),
        ("hu", "A következő rendelése az ajándékunk.", "goodwill: the next order is free", "over_promise"),
        ("lv", "Nākamais pasūtījums Jums būs par velti.", "goodwill: the next order is free", "over_promise"),
        ("hr", "Ako se ne da popraviti, dobivate novu vazu.", "replacement: a new vase", "over_promise"),
    ],
)
def test_a_weighty_act_needs_a_source_that_speaks_of_it(lang: str, reply: str, known: str, found: str) -> None:
    assert found in rules(reply, lang)
    assert rules(reply, lang, measure=known) == set()


def test_an_offer_of_attention_under_a_condition_is_no_promise() -> None:
    assert rules("Ako se opet dogodi, nazvat ću Vas.") == set()


@pytest.mark.parametrize(("sum_told", "found"), [("29,80", set()), ("44,70", set()), ("31,20", {"unsupported_fact"})])
def test_a_told_sum_may_be_counted_twice_or_as_often_as_told(sum_told: str, found: set[str]) -> None:
    assert rules(f"Ukupno je to {sum_told} eura.", deliveries="3") == found


def test_nothing_to_pay_is_a_figure_that_needs_a_source() -> None:
    assert rules("Dostavu plaćate 0 eura.") == {"unsupported_fact"}
    assert rules("Dostavu plaćate 0 eura.", measure="delivery fee waived") == set()


def test_a_promised_weekday_rests_on_no_date_that_has_passed() -> None:
    assert "over_promise" in rules("Paket stiže u petak.", done="complaint received on 20 November")
    assert rules("Paket stiže u petak.", next="new parcel arrives on 20 November") == set()


def strange_figures(reply: str, **known: str) -> set[str]:
    case = {"mention": "Your charger held my cable", "author_name": "Vilma", "brand": "Paketko", "known": known}
    return {each.words for each in unsupported_fact(reply, context_of("en", facts_of(case, 2026), None))}


def test_the_minutes_between_two_told_clocks_are_told() -> None:
    log = "ground fault at 13:06, cable held until 13:57"
    assert strange_figures("The cable was held for 51 minutes, sorry.", log=log) == set()
    assert strange_figures("The cable was held for 52 minutes, sorry.", log=log) == {"52"}


@pytest.mark.parametrize("written", ["1) {} 2) {} 3) {} 4) {}", "1. {}\n2. {}\n3. {}\n4. {}"])
def test_what_only_counts_the_things_of_a_list_claims_nothing(written: str) -> None:
    steps = ("Open the settings", "Choose the footer", "Make it empty", "Export it again")
    assert strange_figures(written.format(*steps)) == set()
    assert strange_figures("3) Make it empty") == {"3"}, "no list begins so"
