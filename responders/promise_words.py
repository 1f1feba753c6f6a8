"""The words of promises and of moments, by language, as data. "*" stands for any ending; accents may be left out.

`commits` say that something will be done, `pledges` that we will write or send again even where no moment is named,
`at_it` that we are still at it, `heads` announce what we do next, `doubts` say that a clause promises nothing or asks
the reader for something, and `conditions` that it holds only if; `opens` are conditions where a clause begins with
them, elsewhere they ask whether.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

Terms = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """One language. `days` counts from today, `weeks` from this week (its Friday), `parts` are hours of the day.
    `within` and `oclock` are patterns around {n}, a number, and {unit}; of a clock the second number is the minutes.
    `spans` name a length of time without a number, `to` stands between the two ends of a span ("3 to 5 days"),
    `beside` between a week and its day ("next week on Friday").
    `joins` and `turns` stand between clauses, and a condition ends at a turn; `that` begins a clause which goes on with
    the one before it; `lookalikes` only look as if they were a commit.
    Weekdays and months are those that the reply contract knows (`responders.rules`)."""

    commits: Terms
    pledges: Terms
    at_it: Terms
    heads: Terms
    doubts: Terms
    conditions: Terms
    days: Mapping[str, int]
    weeks: Mapping[str, int]
    parts: Mapping[str, int]
    numbers: Mapping[str, int]
    minutes: Terms
    hours: Terms
    full_days: Terms
    working_days: Terms
    full_weeks: Terms
    within: Terms
    to: Terms
    spans: Mapping[str, tuple[int, str]]
    beside: Terms = ()
    oclock: Terms = ()
    joins: Terms = ()
    turns: Terms = ()
    that: Terms = ()
    opens: Terms = ()
    lookalikes: Terms = ()


def _each(subjects: Terms, verbs: Terms) -> Terms:
    return tuple(f"{subject} {verb}" for subject in subjects for verb in verbs)


ENGLISH: Final = Words(
    commits=(
        "will", "i'll", "we'll", "you'll", "it'll", "they'll", "he'll", "she'll", "i'm going to", "we're going to",
        "i am going to", "we are going to", "you can expect", "i promise", "we promise",
        "i write", "we write", "takes longer",
        "i shall", "we shall", "i'm calling", "we're calling", "i'm sending", "we're sending", "i'm writing",
        "we're writing", "is coming", "are coming", "is due", "are due", "goes out", "go out", "arrives", "arrive",
        "brings", "writes to you", "calls you", "will be", "is going back", "are going back",
    ),
    pledges=_each(
        ("i'll", "we'll", "i will", "we will"),
        ("write again", "write to you", "write back", "get back", "be in touch", "let you know", "call you", "update",
         "send you", "come back to you", "report back", "keep you posted", "keep you updated", "follow up"),
    ),
    at_it=("i'm looking", "we're looking", "i am looking", "we are looking", "i'm checking", "we're checking",
           "let me check", "i'm on it", "we're on it", "i'm taking this", "we're taking this", "i'm following this up",
           "i want to find out", "i'm finding out", "i'm working on", "we're working on"),
    heads=("what happens next", "next step", "next on our side", "goes on like this",
           "what comes next"),
    doubts=(
        "can't promise", "cannot promise", "can not promise", "won't", "will not", "no promise", "can't say when",
        "cannot say when", "can't say", "cannot say", "can't honestly say", "can't tell you", "cannot tell you",
        "i'd love to", "was", "were", "since", "could you", "can you", "would you", "please", "send us", "you send",
        "you need to",
        "you'll need to", "you will need to", "you have to", "you'll have to", "you will have to", "you must",
    ),
    conditions=("if you", "in case you", "should you", "provided that"),
    days={"today": 0, "tonight": 0, "end of the day": 0, "tomorrow": 1, "day after tomorrow": 2},
    weeks={"this week": 0, "end of the week": 0, "next week": 1},
    parts={"morning": 12, "noon": 12, "midday": 12, "lunchtime": 12, "afternoon": 18, "evening": 21, "tonight": 21},
    numbers={"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
             "nine": 9, "ten": 10, "twelve": 12, "fourteen": 14, "twenty": 20, "twenty-four": 24, "twenty four": 24,
             "thirty": 30, "forty-eight": 48, "forty eight": 48},
    minutes=("minute", "minutes", "mins", "min"),
    hours=("hour", "hours", "hrs", "hr", "h"),
    full_days=("day", "days", "calendar days"),
    working_days=("working day", "working days", "business day", "business days"),
    full_weeks=("week", "weeks"),
    within=("within {n} {unit}", "within the next {n} {unit}", "in the next {n} {unit}", "in {n} {unit}",
            "within {unit} {n}", "in less than {n} {unit}", "no later than {n} {unit}"),
    to=("to", "or"),
    spans={"within the hour": (1, "hours"), "within the next hour": (1, "hours"), "in the next hour": (1, "hours"),
           "within half an hour": (30, "minutes"), "in half an hour": (30, "minutes"),
           "in the next half hour": (30, "minutes"), "within the half hour": (30, "minutes")},
    beside=("on", "by", "of", "the"),
    oclock=(r"{n} ?(?P<half>am|pm)", r"{n} ?(?P<half>a\.m|p\.m)", r"{n} o'clock"),
    joins=("and", "then", "so"),
    turns=("but",),
    that=("that",),
    opens=("if", "in case", "once you"),
)  # fmt: skip

CROATIAN: Final = Words(
    commits=("ću", "ćemo", "ćete", "će", "javljam", "javljamo", "obećavam", "obećavamo", "očekujte",
             "vraćam", "vraćamo", "šaljem", "šaljemo", "pišemo", "zovem", "zovemo", "nazivam", "zove vas", "zove te",
             "dostavljamo", "dovozimo", "donosimo", "stiže", "stižu", "izlazi", "popravljamo", "provjerimo",
             "provjerim", "rješavam", "rješavamo", "vraća se", "dobivate", "dobivaš", "potrajat"),
    pledges=(
        "javit ću", "javit ćemo", "pisat ću", "pisat ćemo", "ponovno ću pisati",
        "obavijestit ću", "obavijestit ćemo", "odgovorit ću", "odgovorit ćemo", "nazvat ću", "nazvat ćemo",
        "poslat ću", "poslat ćemo", "ću vam se javiti", "ćemo vam se javiti", "ću vas obavijestiti",
        "ćemo vas obavijestiti", "ću vam poslati", "ćemo vam poslati",
    ),
    at_it=("provjeravam*", "provjeriti s", "pažljivo gledam", "tražim gdje",
           "tražimo gdje", "prosljeđujem ovo", "radim na", "radimo na",
           "istražujem*", "ispitujem*"),
    heads=("što slijedi", "sljedeći korak", "dalje ide ovako", "plan je ovakav", "što je sljedeće"),
    doubts=("ne mogu obećati", "ne mogu vam obećati", "ne mogu ti obećati", "ne možemo obećati",
            "ne možemo vam obećati", "ne možemo ti obećati", "bio je", "je bio", "je bila", "je bilo", "nećemo",
            "neću", "neće", "možete li", "možeš li", "molim*",
            "pošaljite", "pošalji", "trebate", "trebaš", "morate", "moraš", "trebat ćete", "morat ćete"),
    conditions=("ako", "ukoliko"),
    days={"danas": 0, "do kraja dana": 0, "večeras": 0, "sutra": 1, "prekosutra": 2},
    weeks={"ovaj tjedan": 0, "do kraja tjedna": 0, "ovoga tjedna": 0, "ovog tjedna": 0, "sljedeći tjedan": 1,
           "sljedećeg tjedna": 1, "idući tjedan": 1, "idućeg tjedna": 1},
    to=("do", "ili"),
    spans={"za pola sata": (30, "minutes"), "u roku od pola sata": (30, "minutes"), "kroz pola sata": (30, "minutes"),
           "u roku od sat vremena": (1, "hours"), "za sat vremena": (1, "hours"),
           "kroz sat vremena": (1, "hours"), "unutar sat vremena": (1, "hours"), "unutar sata": (1, "hours"),
           "u roku od sata": (1, "hours"), "u roku od tjedan dana": (1, "weeks"), "za tjedan dana": (1, "weeks"),
           "kroz tjedan dana": (1, "weeks")},
    beside=("u", "do", "na"),
    parts={"ujutro": 12, "prijepodne": 12, "podne": 12, "podneva": 12, "poslijepodne": 18, "popodne": 18, "navečer": 21,
           "večeras": 21},
    numbers={"jedan": 1, "jednog": 1, "jednoga": 1, "dva": 2, "dvije": 2, "tri": 3, "četiri": 4, "pet": 5, "šest": 6,
             "sedam": 7, "osam": 8, "devet": 9, "deset": 10, "dvanaest": 12, "četrnaest": 14, "dvadeset": 20,
             "dvadeset četiri": 24, "dvadeset i četiri": 24, "trideset": 30, "četrdeset osam": 48},
    minutes=("minuta", "minute", "minutu", "min"),
    hours=("sat", "sata", "sati", "h"),
    full_days=("dan", "dana", "kalendarskih dana"),
    working_days=("radni dan", "radna dana", "radnih dana", "radnog dana"),
    full_weeks=("tjedan", "tjedna", "tjedana"),
    within=("u roku od {n} {unit}", "u roku {n} {unit}", "u iduća {n} {unit}", "u sljedeća {n} {unit}",
            "u idućih {n} {unit}", "u sljedećih {n} {unit}", "kroz {n} {unit}", "za {n} {unit}",
            "najkasnije za {n} {unit}",
            "unutar {n} {unit}"),
    oclock=(r"u {n} ?(?:h|sati|sata|sat)", r"do {n} ?(?:h|sati|sata|sat)", r"oko {n} ?(?:h|sati|sata|sat)"),
    joins=("i", "a", "te", "pa"),
    turns=("ali", "no"),
    that=("da",),
)  # fmt: skip

HUNGARIAN: Final = Words(
    commits=(
        "fogok", "fogunk", "fogja", "fogjuk", "fogom", "jelentkezem", "jelentkezünk", "írok", "írunk", "visszaírok",
        "visszaírunk", "válaszolok", "válaszolunk", "értesítem", "értesítjük", "felhívom", "felhívjuk", "küldöm",
        "küldjük", "elküldöm", "elküldjük", "megírom", "megírjuk", "visszatérítjük", "visszautaljuk", "utaljuk",
        "megkapja",
        "ígérem", "ígérjük", "tájékoztatom", "tájékoztatjuk", "megérkezik", "visszajelzek", "visszajelzünk", "jelzek",
        "javítjuk", "kijavítjuk", "elintézzük", "pótoljuk", "tovább tart",
        "lesz", "lesznek", "meglesz", "megjön", "odaér", "odaérünk", "megérkeznek", "megtörténik", "elkészül",
        "megkapod", "visszakapja", "visszakapod", "visszautalja", "visszafizetjük", "visszaírjuk", "jóváírjuk",
        "átutaljuk", "elutaljuk", "kifizetjük", "elküldi", "felhívja", "felhívlak", "hívom", "hívja", "válaszol",
        "írok", "megjavítjuk", "kicseréljük", "cseréljük", "frissítjük", "házhoz visszük", "kivisszük", "visszük",
        "kiszállítjuk", "postázzuk", "postázunk", "küldünk", "jelentkezik", "értesítünk", "értesíti", "helyreáll",
        "helyreállítjuk",
    ),
    pledges=(
        "jelentkezem", "jelentkezünk", "visszaírok", "visszaírunk", "újra írok", "értesítem", "értesítjük", "felhívom",
        "felhívjuk", "tájékoztatom", "tájékoztatjuk", "visszajelzek", "visszajelzünk", "megírom", "megírjuk",
        "fogok jelentkezni", "fogunk jelentkezni", "elküldöm", "elküldjük",
    ),
    at_it=(
        "most nézzük", "utánanéz*", "egyeztetek", "egyeztetünk", "továbbviszem", "továbbítom azoknak a kollégáknak",
        "dolgozom rajta", "dolgozunk rajta", "megkérdezem", "utánajár*", "beszélem meg", "nézem át",
    ),
    heads=("a következő lépés", "ami most következik", "így folytatjuk", "a terv ez", "mi jön ezután"),
    doubts=("nem tudok ígérni", "nem tudom megígérni", "nem ígérhetek", "nem ígérhetem", "nem ígérhetünk",
            "nem ígérhetjük", "nem ígérem", "inkább megírom", "nem ígérjük", "nem tudjuk megígérni",
            "nem tudunk ígérni", "nem fog*", "nem lesz*", "nincs", "volt", "óta",
            "kérem", "kérjük", "kérlek", "küldje", "küldje el", "küldd", "megírná", "megírnád", "meg tudná",
            "meg tudnád"),
    conditions=("ha", "hogyha", "amennyiben"),
    days={"ma": 0, "máig": 0, "a nap végéig": 0, "ma este": 0, "holnap": 1, "holnapig": 1, "holnapra": 1,
          "holnap délig": 1, "holnapután": 2, "holnaputánig": 2},
    weeks={"ezen a héten": 0, "a hét végéig": 0, "e hét végéig": 0, "jövő héten": 1, "jövő hétig": 1,
    "a jövő hét végéig": 1, "jövő hét": 1, "ezen hét": 0, "e hét": 0},
    parts={"reggel": 12, "délelőtt": 12, "délig": 12, "délben": 12, "délután": 18, "este": 21, "estig": 21},
    numbers={"egy": 1, "két": 2, "kettő": 2, "három": 3, "négy": 4, "öt": 5, "hat": 6, "hét": 7, "nyolc": 8,
             "kilenc": 9, "tíz": 10, "tizenkét": 12, "tizenkettő": 12, "tizennégy": 14, "húsz": 20, "huszonnégy": 24,
             "harminc": 30, "negyvennyolc": 48},
    minutes=("perc", "percen", "perccel"),
    hours=("óra", "órán", "órával", "óráig", "h", "h-n"),
    full_days=("nap", "napon", "nappal"),
    working_days=("munkanap", "munkanapon", "munkanappal"),
    full_weeks=("hét", "héten", "héttel"),
    within=("{n} {unit} belül", "{n} {unit} múlva", "legkésőbb {n} {unit} belül",
            "határidő:? {n} {unit}"),
    to=("vagy",),
    spans={"fél órán belül": (30, "minutes"), "félórán belül": (30, "minutes"), "fél óra múlva": (30, "minutes"),
           "órán belül": (1, "hours")},
    beside=("a", "az"),
    oclock=(r"{n} óráig", r"{n} órakor", r"{n} órára", r"{n}-ig", r"{n}-kor"),
    joins=("és", "majd"),
    turns=("de",),
    that=("hogy",),
)  # fmt: skip

INDONESIAN: Final = Words(
    commits=("akan", "kami kabari", "saya kabari", "kami hubungi", "saya hubungi", "kami kirim", "saya kirim",
             "kami janji", "saya janji", "kami berjanji", "saya berjanji", "kami update", "saya update", "saya balas",
             "kami balas", "kami infokan", "saya infokan", "saya lapor*", "kami usahakan",
             "memakan waktu lebih lama",
             "kami kembalikan", "kami antar", "kami antarkan", "kami ganti", "kami tukar", "kami perbaiki",
             "kami selesaikan", "kami transfer", "kami jemput", "kami kirimkan", "saya kirimkan", "saya telepon",
             "kami telepon", "menelepon", "menghubungi", "mengabari", "pasti",
             "dijamin", "masuk rekening", "masuk ke rekening", "kembali ke rekening", "dikembalikan", "tiba",
             "sampai di rumah", "targetnya", "perbaikannya"),
    pledges=("akan kami kabari", "akan saya kabari", "akan mengabari", "akan menghubungi", "akan hubungi",
             "kami kabari",
             "saya kabari", "saya hubungi", "kami hubungi", "akan kami hubungi", "akan saya hubungi",
             "akan memberi kabar",
             "akan mengirim*", "akan kami kirim*", "akan saya kirim*", "kami infokan", "saya infokan", "akan balas",
             "akan membalas", "akan menulis lagi"),
    at_it=("sedang mengecek*", "kami cek", "saya cek", "mencari tahu", "teruskan ini", "sedang menangani*",
           "tanyakan ke", "pastikan dulu", "telusuri", "sedang kami", "sedang saya"),
    heads=("langkah berikutnya", "selanjutnya", "yang akan terjadi berikutnya", "rencananya begini",
           "masih ada lanjutannya"),
    doubts=("tidak bisa menjanjikan", "belum bisa menjanjikan", "tidak akan", "tidak bisa janji",
            "belum bisa janji", "boleh minta", "boleh kirim", "mohon kirim*", "silakan", "bisa tolong", "kakak kirim",
            "anda kirim", "kakak perlu", "anda perlu", "kakak harus", "anda harus",
            "sudah saya", "sudah kami", "sudah di*", "telah saya", "telah kami", "telah di*", "bisa di*", "boleh di*",
            "dapat di*",
            "sejak", "kemarin", "tadi", "kami sudah", "saya sudah", "belum"),
    conditions=("kalau", "jika", "apabila", "bila"),
    days={"hari ini": 0, "malam ini": 0, "sore ini": 0, "nanti malam": 0, "nanti sore": 0, "besok": 1, "lusa": 2},
    weeks={"minggu ini": 0, "akhir minggu ini": 0, "pekan ini": 0, "minggu depan": 1, "pekan depan": 1},
    parts={"pagi": 12, "siang": 15, "sore": 18, "malam": 21},
    numbers={"satu": 1, "dua": 2, "tiga": 3, "empat": 4, "lima": 5, "enam": 6, "tujuh": 7, "delapan": 8,
             "sembilan": 9, "sepuluh": 10, "dua belas": 12, "empat belas": 14, "dua puluh": 20, "dua puluh empat": 24,
             "tiga puluh": 30, "empat puluh delapan": 48},
    minutes=("menit",),
    hours=("jam",),
    full_days=("hari",),
    working_days=("hari kerja",),
    full_weeks=("minggu", "pekan"),
    within=("dalam {n} {unit}", "dalam waktu {n} {unit}", "maksimal {n} {unit}", "paling lambat {n} {unit}",
            "{n} {unit} ke depan", "{n} {unit} lagi"),
    to=("sampai", "hingga", "atau"),
    spans={"dalam setengah jam": (30, "minutes"), "setengah jam lagi": (30, "minutes"),
           "dalam sejam": (1, "hours"), "dalam waktu sejam": (1, "hours"),
           "sejam lagi": (1, "hours"), "dalam sehari": (1, "days"), "dalam waktu sehari": (1, "days"),
           "dalam seminggu": (1, "weeks"), "dalam waktu seminggu": (1, "weeks"), "dalam sepekan": (1, "weeks"),
           "seminggu lagi": (1, "weeks")},
    beside=("hari", "pada"),
    oclock=(r"jam {n}", r"pukul {n}"),
    joins=("dan", "lalu"),
    turns=("tetapi", "tapi"),
    that=("bahwa",),
)  # fmt: skip

LATVIAN: Final = Words(
    commits=("*šu", "*sim", "*šos", "*simies", "saņemsiet", "solu", "solām", "apsolu", "apsolām", "tiks", "būs",
             "prasīs", "zvanīs", "piezvanīs", "rakstīs", "uzrakstīs", "atbildēs", "pateiks", "paziņos", "informēs",
             "sazināsies", "brauks", "atbrauks", "ieradīsies", "atvedīs", "piegādās", "nogādās", "sūtīs", "nosūtīs",
             "atsūtīs", "dosies", "nonāks", "pienāks", "nāks", "atmaksās", "samaksās", "ieskaitīs", "atgriezīs",
             "atgriezīsies", "saņems", "saņemsi", "pārbaudīs", "apskatīs", "izskatīs", "salabos", "izlabos",
             "nomainīs", "uzstādīs", "pabeigs", "strādās", "darbosies", "paskaidros", "nosūtām", "sūtām",
             "atbildu", "gaidāms", "gaidāma"),
    pledges=("uzrakstīšu", "uzrakstīsim", "rakstīšu", "rakstīsim", "sazināšos", "sazināsimies", "atbildēšu",
             "atbildēsim",
             "informēšu", "informēsim", "paziņošu", "paziņosim", "piezvanīšu", "piezvanīsim", "nosūtīšu", "nosūtīsim",
             "došu ziņu", "dosim ziņu"),
    at_it=("noskaidroju", "noskaidrojam", "skaidroju", "skaidrojam",
           "skatos", "skatāmies", "nododu to cilvēkiem", "strādāju pie", "strādājam pie",
           "pārbaudu", "pārbaudām", "pajautāju", "vaicāju"),
    heads=("nākamais solis", "kas notiks tālāk", "turpinājums būs šāds", "plāns ir šāds", "kas būs tālāk"),
    doubts=("nevaru apsolīt", "nevaram apsolīt", "nevaru solīt", "nevaram solīt", "neapsolu", "kopš", "bija", "tika",
            "nebūs", "netiks",
            "nevarēs*", "nevarēšu", "nevarēsim", "nepaspēs*", "nepaspēšu", "nepaspēsim", "vai varat", "vai varētu",
            "vai vari", "lūdzu", "atsūtiet", "atsūti", "nosūtiet", "varat pieteikt*", "vari pieteikt*",
            "jums būs jā*", "jums jā*", "tev jā*",
            "tev būs jā*"),
    conditions=("ja",),
    days={"šodien": 0, "līdz dienas beigām": 0, "šovakar": 0, "rīt": 1, "rītdien": 1, "rītdienai": 1, "parīt": 2},
    weeks={"šonedēļ": 0, "šajā nedēļā": 0, "šīs nedēļas": 0, "līdz nedēļas beigām": 0, "nākamnedēļ": 1,
           "nākamajā nedēļā": 1, "nākamās nedēļas": 1},
    parts={"no rīta": 12, "priekšpusdienā": 12, "pusdienlaik*": 12, "pusdienām": 12, "pēcpusdienā": 18,
           "pēcpusdienai": 18, "vakarā": 21, "vakaram": 21, "šovakar": 21},
    numbers={"vienas": 1, "divu": 2, "divām": 2, "trīs": 3, "triju": 3, "trim": 3, "četru": 4, "četrām": 4,
             "piecu": 5, "piecām": 5, "sešu": 6, "sešām": 6, "septiņu": 7, "septiņām": 7, "astoņu": 8, "astoņām": 8,
             "deviņu": 9, "deviņām": 9, "desmit": 10, "divpadsmit": 12, "četrpadsmit": 14, "divdesmit": 20,
             "divdesmit četru": 24, "divdesmit četrām": 24, "trīsdesmit": 30, "četrdesmit astoņu": 48},
    minutes=("minūtes", "minūšu", "minūtēm", "min"),
    hours=("stunda", "stundas", "stundu", "stundām", "h"),
    full_days=("diena", "dienas", "dienu", "dienām"),
    working_days=("darba dienas", "darba dienu", "darba dienām", "darbdienu", "darbdienām"),
    full_weeks=("nedēļa", "nedēļas", "nedēļu", "nedēļām"),
    within=("{n} {unit} laikā", "pēc {n} {unit}", "ne vēlāk kā {n} {unit} laikā", "termiņš:? {n} {unit}"),
    to=("līdz", "vai"),
    spans={"pusstundas laikā": (30, "minutes"), "pēc pusstundas": (30, "minutes"), "stundas laikā": (1, "hours"),
           "pēc stundas": (1, "hours"), "nedēļas laikā": (1, "weeks"), "pēc nedēļas": (1, "weeks")},
    beside=("līdz",),
    oclock=(r"plkst\.? ?{n}", r"pulksten {n}", r"pulksteņiem {n}"),
    joins=("un", "tad"),
    turns=("bet",),
    that=("ka",),
    lookalikes=("jūsu", "mūsu", "visu", "visos", "šos", "kursu", "kursos", "procesu", "procesos", "biļešu", "mēnešu",
                "tiešu", "augšu", "nesu", "maksu", "atmaksu", "taksu", "adresu", "latviešu", "sešos", "talsos", "sim"),
)  # fmt: skip

FILIPINO: Final = Words(
    commits=("babalikan", "babalitaan", "susulatan", "sasagutin", "tatawagan", "ipapadala", "ipadadala", "padadalhan",
             "magbibigay", "mag-uupdate", "mag-a-update", "iu-update", "i-a-update", "makakatanggap", "matatanggap",
             "maibabalik", "ibabalik", "aayusin", "ipaaabot", "ipapaalam", "pangako", "ipinapangako", "will",
             "makukuha", "susunod po kaming balita", "susunod kaming balita", "susunod na balita", "matatagalan po ito",
             "matatagalan ito",
             "babalik", "ibabalik", "babayaran", "papasok", "darating", "dadating", "ihahatid", "maghahatid",
             "may ihahatid", "pupuntahan", "pupunta po ang", "pupunta ang", "tatawag", "susulat", "sasagot",
             "magsasabi", "sasabihan", "magpapadala", "magkakaroon", "papalitan", "maaayos", "matatapos", "dadalhin",
             "aandar", "tatakbo", "gagana", "ilalabas", "mag-a-update", "tatapusin", "ite-text", "sisiguraduhin",
             "ipaaalam", "ipapaalam", "maibibigay", "ibibigay", "mare-refund", "ire-refund"),
    pledges=("babalikan ko", "babalikan namin", "babalitaan ko", "babalitaan namin", "babalikan po", "babalitaan po",
             "tatawagan ko", "tatawagan namin", "susulatan ko", "susulatan namin", "ipapaalam ko", "ipapaalam namin",
             "mag-uupdate ako", "mag-uupdate kami", "mag-uupdate po", "ia-update ko", "ipapadala ko",
             "ipapadala namin"),
    at_it=("tinitingnan ko na", "tinitingnan namin", "tinitingnan na namin",
           "inaalam ko", "inaalam namin", "ipinapaabot ko", "ipinaparating ko na",
           "inaasikaso ko", "inaasikaso namin", "sinusuri ko",
           "sinusuri namin", "sinusuri na namin", "sinusuri na po namin", "itinatanong ko", "chine-check ko"),
    heads=("ito po ang susunod", "ito ang susunod", "susunod na hakbang", "ang kasunod po nito",
           "ang kasunod nito", "ganito po ang plano", "ganito ang plano", "sasabihin ko na rin po ang susunod",
           "sasabihin ko na rin ang susunod"),
    doubts=("hindi ko maipapangako", "hindi namin maipapangako", "hindi po namin maipapangako",
            "hindi ko po maipapangako", "hindi", "puwede po ba", "pwede po ba", "puwede ba", "pwede ba", "paki*",
            "naibalik*", "naipadala*",
            "kailangan ninyo*", "kailangan niyo*", "kailangan po ninyo*", "kailangan mo*"),
    conditions=("kung kayo", "kung puwede", "kung pwede", "kung may", "kung gusto", "kung sakali*"),
    days={"ngayong araw": 0, "ngayong gabi": 0, "ngayong hapon": 0, "mamaya": 0, "mamayang gabi": 0,
    "mamayang hapon": 0,
          "bukas": 1, "sa makalawa": 2},
    weeks={"ngayong linggo": 0, "ngayong linggong ito": 0, "sa susunod na linggo": 1, "next week": 1},
    parts={"umaga": 12, "tanghali": 12, "hapon": 18, "gabi": 21},
    numbers={"isang": 1, "dalawang": 2, "tatlong": 3, "apat na": 4, "limang": 5, "anim na": 6, "pitong": 7,
             "walong": 8, "siyam na": 9, "sampung": 10, "labindalawang": 12, "labing-apat na": 14, "dalawampung": 20,
             "dalawampu't apat na": 24, "tatlumpung": 30, "apatnapu't walong": 48},
    minutes=("minuto", "na minuto", "minutong", "minutes", "mins"),
    hours=("oras", "na oras", "hours", "hour", "hrs", "h"),
    full_days=("araw", "na araw", "days"),
    working_days=("working days", "working day", "na working days", "business days", "business day",
                  "na business days", "araw ng trabaho", "na araw ng trabaho"),
    full_weeks=("linggo", "na linggo", "linggong"),
    within=("sa loob ng {n} {unit}", "within {n} {unit}", "sa susunod na {n} {unit}", "pagkatapos ng {n} {unit}"),
    to=("hanggang", "to", "o"),
    spans={"sa loob ng kalahating oras": (30, "minutes"), "within the hour": (1, "hours")},
    beside=("ng", "sa", "na", "po"),
    oclock=(r"alas-?{n}", r"alas {n}", r"{n} ?(?P<half>am|pm)"),
    joins=("at", "tapos"),
    turns=("pero",),
    that=("na",),
    opens=("kung",),
)  # fmt: skip

WORDS: Final[Mapping[str, Words]] = {
    "en": ENGLISH,
    "hr": CROATIAN,
    "hu": HUNGARIAN,
    "id": INDONESIAN,
    "lv": LATVIAN,
    "tl": FILIPINO,
}
