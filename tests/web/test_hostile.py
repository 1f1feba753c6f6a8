"""What others wrote is text and nothing else, in every field, on every page."""

import pytest
from sqlmodel import select

from storage.tables import Case, MentionRow, Note, Reply
from tests.web.client import Browser, outline
from tests.web.seed import Desk, hear
from web.codepoints import is_odd

PAYLOADS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'><svg/onload=alert(1)>",
    "</textarea><script>alert(1)</script>",
    "</title></head><body onload=alert(1)>",
    "javascript:alert(1)",
    "{{ 7 * 7 }}{% raw %}${7*7}",
    "<!-- --><b>bold</b>&lt;i&gt;&#x3c;script&#x3e;",
    "[link](javascript:alert(1)) **bold** `code`",
    "\u202egnirts desrever\u202c \u200b\u2066x\u2069 p\u0430ypal \U000e0041",
    "a" * 3000 + "\u0301" * 300,
    "line\nline\n\n\tline ",
)
FIELDS = ("text", "title", "author_name", "author_handle", "lang")
HARMLESS = "a harmless text"
PAGES = (
    "/queue",
    "/queue?status=all",
    "/mentions",
    "/sources",
    "/topics?query=norda",
    "/cases/{case}",
    "/queue?q=karta",
)


async def poisoned(desk: Desk, value: str) -> int:
    """One case in which every text that anybody else can choose is this one."""
    posts = (("mastodon", "Mallory", "@mallory", 5, "Norda is broken, refund me please"),)
    if await mallory(desk) is None:
        await hear(desk, desk.brand, posts, title="t")
        await desk.jobs.run_once()
    mention = await mallory(desk)
    assert mention is not None
    assert mention.case_id is not None
    async with desk.db.write() as session:
        for field in FIELDS:
            setattr(mention, field, value)
        mention.url = "https://network.example/" + value
        mention.parts = [[value, 5.0, value]]
        await session.merge(mention)
        reply = (await session.exec(select(Reply).where(Reply.case_id == mention.case_id))).one()
        reply.text = reply.first_text = value
        reply.findings = [{"rule": value, "words": value, "advice": value, "blocking": True}]
        session.add(reply)
        note = Note(id=7, case_id=mention.case_id, user_id=desk.users["agent"], text=value, created_at=desk.clock.now())
        await session.merge(note)
        case = await session.get_one(Case, mention.case_id)
        case.author_name = case.author_handle = case.why = case.lang = value
        case.version += 1
        session.add(case)
        return case.id


async def mallory(desk: Desk) -> MentionRow | None:
    async with desk.db.read() as session:
        return (await session.exec(select(MentionRow).where(MentionRow.author_id == "@mallory"))).first()


async def outlines(desk: Desk, value: str) -> dict[str, list[str]]:
    case = await poisoned(desk, value)
    browser = await Browser.signed_in(desk, "admin")
    found = {}
    for path in PAGES:
        answer = await browser.get(path.format(case=case))
        assert answer.status == 200, (path, answer.status)
        seen = outline(answer.text)
        assert not [link for link in seen.links if link.strip().lower().startswith(("javascript", "data", "vbscript"))]
        assert not [element for element in seen.elements if element.startswith("script[") and "type" not in element]
        found[path] = without_findings(seen.elements)
    return found


SHOWN_ODD = {"p[class]", "/p", "div[data-odd-text]", "div[class,data-odd]"}
"""What the view of odd characters adds."""


FINDING = {
    "li[class]", "/li", "b[]", "/b", "q[dir]", "/q", "span[class]", "/span",
    "button[class,data-fix,formaction,name,title,value]", "/button",
}  # fmt: skip
"""What one finding of the reply contract is made of; how many there are depends on the text, as it should."""


GIST = {"dt[]", "/dt", "dd[]", "/dd", "br[]", "span[class]", "/span"}
"""What word lists find in the post and the draft."""
OVERRULING = {"button[class,formaction,name,value]", "/button", "bdi[]", "/bdi"}
"""A button for each finding that may be overruled, with the words it is about in the direction they are written in."""


def without_findings(elements: list[str]) -> list[str]:
    """Without the findings, the buttons to overrule them and the gist, among which nothing else may stand."""
    elements = [each.replace("data-overrule,hidden", "data-overrule") for each in elements]
    lists = ("data-findings", "/ul", FINDING), ("data-overrule-buttons", "/div", OVERRULING), ("data-gist", "/dl", GIST)
    for named, ends, allowed in lists:
        for start in [place for place, each in enumerate(elements) if named in each]:
            end = elements.index(ends, start)
            assert set(elements[start + 1 : end]) <= allowed
            elements = elements[: start + 1] + elements[end:]
    return elements


def structure(elements: list[str]) -> list[str]:
    """Without what shows odd characters on purpose: marks around single characters, and the note about them."""
    return [e for e in elements if not e.startswith(("mark", "/mark"))]


@pytest.fixture
async def harmless(desk: Desk) -> dict[str, list[str]]:
    return await outlines(desk, HARMLESS)


@pytest.mark.parametrize("payload", PAYLOADS)
async def test_no_text_changes_the_elements_of_any_page(desk: Desk, harmless: dict[str, list[str]], payload: str):
    again = await outlines(desk, payload)
    for path, elements in again.items():
        if is_odd(payload):
            assert set(structure(elements)) - set(structure(harmless[path])) <= SHOWN_ODD
        else:
            assert elements == harmless[path], path


async def test_the_probe_sees_a_field_that_is_not_escaped(desk: Desk, harmless: dict[str, list[str]]):
    """Sabotage: with one field unescaped the structure must differ, else the test above proves nothing."""
    template = desk.app.state.templates.get_template("case.html")
    source = template.environment.loader.get_source(template.environment, "ui.html")[0]
    assert "{{ piece.text }}" in source
    loader = template.environment.loader

    class Sabotaged:
        def load(self, environment, name, globals=None):
            code = loader.get_source(environment, name)[0]
            if name == "ui.html":
                code = code.replace("{{ piece.text }}", "{{ piece.text|safe }}")
            return environment.template_class.from_code(environment, environment.compile(code, name), globals or {})

    desk.app.state.templates.loader = Sabotaged()
    desk.app.state.templates.cache.clear()
    case = await poisoned(desk, "<script>alert(1)</script>")
    browser = await Browser.signed_in(desk, "admin")
    seen = outline((await browser.get(f"/cases/{case}")).text)
    assert "script[]" in seen.elements


async def test_an_address_that_is_no_web_address_is_no_link(desk: Desk):
    case = await poisoned(desk, HARMLESS)
    async with desk.db.write() as session:
        mention = (await session.exec(select(MentionRow).where(MentionRow.author_id == "@mallory"))).one()
        mention.url = "javascript:alert(document.cookie)//https://network.example"
        session.add(mention)
    page = await (await Browser.signed_in(desk, "agent")).get(f"/cases/{case}")
    assert "javascript:" not in page.text


async def test_characters_that_deceive_are_shown_by_their_codes(desk: Desk):
    case = await poisoned(desk, "pay p\u0430ypal \u202eevil")
    page = await (await Browser.signed_in(desk, "agent")).get(f"/cases/{case}")
    assert "U+202E" in page.text
    assert "another script inside this word" in page.text
