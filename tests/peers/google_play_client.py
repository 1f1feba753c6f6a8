"""Google's own client, unmodified, on an emulated Google Play. Runs in the Python that has it; prints what it saw.

`python google_play_client.py KEY_FILE BASE PACKAGE REVIEW TEXT`
"""

import json
import sys

from google.oauth2 import service_account  # type: ignore[import-not-found]
from googleapiclient.discovery import build  # type: ignore[import-not-found]

key_file, base, package, review, text = sys.argv[1:]
with open(key_file, encoding="utf-8") as file:
    info = json.load(file)
scopes = ["https://www.googleapis.com/auth/androidpublisher"]
credentials = service_account.Credentials.from_service_account_info(info, scopes=scopes)
api = build("androidpublisher", "v3", credentials=credentials, client_options={"api_endpoint": base})
reviews = api.reviews()

listed, token = [], None
while True:
    page = reviews.list(packageName=package, maxResults=2, token=token).execute()
    listed += page.get("reviews", [])
    token = page.get("tokenPagination", {}).get("nextPageToken")
    if not token:
        break
replied = reviews.reply(packageName=package, reviewId=review, body={"replyText": text}).execute()
one = reviews.get(packageName=package, reviewId=review).execute()
print(json.dumps({"listed": listed, "replied": replied, "one": one, "described": api._schema.schemas}))
