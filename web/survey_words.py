"""What the author's page says, in the languages we write. Kinds of questions: `domain.survey`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Words:
    """One language. `questions`, `lowest` and `highest` (the ends of the scale) by kind; a question may hold `{brand}`.
    `gone` is for a link that is no longer good."""

    code: str
    title: str
    questions: Mapping[str, str]
    lowest: Mapping[str, str]
    highest: Mapping[str, str]
    more: str
    send: str
    change: str
    thanks: str
    again: str
    privacy: str
    missing: str
    gone: str


WORDS: Final[Mapping[str, Words]] = {
    "en": Words(
        code="en",
        title="One question",
        questions={
            "csat": "How satisfied are you with the way {brand} handled your request?",
            "nps": "How likely are you to recommend {brand} to a friend or a colleague?",
            "ces": "How easy was it to get your request settled with {brand}?",
        },
        lowest={"csat": "very dissatisfied", "nps": "not at all likely", "ces": "very difficult"},
        highest={"csat": "very satisfied", "nps": "very likely", "ces": "very easy"},
        more="Would you like to tell us why? (optional)",
        send="Send answer",
        change="Change answer",
        thanks="Thank you. Your answer has reached us.",
        again="You can change it here until {until}.",
        privacy="Only the team of {brand} reads your answer.",
        missing="Please choose a number first.",
        gone="This link is no longer valid. It may have expired, or a part of it is missing.",
    ),
    "hr": Words(
        code="hr",
        title="Jedno pitanje",
        questions={
            "csat": "Koliko ste zadovoljni načinom na koji smo riješili Vaš upit? ({brand})",
            "nps": "Kolika je vjerojatnost da biste nas preporučili prijatelju ili kolegi? ({brand})",
            "ces": "Koliko je bilo lako s nama riješiti Vaš upit? ({brand})",
        },
        lowest={"csat": "vrlo nezadovoljni", "nps": "nimalo vjerojatno", "ces": "vrlo teško"},
        highest={"csat": "vrlo zadovoljni", "nps": "vrlo vjerojatno", "ces": "vrlo lako"},
        more="Želite li nam reći zašto? (nije obavezno)",
        send="Pošalji odgovor",
        change="Promijeni odgovor",
        thanks="Hvala Vam. Vaš odgovor je stigao.",
        again="Ovdje ga možete promijeniti do {until}.",
        privacy="Vaš odgovor čita samo naš tim ({brand}).",
        missing="Najprije odaberite broj.",
        gone="Ova poveznica više ne vrijedi. Možda je istekla ili joj nedostaje dio.",
    ),
    "hu": Words(
        code="hu",
        title="Egyetlen kérdés",
        questions={
            "csat": "Mennyire elégedett azzal, ahogyan az ügyét intéztük? ({brand})",
            "nps": "Mennyire valószínű, hogy ajánlana minket barátjának vagy kollégájának? ({brand})",
            "ces": "Mennyire volt könnyű elintézni nálunk az ügyét? ({brand})",
        },
        lowest={"csat": "nagyon elégedetlen", "nps": "egyáltalán nem valószínű", "ces": "nagyon nehéz"},
        highest={"csat": "nagyon elégedett", "nps": "nagyon valószínű", "ces": "nagyon könnyű"},
        more="Leírná, miért? (nem kötelező)",
        send="Válasz küldése",
        change="Válasz módosítása",
        thanks="Köszönjük! A válasza megérkezett.",
        again="Itt módosíthatja eddig: {until}.",
        privacy="A válaszát csak a csapatunk olvassa ({brand}).",
        missing="Kérjük, először válasszon egy számot.",
        gone="Ez a hivatkozás már nem érvényes. Lehet, hogy lejárt, vagy hiányzik belőle egy rész.",
    ),
    "id": Words(
        code="id",
        title="Satu pertanyaan",
        questions={
            "csat": "Seberapa puas Anda dengan cara {brand} menangani keluhan atau pertanyaan Anda?",
            "nps": "Seberapa besar kemungkinan Anda merekomendasikan {brand} kepada teman atau rekan kerja?",
            "ces": "Seberapa mudah urusan Anda diselesaikan bersama {brand}?",
        },
        lowest={"csat": "sangat tidak puas", "nps": "sangat tidak mungkin", "ces": "sangat sulit"},
        highest={"csat": "sangat puas", "nps": "sangat mungkin", "ces": "sangat mudah"},
        more="Boleh ceritakan alasannya? (tidak wajib)",
        send="Kirim jawaban",
        change="Ubah jawaban",
        thanks="Terima kasih. Jawaban Anda sudah kami terima.",
        again="Anda bisa mengubahnya di sini sampai {until}.",
        privacy="Jawaban Anda hanya dibaca oleh tim {brand}.",
        missing="Silakan pilih angka terlebih dahulu.",
        gone="Tautan ini sudah tidak berlaku. Mungkin sudah kedaluwarsa atau tidak lengkap.",
    ),
    "lv": Words(
        code="lv",
        title="Viens jautājums",
        questions={
            "csat": "Cik apmierināti Jūs esat ar to, kā mēs atrisinājām Jūsu jautājumu? ({brand})",
            "nps": "Cik iespējams, ka Jūs mūs ieteiktu draugam vai kolēģim? ({brand})",
            "ces": "Cik viegli bija nokārtot Jūsu jautājumu? ({brand})",
        },
        lowest={"csat": "ļoti neapmierināti", "nps": "nemaz nav iespējams", "ces": "ļoti grūti"},
        highest={"csat": "ļoti apmierināti", "nps": "ļoti iespējams", "ces": "ļoti viegli"},
        more="Vai vēlaties pastāstīt, kāpēc? (nav obligāti)",
        send="Nosūtīt atbildi",
        change="Mainīt atbildi",
        thanks="Paldies! Jūsu atbilde ir saņemta.",
        again="Šeit to var mainīt līdz {until}.",
        privacy="Jūsu atbildi lasa tikai mūsu komanda ({brand}).",
        missing="Lūdzu, vispirms izvēlieties skaitli.",
        gone="Šī saite vairs nav derīga. Iespējams, tās termiņš ir beidzies vai trūkst kādas tās daļas.",
    ),
    "tl": Words(
        code="fil",
        title="Isang tanong",
        questions={
            "csat": "Gaano po kayo nasiyahan sa pag-asikaso ng {brand} sa inyong hiling?",
            "nps": "Gaano po kayo malamang na magrekomenda ng {brand} sa kaibigan o katrabaho?",
            "ces": "Gaano po kadaling naayos ang inyong hiling sa {brand}?",
        },
        lowest={"csat": "lubhang hindi nasiyahan", "nps": "talagang malabo", "ces": "napakahirap"},
        highest={"csat": "lubos na nasiyahan", "nps": "malamang na malamang", "ces": "napakadali"},
        more="Gusto po ba ninyong sabihin kung bakit? (hindi kailangan)",
        send="Ipadala ang sagot",
        change="Baguhin ang sagot",
        thanks="Salamat po. Natanggap na namin ang inyong sagot.",
        again="Maaari po ninyo itong baguhin dito hanggang {until}.",
        privacy="Ang team lang po ng {brand} ang makakabasa ng inyong sagot.",
        missing="Pumili po muna ng numero.",
        gone="Hindi na po gumagana ang link na ito. Maaaring lumipas na ang panahon nito o kulang ang address.",
    ),
}


def words_in(lang: str) -> Words:
    """The words of this language, English where we do not write it."""
    return WORDS.get(lang, WORDS["en"])
