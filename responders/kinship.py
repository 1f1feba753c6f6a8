"""Close relatives of our languages, which a detector easily takes for them, and codes that mean the same language."""

from __future__ import annotations

import re

_SAME = ({"hr", "bs", "sr", "sh"}, {"tl", "fil"}, {"no", "nb", "nn"})

_TELLTALES = {
    "sl": "je bil|vam bomo|ampak|vendar|zelo|tudi|lahko|kaj|oprostite|opravičujemo|opravičujem|prosimo|takoj|"
    "kmalu|vaše sporočilo|pošljite|zakaj|težavo|težave|s tem|preverjamo|preverjam|naša ekipa|žal nam je|ker|vas je|"
    "hvala lepa|hvala ker|nam pišete|se je|odgovor dobite|vašega|kako lahko|zamudo|razumemo|razumem|ste nas",
    "ms": "awak|kerana|ialah|boleh|sila|hendaklah|pihak kami|memaklumkan|maklumat|kelewatan|bagasi anda|semak|"
    "masalah anda|penghantaran|pelanggan yang dihargai|cuba|menyemak|tuan|puan|dahulu|berasa|sekarang juga|faham|"
    "bungkusan|mesej|minta maaf|hantar|perkhidmatan|selesaikan|apa yang berlaku|beritahu|kakitangan|nombor|pasukan",
    "lt": "ačiū|labai|jūsų|kad|mes|atsiprašome|atsiprašau|dėl|dabar|komanda|prašome|yra|kuri|apie tai|sveiki atvykę|"
    "galime|parašykite|tikriname|tikrinu|gaila|mums|ir|jums|laba diena|labas|suprantu|suprantame|siuntą|kas nutiko|"
    "kartu|su komanda|žinutę|privačia|vėluoja",
}
"""Words of the relative that the language itself does not use that way."""

_OWN = {
    "hr": "što|također|jer|žao|možete|trebate|provjeravam|provjeravamo|upravo|molim|zbog|javili|još|uvijek|"
    "ispričavam|ispričavamo|kolegama|poruku|poruci|kašnjenja|želite|ovdje|nije|mogu|čekate|riječ|naš",
    "id": "karena|bisa|mohon|silakan|kakak|kak|terima kasih|sudah|dengan|maaf|sedang|bersama|bagasi|pesan|mengecek|"
    "mengeceknya|kendala|keterlambatan|pengiriman|belum|sampai|pesanan|nomor|tim|informasi|coba|paham|kirim",
    "lv": "paldies|jūsu|ka|mēs|atvainojos|atvainojamies|par|lūdzu|kas|bet|rakstiet|žēl|pārbaudu|pašlaik|komandu|"
    "jums|un|saprotu|ziņu|ziņā|vai|esmu|kā",
}
_RELATIVES = {"hr": ("sl",), "id": ("ms",), "lv": ("lt",)}


def _finder(listed: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{listed})(?!\w)", re.IGNORECASE)


_RELATIVE_WORDS = {lang: _finder(words) for lang, words in _TELLTALES.items()}
_OWN_WORDS = {lang: _finder(words) for lang, words in _OWN.items()}


def relative(text: str, lang: str) -> str | None:
    """The close relative this text is really in: it has at least two of its telling words, and more than our own."""
    own = _count(_OWN_WORDS[lang], text) if lang in _OWN_WORDS else 0
    for other in _RELATIVES.get(lang, ()):
        if _count(_RELATIVE_WORDS[other], text) > max(1, own):
            return other
    return None


def _count(words: re.Pattern[str], text: str) -> int:
    return len({word.casefold() for word in words.findall(text)})


def is_same(one: str, other: str) -> bool:
    """Whether two codes mean one language for a reader: Bosnian, Serbian and Croatian do, "fil" and "tl" do."""
    first, second = (code.replace("_", "-").split("-")[0].casefold() for code in (one, other))
    return first == second or any(first in group and second in group for group in _SAME)
