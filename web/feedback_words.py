"""What a feedback page says, in the languages we write, and which of them a visitor reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from domain.hours import DAYS, written_hours
from domain.sla import Opening


@dataclass(frozen=True, slots=True)
class Words:
    """One language. `{brand}`, `{by}` and `{until}` (moments), `{hours}`, `{zone}`, `{most}` and `{minutes}` (numbers)
    are filled in. `days` are the days of the week, Monday first. `wrong` is by what was wrong."""

    code: str
    own_name: str
    title: str
    intro: str
    what: str
    name: str
    address: str
    by: str
    hours: str
    days: tuple[str, ...]
    kept_until: str
    kept: str
    send: str
    thanks: str
    number: str
    answered: str
    unanswered: str
    another: str
    trap: str
    language: str
    wrong: Mapping[str, str]
    gone: str

    def opening(self, openings: tuple[Opening, ...]) -> str:
        """The hours of a week with the days in this language."""
        text = written_hours(openings)
        for english, own in zip(DAYS, self.days, strict=True):
            text = text.replace(english, own)
        return text


WORDS: Final[Mapping[str, Words]] = {
    "en": Words(
        code="en",
        own_name="English",
        title="Tell us what happened",
        intro="Only the team of {brand} reads this. It is not published.",
        what="What happened?",
        name="Your name (optional)",
        address="E-mail address, so that we can answer (optional)",
        by="If you write now and leave an address, a person answers you by {by} at the latest.",
        hours="Our hours: {hours} ({zone}).",
        days=("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
        kept_until="We keep what you send until {until}; then your words, name and address are erased, "
        "or sooner if you ask.",
        kept="We keep what you send until you ask us to erase it.",
        send="Send",
        thanks="Thank you. Your message has reached us.",
        number="Reference number",
        answered="A person answers you by {by} at the latest.",
        unanswered="You left no address, so we cannot answer you. A person reads it all the same.",
        another="Write another message",
        trap="Please leave this field empty",
        language="Language",
        wrong={
            "missing": "Please write what happened first.",
            "too_long": "That is too long: at most {most} characters.",
            "address": "We cannot write to this e-mail address. Check it, or leave it empty.",
            "trap": "Nothing was sent yet: the last field has to stay empty. Please clear it.",
            "busy": "Too many messages have come from your network. Nothing is lost: try again in {minutes} min.",
            "failed": "Your message could not be taken now. Nothing is lost: please try again a little later.",
        },
        gone="This page is not in use. It may have a new address, or a part of the address is missing.",
    ),
    "hr": Words(
        code="hr",
        own_name="Hrvatski",
        title="Recite nam što se dogodilo",
        intro="Ovo čita samo naš tim ({brand}). Ne objavljuje se.",
        what="Što se dogodilo?",
        name="Vaše ime (nije obavezno)",
        address="Adresa e-pošte na koju Vam možemo odgovoriti (nije obavezno)",
        by="Ako nam pišete sada i ostavite adresu, netko iz našeg tima odgovorit će Vam najkasnije do: {by}.",
        hours="Radno vrijeme: {hours} ({zone}).",
        days=("pon", "uto", "sri", "čet", "pet", "sub", "ned"),
        kept_until="Vašu poruku čuvamo do {until}, zatim brišemo tekst, ime i adresu. Na Vaš zahtjev i prije.",
        kept="Vašu poruku čuvamo dok ne zatražite da je izbrišemo.",
        send="Pošalji",
        thanks="Hvala Vam. Vaša poruka je stigla.",
        number="Broj poruke",
        answered="Netko iz našeg tima odgovorit će Vam najkasnije do: {by}.",
        unanswered="Niste ostavili adresu pa Vam ne možemo odgovoriti. Poruku ćemo svejedno pročitati.",
        another="Napiši još jednu poruku",
        trap="Ostavite ovo polje praznim",
        language="Jezik",
        wrong={
            "missing": "Najprije napišite što se dogodilo.",
            "too_long": "Tekst je predug: najviše {most} znakova.",
            "address": "Na ovu adresu e-pošte ne možemo pisati. Provjerite je ili ostavite prazno.",
            "trap": "Još ništa nije poslano: posljednje polje mora ostati prazno. Izbrišite što u njemu piše.",
            "busy": "S Vaše mreže stiglo je previše poruka. Ništa nije izgubljeno: pokušajte ponovno za {minutes} min.",
            "failed": "Poruku sada nismo mogli primiti. Ništa nije izgubljeno: pokušajte ponovno malo kasnije.",
        },
        gone="Ova stranica nije u upotrebi. Možda ima novu adresu ili adresi nedostaje dio.",
    ),
    "hu": Words(
        code="hu",
        own_name="Magyar",
        title="Írja meg nekünk, mi történt",
        intro="Ezt csak a csapatunk olvassa ({brand}), nem tesszük közzé.",
        what="Mi történt?",
        name="Az Ön neve (nem kötelező)",
        address="E-mail-cím, amelyre válaszolhatunk (nem kötelező)",
        by="Ha most ír, és megadja a címét, egy munkatársunk legkésőbb eddig válaszol Önnek: {by}.",
        hours="Munkaidőnk: {hours} ({zone}).",
        days=("H", "K", "Sze", "Cs", "P", "Szo", "V"),
        kept_until="Az üzenetét eddig őrizzük meg: {until}. Utána a szöveget, a nevét és a címét töröljük, "
        "kérésére korábban is.",
        kept="Az üzenetét addig őrizzük meg, amíg nem kéri a törlését.",
        send="Küldés",
        thanks="Köszönjük! Az üzenete megérkezett.",
        number="Hivatkozási szám",
        answered="Egy munkatársunk legkésőbb eddig válaszol Önnek: {by}.",
        unanswered="Nem adott meg címet, ezért nem tudunk válaszolni Önnek. Az üzenetét így is elolvassuk.",
        another="Új üzenet írása",
        trap="Kérjük, hagyja üresen ezt a mezőt",
        language="Nyelv",
        wrong={
            "missing": "Kérjük, először írja le, mi történt.",
            "too_long": "A szöveg túl hosszú: legfeljebb {most} karakter lehet.",
            "address": "Erre az e-mail-címre nem tudunk írni. Kérjük, ellenőrizze, vagy hagyja üresen.",
            "trap": "Még semmit sem küldtünk el: az utolsó mezőnek üresen kell maradnia. Kérjük, törölje a tartalmát.",
            "busy": "Az Ön hálózatából túl sok üzenet érkezett. Semmi sem veszett el: próbálja újra {minutes} perc "
            "múlva.",
            "failed": "Az üzenetet most nem tudtuk átvenni. Semmi sem veszett el: kérjük, próbálja újra kicsit később.",
        },
        gone="Ez az oldal nincs használatban. Lehet, hogy új címe van, vagy hiányzik a cím egy része.",
    ),
    "id": Words(
        code="id",
        own_name="Bahasa Indonesia",
        title="Ceritakan kepada kami apa yang terjadi",
        intro="Hanya tim {brand} yang membaca pesan ini. Pesan ini tidak dipublikasikan.",
        what="Apa yang terjadi?",
        name="Nama Anda (tidak wajib)",
        address="Alamat email agar kami bisa menjawab (tidak wajib)",
        by="Jika Anda menulis sekarang dan mencantumkan alamat, tim kami akan menjawab paling lambat {by}.",
        hours="Jam layanan: {hours} ({zone}).",
        days=("Sen", "Sel", "Rab", "Kam", "Jum", "Sab", "Min"),
        kept_until="Pesan Anda kami simpan sampai {until}, lalu isi, nama, dan alamatnya dihapus. Bisa lebih cepat "
        "jika Anda meminta.",
        kept="Pesan Anda kami simpan sampai Anda meminta kami menghapusnya.",
        send="Kirim",
        thanks="Terima kasih. Pesan Anda sudah kami terima.",
        number="Nomor referensi",
        answered="Tim kami akan menjawab Anda paling lambat {by}.",
        unanswered="Anda tidak mencantumkan alamat, jadi kami tidak bisa menjawab. Pesan Anda tetap kami baca.",
        another="Tulis pesan lain",
        trap="Harap biarkan kolom ini kosong",
        language="Bahasa",
        wrong={
            "missing": "Silakan tulis dulu apa yang terjadi.",
            "too_long": "Teksnya terlalu panjang: paling banyak {most} karakter.",
            "address": "Kami tidak bisa mengirim ke alamat email ini. Periksa lagi atau kosongkan.",
            "trap": "Pesan belum terkirim: kolom terakhir harus kosong. Silakan hapus isinya.",
            "busy": "Terlalu banyak pesan dari jaringan Anda. Tidak ada yang hilang: coba lagi {minutes} menit lagi.",
            "failed": "Pesan Anda belum bisa kami terima. Tidak ada yang hilang: silakan coba lagi sebentar lagi.",
        },
        gone="Halaman ini tidak digunakan. Mungkin alamatnya sudah berganti atau tidak lengkap.",
    ),
    "lv": Words(
        code="lv",
        own_name="Latviešu",
        title="Pastāstiet mums, kas noticis",
        intro="To lasa tikai mūsu komanda ({brand}). Tas netiek publicēts.",
        what="Kas noticis?",
        name="Jūsu vārds (nav obligāti)",
        address="E-pasta adrese, uz kuru varam atbildēt (nav obligāti)",
        by="Ja rakstīsiet tagad un norādīsiet adresi, mūsu darbinieks Jums atbildēs ne vēlāk kā: {by}.",
        hours="Mūsu darba laiks: {hours} ({zone}).",
        days=("Pr", "Ot", "Tr", "Ce", "Pk", "Se", "Sv"),
        kept_until="Jūsu ziņu glabājam līdz {until}, pēc tam tekstu, vārdu un adresi dzēšam. Pēc lūguma arī agrāk.",
        kept="Jūsu ziņu glabājam, līdz lūgsiet to dzēst.",
        send="Nosūtīt",
        thanks="Paldies! Jūsu ziņa ir saņemta.",
        number="Ziņas numurs",
        answered="Mūsu darbinieks Jums atbildēs ne vēlāk kā: {by}.",
        unanswered="Jūs nenorādījāt adresi, tāpēc nevaram Jums atbildēt. Ziņu tomēr izlasīsim.",
        another="Rakstīt vēl vienu ziņu",
        trap="Lūdzu, atstājiet šo lauku tukšu",
        language="Valoda",
        wrong={
            "missing": "Lūdzu, vispirms uzrakstiet, kas noticis.",
            "too_long": "Teksts ir pārāk garš: ne vairāk kā {most} rakstzīmes.",
            "address": "Uz šo e-pasta adresi nevaram rakstīt. Pārbaudiet to vai atstājiet lauku tukšu.",
            "trap": "Vēl nekas nav nosūtīts: pēdējam laukam jāpaliek tukšam. Lūdzu, izdzēsiet tā saturu.",
            "busy": "No Jūsu tīkla saņemts pārāk daudz ziņu. Nekas nav zudis: mēģiniet vēlreiz pēc {minutes} min.",
            "failed": "Ziņu pašlaik nevarējām saņemt. Nekas nav zudis: lūdzu, mēģiniet vēlreiz nedaudz vēlāk.",
        },
        gone="Šī lapa netiek izmantota. Iespējams, tai ir jauna adrese vai trūkst kādas adreses daļas.",
    ),
    "tl": Words(
        code="fil",
        own_name="Filipino",
        title="Sabihin po sa amin ang nangyari",
        intro="Ang team lang po ng {brand} ang makakabasa nito. Hindi po ito ilalathala.",
        what="Ano po ang nangyari?",
        name="Pangalan ninyo (hindi kailangan)",
        address="Email address para masagot namin kayo (hindi kailangan)",
        by="Kung susulat po kayo ngayon at mag-iiwan ng address, may sasagot sa inyo hanggang {by}.",
        hours="Oras po namin: {hours} ({zone}).",
        days=("Lun", "Mar", "Miy", "Huw", "Biy", "Sab", "Lin"),
        kept_until="Itatago po namin ang mensahe hanggang {until}, saka buburahin ang sinulat, pangalan at address. "
        "Mas maaga kung hihilingin ninyo.",
        kept="Itatago po namin ang mensahe hanggang hilingin ninyong burahin ito.",
        send="Ipadala",
        thanks="Salamat po. Natanggap na namin ang inyong mensahe.",
        number="Reference number",
        answered="May sasagot po sa inyo hanggang {by}.",
        unanswered="Wala po kayong iniwang address kaya hindi namin kayo masasagot. Babasahin pa rin po namin ito.",
        another="Sumulat ng isa pang mensahe",
        trap="Pakiiwang blangko ang field na ito",
        language="Wika",
        wrong={
            "missing": "Isulat po muna kung ano ang nangyari.",
            "too_long": "Masyado pong mahaba: hanggang {most} na karakter lang.",
            "address": "Hindi po kami makakasulat sa email address na ito. Pakitingnan ulit o iwang blangko.",
            "trap": "Wala pa pong naipadala: dapat blangko ang huling field. Pakibura ang laman nito.",
            "busy": "Masyado nang maraming mensahe mula sa inyong network. Walang nawala: subukan ulit pagkalipas ng "
            "{minutes} minuto.",
            "failed": "Hindi po namin natanggap ngayon ang mensahe. Walang nawala: pakisubukan ulit mamaya.",
        },
        gone="Hindi po ginagamit ang page na ito. Maaaring bago na ang address o may kulang dito.",
    ),
}
_SAME: Final = {"fil": "tl", "in": "id"}
"""How browsers call some of these languages besides."""
_MOST_WISHES: Final = 20


def chosen(asked: str, accept: str, of_brand: Sequence[str]) -> str:
    """The language to show: what was asked for by the switch, else what the browser reads (Accept-Language), else the
    brand's first that we write, else English."""
    wishes = [asked, *_read_by(accept), *of_brand]
    return next((lang for lang in wishes if lang in WORDS), "en")


def _read_by(accept: str) -> list[str]:
    """Languages of an Accept-Language header, the dearest first. What cannot be read counts for nothing."""
    wishes: list[tuple[float, str]] = []
    for part in accept.split(",")[:_MOST_WISHES]:
        tag, _, weight = part.strip().partition(";")
        lang = tag.strip().casefold().partition("-")[0]
        wishes.append((_weight(weight), _SAME.get(lang, lang)))
    return [lang for weight, lang in sorted(wishes, key=lambda wish: -wish[0]) if weight > 0]


def _weight(text: str) -> float:
    name, _, value = text.strip().partition("=")
    if not name:
        return 1.0
    try:
        return min(float(value), 1.0) if name.strip() == "q" else 0.0
    except ValueError:
        return 0.0
