"""What careful people write and no rule may object to: true in other words, or as familiar as the person is.

Beside each stands what is wrong all the same.
"""

from typing import Any

import pytest

from responders.contract import check
from responders.facts import facts_of
from responders.local import located
from responders.markets import PACKS
from responders.measuring import context_of
from responders.rules.figures import figures


def found(lang: str, reply: str, mention: str, market: str = "", knowledge: str = "", **known: str) -> set[str]:
    """The rules that object to this reply."""
    case: dict[str, Any] = {
        "mention": mention,
        "author_name": "Maja Fable",
        "brand": "Copperpot",
        "known": known,
        "knowledge": [{"id": "kb-1", "text": knowledge}] if knowledge else [],
        "channel": "x",
        "market": market,
    }
    facts = located(facts_of(case, 2026), PACKS.all())
    return {finding.rule for finding in check(reply, context_of(lang, facts, None))}


@pytest.mark.parametrize(
    ("formality", "is_familiar"),
    [
        ("tegező", True), ("magázó", False), ("te", True), ("informal", True), ("formal", False),
    ],
)  # fmt: skip
def test_the_form_of_address_is_read_in_the_words_people_note_it_in(formality: str, is_familiar: bool) -> None:
    familiar, formal = "Szia Maja! Megírod, melyik nap jártál nálunk?", "Megírná, Asszonyom, melyik nap járt Ön nálunk?"
    mention = "Hideg volt a leves nálatok."
    assert ("register" in found("hu", familiar, mention, formality=formality)) is not is_familiar
    assert ("register" in found("hu", formal, mention, formality=formality)) is is_familiar


def test_without_po_is_no_po() -> None:
    mention, reply = "wala pa yung load ko", "Maja, na-resend na yung load mo kanina. Anong network ba?"
    assert "register" not in found("tl", reply, mention, formality="kaswal, walang po", done="na-resend ang load")
    assert "register" in found("tl", reply, mention, formality="pormal, may po at opo", done="na-resend ang load")


@pytest.mark.parametrize(
    ("mention", "known", "objects"),
    [
        ("Tenisice su mi stigle u krivoj boji.", {"formality": "vi"}, True),
        ("Tenisice su mi stigle u krivoj boji.", {"formality": "ti"}, False),
        ("sori ali tenisice su mi stigle u krivoj boji", {"formality": "vi"}, False),
    ],
)
def test_who_writes_so_or_wishes_it_may_be_answered_in_slang(
    mention: str, known: dict[str, str], objects: bool
) -> None:
    reply = "Sori, Maja. Koji je broj na kutiji?"
    assert ("register" in found("hr", reply, mention, **known)) is objects


def test_a_picture_of_their_own_may_be_sent_back_and_a_heart_comforts() -> None:
    mention = "My kettle exploded and burned my hand"
    assert "register" in found("en", "Oh no, Maja 😂 How is your hand?", mention)
    assert "register" not in found("en", "Oh no, Maja 😂 How is your hand?", mention + " 😂")
    assert "register" not in found("en", "Oh no, Maja 💙 How is your hand?", mention)
    assert "register" in found("en", "Oh no, Maja 😍 How is your hand?", mention)


@pytest.mark.parametrize(
    ("market", "number", "objects"), [("GB", "999", False), ("GB", "998", True), ("LV", "113", False)]
)
def test_anybody_may_be_told_whom_to_ring_in_danger(market: str, number: str, objects: bool) -> None:
    lang, reply = ("lv", f"Zvaniet {number}.") if market == "LV" else ("en", f"If it smokes again, ring {number}.")
    assert ("unsupported_fact" in found(lang, reply, "My stove smokes", market)) is objects


@pytest.mark.parametrize(
    ("reply", "known", "objects"),
    [
        ("It comes to P445, half of it.", "P890 paid", False),
        ("It comes to P446, half of it.", "P890 paid", True),
        ("That is 25% of all orders.", "1 in 4 orders was refused", False),
        ("That is 20% of all orders.", "1 in 4 orders was refused", True),
        ("Choose 2026 instead of 2025.", "the filter stood at 2025", False),
        ("Choose 2036 instead of 2025.", "the filter stood at 2025", True),
    ],
)
def test_what_follows_from_a_known_figure_is_told(reply: str, known: str, objects: bool) -> None:
    lang = "tl" if "P4" in reply else "en"
    assert ("unsupported_fact" in found(lang, reply, "My order", done=known)) is objects


def test_a_short_month_with_a_dot_is_a_date() -> None:
    mention = "Dalawang beses po akong na-debit noong Nob. 12."
    assert not found("tl", "Nakita po namin ang debit noong ika-12 ng Nobyembre.", mention) & {"unsupported_fact"}
    assert "unsupported_fact" in found("tl", "Nakita po namin ang debit noong ika-13 ng Nobyembre.", mention)


def test_a_name_is_no_month_and_a_sum_no_priority() -> None:
    assert "over_promise" not in found("hr", "Maja, bolje ne.", "Smijem li sutra trčati?")
    assert "jargon" not in found("tl", "P1,500 po ang bayad.", "Magkano?", done="P1,500 ang bayad")
    assert "jargon" in found("en", "It is a P1 for us.", "My router is dead")


def test_hours_are_no_price_and_a_device_no_phone_number() -> None:
    mention, hours = "Miért nincs délután korcsolya?", "Vasárnap 10 és 13 óra között."
    assert "selling" not in found("hu", "Csak 10-től 13-ig tudunk kölcsönözni.", mention, knowledge=hours)
    assert "selling" in found("hu", "Csak 4990 forintért kölcsönözhet.", mention, knowledge=hours)
    assert "personal_data" not in found("hu", "Megírod, milyen telefonról próbáltad?", "Nem megy a gomb.")
    assert "personal_data" in found("hu", "Megírod a telefonszámod?", "Nem megy a gomb.")


def test_a_code_before_a_month_is_no_day() -> None:
    known = {"device": "L-30 at the maker since 2 Sep"}
    told = "Az L-30 szeptember 2-a óta van a gyártónál."
    assert not found("hu", told, "Mikor kapom vissza?", **known) & {"unsupported_fact", "over_promise"}
    assert found("hu", told.replace("2-a", "4-e"), "Mikor kapom vissza?", **known) & {"unsupported_fact"}
    assert "over_promise" in found("tl", "Darating po ito sa ika-15 ng Mayo.", "Nasaan na ang order ko?")


def test_who_laughs_may_be_laughed_with() -> None:
    assert "register" in found("tl", "Baka bagong bayan po iyan 😂", "Natanggal ang letra ng keychain")
    assert "register" not in found("tl", "Baka bagong bayan po iyan 😂", "Natanggal ang letra ng keychain haha")
    assert "register" in found("tl", "Baka bagong bayan po iyan 😂", "Natanggal ang letra, hihintay ba kami, lola?")
    assert "register" in found("tl", "Baka bagong bayan po iyan 😂", "Haha, natanggal na agad ang letra ng keychain")


def test_english_numbers_of_two_words_are_one() -> None:
    (years,) = figures("forty-one years is long", ("en",))
    assert years.readings == (("spoken span", 41 * 525_600.0),)
    (hours,) = figures("within seventy-two hours", ("en",))
    assert hours.readings[0] == ("spoken span", 72 * 60.0)
    assert [each.readings[0][1] for each in figures("one to two days", ("en",))] == [1_440.0, 2_880.0]


def test_here_in_the_comments_is_no_gap_of_a_template() -> None:
    assert "placeholder" not in found("tl", "Huwag po ninyong ilagay dito sa comment ang ID.", "May discount pa po ba?")
    assert "placeholder" in found("tl", "Hi ilagay dito, salamat po.", "May discount pa po ba?")


def test_a_time_from_which_on_is_no_price() -> None:
    told = "Nomor daring bisa diambil mulai pukul 15.00."
    assert "selling" not in found("id", told, "Antre lima jam", knowledge="Pendaftaran dibuka pukul 15.00.")


def test_a_number_that_is_told_is_not_asked_for() -> None:
    known = {"order": "25 payung lukis", "tracking": "JX4410927"}
    told = "Boleh dicek, nomor resinya JX4410927."
    assert "asks_known" not in found("id", told, "Payung lukis ada yang sobek", **known)
    assert "asks_known" in found("id", "Boleh minta nomor resinya?", "Payung lukis ada yang sobek", **known)
    some = "Ada berapa payung yang sobek dari 25 payung itu, Kak?"
    assert "asks_known" not in found("id", some, "Payung lukis ada yang sobek", **known)
    assert "asks_known" in found("id", "Berapa payung yang dipesan?", "Payung lukis ada yang sobek", **known)


@pytest.mark.parametrize(
    ("lang", "reply", "mention", "known", "objects"),
    [
        ("id", "Jadi kembali Rp270.000.", "Tiket mau saya refund", "Rp360.000, dipotong 25 persen", False),
        ("id", "Jadi kembali Rp280.000.", "Tiket mau saya refund", "Rp360.000, dipotong 25 persen", True),
        ("hu", "Négy jegynél ez 5960 Ft.", "1 490 Ft a költség, 4 jegynél", "kezelési költség 1 490 Ft", False),
        ("hu", "Négy jegynél ez 5860 Ft.", "1 490 Ft a költség, 4 jegynél", "kezelési költség 1 490 Ft", True),
        ("id", "Artinya setelah pukul 14.10.", "Mati lampu", "padam sejak 04.10, lebih dari 10 jam", False),
        ("id", "Artinya setelah pukul 15.10.", "Mati lampu", "padam sejak 04.10, lebih dari 10 jam", True),
        ("id", "Garansi sampai 19 Desember.", "Laptop saya drop", "selesai 19 November, garansi 30 hari", False),
        ("id", "Garansi sampai 29 Desember.", "Laptop saya drop", "selesai 19 November, garansi 30 hari", True),
        ("id", "Janji Bapak mundur 2 jam 15 menit.", "Nunggu sampai 12.15", "janji pukul 10.00", False),
        ("id", "Janji Bapak mundur 2 jam 45 menit.", "Nunggu sampai 12.15", "janji pukul 10.00", True),
        ("en", "It was more than 2 hours.", "My bus was late", "late by 2 h 15 min", False),
        ("en", "It was 2 hours and 45 minutes.", "My bus was late", "late by 2 h 15 min", True),
        ("en", "Our dad began in '71.", "Handprints on the seat", "garage opened in 1971", False),
        ("en", "Our dad began in '72.", "Handprints on the seat", "garage opened in 1971", True),
        ("hu", "A november 4-i parkolás kétszer látszik.", "Kétszer vontak le, 11.04.", "", False),
        ("hu", "A november 5-i parkolás kétszer látszik.", "Kétszer vontak le, 11.04.", "", True),
        ("id", "Artinya hilang 25 menit.", "Pijat 90 menit cuma 65 menit", "", False),
        ("id", "Artinya hilang 35 menit.", "Pijat 90 menit cuma 65 menit", "", True),
        ("hu", "November 29-ig volt ingyenes.", "Lemondanám", "indulás december 13., előtte 14 nappal ingyenes", False),
        ("hu", "November 8-ig volt ingyenes.", "Lemondanám", "indulás december 13., előtte 14 nappal ingyenes", True),
        ("en", "It closes after half an hour.", "It lost my answers", "times out after 30 minutes", False),
        ("en", "It closes after 45 minutes.", "It lost my answers", "times out after 30 minutes", True),
        ("en", "Thirty-one years is a long time.", "I taught for 31 years.", "", False),
        ("en", "It will be with you within seventy-two hours.", "Where is it?", "", True),
        ("en", "It closed at 17.45, so you owe 9,15 €.", "Are you open?", "open 8.30 to 17.45", True),
        ("lv", "Starpība ir 1,10 €.", "Kafija Valmierā 2,80, Rīgā 3,90", "", False),
        ("lv", "Starpība ir 1,20 €.", "Kafija Valmierā 2,80, Rīgā 3,90", "", True),
        ("lv", "Iesniegums saņemts 7. jūnijā.", "Kas ar manu sodu?", "saņemts 7. jūn", False),
        ("lv", "Iesniegums saņemts 8. jūnijā.", "Kas ar manu sodu?", "saņemts 7. jūn", True),
        ("hr", "Prijava je poslana 12. ožujka.", "Gdje je?", "poslana 12. 3. 18:02", False),
        ("hr", "Prijava je poslana 13. ožujka.", "Gdje je?", "poslana 12. 3. 18:02", True),
        ("hr", "Dvanaest puta 180 je 2160 eura.", "Skuplje 12 eura po osobi, 180 gostiju!", "", False),
        ("hr", "Dvanaest puta 180 je 2260 eura.", "Skuplje 12 eura po osobi, 180 gostiju!", "", True),
        ("lv", "10. marta 29,90 € redzu.", "Kāpēc?", "10 Mar, 29,90 EUR", False),
        ("hu", "Az előadás 17 óra 20 perckor maradt el.", "Mikor?", "17:20-kor elmaradt", False),
        ("hu", "Az előadás 17 óra 50 perckor maradt el.", "Mikor?", "17:20-kor elmaradt", True),
        ("hu", "Fél 7-kor indult.", "Mikor?", "18:30-kor indult", False),
        ("hu", "Háromnegyed 7-kor indult.", "Mikor?", "18:30-kor indult", True),
        ("hr", "Krenuo je u pola 8.", "Kada?", "krenuo u 7:30", False),
        ("hr", "Krenuo je u pola 9.", "Kada?", "krenuo u 7:30", True),
        ("hu", "A számla 41 ezer forint.", "0 GJ a fogyasztásom, a számla meg 41 ezer.", "", False),
        ("hu", "A számla 42 ezer forint.", "0 GJ a fogyasztásom, a számla meg 41 ezer.", "", True),
        ("id", "Turun 78%, Kak.", "Baterai 180 menit jadi 40 menit", "", False),
        ("id", "Turun 68%, Kak.", "Baterai 180 menit jadi 40 menit", "", True),
        ("en", "It is 30% less.", "From £80 to £64?", "", True),
        ("en", "It is 20% less.", "From £80 to £64?", "", False),
        ("en", "That's £192 in fares.", "He pays £3.20 x 2 x 30", "", False),
        ("en", "That's £196 in fares.", "He pays £3.20 x 2 x 30", "", True),
        ("en", "Tickets are S$9.", "How much?", "children S$9", False),
        ("en", "Tickets are S$8.", "How much?", "children S$9", True),
    ],
)
def test_who_reckons_rightly_invents_nothing(lang: str, reply: str, mention: str, known: str, objects: bool) -> None:
    rules = found(lang, reply, mention, **({"status": known} if known else {}))
    assert bool(rules & {"unsupported_fact", "over_promise"}) is objects


def test_words_of_an_article_are_for_customers_those_of_a_note_among_us() -> None:
    reply = "The hotfix is planned for Thursday."
    assert "jargon" in found("en", reply, "My save is gone", next="hotfix by the team on Thursday")
    knowledge = "Do not start a new game until the hotfix."
    assert "jargon" not in found("en", reply, "My save is gone", knowledge=knowledge, next="hotfix on Thursday")


def test_the_way_that_is_known_is_no_brush_off() -> None:
    mention, reply = "Noskrāpēts jauns čemodāns", "Maja, par bojātu bagāžu aizpildiet veidlapu."
    assert "brush_off" in found("lv", reply, mention)
    assert "brush_off" not in found("lv", reply, mention, knowledge="Par bagāžu piesakās, aizpildot veidlapu.")


@pytest.mark.parametrize("digits", ["9" * 400, "9" * 8_000, "9" * 400 + " eur", " ".join(map(str, range(100, 2_100)))])
def test_an_endless_row_of_digits_bears_nothing_and_breaks_nothing(digits: str) -> None:
    assert "unsupported_fact" in found("en", "You paid £1,234.50 for it, 37% too much.", f"My order {digits}")
    assert "unsupported_fact" in found("en", f"You paid {digits[:500]} too much.", "My order")


@pytest.mark.parametrize(
    ("lang", "reply", "mention"),
    [
        ("en", "Hi Maja, I'm looking at order {} right now.", "My parcel never came, order no. {}. Where is it?"),
        ("hr", "Poštovana Majo, narudžbu br. {} upravo provjeravam.", "Paket nije stigao, narudžba {}."),
        ("hu", "Kedves Maja, a rendelés {} sorsát most nézem.", "Nem jött meg a csomagom, rendelés: {}"),
    ],
)
def test_the_number_of_an_order_may_begin_like_one_that_people_ring(lang: str, reply: str, mention: str) -> None:
    for number in ("0912345678", "+385912345678"):
        assert "bad_link" not in found(lang, reply.format(number), mention.format(number))
        assert "bad_link" in found(lang, reply.format(number), f"{mention.format(123)} Ring {number} for a refund.")
    assert "bad_link" in found(lang, reply.format(123) + " Ring 0912345678.", mention.format("0912345678"))
