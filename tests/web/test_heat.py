"""The case page tells of the Rule of 5 where it applies, and only there."""

from tests.web.client import Browser
from tests.web.seed import Desk


async def test_our_own_heated_words_are_told_before_the_approval(desk: Desk, agent: Browser):
    case = desk.cases["@ilze"]
    reply = await desk.reply_of(case)
    path = f"/cases/{case}"
    assert reply.status == "drafted"
    assert "Rule of 5" not in (await agent.get(path)).text
    heated = "Tā ir jūsu pašu vaina."
    await agent.post(f"/replies/{reply.id}/edit", text=heated, version=reply.version, then=path)
    assert "Rule of 5: this is heated (blame)" in (await agent.get(path)).text
