// The hosted pages by plain HTTP: what they must do without a browser's help, without JavaScript, and with somebody hostile on the
// other side.

import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { createUser, createWebApplication, databaseConnection, password, unique } from '../support/fixtures.mjs';
import { forms } from '../support/http.mjs';
import { startServer } from '../support/server.mjs';

const callback = 'http://localhost:3000/callback';
const sessionCookie = '__Host-gatehouse_session';
const browserCookie = '__Host-gatehouse_browser';

let server;
let app;
before(async () => {
  server = await startServer();
  app = await createWebApplication(server.api, 'http://localhost:3000', '/callback', { name: 'Parcel Post' });
});
after(async () => { await server?.stop(); });

function authorizeUrl(more = {}, client = app) {
  const parameters = { client_id: client.client_id, response_type: 'code', redirect_uri: callback, scope: 'openid profile email', state: 'app-state', ...more };
  return `/authorize?${new URLSearchParams(parameters)}`;
}

/** A person at a new browser, looking at the login page. */
async function atLogin(more) {
  const http = server.http();
  const page = await http.follow(await http.get(authorizeUrl(more)));
  return { http, page };
}

const leaving = (url) => url.href.startsWith('http://localhost:3000');

/** Fills in the page and follows to the application; the parameters it is called back with. */
async function signIn(http, page, user, word = password) {
  const done = await http.follow(await http.submit(page, { username: user.email, password: word }), { until: leaving });
  return { answer: done, callback: done.location ? new URL(done.location) : null };
}

const mailTo = (address, subject = /./) => (message) => message.text?.includes(`To: ${address}`) && subject.test(message.text);
const linkIn = (mail, path) => mail.text.replace(/=\r?\n/g, '').replace(/=3D/g, '=').match(new RegExp(`https://\\S+?${path}\\?ticket=[\\w-]+`))[0];

describe('logging in', () => {
  it('works without JavaScript: page, password, code', async () => {
    const user = await createUser(server.api);
    const { http, page } = await atLogin();
    assert.equal(page.status, 200);
    const posted = await http.submit(page, { username: user.email, password });
    assert.equal(posted.status, 303);
    const done = await http.follow(posted, { until: leaving });
    const back = new URL(done.location);
    assert.equal(back.searchParams.get('state'), 'app-state');
    assert.ok(back.searchParams.get('code'));
    const cookie = http.jar.get(sessionCookie);
    assert.match(cookie.header, /; Secure; HttpOnly; SameSite=None/);
    assert.doesNotMatch(cookie.header, /Domain/i);
  });

  it('has pages that are safe to show', async () => {
    const { page } = await atLogin();
    const policy = page.headers['content-security-policy'];
    assert.match(policy, /default-src 'none'/);
    assert.match(policy, /frame-ancestors 'none'/);
    assert.doesNotMatch(policy, /unsafe|form-action/);
    assert.equal(page.headers['x-frame-options'], 'DENY');
    assert.equal(page.headers['x-content-type-options'], 'nosniff');
    assert.equal(page.headers['referrer-policy'], 'same-origin');
    assert.equal(page.headers['cache-control'], 'no-store');
    assert.match(page.text, /autocomplete="username"/);
    assert.match(page.text, /autocomplete="current-password"/);
    assert.doesNotMatch(page.text, /<script(?![^>]* src=)| on[a-z]+=| style=/);
  });

  it('begins a new session at every login: a planted cookie is never adopted', async () => {
    const user = await createUser(server.api);
    const { http, page } = await atLogin();
    const planted = randomBytes(32).toString('base64url');
    http.jar.store(new URL(server.issuer), [`${sessionCookie}=${planted}; Path=/; Secure; HttpOnly`]);
    await signIn(http, page, user);
    const first = http.jar.get(sessionCookie).value;
    assert.notEqual(first, planted);
    const again = await http.follow(await http.get(authorizeUrl({ prompt: 'login' })));
    await signIn(http, again, user);
    assert.notEqual(http.jar.get(sessionCookie).value, first);
  });

  it('refuses a form whose token is missing, wrong or of another login', async () => {
    const user = await createUser(server.api);
    const { http, page } = await atLogin();
    const other = await http.follow(await http.get(authorizeUrl()));
    for (const csrf of ['', 'x', forms(other)[0].fields.csrf]) {
      const answer = await http.submit(page, { username: user.email, password, csrf });
      assert.equal(answer.status, 403, csrf);
      assert.equal(http.jar.get(sessionCookie), undefined);
    }
  });

  it('knows a login only in the browser that began it', async () => {
    const user = await createUser(server.api);
    const { page } = await atLogin();
    const thief = server.http();
    const seen = await thief.get(page.url);
    assert.equal(seen.status, 400);
    assert.match(seen.text, /start again/);
    assert.match(seen.text, /http:\/\/localhost:3000\//, 'a way back to the application');
    await thief.follow(await thief.get(authorizeUrl()));
    const sent = await thief.submit(page, { username: user.email, password });
    assert.equal(sent.status, 400);
    assert.equal(thief.jar.get(sessionCookie), undefined);
    const resumed = await thief.get(page.url.replace('/u/login', '/authorize/resume'));
    assert.equal(resumed.location, undefined);
  });

  it('lets two tabs sign in one after the other, and the back button lead on', async () => {
    const user = await createUser(server.api);
    const { http, page: first } = await atLogin();
    const second = await http.follow(await http.get(authorizeUrl({ state: 'second' })));
    assert.ok((await signIn(http, first, user)).callback.searchParams.get('code'));
    const finished = await signIn(http, second, user);
    assert.equal(finished.callback.searchParams.get('state'), 'second');
    const back = await http.get(first.url);
    assert.equal(back.status, 200);
    assert.match(back.text, /You are signed in/);
  });

  it('answers wrong, unknown and endless input alike and keeps the name', async () => {
    const user = await createUser(server.api);
    const { http, page } = await atLogin();
    const wrong = await http.submit(page, { username: user.email, password: 'wrong' });
    assert.equal(wrong.status, 400);
    assert.match(wrong.text, /do not match/);
    assert.equal(forms(wrong)[0].fields.username, user.email);
    const unknown = await http.submit(page, { username: `nobody.${unique()}@example.com`, password: 'wrong' });
    assert.equal(unknown.status, 400);
    const endless = await http.submit(page, { username: user.email, password: 'x'.repeat(5000) });
    assert.equal(endless.status, 400);
    const shape = (text) => text.replace(/value="[^"]*"|nonce="[^"]*"/g, '');
    assert.equal(shape(unknown.text), shape(wrong.text));
  });

  it('takes as long for an unknown user as for a wrong password', async () => {
    const { http, page } = await atLogin();
    const timed = async (name) => {
      const start = performance.now();
      await http.submit(page, { username: name, password: 'wrong' });
      return performance.now() - start;
    };
    const median = (list) => list.sort((a, b) => a - b)[Math.floor(list.length / 2)];
    const known = [];
    const unknown = [];
    for (let i = 0; i < 9; i += 1) {
      known.push(await timed((await createUser(server.api)).email));
      unknown.push(await timed(`nobody.${unique()}@example.com`));
    }
    const [a, b] = [median(known), median(unknown)];
    assert.ok(Math.abs(a - b) < 15 || Math.max(a, b) / Math.min(a, b) < 1.8, `${a} ms and ${b} ms`);
  });

  it('prefills login_hint and escapes whatever it is told', async () => {
    const evil = `"><script>alert(1)</script>{{ 7777 | times: 7777 }}\${clientName}`;
    const hostile = await createWebApplication(server.api, 'http://localhost:3000', '/callback', { name: `Shop &quot; ' {{ 7777 | times: 7777 }}` });
    const http = server.http();
    const page = await http.follow(await http.get(authorizeUrl({ login_hint: evil, ui_locales: '"><b>' }, hostile)));
    assert.equal(page.status, 200);
    assert.equal(forms(page)[0].fields.username, evil);
    assert.doesNotMatch(page.text, /<script>alert|<b>|60481729/);
    const error = await http.get(authorizeUrl({ redirect_uri: 'https://evil.example/<script>alert(1)</script>' }));
    assert.equal(error.location, undefined);
    assert.doesNotMatch(error.text, /<script>alert/);
  });

  it('is stopped by brute-force protection, which a mail opens again', async () => {
    const user = await createUser(server.api);
    const { http, page } = await atLogin();
    for (let i = 0; i < 10; i += 1) assert.equal((await http.submit(page, { username: user.email, password: `wrong ${i}` })).status, 400);
    const blocked = await http.submit(page, { username: user.email.toUpperCase(), password });
    assert.equal(blocked.status, 429);
    const { blocked_for: blocks } = await server.api.get(`/user-blocks/${encodeURIComponent(user.user_id)}`);
    assert.equal(blocks[0].identifier, user.email);

    const mail = await server.message(mailTo(user.email));
    const ask = await http.get(linkIn(mail, '/u/unblock'));
    assert.equal((await http.submit(page, { username: user.email, password })).status, 429, 'the link alone opens nothing');
    const opened = await http.submit(ask, { action: 'accept' });
    assert.match(opened.text, /open again/);
    assert.ok((await signIn(http, page, user)).callback.searchParams.get('code'));
  });

  it('tells what is wrong when no connection is enabled for the application', async () => {
    const lonely = await server.api.post('/clients', { name: 'Lonely', app_type: 'regular_web', callbacks: [callback] });
    const http = server.http();
    const page = await http.follow(await http.get(authorizeUrl({}, lonely)));
    assert.equal(page.status, 400);
    assert.match(page.text, /no connections enabled for the client/);
    assert.match(page.text, /api\/v2\/connections\/\{id\}\/clients/);
  });

  it('asks for the identifier first where the tenant wants it', async () => {
    const user = await createUser(server.api);
    await server.api.patch('/prompts', { identifier_first: true });
    try {
      const { http, page } = await atLogin();
      assert.equal(new URL(page.url).pathname, '/u/login/identifier');
      const next = await http.follow(await http.submit(page, { username: user.email }));
      assert.equal(new URL(next.url).pathname, '/u/login/password');
      const done = await http.follow(await http.submit(next, { password }), { until: leaving });
      assert.ok(new URL(done.location).searchParams.get('code'));
    } finally {
      await server.api.patch('/prompts', { identifier_first: false });
    }
  });
});

describe('signing up', () => {
  it('makes an account, signs in, and verifies the address by mail', async () => {
    const email = `new.${unique()}@example.com`;
    const http = server.http();
    const page = await http.follow(await http.get(authorizeUrl({ screen_hint: 'signup' })));
    assert.equal(new URL(page.url).pathname, '/u/signup');
    const done = await http.follow(await http.submit(page, { email, password }), { until: leaving });
    assert.ok(new URL(done.location).searchParams.get('code'));
    const [user] = await server.api.get(`/users-by-email?email=${encodeURIComponent(email)}`);
    assert.equal(user.email_verified, false);

    const link = linkIn(await server.message(mailTo(email)), '/u/email-verification');
    assert.ok(link.startsWith(server.issuer));
    const landed = await server.http().get(link);
    assert.equal(landed.status, 200);
    assert.match(landed.text, /verified/);
    assert.equal((await server.api.get(`/users/${encodeURIComponent(user.user_id)}`)).email_verified, true);
    assert.match((await server.http().get(link)).text, /verified already/);
  });

  it('refuses weak passwords and taken addresses, and changes nothing', async () => {
    const user = await createUser(server.api);
    const http = server.http();
    const page = await http.follow(await http.get(authorizeUrl({ screen_hint: 'signup' })));
    assert.equal((await http.submit(page, { email: `x.${unique()}@example.com`, password: 'short' })).status, 400);
    const taken = await http.submit(page, { email: user.email, password: 'Another-Horse-9' });
    assert.equal(taken.status, 400);
    assert.doesNotMatch(taken.text, new RegExp(user.name));
    const { http: other, page: login } = await atLogin();
    assert.ok((await signIn(other, login, user)).callback.searchParams.get('code'), 'the old password still holds');
  });

  it('takes nothing but what the form has', async () => {
    const email = `sly.${unique()}@example.com`;
    const http = server.http();
    const page = await http.follow(await http.get(authorizeUrl({ screen_hint: 'signup' })));
    await http.follow(await http.submit(page, { email, password, email_verified: 'true', blocked: 'true', app_metadata: '{"admin":true}', user_id: 'auth0|1' }), { until: leaving });
    const [user] = await server.api.get(`/users-by-email?email=${encodeURIComponent(email)}`);
    assert.equal(user.email_verified, false);
    assert.equal(user.app_metadata, undefined);
    assert.notEqual(user.user_id, 'auth0|1');
  });
});

describe('a forgotten password', () => {
  it('is replaced through a mail: once, by the newest link, and everybody else is logged out', async () => {
    const user = await createUser(server.api);
    const { http: other, page: login } = await atLogin();
    await signIn(other, login, user);

    const { http, page } = await atLogin();
    const ask = await http.get(new URL(page.url.replace('/u/login', '/u/reset-password/request')).href);
    const told = await http.follow(await http.submit(ask, { username: user.email }));
    assert.match(told.text, /Check your email/);
    const toldStranger = await http.follow(await http.submit(ask, { username: `nobody.${unique()}@example.com` }));
    assert.match(toldStranger.text, /Check your email/);

    const link = linkIn(await server.message(mailTo(user.email)), '/u/reset-verify');
    assert.ok(link.startsWith(server.issuer));
    const reader = server.http();
    const form = await reader.get(link);
    assert.equal((await reader.submit(form, { 'password-reset': 'short', 're-enter-password': 'short' })).status, 400);
    const saved = await reader.submit(form, { 'password-reset': 'Another-Horse-9', 're-enter-password': 'Another-Horse-9' });
    assert.equal(saved.status, 200);
    assert.match(saved.text, /changed/);
    assert.equal((await reader.submit(form, { 'password-reset': 'Third-Horse-10', 're-enter-password': 'Third-Horse-10' })).status, 400);

    const silent = await other.get(authorizeUrl({ prompt: 'none' }));
    assert.equal(new URL(silent.location).searchParams.get('error'), 'login_required');
    assert.equal((await http.submit(page, { username: user.email, password })).status, 400);
    assert.ok((await signIn(http, page, user, 'Another-Horse-9')).callback.searchParams.get('code'));
  });

  it('leads where a ticket of the Management API says', async () => {
    const user = await createUser(server.api);
    const { ticket } = await server.api.post('/tickets/password-change', { user_id: user.user_id, result_url: 'https://app.example.com/done?x=1' });
    const http = server.http();
    const form = await http.get(ticket);
    const saved = await http.submit(form, { 'password-reset': 'Another-Horse-9', 're-enter-password': 'Another-Horse-9' });
    assert.equal(saved.status, 303);
    assert.match(saved.location, /^https:\/\/app\.example\.com\/done\?x=1&success=true&message=/);
  });
});

describe('allowing and leaving', () => {
  it('asks once whether a third-party application may have what it wants', async () => {
    const guest = await createWebApplication(server.api, 'http://localhost:3000', '/callback', { name: 'Guest', is_first_party: false });
    const user = await createUser(server.api);
    const http = server.http();
    const page = await http.follow(await http.get(authorizeUrl({}, guest)));
    const consent = await http.follow(await http.submit(page, { username: user.email, password }), { until: leaving });
    assert.equal(new URL(consent.url).pathname, '/u/consent');
    const refused = await http.follow(await http.submit(consent, { action: 'deny' }), { until: leaving });
    assert.equal(new URL(refused.location).searchParams.get('error'), 'access_denied');
    const again = await http.follow(await http.get(authorizeUrl({}, guest)), { until: leaving });
    const allowed = await http.follow(await http.submit(again, { action: 'accept' }), { until: leaving });
    assert.ok(new URL(allowed.location).searchParams.get('code'));
    const remembered = await http.follow(await http.get(authorizeUrl({}, guest)), { until: leaving });
    assert.ok(new URL(remembered.location).searchParams.get('code'));
  });

  it('asks before it logs out somebody who did not prove to want it', async () => {
    const user = await createUser(server.api);
    const { http, page } = await atLogin();
    await signIn(http, page, user);
    const ask = await http.follow(await http.get('/oidc/logout'));
    assert.match(ask.text, /Log out\?/);
    const stayed = await http.follow(await http.submit(ask, { action: 'deny' }));
    assert.match(stayed.text, /still signed in/);
    const left = await http.follow(await http.submit(await http.follow(await http.get('/oidc/logout')), { action: 'accept' }));
    assert.match(left.text, /logged out/);
    assert.equal(http.jar.get(sessionCookie), undefined);
  });
});

describe('what is kept', () => {
  it('has neither cookies nor passwords in the log', async () => {
    const marked = `Marked-${randomBytes(9).toString('hex')}-1`;
    const user = await createUser(server.api, { password: marked });
    const { http, page } = await atLogin();
    await signIn(http, page, user, marked);
    for (const secret of [marked, http.jar.get(sessionCookie).value, http.jar.get(browserCookie).value]) {
      assert.ok(!server.log.includes(secret));
      const digest = createHash('sha256').update(secret).digest('hex');
      assert.ok(!server.log.includes(digest));
    }
  });

  it('sends a mailed link to the issuer whatever Host and Forwarded say', async () => {
    const user = await createUser(server.api);
    const connection = await databaseConnection(server.api);
    const headers = { 'x-forwarded-host': 'evil.example', forwarded: 'host=evil.example' };
    await server.http().post('/dbconnections/change_password', { json: { client_id: app.client_id, email: user.email, connection: connection.name }, headers });
    const mail = await server.message(mailTo(user.email));
    assert.ok(!mail.text.includes('evil.example'));
    assert.ok(linkIn(mail, '/u/reset-verify').startsWith(server.issuer));
  });
});
