"""Plain thanks are told from everything that still wants an answer."""

import pytest

from domain.thanks import all_is_well, only_thanks


@pytest.mark.parametrize(
    "text",
    [
        "Thanks!", "thank you so much 🙏", "@norda thx, all good now", "👍", "❤️❤️", "👍🏽",
        "Hvala puno!", "hvala, sve radi",
        "Köszönöm szépen!", "köszi, már működik", "Terima kasih banyak kak 🙏", "makasih ya min",
        "Paldies par palīdzību!",
        "liels paldies, tagad strādā", "Maraming salamat po!", "salamat po, ok na", "KOSZONOM", "Thanks\n\nteam",
    ],
)  # fmt: skip
def test_thanks_in_six_languages_and_glad_signs(text: str) -> None:
    assert only_thanks(text)


@pytest.mark.parametrize(
    "text",
    [
        "", "@norda", "ok", "it works now", "Thanks, but it is still broken", "thanks for nothing", "thanks?",
        "Thanks 🙄", "😡", "👍 but where is my refund", "hvala, ali i dalje ne radi", "köszönöm, de még mindig rossz",
        "makasih tapi belum beres", "paldies, bet joprojām nestrādā", "salamat pero hindi pa rin ok", "thank you " * 20,
        "thanks 12345", "!!!",
    ],
)  # fmt: skip
def test_whatever_says_more_is_no_plain_thanks(text: str) -> None:
    assert not only_thanks(text)


@pytest.mark.parametrize(
    "text",
    [
        "Yes", "Yes, thank you!", "yes it works now", "All fine now", "It's all fine now 👍", "Thanks for asking",
        "All good, thanks for asking!", "Thank you",
        "Da", "Da, hvala", "Jest, hvala na pitanju", "Sve je u redu, hvala što pitate", "Riješeno je",
        "Igen", "Igen, köszönöm", "Igen, minden rendben van", "Köszönöm az érdeklődést", "Megoldódott, köszi!",
        "Sudah", "Sudah, makasih", "Iya kak, sudah beres", "Aman, terima kasih sudah menanyakan",
        "Jā", "Jā, paldies", "Jā, viss ir kārtībā", "Paldies, ka pajautājāt", "Viss atrisināts, paldies par rūpēm",
        "Opo", "Opo, salamat", "Opo, ayos na po", "Okay na po lahat, salamat sa pagtatanong",
    ],
)  # fmt: skip
def test_asked_whether_all_is_well_yes_is_an_answer_in_six_languages(text: str) -> None:
    assert all_is_well(text)


@pytest.mark.parametrize(
    "text",
    [
        "", "ok", "great", "again", "No", "No, thanks", "Not yet", "Yes, but the refund is missing", "Yes?", "Yes 🙄",
        "yes and no", "Yes, still broken", "thanks for nothing",
        "Ne, hvala", "Da, ali i dalje ne radi", "Još ne", "Nije",
        "Nem", "Nem, köszönöm", "Igen, de még nem", "Még nem",
        "Belum", "Belum kak, makasih", "Sudah, tapi lambat", "Tidak",
        "Nē", "Nē, paldies", "Jā, bet joprojām nestrādā", "Vēl ne",
        "Hindi", "Hindi pa po, salamat", "Opo pero mabagal", "Wala pa",
    ],
)  # fmt: skip
def test_a_no_or_anything_more_is_never_a_yes(text: str) -> None:
    assert not all_is_well(text)


@pytest.mark.parametrize("text", ["Yes, thank you!", "Da, hvala", "Igen, köszönöm", "Sudah, makasih", "Jā, paldies",
                                  "Opo, salamat", "All fine now"])  # fmt: skip
def test_a_yes_that_nobody_asked_for_is_no_plain_thanks(text: str) -> None:
    assert not only_thanks(text)
