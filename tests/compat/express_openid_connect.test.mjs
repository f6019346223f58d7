// A web application with express-openid-connect, told the issuer, a client and its secret: each way of getting the answer that it
// knows, refreshing, silent login, asking again, logout.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, describe, it } from 'node:test';
import express from 'express';
import openidConnect from 'express-openid-connect';
import { createApi, createUser, createWebApplication, nextSecond, password } from '../support/fixtures.mjs';
import { freePort } from '../support/server.mjs';
import { local } from './servers.mjs';

const { attemptSilentLogin, auth, requiresAuth } = openidConnect;

let user, api;
before(async () => {
  user = await createUser(local.api);
  api = await createApi(local.api, { scopes: ['read:orders'], allow_offline_access: true });
});

/** The application on a port of its own, and one person's browser. `settings` are those of auth(). */
async function start(settings, properties = {}) {
  const port = await freePort();
  const baseUrl = `http://localhost:${port}`;
  const client = await createWebApplication(local.api, baseUrl, '/callback', { grant_types: ['authorization_code', 'implicit', 'refresh_token'], ...properties });
  const app = express();
  app.use(auth({
    issuerBaseURL: local.issuer.replace(/\/$/, ''), baseURL: baseUrl, clientID: client.client_id, clientSecret: client.client_secret,
    secret: 'a secret of the application itself', authRequired: false, idpLogout: true,
    // Over plain http the library's default, None with Secure, would lose its cookie.
    transactionCookie: { sameSite: 'Lax' }, ...settings,
  }));
  app.get('/', (request, response) => response.json({ signedIn: request.oidc.isAuthenticated() }));
  app.get('/silent', attemptSilentLogin(), (request, response) => response.json({ signedIn: request.oidc.isAuthenticated() }));
  app.get('/me', requiresAuth(), (request, response) => response.json(request.oidc.user));
  app.get('/userinfo', requiresAuth(), async (request, response) => response.json(await request.oidc.fetchUserInfo()));
  app.get('/refresh', requiresAuth(), async (request, response) => {
    const before = request.oidc.accessToken;
    response.json({ before: before.access_token, after: (await before.refresh()).access_token });
  });
  app.get('/ask-again', (request, response) => response.oidc.login({ returnTo: '/', authorizationParams: { prompt: 'login' } }));
  app.use((error, request, response, next) => response.status(error.status ?? 500).json({ error: error.message }));
  const listening = app.listen(port);
  await once(listening, 'listening');

  const http = local.http();
  const isAway = (url) => url.origin === baseUrl;
  const get = (path) => http.get(baseUrl + path);
  /** Follows from a page of the application to the server, signs in when asked, and comes back by redirect or by posted form. */
  const through = async (path) => {
    let page = await http.follow(await http.get((await get(path)).location), { until: isAway });
    const asked = /\/u\/login/.test(page.url);
    if (asked) page = await http.follow(await http.submit(page, { username: user.email, password }), { until: isAway });
    const answer = page.location ? await http.get(page.location) : await http.submit(page, {});
    assert.equal(answer.status, 302, answer.text);
    return { asked, posted: !page.location, to: answer.location };
  };
  const stop = async () => {
    listening.close();
    listening.closeAllConnections();
  };
  return { baseUrl, http, get, through, isAway, stop };
}

const ways = [
  { name: 'an ID token in a posted form, without a secret', settings: { clientSecret: undefined }, posted: true },
  { name: 'a code in the query', settings: { authorizationParams: { response_type: 'code' } }, posted: false, code: true },
  { name: 'a code in a posted form', settings: { authorizationParams: { response_type: 'code', response_mode: 'form_post' } }, posted: true, code: true },
  { name: 'a code and an ID token in a posted form', settings: { authorizationParams: { response_type: 'code id_token' } }, posted: true, code: true },
  { name: 'a code, with the secret by HTTP Basic', settings: { clientAuthMethod: 'client_secret_basic', authorizationParams: { response_type: 'code' } }, posted: false, code: true },
  {
    name: 'a code, with ID tokens signed by the secret', posted: false, code: true,
    settings: { idTokenSigningAlg: 'HS256', authorizationParams: { response_type: 'code' } }, properties: { jwt_configuration: { alg: 'HS256' } },
  },
];

for (const way of ways) {
  describe(`express-openid-connect with ${way.name}`, () => {
    let app;
    before(async () => { app = await start(way.settings, way.properties); });
    after(async () => { await app?.stop(); });

    it('signs a person in and out', async () => {
      const { asked, posted } = await app.through('/login');
      assert.equal(asked, true);
      assert.equal(posted, way.posted);
      const me = (await app.get('/me')).json;
      assert.equal(me.sub, user.user_id);
      assert.equal(me.email, user.email);
      if (way.code) assert.equal((await app.get('/userinfo')).json.email, user.email);

      const out = await app.http.follow(await app.http.get((await app.get('/logout')).location), { until: app.isAway });
      assert.equal(new URL(out.location).origin, app.baseUrl);
      assert.equal((await app.get('/')).json.signedIn, false);
      assert.equal((await app.through('/login')).asked, true, 'the session of the server has ended too');
    });
  });
}

describe('express-openid-connect with an API', () => {
  let app;
  before(async () => {
    app = await start({
      authorizationParams: { response_type: 'code', audience: api.identifier, scope: 'openid profile email offline_access read:orders' },
    });
  });
  after(async () => { await app?.stop(); });

  it('finds nobody by a silent login, without an error', async () => {
    assert.equal((await app.through('/silent')).asked, false);
    assert.equal((await app.get('/silent')).json.signedIn, false);
  });

  it('refreshes the access token', async () => {
    await app.through('/login');
    await nextSecond();
    const answer = await app.get('/refresh');
    assert.equal(answer.status, 200, answer.text);
    assert.notEqual(answer.json.after, answer.json.before);
  });

  it('asks for the password again when the application wants it', async () => {
    assert.equal((await app.through('/login')).asked, false);
    assert.equal((await app.through('/ask-again')).asked, true);
  });
});
