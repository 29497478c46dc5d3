// Asana's own client reads all of one workspace, page by page, and logs 45 minutes.
//
// Takes  ADDRESS, TOKEN, PROJECT and TASK (a task with more of everything than fits a page) by environment
// Prints {"found": {kind: [gid]}, "wrote": gid} in one line

import asana from 'asana';

const { ADDRESS, TOKEN, PROJECT, TASK } = process.env;
const client = asana.ApiClient.instance;
client.basePath = `${ADDRESS}/api/1.0`;
client.authentications.token.accessToken = TOKEN;

const limit = 100;

async function all(first) {
  const found = [];
  for (let page = await first; page.data; page = await page.nextPage()) {
    found.push(...page.data.map((record) => record.gid));
  }
  return found;
}

const time = new asana.TimeTrackingEntriesApi();
const [workspace] = await all(new asana.WorkspacesApi().getWorkspaces({ limit }));
const found = {
  users: await all(new asana.UsersApi().getUsers({ workspace, limit })),
  projects: await all(new asana.ProjectsApi().getProjects({ workspace, limit })),
  tasks: await all(new asana.TasksApi().getTasksForProject(PROJECT, { limit, opt_fields: 'name,modified_at' })),
  subtasks: await all(new asana.TasksApi().getSubtasksForTask(TASK, { limit })),
  stories: await all(new asana.StoriesApi().getStoriesForTask(TASK, { limit })),
  'time entries': await all(
    time.getTimeTrackingEntries({ workspace, entered_on_start_date: '2026-11-01', limit }),
  ),
  'time entries of one task': await all(time.getTimeTrackingEntriesForTask(TASK, { limit })),
};

const entry = { duration_minutes: 45, entered_on: '2026-11-03', description: 'By a stranger' };
const wrote = await time.createTimeTrackingEntry({ data: entry }, TASK, {});

console.log(JSON.stringify({ found, wrote: wrote.data.gid }));
