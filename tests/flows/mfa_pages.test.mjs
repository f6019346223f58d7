// Second factors on the hosted pages, in Chromium: enrolled, asked for, remembered, replaced, reset; and what does not get around them.

import assert from 'node:assert/strict';
import http from 'node:http';
import { once } from 'node:events';
import { after, before, it } from 'node:test';
import { newPerson, startBrowser } from '../support/browser.mjs';
import { createUser, createWebApplication, password } from '../support/fixtures.mjs';
import { proves } from '../support/proven.mjs';
import { Authenticator, scan, sentCode } from '../support/second_factor.mjs';
import { startServer } from '../support/server.mjs';

let server;
let api;
let browser;
let site;
let origin;
let app;
before(async () => {
  server = await startServer();
  api = server.api;
  site = http.createServer((request, response) => response.end(`arrived ${request.url}`)).listen(0, '127.0.0.1');
  await once(site, 'listening');
  origin = `http://localhost:${site.address().port}`;
  app = await createWebApplication(api, origin, '/callback', { name: 'Parcel Post' });
  browser = await startBrowser({ caFiles: [server.caFile] });
});
after(async () => {
  await browser?.close();
  site?.close();
  await server?.stop();
});

const factorNames = ['otp', 'sms', 'email', 'recovery-code', 'webauthn-roaming', 'webauthn-platform'];

/** A second factor is asked for always; these factors are on, no others. */
async function askFor(...factors) {
  for (const name of factorNames) await api.put(`/guardian/factors/${name}`, { enabled: factors.includes(name) });
  await api.put('/guardian/factors/phone/message-types', { message_types: ['sms'] });
  await api.put('/guardian/policies', ['all-applications']);
}

const authorizeUrl = (more = {}) => `${server.issuer}authorize?${new URLSearchParams({
  client_id: app.client_id, response_type: 'code', redirect_uri: `${origin}/callback`, scope: 'openid profile email', state: 's', ...more,
})}`;
const arrived = (page) => page.waitForURL(`${origin}/callback?**code=**`);
const at = (page, name) => page.waitForURL((url) => url.pathname === `/u/${name}`);
const submit = (page) => page.click('form button[type=submit][value=default]');

/** Types the password; what comes next is the test's. */
async function withPassword(page, user, more) {
  await page.goto(authorizeUrl(more));
  await page.fill('input[name=username]', user.email);
  await page.fill('input[name=password]', password);
  await page.click('form button[type=submit]');
}

async function type(page, code) {
  await page.fill('input[name=code]', code);
  await submit(page);
}

/** Enrols an app from the QR code, saves the recovery code, arrives. */
async function enrolApp(page, user) {
  await withPassword(page, user);
  await at(page, 'mfa-otp-enrollment-qr');
  const phone = new Authenticator(await scan(page));
  await type(page, await phone.code());
  await at(page, 'mfa-recovery-code-enrollment');
  const recoveryCode = (await page.textContent('#secret')).trim();
  await page.check('input[name=saved]');
  await submit(page);
  await arrived(page);
  return { phone, recoveryCode };
}

proves({ kind: 'Second factor', way: 'otp', counterpart: 'otpauth, jsQR, Chromium' }, 'enrols an app from the QR code and asks for its codes ever after', async () => {
  await askFor('otp', 'recovery-code');
  const user = await createUser(api);
  const page = await newPerson(browser);
  const { phone, recoveryCode } = await enrolApp(page, user);
  assert.match(recoveryCode, /^([A-Z0-9]{4} ){5}[A-Z0-9]{4}$/);

  const elsewhere = await newPerson(browser);
  await withPassword(elsewhere, user);
  await at(elsewhere, 'mfa-otp-challenge');
  await type(elsewhere, phone.wrong());
  assert.match(await elsewhere.textContent('.field__error'), /not right/);
  assert.match(await elsewhere.title(), /^Error: /);
  await type(elsewhere, '12');
  assert.match(await elsewhere.textContent('.field__error'), /6 digits/);
  const code = await phone.code();
  await type(elsewhere, code);
  await arrived(elsewhere);

  const replaying = await newPerson(browser);
  await withPassword(replaying, user);
  await type(replaying, code);
  assert.match(await replaying.textContent('.field__error'), /not right/, 'a code works once');
});

it('enrols from a typed secret, without JavaScript', async () => {
  await askFor('otp');
  const user = await createUser(api);
  const page = await newPerson(browser, { javaScriptEnabled: false });
  await withPassword(page, user);
  await page.click('text=Can\'t scan it?');
  await at(page, 'mfa-otp-enrollment-code');
  const phone = new Authenticator(await page.textContent('#secret'));
  await type(page, phone.wrong());
  assert.equal(new Authenticator(await page.textContent('#secret')).totp.secret.base32, phone.totp.secret.base32, 'the secret stays the same');
  await type(page, await phone.code());
  await arrived(page);
});

proves({ kind: 'Second factor', way: 'recovery-code', counterpart: 'Chromium' }, 'lets in with the recovery code, once, and shows the next one', async () => {
  await askFor('otp', 'recovery-code');
  const user = await createUser(api);
  const { recoveryCode } = await enrolApp(await newPerson(browser), user);
  const page = await newPerson(browser);
  await withPassword(page, user);
  await page.click('text=Try another way');
  await at(page, 'mfa-login-options');
  await page.click('button.factor[value=recovery-code]');
  await at(page, 'mfa-recovery-code-challenge');
  await type(page, recoveryCode.toLowerCase());
  await at(page, 'mfa-recovery-code-challenge-new-code');
  const next = (await page.textContent('#secret')).trim();
  assert.notEqual(next, recoveryCode);
  await page.check('input[name=saved]');
  await submit(page);
  await arrived(page);

  const again = await newPerson(browser);
  await withPassword(again, user);
  await again.click('text=Try another way');
  await again.click('button.factor[value=recovery-code]');
  await type(again, recoveryCode);
  assert.match(await again.textContent('.field__error'), /not right/);
  await type(again, next);
  await at(again, 'mfa-recovery-code-challenge-new-code');
});

proves({ kind: 'Second factor', way: 'sms', counterpart: 'Chromium, the outbox' }, 'sends codes by text message, again when asked, and takes the newest only', async () => {
  await askFor('sms');
  const user = await createUser(api);
  const number = `+4930${String(Date.now()).slice(-8)}`;
  const page = await newPerson(browser);
  await withPassword(page, user);
  await at(page, 'mfa-sms-enrollment');
  await page.fill('input[name=phone]', '030 1234');
  await submit(page);
  assert.match(await page.textContent('.field__error'), /country code/);
  await page.fill('input[name=phone]', number);
  await submit(page);
  await at(page, 'mfa-sms-challenge');
  await type(page, await sentCode(server, number));
  await arrived(page);

  const elsewhere = await newPerson(browser);
  const before = server.outbox().map((one) => one.file);
  await withPassword(elsewhere, user);
  await at(elsewhere, 'mfa-sms-challenge');
  assert.equal(await elsewhere.textContent('.who__name'), `••• ${number.slice(-4)}`, 'no more of it than its owner needs');
  const first = await sentCode(server, number, before);
  const then = server.outbox().map((one) => one.file);
  await elsewhere.click('button[value=resend]');
  await elsewhere.waitForSelector('.good');
  const second = await sentCode(server, number, then);
  if (first !== second) {
    await type(elsewhere, first);
    assert.match(await elsewhere.textContent('.field__error'), /not right/);
  }
  await type(elsewhere, second);
  await arrived(elsewhere);
});

proves({ kind: 'Second factor', way: 'email', counterpart: 'Chromium, the outbox' }, 'sends a code by mail when there is nothing better', async () => {
  await askFor('email');
  const user = await createUser(api);
  const page = await newPerson(browser);
  const before = server.outbox().map((one) => one.file);
  await withPassword(page, user);
  await at(page, 'mfa-email-challenge');
  await type(page, await sentCode(server, user.email, before));
  await arrived(page);
});

it('does not ask again in a browser that is remembered, for that user only', async () => {
  await askFor('otp');
  const user = await createUser(api);
  const page = await newPerson(browser);
  await withPassword(page, user);
  const phone = new Authenticator(await scan(page));
  await type(page, await phone.code());
  await arrived(page);

  const logout = () => page.goto(`${server.issuer}v2/logout?client_id=${app.client_id}`);
  await logout();
  await withPassword(page, user);
  await at(page, 'mfa-otp-challenge');
  await page.check('input[name=rememberBrowser]');
  await type(page, await phone.code());
  await arrived(page);
  await logout();
  await withPassword(page, user);
  await arrived(page);

  await logout();
  const other = await createUser(api);
  await withPassword(page, other);
  await at(page, 'mfa-otp-enrollment-qr');
  await api.post(`/users/${encodeURIComponent(user.user_id)}/multifactor/actions/invalidate-remember-browser`);
  await withPassword(page, user);
  await at(page, 'mfa-otp-challenge');
});

it('is not got around by starting over, another tab, silent authentication, or a typed address', async () => {
  await askFor('otp');
  const user = await createUser(api);
  await enrolled(user);
  const page = await newPerson(browser);
  await withPassword(page, user);
  await at(page, 'mfa-otp-challenge');
  const challenge = page.url();

  await page.goto(authorizeUrl());
  await page.waitForURL((url) => url.pathname.startsWith('/u/login'));
  const tab = await page.context().newPage();
  await tab.goto(authorizeUrl({ prompt: 'none' }));
  await tab.waitForURL(`${origin}/callback?**error=login_required**`);
  const state = new URL(challenge).searchParams.get('state');
  for (const path of ['authorize/resume', 'u/consent', 'u/login', 'u/mfa-recovery-code-enrollment', 'u/mfa-otp-enrollment-qr', 'u/mfa-begin-enroll-options']) {
    await tab.goto(`${server.issuer}${path}?state=${state}`);
    assert.ok(!tab.url().startsWith(origin), path);
    assert.equal(await tab.locator('.qr').count(), 0, `${path}: no second app beside the first one`);
  }
  await page.goto(challenge);
  assert.equal(new URL(page.url()).pathname, '/u/mfa-otp-challenge', 'the login that was under way still waits');
  await page.context().clearCookies();
  await page.goto(challenge);
  assert.match(await page.textContent('h1'), /start again/i, 'another browser has no part in it');
});

/** Enrols an app for the user in a browser of its own. */
async function enrolled(user) {
  const page = await newPerson(browser);
  await withPassword(page, user);
  const phone = new Authenticator(await scan(page));
  await type(page, await phone.code());
  await arrived(page);
  await page.context().close();
  return phone;
}

it('locks out who guesses, and says what to do', async () => {
  await askFor('otp');
  const user = await createUser(api);
  const phone = await enrolled(user);
  const page = await newPerson(browser);
  await withPassword(page, user);
  for (let i = 0; i < 10; ++i) await type(page, phone.wrong());
  await type(page, await phone.code());
  await page.waitForSelector('[role=alert]');
  assert.match(await page.textContent('[role=alert]'), /Wait a few minutes/);
  const other = await newPerson(browser);
  await withPassword(other, user);
  await type(other, await phone.code());
  assert.match(await other.textContent('[role=alert]'), /Wait a few minutes/, 'another login does not help');
});

it('is reset by an administrator', async () => {
  await askFor('otp', 'recovery-code');
  const user = await createUser(api);
  await enrolApp(await newPerson(browser), user);
  const id = encodeURIComponent(user.user_id);
  const methods = await api.get(`/users/${id}/authentication-methods`);
  assert.deepEqual(methods.map((one) => one.type).sort(), ['recovery-code', 'totp']);
  assert.ok(!JSON.stringify(methods).includes('secret'));
  const [enrollment] = await api.get(`/users/${id}/enrollments`);
  assert.equal((await api.get(`/guardian/enrollments/${enrollment.id}`)).status, 'confirmed');
  await api.delete(`/users/${id}/authenticators`);
  assert.deepEqual(await api.get(`/users/${id}/authentication-methods`), []);
  const page = await newPerson(browser);
  await withPassword(page, user);
  await at(page, 'mfa-otp-enrollment-qr');
});

it('takes the digits of an Arabic keyboard', async () => {
  await askFor('otp');
  const user = await createUser(api);
  const phone = await enrolled(user);
  const page = await newPerson(browser);
  await withPassword(page, user);
  await type(page, [...await phone.code()].map((digit) => String.fromCharCode(0x660 + Number(digit))).join(''));
  await arrived(page);
});

it('lets somebody else log in instead', async () => {
  await askFor('otp');
  const user = await createUser(api);
  await enrolled(user);
  const other = await createUser(api);
  const phone = await enrolled(other);
  const page = await newPerson(browser);
  await withPassword(page, user);
  await page.click('text=Use another account');
  await page.fill('input[name=username]', other.email);
  await page.fill('input[name=password]', password);
  await page.click('form button[type=submit]');
  await at(page, 'mfa-otp-challenge');
  await type(page, await phone.code());
  await arrived(page);
});

it('says so when nothing can be enrolled that is asked for', async () => {
  await askFor('otp');
  const user = await createUser(api);
  const page = await newPerson(browser);
  await withPassword(page, user);
  await at(page, 'mfa-otp-enrollment-qr');
  await askFor('webauthn-platform');
  await page.reload();
  assert.equal(await page.locator('.qr').count(), 0, 'a factor that was switched off meanwhile');
  // Without an authenticator the page goes on to the one that says so.
  await page.locator('main a[href], main button').first().waitFor({ state: 'attached', timeout: 20_000 });  // no dead end
});

it('lets a person choose what to enrol, go back, and choose again', async () => {
  await askFor('otp', 'sms', 'email');
  const user = await createUser(api);
  const page = await newPerson(browser);
  await withPassword(page, user);
  await at(page, 'mfa-begin-enroll-options');
  await page.click('button.factor[value=phone]');
  await at(page, 'mfa-sms-enrollment');
  await page.click('text=Try another way');
  await page.click('button.factor[value=totp]');
  await at(page, 'mfa-otp-enrollment-qr');
  const phone = new Authenticator(await scan(page));
  await type(page, await phone.code());
  await arrived(page);
  const elsewhere = await newPerson(browser);
  await withPassword(elsewhere, user);
  await elsewhere.click('text=Try another way');
  const before = server.outbox().map((one) => one.file);
  await elsewhere.click('button.factor[value=email]');
  await at(elsewhere, 'mfa-email-challenge');
  await type(elsewhere, await sentCode(server, user.email, before));
  await arrived(elsewhere);
});

it('wants the second factor before a new password, in the browser that shows it', async () => {
  await askFor('otp');
  const user = await createUser(api);
  const phone = await enrolled(user);
  const { ticket } = await api.post('/tickets/password-change', { user_id: user.user_id });
  const page = await newPerson(browser);
  await page.goto(ticket);
  await at(page, 'reset-password/mfa-otp-challenge');
  assert.match(await page.textContent('.lead'), /new password/);
  await type(page, phone.wrong());
  await page.waitForSelector('.field__error');
  await type(page, await phone.code());
  await at(page, 'reset-verify');
  const other = await newPerson(browser);
  await other.goto(ticket);
  await at(other, 'reset-password/mfa-otp-challenge');
  await page.fill('input[name=password-reset]', `${password}-2`);
  await page.fill('input[name=re-enter-password]', `${password}-2`);
  await submit(page);
  assert.match(await page.textContent('h1'), /changed/);
});

it('invites by mail to enrol, once', async () => {
  await askFor('otp', 'recovery-code');
  const user = await createUser(api);
  const { ticket_id: id, ticket_url: url } = await api.post('/guardian/enrollments/ticket', { user_id: user.user_id, send_mail: true });
  assert.ok(id && url.startsWith(server.issuer), url);
  await server.message((one) => one.text?.includes(`To: ${user.email}\r\n`) && one.text.replaceAll('=\r\n', '').includes('mfa-enrollment?ticket'));
  const page = await newPerson(browser);
  await page.goto(url);
  await at(page, 'enrollment/mfa-otp-enrollment-qr');
  const phone = new Authenticator(await scan(page));
  await type(page, await phone.code());
  await at(page, 'enrollment/mfa-recovery-code-enrollment');
  await page.check('input[name=saved]');
  await submit(page);
  assert.match(await page.textContent('h1'), /protected/);
  await page.goto(url);
  assert.match(await page.textContent('h1'), /already used/);

  const elsewhere = await newPerson(browser);
  await withPassword(elsewhere, user);
  await at(elsewhere, 'mfa-otp-challenge');
  await type(elsewhere, await phone.code());
  await arrived(elsewhere);
  const again = await api.post('/guardian/enrollments/ticket', { user_id: user.user_id });
  await elsewhere.goto(again.ticket_url);
  assert.match(await elsewhere.textContent('.lead'), /set up for your account already/);
});

it('keeps the authentication methods that administrators make', async () => {
  const user = await createUser(api);
  const path = `/users/${encodeURIComponent(user.user_id)}/authentication-methods`;
  const made = await api.post(path, { type: 'phone', name: 'Work', phone_number: '+442079460000' });
  assert.match(made.id, /^phone\|dev_/);
  const secret = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';
  await api.post(path, { type: 'totp', name: 'App', totp_secret: secret });
  assert.equal((await api.patch(`${path}/${encodeURIComponent(made.id)}`, { preferred_authentication_method: 'voice' })).preferred_authentication_method, 'voice');
  assert.equal((await api.get(path)).length, 2);
  await askFor('otp', 'sms');
  const page = await newPerson(browser);
  await withPassword(page, user);
  await page.click('text=Try another way');
  await page.click('button.factor[value=totp]');
  await type(page, await new Authenticator(secret).code());
  await arrived(page);
  await api.delete(`${path}/${encodeURIComponent(made.id)}`);
  const replaced = await api.put(path, [{ type: 'email', email: 'other@example.com' }]);
  assert.deepEqual(replaced.map((one) => one.type), ['email']);
  const other = await createUser(api);
  const foreign = `/users/${encodeURIComponent(other.user_id)}/authentication-methods/${encodeURIComponent(replaced[0].id)}`;
  assert.equal((await api.request('GET', foreign)).status, 404, 'only those of the user in the path');
});
