// Google's own client reads all calendars and events of one person, then plans one meeting.
// Given a sync token, it reads only what changed since, and plans nothing.
//
// Takes  ADDRESS, CLIENT_ID, CLIENT_SECRET, REFRESH_TOKEN, perhaps SYNC_TOKEN by environment
// Prints {"found": {kind: [id]}, "wrote": id, "sync": token}, or {"refused": [status, reason]}, in one line

import { auth, calendar } from '@googleapis/calendar';

const { ADDRESS, CLIENT_ID, CLIENT_SECRET, REFRESH_TOKEN, SYNC_TOKEN } = process.env;
const person = new auth.OAuth2({
  clientId: CLIENT_ID,
  clientSecret: CLIENT_SECRET,
  endpoints: { oauth2TokenUrl: `${ADDRESS}/token` },
});
person.setCredentials({ refresh_token: REFRESH_TOKEN });
const google = calendar({ version: 'v3', auth: person, rootUrl: `${ADDRESS}/` });

async function all(list) {
  const found = [];
  let pageToken;
  for (;;) {
    const { data } = await list(pageToken);
    found.push(...data.items.map((item) => item.id));
    pageToken = data.nextPageToken;
    if (!pageToken) return { found, sync: data.nextSyncToken };
  }
}

const events = (syncToken) =>
  all((pageToken) => google.events.list({ calendarId: 'primary', singleEvents: true, syncToken, pageToken }));

async function everything() {
  const calendars = await all((pageToken) => google.calendarList.list({ pageToken }));
  const { found, sync } = await events();
  const { data } = await google.events.insert({
    calendarId: 'primary',
    requestBody: {
      summary: 'Planned by a stranger',
      start: { dateTime: '2026-11-23T09:00:00+01:00' },
      end: { dateTime: '2026-11-23T10:00:00+01:00' },
    },
  });
  return { found: { calendars: calendars.found, events: found }, wrote: data.id, sync };
}

async function changes() {
  try {
    const { found, sync } = await events(SYNC_TOKEN);
    return { found: { events: found }, sync };
  } catch (error) {
    if (!error.response) throw error;
    return { refused: [error.response.status, error.response.data.error.errors[0].reason] };
  }
}

console.log(JSON.stringify(await (SYNC_TOKEN ? changes() : everything())));
