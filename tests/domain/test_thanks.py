"""Plain thanks are told from everything that still wants an answer."""

import pytest

from domain.thanks import only_thanks


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
