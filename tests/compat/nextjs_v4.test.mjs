// A Next.js App Router application with @auth0/nextjs-auth0 4, in a browser.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { newPerson, signIn, startBrowser } from '../support/browser.mjs';
import { createApi, createUser, nextSecond, password, rotating } from '../support/fixtures.mjs';
import { startExpressApi, startNextjs } from './apps.mjs';
import { local, tenant } from './servers.mjs';

let browser;
const stopped = [];
before(async () => { browser = await startBrowser({ caFiles: [tenant.caFile, local.caFile] }); });
after(async () => {
  await browser?.close();
  for (const app of stopped) await app.stop();
});

async function start(server, options) {
  const app = await startNextjs(server, options);
  stopped.push(app);
  return app;
}

async function isSignedIn(page, user) {
  await page.waitForSelector('[data-testid=email]');
  assert.equal(await page.textContent('[data-testid=name]'), user.name);
  assert.equal(await page.textContent('[data-testid=email]'), user.email);
}

const ways = [
  { name: 'under a DNS-like name on port 443, with the five settings alone', server: tenant, host: 'shop.test' },
  {
    name: 'the quick local way, with https://localhost:N and allowInsecureRequests',
    server: local, host: 'localhost', domain: local.issuer.slice(0, -1),
  },
];
for (const { name, server, host, domain } of ways) {
  describe(`nextjs-auth0 4 ${name}`, () => {
    let app, user, page;
    before(async () => {
      app = await start(server, { host, domain });
      user = await createUser(server.api);
      page = await newPerson(browser);
    });

    it('signs a person in on the hosted page and shows name and e-mail address', async () => {
      await page.goto(app.baseUrl);
      await page.click('text=Log in');
      await signIn(page, server.issuer, { email: user.email, password });
      assert.equal(new URL(page.url()).origin, app.baseUrl);
      await isSignedIn(page, user);
    });

    it('still knows the person after a reload', async () => {
      await page.reload();
      await isSignedIn(page, user);
    });

    it('shows the profile from the ID token', async () => {
      await page.goto(`${app.baseUrl}/profile`);
      const profile = JSON.parse(await page.textContent('[data-testid=profile]'));
      assert.equal(profile.sub, user.user_id);
      assert.equal(profile.email_verified, true);
      assert.equal(typeof profile.picture, 'string');
    });

    it('logs the person out for real: the next login asks for the password again', async () => {
      await page.goto(app.baseUrl);
      await page.click('text=Log out');
      await page.waitForSelector('text=Welcome');
      assert.equal(page.url(), `${app.baseUrl}/`);
      await page.click('text=Log in');
      await page.waitForURL((url) => url.href.startsWith(server.issuer));
      await page.waitForSelector('input[name=username]');
    });

    it('refuses a wrong password and says so on the page', async () => {
      const other = await newPerson(browser);
      await other.goto(`${app.baseUrl}/auth/login`);
      await other.fill('input[name=username]', user.email);
      if (!(await other.locator('input[name=password]').isVisible())) await other.click('button[type=submit]');
      await other.fill('input[name=password]', 'not the password');
      await other.click('button[type=submit]:visible');
      assert.match(await other.textContent('[role=alert]'), /password/);
      assert.ok(other.url().startsWith(server.issuer));
      await other.context().close();
    });
  });
}

describe('nextjs-auth0 4, two applications of one tenant', () => {
  it('signs a person in to the second one without asking', async () => {
    const [shop, desk] = [await start(tenant, { host: 'shop.test' }), await start(tenant, { host: 'desk.test' })];
    const user = await createUser(tenant.api);
    const page = await newPerson(browser);
    await page.goto(`${shop.baseUrl}/auth/login`);
    await signIn(page, tenant.issuer, { email: user.email, password });
    await isSignedIn(page, user);

    const shown = [];
    page.on('framenavigated', (frame) => shown.push(new URL(frame.url()).pathname));
    await page.goto(`${desk.baseUrl}/auth/login`);
    await isSignedIn(page, user);
    assert.equal(new URL(page.url()).origin, desk.baseUrl);
    assert.deepEqual(shown.filter((path) => path.startsWith('/u/')), [], 'no hosted page was shown');
  });
});

describe('nextjs-auth0 4 with an API', () => {
  let app, express, api, user, page;
  before(async () => {
    api = await createApi(tenant.api, { scopes: ['read:orders'], allow_offline_access: true });
    express = await startExpressApi(tenant, api.identifier);
    stopped.push(express);
    app = await start(tenant, {
      host: 'shop.test',
      api: { identifier: api.identifier, url: express.baseUrl },
      properties: { refresh_token: rotating },
    });
    user = await createUser(tenant.api);
    page = await newPerson(browser);
    await page.goto(`${app.baseUrl}/auth/login`);
    await signIn(page, tenant.issuer, { email: user.email, password });
    await isSignedIn(page, user);
  });

  const answer = async () => JSON.parse((await page.textContent('[data-testid=answer]')) || 'null');

  it('calls the API with an access token of the person', async () => {
    await page.goto(`${app.baseUrl}/orders`);
    await page.waitForSelector('text=The API answered 200');
    const claims = await answer();
    assert.equal(claims.sub, user.user_id);
    assert.match(claims.scope, /\bread:orders\b/);
    assert.equal(claims.exp - claims.iat, 86400);
  });

  it('renews the token with a refresh token that rotates, again and again', async () => {
    const token = async () => (await page.request.get(`${app.baseUrl}/auth/access-token`)).json();
    const seen = new Set([(await token()).token]);
    for (let round = 1; round <= 3; round += 1) {
      await nextSecond();
      await page.goto(`${app.baseUrl}/orders`);
      await Promise.all([page.waitForResponse((response) => response.request().method() === 'POST'), page.click('text=Get a new token')]);
      await page.waitForSelector('text=The API answered 200');
      await assert.doesNotReject(async () => seen.add((await token()).token));
      assert.equal(seen.size, round + 1, 'each refresh brings a new access token');
    }
  });
});
