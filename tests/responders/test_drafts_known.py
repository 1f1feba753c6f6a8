"""A draft rests on what is known: it tells it, asks for none of it, and never shows what is private or foreign."""

from __future__ import annotations

import re

import pytest

from responders.brief import Brief, Draft
from responders.contract import ReplyContext, check
from responders.drafters.composed import compose_several
from responders.drafters.knowledge import fitting
from responders.drafters.phrasebook import FOLDER, KINDS, LANGUAGES, pack, register_of
from responders.drafters.when import said_when
from responders.facts import Article, Facts

POST = {
    "en": "My order 553018 has not arrived, I have been waiting for 9 days",
    "hr": "Narudžba 553018 nije stigla, čekam već 9 dana",
    "hu": "Nem érkezett meg a csomagom, rendelés 553018, 9 napja várok",
    "id": "Pesanan 553018 belum sampai, sudah 9 hari menunggu",
    "lv": "Pasūtījums 553018 nav pienācis, gaidu jau 9 dienas",
    "tl": "Wala pa ang order 553018, naghihintay ako ng 9 na araw",
}


NO_INTERNET = {
    "en": "No internet since this morning",
    "hr": "Nema interneta od jutros",
    "hu": "Nincs internet reggel óta",
    "id": "Internet mati dari pagi",
    "lv": "Nav interneta kopš rīta",
    "tl": "Walang internet simula umaga",
}


def drafts(
    lang: str, text: str, *, formality: str = "", knowledge: tuple[Article, ...] = (), **known: str
) -> list[Draft]:
    one = Brief(
        brand="Paketko",
        sign_off="Paketko",
        author_name="Nora Maslačak",
        author_handle="nora_m",
        mention_id=text[:20],
        text=text,
        lang=lang,
        answer_lang=lang,
        label="negative",
        formality=formality,
        facts=Facts(mention=text, brand="Paketko", known=known, knowledge=knowledge),
    )
    found = compose_several(one, 3)
    for draft in found:
        context = ReplyContext(lang=lang, author_handle="nora_m", author_name=one.author_name, sign_off="Paketko")
        assert check(draft.text, context) == [], draft.text
    return found


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_is_done_and_comes_next_is_told_in_the_language_of_the_answer(lang):
    found = drafts(
        lang,
        POST[lang],
        done="refund of €12.90 issued on 2026-03-03",
        next="courier delivers again by Thursday 12 March, 9:00-12:00",
    )
    thursday = pack(lang).raw["when"]["days"][3]
    for draft in found:
        assert "12.90" in draft.text
        assert thursday in draft.text
        assert "9:00" in draft.text
        assert "12:00" in draft.text
        assert {"known.done", "known.next"} <= set(draft.sources)
        if lang != "en":
            assert not re.search(r"\b(?:issued|courier|again|Thursday|March 12)\b", draft.text)


def test_what_comes_next_is_told_as_it_is_noted_in_the_same_language():
    for draft in drafts("hu", POST["hu"], next="a futár holnap 14 óra előtt újra kiviszi a csomagot"):
        assert "a futár holnap 14 óra előtt újra kiviszi a csomagot." in draft.text


def test_a_note_in_another_language_is_left_to_the_approver():
    found = drafts("hr", POST["hr"], done="colleague in accounting had a look and shrugged")
    for draft in found:
        assert "accounting" not in draft.text
        assert draft.sources == ()
    assert "known.done" in found[0].hints[0]
    assert "accounting" in found[0].hints[0]


@pytest.mark.parametrize(
    "note",
    [
        "refund requested, not issued yet",
        "refund was refused",
        "waiting for the courier to check",
        "replacement not sent",
    ],
)
def test_what_is_not_settled_is_never_told_as_done(note):
    for lang in ("hr", "hu", "id", "lv", "tl"):
        for draft in drafts(lang, POST[lang], done=note):
            assert not any(used.startswith("done") for used in draft.used), draft.text


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_known_outage_is_confirmed_and_a_denied_one_is_not(lang):
    text = NO_INTERNET[lang]
    assert all(any(u.startswith("outage") for u in d.used) for d in drafts(lang, text, known_outage="yes"))
    assert not any(any(u.startswith("outage") for u in d.used) for d in drafts(lang, text, known_outage="no"))


def test_what_is_known_is_not_asked_for():
    late = "Delayed again and again, I am so tired of it"
    assert all(any(used.startswith("ask") for used in draft.used) for draft in drafts("en", late))
    assert not any(any(used.startswith("ask") for used in d.used) for d in drafts("en", late, flight="NW1946"))
    bag = "Where is my luggage? My suitcase is lost"
    asks = re.compile(r"(?i)reference")
    assert all(asks.search(draft.text) for draft in drafts("en", bag))
    assert not any(asks.search(draft.text) for draft in drafts("en", bag, booking_reference="QX7"))
    assert not any(asks.search(draft.text) for draft in drafts("en", bag, crm_ticket_number="QX7"))


def test_private_notes_are_never_shown_and_the_agent_signs():
    found = drafts("en", POST["en"], agent="Mia", crm_email="nora@mail.test", crm_note="churn risk, VIP")
    for draft in found:
        assert draft.text.endswith("Mia, Paketko")
        assert not re.search("mail.test|churn|VIP", draft.text + " ".join(draft.hints))


KB = (
    Article("kb-luggage", "Lost bags are traced for 21 days. You can follow the search with the number on your tag."),
    Article("kb-dogs", "Dogs up to 8 kg travel free in the cabin."),
    Article(
        "kb-refund", "Refunds go back to the card used for the booking. The bank needs up to five days to show them."
    ),
)


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("Six weeks and still no refund of my booking, when does the money reach my card?", "kb-refund"),
        ("My bag is lost and nobody traces it", "kb-luggage"),
        ("Your driver was so rude to my mother", None),
        ("Can dogs travel in the cabin?", "kb-dogs"),
    ],
)
def test_the_article_that_fits_is_quoted_and_none_that_does_not(text, source):
    for draft in drafts("en", text, knowledge=KB):
        assert [s for s in draft.sources if s.startswith("kb")] == ([source] if source else [])
        quoted = [a.id for a in KB if any(sentence in draft.text for sentence in re.split(r"(?<=\.) ", a.text))]
        assert quoted == ([source] if source else [])


def test_a_title_is_no_sentence_and_a_broken_line_is_one():
    article = Article(
        "dogs", "Dogs up to 8 kg travel\nfree in the cabin.\n\nAsk the crew for water.", "Dogs in the cabin"
    )
    found = fitting("Can dogs travel in the cabin?", "en", (article,), "en")
    assert found
    assert found.sentence == "Dogs up to 8 kg travel free in the cabin."


def test_an_article_in_another_language_or_about_another_place_is_not_quoted():
    text = "Kada radi poslovnica u Zagrebu, do koliko radite u subotu?"
    there = Article("split", "Poslovnica u Splitu radi u subotu do 14 sati.")
    here = Article("zagreb", "Poslovnica u Zagrebu radi u subotu do 20 sati.")
    assert fitting(text, "hr", (there,), "hr") is None
    found = fitting(text, "hr", (there, here), "hr")
    assert found
    assert (found.id, found.sentence) == ("zagreb", here.text)
    foreign = Article("en", "Refunds go back to the card used for the booking within a week of the cancellation.")
    (draft, *_) = drafts("hr", "Gdje je povrat novca na karticu za otkazanu rezervaciju?", knowledge=(foreign,))
    assert "Refunds" not in draft.text
    assert "en" not in draft.sources


@pytest.mark.parametrize(
    ("lang", "formality", "folder"),
    [("hr", "informal", "informal"), ("hr", "ti", "informal"), ("hr", "Vi", ""), ("hr", "", ""),
     ("hu", "te", "informal"), ("hu", "Ön", ""), ("id", "Anda", "formal"), ("id", "kak", ""),
     ("id", "kamu", "informal"), ("lv", "tu", "informal"), ("lv", "Jūs", ""), ("tl", "po", ""),
     ("tl", "plain", "informal"), ("en", "formal", ""), ("en", "informal", "")],
)  # fmt: skip
def test_formality_chooses_the_register(lang, formality, folder):
    assert register_of(lang, formality) == folder


POLITE = {
    "hr": r"\b(?:Vam|Vas|Vaš\w*|Vi|[Mm]ožete|[Žž]elite|[Pp]išite|[Pp]ošaljite|ste|biste|javite|imate)\b",
    "hu": r"\b(?:Ön\w*|[Ee]lnézését|[Kk]érem|[Üü]dvözlöm|írjon|[Mm]egírná|[Ee]lküldené|tapasztalta|üzenetét|jelezte)\b",
    "lv": r"\b(?:Jūs\w*|Jums|[Vv]arat|[Rr]akstiet|[Vv]ēlaties|rakstāt|aprakstāt|esat|[Aa]tsūtiet)\b",
    "id": r"\b(?:Kak|Kakak|kakak|Anda)\b",
    "tl": r"\bpo(?:ng)?\b",
}
FAMILIAR = {"id": r"\b(?:Kak|Kakak|kakak|kamu|Kamu)\b"}


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*/*.toml")), ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_no_sentence_of_a_register_falls_back_into_the_other(path):
    own, wrong = pack(path.stem, path.parent.name), POLITE if path.parent.name == "informal" else FAMILIAR
    tables = ("address", "opening", "feeling", "detail", "also", "note", "open", "about_said", "next", "known", "fact",
              "ask", "private", "close", "praise_about")  # fmt: skip
    lines = [line for table in tables for key, v in own.raw[table].items() if isinstance(v, list)
             for line in v if key not in ("keep_capital", "given")]  # fmt: skip
    lines += [line for kind in KINDS for line in own.lines(f"kinds.{kind}.said")]
    lines += [own.about(kind, asked=asked) for kind in KINDS for asked in (False, True)]
    lines += [*own.raw["what"].values(), *own.raw["acts"].values(), *own.raw["subjects"].values(), *own.products]
    assert [line for line in lines if re.search(wrong[path.stem], line)] == []


def test_the_drafts_of_a_register_keep_it():
    for lang, wrong in POLITE.items():
        for draft in drafts(lang, POST[lang], formality="informal", next="2026-03-12"):
            assert not re.search(wrong, draft.text), draft.text


@pytest.mark.parametrize(
    ("lang", "value", "said"),
    [
        ("hr", "Thursday 12 March, 9:00-12:00", "u četvrtak, 12. ožujka, 9:00–12:00"),
        ("hu", "by 2026-03-12T14:00", "legkésőbb március 12., 14:00"),
        ("lv", "March 3rd at 6 pm", "3. martā, 18:00"),
        ("id", "within 24 hours", "dalam 24 jam"),
        ("hr", "in 5 days", "u roku od 5 dana"),
        ("hr", "within 5 working days", ""),
        ("tl", "tomorrow", "bukas"),
        ("en", "the 99:99-ish", ""),
        ("hr", "2026-13-45", ""),
    ],
)
def test_dates_and_times_are_said_in_every_language(lang, value, said):
    assert said_when(pack(lang), value) == said


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_pack_can_say_the_same_things(lang):
    for table in ("subjects", "acts", "when", "what"):
        assert set(pack(lang).raw[table]) == set(pack("en").raw[table]), table
