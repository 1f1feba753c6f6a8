"""Trustpilot's own client, unmodified, on an emulated Trustpilot. Runs in the Python that has it; prints what it saw.

`python trustpilot_client.py BASE KEY SECRET UNIT REVIEW USER TEXT`
"""

import json
import sys

from trustpilot.client import TrustpilotSession  # type: ignore[import-not-found]

base, key, secret, unit, review, user, text = sys.argv[1:]
session = TrustpilotSession(api_host=base, api_key=key, api_secret=secret, username="desk@norda.example", password="p")
listed, page = [], 1
while found := session.get(f"/v1/private/business-units/{unit}/reviews", params={"perPage": 2, "page": page}).json()[
    "reviews"
]:
    listed += found
    page += 1
session.post(
    f"/v1/private/reviews/{review}/reply", json={"authorBusinessUserId": user, "message": text}
).raise_for_status()
one = session.get(f"/v1/private/reviews/{review}").json()
print(json.dumps({"listed": listed, "one": one}))
