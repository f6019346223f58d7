// The hosted pages in Chromium: what only a browser can say. Whether its policy lets the page's own style and script through and
// the redirect to the application out, the keyboard alone, no JavaScript, dark, small, right to left.

import assert from 'node:assert/strict';
import http from 'node:http';
import { once } from 'node:events';
import { after, before, it } from 'node:test';
import { newPerson, startBrowser } from '../support/browser.mjs';
import { createUser, createWebApplication, password } from '../support/fixtures.mjs';
import { startServer } from '../support/server.mjs';

let server;
let browser;
let site;
let origin;
let app;
let user;
before(async () => {
  server = await startServer();
  site = http.createServer((request, response) => response.end(`arrived ${request.url}`)).listen(0, '127.0.0.1');
  await once(site, 'listening');
  origin = `http://localhost:${site.address().port}`;
  app = await createWebApplication(server.api, origin, '/callback', { name: 'Parcel Post' });
  user = await createUser(server.api);
  browser = await startBrowser({ caFiles: [server.caFile] });
});
after(async () => {
  await browser?.close();
  site?.close();
  await server?.stop();
});

const authorizeUrl = (more = {}) => `${server.issuer}authorize?${new URLSearchParams({
  client_id: app.client_id, response_type: 'code', redirect_uri: `${origin}/callback`, scope: 'openid profile email', state: 's', ...more,
})}`;

/** A page at the login, and what its console complains about. */
async function atLogin(options, more) {
  const page = await newPerson(browser, options);
  const complaints = [];
  page.on('console', (message) => { if (['error', 'warning'].includes(message.type())) complaints.push(message.text()); });
  page.on('pageerror', (error) => complaints.push(String(error)));
  await page.goto(authorizeUrl(more));
  return { page, complaints };
}

it('signs in with the keyboard alone, and the policy stands in nobody\'s way', async () => {
  const { page, complaints } = await atLogin();
  assert.equal(await page.evaluate(() => document.activeElement.name), 'username', 'the cursor waits in the first field');
  await page.keyboard.type(user.email);
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement.name), 'password');
  await page.keyboard.type(password);
  await page.keyboard.press('Enter');
  await page.waitForURL(`${origin}/callback?**`);
  assert.deepEqual(complaints, []);
  await page.goBack();
  assert.match(await page.textContent('h1'), /signed in/i, 'the back button leads to a friendly page');
});

it('signs in without JavaScript', async () => {
  const { page } = await atLogin({ javaScriptEnabled: false });
  assert.equal(await page.locator('.reveal').first().isVisible(), false, 'a button that cannot work is not shown');
  await page.fill('input[name=username]', user.email);
  await page.fill('input[name=password]', password);
  await page.click('button[type=submit]');
  await page.waitForURL(`${origin}/callback?**`);
});

it('says what is wrong where the eye and the screen reader are', async () => {
  const { page } = await atLogin();
  await page.fill('input[name=username]', user.email);
  await page.fill('input[name=password]', 'wrong');
  await page.click('button[type=submit]');
  await page.waitForSelector('[role=alert]');
  assert.match(await page.title(), /^Error: /);
  assert.equal(await page.evaluate(() => document.activeElement.name), 'password');
  const described = await page.getAttribute('input[name=password]', 'aria-describedby');
  assert.match(await page.textContent(`#${described}`), /do not match/);
  assert.equal(await page.inputValue('input[name=username]'), user.email);
});

it('shows a password when asked to, and sends it as one', async () => {
  const { page } = await atLogin();
  await page.fill('input[name=password]', 'visible');
  await page.getByRole('button', { name: 'Show password' }).click();
  assert.equal(await page.getAttribute('input[name=password]', 'type'), 'text');
  await page.getByRole('button', { name: 'Hide password' }).click();
  assert.equal(await page.getAttribute('input[name=password]', 'type'), 'password');
});

it('labels every field and every button', async () => {
  const { page } = await atLogin({}, { screen_hint: 'signup' });
  for (const input of await page.locator('input:not([type=hidden]):not([aria-hidden])').all()) {
    assert.ok(await input.evaluate((element) => element.labels[0]?.textContent.trim()), await input.getAttribute('name'));
  }
  for (const button of await page.locator('button').all()) assert.ok((await button.getAttribute('aria-label')) || (await button.textContent()).trim());
  assert.equal(await page.locator('h1').count(), 1);
  assert.equal(await page.locator('main').count(), 1);
});

it('fits a phone, is dark at night, and turns around for Arabic', async () => {
  const { page } = await atLogin({ viewport: { width: 320, height: 640 }, colorScheme: 'dark' });
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth), 'nothing to scroll sideways');
  const luminance = await page.evaluate(() => getComputedStyle(document.querySelector('.card')).backgroundColor.match(/\d+/g).slice(0, 3).reduce((a, b) => a + Number(b), 0));
  assert.ok(luminance < 200, `${luminance}`);
  await server.api.patch('/tenants/settings', { enabled_locales: ['en', 'ar'] });
  try {
    const { page: arabic } = await atLogin({ locale: 'ar' });
    assert.equal(await arabic.evaluate(() => getComputedStyle(document.body).direction), 'rtl');
    assert.equal(await arabic.getAttribute('html', 'lang'), 'ar');
  } finally {
    await server.api.patch('/tenants/settings', { enabled_locales: ['en'] });
  }
});

it('cannot be framed by another site', async () => {
  const frame = http.createServer((request, response) => {
    response.setHeader('content-type', 'text/html');
    response.end(`<iframe src="${authorizeUrl()}"></iframe>`);
  }).listen(0, '127.0.0.1');
  await once(frame, 'listening');
  const page = await newPerson(browser);
  const refused = page.waitForEvent('console', (message) => /frame-ancestors|X-Frame-Options/i.test(message.text()));
  await page.goto(`http://localhost:${frame.address().port}/`);
  await refused;
  frame.close();
});
