// Takes the README's picture of the login page, docs/images/login.png: node tools/login_screenshot.mjs
// Needs a built server and `npm ci` in tests/ (./test --compat does both).

import fs from 'node:fs';
import path from 'node:path';
import { newPerson, startBrowser } from '../tests/support/browser.mjs';
import { createWebApplication } from '../tests/support/fixtures.mjs';
import { repository, startServer } from '../tests/support/server.mjs';

const server = await startServer();
const browser = await startBrowser({ caFiles: [server.caFile] });
try {
  const client = await createWebApplication(server.api, 'http://localhost:3000', '/auth/callback', { name: 'Shop' });
  const query = new URLSearchParams({
    client_id: client.client_id, response_type: 'code', redirect_uri: 'http://localhost:3000/auth/callback', scope: 'openid', state: 's',
  });
  const page = await newPerson(browser, { viewport: { width: 880, height: 660 }, deviceScaleFactor: 1.5 });
  await page.goto(`${server.issuer}authorize?${query}`);
  await page.waitForSelector('input[name=username]');
  const folder = path.join(repository, 'docs', 'images');
  fs.mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: path.join(folder, 'login.png') });
} finally {
  await browser.close();
  await server.stop();
}
