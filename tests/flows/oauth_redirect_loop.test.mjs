// An application that cannot keep its own session sends people back to sign in as soon as they have: in a real browser, which gives up
// after twenty redirects, a page must explain it before.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import { after, before, it } from 'node:test';
import { newPerson, signIn, startBrowser } from '../support/browser.mjs';
import { createUser, createWebApplication, password } from '../support/fixtures.mjs';
import { startServer } from '../support/server.mjs';

let server, browser, app, client, base;
before(async () => {
  server = await startServer();
  browser = await startBrowser({ caFiles: [server.caFile] });
  // Four redirects a round, as the Next.js SDK makes them: / to /login to /authorize to /callback to /.
  app = http.createServer((request, response) => {
    const { pathname } = new URL(request.url, base);
    const authorize = new URL('/authorize', server.issuer);
    authorize.search = new URLSearchParams({ client_id: client.client_id, redirect_uri: `${base}/callback`, response_type: 'code', scope: 'openid' });
    const next = { '/': '/login', '/login': authorize.href, '/callback': '/' }[pathname];
    response.writeHead(next ? 302 : 404, next ? { location: next } : {}).end();
  }).listen(0, '127.0.0.1');
  await once(app, 'listening');
  base = `http://localhost:${app.address().port}`;
  client = await createWebApplication(server.api, base, '/callback');
});
after(async () => {
  await browser?.close();
  app?.close();
  await server?.stop();
});

it('is stopped at a page that says what happened', async () => {
  const user = await createUser(server.api);
  const page = await newPerson(browser);
  await page.goto(`${base}/`);
  await signIn(page, server.issuer, { email: user.email, password });
  await page.waitForURL((url) => url.href.startsWith(server.issuer));
  const text = await page.textContent('body');
  assert.match(text, /stopped/);
  assert.match(text, /cookie/);
  assert.ok(text.includes(client.name));
});
