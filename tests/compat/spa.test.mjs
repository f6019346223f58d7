// A single-page application with @auth0/auth0-spa-js: everything happens between the browser and the server, across origins.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { signIn, startProfile } from '../support/browser.mjs';
import { createApi, createApplication, createUser, nextSecond, password, rotating } from '../support/fixtures.mjs';
import { freePort } from '../support/server.mjs';
import { startExpressApi, startSpa } from './apps.mjs';
import { local, tenant } from './servers.mjs';

const who = (page) => page.waitForFunction(() => document.querySelector('#who').textContent !== '…').then(() => page.textContent('#who'));
// Tokens of one second may be equal to the byte: they differ by `iat`.
async function newToken(page) {
  await nextSecond();
  assert.equal(await answerAfter(page, '#renew'), 'A new token.');
}
async function answerAfter(page, button) {
  await page.evaluate(() => { document.querySelector('#answer').textContent = ''; });
  await page.click(button);
  await page.waitForFunction(() => document.querySelector('#answer').textContent !== '');
  return page.textContent('#answer');
}
const tokenRequests = (requests, grant) => requests.filter((request) =>
  request.method() === 'POST' && request.url().endsWith('/oauth/token') && (request.postData() ?? '').includes(grant));

for (const [name, server] of [['https://gatehouse.test/', tenant], ['https://localhost:N/', local]]) describe(`spa-js with ${name}`, () => {
  let express, api, user;
  before(async () => {
    api = await createApi(server.api, { scopes: ['read:orders'], allow_offline_access: true });
    express = await startExpressApi(server, api.identifier);
    user = await createUser(server.api);
  });
  after(async () => { await express?.stop(); });

  async function openSpa({ useRefreshTokens, properties }) {
    const port = await freePort();
    const origin = `http://localhost:${port}`;
    const client = await createApplication(server.api, {
      app_type: 'spa', token_endpoint_auth_method: 'none', oidc_conformant: true, callbacks: [`${origin}/`], allowed_logout_urls: [origin],
      web_origins: [origin], allowed_origins: [origin], grant_types: ['authorization_code', 'refresh_token'], ...properties,
    });
    const app = await startSpa(server, port, { clientId: client.client_id, audience: api.identifier, apiUrl: express.baseUrl, useRefreshTokens });
    const browser = await startProfile({ caFiles: [server.caFile] });
    const page = await browser.newPage();
    const requests = [];
    page.on('request', (request) => requests.push(request));
    const close = async () => {
      await browser.close();
      await app.stop();
    };
    return { app, page, requests, client, close };
  }

  describe('with the token in memory', () => {
    let spa;
    before(async () => { spa = await openSpa({ useRefreshTokens: false }); });
    after(async () => { await spa?.close(); });

    it('finds nobody signed in at first, through a hidden frame', async () => {
      await spa.page.goto(spa.app.baseUrl);
      assert.equal(await who(spa.page), 'Nobody is signed in.');
    });

    it('signs a person in by redirect', async () => {
      await spa.page.click('#login');
      await signIn(spa.page, server.issuer, { email: user.email, password });
      assert.equal(await who(spa.page), `${user.name} <${user.email}>`);
    });

    it('knows the person after a reload: prompt=none and web_message in a frame', async () => {
      spa.requests.length = 0;
      await spa.page.reload();
      assert.equal(await who(spa.page), `${user.name} <${user.email}>`);
      const silent = spa.requests.filter((request) => request.url().includes('/authorize?') && request.frame() !== spa.page.mainFrame());
      assert.ok(silent.length >= 1, 'a frame asked /authorize');
      const query = new URL(silent[0].url()).searchParams;
      assert.equal(query.get('prompt'), 'none');
      assert.equal(query.get('response_mode'), 'web_message');
    });

    it('calls the API', async () => {
      const answer = await answerAfter(spa.page, '#call');
      assert.ok(answer.startsWith('200 '), answer);
      assert.equal(JSON.parse(answer.slice(4)).sub, user.user_id);
    });

    it('gets a new token on demand', async () => {
      await newToken(spa.page);
    });

    it('logs out: a reload finds nobody', async () => {
      await spa.page.click('#logout');
      await spa.page.waitForURL((url) => url.origin === spa.app.baseUrl);
      assert.equal(await who(spa.page), 'Nobody is signed in.');
      await spa.page.reload();
      assert.equal(await who(spa.page), 'Nobody is signed in.');
    });
  });

  describe('with rotating refresh tokens', () => {
    let spa;
    before(async () => {
      spa = await openSpa({ useRefreshTokens: true, properties: { refresh_token: rotating } });
      await spa.page.goto(spa.app.baseUrl);
      await who(spa.page);
      await spa.page.click('#login');
      await signIn(spa.page, server.issuer, { email: user.email, password });
      await who(spa.page);
    });
    after(async () => { await spa?.close(); });

    it('renews the token from the browser, each time with the successor of the refresh token', async () => {
      spa.requests.length = 0;
      for (let round = 0; round < 3; round += 1) await newToken(spa.page);
      const refreshes = tokenRequests(spa.requests, 'refresh_token');
      assert.equal(refreshes.length, 3);
      const used = refreshes.map((request) => new URLSearchParams(request.postData()).get('refresh_token'));
      assert.equal(used.includes(null), false);
      assert.equal(new Set(used).size, 3, 'no refresh token was used twice');
    });

    it('finds a spent refresh token refused, and the whole family with it', async () => {
      const spent = tokenRequests(spa.requests, 'refresh_token')[0].postData();
      const replay = await server.http({ cookies: false }).post('/oauth/token', { form: new URLSearchParams(spent) });
      assert.equal(replay.status, 403, replay.text);
      assert.equal(replay.json.error, 'invalid_grant');
      const answer = await answerAfter(spa.page, '#renew');
      // The SDK falls back to the hidden frame, where the session still holds: what must not happen is that the refresh succeeds.
      const refused = await (await tokenRequests(spa.requests, 'refresh_token').at(-1).response()).status();
      assert.equal(refused, 403, `the refresh after a replay was answered ${refused}; the page says ${answer}`);
    });

    it('lets its own origin read the answer, and no other', async () => {
      const form = { grant_type: 'refresh_token', client_id: spa.client.client_id, refresh_token: 'none' };
      const allowed = async (origin) => {
        const answer = await server.http({ cookies: false }).post('/oauth/token', { form, headers: { origin } });
        return answer.headers['access-control-allow-origin'];
      };
      assert.equal(await allowed(spa.app.baseUrl), spa.app.baseUrl);
      assert.equal(await allowed('https://evil.example'), undefined);
      assert.equal(await allowed(`${spa.app.baseUrl}.evil.example`), undefined);
    });
  });
});
