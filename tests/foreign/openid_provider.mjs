// A certified OpenID provider that nobody here wrote: everybody at example addresses has an account,
// says who they are by their address, and allows what is asked.
import { createServer } from "node:http";
import Provider from "oidc-provider";

const { CLIENT_ID, CLIENT_SECRET, BACK } = process.env;
const server = createServer();
await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
const issuer = `http://127.0.0.1:${server.address().port}`;
const provider = new Provider(issuer, {
  clients: [{ client_id: CLIENT_ID, client_secret: CLIENT_SECRET, redirect_uris: [BACK] }],
  claims: { openid: ["sub"], email: ["email", "email_verified"] },
  pkce: { required: () => true },
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => ({ sub: id, email: `${id}@northwind.example`, email_verified: true }),
  }),
});
server.on("request", provider.callback());
console.log(JSON.stringify({ issuer }));
