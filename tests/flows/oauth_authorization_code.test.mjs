// A person signs in to an application: /authorize, the hosted page, the callback, /oauth/token, /userinfo, the second application, logout.

import assert from 'node:assert/strict';
import { createHash, createPublicKey, randomBytes, verify } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { createApi, createUser, createWebApplication, password, unique } from '../support/fixtures.mjs';
import { startServer } from '../support/server.mjs';

const callback = '/auth/callback';
const decode = (part) => JSON.parse(Buffer.from(part, 'base64url'));
const claimsOf = (jwt) => decode(jwt.split('.')[1]);

describe('the authorization code flow', () => {
  let server, user, app;
  before(async () => {
    server = await startServer();
    user = await createUser(server.api);
    app = await webApplication();
  });
  after(async () => { await server?.stop(); });

  async function webApplication(properties = {}) {
    const base = `https://app-${unique()}.example.com`;
    return { base, ...(await createWebApplication(server.api, base, callback, properties)) };
  }

  function authorizeUrl(client, parameters = {}) {
    const all = { client_id: client.client_id, redirect_uri: client.base + callback, response_type: 'code', scope: 'openid profile email', state: 'st', ...parameters };
    for (const name of Object.keys(all)) if (all[name] === undefined) delete all[name];
    return `/authorize?${new URLSearchParams(all)}`;
  }

  /** Opens the URL and signs in wherever the login page appears; the URL of the callback. */
  async function signIn(http, url, who = user) {
    const atCallback = (target) => target.pathname === callback;
    let answer = await http.follow(await http.get(url), { until: atCallback });
    if (!answer.location) answer = await http.follow(await http.submit(answer, { username: who.email, password }), { until: atCallback });
    assert.ok(answer.location, `no callback but ${answer.status} ${answer.url}\n${answer.text.slice(0, 500)}`);
    return new URL(answer.location);
  }

  function redeem(client, code, more = {}) {
    return server.http({ cookies: false }).post('/oauth/token', {
      form: { grant_type: 'authorization_code', client_id: client.client_id, client_secret: client.client_secret, code, redirect_uri: client.base + callback, ...more },
    });
  }

  it('ends with tokens whose signatures the published keys verify', async () => {
    const verifier = randomBytes(32).toString('base64url');
    const url = authorizeUrl(app, { nonce: 'n1', code_challenge_method: 'S256', code_challenge: createHash('sha256').update(verifier).digest('base64url') });
    const back = await signIn(server.http(), url);
    assert.equal(back.searchParams.get('state'), 'st');
    assert.equal(back.searchParams.get('iss'), server.issuer);
    const answer = await redeem(app, back.searchParams.get('code'), { code_verifier: verifier });
    assert.equal(answer.status, 200, answer.text);
    assert.equal(answer.headers['cache-control'], 'no-store');
    assert.deepEqual(Object.keys(answer.json).sort(), ['access_token', 'expires_in', 'id_token', 'scope', 'token_type']);

    const { keys } = (await server.http().get('/.well-known/jwks.json')).json;
    const [head, body, signature] = answer.json.id_token.split('.');
    const key = keys.find((one) => one.kid === decode(head).kid);
    assert.equal(decode(head).alg, 'RS256');
    assert.ok(verify('sha256', Buffer.from(`${head}.${body}`), createPublicKey({ key, format: 'jwk' }), Buffer.from(signature, 'base64url')));
    const claims = decode(body);
    assert.equal(claims.iss, server.issuer);
    assert.equal(claims.aud, app.client_id);
    assert.equal(claims.sub, user.user_id);
    assert.equal(claims.nonce, 'n1');
    assert.equal(claims.email, user.email);
    assert.equal(claims.name, 'Ada Lovelace');
    assert.equal(typeof claims.sid, 'string');

    const info = await server.http().get('/userinfo', { headers: { authorization: `Bearer ${answer.json.access_token}` } });
    assert.equal(info.status, 200, info.text);
    assert.equal(info.json.sub, user.user_id);
    assert.equal(info.json.email, user.email);
  });

  it('gives an access token for the API that was asked for, with the scopes the API knows', async () => {
    const api = await createApi(server.api, { scopes: ['read:orders', 'write:orders'], allow_offline_access: true });
    const back = await signIn(server.http(), authorizeUrl(app, { audience: api.identifier, scope: 'openid offline_access read:orders fly:moon' }));
    const tokens = (await redeem(app, back.searchParams.get('code'))).json;
    const claims = claimsOf(tokens.access_token);
    assert.deepEqual(claims.aud, [api.identifier, `${server.issuer}userinfo`]);
    assert.equal(claims.scope, 'openid offline_access read:orders');
    assert.equal(claims.azp, app.client_id);
    assert.equal(claims.permissions, undefined);
    assert.equal(typeof tokens.refresh_token, 'string');
  });

  it('limits scopes to permissions and tells them where the API wants that', async () => {
    const api = await createApi(server.api, { scopes: ['read:users', 'delete:users'], enforce_policies: true, token_dialect: 'access_token_authz' });
    const person = await createUser(server.api);
    await server.api.post(`/users/${encodeURIComponent(person.user_id)}/permissions`, {
      permissions: [{ permission_name: 'delete:users', resource_server_identifier: api.identifier }],
    });
    const back = await signIn(server.http(), authorizeUrl(app, { audience: api.identifier, scope: 'openid read:users delete:users' }), person);
    const claims = claimsOf((await redeem(app, back.searchParams.get('code'))).json.access_token);
    assert.equal(claims.scope, 'openid delete:users');
    assert.deepEqual(claims.permissions, ['delete:users']);
  });

  it('asks nothing again in the second application, and silently answers its frames', async () => {
    const spaBase = `https://spa-${unique()}.example.com`;
    const second = { base: spaBase, ...(await createWebApplication(server.api, spaBase, callback, { web_origins: [spaBase] })) };
    const http = server.http();
    await signIn(http, authorizeUrl(app));
    const straight = await http.get(authorizeUrl(second));
    assert.ok(straight.location.startsWith(spaBase + callback), straight.location);
    const frame = await http.get(authorizeUrl(second, { prompt: 'none', response_mode: 'web_message' }));
    assert.equal(frame.status, 200);
    assert.match(frame.text, /authorization_response/);
    assert.equal(frame.headers['x-frame-options'], undefined);
    assert.match(frame.headers['content-security-policy'], new RegExp(`frame-ancestors ${spaBase.replaceAll('.', '\\.')}`));
    const nobody = await server.http().get(authorizeUrl(second, { prompt: 'none' }));
    assert.equal(new URL(nobody.location).searchParams.get('error'), 'login_required');
  });

  it('prompt=login asks again, and a login answered in another browser is worth nothing', async () => {
    const http = server.http();
    await signIn(http, authorizeUrl(app));
    const asked = await http.get(authorizeUrl(app, { prompt: 'login' }));
    assert.match(asked.location, /\/u\/login/);
    const elsewhere = await server.http().get(asked.location);
    assert.ok(elsewhere.status >= 400 || elsewhere.location, `${elsewhere.status}`);
    assert.doesNotMatch(elsewhere.text, /type="password"/);
  });

  it('never redirects to a callback that is not registered, and says which one was meant', async () => {
    for (const wrong of [`${app.base}${callback}/`, `${app.base}${callback}?x=1`, `https://evil.example${callback}`, `${app.base}@evil.example${callback}`]) {
      const answer = await server.http().get(authorizeUrl(app, { redirect_uri: wrong }));
      assert.ok(answer.status >= 400 && answer.status < 500, `${wrong}: ${answer.status}`);
      assert.equal(answer.location, undefined);
    }
    const near = await server.http().get(authorizeUrl(app, { redirect_uri: `${app.base}${callback}/` }));
    assert.match(near.text, /Callback URL mismatch/);
    assert.ok(near.text.includes(app.base + callback));
    const unknown = await server.http().get('/authorize?client_id=nobody&response_type=code');
    assert.ok(unknown.status >= 400 && unknown.status < 500);
    assert.equal(unknown.location, undefined);
  });

  it('of fifty concurrent redemptions one wins', async () => {
    const back = await signIn(server.http(), authorizeUrl(app));
    const code = back.searchParams.get('code');
    const answers = await Promise.all(Array.from({ length: 50 }, () => redeem(app, code)));
    assert.equal(answers.filter((answer) => answer.status === 200).length, 1);
    for (const answer of answers) if (answer.status !== 200) assert.equal(answer.json.error, 'invalid_grant', answer.text);
  });

  it('logs out for real, with both endpoints', async () => {
    for (const how of ['v2', 'oidc']) {
      const http = server.http();
      const back = await signIn(http, authorizeUrl(app));
      const { id_token } = (await redeem(app, back.searchParams.get('code'))).json;
      const out = how === 'v2'
        ? await http.get(`/v2/logout?${new URLSearchParams({ client_id: app.client_id, returnTo: app.base })}`)
        : await http.get(`/oidc/logout?${new URLSearchParams({ id_token_hint: id_token, logout_hint: claimsOf(id_token).sid, post_logout_redirect_uri: app.base })}`);
      assert.equal(new URL(out.location).origin, app.base);
      const again = await http.get(authorizeUrl(app, { prompt: 'none' }));
      assert.equal(new URL(again.location).searchParams.get('error'), 'login_required', how);
    }
    const strange = await server.http().get(`/v2/logout?${new URLSearchParams({ client_id: app.client_id, returnTo: 'https://evil.example' })}`);
    assert.equal(strange.status, 400);
  });

  it('asks before it ends a session for somebody who shows no hint', async () => {
    const http = server.http();
    await signIn(http, authorizeUrl(app));
    const page = await http.follow(await http.get(`/oidc/logout?${new URLSearchParams({ client_id: app.client_id, post_logout_redirect_uri: app.base })}`));
    assert.equal(page.status, 200);
    const stays = await http.follow(await http.submit(page, { action: 'deny' }));
    assert.equal(stays.status, 200);
    assert.ok(new URL((await http.get(authorizeUrl(app, { prompt: 'none' }))).location).searchParams.get('code'));
    const ask = await http.follow(await http.get(`/oidc/logout?${new URLSearchParams({ client_id: app.client_id, post_logout_redirect_uri: app.base })}`));
    const out = await http.follow(await http.submit(ask, { action: 'accept' }), { until: (target) => target.origin === app.base });
    assert.equal(new URL(out.location).origin, app.base);
    assert.equal(new URL((await http.get(authorizeUrl(app, { prompt: 'none' }))).location).searchParams.get('error'), 'login_required');
  });

  it('a third-party application asks the person once', async () => {
    const third = await webApplication({ is_first_party: false });
    const http = server.http();
    const atCallback = (target) => target.pathname === callback;
    let page = await http.follow(await http.get(authorizeUrl(third)), { until: atCallback });
    page = await http.follow(await http.submit(page, { username: user.email, password }), { until: atCallback });
    assert.match(page.url, /\/u\/consent/);
    const back = await http.follow(await http.submit(page, { action: 'accept' }), { until: atCallback });
    assert.ok(new URL(back.location).searchParams.get('code'));
    assert.ok(new URL((await http.get(authorizeUrl(third))).location).searchParams.get('code'));
  });

  it('stops an application that sends its user round and round', async () => {
    const http = server.http();
    await signIn(http, authorizeUrl(app));
    let answer;
    for (let round = 0; round < 60 && (!answer || answer.location); round += 1) answer = await http.get(authorizeUrl(app));
    assert.equal(answer.status, 400);
    assert.match(answer.text, /stopped/);
  });

  it('writes the events of what happened', async () => {
    const wanted = ['s', 'seacft', 'ssa', 'fsa', 'slo', 'feacft', 'f', 'flo'];
    const end = Date.now() + 5000;  // those of requests that change nothing are written a moment later
    for (;;) {
      const types = new Set();
      for (const type of wanted) if ((await server.api.get(`/logs?q=type:${type}`)).length > 0) types.add(type);
      const missing = wanted.filter((type) => !types.has(type));
      if (missing.length === 0) return;
      assert.ok(Date.now() < end, `missing: ${missing}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  });
});
