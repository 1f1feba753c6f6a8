"""Mastodon.py, unmodified, on an emulated Mastodon. Runs in the Python that has it; prints what it saw.

`python mastodon_client.py BASE TOKEN ANSWERED TEXT`
"""

import json
import sys

from mastodon import Mastodon  # type: ignore[import-not-found]

base, token, answered, text = sys.argv[1:]
api = Mastodon(access_token=token, api_base_url=base, version_check_mode="none", ratelimit_method="throw")
listed, page = [], api.timeline_hashtag("norda", limit=40)
while page:
    listed += page
    page = api.timeline_hashtag("norda", limit=40, max_id=page[-1]["id"])
me = api.account_verify_credentials()
sent = [
    api.status_post(text, in_reply_to_id=answered, visibility="unlisted", language="en", idempotency_key="once")
    for _ in range(2)
]
print(
    json.dumps(
        {
            "tag": [str(status["id"]) for status in listed],
            "mentions": [str(note["status"]["id"]) for note in api.notifications(types=["mention"])],
            "sent": [str(status["id"]) for status in sent],
            "own": [str(status["id"]) for status in api.account_statuses(me["id"])],
            "one": api.status(sent[0]["id"])["content"],
        }
    )
)
