// An OpenID Connect provider on a port of its own, which it prints. People and what is said about them come by
// PUT /people/<subject> with a JSON body; anyone may log in as anyone, by the subject.
import { createServer } from "node:http";
import Provider from "oidc-provider";

const [clientId, clientSecret, redirect, afterLogout] = process.argv.slice(2);
const people = new Map();
const server = createServer();
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const issuer = `http://127.0.0.1:${server.address().port}`;

const provider = new Provider(issuer, {
  clients: [
    {
      client_id: clientId,
      client_secret: clientSecret,
      redirect_uris: [redirect],
      post_logout_redirect_uris: [afterLogout],
      token_endpoint_auth_method: "client_secret_post",
    },
  ],
  pkce: { required: () => true },
  scopes: ["openid"],
  claims: {
    openid: ["sub", "email", "email_verified", "preferred_username", "given_name", "family_name", "groups", "number"],
  },
  features: { devInteractions: { enabled: true } },
  cookies: { keys: ["of-the-tests"] },
  findAccount: (_ctx, subject) => ({
    accountId: subject,
    claims: () => ({ ...people.get(subject), sub: subject }),
  }),
  // no page that asks for consent
  loadExistingGrant: async (ctx) => {
    const grant = new ctx.oidc.provider.Grant({
      clientId: ctx.oidc.client.clientId,
      accountId: ctx.oidc.session.accountId,
    });
    grant.addOIDCScope("openid");
    await grant.save();
    return grant;
  },
});
const answer = provider.callback();
server.on("request", (request, response) => {
  const [, room, subject] = request.url.split("/");
  if (request.method !== "PUT" || room !== "people") {
    answer(request, response);
    return;
  }
  const pieces = [];
  request.on("data", (piece) => pieces.push(piece));
  request.on("end", () => {
    people.set(subject, JSON.parse(Buffer.concat(pieces).toString()));
    response.writeHead(204).end();
  });
});
console.log(issuer);
