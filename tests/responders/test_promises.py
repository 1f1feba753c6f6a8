"""Promises are read from what we say, in six languages, with the moment that a reader would expect."""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from responders.brief import Brief
from responders.drafters.known import known_of
from responders.drafters.phrasebook import FOLDER, LANGUAGES, Pack, pack
from responders.drafters.when import said_when
from responders.facts import Facts
from responders.moments import moment
from responders.promise_words import WORDS
from responders.promises import Found, at_it, next_of, promises, warn_at
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
    ("en", "We'll deliver it by Thursday 12 March.", "03-12 18:00"),
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
COUNTED = [
    ("en", "We will refund you within 3-5 business days.", "03-10 18:00"),
    ("en", "We will refund you within 3 – 5 business days.", "03-10 18:00"),
    ("en", "We'll refund you within seven working days.", "03-12 18:00"),
    ("hr", "Vratit ćemo novac u roku 3 do 5 radnih dana.", "03-10 18:00"),
    ("hr", "Vratit ćemo novac u roku od sedam dana.", "03-10 18:00"),
    ("hr", "Vratit ćemo novac u roku od tjedan dana.", "03-10 18:00"),
    ("hu", "3–5 munkanapon belül visszatérítjük.", "03-10 18:00"),
    ("hu", "Hét napon belül visszatérítjük.", "03-10 18:00"),
    ("id", "Dana akan dikembalikan dalam 3-5 hari kerja.", "03-10 18:00"),
    ("id", "Dana akan dikembalikan dalam dua puluh empat jam.", "03-04 10:00"),
    ("lv", "Atmaksāsim 3–5 darba dienu laikā.", "03-10 18:00"),
    ("lv", "Atmaksāsim septiņu dienu laikā.", "03-10 18:00"),
    ("tl", "Maibabalik po ang bayad sa loob ng 3 hanggang 5 araw ng trabaho.", "03-10 18:00"),
    ("tl", "Maibabalik po ang bayad sa loob ng labing-apat na araw.", "03-17 18:00"),
    ("en", "I'll get back to you within 24h.", "03-04 10:00"),
    ("en", "I'll call you in 30 minutes.", "03-03 10:30"),
    ("en", "I'll call you within the hour.", "03-03 11:00"),
    ("hr", "Javit ću se u roku od dvadeset i četiri sata.", "03-04 10:00"),
    ("hu", "30 percen belül jelentkezem.", "03-03 10:30"),
    ("id", "Kami kabari dalam 1x24 jam.", "03-04 10:00"),
    ("id", "Kami kabari maksimal 3 x 24 jam.", "03-06 10:00"),
    ("lv", "Uzrakstīšu stundas laikā.", "03-03 11:00"),
    ("tl", "Babalikan ko po kayo sa loob ng 30 minuto.", "03-03 10:30"),
    ("en", "I'll write by Friday next week.", "03-13 18:00"),
    ("en", "I'll write next week on Monday.", "03-09 18:00"),
    ("hr", "Javit ćemo se idući tjedan u petak.", "03-13 18:00"),
    ("hu", "Jövő hét péntekig jelentkezem.", "03-13 18:00"),
    ("id", "Kami kabari Jumat minggu depan.", "03-13 18:00"),
    ("lv", "Uzrakstīšu nākamās nedēļas piektdienā.", "03-13 18:00"),
    ("tl", "Tatawagan ko kayo sa Biyernes sa susunod na linggo.", "03-13 18:00"),
]
"""Spans count to their end; numbers as words; hours and minutes; a day of next week."""
PAST_TOO = [
    ("en", "We received your order of 2026-01-15 and will send the refund by Friday."),
    ("en", "We received your order of 12.01.2026 and will send the refund by Friday."),
    ("en", "We received your order of Friday 16 January 2026 and will send the refund by Friday."),
    ("en", "We received your order of 15 January and will send the refund by Friday."),
    ("hr", "Primili smo narudžbu 15.1.2026. i vratit ćemo novac do petka."),
    ("hu", "A 2026. január 15-i rendelését péntekig visszatérítjük."),
    ("id", "Pesanan tanggal 15 Januari 2026 akan kami kirim paling lambat Jumat."),
    ("lv", "Pasūtījumu no 2026. gada 15. janvāra nosūtīsim līdz piektdienai."),
    ("tl", "Ang order noong Enero 15, 2026 ay ipapadala namin sa Biyernes."),
]
"""By Friday, whatever day of the past is named beside it."""
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

ELSEWHERE = [
    ("en", "It won't take long: I'll call you by Friday noon."),
    ("en", "I'll write by Friday, and if you need anything, tell me."),
    ("en", "I can't say why yet, but I'll write to you by Friday."),
    ("en", "If you need anything, tell me, but I'll call you by Friday either way."),
    ("hr", "Neće dugo trajati: javit ću se do petka."),
    ("hr", "Javit ću se do petka, a ako što trebate, recite mi."),
    ("hr", "Ne znam još uzrok, ali javit ćemo se do petka; ako što trebate, pišite."),
    ("hu", "Nem fog sokáig tartani: péntekig jelentkezem."),
    ("hu", "Péntekig jelentkezem, és ha bármire szüksége van, írjon."),
    ("hu", "Péntekig írok, de ha addig kérdése van, szóljon."),
    ("id", "Tidak akan lama: kami kabari paling lambat Jumat."),
    ("id", "Kami kabari paling lambat Jumat, dan kalau ada pertanyaan, tulis saja."),
    ("lv", "Tas nebūs ilgi: uzrakstīšu līdz piektdienai."),
    ("lv", "Uzrakstīšu līdz piektdienai, un, ja kaut ko vajag, rakstiet man."),
    ("lv", "Uzrakstīšu līdz piektdienai, bet ja kas, rakstiet."),
    ("tl", "Hindi po ito magtatagal: tatawagan ko kayo sa Biyernes."),
    ("tl", "Tatawagan ko kayo sa Biyernes, at kung may kailangan kayo, sabihan ninyo ako."),
]
"""By Friday, whatever is doubted or asked in another clause."""
OWN_DOUBT = [
    ("en", "If you send me the number, I'll look it up by Friday."),
    ("en", "If you send me the number and the date, I'll look it up and write by Friday."),
    ("en", "I'll call you by Friday, if the part has arrived."),
    ("en", "I can't promise that we'll call by Friday."),
    ("en", "You'll need to send us the form by Friday."),
    ("en", "We wrote to you on Friday."),
    ("en", "The next step: please send us the form by Friday."),
    ("en", "I'm looking into this."),
    ("hr", "Ako pošaljete broj, provjerit ću do petka."),
    ("hr", "Ne mogu obećati da ćemo se javiti do petka."),
    ("hr", "Sljedeći korak: pošaljite nam obrazac do petka."),
    ("hr", "Javit ću se do petka ako dio stigne."),
    ("hr", "Pisali smo Vam u petak."),
    ("hu", "Ha elküldi a számot, péntekig megírom."),
    ("hu", "Ha elküldi a számot, átnézem, és péntekig megírom."),
    ("hu", "Nem tudom megígérni, hogy péntekig megérkezik."),
    ("hu", "A következő lépés: kérjük, küldje el az űrlapot péntekig."),
    ("hu", "Pénteken írtunk Önnek."),
    ("id", "Kalau Kakak kirim nomornya, kami kabari paling lambat Jumat."),
    ("id", "Kami belum bisa menjanjikan bahwa paketnya akan tiba hari Jumat."),
    ("id", "Langkah berikutnya: mohon kirim formulirnya paling lambat Jumat."),
    ("id", "Kami sudah kirim hari Jumat."),
    ("lv", "Ja atsūtīsiet numuru, līdz piektdienai uzrakstīšu."),
    ("lv", "Nevaru apsolīt, ka sūtījums būs līdz piektdienai."),
    ("lv", "Nākamais solis: lūdzu, atsūtiet veidlapu līdz piektdienai."),
    ("lv", "Jūsu vēstuli saņēmām piektdien."),
    ("tl", "Kung ipapadala ninyo ang numero, tatawagan ko kayo sa Biyernes."),
    ("tl", "Hindi ko maipapangako na darating ito sa Biyernes."),
    ("tl", "Susunod na hakbang po: pakipadala ang form hanggang Biyernes."),
    ("tl", "Sumulat kami noong Biyernes."),
    ("hu", "Pénteken lesz ideje hívni minket?"),
]
"""What is promised is denied, hangs on something, is the customer's to do, or has happened."""


@pytest.mark.parametrize(("lang", "text", "due"), DATED + COUNTED)
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


@pytest.mark.parametrize(("lang", "text"), ELSEWHERE)
def test_doubt_in_another_clause_takes_no_promise_away(lang: str, text: str) -> None:
    assert [day_of(found.due_at) for found in promises(text, lang, NOW, ZAGREB)] == ["03-06"]


@pytest.mark.parametrize(("lang", "text"), PAST_TOO)
def test_a_day_that_has_passed_is_no_moment_of_a_promise(lang: str, text: str) -> None:
    (found,) = promises(text, lang, NOW, ZAGREB)
    assert found.due_at == datetime(2026, 3, 6, 17, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "due"),
    [
        ("We'll deliver it on 15 January 2027.", "2027-01-15"),
        ("We'll deliver it on March 20, 2026.", "2026-03-20"),
        ("We'll deliver it on 12 January.", ""),
        ("Your ticket of Thursday, 15 January 2026, will be looked at.", ""),
    ],
)
def test_the_year_that_is_written_counts(text: str, due: str) -> None:
    assert "".join(f"{each.due_at:%Y-%m-%d}" for each in promises(text, "en", NOW, ZAGREB)) == due


def test_working_days_leave_the_holidays_of_the_brand_out() -> None:
    eve, off = datetime(2026, 12, 24, 9, tzinfo=UTC), {date(2026, 12, 25), date(2026, 12, 26)}
    (found,) = promises("I'll write within 1 working day.", "en", eve, ZAGREB, off)
    assert found.due_at == datetime(2026, 12, 28, 17, tzinfo=UTC)


def test_a_week_named_in_another_breath_moves_no_friday() -> None:
    found = promises("I'll call you on Friday; the part will come next week.", "en", NOW, ZAGREB)
    assert day_of(found[0].due_at) == "03-06"


@pytest.mark.parametrize(("lang", "text"), OWN_DOUBT)
def test_doubt_in_the_clause_of_a_promise_leaves_none(lang: str, text: str) -> None:
    assert promises(text, lang, NOW, ZAGREB) == []


def day_of(due: datetime | None) -> str:
    return f"{due.astimezone(ZAGREB):%m-%d}" if due else ""


PACKS = [
    (lang, register)
    for lang in LANGUAGES
    for register in ("", "formal", "informal")
    if not register or (FOLDER / register / f"{lang}.toml").is_file()
]
"""Every phrase pack: each language as it stands, and each form of address that has sentences of its own."""
NEXT = {
    "courier delivers again by Thursday 12 March": "03-12 18:00",
    "technician visits on 2026-03-12 14:00": "03-12 14:00",
    "engineer visit 5 pm on 12 March": "03-12 17:00",
    "refund is paid within 14 days": "03-17 18:00",
    "refund within 24 hours": "03-04 10:00",
    "reply within 2 weeks": "03-17 18:00",
    "we call you back tomorrow at 15:00": "03-04 15:00",
    "we write to you by Sunday": "03-08 18:00",
    "update by 17:00 today": "03-03 17:00",
    "repair crew fixes it tonight": "03-03 21:00",
}
"""What a colleague notes to come next, and when its reader expects it."""
OURS = ("known.next", "storm.again", "delay.until")
"""The sentences of a pack that tell when something of ours comes."""


def told(own: Pack, note: str) -> Iterator[str]:
    """Every sentence in which this pack tells the note."""
    brief = Brief(
        brand="Norda", sign_off="Ana", author_name="", author_handle="", mention_id="1", text="Where is it?",
        lang=own.lang, answer_lang=own.lang, facts=Facts(mention="", known={"next": note}),
    )  # fmt: skip
    for line in own.lines("known.next"):
        for each in (said := known_of(brief, own).next, f"{said[:1].upper()}{said[1:]}"):
            yield line.format(next=each)
    if "2026" in note:  # a moment that the desk gave
        for path in ("storm.again", "delay.until"):
            line = own.lines(path)[0].format(next=said_when(own, note))
            yield f"{line[:1].upper()}{line[1:]}."


@pytest.mark.parametrize("note", NEXT)
@pytest.mark.parametrize(("lang", "register"), PACKS)
def test_every_sentence_of_ours_that_tells_a_moment_is_a_promise(lang: str, register: str, note: str) -> None:
    for text in told(pack(lang, register), note):
        found = promises(f"Norda.\n{text} Ana", lang, NOW, ZAGREB)
        assert [f"{each.due_at:%m-%d %H:%M}" for each in local(found)] == [NEXT[note]], text


def local(found: list[Found]) -> list[Found]:
    return [Found(each.start, each.stop, each.due_at and each.due_at.astimezone(ZAGREB)) for each in found]


@pytest.mark.parametrize(("lang", "register"), PACKS)
def test_no_other_sentence_of_ours_is_a_dated_promise(lang: str, register: str) -> None:
    lines = [line for path, line in sentences(pack(lang, register).raw) if path not in OURS]
    assert len(lines) > 200
    for line in lines:
        assert promises(line, lang, NOW, ZAGREB) == [], line


def sentences(raw: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, str]]:
    """Path and text of whatever is said; lists of words to read posts by are left out."""
    for key, value in raw.items():
        if isinstance(value, Mapping):
            yield from sentences(value, f"{above}{key}.")
        elif isinstance(value, list):
            yield from ((above + key, line) for line in value if str(line)[-1:] in ".?!")


LABELLED = Path(__file__).parents[1] / "data" / "replies"
READ = ("tuning", "subtle", "hard", "pairs", "voices")
LATER = ("-c-", "-d-")
"""In the ids of replies that were written after the words had been chosen."""


def replies(lang: str) -> Iterator[dict[str, Any]]:
    for folder in READ:
        for file in sorted((LABELLED / folder).glob(f"{lang}*.jsonl")):
            rows = map(json.loads, file.read_text("utf-8").splitlines())
            yield from (row for row in rows if not any(each in row["id"] for each in LATER))


@pytest.mark.parametrize(
    ("lang", "least", "most"),
    [("en", 38, 10), ("hr", 31, 13), ("hu", 46, 4), ("id", 27, 11), ("lv", 50, 11), ("tl", 24, 8)],
)
def test_labelled_replies_bear_out_the_figures_of_the_docs(lang: str, least: int, most: int) -> None:
    """`least`: words marked as promising too much that name a moment and are found; `most`: dated promises found in
    acceptable replies to cases where nothing is noted to come next."""
    hits = finds = 0
    for row in replies(lang):
        dated = [each for each in promises(row["reply"], lang, NOW, ZAGREB) if each.due_at]
        if "over_promise" in row["rules"]:
            hits += sum(
                _found(row["reply"], words, dated) for words in row["words"] if moment(words, lang, NOW, ZAGREB)
            )
        elif not row["rules"] and not row["case"]["known"].get("next"):
            finds += len(dated)
    assert (hits >= least, finds <= most) == (True, True), (hits, finds)


def _found(reply: str, words: str, dated: list[Found]) -> bool:
    at = reply.index(words)
    return any(each.start < at + len(words) and at < each.stop for each in dated)


@pytest.mark.parametrize(("lang", "register"), PACKS)
def test_an_answer_of_ours_that_leaves_something_open_owes_another_word(lang: str, register: str) -> None:
    own = pack(lang, register)
    left_open = [line for path in ("next.complaint", "next.question") for line in own.lines(path)]
    settled = [line for path in ("opening.complaint", "feeling.mild", "feeling.strong") for line in own.lines(path)]
    assert [line for line in left_open if not at_it(line, lang, NOW)] == []
    assert [line for line in settled if at_it(line, lang, NOW)] == []


def test_a_question_whether_we_are_at_it_owes_nothing() -> None:
    assert at_it("Sorry, Ana. I'm looking into this.", "en", NOW) == Found(12, 34, NOW)
    assert at_it("Did they say they are looking into this?", "en", NOW) is None
    assert at_it("Thanks for looking into our new timetable. Tap the link to find out more.", "en", NOW) is None


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
