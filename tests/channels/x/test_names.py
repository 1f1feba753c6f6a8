"""Both spellings of the renamed fields, from one table."""

from __future__ import annotations

from channels.x.names import either, missing, spelled

OLD = {
    "query": "norda",
    "tweet.fields": "author_id,created_at,edit_history_tweet_ids,note_tweet,referenced_tweets",
    "expansions": "author_id,referenced_tweets.id",
}
POST = {
    "id": "1", "author_id": "7", "created_at": "2026-11-20T12:00:00Z", "conversation_id": "1", "public_metrics": {},
    "edit_history_tweet_ids": ["1"],
}  # fmt: skip


def test_requests_are_spelled_as_the_settings_say():
    assert spelled(OLD, "tweet") == OLD
    assert spelled(OLD, "post") == {
        "query": "norda",
        "post.fields": "created_at,note_post",
        "expansions": "author_id,referenced_posts",
    }


def test_answers_are_read_in_both_spellings():
    assert either({"note_tweet": 1}, "note_tweet") == 1
    assert either({"note_post": 2}, "note_tweet") == 2
    assert either({}, "note_tweet") is None


def test_what_every_post_has_and_none_brought_is_noticed():
    renamed = {"edit_history_post_ids": ["1"], "id": "1"}
    assert missing([POST]) == ()
    assert missing([]) == ()
    assert missing([{"id": None}]) == ()
    assert missing([{k: v for k, v in POST.items() if k != "author_id"}, POST]) == ()
    assert missing([{k: v for k, v in POST.items() if k != "author_id"}]) == ("author_id",)
    assert missing([renamed]) == ("author_id", "conversation_id", "created_at", "public_metrics")
