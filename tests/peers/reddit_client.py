"""praw, unmodified, on an emulated Reddit. Runs in the Python that has it; prints what it saw.

`python reddit_client.py BASE CLIENT SECRET REFRESH-TOKEN ANSWERED TEXT`
"""

import json
import sys

import praw  # type: ignore[import-not-found]

base, client, secret, token, answered, text = sys.argv[1:]
reddit = praw.Reddit(
    client_id=client, client_secret=secret, refresh_token=token, user_agent="python:witness:1 (by /u/witness)",
    oauth_url=base, reddit_url=base, check_for_updates=False, ratelimit_seconds=0,
)  # fmt: skip
subreddit = reddit.subreddit("norda")
sent = reddit.comment(answered.removeprefix("t1_")).reply(text)
print(
    json.dumps(
        {
            "comments": [thing.fullname for thing in subreddit.comments(limit=None)],
            "posts": [thing.fullname for thing in subreddit.new(limit=None)],
            "mentions": [thing.fullname for thing in reddit.inbox.mentions()],
            "sent": sent.fullname,
            "own": [thing.fullname for thing in reddit.user.me().comments.new()],
        }
    )
)
