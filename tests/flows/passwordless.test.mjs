// Logins without a password: codes by mail and phone, links in mails, on the pages in Chromium and through the API; what codes do not do;
// and codes that prove an address before a login goes on.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import { after, before, describe, it } from 'node:test';
import { newPerson, startBrowser } from '../support/browser.mjs';
import { createUser, createWebApplication, databaseConnection, password, unique } from '../support/fixtures.mjs';
import { authorizeUrl, decodeJwt, isAway, pkce, redeem, textOf } from '../support/oauth.mjs';
import { proves } from '../support/proven.mjs';
import { sentCode } from '../support/second_factor.mjs';
import { startServer } from '../support/server.mjs';
import { startTwilioSink } from '../support/twilio_sink.mjs';

const otpGrant = 'http://auth0.com/oauth/grant-type/passwordless/otp';
const sid = `AC${'1'.repeat(32)}`;
const token = 'the-twilio-token';

let server;
let api;
let site;
let origin;
let browser;
let app;
let email;
let sms;
let database;
before(async () => {
  server = await startServer();
  api = server.api;
  site = http.createServer((request, response) => response.end(`arrived ${request.url}`)).listen(0, '127.0.0.1');
  await once(site, 'listening');
  origin = `http://localhost:${site.address().port}`;
  database = await databaseConnection(api);
  email = await api.post('/connections', { name: 'email', strategy: 'email', options: { brute_force_protection: true } });
  sms = await api.post('/connections', { name: 'sms', strategy: 'sms', options: {} });
  app = await application();
  browser = await startBrowser({ caFiles: [server.caFile] });
});
after(async () => {
  await browser?.close();
  site?.close();
  await server?.stop();
});

/** An application that offers these connections. */
async function application(connections = [email, sms], properties = {}) {
  const client = await createWebApplication(api, origin, '/callback', {
    name: `Parcel Post ${unique()}`, grant_types: ['authorization_code', 'refresh_token', otpGrant], ...properties,
  });
  if (!connections.includes(database)) await api.patch(`/connections/${database.id}/clients`, [{ client_id: client.client_id, status: false }]);
  for (const one of connections) await api.patch(`/connections/${one.id}/clients`, [{ client_id: client.client_id, status: true }]);
  return client;
}

const newAddress = () => `ada.${unique()}@example.com`;
const newNumber = () => `+1555${String(Math.floor(Math.random() * 1e7)).padStart(7, '0')}`;
const files = () => server.outbox().map((one) => one.file);
const arrived = (page) => page.waitForURL(`${origin}/callback?**code=**`);
const at = (page, name) => page.waitForURL((url) => url.pathname === `/u/${name}`);
const submit = (page) => page.click('form button[type=submit][value=default]');
const absolute = (path) => new URL(path, server.issuer).href;

/** Posts as an application's own code would, without an SDK. */
const post = (path, json) => server.http({ cookies: false }).post(path, { json });
const start = (body, client = app) => post('/passwordless/start', { client_id: client.client_id, client_secret: client.client_secret, connection: 'email', send: 'code', ...body });
const exchange = (username, otp, { client = app, realm = 'email', ...more } = {}) => post('/oauth/token', {
  grant_type: otpGrant, client_id: client.client_id, client_secret: client.client_secret, username, otp, realm, scope: 'openid email profile', ...more,
});
const wrong = (code) => (code === '111111' ? '222222' : '111111');

/** Claims of the ID token that the application gets for the code in its callback's address. */
async function claimsOf(page, client = app) {
  const code = new URL(page.url()).searchParams.get('code');
  const answer = await redeem(server.http(), client, { code, redirect_uri: client.callbacks[0] });
  assert.equal(answer.status, 200, answer.text);
  return decodeJwt(answer.json.id_token).claims;
}

async function eventsOf(type, wanted = () => true) {
  for (let tries = 0; tries < 60; tries += 1) {
    const found = (await api.get(`/logs?q=${encodeURIComponent(`type:${type}`)}&per_page=100`)).filter(wanted);
    if (found.length > 0) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return [];
}

/** The link in the newest mail to this address that is not among `before`. */
async function sentLink(to, before) {
  const mail = await server.message((one) => !before.includes(one.file) && one.text?.includes(`To: ${to}\r\n`));
  const text = mail.text.replaceAll('=\r\n', '').replaceAll('=3D', '=').replaceAll('&amp;', '&');
  return text.match(/https:\/\/[^\s"<>)]*verify_redirect[^\s"<>)]*/)[0];
}

describe('on the pages', () => {
  proves({ kind: 'First factor', way: 'email (code)', counterpart: 'Chromium' }, 'a mailed code signs in, and makes the user at the first time', async () => {
    const address = newAddress();
    const page = await newPerson(browser);
    await page.goto(absolute(authorizeUrl(app, { connection: 'email' })));
    await page.fill('input[name=username]', address);
    const before = files();
    await submit(page);
    await at(page, 'login/passwordless-email-challenge');
    assert.match(await page.textContent('main'), new RegExp(address));
    await page.fill('input[name=code]', wrong(await sentCode(server, address, before)));
    await submit(page);
    assert.match(await page.textContent('.field__error'), /not right/);
    await page.fill('input[name=code]', await sentCode(server, address, before));
    await submit(page);
    await arrived(page);
    const claims = await claimsOf(page);
    assert.equal(claims.email, address);
    assert.equal(claims.email_verified, true);
    assert.match(claims.sub, /^email\|/);
    assert.equal((await eventsOf('cls', (event) => event.user_name === address)).length, 1);
    assert.equal((await eventsOf('ss', (event) => event.user_id === claims.sub)).length, 1);

    // The same person in another browser is the same user.
    const elsewhere = await newPerson(browser);
    await elsewhere.goto(absolute(authorizeUrl(app, { connection: 'email', login_hint: address })));
    const seen = files();
    await submit(elsewhere);
    await at(elsewhere, 'login/passwordless-email-challenge');
    await elsewhere.fill('input[name=code]', await sentCode(server, address, seen));
    await submit(elsewhere);
    await arrived(elsewhere);
    assert.equal((await claimsOf(elsewhere)).sub, claims.sub);
  });

  proves({ kind: 'First factor', way: 'sms', counterpart: 'Chromium' }, 'a texted code signs in; another one can be had, and the number changed', async () => {
    const number = newNumber();
    const page = await newPerson(browser);
    await page.goto(absolute(authorizeUrl(app)));
    await page.fill('input[name=username]', newNumber());
    await submit(page);
    await at(page, 'login/passwordless-sms-challenge');
    await page.click('.who a');
    await page.fill('input[name=username]', number);
    let before = files();
    await submit(page);
    await at(page, 'login/passwordless-sms-challenge');
    const first = await sentCode(server, number, before);
    before = files();
    await page.click('button[value=resend]');
    const second = await sentCode(server, number, before);
    assert.match(await page.textContent('[role=status]'), /on its way/);
    if (first !== second) {
      await page.fill('input[name=code]', first);
      await submit(page);
      assert.match(await page.textContent('.field__error'), /not right/, 'only the newest code is good');
    }
    await page.fill('input[name=code]', second.replace(/(...)(...)/, '$1 $2'));
    await submit(page);
    await arrived(page);
    assert.match((await claimsOf(page)).sub, /^sms\|/);
  });

  it('three wrong codes void the right one; a new one can be had', async () => {
    const address = newAddress();
    const page = await newPerson(browser);
    await page.goto(absolute(authorizeUrl(app, { connection: 'email' })));
    await page.fill('input[name=username]', address);
    let before = files();
    await submit(page);
    const code = await sentCode(server, address, before);
    for (const typed of [wrong(code), wrong(code), wrong(code), code]) {
      await page.fill('input[name=code]', typed);
      await submit(page);
    }
    assert.match(await page.textContent('.field__error'), /Ask for a new one/);
    before = files();
    await page.click('button[value=resend]');
    await page.fill('input[name=code]', await sentCode(server, address, before));
    await submit(page);
    await arrived(page);
  });

  it('says nothing about who exists where strangers cannot sign up', async () => {
    const connection = await api.patch(`/connections/${email.id}`, { options: { disable_signup: true } });
    try {
      assert.equal(connection.options.disable_signup, true);
      const page = await newPerson(browser);
      await page.goto(absolute(authorizeUrl(app, { connection: 'email' })));
      await page.fill('input[name=username]', newAddress());
      const before = files().length;
      await submit(page);
      await at(page, 'login/passwordless-email-challenge');
      await page.fill('input[name=code]', '123456');
      await submit(page);
      assert.match(await page.textContent('.field__error'), /not right/, 'as for anybody');
      assert.equal(files().length, before);
      const refused = await start({ email: newAddress() });
      assert.equal(refused.status, 400);
      assert.equal(refused.json.error_description, 'Public signup is disabled');
    } finally {
      await api.patch(`/connections/${email.id}`, { options: { brute_force_protection: true } });
    }
  });

  it('a second factor is still asked for', async () => {
    await api.put('/guardian/factors/otp', { enabled: true });
    await api.put('/guardian/policies', ['all-applications']);
    try {
      const address = newAddress();
      const page = await newPerson(browser);
      await page.goto(absolute(authorizeUrl(app, { connection: 'email' })));
      await page.fill('input[name=username]', address);
      let before = files();
      await submit(page);
      await page.fill('input[name=code]', await sentCode(server, address, before));
      await submit(page);
      await page.waitForURL((url) => url.pathname.startsWith('/u/mfa-'));
      before = files();
      await start({ email: address });
      const answer = await exchange(address, await sentCode(server, address, before));
      assert.equal(answer.status, 403);
      assert.equal(answer.json.error, 'mfa_required');
      assert.ok(answer.json.mfa_token);
    } finally {
      await api.put('/guardian/policies', []);
      await api.put('/guardian/factors/otp', { enabled: false });
    }
  });
});

describe('links', () => {
  const authParams = { redirect_uri: undefined, scope: 'openid email', state: 'from-the-app', response_type: 'code' };
  const begin = (address, more = {}, client = app) => start({ email: address, send: 'link', authParams: { ...authParams, redirect_uri: client.callbacks[0], ...more } }, client);

  proves({ kind: 'First factor', way: 'email (link)', counterpart: 'Chromium' }, 'a mailed link signs in, once, whoever is signed in already', async () => {
    const other = newAddress();
    const page = await newPerson(browser);
    let before = files();
    await begin(other);
    await page.goto(await sentLink(other, before));
    await arrived(page);
    assert.equal((await claimsOf(page)).email, other);

    const address = newAddress();
    before = files();
    assert.equal((await begin(address)).status, 200);
    const link = await sentLink(address, before);
    await page.goto(link);
    await arrived(page);
    assert.equal(new URL(page.url()).searchParams.get('state'), 'from-the-app');
    assert.equal((await claimsOf(page)).email, address);

    // Used: a page that says so, and sends a code instead.
    await page.goto(link);
    await at(page, 'login/passwordless-email-link');
    assert.match(await page.textContent('h1'), /does not work/);
    before = files();
    await page.click('button[value=resend]');
    await at(page, 'login/passwordless-email-challenge');
    await page.fill('input[name=code]', await sentCode(server, address, before));
    await submit(page);
    await arrived(page);
  });

  it('lead nowhere but to callbacks of the application, and carry no rights of their own', async () => {
    const address = newAddress();
    assert.equal((await begin(address, { redirect_uri: 'https://evil.example/' })).status, 400);
    const before = files();
    await begin(address);
    const link = new URL(await sentLink(address, before));
    link.searchParams.set('redirect_uri', 'https://evil.example/');
    const visitor = server.http();
    const answer = await visitor.follow(await visitor.get(link.href), { until: isAway(visitor) });
    assert.equal(answer.status, 403, 'an error page, no redirect');
    assert.match(textOf(answer), /Callback URL mismatch/);
    link.searchParams.set('redirect_uri', app.callbacks[0]);
    link.searchParams.set('email', newAddress());
    const another = await visitor.follow(await visitor.get(link.href), { until: isAway(visitor) });
    assert.match(textOf(another), /does not work/, 'another address');
  });

  it('work in one browser only when the tenant wants it so', async () => {
    const spa = await application([email], { app_type: 'spa', token_endpoint_auth_method: 'none' });
    const settings = (allow) => api.patch('/tenants/settings', { universal_login: { passwordless: { allow_magiclink_verify_without_session: allow } } });
    await settings(false);
    try {
      const address = newAddress();
      const visitor = server.http();
      let before = files();
      const body = { client_id: spa.client_id, connection: 'email', email: address, send: 'link', authParams: { ...authParams, redirect_uri: spa.callbacks[0], code_challenge: pkce().challenge, code_challenge_method: 'S256' } };
      assert.equal((await visitor.post('/passwordless/start', { json: body })).status, 200);
      const stolen = server.http();
      const refused = await stolen.follow(await stolen.get(await sentLink(address, before)), { until: isAway(stolen) });
      assert.match(textOf(refused), /does not work/);
      before = files();
      await visitor.post('/passwordless/start', { json: body });
      const done = await visitor.follow(await visitor.get(await sentLink(address, before)), { until: isAway(visitor) });
      assert.ok(new URL(done.location).searchParams.get('code'), textOf(done));
    } finally {
      await settings(true);
    }
  });
});

describe('the API', () => {
  it('a code is good once, for its address and application, and not for another connection', async () => {
    const address = newAddress();
    const other = await application();
    const before = files();
    await start({ email: address });
    const code = await sentCode(server, address, before);
    assert.equal((await exchange(newAddress(), code)).status, 403);
    assert.equal((await exchange(address, code, { client: other })).status, 403);
    assert.notEqual((await exchange(address, code, { realm: 'sms' })).status, 200);
    const right = await exchange(address, code);
    assert.equal(right.status, 200, right.text);
    const again = await exchange(address, code);
    assert.equal(again.status, 403);
    assert.deepEqual(again.json, { error: 'invalid_grant', error_description: 'Wrong email or verification code.' });
    assert.ok((await eventsOf('seotpft', (event) => event.client_id === app.client_id)).length > 0);
  });

  it('takes texts only', async () => {
    const address = newAddress();
    for (const body of [{ email: [address, 'eve@example.com'] }, { email: { $ne: '' } }, { email: address, send: ['code'] }, { email: address, connection: ['email'] },
      { email: address, authParams: { redirect_uri: [app.callbacks[0], 'https://evil.example/'] } }, { email: address, authParams: [] }]) {
      const answer = await start(body);
      assert.equal(answer.status, 400, JSON.stringify(body));
    }
    const before = files();
    await start({ email: address });
    const code = await sentCode(server, address, before);
    assert.equal((await exchange(address, [code])).status, 400);
    assert.equal((await exchange({ $ne: '' }, code)).status, 400);
    assert.equal((await exchange(address, code)).status, 200);
  });

  it('of many who guess at once nobody gets more than three tries', async () => {
    const address = newAddress();
    const before = files();
    await start({ email: address });
    const code = await sentCode(server, address, before);
    const guesses = Array.from({ length: 12 }, (_, i) => String((Number(code) + 1 + i) % 1e6).padStart(6, '0'));
    const answers = await Promise.all(guesses.map((guess) => exchange(address, guess)));
    assert.ok(answers.every((answer) => answer.status === 403 || answer.status === 429));
    assert.notEqual((await exchange(address, code)).status, 200);
  });

  it('a blocked user gets nothing for a right code', async () => {
    const address = newAddress();
    let before = files();
    await start({ email: address });
    const { json } = await exchange(address, await sentCode(server, address, before));
    await api.patch(`/users/${encodeURIComponent(decodeJwt(json.id_token).claims.sub)}`, { blocked: true });
    before = files();
    await start({ email: address });
    const refused = await exchange(address, await sentCode(server, address, before));
    assert.equal(refused.status, 401);
    assert.equal(refused.json.error_description, 'user is blocked');
  });

  it('an application without the grant, the connection or its secret gets nothing', async () => {
    const without = await application([email], { grant_types: ['authorization_code'] });
    const address = newAddress();
    const before = files();
    assert.equal((await start({ email: address }, without)).status, 200);
    assert.equal((await exchange(address, await sentCode(server, address, before), { client: without })).status, 403);
    assert.equal((await start({ email: address, client_secret: 'wrong' })).status, 401);
    assert.equal((await start({ phone_number: newNumber(), connection: 'sms' }, without)).status, 403);
    assert.equal((await start({ email: address, connection: database.name })).status, 403);
  });

  it('a code is written in no log', async () => {
    const address = newAddress();
    const before = files();
    await start({ email: address });
    const code = await sentCode(server, address, before);
    await exchange(address, code);
    assert.ok(!server.log.includes(code), 'the code');
  });
});

describe('Twilio and webhooks', () => {
  let twilio;
  before(async () => { twilio = await startTwilioSink({ sid, token }); });
  after(async () => { await twilio?.stop(); });

  proves({ kind: 'API', way: 'phone provider: Twilio', counterpart: 'a sink with Twilio’s form of requests', standIn: true }, 'messages leave through the tenant’s provider, whose token nobody sees again', async () => {
    const provider = await api.post('/branding/phone/providers', {
      name: 'twilio', configuration: { sid, default_from: '+15550199', delivery_methods: ['text'], base_url: twilio.url }, credentials: { auth_token: token },
    });
    assert.equal(provider.credentials, null);
    const number = newNumber();
    try {
      twilio.fail.push({ status: 503 });  // tried again
      await start({ connection: 'sms', phone_number: number });
      const message = await twilio.next(30_000);
      assert.equal(message.To, number);
      assert.equal(message.From, '+15550199');
      const code = message.Body.match(/\d{6}/)[0];
      assert.equal((await exchange(number, code, { realm: 'sms' })).status, 200);

      const template = await api.post('/branding/phone/templates', { type: 'otp_verify', content: { body: { text: 'Own words: {{ code }}', voice: 'x' } } });
      await start({ connection: 'sms', phone_number: number });
      assert.match((await twilio.next()).Body, /^Own words: \d{6}$/);
      await api.post(`/branding/phone/templates/${template.id}/try`, { to: number });
      assert.equal((await twilio.next()).Body, 'Own words: 123456');
      await api.delete(`/branding/phone/templates/${template.id}`);
      await api.post(`/branding/phone/providers/${provider.id}/try`, { to: number });
      assert.equal((await twilio.next()).To, number);

      const everything = JSON.stringify([await api.get('/branding/phone/providers'), await api.get(`/branding/phone/providers/${provider.id}`), await api.get('/logs?per_page=100')]);
      assert.ok(!everything.includes(token));

      await api.patch(`/branding/phone/providers/${provider.id}`, { credentials: { auth_token: 'another' } });
      const start2 = newNumber();
      await start({ connection: 'sms', phone_number: start2 });
      assert.ok((await eventsOf('fn', (event) => JSON.stringify(event.details ?? '').includes(start2))).length > 0, 'refused for good: the tenant log says so');
    } finally {
      await api.delete(`/branding/phone/providers/${provider.id}`);
    }
  });

  it('a connection’s own Twilio account and words come first', async () => {
    await api.patch(`/connections/${sms.id}`, {
      options: { provider: 'twilio', twilio_sid: sid, twilio_token: token, from: '+15550188', template: 'Yours is @@password@@', base_url: twilio.url },
    });
    try {
      await start({ connection: 'sms', phone_number: newNumber() });
      const message = await twilio.next();
      assert.equal(message.From, '+15550188');
      assert.match(message.Body, /^Yours is \d{6}$/);
    } finally {
      await api.patch(`/connections/${sms.id}`, { options: {} });
    }
  });

  it('an SMS gateway gets JSON and a token it can check', async () => {
    const calls = [];
    const gateway = http.createServer(async (request, response) => {
      let body = '';
      for await (const piece of request) body += piece;
      calls.push({ authorization: request.headers.authorization, ...JSON.parse(body) });
      response.end();
    }).listen(0, '127.0.0.1');
    await once(gateway, 'listening');
    await api.patch(`/connections/${sms.id}`, {
      options: {
        provider: 'sms_gateway', gateway_url: `http://127.0.0.1:${gateway.address().port}/send`, from: '+15550177',
        gateway_authentication: { method: 'bearer', subject: 'us', audience: 'gateway', secret: '0123456789abcdef0123456789abcdef' },
      },
    });
    try {
      const number = newNumber();
      await start({ connection: 'sms', phone_number: number });
      for (let tries = 0; tries < 200 && calls.length === 0; tries += 1) await new Promise((resolve) => setTimeout(resolve, 50));
      assert.equal(calls[0].recipient, number);
      assert.equal(calls[0].sender, '+15550177');
      const { claims } = decodeJwt(calls[0].authorization.replace('Bearer ', ''));
      assert.equal(claims.aud, 'gateway');
      assert.equal((await exchange(number, calls[0].body.match(/\d{6}/)[0], { realm: 'sms' })).status, 200);
    } finally {
      gateway.close();
      await api.patch(`/connections/${sms.id}`, { options: {} });
    }
  });
});

describe('a database connection whose users may sign in with a code', () => {
  let people;
  let shop;
  before(async () => {
    people = await api.post('/connections', {
      name: `people-${unique()}`, strategy: 'auth0',
      options: {
        attributes: {
          email: { identifier: { active: true, default_method: 'email_otp' }, signup: { status: 'required' } },
          phone_number: { identifier: { active: true, default_method: 'phone_otp' }, signup: { status: 'optional' } },
        },
        authentication_methods: { password: { enabled: true }, email_otp: { enabled: true }, phone_otp: { enabled: true } },
      },
    });
    shop = await application([people]);
    await api.patch('/prompts', { identifier_first: true });
  });
  after(async () => { await api.patch('/prompts', { identifier_first: false }); });

  proves({ kind: 'First factor', way: 'email_otp, phone_otp of a database', counterpart: 'Chromium' }, 'begins with a code, and lets them take their password instead', async () => {
    const [address, number] = [newAddress(), newNumber()];
    const user = await api.post('/users', { connection: people.name, email: address, phone_number: number, password });
    for (const [typed, path] of [[address, 'email'], [number, 'phone']]) {
      const page = await newPerson(browser);
      await page.goto(absolute(authorizeUrl(shop)));
      await page.fill('input[name=username]', typed);
      const before = files();
      await submit(page);
      await at(page, `login/${path}-identifier/challenge`);
      await page.fill('input[name=code]', await sentCode(server, typed, before));
      await submit(page);
      await arrived(page);
      assert.equal((await claimsOf(page, shop)).sub, user.user_id);
    }
    const { email_verified: byMail, phone_verified: byPhone } = await api.get(`/users/${encodeURIComponent(user.user_id)}`);
    assert.deepEqual([byMail, byPhone], [true, true]);

    const page = await newPerson(browser);
    await page.goto(absolute(authorizeUrl(shop)));
    await page.fill('input[name=username]', address);
    await submit(page);
    await page.click('text=Use your password');
    await page.fill('input[name=password]', password);
    await submit(page);
    await arrived(page);
  });

  it('tells nobody whether there is such a user', async () => {
    const page = await newPerson(browser);
    await page.goto(absolute(authorizeUrl(shop)));
    await page.fill('input[name=username]', newAddress());
    const before = files().length;
    await submit(page);
    await at(page, 'login/email-identifier/challenge');
    await page.fill('input[name=code]', '123456');
    await submit(page);
    assert.match(await page.textContent('.field__error'), /not right/, 'as for anybody');
    assert.equal(files().length, before);
  });
});

describe('a database connection that verifies addresses', () => {
  let people;
  let shop;
  before(async () => {
    people = await api.post('/connections', {
      name: `people-${unique()}`, strategy: 'auth0',
      options: {
        attributes: {
          email: { identifier: { active: true }, verification_method: 'otp', signup: { status: 'required', verification: { active: true } } },
          phone_number: { identifier: { active: true }, signup: { status: 'optional', verification: { active: true } } },
        },
      },
    });
    shop = await application([people]);
  });

  it('asks for the code after a sign-up, and again at the next login of who went away', async () => {
    const address = newAddress();
    const page = await newPerson(browser);
    await page.goto(absolute(authorizeUrl(shop, { screen_hint: 'signup' })));
    await page.fill('input[name=email]', address);
    await page.fill('input[name=password]', password);
    let before = files();
    await submit(page);
    await at(page, 'email-identifier/challenge');
    await page.fill('input[name=code]', wrong(await sentCode(server, address, before)));
    await submit(page);
    assert.match(await page.textContent('.field__error'), /not right/);

    // A new start does not get around it, and neither does a typed address.
    const elsewhere = await newPerson(browser);
    await elsewhere.goto(absolute(authorizeUrl(shop)));
    await elsewhere.fill('input[name=username]', address);
    await elsewhere.fill('input[name=password]', password);
    before = files();
    await submit(elsewhere);
    await at(elsewhere, 'login-email-verification');
    await elsewhere.goto(elsewhere.url().replace('/u/login-email-verification', '/authorize/resume'));
    await at(elsewhere, 'login-email-verification');
    await elsewhere.fill('input[name=code]', await sentCode(server, address, before));
    await submit(elsewhere);
    await arrived(elsewhere);
    const claims = await claimsOf(elsewhere, shop);
    assert.equal(claims.email_verified, true);
    assert.ok((await eventsOf('sv', (event) => event.user_id === claims.sub)).length > 0);
  });

  it('asks for a phone number’s code, too', async () => {
    const number = newNumber();
    const user = await api.post('/users', { connection: people.name, email: newAddress(), email_verified: true, phone_number: number, password });
    const page = await newPerson(browser);
    await page.goto(absolute(authorizeUrl(shop)));
    await page.fill('input[name=username]', number);
    await page.fill('input[name=password]', password);
    const before = files();
    await submit(page);
    await at(page, 'phone-identifier/challenge');
    await page.fill('input[name=code]', await sentCode(server, number, before));
    await submit(page);
    await arrived(page);
    assert.equal((await api.get(`/users/${encodeURIComponent(user.user_id)}`)).phone_verified, true);
  });

  it('does not ask where addresses are verified by link or not at all', async () => {
    const plain = await application([database]);
    const user = await createUser(api, { email_verified: false });
    const page = await newPerson(browser);
    await page.goto(absolute(authorizeUrl(plain)));
    await page.fill('input[name=username]', user.email);
    await page.fill('input[name=password]', password);
    await submit(page);
    await arrived(page);
  });
});
