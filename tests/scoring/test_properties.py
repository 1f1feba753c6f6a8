"""What must hold for every text: what is no opinion flips no label, "not" does, and no text takes long.

The sentences and the brands are ours, in each language that has a pack.
"""

import math
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.pack import LANGUAGES
from scoring.scorer import BrandProfile, score_text

LABELS = {"positive", "negative", "neutral", "unsure"}
CLEAR = {
    "en": {
        "negative": ("The staff was rude and the room was filthy", "Terrible service, my order is still missing"),
        "positive": ("Wonderful staff, thank you so much", "I love this app, it is fast and easy"),
    },
    "hr": {
        "negative": ("Osoblje je bezobrazno, a soba prljava", "Užasna usluga, paket opet kasni"),
        "positive": ("Divno osoblje, hvala vam puno", "Odlična aplikacija, brza i jednostavna"),
    },
    "hu": {
        "negative": ("Bunkó a személyzet és koszos a szoba", "Borzalmas kiszolgálás, megint késik a csomag"),
        "positive": ("Csodálatos személyzet, köszönöm szépen", "Imádom ezt az appot, gyors és kényelmes"),
    },
    "id": {
        "negative": ("Stafnya judes dan kamarnya kotor", "Pelayanan buruk, paket telat lagi"),
        "positive": ("Stafnya ramah sekali, terima kasih", "Aplikasinya bagus, cepat dan mudah"),
    },
    "lv": {
        "negative": ("Personāls rupjš un istaba netīra", "Briesmīga apkalpošana, sūtījums atkal kavējas"),
        "positive": ("Brīnišķīgs personāls, liels paldies", "Lieliska lietotne, ātra un ērta"),
    },
    "tl": {
        "negative": ("Bastos ang staff at madumi ang kwarto", "Pangit ang serbisyo, ang tagal ng order"),
        "positive": ("Mabait ang staff, maraming salamat po", "Maganda ang app, mabilis at maayos"),
    },
    "de": {
        "negative": ("Unfreundliches Personal und ein dreckiges Zimmer", "Schlechter Service, das Paket ist verspätet"),
        "positive": ("Tolles Personal, vielen Dank", "Super App, schnell und bequem"),
    },
    "es": {
        "negative": ("El personal es grosero y la sala está sucia", "Pésimo servicio, el paquete llega tarde"),
        "positive": ("Excelente personal, muchas gracias", "Me encanta la app, rápida y fácil"),
    },
    "fr": {
        "negative": ("Personnel désagréable et chambre sale", "Service horrible, colis encore en retard"),
        "positive": ("Personnel adorable, merci beaucoup", "Excellente appli, rapide et pratique"),
    },
    "it": {
        "negative": ("Personale maleducato e camera sporca", "Servizio pessimo, pacco ancora in ritardo"),
        "positive": ("Personale gentile, grazie mille", "Ottima app, veloce e comoda"),
    },
    "pt": {
        "negative": ("Funcionários grosseiros e quarto sujo", "Péssimo atendimento, a encomenda está atrasada"),
        "positive": ("Excelente equipe, muito obrigado", "Adoro o app, rápido e fácil"),
    },
    "nl": {
        "negative": ("Onbeleefd personeel en een vieze kamer", "Slechte service, het pakket is te laat"),
        "positive": ("Geweldig personeel, hartelijk dank", "Fijne app, snel en makkelijk"),
    },
    "pl": {
        "negative": ("Niemiła obsługa i brudny pokój", "Fatalna obsługa, paczka znowu opóźniona"),
        "positive": ("Wspaniała obsługa, bardzo dziękuję", "Świetna aplikacja, szybka i wygodna"),
    },
    "sv": {
        "negative": ("Otrevlig personal och ett smutsigt rum", "Usel service, paketet är försenat igen"),
        "positive": ("Underbar personal, tack så mycket", "Bra app, snabb och enkel"),
    },
    "th": {
        "negative": ("พนักงานไม่สุภาพ ห้องสกปรกมาก", "บริการแย่ ส่งของช้าอีกแล้ว"),
        "positive": ("พนักงานใจดี ประทับใจมาก", "แอพดีมาก เร็วและใช้ง่าย"),
    },
    "tr": {
        "negative": ("Personel kaba, oda pis", "Berbat hizmet, kargo yine gecikti"),
        "positive": ("Harika personel, çok teşekkürler", "Uygulama süper, hızlı ve kolay"),
    },
    "vi": {
        "negative": ("Nhân viên bất lịch sự, thái độ lồi lõm", "Dịch vụ tệ quá, giao hàng chậm trễ"),
        "positive": ("Nhân viên tuyệt vời, cảm ơn nhiều", "App tốt, nhanh và dễ dùng"),
    },
    "ko": {
        "negative": ("직원이 불친절하고 방이 더러웠어요", "서비스 최악이고 배송이 또 늦었어요"),
        "positive": ("직원이 친절해서 정말 감사합니다", "앱이 빠르고 편해서 좋아요"),
    },
}
NEGATED = {
    "en": ("The {} was {}", "The {} was not {}", ("food", "staff"), ("good", "great", "helpful"), ("bad", "terrible")),
    "hr": ("Usluga je {}", "Usluga nije {}", (), ("dobra", "brza", "odlična", "ljubazna"), ("loša", "spora", "užasna")),
    "hu": (
        "A hely {}",
        "A hely nem {}",
        (),
        ("jó", "szép", "tiszta", "kedves", "kényelmes"),
        ("rossz", "drága", "koszos"),
    ),
    "id": ("Tempatnya {}", "Tempatnya tidak {}", (), ("bagus", "bersih", "nyaman"), ("kotor", "mahal", "buruk")),
    "lv": ("Vieta ir {}", "Vieta nav {}", (), ("laba", "skaista", "tīra", "ērta"), ("slikta", "netīra", "dārga")),
    "tl": ("{} ang serbisyo", "Hindi {} ang serbisyo", (), ("maganda", "mabilis", "maayos"), ("pangit", "mabagal")),
    "de": ("Das ist {}", "Das ist nicht {}", (), ("gut", "toll", "freundlich"), ("schlecht", "teuer", "schrecklich")),
    "es": ("El sitio es {}", "El sitio no es {}", (), ("bueno", "excelente"), ("malo", "caro", "horrible")),
    "fr": ("C'est {}", "Ce n'est pas {}", (), ("bon", "excellent", "agréable"), ("mauvais", "sale", "horrible")),
    "it": ("Il posto è {}", "Il posto non è {}", (), ("buono", "ottimo", "pulito"), ("pessimo", "sporco", "brutto")),
    "pt": ("O lugar é {}", "O lugar não é {}", (), ("bom", "ótimo", "limpo"), ("ruim", "caro", "sujo")),
    "nl": ("Het is {}", "Het is niet {}", (), ("goed", "leuk", "vriendelijk"), ("slecht", "traag", "smerig")),
    "pl": ("To jest {}", "To nie jest {}", (), ("dobre", "świetne", "wygodne"), ("złe", "drogie", "brudne")),
    "sv": ("Det är {}", "Det är inte {}", (), ("bra", "trevligt", "smidigt"), ("dåligt", "dyrt", "smutsigt")),
    "th": ("ที่นี่{}", "ที่นี่ไม่{}", (), ("อร่อย", "สะอาด", "สวย"), ("แพง", "สกปรก", "แย่")),
    "tr": ("Burası {}", "Burası {} değil", (), ("güzel", "temiz", "kaliteli"), ("kötü", "pahalı", "pis")),
    "vi": ("Chỗ này {}", "Chỗ này không {}", (), ("tốt", "ngon", "đẹp"), ("xấu", "quá đắt", "bẩn thỉu")),
    "ko": ("여기는 {}", "여기는 {} 않아", (), ("친절하지", "깨끗하지", "편하지"), ("비싸지", "더럽지", "지저분하지")),
}
INFORMAL = {  # other words for "not" that people really use, with a word of praise
    "en": ("isn't good", "never helpful", "wasnt nice"),
    "hr": ("nikad dobro", "nisu dobri", "ni ljubazni ni brzi"),
    "hu": ("sosem jó", "nincs jó hely", "sem szép"),
    "id": ("ga bagus", "gak enak", "nggak nyaman", "tdk bersih", "kurang ramah", "tak sedap", "belum bagus"),
    "lv": ("nebija laba", "nekad laba", "nav garšīgi"),
    "tl": ("di maganda", "hnd maganda", "ndi maganda"),
    "nl": ("nooit goed", "geen goede service", "niks leuk aan"),
    "pl": ("nigdy dobre", "ani miło, ani szybko", "nie polecam"),
    "sv": ("aldrig bra", "ej bra", "inte trevligt"),
    "th": ("ไม่ค่อยดี", "ไม่เคยประทับใจ", "ยังไม่ดี"),
    "tr": ("hiç memnun kalmadım", "tavsiye etmem", "yardımcı olmadılar", "güzel bir yer değil"),
    "vi": ("ko tốt", "chẳng ngon", "k thích", "chưa hài lòng"),
    "ko": ("안 좋아요", "친절하지 못해요", "깨끗하지 않네요", "재미가 없어요"),
}
HOSTILE = (
    "", " \n\t ", "!!!!", "@", "#", "🙂", "a" * 300_000, "not " * 80_000, "@" * 100_000, "#A" * 50_000, "a-" * 100_000,
    "ne + nema ... " * 20_000, "http://" * 40_000, "&lt;" * 60_000, "e\u0301" * 60_000, "\u202e\u200d\u2066" * 30_000,
    "👩‍👩‍👧" * 20_000, "1h " * 60_000, "\x00" * 100_000, "лош bad rossz 坏 سيئ " * 10_000, "ЏЂ" * 50_000, ":(" * 90_000,
    "$ABCDEF " * 30_000, "nema nije " * 30_000, "“@" * 60_000,
)  # fmt: skip
BRAND = BrandProfile(names=("Super Bank", "Rage Pizza", "Divno"), handles=("super_happy", "horrible"))
handles = st.from_regex(r"[a-z][a-z0-9_]{2,14}", fullmatch=True)
quick = settings(max_examples=60)


def clear(languages: tuple[str, ...] = LANGUAGES) -> list[tuple[str, str, str]]:
    return [
        (lang, label, text)
        for lang in languages
        if lang in CLEAR
        for label, texts in CLEAR[lang].items()
        for text in texts
    ]


cases = st.sampled_from(clear())


@pytest.mark.parametrize(("lang", "label", "text"), clear())
def test_the_clear_cases_are_clear(lang: str, label: str, text: str) -> None:
    assert score_text(text, lang).label == label


@quick
@given(cases, handles, st.sampled_from(["good", "bad", "hvala", "katastrofa", "scam", "super"]))
def test_handles_and_links_flip_nothing(case: tuple[str, str, str], handle: str, word: str) -> None:
    lang, label, text = case
    link = f"https://{word}.example/{handle}?{word}=1"
    for changed in (f"@{handle}_{word} {text}", f"{text} @{word}{handle}", f"{text} {link}", f"{link} {text} {link}"):
        assert score_text(changed, lang).label == label, changed


@pytest.mark.parametrize(("lang", "label", "text"), clear())
def test_the_names_of_the_brand_flip_nothing(lang: str, label: str, text: str) -> None:
    for changed in (f"Super Bank: {text}", f"{text}, Rage Pizza", f"#Divno {text}", f"@horrible {text} @super_happy"):
        assert score_text(changed, lang, BRAND).label == label, changed


@pytest.mark.parametrize(("lang", "label", "text"), clear())
def test_case_and_repetition_flip_nothing(lang: str, label: str, text: str) -> None:
    for changed in (
        text.upper(),
        text.lower(),
        text.title(),
        f"{text}. {text}",
        " ".join([f"{text}!"] * 4),
        f"{text}!!!",
    ):
        assert score_text(changed, lang).label == label, changed


@pytest.mark.parametrize("lang", NEGATED)
def test_not_flips_praise_and_takes_the_sting_out_of_blame(lang: str) -> None:
    plain, negated, subjects, praise, blame = NEGATED[lang]
    for subject in subjects or ("",):
        for word in praise:
            assert score_text(plain.format(*filter(None, (subject, word))), lang).label == "positive", word
            assert score_text(negated.format(*filter(None, (subject, word))), lang).label == "negative", word
        for word in blame:
            assert score_text(plain.format(*filter(None, (subject, word))), lang).label == "negative", word
            assert score_text(negated.format(*filter(None, (subject, word))), lang).label != "negative", word


@pytest.mark.parametrize(("lang", "text"), [(lang, text) for lang, texts in INFORMAL.items() for text in texts])
def test_every_common_word_for_not_flips(lang: str, text: str) -> None:
    assert score_text(text, lang).label == "negative"


@pytest.mark.parametrize("lang", [*LANGUAGES, "de", None])
def test_hostile_texts_stay_within_their_time(lang: str | None) -> None:
    for text in HOSTILE:
        began = time.process_time()
        score = score_text(text, lang)
        assert time.process_time() - began < 1.0, text[:20]
        assert score.label in LABELS


@quick
@given(st.text(max_size=400), st.sampled_from([*LANGUAGES, None]))
def test_any_text_gets_a_whole_score(text: str, lang: str | None) -> None:
    score = score_text(text, lang)
    assert score.label in LABELS
    assert (score.sentiment is None) == (score.label == "unsure")
    assert score.sentiment is None or -1.0 <= score.sentiment <= 1.0
    assert math.isfinite(score.priority)
    assert score.severity in (0, 1, 2, 3)
    assert score == score_text(text, lang)
