// Passkeys and WebAuthn second factors in Chromium with virtual authenticators: enrolled after a password, used by button and by autofill,
// declined, deleted, lied about.

import assert from 'node:assert/strict';
import http from 'node:http';
import { once } from 'node:events';
import { after, before, describe, it } from 'node:test';
import { device, plugIn, securityKey } from '../support/authenticator.mjs';
import { newPerson, startBrowser } from '../support/browser.mjs';
import { createUser, createWebApplication, databaseConnection, password } from '../support/fixtures.mjs';
import { proves } from '../support/proven.mjs';
import { startServer } from '../support/server.mjs';

const counterpart = 'Chromium with a virtual authenticator';

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
  proves({ kind: 'First factor', way: 'passkey', counterpart }, 'is offered after a password, created, and signs in by the button', async () => {
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

  it('of another device leads to the offer of one on this device', async () => {
    await passkeys({ challenge_ui: 'button' });
    const user = await createUser(server.api);
    const { page, authenticator } = await atLogin({ transport: 'usb' });
    await typePassword(page, user);
    await page.waitForURL((url) => url.pathname === '/u/passkey-enrollment');
    await page.click('[data-start]');
    await arrived(page);
    await again(page);
    await page.click('button[data-start]');
    await page.waitForURL((url) => url.pathname === '/u/passkey-enrollment-local');
    await authenticator.unplug();
    await plugIn(page, device);
    await page.click('[data-start]');
    await arrived(page);
    assert.equal((await methods(user)).filter((one) => one.type === 'passkey').length, 2);
    await passkeys({ challenge_ui: 'button', local_enrollment_enabled: false });
  });

  it('signs in on a page that asks for the name first', async () => {
    await passkeys({ challenge_ui: 'both' });
    const { page } = await enrolled();
    await server.api.patch('/prompts', { identifier_first: true });
    try {
      await again(page);
      await arrived(page);
    } finally {
      await server.api.patch('/prompts', { identifier_first: false });
    }
  });

  it('signs up without a password where the name comes first', async () => {
    await passkeys({ challenge_ui: 'button' });
    await server.api.patch('/prompts', { identifier_first: true });
    try {
      const email = `hedy.${Date.now()}@example.com`;
      const page = await newPerson(browser);
      await plugIn(page, device);
      await page.goto(authorizeUrl({ screen_hint: 'signup' }));
      await page.fill('input[name=email]', email);
      await page.click('button[type=submit]:visible');
      await page.waitForURL((url) => url.pathname === '/u/signup/passkey');
      await page.click('[data-start]');
      await arrived(page);
      const [user] = await server.api.get(`/users-by-email?email=${encodeURIComponent(email)}`);
      assert.equal((await methods(user)).filter((one) => one.type === 'passkey').length, 1);
      assert.deepEqual((await logged('ss', user)).details.authentication_methods, ['passkey']);
      await again(page);
      await page.click('button[data-start]');
      await arrived(page);
      // The same name again is told on the page; a password is still a way.
      await page.context().clearCookies();
      await page.goto(authorizeUrl({ screen_hint: 'signup' }));
      await page.fill('input[name=email]', email);
      await page.click('button[type=submit]:visible');
      await page.click('[data-start]');
      await page.waitForSelector('.alert');
      await page.click('button[value=password]');
      await page.waitForURL((url) => url.pathname === '/u/signup/password');
    } finally {
      await server.api.patch('/prompts', { identifier_first: false });
    }
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

/** What the page says about an id_token's claims. */
const claimsOf = (jwt) => JSON.parse(Buffer.from(jwt.split('.')[1], 'base64url'));

describe('passkeys for apps of one\'s own', () => {
  const grant = 'urn:okta:params:oauth:grant-type:webauthn';
  let native;
  before(async () => {
    await passkeys({ challenge_ui: 'button' });
    native = await createWebApplication(server.api, origin, '/callback', {
      app_type: 'native', token_endpoint_auth_method: 'none', grant_types: [grant], allowed_origins: [origin],
    });
  });

  /** POST from a page of the application. */
  const post = (page, path, body) => page.evaluate(async ([url, json]) => {
    const answer = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(json) });
    return { status: answer.status, json: await answer.json() };
  }, [server.issuer + path, body]);
  const create = (page, options) => page.evaluate(async (json) => (await navigator.credentials.create({
    publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(json),
  })).toJSON(), options);
  const get = (page, options) => page.evaluate(async (json) => (await navigator.credentials.get({
    publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(json),
  })).toJSON(), options);

  async function atHome() {
    const page = await newPerson(browser);
    await plugIn(page, device);
    await page.goto(`${origin}/`);
    return page;
  }
  const realm = 'Username-Password-Authentication';

  proves({ kind: 'API', way: '/passkey/register, /passkey/challenge, passkey grant', counterpart }, 'sign a new user up and in again', async () => {
    const page = await atHome();
    const email = `grace.${Date.now()}@example.com`;
    const begun = await post(page, 'passkey/register', { client_id: native.client_id, realm, user_profile: { email, name: 'Grace Hopper' } });
    assert.equal(begun.status, 200, JSON.stringify(begun.json));
    const { authn_params_public_key: options, auth_session } = begun.json;
    assert.deepEqual(options.rp, { id: 'localhost', name: 'localhost' });
    assert.deepEqual(options.pubKeyCredParams.map((one) => one.alg), [-8, -7, -257]);
    assert.deepEqual(options.authenticatorSelection, { residentKey: 'required', userVerification: 'preferred' });
    assert.equal(options.user.name, email);
    assert.equal(options.user.displayName, 'Grace Hopper');
    const made = await create(page, options);
    const exchange = { grant_type: grant, client_id: native.client_id, realm, scope: 'openid email', auth_session, authn_response: made };
    const tokens = await post(page, 'oauth/token', exchange);
    assert.equal(tokens.status, 200, JSON.stringify(tokens.json));
    const { sub } = claimsOf(tokens.json.id_token);
    const user = await server.api.get(`/users/${encodeURIComponent(sub)}`);
    assert.equal(user.email, email);
    assert.equal(user.name, 'Grace Hopper');
    assert.deepEqual((await logged('ss', user)).details.authentication_methods, ['passkey']);
    assert.equal((await post(page, 'oauth/token', exchange)).json.error, 'invalid_grant', 'an answer counts once');
    assert.equal((await post(page, 'passkey/register', { client_id: native.client_id, realm, user_profile: { email } })).json.error, 'invalid_request');

    const asked = await post(page, 'passkey/challenge', { client_id: native.client_id, realm });
    assert.equal(asked.json.authn_params_public_key.rpId, 'localhost');
    const answer = await get(page, asked.json.authn_params_public_key);
    const login = { ...exchange, auth_session: asked.json.auth_session, authn_response: answer };
    assert.equal((await post(page, 'oauth/token', { ...login, auth_session: 'another' })).json.error, 'invalid_grant');
    const again = await post(page, 'oauth/token', login);
    assert.equal(again.status, 200, JSON.stringify(again.json));
    assert.equal(claimsOf(again.json.id_token).sub, sub);
    assert.equal((await post(page, 'oauth/token', login)).json.error, 'invalid_grant');
  });

  it('are refused to applications without the grant, and from pages that are not the application\'s', async () => {
    const page = await atHome();
    const http = server.http({ cookies: false });
    const refused = await http.post('/passkey/challenge', { json: { client_id: app.client_id, client_secret: app.client_secret, realm } });
    assert.equal(refused.json.error, 'unauthorized_client');
    const other = await createWebApplication(server.api, 'http://localhost:9', '/callback', {
      app_type: 'native', token_endpoint_auth_method: 'none', grant_types: [grant],
    });
    const asked = await http.post('/passkey/register', { json: { client_id: other.client_id, realm, user_profile: { email: `eve.${Date.now()}@example.com` } } });
    assert.equal(asked.status, 200, asked.text);
    const made = await create(page, asked.json.authn_params_public_key);
    const answer = await http.post('/oauth/token', {
      json: { grant_type: grant, client_id: other.client_id, realm, auth_session: asked.json.auth_session, authn_response: made },
    });
    assert.equal(answer.json.error, 'invalid_grant');
    for (const user_profile of [{}, { email: 'no address' }, { email: 'a@example.com', blocked: true }, 'text']) {
      const bad = await http.post('/passkey/register', { json: { client_id: other.client_id, realm, user_profile } });
      assert.equal(bad.json.error, 'invalid_request', JSON.stringify(user_profile));
    }
  });
});

describe('a second factor', () => {
  const factor = (name, enabled) => server.api.put(`/guardian/factors/${name}`, { enabled });
  before(async () => {
    const { id, options } = await databaseConnection(server.api);
    await server.api.patch(`/connections/${id}`, { options: { ...options, authentication_methods: { passkey: { enabled: false } } } });
    await factor('webauthn-roaming', true);
    await server.api.put('/guardian/policies', ['all-applications']);
  });
  after(() => server.api.put('/guardian/policies', []));

  /** Somebody who has just enrolled a security key. */
  async function withKey() {
    const user = await createUser(server.api);
    const person = await atLogin(securityKey);
    await typePassword(person.page, user);
    await person.page.waitForURL((url) => url.pathname === '/u/mfa-webauthn-roaming-enrollment');
    await person.page.click('[data-start]');
    await person.page.waitForURL((url) => url.pathname === '/u/mfa-webauthn-change-key-nickname');
    await person.page.fill('input[name=nickname]', 'The blue one');
    await person.page.click('button[type=submit]');
    await person.page.waitForURL((url) => url.pathname === '/u/mfa-webauthn-enrollment-success');
    await person.page.click('button[type=submit]');
    await arrived(person.page);
    return { user, ...person };
  }

  proves({ kind: 'Second factor', way: 'webauthn-roaming', counterpart }, 'by security key is enrolled, named and used', async () => {
    const { user, page, complaints } = await withKey();
    const [method] = await methods(user);
    assert.equal(method.type, 'webauthn-roaming');
    assert.equal(method.name, 'The blue one');
    await again(page);
    await typePassword(page, user);
    await page.waitForURL((url) => url.pathname === '/u/mfa-webauthn-roaming-challenge');
    await page.click('[data-start]');
    await arrived(page);
    assert.ok(await logged('gd_auth_succeed', user));
    assert.deepEqual(complaints, []);
  });

  it('by the key of somebody else is refused', async () => {
    const { user } = await withKey();
    const { page } = await withKey();
    await again(page);
    await typePassword(page, user);
    await page.waitForURL((url) => url.pathname === '/u/mfa-webauthn-roaming-challenge');
    await page.evaluate(() => { navigator.credentials.get = () => Promise.reject(new DOMException('', 'NotAllowedError')); });
    await page.click('[data-start]');
    await page.waitForURL((url) => url.pathname === '/u/mfa-webauthn-error');
    assert.match(await page.textContent('h1'), /did not answer/);
    assert.ok(await logged('gd_webauthn_challenge_failed', user));
    await page.click('a.button');
    await page.waitForURL((url) => url.pathname === '/u/mfa-webauthn-roaming-challenge');
    // And if the browser could be talked into it: an answer of the wrong key.
    await page.evaluate(() => {
      HTMLFormElement.prototype.submit.call(Object.assign(document.querySelector('form[data-webauthn]'), {}));
    });
    await page.waitForURL((url) => url.pathname === '/u/mfa-webauthn-error');
  });

  proves({ kind: 'Second factor', way: 'webauthn-platform', counterpart }, 'by the biometrics of the device is offered after another one, and may be declined', async () => {
    await factor('webauthn-platform', true);
    try {
      const { user, page } = await withKey();
      await plugIn(page, device);
      await again(page);
      await typePassword(page, user);
      await page.waitForURL((url) => url.pathname === '/u/mfa-webauthn-roaming-challenge');
      await page.click('[data-start]');
      await page.waitForURL((url) => url.pathname === '/u/mfa-webauthn-platform-enrollment');
      await page.click('button[value=snooze]');
      await arrived(page);
      await again(page);
      await typePassword(page, user);
      await page.waitForURL((url) => url.pathname === '/u/mfa-webauthn-roaming-challenge');
      await page.click('[data-start]');
      await page.waitForURL((url) => url.pathname === '/u/mfa-webauthn-platform-enrollment');
      await page.click('[data-start]');
      await page.waitForURL((url) => url.pathname === '/u/mfa-webauthn-change-key-nickname');
      await page.click('button[type=submit]');
      await page.waitForURL((url) => url.pathname === '/u/mfa-webauthn-enrollment-success');
      await page.click('button[type=submit]');
      await arrived(page);
      assert.deepEqual((await methods(user)).map((one) => one.type).sort(), ['webauthn-platform', 'webauthn-roaming']);
    } finally {
      await factor('webauthn-platform', false);
    }
  });

  it('is asked for after a passkey, too, which is one factor', async () => {
    await server.api.put('/guardian/policies', []);
    await passkeys({ challenge_ui: 'button' });
    const { page } = await enrolled();
    await server.api.put('/guardian/policies', ['all-applications']);
    await again(page);
    await page.click('button[data-start]');
    await page.waitForURL((url) => url.pathname === '/u/mfa-webauthn-roaming-enrollment');
  });
});
