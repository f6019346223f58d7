// All hosted pages, for those who want to look at them: tools/screenshots.mjs and flows/pages_accessibility.test.mjs. Each story is one
// person's way; it yields the name of every screen on which it arrives, with the page there.

import http from 'node:http';
import { once } from 'node:events';
import { device, plugIn, securityKey } from './authenticator.mjs';
import { newPerson } from './browser.mjs';
import { createApi, createUser, createWebApplication, databaseConnection, password, unique } from './fixtures.mjs';
import { Authenticator } from './second_factor.mjs';

/** How a page may look: in which language it is opened, then what it is switched to without loading it again. */
export const languages = [
  { locale: 'en', looks: [{ name: 'light' }, { name: 'dark', colorScheme: 'dark' }, { name: 'narrow', width: 320 }] },
  { locale: 'ar', looks: [{ name: 'rtl' }, { name: 'rtl-narrow-dark', width: 320, colorScheme: 'dark' }] },
];

/** Switches an open page to a look. */
export async function look(page, { colorScheme = 'light', width = 880 }) {
  await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
  await page.setViewportSize({ width, height: width < 500 ? 720 : 760 });
}

/** A tenant that has everything the stories need. */
export async function makeWorld(server) {
  const { api } = server;
  const site = http.createServer((request, response) => response.end('arrived')).listen(0, '127.0.0.1');
  await once(site, 'listening');
  site.unref();
  const origin = `http://localhost:${site.address().port}`;
  await api.patch('/tenants/settings', { enabled_locales: ['en', 'ar'], friendly_name: 'Parcel Post', support_url: 'https://parcel.example.com/help' });
  const app = await createWebApplication(api, origin, '/callback', { name: 'Parcel Post' });
  const everything = await createWebApplication(api, origin, '/callback', { name: 'Parcel Post' });
  for (const [strategy, options] of [
    ['google-oauth2', { client_id: 'x', client_secret: 'y' }], ['github', { client_id: 'x', client_secret: 'y' }],
    ['apple', { client_id: 'x', team_id: 'T', kid: 'K' }], ['windowslive', { client_id: 'x', client_secret: 'y' }],
  ]) await api.post('/connections', { name: strategy, strategy, options, enabled_clients: [everything.client_id] });
  await api.post('/connections', {
    name: 'acme', strategy: 'oidc', display_name: 'Acme Corporation', show_as_button: true, enabled_clients: [everything.client_id],
    options: { type: 'back_channel', client_id: 'x', client_secret: 'y', issuer: 'https://login.acme.test/', discovery_url: 'https://login.acme.test/.well-known/openid-configuration' },
  });
  const foreign = await createWebApplication(api, origin, '/callback', { name: 'Weather Widgets', is_first_party: false });
  const nothing = await api.post('/clients', { name: 'Parcel Post', app_type: 'regular_web', callbacks: [`${origin}/callback`] });
  const scopes = await createApi(api, { scopes: ['read:parcels', 'write:labels'] });
  const world = { server, api, site, origin, app, everything, foreign, nothing, audience: scopes.identifier };

  world.authorizeUrl = (client, more = {}) => `${server.issuer}authorize?${new URLSearchParams({
    client_id: client.client_id, response_type: 'code', redirect_uri: `${origin}/callback`, scope: 'openid profile email', state: 's', ...more,
  })}`;
  world.factors = async (on, messageTypes = ['sms']) => {
    for (const name of ['otp', 'sms', 'email', 'recovery-code', 'webauthn-roaming', 'webauthn-platform']) {
      await api.put(`/guardian/factors/${name}`, { enabled: on.includes(name) });
    }
    await api.put('/guardian/factors/phone/message-types', { message_types: messageTypes });
    await api.put('/guardian/policies', on.length ? ['all-applications'] : []);
  };
  return world;
}

const button = 'form button[type=submit][value=default]';
async function submit(page, fields = {}) {
  for (const [name, value] of Object.entries(fields)) await page.fill(`input[name="${name}"]`, value);
  await Promise.all([page.waitForEvent('framenavigated'), page.click(button)]);
  await page.waitForLoadState();
}
/** Chooses what the page offers and waits for the next one. */
async function choose(page, selector) {
  await Promise.all([page.waitForEvent('framenavigated'), page.click(selector)]);
  await page.waitForLoadState();
}
async function withPassword(page, world, user, more) {
  await page.goto(world.authorizeUrl(world.app, more));
  await submit(page, { username: user.email, password });
}

const another = 'p.switch a';

async function* loggingIn(page, world) {
  const { authorizeUrl, everything, app } = world;
  await page.goto(authorizeUrl(app));
  yield 'login';
  await submit(page, { username: 'ada@example.com', password: 'wrong' });
  yield 'login wrong';
  await page.goto(authorizeUrl(everything));
  yield 'login every way';
  await page.goto(authorizeUrl(app, { screen_hint: 'signup' }));
  yield 'signup';
  await submit(page, { email: 'ada@example.com', password: 'short' });
  yield 'signup wrong';
  await page.goto(authorizeUrl(app));
  await choose(page, '.aside a');
  yield 'reset-password-request';
  await submit(page, await page.locator('input[name=email]').count() ? { email: 'ada@example.com' } : { username: 'ada@example.com' });
  yield 'reset-password-email';
  await page.goto(`${world.server.issuer}u/login?state=unknown`);
  yield 'expired';
  await page.goto(authorizeUrl(world.nothing));
  yield 'no-connection';
  await page.goto(authorizeUrl(app, { redirect_uri: 'https://elsewhere.example.com/' }));
  yield 'error';
  await page.goto(world.server.issuer);
  yield 'welcome';
}

async function* identifierFirst(page, world) {
  await world.api.patch('/prompts', { identifier_first: true });
  try {
    await page.goto(world.authorizeUrl(world.everything));
    yield 'login-id';
    await submit(page, { username: 'ada@example.com' });
    yield 'login-password';
    await page.goto(world.authorizeUrl(world.everything, { screen_hint: 'signup' }));
    yield 'signup-id';
    await submit(page, { email: `new-${unique()}@example.com` });
    yield 'signup-password';
  } finally {
    await world.api.patch('/prompts', { identifier_first: false });
  }
}

async function* enrolling(page, world) {
  await world.factors(['otp', 'sms', 'email', 'recovery-code', 'webauthn-roaming', 'webauthn-platform'], ['sms', 'voice']);
  await withPassword(page, world, await createUser(world.api, { email_verified: false }));
  yield 'mfa-begin-enroll-options';
  await choose(page, 'button.factor[value=phone]');
  yield 'mfa-phone-enrollment';
  await submit(page, { phone: '12' });
  yield 'mfa-phone-enrollment wrong';
  await submit(page, { phone: '+442079460000' });
  yield 'mfa-sms-challenge enrolling';
  await choose(page, 'button[value=voice]');
  yield 'mfa-voice-challenge';
  await choose(page, another);
  if (await page.locator('button.factor[value=webauthn-roaming]').count()) {
    await choose(page, 'button.factor[value=webauthn-roaming]');
    yield 'mfa-webauthn-roaming-enrollment';
    await page.goto(page.url().replace('mfa-webauthn-roaming-enrollment', 'mfa-begin-enroll-options'));
  }
  await choose(page, 'button.factor[value=totp]');
  yield 'mfa-otp-enrollment-qr';
  await choose(page, '.aside--middle a');
  yield 'mfa-otp-enrollment-code';
  await submit(page, { code: '000000' });
  yield 'mfa-otp-enrollment-code wrong';
  await submit(page, { code: await new Authenticator(await page.textContent('#secret')).code() });
  yield 'mfa-recovery-code-enrollment';
}

async function* challenged(page, world) {
  await world.factors(['otp', 'sms', 'email', 'recovery-code'], ['sms', 'voice']);
  const user = await createUser(world.api);
  const methods = `/users/${encodeURIComponent(user.user_id)}/authentication-methods`;
  const secret = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';
  await world.api.post(methods, { type: 'totp', totp_secret: secret });
  await world.api.post(methods, { type: 'phone', phone_number: '+442079460000' });
  const { recovery_code: code } = await world.api.post(`/users/${encodeURIComponent(user.user_id)}/recovery-code-regeneration`);
  await withPassword(page, world, user);
  const to = async (type) => {
    if (!page.url().includes('mfa-login-options')) await choose(page, another);
    await choose(page, `button.factor[value=${type}]`);
  };
  await to('totp');
  yield 'mfa-otp-challenge';
  await submit(page, { code: '000000' });
  yield 'mfa-otp-challenge wrong';
  await choose(page, another);
  yield 'mfa-login-options';
  await to('phone');
  yield 'mfa-phone-challenge';
  await submit(page);
  yield 'mfa-sms-challenge';
  await choose(page, 'button[value=resend]');
  yield 'mfa-sms-challenge again';
  await to('email');
  yield 'mfa-email-challenge';
  await world.api.post(methods, { type: 'phone', phone_number: '+442079461111' });
  await to('phone');
  yield 'mfa-sms-list';
  await page.goto(page.url().replace('mfa-sms-list', 'mfa-login-options'));
  await to('recovery-code');
  yield 'mfa-recovery-code-challenge';
  await submit(page, { code });
  yield 'mfa-recovery-code-challenge-new-code';
}

async function* behindLinks(page, world) {
  await world.factors(['otp', 'recovery-code']);
  const user = await createUser(world.api);
  const { ticket_url: invitation } = await world.api.post('/guardian/enrollments/ticket', { user_id: user.user_id });
  await page.goto(invitation);
  await choose(page, '.aside--middle a');
  const phone = new Authenticator(await page.textContent('#secret'));
  await submit(page, { code: await phone.code() });
  await page.check('input[name=saved]');
  await submit(page);
  yield 'mfa-enroll-result';
  await page.goto(invitation);
  yield 'mfa-enroll-result used';
  const { ticket } = await world.api.post('/tickets/password-change', { user_id: user.user_id, client_id: world.app.client_id });
  await page.goto(ticket);
  yield 'reset-password-mfa-otp-challenge';
  await submit(page, { code: await phone.code() });
  yield 'reset-password';
  await submit(page, { 'password-reset': `${password}-2`, 're-enter-password': `${password}-2` });
  yield 'reset-password-success';
  await page.goto(ticket);
  yield 'reset-password-error';
  const { ticket: verification } = await world.api.post('/tickets/email-verification', { user_id: (await createUser(world.api)).user_id, client_id: world.app.client_id });
  await page.goto(verification);
  yield 'email-verification-result';
}

async function* signedIn(page, world) {
  await world.factors([]);
  const user = await createUser(world.api);
  await page.goto(world.authorizeUrl(world.foreign, { audience: world.audience, scope: 'openid profile email read:parcels write:labels' }));
  if (await page.locator('input[name=username]').count()) await submit(page, { username: user.email, password });
  yield 'consent';
  await page.goto(`${world.server.issuer}oidc/logout`);
  yield 'logout';
  if (await page.locator('button[value=accept]').count()) {
    await choose(page, 'button[value=accept]');
    yield 'logout-complete';
  }
}

async function* passwordless(page, world) {
  const connections = await world.api.get('/connections');
  for (const [strategy, address] of [['email', 'ada@example.com'], ['sms', '+442079460000']]) {
    const client = await createWebApplication(world.api, world.origin, '/callback', { name: 'Parcel Post', grant_types: ['authorization_code', 'http://auth0.com/oauth/grant-type/passwordless/otp'] });
    const database = await databaseConnection(world.api);
    await world.api.patch(`/connections/${database.id}/clients`, [{ client_id: client.client_id, status: false }]);
    const known = connections.find((one) => one.strategy === strategy);
    const made = known ?? (await world.api.post('/connections', { name: strategy, strategy }));
    await world.api.patch(`/connections/${made.id}/clients`, [{ client_id: client.client_id, status: true }]);
    await page.goto(world.authorizeUrl(client));
    yield `login-passwordless ${strategy}`;
    await submit(page, { username: address });
    yield strategy === 'email' ? 'login-passwordless-email-code' : 'login-passwordless-sms-otp';
    await submit(page, { code: '000000' });
    yield strategy === 'email' ? 'login-passwordless-email-code wrong' : 'login-passwordless-sms-otp wrong';
  }
}

async function* passkeys(page, world) {
  await world.factors([]);
  const { id } = await databaseConnection(world.api);
  const { options } = await world.api.get(`/connections/${id}`);
  const set = (enabled) => world.api.patch(`/connections/${id}`, {
    options: { ...options, authentication_methods: { password: { enabled: true }, passkey: { enabled } }, passkey_options: { challenge_ui: 'both', progressive_enrollment_enabled: enabled, local_enrollment_enabled: enabled } },
  });
  await set(true);
  try {
    await page.goto(world.authorizeUrl(world.app));
    yield 'login passkey';
    await page.goto(`${page.url()}&passkey=refused`);
    yield 'login passkey refused';
    const key = await plugIn(page, { transport: 'usb' });  // a passkey of another device
    await withPassword(page, world, await createUser(world.api));
    yield 'passkey-enrollment';
    await choose(page, '[data-start]');
    await page.context().clearCookies();
    await page.goto(world.authorizeUrl(world.app));
    await choose(page, 'button[data-start]');
    yield 'passkey-enrollment-local';
    await key.unplug();
    await world.api.patch('/prompts', { identifier_first: true });
    await page.context().clearCookies();
    await page.goto(world.authorizeUrl(world.app, { screen_hint: 'signup' }));
    await submit(page, { email: `new-${unique()}@example.com` });
    yield 'signup passkey';
  } finally {
    await world.api.patch('/prompts', { identifier_first: false });
    await set(false);
  }
}

async function* securityKeys(page, world) {
  await world.factors(['webauthn-roaming']);
  const key = await plugIn(page, securityKey);
  const user = await createUser(world.api);
  await withPassword(page, world, user);
  yield 'mfa-webauthn-roaming-enrollment';
  await choose(page, '[data-start]');
  yield 'mfa-webauthn-change-key-nickname';
  await submit(page, { nickname: 'The blue one' });
  yield 'mfa-webauthn-enrollment-success';
  await world.factors(['webauthn-roaming', 'webauthn-platform', 'otp']);
  await page.context().clearCookies();
  await withPassword(page, world, user);
  yield 'mfa-webauthn-roaming-challenge';
  await page.goto(page.url().replace('mfa-webauthn-roaming-challenge', 'mfa-webauthn-not-available-error'));
  yield 'mfa-webauthn-not-available-error';
  await page.goto(page.url().replace('mfa-webauthn-not-available-error', 'mfa-webauthn-roaming-challenge'));
  await page.evaluate(() => { navigator.credentials.get = () => Promise.reject(new DOMException('', 'NotAllowedError')); });
  await choose(page, '[data-start]');
  yield 'mfa-webauthn-error';
  await choose(page, 'a.button');
  await plugIn(page, device);  // a device without biometrics is not asked
  await choose(page, '[data-start]');
  await page.waitForURL(/mfa-webauthn-platform-enrollment/);
  yield 'mfa-webauthn-platform-enrollment';
  await key.unplug();
  await choose(page, '[data-start]');
  await submit(page, { nickname: 'This one' });
  await choose(page, 'form button[type=submit]');
  await page.context().clearCookies();
  await withPassword(page, world, user);
  yield 'mfa-webauthn-platform-challenge';
  await world.factors([]);
}

async function* verifying(page, world) {
  const { api } = world;
  await world.factors([]);
  const client = await createWebApplication(api, world.origin, '/callback', { name: 'Parcel Post' });
  await api.patch(`/connections/${(await databaseConnection(api)).id}/clients`, [{ client_id: client.client_id, status: false }]);
  const people = await api.post('/connections', {
    name: `people-${unique()}`, strategy: 'auth0', enabled_clients: [client.client_id],
    options: {
      attributes: {
        email: { identifier: { active: true }, verification_method: 'otp', signup: { status: 'required', verification: { active: true } } },
        phone_number: { identifier: { active: true }, signup: { status: 'optional', verification: { active: true } } },
      },
    },
  });
  const email = `new-${unique()}@example.com`;
  await page.goto(world.authorizeUrl(client, { screen_hint: 'signup' }));
  yield 'signup with phone';
  await submit(page, { email, password });
  yield 'email-identifier-challenge';
  await page.goto(world.authorizeUrl(client));
  await submit(page, { username: email, password });
  yield 'login-email-verification';
  const phone = `+4479${String(Date.now()).slice(-8)}`;
  const called = await api.post('/users', { connection: people.name, email: `called-${unique()}@example.com`, email_verified: true, phone_number: phone, password });
  await page.context().clearCookies();
  await page.goto(world.authorizeUrl(client));
  await submit(page, { username: called.email, password });
  yield new URL(page.url()).pathname.slice(3).replace('/', '-');
  if (page.url().includes('enrollment')) {
    await submit(page);
    yield 'phone-identifier-challenge';
  }
}

async function* protectedPages(page, world) {
  const { api } = world;
  await world.factors([]);
  await api.patch('/attack-protection/captcha', { active_provider_id: 'simple_captcha' });
  const bots = (policy) => api.patch('/attack-protection/bot-detection', { challenge_password_policy: policy, challenge_password_reset_policy: policy });
  await bots('always');
  try {
    await page.goto(world.authorizeUrl(world.app));
    yield 'login captcha';
    await submit(page, { username: 'ada@example.com', password: 'wrong', ...(await page.locator('input[name=captcha]').count() ? { captcha: '00000' } : {}) });
    yield 'login captcha wrong';
  } finally {
    await bots('never');
  }
  const brute = await api.get('/attack-protection/brute-force-protection');
  await api.patch('/attack-protection/brute-force-protection', { max_attempts: 2 });
  try {
    const user = await createUser(api);
    await page.goto(world.authorizeUrl(world.app));
    for (let i = 0; i < 3; ++i) await submit(page, { username: user.email, password: 'wrong' });
    yield 'login blocked';
    const mail = await world.server.message((one) => one.text?.includes(`To: ${user.email}\r\n`) && one.text.includes('unblock'));
    const link = mail.text.replaceAll('=\r\n', '').replaceAll('=3D', '=').match(/https:\S+ticket=[\w-]+/)[0];
    await page.goto(link);
    yield 'brute-force-protection-unblock';
    await choose(page, 'form button[type=submit]');
    yield 'brute-force-protection-unblock-success';
    await page.goto(link);
    yield 'brute-force-protection-unblock-failure';
  } finally {
    await api.patch('/attack-protection/brute-force-protection', { max_attempts: brute.max_attempts });
  }
}

export const stories = { loggingIn, identifierFirst, enrolling, challenged, behindLinks, signedIn, passwordless, passkeys, securityKeys, verifying, protectedPages };

/** Calls `seen(name, page, look, locale)` for every screen in every look. `only`: names of stories. */
export async function lookAtAll(browser, world, seen, only = Object.keys(stories)) {
  for (const { locale, looks } of languages) {
    for (const name of only) {
      const page = await newPerson(browser, { locale, viewport: { width: 880, height: 760 }, deviceScaleFactor: 1 });
      for await (const screen of stories[name](page, world)) {
        for (const one of looks) {
          await look(page, one);
          await seen(screen, page, one, locale);
        }
        await look(page, looks[0]);
      }
      await page.context().close();
    }
  }
}
