"""What the people of a day say, in six languages. The first posts are those of the drafting tests."""

from __future__ import annotations

from typing import Final

MATTERS: Final = ("outage", "parcel", "refund", "luggage", "app", "staff", "damaged", "charge", "cancelled")
"""Kinds of posts in `tests.responders.posts` of which a person may write twice."""
PROMISES: Final = {
    "en": "I'll write again by tomorrow noon.",
    "hr": "Javit ću se do petka.",
    "hu": "Holnap délig jelentkezem.",
    "id": "Kami kabari Kakak besok siang.",
    "lv": "Uzrakstīšu Jums līdz piektdienai.",
    "tl": "Babalikan ko po kayo bukas ng tanghali.",
}
THANKS: Final = {
    "en": "Thank you so much, all good now 🙏",
    "hr": "Hvala vam puno, sve radi",
    "hu": "Köszönöm szépen, minden rendben",
    "id": "Terima kasih banyak kak, sudah beres",
    "lv": "Liels paldies, viss kārtībā",
    "tl": "Maraming salamat po, ok na",
}
STILL: Final = {
    "en": "No, it is still broken. Nobody helped me, this is terrible.",
    "hr": "Ne, još uvijek ne radi. Nitko mi nije pomogao, užasno.",
    "hu": "Nem, még mindig nem működik. Senki nem segített, borzalmas.",
    "id": "Belum, masih rusak. Tidak ada yang membantu, parah sekali.",
    "lv": "Nē, joprojām nestrādā. Neviens nepalīdzēja, šausmīgi.",
    "tl": "Hindi, sira pa rin. Walang tumulong sa akin, grabe ang pangit.",
}
AGAIN: Final = {
    "en": "Writing once more, since nobody answers: ",
    "hr": "Pišem još jednom jer se nitko ne javlja: ",
    "hu": "Még egyszer írok, mert senki nem válaszol: ",
    "id": "Saya tulis lagi karena belum dijawab: ",
    "lv": "Rakstu vēlreiz, jo neviens neatbild: ",
    "tl": "Susulat ulit ako kasi walang sumasagot: ",
}
FURIOUS: Final = {
    "en": "YOU IDIOTS!!! THIS IS A DAMN SCAM!!! ",
    "hr": "IDIOTI JEDNI!!! OVO JE SRAMOTA!!! ",
    "hu": "IDIÓTÁK!!! EZ SZÉGYEN!!! ",
    "id": "BODOH SEMUA!!! PENIPU!!! ",
    "lv": "IDIOTI!!! KAUNS!!! ",
    "tl": "MGA BOBO KAYO!!! MANLOLOKO!!! ",
}
HEATED: Final = "You are an idiot, and it is your own fault!!! Read what you signed!!!"
"""What a tired manager types, and is stopped from sending."""
