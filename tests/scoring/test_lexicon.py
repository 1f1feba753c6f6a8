"""Feeling in the languages that have a pack. The sentences are ours; each kind stands together in all languages."""

import time

import pytest

from scoring.index import MAX_REMEMBERED
from scoring.lexicon import compound_of
from scoring.scorer import score_text
from scoring.vader import vader
from scoring.words import table_for
from tests.scoring.feeling import feel

ANGRY = {
    "hr": "Vlak opet kasni, katastrofa od usluge.",
    "hu": "Megint késik a vonat, borzalmas kiszolgálás.",
    "id": "Kereta telat lagi, pelayanan mengecewakan.",
    "lv": "Vilciens atkal kavējas, briesmīga apkalpošana.",
    "tl": "Ang tagal ng tren, nakakainis ang serbisyo.",
    "de": "Der Zug hat schon wieder Verspätung, eine Katastrophe dieser Service.",
    "es": "El tren llega tarde otra vez, un desastre de servicio.",
    "fr": "Le train est encore en retard, un service lamentable.",
    "it": "Il treno è di nuovo in ritardo, un servizio vergognoso.",
    "pt": "O trem atrasou de novo, um serviço péssimo.",
    "nl": "De trein heeft alweer vertraging, wat een waardeloze service.",
    "pl": "Pociąg znowu spóźniony, obsługa fatalna.",
    "sv": "Tåget är försenat igen, usel service.",
    "th": "รถไฟล่าช้าอีกแล้ว บริการแย่มาก",
    "tr": "Tren yine gecikti, hizmet berbat.",
    "vi": "Tàu lại bị trễ, dịch vụ quá tệ.",
    "ko": "기차가 또 지연, 서비스가 최악이에요.",
}
GLAD = {
    "hr": "Odlična usluga, svaka čast!",
    "hu": "Nagyon kedves és gyors kiszolgálás, köszönöm!",
    "id": "Pelayanan cepat dan ramah, mantap!",
    "lv": "Lieliska apkalpošana, paldies!",
    "tl": "Ang bait ng staff at ang bilis, salamat!",
    "de": "Sehr freundliches Personal und superschnell, danke!",
    "es": "Muy buena atención, rápidos y amables, ¡gracias!",
    "fr": "Personnel très gentil et service rapide, merci !",
    "it": "Personale gentilissimo e veloce, grazie!",
    "pt": "Atendimento muito simpático e rápido, obrigada!",
    "nl": "Heel vriendelijk personeel en snelle service, bedankt!",
    "pl": "Bardzo miła i szybka obsługa, dziękuję!",
    "sv": "Mycket trevlig personal och snabb service, tack!",
    "th": "พนักงานสุภาพ ส่งไวมาก ขอบคุณค่ะ",
    "tr": "Personel çok kibar ve hızlı, teşekkürler!",
    "vi": "Nhân viên rất nhiệt tình, giao hàng nhanh, cảm ơn!",
    "ko": "직원이 아주 친절하고 배송도 빨라요, 감사합니다!",
}
TURNED = {
    "hr": ("Usluga je dobra.", "Usluga nije dobra."),
    "hu": ("A kiszolgálás jó.", "A kiszolgálás nem jó."),
    "id": ("Makanannya enak.", "Makanannya tidak enak."),
    "lv": ("Apkalpošana ir laba.", "Apkalpošana nav laba."),
    "tl": ("Maganda ang serbisyo.", "Hindi maganda ang serbisyo."),
    "de": ("Der Service ist gut.", "Der Service ist nicht gut."),
    "es": ("El servicio es bueno.", "El servicio no es bueno."),
    "fr": ("Le service est bon.", "Le service n'est pas bon."),
    "it": ("Il servizio è buono.", "Il servizio non è buono."),
    "pt": ("O atendimento é bom.", "O atendimento não é bom."),
    "nl": ("De service is goed.", "De service is niet goed."),
    "pl": ("Obsługa jest dobra.", "Obsługa nie jest dobra."),
    "sv": ("Servicen är bra.", "Servicen är inte bra."),
    "th": ("ร้านนี้อร่อย", "ร้านนี้ไม่อร่อย"),
    "tr": ("Hizmet güzel.", "Hizmet güzel değil."),
    "vi": ("Dịch vụ tốt.", "Dịch vụ không tốt."),
    "ko": ("서비스가 좋아요.", "서비스가 좋지 않아요."),
}
PLAIN = {
    "hr": "Vlak broj 12 vozi iz Zagreba prema Splitu.",
    "hu": "A 12-es vonat Budapestről Szegedre megy.",
    "id": "Kereta nomor 12 berangkat dari Bandung ke Jakarta.",
    "lv": "Vilciens numur 12 brauc no Rīgas uz Liepāju.",
    "tl": "Ang tren ay aalis mula Maynila papuntang Laguna.",
    "de": "Der Zug Nummer 12 fährt von Berlin nach Leipzig.",
    "es": "El tren número 12 va de Sevilla a Cádiz.",
    "fr": "Le train numéro 12 va de Lyon à Nantes.",
    "it": "Il treno numero 12 va da Bologna a Rimini.",
    "pt": "O comboio número 12 vai do Porto para Braga.",
    "nl": "Trein nummer 12 rijdt van Utrecht naar Zwolle.",
    "pl": "Pociąg numer 12 jedzie z Krakowa do Gdyni.",
    "sv": "Tåg nummer 12 går från Malmö till Lund.",
    "th": "รถไฟขบวนที่ 12 ไปเชียงใหม่",
    "tr": "12 numaralı tren Ankara'dan Konya'ya gidiyor.",
    "vi": "Tàu số 12 đi từ Huế ra Vinh.",
    "ko": "12번 기차는 서울에서 부산까지 갑니다.",
}


@pytest.mark.parametrize("lang", ANGRY)
def test_a_complaint_is_negative_and_praise_is_positive(lang: str) -> None:
    assert score_text(ANGRY[lang], lang).label == "negative"
    assert score_text(GLAD[lang], lang).label == "positive"


@pytest.mark.parametrize("lang", TURNED)
def test_not_turns_a_feeling(lang: str) -> None:
    praise, complaint = TURNED[lang]
    assert score_text(praise, lang).label == "positive"
    assert score_text(complaint, lang).label == "negative"


@pytest.mark.parametrize("lang", PLAIN)
def test_where_no_word_is_known_nothing_is_claimed(lang: str) -> None:
    assert score_text(PLAIN[lang], lang).label == "unsure"


@pytest.mark.parametrize("lang", ANGRY)
def test_handles_links_case_and_repetition_flip_nothing(lang: str) -> None:
    for text, label in ((ANGRY[lang], "negative"), (GLAD[lang], "positive")):
        for changed in (f"@norda_super {text} https://super.example/hvala", text.upper(), f"{text} {text}"):
            assert score_text(changed, lang).label == label


def test_serbian_cyrillic_reads_as_latin() -> None:
    assert feel("Воз опет касни, катастрофа!", "hr") == feel("Voz opet kasni, katastrofa!", "hr")


def test_drawn_out_words_are_known() -> None:
    assert feel("lamaaaa bangeeet", "id").known == feel("lama banget", "id").known == 1


def test_stronger_and_weaker_words_and_but() -> None:
    assert feel("jako dobro", "hr").total > feel("dobro", "hr").total > feel("malo dobro", "hr").total > 0
    assert feel("dobro, ali kasni", "hr").total < 0 < feel("kasni, ali dobro", "hr").total


def test_a_negation_reaches_no_further_than_its_part_of_the_sentence() -> None:
    assert feel("tiket tidak muncul. Tolong", "id").total < feel("tiket muncul. Tolong", "id").total < 0
    assert feel("nije, dobro je", "hr").total > feel("nije dobro", "hr").total


def test_a_korean_stem_goes_over_into_its_ending() -> None:
    for text in ("느리다", "느린 배송", "느립니다", "느려요", "느렸어요"):
        assert feel(text, "ko").total < 0, text
    assert feel("하나", "ko").total == feel("편지", "ko").total == 0


def test_not_may_stand_after_what_it_turns() -> None:
    assert feel("güzel değil", "tr").total < 0 < feel("güzel", "tr").total
    assert feel("sorun yok", "tr").total > 0 > feel("sorun", "tr").total
    assert feel("güzel. Burası değil", "tr").total > feel("güzel burası değil", "tr").total
    assert feel("değil", "tr").total < 0 == feel("burası", "tr").total


def test_signs_speak_every_language() -> None:
    assert feel("vonat :D", "hu").total > 0 > feel("vonat 😡", "hu").total


def test_a_phrase_takes_the_place_of_its_words() -> None:
    assert feel("nije loše", "hr").total > 0 > feel("loše", "hr").total
    assert feel("nav laba", "lv").total < 0 < feel("laba", "lv").total


def test_sums_are_scaled_as_vader_scales_its_own() -> None:
    total, _ = vader().measure("what a terrible, horrible mess!")
    assert compound_of(total) == vader().compound("what a terrible, horrible mess!")
    assert compound_of(0.0) == 0.0


def test_hostile_text_is_bounded() -> None:
    began = time.process_time()
    for text in ("ne " * 4000, "a" * 100_000, "💀" * 8000, "ne\u0301" * 8000, ":) " * 4000):
        feel(text, "hr")
    assert time.process_time() - began < 2
    assert len(table_for("hr")) <= MAX_REMEMBERED


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("Maganda naman, kaso masikip sa akin.", "neutral"),
        ("Okay naman yung tela pero manipis.", "neutral"),
        ("Mabilis dumating kaso basag, sira, walang kwenta, scam!", "negative"),
        ("Sakto lang po.", "neutral"),
        ("Ang ganda, sulit na sulit!", "positive"),
    ],
)
def test_filipino_praise_and_complaint_around_but_weigh_each_other_up(text: str, label: str) -> None:
    assert score_text(text, "tl").label == label


def test_javanese_and_sundanese_posts_are_read_with_indonesian() -> None:
    assert score_text("Panganane enak tenan, pelayanane ramah.", "jv").label == "positive"
    assert score_text("Tempatna kotor, kuciwa pisan.", "su").label == "negative"
    assert score_text("Panganane ora enak.", "jv").label == "negative"


def test_filipino_manners_are_no_english_slang() -> None:
    assert score_text("Mabait po ang kahera, salamat po.", "tl").label == "positive"
    assert score_text("Sulit po, size L po ang kinuha ko.", "tl").label == score_text("Sulit.", "tl").label
