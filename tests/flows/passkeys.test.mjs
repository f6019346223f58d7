// Passkeys and WebAuthn second factors in Chromium with virtual authenticators: enrolled after a password, used by button and by autofill,
// declined, deleted, lied about.

import assert from 'node:assert/strict';
import http from 'node:http';
import { once } from 'node:events';
import { after, before, describe, it } from 'node:test';
import { device, plugIn } from '../support/authenticator.mjs';
import { newPerson, startBrowser } from '../support/browser.mjs';
import { createUser, createWebApplication, databaseConnection, password } from '../support/fixtures.mjs';
import { startServer } from '../support/server.mjs';

let server;
let browser;
let site;
let origin;
let app;
before(async () => {
  server = await startServer();
  site = http.createServer((request, response) => response.end(`arrived ${request.url}`)).listen(0, '127.0.0.1');
  await once(site, 'listening');
  origin = `http://localhost:${site.address().port}`;
  app = await createWebApplication(server.api, origin, '/callback');
  browser = await startBrowser({ caFiles: [server.caFile] });
  await passkeys({});
});
after(async () => {
  await browser?.close();
  site?.close();
  await server?.stop();
});

/** Switches passkeys on, with these options. */
async function passkeys(options) {
  const { id } = await databaseConnection(server.api);
  const connection = await server.api.get(`/connections/${id}`);
  await server.api.patch(`/connections/${id}`, {
    options: {
      ...connection.options, authentication_methods: { password: { enabled: true }, passkey: { enabled: true } },
      passkey_options: { challenge_ui: 'both', progressive_enrollment_enabled: true, local_enrollment_enabled: true, ...options },
    },
  });
}

const authorizeUrl = (more = {}) => `${server.issuer}authorize?${new URLSearchParams({
  client_id: app.client_id, response_type: 'code', redirect_uri: `${origin}/callback`, scope: 'openid profile email', state: 's', ...more,
})}`;
const arrived = (page) => page.waitForURL(`${origin}/callback?**`);

/** Another login of the same person at the same machine. */
async function again(page) {
  await page.context().clearCookies();
  await page.goto(authorizeUrl());
}

async function typePassword(page, user) {
  await page.fill('input[name=username]', user.email);
  await page.fill('input[name=password]', password);
  await page.click('button[name=action][value=default]');
}

/** A person at the login page with an authenticator, and what the console complains about. */
async function atLogin(kind = device) {
  const page = await newPerson(browser);
  const complaints = [];
  page.on('console', (message) => { if (message.type() === 'error') complaints.push(message.text()); });
  page.on('pageerror', (error) => complaints.push(String(error)));
  const authenticator = await plugIn(page, kind);
  await page.goto(authorizeUrl());
  return { page, authenticator, complaints };
}

/** Somebody who has just enrolled a passkey after a password. */
async function enrolled() {
  const user = await createUser(server.api);
  const person = await atLogin();
  // Nobody chooses from the autofill: it has nothing to offer yet, and the password is typed.
  await typePassword(person.page, user);
  await person.page.waitForURL((url) => url.pathname === '/u/passkey-enrollment');
  await person.page.click('[data-start]');
  await arrived(person.page);
  return { user, ...person };
}

const methods = (user) => server.api.get(`/users/${encodeURIComponent(user.user_id)}/authentication-methods`);
async function logged(type, user) {
  const end = Date.now() + 5000;
  for (;;) {
    const events = await server.api.get(`/logs?q=${encodeURIComponent(`type:${type} AND user_id:"${user.user_id}"`)}`);
    if (events.length) return events[0];
    assert.ok(Date.now() < end, `no ${type}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

describe('a passkey', () => {
  it('is offered after a password, created, and signs in by the button', async () => {
    await passkeys({ challenge_ui: 'button' });
    const { user, page, authenticator, complaints } = await enrolled();
    const [credential] = await authenticator.credentials();
    assert.equal(credential.rpId, 'localhost');
    assert.equal(credential.isResidentCredential, true);
    assert.equal((await logged('gd_enrollment_complete', user)).details.authenticator.type, 'passkey');

    await again(page);
    await page.click('button[data-start]');
    await arrived(page);
    assert.ok(await logged('s', user));
    assert.deepEqual(complaints, []);
  });

  it('signs in from the autofill of the name', async () => {
    await passkeys({ challenge_ui: 'both' });
    const { page } = await enrolled();
    await again(page);  // the virtual authenticator chooses at once what the browser offers
    await arrived(page);
  });

  it('may be declined, and the offer is not made again in this browser', async () => {
    await passkeys({ challenge_ui: 'button' });
    const user = await createUser(server.api);
    const { page } = await atLogin();
    await typePassword(page, user);
    await page.waitForURL((url) => url.pathname === '/u/passkey-enrollment');
    await page.check('input[name=doNotShowAgain]');
    await page.click('button[value=abort]');
    await arrived(page);
    const kept = (await page.context().cookies(server.issuer)).filter((cookie) => cookie.name === '__Host-gatehouse_passkey');
    assert.equal(kept.length, 1);
    assert.ok(kept[0].expires - Date.now() / 1000 > 300 * 86400);
    await page.context().clearCookies({ name: '__Host-gatehouse_session' });
    await page.context().clearCookies();
    await page.context().addCookies(kept);
    await page.goto(authorizeUrl());
    await typePassword(page, user);
    await arrived(page);
  });

  it('that was not created leaves a page that goes on', async () => {
    await passkeys({ challenge_ui: 'button' });
    const user = await createUser(server.api);
    const { page, authenticator } = await atLogin();
    await typePassword(page, user);
    await page.waitForURL((url) => url.pathname === '/u/passkey-enrollment');
    await authenticator.verifies(false);
    await page.evaluate(() => { navigator.credentials.create = () => Promise.reject(new DOMException('', 'NotAllowedError')); });
    await page.click('[data-start]');
    await page.waitForSelector('[role=alert]');
    assert.match(await page.textContent('.alert'), /could not be created/);
    assert.ok(await logged('gd_webauthn_enrollment_failed', user));
    await page.click('button[value=abort]');
    await arrived(page);
  });

  it('that was deleted does not sign in, and the page says so', async () => {
    await passkeys({ challenge_ui: 'button' });
    const { user, page } = await enrolled();
    const [method] = (await methods(user)).filter((one) => one.type === 'passkey');
    await server.api.delete(`/users/${encodeURIComponent(user.user_id)}/authentication-methods/${encodeURIComponent(method.id)}`);
    await again(page);
    await page.click('button[data-start]');
    await page.waitForURL((url) => url.searchParams.has('passkey'));
    assert.match(await page.textContent('[data-told]'), /passkey/i);
    assert.equal(await page.locator('[data-told]').isVisible(), true);
  });

  it('of another site or another moment is refused', async () => {
    await passkeys({ challenge_ui: 'button' });
    const { page } = await enrolled();
    for (const lie of [
      (answer, change) => change({ origin: 'https://evil.test' }),
      (answer, change) => change({ type: 'webauthn.create' }),
      (answer, change) => change({ challenge: 'A'.repeat(43) }),
      (answer, change) => change({ crossOrigin: true }),
      (answer) => { answer.response.signature = answer.response.signature.slice(0, -4) + 'AAAA'; },
      (answer) => { answer.response.userHandle = 'AAAA'; },
    ]) {
      await again(page);
      await page.evaluate(() => {
        window.sent = new Promise((resolve) => { HTMLFormElement.prototype.submit = function submit() { resolve(this.elements.response.value); }; });
      });
      await page.click('button[data-start]');
      const answer = JSON.parse(await page.evaluate(() => window.sent));
      lie(answer, (more) => {
        const client = { ...JSON.parse(Buffer.from(answer.response.clientDataJSON, 'base64url')), ...more };
        answer.response.clientDataJSON = Buffer.from(JSON.stringify(client)).toString('base64url');
      });
      await Promise.all([
        page.waitForURL((url) => url.searchParams.get('passkey') === 'refused'),
        page.evaluate((text) => {
          const form = document.querySelector('form[data-webauthn]');
          form.elements.response.value = text;
          const plain = form.cloneNode(true);
          delete plain.dataset.webauthn;
          document.body.append(plain);
          plain.querySelector('button').click();
        }, JSON.stringify(answer)),
      ]);
    }
  });

  it('is no way in for a blocked user', async () => {
    await passkeys({ challenge_ui: 'button' });
    const { user, page } = await enrolled();
    await server.api.patch(`/users/${encodeURIComponent(user.user_id)}`, { blocked: true });
    await again(page);
    await page.click('button[data-start]');
    await page.waitForURL((url) => url.searchParams.get('passkey') === 'disabled');
    assert.match(await page.textContent('[data-told]'), /blocked/);
  });

  it('is not offered where the connection has none', async () => {
    const { id, options } = await databaseConnection(server.api);
    await server.api.patch(`/connections/${id}`, { options: { ...options, authentication_methods: { passkey: { enabled: false } } } });
    const { page } = await atLogin();
    assert.equal(await page.locator('form[data-webauthn]').count(), 0);
    assert.equal(await page.getAttribute('input[name=username]', 'autocomplete'), 'username');
  });
});
