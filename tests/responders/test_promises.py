"""Promises are read from what we say, in six languages, with the moment that a reader would expect."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from responders.promise_words import WORDS
from responders.promises import next_of, promises, warn_at
from responders.rules.words import words_of

ZAGREB = ZoneInfo("Europe/Zagreb")
NOW = datetime(2026, 3, 3, 9, 0, tzinfo=UTC)
"""A Tuesday, ten in the morning in Zagreb."""

DATED = [
    ("en", "I'll write again by tomorrow noon.", "03-04 12:00"),
    ("en", "I’ll get back to you within two hours.", "03-03 12:00"),
    ("en", "Your parcel will arrive on 3 May.", "05-03 18:00"),
    ("en", "We will fix it by the end of the day.", "03-03 18:00"),
    ("en", "It will be ready in 3 business days.", "03-06 18:00"),
    ("en", "I will call you the day after tomorrow at 9:15.", "03-05 09:15"),
    ("en", "We'll have an answer by 2026-04-01.", "04-01 18:00"),
    ("en", "I'll reply by 8:30.", "03-04 08:30"),
    ("en", "We'll call you next week.", "03-13 18:00"),
    ("hr", "Javit ću se do petka.", "03-06 18:00"),
    ("hr", "Javit cu se do cetvrtka.", "03-05 18:00"),
    ("hr", "Vratit ćemo novac u roku od 14 dana.", "03-17 18:00"),
    ("hr", "Sutra u 17 sati ćemo Vam se javiti.", "03-04 17:00"),
    ("hr", "Odgovorit ćemo do 12.3. u 10:00.", "03-12 10:00"),
    ("hu", "14 napon belül visszatérítjük az összeget.", "03-17 18:00"),
    ("hu", "Holnap délig jelentkezem.", "03-04 12:00"),
    ("hu", "Május 3-án 15 óráig felhívom.", "05-03 15:00"),
    ("id", "Kami kabari Kakak besok siang.", "03-04 15:00"),
    ("id", "Dana akan dikembalikan dalam 3 hari kerja.", "03-06 18:00"),
    ("lv", "Uzrakstīšu Jums līdz piektdienai.", "03-06 18:00"),
    ("lv", "Naudu atmaksāsim 14 dienu laikā.", "03-17 18:00"),
    ("lv", "Sazināšos rīt plkst. 15.", "03-04 15:00"),
    ("tl", "Babalikan ko po kayo bukas ng tanghali.", "03-04 12:00"),
    ("tl", "Maibabalik po ang bayad sa loob ng 14 na araw.", "03-17 18:00"),
    ("tl", "Tatawagan namin kayo sa Biyernes alas-5 ng hapon.", "03-06 17:00"),
]
UNDATED = [
    ("en", "I'll let you know as soon as I have news."),
    ("hr", "Javit ću Vam se čim saznam više."),
    ("hu", "Amint többet tudok, jelentkezem."),
    ("id", "Kami kabari Kakak begitu ada perkembangan."),
    ("lv", "Uzrakstīšu Jums, tiklīdz zināšu vairāk."),
    ("tl", "Babalikan ko po kayo kapag may balita na."),
]
NONE = [
    ("en", "You wrote to us on Friday."),
    ("en", "I'm looking into this with the team now."),
    ("en", "We can't promise that it will be there by Friday."),
    ("en", "Shall I call you tomorrow?"),
    ("en", "If you send me the number by Friday, I'll look it up."),
    ("hr", "Provjeravam Vaš slučaj s timom."),
    ("hr", "Pisali ste nam u petak."),
    ("hu", "Utánanézek a kollégáimmal, hol akadt el a dolog."),
    ("id", "Saat ini saya sedang mengeceknya bersama tim."),
    ("lv", "Pārbaudu Jūsu gadījumu kopā ar komandu."),
    ("tl", "Inaasikaso ko na po ito kasama ang team."),
]


@pytest.mark.parametrize(("lang", "text", "due"), DATED)
def test_a_promise_is_found_with_its_moment(lang: str, text: str, due: str) -> None:
    found = promises(f"Hi Ana,\n{text}\nNorda", lang, NOW, ZAGREB)
    assert len(found) == 1
    assert found[0].due_at is not None
    assert found[0].due_at.astimezone(ZAGREB).strftime("%m-%d %H:%M") == due
    assert f"Hi Ana,\n{text}\nNorda"[found[0].start : found[0].stop] == text


@pytest.mark.parametrize(("lang", "text"), UNDATED)
def test_who_says_that_they_will_write_again_is_asked_by_when(lang: str, text: str) -> None:
    assert [each.due_at for each in promises(text, lang, NOW, ZAGREB)] == [None]


@pytest.mark.parametrize(("lang", "text"), NONE)
def test_what_promises_nothing_is_left_alone(lang: str, text: str) -> None:
    assert promises(text, lang, NOW, ZAGREB) == []


def test_two_promises_of_one_sentence_are_two_duties() -> None:
    text = "We'll send your refund within 14 days and I'll call you on Friday at 5 pm."
    found = promises(text, "en", NOW, ZAGREB)
    assert [text[each.start : each.stop] for each in found] == [
        "We'll send your refund within 14 days",
        "I'll call you on Friday at 5 pm.",
    ]


def test_the_day_is_that_of_the_brand_not_of_the_server() -> None:
    late = datetime(2026, 3, 3, 23, 30, tzinfo=UTC)  # already Wednesday in Zagreb
    assert promises("I'll call you tomorrow.", "en", late, ZAGREB)[0].due_at == datetime(2026, 3, 5, 17, tzinfo=UTC)


def test_a_promise_across_a_clock_change_is_due_at_the_hour_that_people_read() -> None:
    before = datetime(2026, 3, 28, 9, 0, tzinfo=UTC)
    due = promises("I'll call you tomorrow at 10:00.", "en", before, ZAGREB)[0].due_at
    assert due == datetime(2026, 3, 29, 8, 0, tzinfo=UTC)


@pytest.mark.parametrize("text", ["I'll see you on 31 February.", "We will pay 999 within 999 days.", "I'll " * 3000])
def test_nonsense_is_no_promise_and_no_crash(text: str) -> None:
    assert promises(text, "en", NOW, ZAGREB) == []


def test_every_language_has_all_its_weekdays_and_months() -> None:
    assert {
        lang: (len(words_of(lang).calendar["weekdays"]), len(words_of(lang).calendar["months"])) for lang in WORDS
    } == dict.fromkeys(("en", "hr", "hu", "id", "lv", "tl"), (7, 12))


def test_a_warning_comes_an_hour_before_at_the_latest_and_never_before_the_promise() -> None:
    hour = timedelta(hours=1)
    assert warn_at(NOW, NOW + 40 * hour) == NOW + 30 * hour
    assert warn_at(NOW, NOW + 2 * hour) == NOW + hour
    assert warn_at(NOW, NOW + hour / 2) == NOW


def test_what_is_next_is_told_with_its_date_the_nearest_first() -> None:
    later, soon = NOW + timedelta(days=2), NOW + timedelta(hours=3)
    told = next_of([("I'll call.", later), ("We'll see.", None), ("I'll write.", soon)], ZAGREB)
    assert told == ("I'll write. (2026-03-03 13:00)", "I'll call. (2026-03-05 10:00)")
