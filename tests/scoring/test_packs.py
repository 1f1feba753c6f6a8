"""The same stories, told by customers in each language that has a pack of its own. Sentences and people are ours."""

from typing import Any

import pytest

from scoring.scorer import score_text

FIRST = {  # severity 3: must be answered first
    "billing": {
        "charged after leaving": {
            "hr": "Već treći mjesec mi skidate 12 eura za uslugu koju sam otkazala u siječnju.",
            "hu": "Már harmadik hónapja vonjátok a pénzt egy lemondott csomagért.",
            "id": "Udah 3 bulan masih dipotong padahal langganan udah gue stop.",
            "lv": "Jau trešo mēnesi noņemat naudu par pakalpojumu, no kura atteicos.",
            "tl": "3 months na kayong nagbabawas kahit pina-cut ko na yung plan.",
        },
        "paid, and nothing came": {
            "hr": "Uplatio sam 350 eura i sad se nitko ne javlja.",
            "hu": "Kifizettem 40 ezret, azóta semmi.",
            "id": "Udah transfer 500rb, barang ga dikirim, nomor diblokir.",
            "lv": "Samaksāju 90 eiro, ne preces, ne atbildes.",
            "tl": "Nagbayad na ako ng 2k tapos blinock na ako.",
        },
        "double charge": {
            "hr": "Za jednu kartu ste mi dvaput naplatili, tko će mi to vratiti?",
            "hu": "Egy jegyért kétszer vontátok le az árát, nem vagyok elégedett.",
            "id": "Kok saldo saya kepotong dua kali buat satu pesanan?",
            "lv": "Par vienu biļeti man divreiz noņēma naudu no konta!",
            "tl": "Na-double charge po ako sa isang order, pakiayos naman.",
        },
        "fraud": {
            "hr": "Ovo je prijevara, prevarili ste me za 200 eura.",
            "hu": "Csalók vagytok, átvertetek.",
            "id": "Penipu! Uang sudah ditransfer barang fiktif.",
            "lv": "Jūs esat krāpnieki, mani apkrāpa par 80 eiro.",
            "tl": "Manloloko kayo, naloko ako ng 3,000.",
        },
        "money gone": {
            "hr": "Nestao mi je novac s računa preko noći.",
            "hu": "Eltűnt a pénzem a számláról.",
            "id": "Duit gw di rekening tiba2 raib, gimana ini??",
            "lv": "No konta pazudusi visa nauda.",
            "tl": "Biglang nawala yung pera ko sa app nyo.",
        },
    },
    "safety": {
        "oxygen and no power": {
            "hr": "Baka je na kisiku, a struje nema od jutros.",
            "hu": "Édesapám lélegeztetőn van, és reggel óta nincs áram.",
            "id": "Bapak saya pakai oksigen, listrik mati dari pagi.",
            "lv": "Tēvam vajadzīgs skābeklis, bet no rīta nav elektrības.",
            "tl": "Naka-oxygen po ang tatay ko, walang kuryente mula umaga.",
        },
        "glass in food": {
            "hr": "U bananama našla staklo, dijete se porezalo.",
            "hu": "Üvegszilánk volt a kenyérben, elvágta a szám.",
            "id": "Ada pecahan kaca di rotinya, mulut anak saya luka.",
            "lv": "Maizē bija stikls, bērns sagrieza muti.",
            "tl": "May bubog sa tinapay, nasugatan ang bibig ng anak ko.",
        },
        "fire": {
            "hr": "Punjač se noćas zapalio dok smo spavali.",
            "hu": "A töltő kigyulladt az éjjel.",
            "id": "Chargernya meledak pas lagi dipake.",
            "lv": "Lādētājs naktī aizdegās.",
            "tl": "Sumabog po yung charger habang naka-saksak.",
        },
        "poisoning": {
            "hr": "Cijela obitelj je završila s trovanjem hranom nakon vaše pizze.",
            "hu": "Ételmérgezést kaptunk a tegnapi menütől.",
            "id": "Habis makan di sini sekeluarga keracunan.",
            "lv": "Pēc jūsu salātiem saindējāmies visi trīs.",
            "tl": "Sumakit ang tiyan naming lahat at nagsuka pagkatapos kumain dyan.",
        },
        "injury": {
            "hr": "Moj sin se ozlijedio na vašim stepenicama, bili smo u bolnici.",
            "hu": "A fiam megsérült az üzletben, mentőt kellett hívni.",
            "id": "Anak saya terluka kena rak toko dan masuk rumah sakit.",
            "lv": "Dēls savainojās jūsu veikalā, bijām slimnīcā.",
            "tl": "Nasugatan ang anak ko sa sirang upuan nyo, naospital pa.",
        },
        "vulnerable": {
            "hr": "Mama mi je u invalidskim kolicima, a lift opet ne radi.",
            "hu": "Édesanyám kerekesszékes, és a lift megint nem működik.",
            "id": "Ibu saya pakai kursi roda dan lift rusak lagi.",
            "lv": "Mammai ir ratiņkrēsls, bet lifts atkal nestrādā.",
            "tl": "Naka-wheelchair ang nanay ko tapos sira na naman ang elevator.",
        },
    },
    "service": {
        "left at night": {
            "hr": "Autobus je otišao bez nas, ostali smo na benzinskoj u tri ujutro.",
            "hu": "A busz elment nélkülünk, hajnali háromkor állunk egy benzinkúton.",
            "id": "Ditinggal bus di rest area jam 3 pagi.",
            "lv": "Autobuss aizbrauca bez mums, trijos naktī stāvam benzīntankā.",
            "tl": "Iniwan kami ng bus sa terminal ng alas tres ng umaga.",
        },
        "stranded": {
            "hr": "Zaglavili smo na kolodvoru s dvoje djece, nitko ništa ne zna.",
            "hu": "Itt ragadtunk a reptéren két gyerekkel, senki nem mond semmit.",
            "id": "Kami terlantar di bandara sama dua anak, ga ada yang jelasin.",
            "lv": "Esam iestrēguši lidostā ar diviem bērniem, neviens neko nesaka.",
            "tl": "Stranded kami sa terminal kasama ang dalawang bata, hindi kami makauwi.",
        },
    },
    "legal": {
        "lawyer": {
            "hr": "Dosta mi je, u ponedjeljak idem odvjetniku i tužit ću vas.",
            "hu": "Elég volt, hétfőn megyek az ügyvédhez, beperellek titeket.",
            "id": "Mengecewakan! Kalau besok tidak beres, pengacara saya yang urus.",
            "lv": "Man pietiek, kauns! Pirmdien eju pie advokāta, tiekamies tiesā.",
            "tl": "Nakakainis na, kakausapin ko na abogado ko, idedemanda ko kayo.",
        },
        "authority": {
            "hr": "Sramota, prijavljujem vas inspekciji.",
            "hu": "Felháborító, a fogyasztóvédelemhez fordulok.",
            "id": "Parah, saya lapor ke YLKI saja.",
            "lv": "Nekaunība, rakstīšu sūdzību PTAC.",
            "tl": "Nakakagalit, irereklamo ko kayo sa DTI.",
        },
    },
    "press": {
        "press": {
            "hr": "Katastrofa od firme, zovem novinare.",
            "hu": "Botrányos cég, megírom az újságíróknak.",
            "id": "Pelayanan buruk, saya viralkan ke media.",
            "lv": "Briesmīgs uzņēmums, zvanu žurnālistiem.",
            "tl": "Bastos ang staff, ipapa-Tulfo ko kayo.",
        },
    },
    "privacy": {
        "somebody else's bill": {
            "hr": "Dobio sam na mail račun nekog drugog korisnika s njegovim OIB-om.",
            "hu": "Egy másik ügyfél számláját küldtétek nekem a lakcímével.",
            "id": "Kok saya bisa liat alamat dan no hp pelanggan lain di aplikasi.",
            "lv": "Atsūtījāt man cita klienta rēķinu ar viņa adresi.",
            "tl": "Bakit nakikita ko ang address ng ibang customer sa app?",
        },
        "hacked": {
            "hr": "Netko mi je hakirao račun kod vas!",
            "hu": "Feltörték a fiókomat nálatok!",
            "id": "Akun saya dibobol orang!",
            "lv": "Kāds uzlauzis manu kontu pie jums!",
            "tl": "Na-hack ang account ko sa inyo!",
        },
        "data leak": {
            "hr": "U aplikaciji vidim tuđe podatke, kako je to moguće?",
            "hu": "Más ügyfél adatait látom az appban, ez mi?",
            "id": "Kok data pribadi saya bisa tersebar?",
            "lv": "Lietotnē redzu svešus datus, kā tas var būt?",
            "tl": "Bakit kumalat ang number ko at personal info?",
        },
        "phishing": {
            "hr": "Dobila sam lažni SMS u vaše ime, traže broj kartice.",
            "hu": "Hamis SMS-t kaptam a nevetekben, kártyaszámot kér.",
            "id": "Ada yang nelpon ngaku dari CS kalian minta OTP.",
            "lv": "Saņēmu viltus SMS jūsu vārdā, prasa kartes datus.",
            "tl": "May nagpapanggap na staff nyo at nanghihingi ng OTP.",
        },
    },
    "outage": {
        "repeated, and nobody answers": {
            "hr": "Treći put ovaj mjesec nemamo interneta, a nitko se ne javlja.",
            "hu": "Harmadszor nincs internet a hónapban, és nem veszik fel a telefont.",
            "id": "Udah ketiga kalinya internet mati, CS ga bisa dihubungi.",
            "lv": "Trešo reizi mēnesī nav interneta, un neviens neatbild.",
            "tl": "Pangatlong beses nang walang internet, walang sumasagot sa hotline.",
        },
    },
}
TODAY = {  # severity 2: a complaint for today
    "service": {
        "rude": {
            "hr": "Konobarica je bila bezobrazna.",
            "hu": "A pénztáros bunkó volt.",
            "id": "Kasirnya judes banget.",
            "lv": "Pārdevēja bija rupja.",
            "tl": "Ang sungit ng kahera.",
        },
        "queue": {
            "hr": "Gužva i samo jedna blagajna radi, čekali smo 40 minuta.",
            "hu": "Hosszú sor, egyetlen pénztár, 40 percet vártunk.",
            "id": "Antri lama banget cuma satu kasir.",
            "lv": "Gara rinda un tikai viena kase, gaidījām 40 minūtes.",
            "tl": "Ang haba ng pila, iisang cashier, ang tagal.",
        },
    },
    "product": {
        "crash": {
            "hr": "Nakon ažuriranja aplikacija se stalno ruši.",
            "hu": "A frissítés óta lefagy az app.",
            "id": "Habis update aplikasinya force close terus, gagal dibuka.",
            "lv": "Pēc atjauninājuma lietotne uzkaras.",
            "tl": "Nagka-crash ang app pagkatapos ng update, hindi ma-open.",
        },
    },
    "outage": {
        "cannot sign in": {
            "hr": "Od jučer se ne mogu prijaviti u aplikaciju.",
            "hu": "Tegnap óta nem tudok belépni.",
            "id": "Dari kemarin ga bisa login.",
            "lv": "Kopš vakardienas nevaru pieslēgties.",
            "tl": "Di po ako maka-login mula kahapon.",
        },
        "no power": {
            "hr": "Opet nema struje u našoj ulici.",
            "hu": "Megint nincs áram az utcában.",
            "id": "Mati lampu lagi di sini.",
            "lv": "Atkal nav elektrības mūsu ielā.",
            "tl": "Wala na namang kuryente dito, brownout ulit.",
        },
    },
    "billing": {
        "refund": {
            "hr": "Kad ću dobiti povrat novca? Loše je to.",
            "hu": "Mikor kapom vissza a pénzem? Rossz ez így.",
            "id": "Refund kok lama, kecewa.",
            "lv": "Kad atmaksāsiet naudu? Slikti.",
            "tl": "Ang tagal ng refund nyo.",
        },
        "payment failed": {
            "hr": "Kartica mi je odbijena, a na računu ima novca.",
            "hu": "Elutasította a kártyámat a terminál.",
            "id": "Pembayaran gagal terus padahal saldo cukup.",
            "lv": "Karte tika noraidīta, maksājums neizdevās.",
            "tl": "Hindi po ako makabayad, ayaw tanggapin ang card.",
        },
        "cannot cancel": {
            "hr": "Ne mogu otkazati pretplatu, gumb ne radi.",
            "hu": "Nem tudom lemondani az előfizetést.",
            "id": "Susah banget berhenti langganan, ga bisa.",
            "lv": "Nevaru atteikties no abonementa.",
            "tl": "Hindi ko ma-cancel ang subscription.",
        },
    },
}
CALM = {  # severity 0 and the label
    "praise": {
        "positive": {
            "hr": "Kurir je bio ljubazan i brz, hvala vam!",
            "hu": "Kedves és gyors volt a futár, köszönöm!",
            "id": "Kurirnya ramah, pengiriman cepat, makasih!",
            "lv": "Kurjers bija laipns un ātrs, paldies!",
            "tl": "Mabait ang rider at ang bilis dumating, salamat po!",
        },
    },
}
THEMES = (
    ("delivery", "hr", "Poslali ste mi krivu veličinu."),
    ("delivery", "hu", "Rossz méretet küldtetek."),
    ("delivery", "id", "Barangnya ga sesuai pesanan, salah warna."),
    ("delivery", "lv", "Atsūtījāt nepareizu izmēru."),
    ("delivery", "tl", "Maling kulay po yung dumating."),
    ("delivery", "hr", "Gdje je moj paket, već tjedan dana ništa."),
    ("delivery", "hu", "Hol van a csomagom?"),
    ("delivery", "id", "Paket sy blm sampe jg."),
    ("delivery", "id", "Parcel tak sampai lagi ni."),
    ("delivery", "lv", "Kur ir mans sūtījums?"),
    ("delivery", "tl", "Di pa po dumadating yung order ko."),
    ("product", "hr", "Jogurtu je istekao rok."),
    ("product", "hu", "Lejárt szavatosságú joghurtot kaptam."),
    ("product", "id", "Rotinya udah jamuran."),
    ("product", "lv", "Maize bija sapelējusi."),
    ("product", "tl", "May amag na yung tinapay."),
    ("product", "hr", "Stiglo je razbijeno."),
    ("product", "hu", "Sérülten érkezett a doboz."),
    ("product", "id", "Barang sampai dalam keadaan penyok."),
    ("product", "lv", "Kaste atnāca saplēsta."),
    ("product", "tl", "Basag po nung dumating."),
    ("spam", "hr", "Zarada od kuće, klikni na link u opisu."),
    ("spam", "hu", "Otthoni munka, havi kereset félmillió, kattints!"),
    ("spam", "id", "Dana cepat cair tanpa agunan, klik link di bio."),
    ("spam", "lv", "Nopelni no mājām, spied uz saites."),
    ("spam", "tl", "Extra income po, pm sent."),
    ("billing", "hr", "Zašto ste digli cijenu, preskupo je."),
    ("billing", "hu", "Megint drágább lett."),
    ("billing", "id", "Ongkirnya mahal."),
    ("billing", "lv", "Cena ir par augstu."),
    ("billing", "tl", "Ang mahal na ng load."),
    ("safety", "hr", "МАЈКА МИ ЈЕ ТРУДНА, А ЛИФТ НЕ РАДИ"),
    ("billing", "hr", "Двапут сте ми наплатили исту ствар"),
)


def told(stories: dict[str, dict[str, dict[str, str]]]) -> list[Any]:
    return [
        pytest.param(theme, lang, text, id=f"{lang}: {story}")
        for theme, kinds in stories.items()
        for story, texts in kinds.items()
        for lang, text in texts.items()
    ]


@pytest.mark.parametrize(("theme", "lang", "text"), told(FIRST))
def test_what_must_be_answered_first_is_seen(theme: str, lang: str, text: str) -> None:
    score = score_text(text, lang)
    assert (theme in score.themes, score.severity) == (True, 3), score


@pytest.mark.parametrize(("theme", "lang", "text"), told(TODAY))
def test_a_complaint_for_today(theme: str, lang: str, text: str) -> None:
    score = score_text(text, lang)
    assert (theme in score.themes, score.severity) == (True, 2), score


@pytest.mark.parametrize(("theme", "lang", "text"), told(CALM))
def test_praise_asks_for_nothing(theme: str, lang: str, text: str) -> None:
    score = score_text(text, lang)
    assert (theme in score.themes, score.severity, score.label) == (True, 0, "positive"), score


@pytest.mark.parametrize(("theme", "lang", "text"), THEMES)
def test_the_theme_is_named(theme: str, lang: str, text: str) -> None:
    assert theme in score_text(text, lang).themes


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("hr", "Svaka čast, opet kasnite."),
        ("hu", "Szuper, megint nem jön a busz."),
        ("id", "Mantap, telat lagi."),
        ("lv", "Lieliski, atkal nekā."),
        ("tl", "Salamat sa wala, ha."),
    ],
)
def test_praise_turned_around_is_negative(lang: str, text: str) -> None:
    assert score_text(text, lang).label == "negative"


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("hr", "Imate li dostavu i na otoke?"),
        ("hu", "Meddig vagytok nyitva szombaton?"),
        ("id", "Jam berapa tokonya tutup?"),
        ("lv", "Cikos jūs sestdien slēdzat?"),
        ("tl", "Anong oras po kayo magsasara bukas?"),
    ],
)
def test_a_plain_question_is_no_trouble(lang: str, text: str) -> None:
    score = score_text(text, lang)
    assert (score.severity, "question" in score.themes, score.needs_answer) == (0, True, True), score
