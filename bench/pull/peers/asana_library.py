"""The `asana` library: everybody, all projects and their tasks; stories; time entries: what is asked for."""

import json
import sys
import time

import asana

endpoint, token, start, *wanted = sys.argv[1:]
FIELDS = (
    "name,completed,completed_at,created_at,modified_at,assignee,due_on,memberships.section,projects,tags"
)
TIMES = "duration_minutes,entered_on,task,created_by"
begun = time.process_time()
settings = asana.Configuration()
settings.host, settings.access_token = endpoint, token
client = asana.ApiClient(settings)
workspace = next(iter(asana.WorkspacesApi(client).get_workspaces({})))["gid"]
objects, tasks = 0, []
if "tasks" in wanted:
    objects += sum(1 for _ in asana.UsersApi(client).get_users_for_workspace(workspace, {}))
    for project in asana.ProjectsApi(client).get_projects_for_workspace(workspace, {"limit": 100}):
        said = {"limit": 100, "opt_fields": FIELDS}
        tasks += [task["gid"] for task in asana.TasksApi(client).get_tasks_for_project(project["gid"], said)]
objects += len(tasks)
if "entries" in wanted:
    times = asana.TimeTrackingEntriesApi(client)
    said = {"workspace": workspace, "entered_on_start_date": start[:10], "limit": 100, "opt_fields": TIMES}
    objects += sum(1 for _ in times.get_time_tracking_entries(said))
if "stories" in wanted:
    stories = asana.StoriesApi(client)
    objects += sum(1 for task in tasks for _ in stories.get_stories_for_task(task, {"limit": 100}))
print(json.dumps({"processor": time.process_time() - begun, "objects": objects}))
