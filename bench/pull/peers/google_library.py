"""google-api-python-client in a loop: every calendar whole; the next time, each by its sync token."""

import json
import sys
import time
from pathlib import Path

import httplib2
from google.oauth2.service_account import Credentials
from google_auth_httplib2 import AuthorizedHttp
from googleapiclient.discovery import build

endpoint, key, people = sys.argv[1:]
SCOPES = ["https://www.googleapis.com/auth/calendar.events.owned.readonly"]
account = Credentials.from_service_account_file(key, scopes=SCOPES)


def pulled(credentials, sync_token):
    http = AuthorizedHttp(credentials, http=httplib2.Http())
    service = build(
        "calendar", "v3", http=http, static_discovery=True, client_options={"api_endpoint": endpoint}
    )
    said = {"syncToken": sync_token} if sync_token else {}
    events, page_token = 0, None
    while True:
        page = (
            service.events()
            .list(calendarId="primary", pageToken=page_token, maxResults=250, **said)
            .execute()
        )
        events += len(page["items"])
        page_token = page.get("nextPageToken")
        if not page_token:
            return events, page["nextSyncToken"]


emails, kept = json.loads(Path(people).read_text()), Path(people).with_name("tokens.json")
tokens = json.loads(kept.read_text()) if kept.exists() else dict.fromkeys(emails)
begun, worked, events = time.perf_counter(), time.process_time(), 0
for email in emails:
    found, tokens[email] = pulled(account.with_subject(email), tokens[email])
    events += found
seconds, processor = time.perf_counter() - begun, time.process_time() - worked
kept.write_text(json.dumps(tokens))
print(json.dumps({"seconds": seconds, "processor": processor, "objects": events}))
