"""The atproto client, unmodified, on an emulated Bluesky. Runs in the Python that has it; prints what it saw.

`python bluesky_client.py BASE HANDLE PASSWORD RKEY RECORD-AS-JSON`
"""

import json
import sys

from atproto import Client  # type: ignore[import-not-found]

base, handle, password, rkey, record = sys.argv[1:]
client = Client(base_url=f"{base}/xrpc")
# signed in by its own call; what it does beyond that reads the token, which is a word here and no JWT
me = client.com.atproto.server.create_session({"identifier": handle, "password": password})
client.request.add_additional_header("Authorization", f"Bearer {me.access_jwt}")
found, cursor = [], None
while True:
    page = client.app.bsky.feed.search_posts({"q": "norda", "sort": "latest", "limit": 100, "cursor": cursor})
    found += [post.uri for post in page.posts]
    cursor = page.cursor
    if not cursor:
        break
put = {"repo": me.did, "collection": "app.bsky.feed.post", "rkey": rkey, "record": json.loads(record)}
sent = [client.com.atproto.repo.put_record(put).uri for _ in range(2)]
one = client.com.atproto.repo.get_record({"repo": me.did, "collection": "app.bsky.feed.post", "rkey": rkey})
print(
    json.dumps(
        {
            "did": me.did,
            "search": found,
            "mentions": [note.uri for note in client.app.bsky.notification.list_notifications().notifications],
            "posts": [post.uri for post in client.get_posts(found[:3]).posts],
            "sent": sent,
            "one": one.value.text,
        }
    )
)
