// Tokens without a page: refresh with rotation, machine tokens, passwords, revocation, and what is refused in which words.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { createApi, createApplication, createMachine, createUser, password, rotating, unique } from '../support/fixtures.mjs';
import { startServer } from '../support/server.mjs';

const claimsOf = (jwt) => JSON.parse(Buffer.from(jwt.split('.')[1], 'base64url'));
const realmGrant = 'http://auth0.com/oauth/grant-type/password-realm';
const realm = 'Username-Password-Authentication';

describe('the token endpoint', () => {
  let server, http, user;
  before(async () => {
    server = await startServer();
    http = server.http({ cookies: false });
    user = await createUser(server.api);
  });
  after(async () => { await server?.stop(); });

  const token = (form, headers) => http.post('/oauth/token', { form, headers });
  const credentials = (client) => ({ client_id: client.client_id, client_secret: client.client_secret });
  const refresh = (client, refresh_token, more = {}) => token({ grant_type: 'refresh_token', ...credentials(client), refresh_token, ...more });

  /** Waits until the log shows it: events of requests that change nothing are written a moment later. */
  async function logged(client, type, fits) {
    const end = Date.now() + 5000;
    for (;;) {
      const events = await server.api.get(`/logs?q=${encodeURIComponent(`client_id:"${client.client_id}" AND type:${type}`)}`);
      if (fits(events)) return;
      assert.ok(Date.now() < end, `${type}: ${JSON.stringify(events)}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** An application with passwords for brevity, and the tokens of a first sign-in. */
  async function signedIn(properties = {}, form = {}) {
    const client = await createApplication(server.api, { app_type: 'regular_web', grant_types: ['refresh_token', realmGrant], ...properties });
    const answer = await token({ grant_type: realmGrant, realm, ...credentials(client), username: user.email, password, scope: 'openid email offline_access', ...form });
    assert.equal(answer.status, 200, answer.text);
    return { client, tokens: answer.json };
  }

  it('gives a machine its token by form, JSON and Basic, the same for a day', async () => {
    const api = await createApi(server.api, { scopes: ['read:orders'] });
    const machine = await createMachine(server.api, api.identifier, ['read:orders']);
    const wanted = { grant_type: 'client_credentials', audience: api.identifier };
    const basic = Buffer.from(`${encodeURIComponent(machine.client_id)}:${encodeURIComponent(machine.client_secret)}`).toString('base64');
    for (const answer of [
      await token({ ...wanted, ...credentials(machine) }),
      await http.post('/oauth/token', { json: { ...wanted, ...credentials(machine) } }),
      await token(wanted, { authorization: `Basic ${basic}` }),
    ]) {
      assert.equal(answer.status, 200, answer.text);
      assert.equal(answer.json.token_type, 'Bearer');
      assert.equal(answer.json.expires_in, 86400);
      const claims = claimsOf(answer.json.access_token);
      assert.equal(claims.sub, `${machine.client_id}@clients`);
      assert.equal(claims.gty, 'client-credentials');
      assert.equal(claims.aud, api.identifier);
      assert.equal(claims.scope, 'read:orders');
      assert.equal(claims.exp - claims.iat, 86400);
    }
  });

  it('stops issuing as soon as grant, secret or client change', async () => {
    const api = await createApi(server.api, { scopes: ['read:orders'] });
    const machine = await createMachine(server.api, api.identifier, ['read:orders']);
    const wanted = { grant_type: 'client_credentials', audience: api.identifier, ...credentials(machine) };
    for (let i = 0; i < 3; i += 1) assert.equal((await token(wanted)).status, 200);
    const rotated = await server.api.post(`/clients/${machine.client_id}/rotate-secret`);
    assert.equal((await token(wanted)).status, 401);
    assert.equal((await token({ ...wanted, client_secret: rotated.client_secret })).status, 200);
    const [grant] = await server.api.get(`/client-grants?client_id=${machine.client_id}`);
    await server.api.delete(`/client-grants/${grant.id}`);
    assert.equal((await token({ ...wanted, client_secret: rotated.client_secret })).status, 403);
    await server.api.delete(`/clients/${machine.client_id}`);
    assert.equal((await token({ ...wanted, client_secret: rotated.client_secret })).status, 401);
    await logged(machine, 'feccft', (events) => /rotated/.test(JSON.stringify(events)));
  });

  it('refuses in the words that Auth0 uses', async () => {
    const api = await createApi(server.api, { scopes: ['read:orders'] });
    const machine = await createMachine(server.api, api.identifier, ['read:orders']);
    const wanted = { grant_type: 'client_credentials', audience: api.identifier, ...credentials(machine) };
    const cases = [
      [{ ...wanted, client_secret: 'wrong' }, 401, 'access_denied', /^Unauthorized$/],
      [{ ...wanted, client_id: 'nobody' }, 401, 'access_denied', /^Unauthorized$/],
      [{ ...wanted, audience: api.identifier.slice(0, -1) }, 403, 'access_denied', /^Service not enabled within domain: /],
      [{ ...wanted, audience: `${server.issuer}api/v2/` }, 403, 'access_denied', /^Client is not authorized to access "/],
      [{ ...wanted, scope: 'read:orders write:orders' }, 403, 'access_denied', /^Client has not been granted scopes: write:orders/],
      [{ ...wanted, grant_type: 'authorization_code', code: 'x' }, 403, 'unauthorized_client', /^Grant type 'authorization_code' not allowed for the client\./],
      [{ ...wanted, grant_type: 'magic' }, 403, 'unsupported_grant_type', /^Unsupported grant type: magic/],
      [{ audience: api.identifier }, 400, 'invalid_request', /grant_type/],
    ];
    for (const [form, status, error, sentence] of cases) {
      const answer = await token(form);
      assert.equal(answer.status, status, answer.text);
      assert.equal(answer.json.error, error);
      assert.match(answer.json.error_description, sentence);
      assert.match(answer.headers['cache-control'], /no-store/);
    }
    const closest = await token({ ...wanted, audience: api.identifier.slice(0, -1) });
    assert.ok(closest.json.error_description.includes(`"${api.identifier}"`), closest.json.error_description);
    assert.equal((await http.post('/oauth/token', { body: '{"grant_type":', headers: { 'content-type': 'application/json' } })).status, 400);
    assert.equal((await http.post('/oauth/token', { body: 'a=1&a=2', headers: { 'content-type': 'application/x-www-form-urlencoded' } })).status, 400);
    assert.equal((await http.post('/oauth/token', { body: '<xml/>', headers: { 'content-type': 'text/xml' } })).status, 400);
  });

  it('rotates refresh tokens and revokes the family of a reused one', async () => {
    const { client, tokens } = await signedIn({ refresh_token: rotating });
    const second = await refresh(client, tokens.refresh_token);
    assert.equal(second.status, 200, second.text);
    assert.notEqual(second.json.refresh_token, tokens.refresh_token);
    assert.ok(second.json.id_token);
    const reused = await refresh(client, tokens.refresh_token);
    assert.equal(reused.status, 403);
    assert.deepEqual(reused.json, { error: 'invalid_grant', error_description: 'Unknown or invalid refresh token.' });
    assert.equal((await refresh(client, second.json.refresh_token)).status, 403);
    await logged(client, 'ferrt', (events) => events.length === 1);
  });

  it('of fifty concurrent uses without leeway one wins, then the family is dead', async () => {
    const { client, tokens } = await signedIn({ refresh_token: rotating });
    const answers = await Promise.all(Array.from({ length: 50 }, () => refresh(client, tokens.refresh_token)));
    const won = answers.filter((answer) => answer.status === 200);
    assert.equal(won.length, 1);
    assert.equal((await refresh(client, won[0].json.refresh_token)).status, 403);
  });

  it('forgives the previous token inside the leeway and gives the same successor', async () => {
    const { client, tokens } = await signedIn({ refresh_token: { ...rotating, leeway: 60 } });
    const answers = await Promise.all(Array.from({ length: 10 }, () => refresh(client, tokens.refresh_token)));
    assert.deepEqual(new Set(answers.map((answer) => answer.status)), new Set([200]));
    assert.equal(new Set(answers.map((answer) => answer.json.refresh_token)).size, 1);
  });

  it('keeps a refresh token that does not rotate, narrows its scope, and ends it by revocation', async () => {
    const { client, tokens } = await signedIn();
    const narrow = await refresh(client, tokens.refresh_token, { scope: 'openid' });
    assert.equal(narrow.json.scope, 'openid');
    assert.equal(narrow.json.refresh_token, undefined);
    const revoke = (json) => http.post('/oauth/revoke', { json });
    assert.equal((await revoke({ client_id: client.client_id, client_secret: 'wrong', token: tokens.refresh_token })).status, 401);
    const other = await signedIn();
    assert.equal((await revoke({ ...credentials(other.client), token: tokens.refresh_token })).status, 200);
    assert.equal((await refresh(client, tokens.refresh_token)).status, 200);
    assert.equal((await revoke({ ...credentials(client), token: tokens.refresh_token })).status, 200);
    assert.equal((await refresh(client, tokens.refresh_token)).status, 403);
    assert.equal((await revoke({ ...credentials(client), token: 'whatever' })).status, 200);
  });

  it('stops refreshing for a blocked user, and answers wrong passwords and unknown users alike', async () => {
    const person = await createUser(server.api);
    const { client, tokens } = await signedIn({}, { username: person.email });
    await server.api.patch(`/users/${encodeURIComponent(person.user_id)}`, { blocked: true });
    assert.equal((await refresh(client, tokens.refresh_token)).status, 403);
    const attempt = (username) => token({ grant_type: realmGrant, realm, ...credentials(client), username, password: 'wrong' });
    const [known, unknown] = [await attempt(user.email), await attempt(`nobody.${unique()}@example.com`)];
    assert.equal(known.status, 403);
    assert.deepEqual(known.json, { error: 'invalid_grant', error_description: 'Wrong email or password.' });
    assert.deepEqual(unknown.json, known.json);
  });

  it('lets scripts of the application alone read its answers', async () => {
    const origin = `https://spa-${unique()}.example.com`;
    const client = await createApplication(server.api, { app_type: 'spa', web_origins: [origin], grant_types: ['refresh_token'] });
    const ask = (from) => token({ grant_type: 'refresh_token', client_id: client.client_id, refresh_token: 'x' }, { origin: from });
    assert.equal((await ask(origin)).headers['access-control-allow-origin'], origin);
    assert.equal((await ask('https://evil.example')).headers['access-control-allow-origin'], undefined);
    assert.equal((await ask('null')).headers['access-control-allow-origin'], undefined);
    const asked = { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'auth0-client' };
    const preflight = await http.request('OPTIONS', '/oauth/token', { headers: asked });
    assert.equal(preflight.status, 204);
    assert.match(preflight.headers['access-control-allow-headers'], /auth0-client/i);
    assert.equal(preflight.headers['access-control-allow-credentials'], undefined);
  });
});
