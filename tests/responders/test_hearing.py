"""What the reader hears in a post, and what a draft makes of it beside the word lists."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from bench.posts import digest, labelled_posts
from responders.brief import Brief
from responders.contract import check
from responders.drafters import composed
from responders.drafters.asking import ASKS, REST, question_about, still_open
from responders.drafters.composed import compose
from responders.drafters.counting import spoken
from responders.drafters.details import find_details
from responders.drafters.hearing import Heard, hear
from responders.drafters.phrasebook import LANGUAGES, fold, pack
from responders.drafters.reading import PROBLEMS, Reading, read
from responders.facts import facts_of
from responders.measuring import context_of
from responders.rules import posts, reader
from responders.rules.matter import is_trouble
from responders.rules.posts import Hearing
from scoring.scorer import score_text

needs_reader = pytest.mark.skipif(not reader.runs(), reason="the sentence model is not installed on this machine")
EACH = 5
"""One of so many posts that were left out of learning is looked at: one costs 20 ms."""

HEARD = [
    ("en", "Big thanks to Oriel at the Whitby counter, she could not have been kinder.", "praise", "staff"),
    ("hr", "Slušalice su nakon tjedan dana ostale bez zvuka na lijevom uhu.", "complaint", "product"),
    ("hr", "Naručila plavu, dobila zelenu. Opet.", "complaint", "damaged"),
    ("lv", "Pasūtīju 38. izmēru, atnāca 41.", "complaint", "damaged"),
    ("lv", "Paldies Dzintrai no Cēsu veikala, tik sirsnīga apkalpošana!", "praise", "staff"),
    ("lv", "Šoferis aizcirta durvis man deguna priekšā.", "complaint", "staff"),
]
"""Posts in words that no list of ours has: the tone, and the subject where there is but one."""


def reading_of(text: str, lang: str) -> Reading:
    score = score_text(text, lang)
    return read(brief(text, lang, label=score.label, severity=score.severity))


def brief(text: str, lang: str, **more: object) -> Brief:
    return Brief(
        brand="Norwind",
        sign_off="Mia, Norwind",
        author_name="Dana Vir",
        author_handle="dana",
        mention_id="m-1",
        text=text,
        lang=lang,
        answer_lang=lang,
        **more,  # type: ignore[arg-type]
    )


@needs_reader
@pytest.mark.parametrize(("lang", "text", "tone", "kind"), HEARD)
def test_posts_in_words_of_no_list_are_heard(
    lang: str, text: str, tone: str, kind: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_reader = reading_of(text, lang)
    assert with_reader.tone == tone
    assert kind is None or with_reader.kind == kind
    monkeypatch.setattr(posts, "heard", lambda _text: None)
    alone = reading_of(text, lang)
    assert (alone.tone, alone.kind) != (tone, kind or alone.kind)


def tone_of(text: str) -> str | None:
    heard = posts.heard(text)
    return heard.tone if heard else None


def compose_from(post: Brief, heard: Heard, candidate: int) -> str:
    """The draft of whoever hears the post so."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(composed, "read", lambda given: read(given, lambda *_: heard))
        return compose(post, candidate).text


def test_what_was_learned_is_of_these_very_posts() -> None:
    """Whoever adds some has to teach anew: python3 -m bench.teach_posts."""
    with np.load(posts.LEARNED) as kept:
        assert str(kept["digest"]) == digest()


@needs_reader
def test_a_long_thread_is_read_to_its_end() -> None:
    kind = (
        "I have to say something nice for once. Your drivers on line four are a joy: Oriel waited for my mother with "
        "her stick, helped her to a seat and asked twice whether she was comfortable. The trams are clean, the new "
        "seats are soft, the heating works and I have not been late for work in months. My children love the bell and "
        "the big windows, and the app told me about the detour before I left home. We recommend it to everyone in our "
        "street, and the neighbours agree: best service in town, thank you all so much for what you do for us."
    )
    trouble = (
        "And now this: today the doors closed on my son's arm and nobody stopped. He screamed, the driver shouted at "
        "us, we waited an hour for help that never came, and your hotline hung up on me twice. His arm is broken, we "
        "spent the night in hospital, and nobody from your company has answered a single message. This is a disgrace. "
        "I have never been treated so badly, I am furious, and I want to know who is responsible for such doors."
    )
    heard = posts.heard(f"{kind}\n{trouble}")
    assert heard is not None
    assert tone_of(kind) == "praise"
    assert tone_of(f"{kind}\n{trouble}") == posts.COMPLAINT


@needs_reader
def test_posts_that_were_left_out_are_heard(capsys: pytest.CaptureFixture[str]) -> None:
    left = [post for post in labelled_posts() if post.is_left_out][::EACH]
    heard = [(post, look) for post in left if (look := posts.heard(post.text))]
    tones = sum(max(look.tones, key=look.tones.__getitem__) == post.tone for post, look in heard) / len(heard)
    troubles = [(post, look) for post, look in heard if post.tone == posts.COMPLAINT]
    named = [
        max(look.subjects, key=look.subjects.__getitem__) in (post.subject, post.second) for post, look in troubles
    ]
    with capsys.disabled():
        print(f"\nposts left out: {tones:.0%} of {len(heard)} tones, {sum(named) / len(named):.0%} of subjects heard")
    assert tones >= 0.87
    assert sum(named) / len(named) >= 0.55


def hearing(complaint: float, praise: float, **subjects: float) -> Hearing:
    return Hearing({posts.COMPLAINT: complaint, "praise": praise, "thanks": 0.0}, subjects, {})


def test_what_may_be_praise_or_irony_is_ambiguous() -> None:
    assert hearing(0.6, 0.4).is_ambiguous
    assert hearing(0.1, 0.9).is_ambiguous
    assert not hearing(0.99, 0.01).is_ambiguous
    assert not hearing(0.01, 0.99).is_ambiguous


BILL = "You sent a bill of 30 euros, it is wrong"
PRAISE = "Thank you, great crew, wonderful flight, lovely food and such kind words from all of you"


@pytest.mark.parametrize(
    ("text", "heard", "severity", "tone"),
    [
        (BILL, Heard("question", is_certain=True), 1, "question"),
        (BILL, Heard("suggestion", is_certain=True), 1, "suggestion"),
        (BILL, Heard("praise", is_certain=True), 2, "praise"),
        (BILL, Heard("praise"), 2, "complaint"),
        (BILL, Heard("question"), 1, "complaint"),
        (BILL, Heard("praise", is_certain=True), 3, "complaint"),
        (BILL, Heard("question", is_certain=True, is_safe=False), 1, "complaint"),
        (BILL, Heard("suggestion"), 2, "complaint"),
        ("And what about a train at night, then?", Heard("suggestion", is_certain=True), 0, "question"),
        (BILL, Heard("thanks", is_certain=True), 1, "complaint"),
        ("How do I turn this off, I cannot find it", Heard("complaint", is_certain=True), 0, "question"),
        (
            "Great crew and food, thank you, but I left my jacket on board",
            Heard("praise", is_certain=True),
            0,
            "complaint",
        ),
        ("Great crew and food, thank you, but my seat was broken", Heard("praise"), 0, "complaint"),
        (PRAISE, Heard("complaint", is_certain=True), 0, "complaint"),
        (PRAISE, Heard("complaint"), 0, "praise"),
        ("Great crew, thank you, lovely food", Heard("complaint", is_certain=True), 0, "praise"),
    ],
)
def test_whose_word_on_the_tone_counts(text: str, heard: Heard, severity: int, tone: str) -> None:
    label = "positive" if text == PRAISE or severity == 0 else "negative"
    assert read(brief(text, "en", label=label, severity=severity), lambda *_: heard).tone == tone


@pytest.mark.parametrize(("words", "tone"), [(9, "praise"), (10, "complaint")])
def test_kind_words_in_a_short_post_are_meant(words: int, tone: str) -> None:
    text = " ".join(["thank", "you", *["great"] * (words - 2)])
    heard = Heard("complaint", is_certain=True)
    assert read(brief(text, "en", label="positive"), lambda *_: heard).tone == tone


@pytest.mark.parametrize(("more", "nouns"), [(0, ("the coffee", "the counter")), (1, ())])
def test_a_long_story_names_no_thing_by_the_way(more: int, nouns: tuple[str, ...]) -> None:
    """Twenty words, and one more."""
    text = "The coffee stood before me, and then nobody came to the counter for all of that long afternoon of mine"
    text += " too" * more
    assert len(text.split()) == 20 + more
    heard = Heard("complaint", subjects={"staff": 0.7, "other": 0.3}, is_certain=True)
    assert read(brief(text, "en", label="negative", severity=1), lambda *_: heard).nouns == nouns


def test_who_heard_no_trouble_has_not_heard_which() -> None:
    heard = Heard("thanks", subjects={"none": 1.0, "outage": 0.0}, is_certain=True)
    found = read(brief("Great, another outage. Love it, thanks a lot", "en", label="positive"), lambda *_: heard)
    assert (found.tone, found.kind, found.firm) == ("complaint", "outage", True)


def test_who_only_heard_the_kind_does_not_say_how_it_went_wrong() -> None:
    heard = Heard("complaint", subjects={"parcel": 0.9, "other": 0.1})
    post = brief("The man threw it over our fence into the wet grass.", "en", label="negative")
    texts = [compose_from(post, heard, candidate) for candidate in range(3)]
    assert all("order" in text for text in texts)
    own = pack("en")
    exact = [line.format(order=own.raw["what"]["order"]) for line in own.lines("kinds.parcel.said")]
    assert not any(line in text for line in exact for text in texts)
    listed = brief("My parcel has not arrived.", "en", label="negative")
    assert all(any(line in compose_from(listed, heard, number) for line in exact) for number in range(3))


def test_a_second_subject_is_told_only_where_both_are_heard() -> None:
    assert Heard("complaint", subjects={"refund": 0.45, "staff": 0.4}).beside("refund") == "staff"
    assert Heard("complaint", subjects={"refund": 0.1, "staff": 0.8}).beside("refund") is None


def test_a_question_names_only_what_is_clear() -> None:
    text = "Do you have this at your place too"
    unclear = read(brief(text, "en"), lambda *_: Heard("question", subjects={"booking": 0.8, "other": 0.1}))
    clear = read(brief(text, "en"), lambda *_: Heard("question", subjects={"booking": 0.95, "other": 0.01}))
    assert (unclear.kind, clear.kind) == ("question", "booking")


def test_a_thing_that_a_question_mentions_by_the_way_is_not_named() -> None:
    text = "Can I bring the pushchair"
    assert read(brief(text, "en"), lambda *_: Heard("question", subjects={"hours": 0.4, "other": 0.6})).nouns == ()
    trouble = brief("The pushchair is soaking wet", "en", label="negative")
    assert read(trouble, lambda *_: Heard("complaint", subjects={"other": 0.9})).nouns != ()


def test_who_told_a_story_to_the_end_hears_what_we_do_with_it() -> None:
    story = brief("Stayed two nights in the room right over the kitchen, the fan there starts at five", "en")
    texts = [compose_from(story, Heard(subjects={"none": 0.9}, told=frozenset({"how", "wish"})), n) for n in range(3)]
    assert all(any(line in text for line in pack("en").lines("next.complaint")) for text in texts)
    asked = compose_from(story, Heard(subjects={"none": 0.9}), 0)
    assert "?" in asked


def test_a_remark_about_nothing_that_can_be_named_is_greeted() -> None:
    remark = brief("Lounge day with the kids", "en", label="positive")
    assert read(remark, lambda *_: Heard(subjects={"comfort": 0.9, "none": 0.1})).tone == "note"
    assert read(remark, lambda *_: Heard(subjects={"comfort": 0.02, "none": 0.98})).tone == "chat"


def test_who_told_of_two_prices_is_not_asked_which_one() -> None:
    post = brief("The tariff went from 20 to 31, that is too expensive", "en", label="negative")
    heard = Heard("complaint", subjects={"price": 0.98})
    asks = pack("en").lines("ask.offer")
    assert any(line in compose_from(post, heard, 0) for line in asks)
    assert not any(line in compose_from(post, replace(heard, told=frozenset({"how"})), 0) for line in asks)


def test_a_suggestion_is_thanked_for_and_passed_on_without_asides() -> None:
    heard = Heard("suggestion", subjects={"app": 0.9}, is_certain=True)
    text = compose_from(brief("Please put a button for that into your app.", "en"), heard, 0)
    assert not any(line.split("{about}")[0] in text for line in pack("en").lines("also.lines"))


@pytest.mark.parametrize(("told", "asks"), [(frozenset({"how"}), False), (frozenset(), True)])
def test_who_told_what_happened_is_not_asked(told: frozenset[str], asks: bool) -> None:
    heard = Heard("complaint", subjects={"other": 1.0}, told=told)
    text = compose_from(brief("The street lamp at our door is dark.", "en", label="negative"), heard, 0)
    assert ("?" in text) is asks


def test_what_the_lists_found_stands_unless_the_reader_hears_nothing_of_it() -> None:
    heard = Heard("complaint", subjects={"parcel": 0.2, "refund": 0.75, "staff": 0.002, "other": 0.03})
    assert heard.subject("parcel", (), is_firm=True) == ("parcel", True)
    assert heard.subject("staff", (), is_firm=True) == ("staff", True)
    clear = Heard("complaint", subjects={"refund": 0.85, "staff": 0.002, "other": 0.13})
    assert clear.subject("staff", (), is_firm=True) == ("refund", True)
    assert heard.subject("parcel", (), is_firm=False) == ("refund", True)
    assert heard.subject("other", (), is_firm=False) == ("refund", True)


def test_a_subject_that_no_list_has_a_word_of_has_to_be_heard_clearly() -> None:
    heard = Heard("complaint", subjects={"refund": 0.6, "charge": 0.4})
    assert heard.subject("other", (), is_firm=False) == ("other", False)
    assert heard.subject("other", {"refund"}, is_firm=False) == ("refund", True)


def test_where_the_reader_is_unsure_nothing_is_named_for_certain() -> None:
    heard = Heard("complaint", subjects={"refund": 0.45, "charge": 0.2, "other": 0.35, "safety": 0.001})
    assert heard.subject("other", {"refund"}, is_firm=False) == ("refund", False)
    unlike = Heard("complaint", subjects={"other": 0.9, "refund": 0.002})
    assert unlike.subject("other", {"refund"}, is_firm=False) == ("other", False)


def test_danger_that_the_lists_find_is_never_talked_away() -> None:
    heard = Heard("praise", subjects={"food": 0.9, "safety": 0.001})
    assert heard.subject("safety", (), is_firm=True) == ("safety", True)


def test_a_kind_that_the_reader_does_not_know_is_left_to_the_lists() -> None:
    heard = Heard("complaint", subjects={"food": 0.4, "other": 0.6})
    assert heard.subject("newer", (), is_firm=True) == ("newer", True)
    assert set(posts.SUBJECTS) == {*PROBLEMS, "hours", "other", posts.NOTHING}


def test_in_a_language_that_we_do_not_write_only_trouble_is_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    tones = dict.fromkeys(posts.TONES, 0.0) | {"praise": 1.0}
    hearing = posts.Hearing(tones, {"parcel": 1.0}, dict.fromkeys(posts.TOLD, 1.0))
    monkeypatch.setattr(posts, "heard", lambda _text: hearing)
    assert hear("Danke", "de") == Heard()
    assert hear("Thanks", "en").tone == "praise"


def test_where_nothing_is_read_the_lists_decide() -> None:
    assert Heard().subject("parcel", (), is_firm=True) == ("parcel", True)
    assert Heard().beside("parcel") is None
    assert Heard().meant(["rude", "not arrived"]) == ("rude", "not arrived")


def test_what_stands_for_something_unheard_is_left_out() -> None:
    heard = Heard("complaint", subjects={"parcel": 0.9, "staff": 0.001, "fraud": 0.001})
    assert heard.meant(["rude", "not arrived", "seat"]) == ("not arrived", "seat")
    assert heard.meant(["phishing"]) == ("phishing",)


@pytest.mark.parametrize(
    ("asked", "told", "left"),
    [
        ("where_when", set(), "where_when"),
        ("where_when", {"where"}, "when"),
        ("where_when", {"when"}, "spot"),
        ("where_when", {"where", "when"}, ""),
        ("device", {"how"}, "gadget"),
        ("device", {"device"}, "symptom"),
        ("device", {"how", "device"}, ""),
        ("use", {"how"}, ""),
        ("which", {"where"}, ""),
        ("where", {"when"}, "area"),
        ("where", {"where"}, ""),
        ("more", {"wish"}, ""),
        ("what_for", {"when"}, "what_for"),
        ("happened", {"wish"}, "happened"),
        ("happened", {"how"}, ""),
    ],
)
def test_only_what_is_left_is_asked(asked: str, told: set[str], left: str) -> None:
    assert still_open(asked, frozenset(told)) == left


def test_every_question_and_every_rest_of_one_has_its_sentences() -> None:
    rests = {rest for parts in REST.values() for _, rest in parts if rest}
    assert {name for parts in REST.values() for enough, _ in parts for name in enough} <= {*posts.TOLD, "device"}
    for lang in LANGUAGES:
        assert all(len(pack(lang).lines(f"ask.{name}")) >= 3 for name in {*ASKS.values(), *rests, "help"})


@needs_reader
@pytest.mark.parametrize(
    ("lang", "text", "unasked"),
    [
        ("en", "The app crashes on my Pixel 7 whenever I open the basket.", ("device", "gadget", "symptom")),
        ("hr", "Aplikacija se na mom Pixelu 7 ruši čim otvorim košaricu.", ("device", "gadget", "symptom")),
        (
            "en",
            "The waiter at your Whitby place threw menus at us on Sunday evening.",
            ("where_when", "when", "spot"),
        ),
        ("hu", "A pincér vasárnap este a váci étteremben hozzánk vágta az étlapot.", ("where_when", "when", "spot")),
    ],
)
def test_nobody_is_asked_what_stands_in_the_post(lang: str, text: str, unasked: tuple[str, ...]) -> None:
    score = score_text(text, lang)
    asked = {line for name in unasked for line in pack(lang).lines(f"ask.{name}")}
    for candidate in range(3):
        draft = compose(brief(text, lang, label=score.label, severity=score.severity), candidate)
        assert not [line for line in asked if line in draft.text]


@needs_reader
@pytest.mark.parametrize(
    ("lang", "post", "reply"),
    [
        ("hr", "Naručila plavu, dobila zelenu. Opet.", "Hvala Vam što ste nam pisali, Dana. Lijep pozdrav!"),
        ("lv", "Pasūtīju 38. izmēru, atnāca 41.", "Paldies, ka mums uzrakstījāt, Dana! Jauku dienu!"),
    ],
)
def test_who_only_thanks_for_trouble_that_no_list_knows_brushes_off(lang: str, post: str, reply: str) -> None:
    facts = facts_of({"mention": post, "author_name": "Dana"}, 2026)
    assert "brush_off" in {each.rule for each in check(reply, context_of(lang, facts, None))}


@pytest.mark.parametrize(
    ("lang", "text", "number"),
    [
        ("en", "My parcel has not arrived, it is two weeks late.", "order number"),
        ("hr", "Paket mi nije stigao, kasni već dva tjedna.", "broj narudžbe"),
        ("hu", "Nem érkezett meg a csomagom, két hete késik.", "a rendelésszámot"),
        ("en", "You charged me twice this month.", "reference number"),
        ("en", "My parcel was left at the bus station and has not arrived.", "order number"),
        ("en", "I want my money back for the cancelled train, the refund has not come.", "booking reference"),
    ],
)
def test_people_are_asked_for_the_number_that_they_have(lang: str, text: str, number: str) -> None:
    drafts = [compose(brief(text, lang, label="negative"), candidate).text for candidate in range(3)]
    assert all(number in draft for draft in drafts)


@pytest.mark.parametrize(
    ("lang", "text", "is_told"),
    [
        ("en", "It crashes on my Pixel 7.", True),
        ("hr", "Ruši se na mom iPhoneu.", True),
        ("id", "Aplikasinya macet terus.", False),
        ("hr", "Operater mi nije pomogao.", False),
        ("en", "The washing machine is opposite the door.", False),
    ],
)
def test_a_device_is_a_name_of_one(lang: str, text: str, is_told: bool) -> None:
    assert find_details(pack(lang), text, fold(text)).has_device is is_told


def test_a_machine_of_ours_runs_on_no_device_of_theirs() -> None:
    assert question_about("app", ["ticket machine"]) == "where_when"
    assert question_about("app", ["seat", "crash"]) == "device"


def test_who_tells_of_harm_is_asked_how_people_are() -> None:
    assert question_about("safety", ["train", "injury"]) == "help"
    assert question_about("safety", ["danger"]) == "where_when"
    assert question_about("damaged", ["fire"]) != "help"


@needs_reader
def test_danger_or_a_foreign_language_lets_no_merry_tone_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    tones = {posts.COMPLAINT: 0.0, "praise": 1.0, "thanks": 0.0}
    monkeypatch.setattr(posts, "heard", lambda _post: Hearing(tones, {}, {}))
    plain = context_of("en", facts_of({"mention": "Not my colour, sadly."}, 2026), None)
    assert not is_trouble(plain)
    danger = context_of("en", facts_of({"mention": "The charger caught fire and burnt my hand."}, 2026), None)
    assert is_trouble(danger)
    foreign = context_of("en", facts_of({"mention": "This is terrible."}, 2026), lambda _text: "de")
    assert is_trouble(foreign)


@pytest.mark.parametrize(
    ("lang", "said"), [("hr", "2,5 sata"), ("hu", "2,5 óra"), ("en", "2.5 hours"), ("tl", "2.5 oras")]
)
def test_a_length_of_time_is_written_as_the_language_writes_numbers(lang: str, said: str) -> None:
    assert spoken(pack(lang), "2.5", "hour") == said
