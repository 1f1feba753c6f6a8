"""`run.py check-reply`: one answer per line, in order; a bad line costs only itself."""

import io
import json
from typing import Any

from commands.check_reply import check_lines

CASE = {
    "mention": "My kettle from order KT-4410 leaks since Monday, what now?",
    "author_name": "Ines Fable",
    "brand": "Copperpot",
    "known": {
        "agent": "Noor",
        "next": "a new kettle leaves on Friday 5 June, owner Noor",
        "crm_phone": "+44 7700 900321",
    },
    "channel": "mastodon",
}
GOOD = "Hi Ines, a leaking kettle is no fun, sorry. A new one leaves on Friday for order KT-4410. Noor"


def checked(*lines: bytes) -> list[dict[str, Any]]:
    target = io.BytesIO()
    check_lines(io.BytesIO(b"\n".join(lines) + b"\n"), target)
    return [json.loads(line) for line in target.getvalue().splitlines()]


def line(id_: object, reply: str, lang: str = "en", case: object = CASE) -> bytes:
    return json.dumps({"id": id_, "lang": lang, "case": case, "reply": reply}).encode()


def rules(row: dict[str, Any]) -> set[str]:
    return {finding["rule"] for finding in row["findings"]}


def test_each_line_has_its_answer_in_order() -> None:
    found = checked(
        line("b", GOOD),
        b"",
        line(2, GOOD.replace("on Friday", "tomorrow")),
        line("a", f"{GOOD} I will ring you on +44 7700 900321."),
    )
    assert [row["id"] for row in found] == ["b", 2, "a"]
    assert rules(found[0]) == set()
    assert "over_promise" in rules(found[1])
    assert "personal_data" in rules(found[2])
    (promise,) = (each for each in found[1]["findings"] if each["rule"] == "over_promise")
    assert promise["words"] == "tomorrow"
    assert "tomorrow" not in promise["fix"]


def test_a_bad_line_gives_an_error_row_in_its_place() -> None:
    found = checked(
        b"{broken",
        json.dumps({"id": 4, "lang": "en"}).encode(),
        line(5, "Hi", lang="xx"),
        line(6, "Hi", case={"known": 7}),
        line(7, GOOD),
    )
    assert [row.get("id") for row in found] == [None, 4, 5, 6, 7]
    assert "reply" in found[1]["error"]
    assert "en, hr, hu" in found[2]["error"]
    assert found[3]["error"].startswith("line 4: case.known")
    assert "error" not in found[4]
