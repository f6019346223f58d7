// A Next.js application on the third generation of the SDK: routes /api/auth/*, HTTP Basic at the token endpoint.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { newPerson, signIn, startBrowser } from '../support/browser.mjs';
import { createApi, createUser, password } from '../support/fixtures.mjs';
import { startExpressApi, startNextjsV3 } from './apps.mjs';
import { local, tenant } from './servers.mjs';

for (const [name, server, host] of [['https://gatehouse.test/', tenant, 'classic.test'], ['https://localhost:N/', local, 'localhost']]) {
  describe(`nextjs-auth0 3 with ${name}`, () => {
    let browser, page, app, express, user;
    before(async () => {
      browser = await startBrowser({ caFiles: [server.caFile] });
      const api = await createApi(server.api, { scopes: ['read:orders'], allow_offline_access: true });
      express = await startExpressApi(server, api.identifier);
      app = await startNextjsV3(server, { host, api: { identifier: api.identifier, url: express.baseUrl } });
      user = await createUser(server.api);
      page = await newPerson(browser);
    });
    after(async () => {
      await browser?.close();
      await app?.stop();
      await express?.stop();
    });

    it('signs a person in and keeps them signed in over a reload', async () => {
      await page.goto(app.baseUrl);
      await page.click('text=Log in');
      await signIn(page, server.issuer, { email: user.email, password });
      for (const again of [false, true]) {
        if (again) await page.reload();
        await page.waitForSelector('[data-testid=email]');
        assert.equal(await page.textContent('[data-testid=name]'), user.name);
        assert.equal(await page.textContent('[data-testid=email]'), user.email);
      }
    });

    it('gives the profile at /api/auth/me', async () => {
      const me = await (await page.request.get(`${app.baseUrl}/api/auth/me`)).json();
      assert.equal(me.sub, user.user_id);
      assert.equal(me.email, user.email);
    });

    it('calls the API, also with a refreshed token', async () => {
      const first = await page.request.get(`${app.baseUrl}/orders`);
      assert.equal(first.status(), 200, await first.text());
      const refreshed = await page.request.get(`${app.baseUrl}/orders?refresh`);
      assert.equal(refreshed.status(), 200, await refreshed.text());
      assert.equal((await refreshed.json()).sub, user.user_id);
    });

    it('logs the person out at the server too', async () => {
      await page.goto(app.baseUrl);
      await page.click('text=Log out');
      await page.waitForSelector('text=Welcome');
      assert.equal(new URL(page.url()).origin, app.baseUrl);
      await page.click('text=Log in');
      await page.waitForURL((url) => url.href.startsWith(server.issuer));
      await page.waitForSelector('input[name=username]');
    });
  });
}
