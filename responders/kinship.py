"""Close relatives of our languages, which a detector easily takes for them, and codes that mean the same language."""

from __future__ import annotations

import re

_SAME = ({"hr", "bs", "sr", "sh"}, {"tl", "fil"}, {"no", "nb", "nn"})

_TELLTALES = {
    "sl": "je bil|vam bomo|ampak|vendar|zelo|tudi|lahko|kaj|oprostite|opravičujemo|opravičujem|prosimo|takoj|"
    "kmalu|vaše sporočilo|pošljite|zakaj|težavo|težave|s tem|preverjamo|preverjam|naša ekipa|žal nam je|ker|"
    "hvala lepa|nam pišete|odgovor dobite|zamudo|pozdravljeni",
    "ms": "awak|kerana|ialah|hendaklah|memaklumkan|maklumat|kelewatan|semak|menyemak|penghantaran|cuba|berasa|"
    "sekarang juga|faham|mesej|hantar|perkhidmatan|apa yang berlaku|kakitangan|nombor|pasukan|pelanggan yang dihargai",
    "lt": "ačiū|labai|jūsų|mes|atsiprašome|atsiprašau|dėl|dabar|prašome|yra|kuri|apie tai|galime|parašykite|"
    "tikriname|tikrinu|gaila|laba diena|suprantu|suprantame|siuntą|nutiko|kartu|žinutę|privačia|vėluoja|su",
}
"""Words of the relative that the language itself does not use that way."""

_OWN = {
    "en": "the|and|we|are|is|was|your|you|with|for|of|that|have|this|about|our|will|from|sorry|thank",
    "hr": "što|također|jer|žao|možete|trebate|provjeravam|provjeravamo|upravo|molim|zbog|javili|još|uvijek|nam|je|"
    "ispričavam|ispričavamo|kolegama|poruku|poruci|kašnjenja|želite|ovdje|nije|mogu|čekate|riječ|naš|hvala|koji",
    "hu": "hogy|és|nem|egy|az|ez|kérem|sajnáljuk|sajnálom|köszönjük|köszönöm|önnek|ön|elnézést|elnézését|"
    "már|kollégáimmal|kollégák|van|volt|kedves|tisztelt|nekünk",
    "id": "karena|bisa|mohon|silakan|kakak|kak|terima kasih|sudah|dengan|maaf|sedang|bersama|bagasi|pesan|"
    "mengecek|mengeceknya|kendala|keterlambatan|pengiriman|belum|sampai|pesanan|nomor|informasi|coba|paham|kirim|yang|atas",
    "lv": "paldies|jūsu|ka|mēs|atvainojos|atvainojamies|par|lūdzu|kas|bet|rakstiet|žēl|pārbaudu|pašlaik|komandu|"
    "jums|un|saprotu|ziņu|ziņā|vai|esmu|kā|ir|ar",
    "tl": "po|ang|ng|sa|mga|ninyo|namin|kayo|ko|ito|hindi|pasensya|salamat|para|at|kung|nang|aming|inyong",
}
"""Everyday words that a reply in the language can hardly do without."""

FEWEST_FOREIGN = 3
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


def stranger(text: str, lang: str) -> str | None:
    """Another of our languages that this text is plainly in: several of its everyday words and none of our own."""
    if lang not in _OWN_WORDS or _count(_OWN_WORDS[lang], text):
        return None
    counts = {other: _count(words, text) for other, words in _OWN_WORDS.items() if other != lang}
    most = max(counts, key=lambda other: counts[other])
    return most if counts[most] >= FEWEST_FOREIGN else None


def _count(words: re.Pattern[str], text: str) -> int:
    return len({word.casefold() for word in words.findall(text)})


def is_same(one: str, other: str) -> bool:
    """Whether two codes mean one language for a reader: Bosnian, Serbian and Croatian do, "fil" and "tl" do."""
    first, second = (code.replace("_", "-").split("-")[0].casefold() for code in (one, other))
    return first == second or any(first in group and second in group for group in _SAME)
