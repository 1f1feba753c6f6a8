"""Close relatives of our languages, which a detector easily takes for them, and codes that mean the same language."""

from __future__ import annotations

import re
from collections.abc import Iterator

_SAME = ({"hr", "bs", "sr", "sh"}, {"tl", "fil"}, {"no", "nb", "nn"})

_TELLTALES = {
    "sl": r"je bil|bomo|vendar|ampak|zelo|tudi|lahko|oprostite|opravič\w+|prosimo|takoj|kmalu|sporočil\w*|pošljite|"
    r"zakaj|težav\w+|preverja\w*|preveril\w*|naša ekipa|žal nam|ker|nam pišete|odgovor dobite|zamud\w+|"
    r"pozdravljen\w*|še|že|ki|danes|jutri|včeraj|naročil\w+|številk\w+|vračil\w+|sem|bo|smo že|kje|"
    r"zasebn\w+|obvesti\w*|obvešč\w+|skupaj|rešit\w+|vašo|vašega|našo|našega|v|so|gospa|spoštovan[aio]?|"
    r"avtobus\w*|kater[aio]|nadomestn\w+|od jutri|otroc\w+|čaka(?:jo|li so)|dobil\w+ boste|boste|bi bilo|zato ga",
    "mk": r"ќе|сме|со|дека|молиме|благодар\w*|нарачк\w*|вашата|вашиот|нашиот|нашата|оваа|денес|утре|веднаш|жал|нѐ|"
    r"порака|"
    r"проверува\w*|извинува\w*|добивте|можете ли|kje|sme|deka|blagodar\w*|naračk\w*|vašata|vašiot|ovaa|denes|"
    r"proveruva\w*",
    "bg": r"ще|че|съжалява\w*|поръчк\w*|благодаря\w*|моля|вашата|вашият|нашият|какво|днес|утре|също|това|тази|"
    r"проверява\w*",
    "ms": r"awak|kerana|ialah|hendaklah|memaklumkan|makluman?|maklumat|kelewatan|semak|menyemak|menyemaknya|"
    r"disemak|penghantaran|"
    r"cuba|berasa|sekarang juga|faham|mesej|hantar|dihantar|menghantar|perkhidmatan|apa yang berlaku|berlaku|"
    r"kakitangan|nombor|"
    r"pasukan|pelanggan yang dihargai|sila|bungkusan|wang|kedai|esok|petang|telefon|akaun|talian|bil|beritahu|"
    r"tempahan|"
    r"bayaran|dibaiki|baiki|isu|sudi|skrin|bilik|stesen|khamis|isnin|jumaat|ahad|ogos|julai|e-mel|emel|kualiti|"
    r"boleh kami|"
    r"pihak kami|ianya|bateri|gantian|dapatkan|secepat mungkin|kesulitan|dimaklumkan|sebarang|selepas|manakala|"
    r"ketika ini|tuan|puan|juruteknik|adakah|peribadi|disember|merisaukan|lebih-lebih|sementara itu",
    "lt": r"ačiū|labai|jūsų|mes|atsiprašo\w*|atsiprašau|dėl|dabar|prašo\w*|yra|kuri\w*|apie tai|galime|galite|"
    r"parašykite|"
    r"tikrin\w+|patikrin\w+|gaila|laba diena|suprant\w+|siunt\w+|nutiko|kartu|žinut\w+|privači\w+|vėluoj\w+|"
    r"vėlav\w+|su|šiandien|"
    r"rytoj|vakar|šiuo metu|užsakym\w+|apgailestau\w*|paslaug\w+|sąskait\w+|grąžin\w+|nuo|iki|taip pat|mums|"
    r"mūsų|jūs|kaip|kad",
    "ceb": r"kaayo|dili|unsa|kini|ug|palihog|pasayloa|gihapon|karon|karong|adunay|among|namong|imong|nimo|niini|"
    r"kaniadto|daghang|kanimo|ato",
    "ilo": r"naimbag|aldaw|iti|dagiti|wenno|kadi|laeng|nasayaat|umay|mabalin\w*|agyaman\w*|agpakawan\w*|daytoy|"
    r"dayta|saan|ngem|inton|metten|uray|ditoy",
    "hil": r"gid|sang|indi|kag|namon|inyo|pasaylo\w*|palihog|subong|nahanungod|bala|diri|sini|amon|madamo",
    "jv": r"matur|nuwun|sampun|mboten|panjenengan|kulo|saged|inggih|nggih|punika|niki|sanget|pangapunten|kagem|"
    r"badhe|dereng",
}  # fmt: skip
"""Words of the relative that the language itself does not use that way."""

_OWN = {
    "en": "it|can|not|has|had|my|yesterday|today|the|and|we|are|is|was|your|you|with|for|of|that|have|this|about|"
    "our|will|from|sorry|thank",
    "hr": "što|šta|također|jer|žao|možete|trebate|provjeravam|provjeravamo|upravo|molim|zbog|javili|još|uvijek|"
    "nam|je|"
    "ispričavam|ispričavamo|kolegama|poruku|poruci|kašnjenja|želite|ovdje|nije|mogu|čekate|riječ|naš|hvala|koji|"
    "koja|koje|"
    "sam|smo|će|ću|ćemo|se|da|ako|već|ili|ali|danas|kako|kada|možemo|biste|vam|vas|kao|iz|kod|gdje|ste|su|na|za|od|uz|bez|kad|ga|ih|bi|u",
    "hu": "hogy|és|nem|egy|az|ez|kérem|sajnáljuk|sajnálom|köszönjük|köszönöm|önnek|ön|elnézést|elnézését|"
    "már|kollégáimmal|kollégák|van|volt|kedves|tisztelt|nekünk|a|meg|ha|csak|most|vagy|is|mert|szia|neked|sajnos|itt",
    "id": "karena|bisa|mohon|silakan|kakak|kak|terima kasih|sudah|dengan|maaf|sedang|bersama|bagasi|pesan|"
    "mengecek|mengeceknya|kendala|keterlambatan|pengiriman|belum|sampai|pesanan|nomor|informasi|coba|paham|kirim|"
    "yang|atas|"
    "untuk|kami|saya|ini|itu|tidak|akan|ya|dari|ke|di|dan|agar|lewat|telepon|akun|besok|uang|toko|tim",
    "lv": "paldies|jūsu|ka|mēs|atvainojos|atvainojamies|par|lūdzu|kas|bet|rakstiet|žēl|pārbaudu|pašlaik|komandu|"
    "jums|un|saprotu|ziņu|ziņā|vai|esmu|kā|ir|ar|no|lai|man|mums|tev|šo|tas|nav|pie|mūsu|līdz|jau|vēl|es|ja|tikai",
    "tl": "po|ang|ng|sa|mga|ninyo|namin|kayo|ko|ito|hindi|pasensya|salamat|para|at|kung|nang|aming|inyong|na|"
    "ninyong|natin|"
    "niyo|yung|lang|pa|din|rin|may|mo|ka|iyong|naman|pasensiya|nito|nyo|opo|si|ni",
    "de": "ihr|geld|am|kommt|im|zu|von|den|dem|ein|es|wird|und|wir|ihre|ihnen|nicht|das|die|der|ist|für|uns|bitte|"
    "leid|vielen|dank|sie|mit|ich|auf|eine|haben|"
    "werden|sehr",
    "es": "la|de|y|ya|hay|al|ha|el|los|las|que|por|para|su|sus|lo|una|con|gracias|sentimos|estamos|hemos|pedido|muy|"
    "nos|está|pero|más|le",
    "it": "il|che|per|non|sono|la sua|suo|grazie|siamo|abbiamo|della|del|una|con|gli|ci dispiace|ordine|questo|"
    "le|più",
    "fr": "la|de|du|et|avant|au|le|les|vous|nous|votre|est|pour|avec|merci|désolé|désolés|une|des|sommes|dans|que|"
    "pas|sur|avons|cette",
    "pl": "się|nie|jest|za|dziękujemy|przepraszamy|państwa|pana|pani|zamówienie|proszę|już|oraz|jak|czy|został|"
    "bardzo|na",
    "cs": "se|jsme|je|že|děkujeme|omlouváme|vaše|vaši|prosím|objednávk\\w*|jak|již|není|velmi|který|jsem|také|pro",
    "sk": "sme|je|že|ďakujeme|ospravedlňujeme|vaša|vašu|prosím|objednávk\\w*|ako|už|nie|veľmi|ktorý|som|tiež|pre",
    "ro": "și|că|vă|nu|pentru|este|mulțumim|ne|pare|rău|comanda|dumneavoastră|am|care|să|din|cu|mai",
    "nl": "het|een|wij|uw|niet|voor|met|dank|spijt|zijn|hebben|dat|naar|ook|maar|bestelling|we",
    "pt": "não|uma|para|obrigad\\w+|você|seu|sua|pedido|estamos|lamentamos|com|nós|mais|foi|são|por|que|já",
}  # fmt: skip
"""Everyday words that a reply in the language can hardly do without."""

FEWEST_FOREIGN = 3
FEWEST_SURE = 3
FEW = 2
_RELATIVES = {"hr": ("sl", "mk", "bg"), "id": ("ms", "jv"), "lv": ("lt",), "tl": ("ceb", "ilo", "hil")}
_ALIKE = frozenset({"ceb", "ilo", "hil", "jv"})
"""Relatives that share most everyday words: there a few telling ones decide."""
_FITS = {"tl": frozenset({"en"})}
"""What may stand in whole sentences: Taglish is Filipino."""
FEWEST_PART_WORDS = 5
FEWEST_BRIEF_WORDS, FEWEST_TELLING_LETTERS = 3, 4
"""Anybody may be thanked in two words of their own: "Salamat po!"; and "no way, man" is no Latvian."""
_NEVER_OURS = {
    "id": {
        "ms": r"encik|juruteknik|awak|kerana|semak|disemak|menyemak|penghantaran|perkhidmatan|mesej|nombor|kakitangan|"
        r"tempahan|dibaiki|maklumat|memaklumkan|telefon|akaun|esok|isnin|khamis|jumaat|ogos|disember|julai|kualiti|"
        "bateri|"
        r"stesen|bilik|wang|awal pagi esok|cik|peti sejuk|lewat petang"
    }
}
"""Words of a relative that nobody writes in our language, though it shares most others."""
_SENTENCE = re.compile(r"(?<=[.!?…])\s+|\n+")


def _finder(listed: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{listed})(?!\w)", re.IGNORECASE)


_RELATIVE_WORDS = {lang: _finder(words) for lang, words in _TELLTALES.items()}
_NEVER_WORDS = {
    lang: {other: _finder(words) for other, words in others.items()} for lang, others in _NEVER_OURS.items()
}
_OWN_WORDS = {lang: _finder(words) for lang, words in _OWN.items()}


_SHARED = {"sl": frozenset({"je", "se", "da", "nam", "vam", "vas", "ali", "kako", "na"})}
"""Everyday words of ours that the relative has too: they speak for neither."""


def own_words(lang: str, text: str) -> int:
    """How many everyday words of this language stand in the text."""
    return _count(_OWN_WORDS[lang], text) if lang in _OWN_WORDS else 0


def relative(text: str, lang: str) -> str | None:
    """The close relative this text is really in: it has at least two of its telling words, and more than our own."""
    own = _words(_OWN_WORDS[lang], text) if lang in _OWN_WORDS else set()
    for other, never in _NEVER_WORDS.get(lang, {}).items():
        if _count(never, text) >= FEW:
            return other
    for other in _RELATIVES.get(lang, ()):
        telling = _count(_RELATIVE_WORDS[other], text)
        left = len(own - _SHARED[other]) if other in _SHARED and telling >= FEWEST_SURE else len(own)
        if telling > max(1, left) or (other in _ALIKE and telling >= FEWEST_SURE):
            return other
    return None


def stranger(text: str, lang: str) -> str | None:
    """Another of our languages that this text is plainly in: several of its everyday words and none of our own."""
    if lang not in _OWN_WORDS or _count(_OWN_WORDS[lang], text):
        return None
    counts = {other: _count(words, text) for other, words in _OWN_WORDS.items() if other != lang}
    most = max(counts, key=lambda other: counts[other])
    return most if counts[most] >= FEWEST_FOREIGN else None


def briefly(text: str, lang: str) -> str | None:
    """The language of a sentence too short for more evidence: two of its everyday words, one of them no mere syllable,
    and none of ours."""
    if len(text.split()) < FEWEST_BRIEF_WORDS or lang not in _OWN_WORDS or _count(_OWN_WORDS[lang], text):
        return None
    told = {
        other: _words(words, text) for other, words in _OWN_WORDS.items() if other not in {lang, *_FITS.get(lang, ())}
    }
    most = max(told, key=lambda other: len(told[other]))
    return most if len(told[most]) >= FEW and len(max(told[most], key=len)) >= FEWEST_TELLING_LETTERS else None


def partly(text: str, lang: str) -> tuple[str, str] | None:
    """The first sentence that is in another language, and which that is: (language, sentence)."""
    for sentence in _SENTENCE.split(text):
        if len(sentence.split()) >= FEWEST_PART_WORDS:
            for other in _readings(sentence, lang):
                return other, sentence
    return None


def _readings(sentence: str, lang: str) -> Iterator[str]:
    found = stranger(sentence, lang)
    if found and found not in _FITS.get(lang, ()):
        yield found
    if found := relative(sentence, lang):
        yield found


def _words(words: re.Pattern[str], text: str) -> set[str]:
    return {word.casefold() for word in words.findall(text)}


def _count(words: re.Pattern[str], text: str) -> int:
    return len(_words(words, text))


def is_same(one: str, other: str) -> bool:
    """Whether two codes mean one language for a reader: Bosnian, Serbian and Croatian do, "fil" and "tl" do."""
    first, second = (code.replace("_", "-").split("-")[0].casefold() for code in (one, other))
    return first == second or any(first in group and second in group for group in _SAME)
