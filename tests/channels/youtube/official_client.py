"""Run by the Python that has google-api-python-client: drives Google's own client through an emulated YouTube.

Takes the server's address, the API key, and client id, client secret and refresh token of our account; prints what it
saw as JSON. Not a test itself.
"""

import json
import sys
from importlib import import_module

SCOPES = ["https://www.googleapis.com/auth/youtube.force-ssl"]


def main(base: str, key: str, client_id: str, secret: str, refresh: str) -> None:
    sign_in, client = import_module("google.oauth2.credentials"), import_module("googleapiclient.discovery")
    ours = sign_in.Credentials(None, refresh, None, f"{base}/token", client_id, secret, SCOPES)
    how = {"static_discovery": True, "client_options": {"api_endpoint": base}}
    reader = client.build("youtube", "v3", developerKey=key, **how)
    writer = client.build("youtube", "v3", credentials=ours, **how)
    asked = reader.commentThreads().list(
        part="snippet,replies", videoId="norda-video", order="time", maxResults=2, textFormat="plainText"
    )
    threads = []
    while asked is not None:
        page = asked.execute()
        threads += page["items"]
        asked = reader.commentThreads().list_next(asked, page)
    top = threads[-1]["id"]
    body = {"snippet": {"parentId": top, "textOriginal": "Thank you"}}
    mine = writer.comments().insert(part="snippet", body=body).execute()
    replies = writer.comments().list(part="snippet", parentId=top, maxResults=100).execute()
    asked = writer.commentThreads().list(
        part="id", allThreadsRelatedToChannelId="UCx", moderationStatus="heldForReview"
    )
    held = asked.execute()
    channel = writer.channels().list(part="snippet", mine=True).execute()
    found = reader.search().list(part="snippet", q="norda", type="video", order="date").execute()
    seen = {
        "threads": [each["snippet"]["topLevelComment"]["snippet"]["textDisplay"] for each in threads],
        "mine": mine["id"],
        "replies": [each["snippet"].get("textOriginal", "") for each in replies["items"]],
        "held": len(held["items"]),
        "channel": channel["items"][0]["snippet"]["customUrl"],
        "videos": [each["id"]["videoId"] for each in found["items"]],
    }
    print(json.dumps(seen))


if __name__ == "__main__":
    main(*sys.argv[1:])
