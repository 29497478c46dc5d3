"""dlt's generic REST source into DuckDB: issues of few fields, with their changelogs."""

import json
import sys
import time
from tempfile import TemporaryDirectory

import dlt
from dlt.sources.rest_api import rest_api_source

site, email, token = sys.argv[1:]
SOURCE = {
    "client": {
        "base_url": f"{site}/rest/api/2/",
        "auth": {"type": "http_basic", "username": email, "password": token},
        "paginator": {"type": "cursor", "cursor_path": "nextPageToken", "cursor_param": "nextPageToken"},
    },
    "resources": [
        {
            "name": "issues",
            "endpoint": {
                "path": "search/jql",
                "data_selector": "issues",
                "params": {
                    "jql": "created > 0 ORDER BY created",
                    "maxResults": 100,
                    "fields": "summary,status,assignee,created,updated",
                    "expand": "changelog",
                },
            },
        }
    ],
}
with TemporaryDirectory() as folder:
    begun = time.process_time()
    target = dlt.destinations.duckdb(f"{folder}/bench.duckdb")
    pipeline = dlt.pipeline("bench", pipelines_dir=folder, destination=target, dataset_name="jira")
    pipeline.run(rest_api_source(SOURCE))
    issues = pipeline.last_trace.last_normalize_info.row_counts["issues"]
print(json.dumps({"processor": time.process_time() - begun, "objects": issues}))
