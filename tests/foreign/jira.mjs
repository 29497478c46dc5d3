// jira.js reads all of one Jira site, page by page, and logs an hour.
//
// Takes  ADDRESS, EMAIL, TOKEN, LARGE (an issue with more of everything than fits a page) by environment
// Prints {"found": {kind: [id]}, "wrote": id} in one line

import { Version3Client } from 'jira.js';

const { ADDRESS, EMAIL, TOKEN, LARGE } = process.env;
const jira = new Version3Client({
  host: ADDRESS,
  authentication: { basic: { email: EMAIL, apiToken: TOKEN } },
});

// One walk for each of Jira's four ways to page.

async function byOffset(ask, name) {
  const found = [];
  for (;;) {
    const page = await ask(found.length);
    found.push(...page[name]);
    if (found.length >= page.total || page[name].length === 0) return found;
  }
}

async function byToken(ask, name) {
  const found = [];
  let nextPageToken;
  do {
    const page = await ask(nextPageToken);
    found.push(...page[name]);
    nextPageToken = page.nextPageToken;
  } while (nextPageToken);
  return found;
}

async function untilShort(ask, size) {
  const found = [];
  for (;;) {
    const page = await ask(found.length, size);
    found.push(...page);
    if (page.length < size) return found;
  }
}

async function bySince(ask, id) {
  const found = new Set(); // a page begins with the last of the page before
  let since = 0;
  for (;;) {
    const page = await ask(since);
    for (const value of page.values) found.add(value[id]);
    if (page.lastPage) return [...found];
    since = page.until;
  }
}

const projects = await byOffset((startAt) => jira.projects.searchProjects({ startAt }), 'values');
const users = await untilShort((startAt, maxResults) => jira.users.getAllUsers({ startAt, maxResults }), 50);
const issues = await byToken(
  (nextPageToken) =>
    jira.issueSearch.searchForIssuesUsingJqlEnhancedSearchPost({
      jql: 'created >= "2020-01-01" ORDER BY key',
      fields: ['summary', 'status', 'assignee', 'updated'],
      expand: 'changelog',
      maxResults: 100,
      nextPageToken,
    }),
  'issues',
);
const histories = await byToken(
  (nextPageToken) =>
    jira.issues.getBulkChangelogs({ issueIdsOrKeys: issues.map((issue) => issue.id), nextPageToken }),
  'issueChangeLogs',
);
const history = await byOffset(
  (startAt) => jira.issues.getChangeLogs({ issueIdOrKey: LARGE, startAt }),
  'values',
);
const comments = await byOffset(
  (startAt) => jira.issueComments.getComments({ issueIdOrKey: LARGE, startAt }),
  'comments',
);
const named = await bySince(
  (since) => jira.issueWorklogs.getIdsOfWorklogsModifiedSince({ since }),
  'worklogId',
);
const worklogs = [];
for (let start = 0; start < named.length; start += 1000) {
  worklogs.push(...(await jira.issueWorklogs.getWorklogsForIds({ ids: named.slice(start, start + 1000) })));
}
const large = await byOffset(
  (startAt) => jira.issueWorklogs.getIssueWorklog({ issueIdOrKey: LARGE, startAt, maxResults: 50 }),
  'worklogs',
);

const wrote = await jira.issueWorklogs.addWorklog({
  issueIdOrKey: LARGE,
  started: '2026-11-02T09:00:00.000+0100',
  timeSpentSeconds: 3600,
  comment: 'An hour by a stranger',
});

const ids = (records) => records.map((record) => String(record.id));
console.log(
  JSON.stringify({
    found: {
      projects: projects.map((project) => project.key),
      users: users.map((user) => user.accountId),
      issues: ids(issues),
      'changes in search': issues.flatMap((issue) => ids(issue.changelog.histories)),
      changes: histories.flatMap((one) => ids(one.changeHistories)),
      'changes of one issue': ids(history),
      'comments of one issue': ids(comments),
      worklogs: ids(worklogs),
      'worklogs of one issue': ids(large),
    },
    wrote: wrote.id,
  }),
);
