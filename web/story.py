"""What happened with a case, in words: transitions and notes on one line of time. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from responders.correcting import spoken
from storage.desk_case import CaseView
from storage.tables import MentionRow, Reply, Transition
from web.wording import status


@dataclass(frozen=True, slots=True)
class Event:
    """One line: when, who, what, why. `kind` is case, reply, opt_out or note. `flagged` is the id of a note that may
    quote a removed post."""

    at: datetime
    who: str
    what: str
    why: str
    kind: str
    flagged: int = 0


def conversation(view: CaseView) -> list[tuple[MentionRow | None, Reply | None]]:
    """What was said, in order of time: a post, or an answer of ours."""
    posts = [(post.posted_at, post, None) for post in view.mentions]
    ours = [(reply.sent_at or reply.created_at, None, reply) for reply in view.sent]
    said: list[tuple[datetime, MentionRow | None, Reply | None]] = sorted([*posts, *ours], key=lambda each: each[0])
    return [(post, reply) for _, post, reply in said]


def story(view: CaseView) -> list[Event]:
    """Oldest first. A new row is its own first event."""
    events = [Event(view.case.opened_at, "Earshot", "opened the case", view.case.why, "case")]
    events += [Event(r.created_at, "Earshot", _asked(r.kind), "", "reply") for r in view.replies]
    events += [Event(o.created_at, _who(o.actor, view.people), _ALONE, o.said, "opt_out") for o in view.opt_outs]
    events += [
        Event(c.created_at, _who(c.actor, view.people), _put_right(c.kind, c.old, c.new), "", "correction")
        for c in view.corrections
        if c.kind != "irrelevant"
    ]
    unsaid = {c.id for c in view.corrections if c.kind == "irrelevant"}
    for step in view.history:
        if step.noun == "survey":
            events.append(_survey(step, view))
            continue
        if (step.noun, step.new) == ("reply_check", "asked"):
            continue  # the note tells of it
        if step.noun == "correction" and (step.row_id in unsaid or step.new == "replaced"):
            continue  # the case tells of the one, the new correction of the other
        what, words = _WORDS[step.noun].get(step.new), view.typed.get(step.id, step.why)
        events.append(Event(step.at, _who(step.actor, view.people), what or status(step.new), words, step.noun))
    for n in view.notes:
        who = view.people.get(n.user_id, "Somebody")
        what = "asked for changes to the draft" if n.reply_id else "noted"
        events.append(Event(n.created_at, who, what, n.text, "note", n.id if n.flagged_at else 0))
    return sorted(events, key=lambda event: event.at)


def _survey(step: Transition, view: CaseView) -> Event:
    """The author's words stand with the answer that counts, as long as we hold them."""
    if step.new == "asked":
        return Event(step.at, _who(step.actor, view.people), "asked the author how it was", "", "survey")
    survey = view.survey
    words = survey.words if survey is not None and survey.changed_at == step.at else ""
    return Event(step.at, "The author", f"answered the question: {step.new.upper()}", words, "survey")


def _asked(kind: str) -> str:
    return {"holding": "asked for a holding reply", "follow_up": "wants to know whether all is well"}.get(
        kind, "asked for a draft"
    )


def _who(actor: str, people: dict[int, str]) -> str:
    kind, _, name = actor.partition(":")
    if actor == "system:author":
        return "The author"
    if kind == "user" and name.isdigit():
        return people.get(int(name), "A former colleague")
    return "Earshot"


def _put_right(kind: str, old: str, new: str) -> str:
    """What a correction changed, in words."""
    what = {"sentiment": "feeling", "theme": "themes"}.get(kind, kind)
    if old == new:
        return f"confirmed the {what}: {spoken(kind, new)}"
    return f"corrected the {what}: {spoken(kind, old)} → {spoken(kind, new)}"


_ALONE = "noted that the author wants to be left alone"
_CASE = {
    "open": "put it back in the queue",
    "snoozed": "snoozed",
    "escalated": "escalated",
    "waiting": "is waiting for the author",
    "resolved": "resolved",
}
_REPLY = {
    "drafted": "has a draft",
    "approved": "approved the reply",
    "handed_over": "took the reply to post it by hand",
    "sending": "is sending the reply",
    "sent": "sent the reply",
    "refused": "was refused by the network",
    "unknown": "does not know whether the reply is public",
    "rejected": "rejected the draft",
    "replaced": "set the draft aside for another one",
    "stale": "set the draft aside: something new was said",
    "failed": "could not write a draft",
}
_WORDS = {"case": _CASE, "reply": _REPLY, "opt_out": {"lifted": "lifted that: the author may be answered by API"}}
_WORDS["promise"] = {
    "open": "confirmed a promise",
    "kept": "kept a promise",
    "broken": "did not see a promise kept",
    "dismissed": "dismissed a promise",
    "found": "took the dismissal of a promise back",
}
_WORDS["reply_check"] = {
    "overruled": "overruled a finding",
    "playbooks": "had these playbooks before their eyes",
    "signed_off": "signed the reply off: a second person is needed",
    "unasked": "took back that the draft should be changed",
    "rose": "asks for a second person: the risk rose after the approval",
}
_WORDS["follow_up"] = {"due": "asked for the follow-up", "skipped": "asks nobody whether all is well"}
_WORDS["suggestion"] = {"offered": "has a second draft, written by a model"}
_WORDS["thread"] = {"joined": "took a further post of its author in"}
_WORDS["holding"] = {"due": "asked for a holding reply in good time", "skipped": "drafts no holding reply by itself"}
_WORDS["check_in"] = {"due": "asked for a check-in", "skipped": "drafts no check-in"}
_WORDS["hold"] = {"theirs": "was held by the Rule of 5", "ours": "was held by the Rule of 5"}
_WORDS["praise"] = {"answer": "found more than praise: an answer is owed from now on"}
_WORDS["identity"] = {
    "same": "said that they are one person with somebody on another network",
    "different": "said that somebody on another network is not them",
    "taken_back": "took that about another network back",
}
_WORDS["storm_case"] = {
    "held": "switched storm mode on: answers are held",
    "let_go": "let it go: it can be answered",
    "queued": "queued the approved reply again",
}
_WORDS["delay"] = {"due": "said that it takes longer, and asked for a word to the author"}
_WORDS["thanks"] = {"noted": "heard thanks"}
_WORDS["correction"] = {"taken_back": "took a correction back", "standing": "made an earlier correction count again"}
