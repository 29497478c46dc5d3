// jira.js connects one person by OAuth: where it would send them, then what comes of the code.
//
// Takes  ADDRESS (all of Atlassian), SITE, CLIENT_ID, CLIENT_SECRET, BACK, STATE, perhaps CODE by environment
// Prints {"url": where to}, or with a code {"me": accountId, "rotated": bool, "refused": words}, in one line

import axios from 'axios'; // what jira.js asks Jira with; its accounts it asks with fetch
import { exchangeAuthorizationCode, generateAuthorizationUrl, refreshOAuth2Token, Version3Client } from 'jira.js';

const { ADDRESS, SITE, CLIENT_ID, CLIENT_SECRET, BACK, STATE, CODE } = process.env;
const real = globalThis.fetch;
const here = (url) => String(url).replace(/^https:\/\/(auth|api)\.atlassian\.com/, ADDRESS);
globalThis.fetch = (url, init) => real(here(url), init);

const us = { clientId: CLIENT_ID, clientSecret: CLIENT_SECRET };
const scopes = ['read:jira-user', 'read:jira-work', 'offline_access'];

async function connect() {
  const first = await exchangeAuthorizationCode({ ...us, code: CODE, redirectUri: BACK });
  let kept;
  const jira = new Version3Client({
    host: SITE,
    baseRequestConfig: {
      adapter: (config) => axios.getAdapter('http')({ ...config, baseURL: here(config.baseURL) }),
    },
    authentication: {
      oauth2: {
        ...us,
        siteUrl: SITE,
        accessToken: first.accessToken,
        refreshToken: first.refreshToken,
        expiresAt: Date.now() - 1, // so that it refreshes before its first call
        onTokenRefresh: (event) => {
          kept = event.refreshToken;
        },
      },
    },
  });
  const me = await jira.myself.getCurrentUser();
  const refused = await refreshOAuth2Token({ ...us, refreshToken: 'made up' }).catch((error) => error.message);
  return { me: me.accountId, rotated: kept !== first.refreshToken, refused };
}

const url = () => here(generateAuthorizationUrl({ ...us, scopes, redirectUri: BACK, state: STATE }));
console.log(JSON.stringify(CODE ? await connect() : { url: url() }));
