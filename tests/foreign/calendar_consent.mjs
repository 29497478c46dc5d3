// Google's own client connects one person by OAuth with PKCE, renews, looks at the token and gives it back.
//
// Takes  ADDRESS, CLIENT_ID, CLIENT_SECRET, BACK, STATE, SCOPE, perhaps CODE and VERIFIER by environment
// Prints {"url", "verifier"}, or with a code {"email", "scopes", "refreshed", "refused"}, in one line

import { auth } from '@googleapis/calendar';

const { ADDRESS, CLIENT_ID, CLIENT_SECRET, BACK, STATE, SCOPE, CODE, VERIFIER } = process.env;
const person = new auth.OAuth2({
  clientId: CLIENT_ID,
  clientSecret: CLIENT_SECRET,
  redirectUri: BACK,
  endpoints: {
    oauth2AuthBaseUrl: `${ADDRESS}/o/oauth2/v2/auth`,
    oauth2TokenUrl: `${ADDRESS}/token`,
    oauth2RevokeUrl: `${ADDRESS}/revoke`,
    tokenInfoUrl: `${ADDRESS}/tokeninfo`,
  },
});

async function question() {
  const { codeVerifier, codeChallenge } = await person.generateCodeVerifierAsync();
  const url = person.generateAuthUrl({
    access_type: 'offline',
    scope: SCOPE.split(' '),
    state: STATE,
    code_challenge: codeChallenge,
    code_challenge_method: 'S256',
  });
  return { url, verifier: codeVerifier };
}

async function connect() {
  const { tokens } = await person.getToken({ code: CODE, codeVerifier: VERIFIER });
  person.setCredentials({ refresh_token: tokens.refresh_token });
  const { token } = await person.getAccessToken();
  const info = await person.getTokenInfo(token);
  await person.revokeToken(tokens.refresh_token);
  const refused = await person.getTokenInfo(token).catch((error) => error.response.status);
  return { email: info.email, scopes: info.scopes, refreshed: token !== tokens.access_token, refused };
}

console.log(JSON.stringify(await (CODE ? connect() : question())));
