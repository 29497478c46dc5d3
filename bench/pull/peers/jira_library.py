"""The `jira` library at its cheapest: raw JSON, and the tokens followed by hand."""

import json
import sys
import time

from jira import JIRA

site, email, token = sys.argv[1:]
begun = time.process_time()
client = JIRA(site, basic_auth=(email, token), get_server_info=False, max_retries=0, timeout=(3.05, 30))
client.deploymentType = "Cloud"
client._fields_cache_value = {"_": "_"}
issues, page_token = 0, None
while True:
    page = client.enhanced_search_issues(
        "created > 0 ORDER BY created",
        nextPageToken=page_token,
        maxResults=100,
        fields="summary,status,assignee,created,updated",
        expand="changelog",
        json_result=True,
    )
    issues += len(page["issues"])
    page_token = page.get("nextPageToken")
    if not page_token:
        break
print(json.dumps({"processor": time.process_time() - begun, "objects": issues}))
