"""What the learned reader makes of replies, and what the contract makes of that."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bench.replies import KIND_OF, digest, replies
from domain.errors import BadInput
from domain.reply import Finding
from responders.contract import check
from responders.facts import facts_of
from responders.measuring import context_of
from responders.rules import encoder, learned, reader, speech
from responders.rules.claims import SURE
from responders.rules.speech import CLAIMS, KINDS, examples

EACH = 4
"""Examples of a kind and language that are looked at: one costs 15 ms."""
needs_reader = pytest.mark.skipif(not reader.runs(), reason="the sentence model is not installed on this machine")


def test_what_was_learned_is_of_these_very_examples_and_replies() -> None:
    """Whoever adds some has to teach anew: python3 -m bench.teach."""
    with np.load(reader.LEARNED) as kept:
        assert str(kept["digest"]) == digest()


def test_each_rule_that_is_read_has_bounds_and_replies_that_break_it() -> None:
    broken = {rule for each in replies() for rule in each.rules}
    assert set(learned.RULES) == set(reader.RULES)
    assert broken >= set(reader.RULES)
    assert set(KIND_OF.values()) <= set(KINDS)


@pytest.mark.skipif(encoder.file() is None, reason="the sentence model is not installed on this machine")
def test_where_the_model_is_installed_replies_are_read() -> None:
    assert reader.runs()


@needs_reader
@pytest.mark.parametrize("lang", speech.LANGUAGES)
def test_it_knows_its_own_examples_and_takes_few_claims_for_courtesy(
    lang: str, capsys: pytest.CaptureFixture[str]
) -> None:
    found = [line for kind in KINDS for line in [each for each in examples(lang) if each[0] == kind][:EACH]]
    # Many examples would stand in an acceptable reply as well: which kind they are is asked of the other kinds.
    known = sum(max(KINDS, key=reader.kinds(text).__getitem__) == kind for kind, text in found) / len(found)
    claims = [text for kind, text in found if kind in CLAIMS]
    missed = sum(reader.is_modest(text, SURE) for text in claims)
    with capsys.disabled():
        print(f"\nreader {lang}: {known:.0%} of its own examples known, {missed} of {len(claims)} claims missed")
    assert known >= 0.7
    assert missed <= 2


@needs_reader
def test_the_same_reply_reads_the_same_and_another_case_reads_otherwise() -> None:
    reply = ["I'm sorry about the wait, Ana.", "Your parcel leaves our depot in Osijek tomorrow before noon."]
    known = {"agent": "Iva", "next": "parcel leaves the Osijek depot tomorrow by 12:00"}
    with_it = facts_of({"mention": "Where is my parcel?", "author_name": "Ana", "known": known}, 2026)
    without = facts_of({"mention": "Where is my parcel?", "author_name": "Ana", "known": {"agent": "Iva"}}, 2026)
    first, second = reader.look(reply, with_it), reader.look(reply, without)
    assert first is not None
    assert second is not None
    assert first == reader.look(reply, with_it)
    assert first.whole[reader.GROUNDLESS] < second.whole[reader.GROUNDLESS]
    assert len(first.sentences) == 2
    assert set(first.whole) == set(reader.JUDGED)


@needs_reader
def test_a_reply_without_end_and_a_case_without_end_are_read() -> None:
    facts = facts_of({"mention": "a" * 9_000, "known": {f"k{n}": "b" * 99 for n in range(90)}}, 2026)
    look = reader.look(["word " * 400] * 40, facts)
    assert look is not None
    assert len(look.sentences) == reader.SENTENCES
    assert look.sentences[-1] == {}


def test_nothing_to_read_is_no_look() -> None:
    assert reader.look([], facts_of({"mention": "x"}, 2026)) is None


def test_learned_for_other_rules_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answers: dict[str, Any] = {"sentence.answers": np.array(["canned"])}
    np.savez(tmp_path / "old.npz", **answers)
    monkeypatch.setattr(reader, "LEARNED", tmp_path / "old.npz")
    with pytest.raises(BadInput, match=r"old\.npz: made for other rules: make it anew with"):
        reader.learned.__wrapped__()


def test_a_damaged_model_is_no_reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "model.bin").write_bytes(b"E5S1 and nothing more")
    monkeypatch.setattr(encoder, "file", lambda: tmp_path / "model.bin")
    assert reader._loaded.__wrapped__() is None


@pytest.mark.parametrize("content", [b"", b"PK", b"nothing that numpy reads"])
def test_a_damaged_file_of_what_was_learned_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    (tmp_path / "reader.npz").write_bytes(content)
    monkeypatch.setattr(reader, "LEARNED", tmp_path / "reader.npz")
    with pytest.raises(BadInput, match=r"reader\.npz: damaged .*restore it as it was delivered"):
        reader.learned.__wrapped__()


@needs_reader
def test_on_many_threads_one_model_is_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    loads: list[Path] = []

    def load(file: Path, change: object) -> object:
        loads.append(file)
        return object()

    monkeypatch.setattr(reader, "Encoder", load)
    monkeypatch.setattr(reader, "_loaded", cache(reader._loaded.__wrapped__))
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: reader._encoder(), range(8)))
    assert len(loads) == 1
    assert len(set(map(id, found))) == 1


def found_in(text: str, channel: str = "") -> list[Finding]:
    mention = "Nothing works since yesterday and nobody answers me, I am furious."
    case = {"mention": mention, "brand": "Norda", "known": {"agent": "Ada"}, "channel": channel}
    facts = facts_of(case, 2026)
    return check(text, context_of("en", facts, None))


def rules_of(text: str) -> set[str]:
    return {found.rule for found in found_in(text)}


@pytest.mark.parametrize(
    "before", ["", "I am reading what you wrote about the line. " * 13, f"I am sorry {'very ' * 200}much. "]
)
def test_what_was_not_read_is_not_let_pass(before: str) -> None:
    """A reply of many sentences, or of an endless one: lists look at all of it, the reader does not."""
    found = found_in(f"{before}We are legally liable for this and it was our negligence.")
    assert any(each.rule == "legal_admission" and each.blocking for each in found)
    assert "over_promise" in rules_of(f"{before}You will get 75 euros by Monday.")


@pytest.mark.parametrize(
    ("objection", "last", "stays"),
    [(0.0, {"over_promise": 0.0}, False), (0.6, {"over_promise": 0.0}, True), (0.0, {}, True)],
    ids=["calm", "uneasy", "not read"],
)
def test_what_a_list_found_is_let_pass_in_a_calm_reply_that_was_read(
    monkeypatch: pytest.MonkeyPatch, objection: float, last: dict[str, float], stays: bool
) -> None:
    calm = dict.fromkeys(reader.JUDGED, 0.0)
    whole = calm | {reader.OBJECTION: objection}
    look = reader.Look((calm, {**calm, **last} if last else {}), whole)
    monkeypatch.setattr(reader, "look", lambda sentences, facts: look)
    monkeypatch.setattr(reader, "kinds", lambda sentence: dict.fromkeys(speech.ALL, 0.0))
    assert ("over_promise" in rules_of("Sorry that nothing works. You will have your boiler back tomorrow.")) is stays


def test_what_stops_an_approval_is_never_let_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    calm = dict.fromkeys(reader.JUDGED, 0.0)
    monkeypatch.setattr(reader, "look", lambda sentences, facts: reader.Look((calm,) * len(sentences), calm))
    monkeypatch.setattr(reader, "kinds", lambda sentence: dict.fromkeys(speech.ALL, 0.0))
    assert any(each.blocking for each in found_in("We are legally liable for this, it was our negligence."))


TOO_MUCH = "You will have your boiler back tomorrow."
VOWED = "We guarantee that your boiler is back tomorrow."
WRONG_SUM = "You paid 340 euros for it."


@pytest.mark.parametrize(
    ("text", "of_whole", "of_sentence", "stops"),
    [
        (VOWED, {}, {"over_promise": 1.0}, True),
        (VOWED, {"over_promise": 0.1}, {"over_promise": 0.1}, False),
        (TOO_MUCH, {"over_promise": 1.0}, {"over_promise": 1.0}, False),
        (WRONG_SUM, {"unsupported_fact": 0.5}, {"unsupported_fact": 0.6}, True),
        (WRONG_SUM, {"unsupported_fact": 0.5}, {"unsupported_fact": 0.4}, False),
    ],
    ids=["both find it", "hardly read so", "a promise that can be kept", "a fact", "a fact, hardly read so"],
)
def test_what_a_list_found_stops_an_approval_where_it_reads_so_too(
    monkeypatch: pytest.MonkeyPatch, text: str, of_whole: dict[str, float], of_sentence: dict[str, float], stops: bool
) -> None:
    calm = dict.fromkeys(reader.JUDGED, 0.25)
    look = reader.Look((calm | of_sentence,), dict.fromkeys(reader.JUDGED, 0.0) | of_whole)
    monkeypatch.setattr(reader, "look", lambda sentences, facts: look)
    monkeypatch.setattr(reader, "kinds", lambda sentence: dict.fromkeys(speech.ALL, 0.0))
    found = found_in(text)
    assert found != []
    assert any(each.blocking for each in found) is stops


@needs_reader
@pytest.mark.parametrize(
    "text",
    [
        "Sorry that nothing works. Please hold the reset button for 10 seconds and let go. Ada",
        "Sorry that nothing works. Please try the 5 GHz network instead of the 2.4 GHz one. Ada",
        "You are 100% right to be angry that nothing works since yesterday. Ada",
    ],
)
def test_a_figure_in_advice_stops_nothing(text: str) -> None:
    assert not any(each.blocking for each in found_in(text))


@pytest.mark.parametrize(("objection", "too"), [(0.9, True), (0.7, False)])
def test_where_it_objects_for_sure_it_tells_what_else_it_may_be(
    monkeypatch: pytest.MonkeyPatch, objection: float, too: bool
) -> None:
    of_sentence = dict.fromkeys(reader.JUDGED, 0.0) | {"over_promise": 1.0, "defensive": 0.4}
    whole = dict.fromkeys(reader.JUDGED, 0.0) | {reader.OBJECTION: objection}
    monkeypatch.setattr(reader, "look", lambda sentences, facts: reader.Look((of_sentence,), whole))
    monkeypatch.setattr(reader, "kinds", lambda sentence: dict.fromkeys(speech.ALL, 0.0))
    assert rules_of(TOO_MUCH) == ({"over_promise", "defensive"} if too else {"over_promise"})


def test_where_nothing_is_read_there_is_only_advice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "runs", lambda: False)
    assert {each.blocking for each in found_in(TOO_MUCH)} == {False}
    assert {each.blocking for each in found_in(WRONG_SUM)} == {False}


@needs_reader
@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("Sorry that nothing works. We guarantee that this will never happen again. Ada", "over_promise"),
        ("Sorry that nothing works. A technician refunded you 340 euros this morning. Ada", "unsupported_fact"),
        ("Sorry that nothing works. Do look at our new premium plan with 20 percent off. Ada", "selling"),
        ("As we already told you, you should have read the terms before you complained. Ada", "defensive"),
    ],
)
def test_what_does_harm_does_not_leave_on_one_press(text: str, rule: str) -> None:
    assert rule in {each.rule for each in found_in(text) if each.blocking}


@needs_reader
def test_where_nobody_else_reads_nothing_private_is_shown_to_everybody(monkeypatch: pytest.MonkeyPatch) -> None:
    sure = dict.fromkeys(reader.JUDGED, 1.0)
    monkeypatch.setattr(reader, "look", lambda sentences, facts: reader.Look((sure,) * len(sentences), sure))
    assert "personal_data" in rules_of("Sorry that nothing works, Ada")
    assert "personal_data" not in {each.rule for each in found_in("Sorry that nothing works, Ada", "email")}


def test_secrets_are_not_read() -> None:
    facts = facts_of({"mention": "x", "known": {"agent": "Ada", "crm_note": "in debt"}}, 2026)
    assert reader.case_of(facts).known == ("agent: Ada",)


def test_what_we_are_at_is_no_promise() -> None:
    text = "I'm sorry that nothing works. I'll put in a word with the workshop about your boiler. Ada"
    if reader.runs():
        assert "over_promise" not in rules_of(text)
    assert "over_promise" in rules_of(f"{text}\nYou will have your boiler back by tomorrow.")


@needs_reader
@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("Sorry that nothing works. Your landlord will be able to help you further with this. Ada", "brush_off"),
        (
            "Sorry that nothing works. Our dearer line comes with a second router, which many find handy. Ada",
            "selling",
        ),
        ("Sorry that nothing works. Under the law the damage is on us and we owe you for it. Ada", "legal_admission"),
        ("Sorry that nothing works. To be fair, most of our customers manage without any trouble. Ada", "defensive"),
    ],
)
def test_what_no_list_knows_is_found_by_what_was_learned(text: str, rule: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert rule in rules_of(text)
    assert not any(found.blocking for found in found_in(text))
    monkeypatch.setattr(reader, "runs", lambda: False)
    assert rule not in rules_of(text)


def test_who_is_told_that_others_are_more_patient_is_argued_with() -> None:
    assert "defensive" in rules_of("Sorry that nothing works. Others in your street have been rather more patient. Ada")


@pytest.mark.parametrize(("objection", "found"), [(0.97, {"defensive"}), (0.9, set())])
def test_where_it_objects_to_all_of_it_the_likeliest_is_told(
    monkeypatch: pytest.MonkeyPatch, objection: float, found: set[str]
) -> None:
    each = dict.fromkeys(reader.JUDGED, 0.0) | {"defensive": 0.3, "unsupported_fact": 0.5}
    look = reader.Look((each, each), each | {reader.OBJECTION: objection})
    monkeypatch.setattr(reader, "look", lambda sentences, facts: look)
    monkeypatch.setattr(reader, "kinds", lambda sentence: dict.fromkeys(speech.ALL, 0.0))
    assert rules_of("Sorry that nothing works. I am reading what you wrote.") == found


def test_without_a_reader_the_lists_decide_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "I'm sorry that nothing works. With respect, had you read the terms this would be clear. Ada"
    monkeypatch.setattr(reader, "runs", lambda: False)
    assert "defensive" in rules_of(text)


@needs_reader
def test_who_praises_with_a_row_of_question_marks_may_be_thanked_and_no_more() -> None:
    """Such a row is a picture that got lost on the way."""
    thanks = "Hai Kak, terima kasih, kami ikut senang. Pesan seperti ini memberi kami semangat. Salam hangat. Tim Norda"
    praise = facts_of({"mention": "Bagus banget, suka sekali, terima kasih ????", "brand": "Norda"}, 2026)
    asked = facts_of({"mention": "Kapan barang saya dikirim ????", "brand": "Norda"}, 2026)
    assert not check(thanks, context_of("id", praise, None))
    assert check(thanks, context_of("id", asked, None))
