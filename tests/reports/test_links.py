"""The page: every number on it is a link that opens exactly as many items as it says."""

import re
from html import unescape
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from reports.definitions import DEFINITIONS
from tests.reports.conftest import History
from tests.web.client import Browser
from tests.web.seed import Desk

PERIODS = ("days=28&zone=Australia/Adelaide", "days=7", "since=2026-03-29&until=2026-03-29&zone=Europe/Zagreb")


class Numbers(HTMLParser):
    """The links of a page whose text is a whole number, with that number."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[str, int]] = []
        self._href = ""
        self._text = ""

    def handle_starttag(self, tag, attrs):
        if tag == "a":
            self._href, self._text = dict(attrs).get("href") or "", ""

    def handle_data(self, data):
        self._text += data

    def handle_endtag(self, tag):
        if tag == "a" and self._href:
            number = self._text.strip().replace(",", "")
            if number.isdecimal() and self._href.startswith(("/mentions", "/queue")) and "?" in self._href:
                self.found.append((self._href, int(number)))
            self._href = ""


def numbers(html: str) -> list[tuple[str, int]]:
    parser = Numbers()
    parser.feed(html)
    return parser.found


async def items_behind(browser: Browser, href: str) -> int:
    """Walk every page of the list that a link opens."""
    path, kind, seen, after = urlsplit(href).path, "cases" if href.startswith("/queue") else "mentions", set[str](), ""
    query = dict(parse_qsl(urlsplit(href).query))
    while True:
        answer = await browser.get_json(f"{path}?{urlencode(query | ({'after': after} if after else {}))}")
        assert answer.status == 200, answer.text[:300]
        ids = [item["id"] for item in answer.json[kind]]
        assert not seen & set(ids)
        seen |= set(ids)
        after = answer.json["after"]
        if not after:
            return len(seen)


@pytest.mark.parametrize("query", PERIODS)
async def test_every_number_opens_exactly_its_items(history: History, query: str):
    browser = await history.browser()
    answer = await browser.get(f"/reports?{query}")
    assert answer.status == 200
    found = dict.fromkeys(numbers(answer.text))
    assert len(found) > 40
    assert any(number for _, number in found)
    wrong = [
        (href, number, opened) for href, number in found if (opened := await items_behind(browser, href)) != number
    ]
    assert wrong == []


async def test_links_keep_brand_and_channel(history: History):
    browser = await history.browser()
    answer = await browser.get(f"/reports?days=28&channel=rss&brand={history.brand}")
    found = dict.fromkeys(numbers(answer.text))
    assert all("channel=" in href and "brand=" in href for href, _ in found)
    for href, number in list(found)[::5]:
        assert await items_behind(browser, href) == number, href


async def test_the_words_at_the_top_lead_to_their_items(sqlite_history: History):
    browser = await sqlite_history.browser()
    page = (await browser.get("/reports?days=28")).text
    lead = page[page.index('<p class="lead">') : page.index("</p>", page.index('<p class="lead">'))]
    assert "mentions" in lead
    assert "not seen" in lead
    for href, text in re.findall(r'<a href="([^"]+)">([^<]+)</a>', lead):
        match = re.match(r"([\d,]+) (mentions|answered|still waiting|missed|cases need)", text)
        if match:
            assert await items_behind(browser, unescape(href)) == int(match[1].replace(",", ""))


async def test_the_list_of_cases_says_which_figure_it_shows_and_how_to_leave(sqlite_history: History):
    browser = await sqlite_history.browser()
    page = (await browser.get("/reports?days=28")).text
    href = next(href for href, number in numbers(page) if "within_1h%7Cmissed" in href and number)
    queue = (await browser.get(href)).text
    assert "Answered within 1 h: missed" in queue
    assert "Leave the figure" in queue


@pytest.mark.parametrize(
    "query",
    ["days=0", "days=x", "days=99999", "zone=Mars/Base", "zone=../../etc/passwd", "since=2026-13-01",
     "since=9999-12-31",
     "since=2026-04-02&until=2026-04-01", "since=1900-01-01&until=2026-04-01", "since=0001-01-01&until=0001-01-02"],
)  # fmt: skip
async def test_a_report_that_cannot_be_is_one_clear_message(sqlite_history: History, query: str):
    answer = await (await sqlite_history.browser()).get(f"/reports?{query}")
    assert answer.status == 422
    assert "Traceback" not in answer.text


@pytest.mark.parametrize("figure", ["x", "within_1h|missed|a|b|UTC", "nothing||2026-01-01|2026-01-02|UTC", "|||||||"])
async def test_a_figure_that_is_none_is_one_clear_message(sqlite_history: History, figure: str):
    answer = await (await sqlite_history.browser()).get(f"/queue?{urlencode({'figure': figure})}")
    assert answer.status == 422


async def test_a_brand_of_others_does_not_exist(sqlite_history: History):
    browser = await sqlite_history.browser()
    for path in ("/reports", "/reports/figures.csv", "/reports/figures.json", "/reports/mentions.csv"):
        assert (await browser.get(f"{path}?brand={sqlite_history.other.brand_id}")).status == 404


async def test_nobody_reads_a_report_without_signing_in(sqlite_history: History):
    for path in ("/reports", "/reports/figures.csv", "/reports/figures.json", "/reports/mentions.csv"):
        assert (await Browser(sqlite_history.desk).get_json(path)).status == 401


@pytest.mark.parametrize("role", ["admin", "manager", "agent", "on_call", "viewer"])
async def test_every_role_reads_reports(sqlite_history: History, role: str):
    assert (await (await sqlite_history.browser(role)).get("/reports")).status == 200


async def test_an_empty_report_says_so_and_what_to_do(sqlite_history: History):
    browser = await sqlite_history.browser()
    page = (await browser.get("/reports?since=2024-01-01&until=2024-01-07")).text
    assert "Nothing heard in this period" in page
    assert "Look at the sources" in page


async def test_the_page_shows_period_zone_n_definitions_and_the_comparison(sqlite_history: History):
    page = unescape((await (await sqlite_history.browser()).get("/reports?days=7&zone=Asia/Kolkata")).text)
    assert "2026-04-14 to 2026-04-20, Asia/Kolkata" in page
    assert "before:" in page
    for name in ("volume", "net_sentiment", "first_answer", "within_1h", "sla_target", "coverage", "unedited_share"):
        assert DEFINITIONS[name].text in page, name
    assert "<style" not in page
    assert 'style="' not in page


async def test_the_map_of_the_week_says_each_number_and_names_the_busiest_hour(sqlite_history: History):
    browser = await sqlite_history.browser()
    address = "/reports?days=28&zone=Australia/Adelaide"
    figures = (await browser.get_json(address)).json["figures"]
    hours = {each["group"]: each["value"] for each in figures if each["figure"] == "by_hour"}
    html = (await browser.get(address)).text
    cells = dict(re.findall(r'class="level-[0-5]" title="(\w{3} \d+)–\d+: \d+"><span class="unseen">(\d+)<', html))
    assert len(cells) == 7 * 24
    assert {key: int(number) for key, number in cells.items() if number != "0"} == {
        f"{key[:3]} {int(key[4:])}": number for key, number in hours.items()
    }
    busiest = max(hours, key=lambda key: hours[key])
    assert f'level-5" title="{busiest[:3]} {int(busiest[4:])}–' in html
    assert f"({hours[busiest]} mentions)" in html


async def test_json_is_the_same_report(history: History):
    browser = await history.browser()
    told = (await browser.get_json("/reports?days=28")).json
    as_file = await browser.get("/reports/figures.json?days=28")
    assert as_file.json == told
    assert "attachment" in as_file.headers["content-disposition"]
    assert told["period"]["zone"] == "UTC"
    volume = next(each for each in told["figures"] if each["figure"] == "volume")
    assert volume["value"] > 100
    assert set(told["definitions"]) == set(DEFINITIONS)


async def test_a_hostile_name_is_only_text(sqlite_history: History):
    nasty = "<img src=x onerror=alert(1)>\"'{{7*7}}"
    async with sqlite_history.db.write() as session:
        connection = await session.connection()
        await connection.exec_driver_sql(
            "UPDATE source SET name = ? WHERE id = ?", (nasty, sqlite_history.seeded.sources["rss"])
        )
        await connection.exec_driver_sql("UPDATE topic SET name = ?", (nasty,))
        await connection.exec_driver_sql("UPDATE coverage SET reason = ? WHERE state = 'gap'", (nasty,))
        await connection.exec_driver_sql("UPDATE mention SET lang = ? WHERE lang = 'lv'", (nasty,))
    desk: Desk = sqlite_history.desk
    page = (await (await Browser.signed_in(desk, "admin")).get("/reports?days=28")).text
    assert "<img src=x" not in page
    assert "&lt;img src=x" in page
