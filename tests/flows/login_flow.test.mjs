// Which page somebody meets, and where it leads: several ways in on one page, mail domains that lead to a company's login, several
// databases, people called by phone or username, and accounts that may not go on. No page is a dead end.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { createUser, createWebApplication, databaseConnection, password, unique } from '../support/fixtures.mjs';
import { forms } from '../support/http.mjs';
import { authorizeUrl, decodeJwt, isAway, redeem, textOf } from '../support/oauth.mjs';
import { startServer } from '../support/server.mjs';

let server;
let api;
before(async () => {
  server = await startServer();
  api = server.api;
});
after(async () => { await server?.stop(); });

/** An application and the connections it offers; without `database` not that of the first start. */
async function application(connections = [], { database = true } = {}) {
  const app = await createWebApplication(api, 'http://localhost:3000', '/callback', { name: `Parcel Post ${unique()}` });
  if (!database) await api.patch(`/connections/${(await databaseConnection(api)).id}/clients`, [{ client_id: app.client_id, status: false }]);
  const made = [];
  for (const connection of connections) made.push(await api.post('/connections', { enabled_clients: [app.client_id], ...connection }));
  return { app, connections: made };
}

const database = (options, more = {}) => ({ name: `people-${unique()}`, strategy: 'auth0', options, ...more });
const github = () => ({ name: `github-${unique()}`, strategy: 'github', options: { client_id: 'x', client_secret: 'y' } });
const company = (options = {}, more = {}) => ({
  name: `corp-${unique()}`, strategy: 'oidc', display_name: 'Acme Corporation',
  options: { type: 'back_channel', client_id: 'x', client_secret: 'y', issuer: 'https://login.corp.test/', discovery_url: 'https://login.corp.test/.well-known/openid-configuration', ...options },
  ...more,
});

/** A person at a new browser, looking at the first page of a login. */
async function atLogin(app, more) {
  const http = server.http();
  return { http, page: await http.follow(await http.get(authorizeUrl(app, more)), { until: isAway(http) }) };
}

const pathOf = (answer) => new URL(answer.location ?? answer.url).pathname;
const isFederated = (form) => new URL(form.action).pathname === '/u/login/federated';
const codeOf = (http, answer) => http.follow(answer, { until: isAway(http) }).then((done) => new URL(done.location).searchParams.get('code'));

/** Every page has a form or a link that leads on or back. */
function assertWayOn(page) {
  const links = [...page.text.matchAll(/<a [^>]*href="([^"]+)"/g)].map(([, href]) => href);
  assert.ok(forms(page).length + links.length > 0, `a dead end: ${page.url}\n${textOf(page)}`);
}

describe('a page with several ways in', () => {
  it('has the form and a button for each provider, by its name', async () => {
    const { app, connections: [hub, corp, hidden] } = await application([github(), company({}, { show_as_button: true }), company()]);
    const { page } = await atLogin(app);
    assert.equal(page.status, 200);
    const federated = forms(page).find(isFederated);
    assert.deepEqual(federated.buttons.map((button) => button.value).sort(), [hub.name, corp.name].sort());
    assert.match(textOf(page), /Continue with GitHub/);
    assert.match(textOf(page), /Continue with Acme Corporation/);
    assert.doesNotMatch(page.text, new RegExp(hidden.name));
    assert.match(page.text, /autocomplete="current-password"/);
  });

  it('has nothing but buttons where there is no password', async () => {
    const { app } = await application([github()], { database: false });
    const { http, page } = await atLogin(app);
    assert.equal(page.status, 200);
    assert.equal(forms(page).length, 1);
    assert.doesNotMatch(page.text, /type="password"|\/u\/signup/);
    const state = new URL(page.url).search;
    for (const path of ['signup', 'signup/identifier', 'signup/password', 'login/identifier', 'login/password', 'reset-password/request']) {
      const answer = await http.follow(await http.get(`/u/${path}${state}`));
      assert.equal(pathOf(answer), '/u/login', path);
    }
  });

  it('is not there when the application names its provider', async () => {
    const { app, connections: [hub] } = await application([github()]);
    const http = server.http();
    const login = await http.follow(await http.get(authorizeUrl(app, { connection: hub.name })), { until: (url) => url.pathname === '/u/login/federated' });
    assert.equal(pathOf(login), '/u/login/federated');
  });

  it('says so when the application has none at all', async () => {
    const { app } = await application([], { database: false });
    const { page } = await atLogin(app);
    assert.equal(page.status, 400);
    assert.match(textOf(page), /Login is not set up yet/);
  });
});

describe('a mail domain', () => {
  it('leads to the company that has it', async () => {
    const domain = `${unique()}.example.com`;
    const { app, connections: [corp] } = await application([company({ domain_aliases: [domain] })]);
    const { http, page } = await atLogin(app);
    assert.doesNotMatch(page.text, new RegExp(corp.name));
    assert.equal(pathOf(await http.submit(page, { username: `eve@${domain.toUpperCase()}`, password: '' })), '/u/login/federated');
    const again = await http.get(page.url);
    assert.equal(again.status, 200, 'the back button leads to the form again');
    assert.equal((await http.submit(again, { username: `eve@not-${domain}`, password: 'x' })).status, 400);
  });

  it('is asked for first when there is no other way', async () => {
    const domain = `${unique()}.example.com`;
    const { app } = await application([company({ domain_aliases: [domain] })], { database: false });
    const { http, page } = await atLogin(app, { login_hint: `eve@${domain}` });
    assert.equal(pathOf(page), '/u/login/identifier');
    assert.match(page.text, new RegExp(`value="eve@${domain}"`));
    const nowhere = await http.submit(page, { username: 'eve@elsewhere.example' });
    assert.equal(nowhere.status, 400);
    assert.match(textOf(nowhere), /no way to log in with this address/);
    assertWayOn(nowhere);
    assert.equal(pathOf(await http.submit(page, {})), '/u/login/federated');
  });
});

describe('several databases', () => {
  it('are one login: each person is found in their own', async () => {
    const { app, connections: [partners] } = await application([database({})]);
    const insider = await createUser(api);
    const partner = await createUser(api, { connection: partners.name });
    for (const user of [insider, partner]) {
      const { http, page } = await atLogin(app);
      const code = await codeOf(http, await http.submit(page, { username: user.email, password }));
      const { json } = await redeem(http, app, { code, redirect_uri: app.callbacks[0] });
      assert.equal(decodeJwt(json.id_token).claims.sub, user.user_id);
    }
    const { http, page } = await atLogin(app, { connection: partners.name });
    assert.equal((await http.submit(page, { username: insider.email, password })).status, 400, 'unless the application wants one of them');
  });
});

describe('flexible identifiers', () => {
  const byPhoneOrName = {
    attributes: {
      email: { identifier: { active: false }, signup: { status: 'inactive' } },
      phone_number: { identifier: { active: true }, signup: { status: 'required', verification: { active: false } } },
      username: { identifier: { active: true }, signup: { status: 'optional' }, validation: { min_length: 3, max_length: 12 } },
    },
    precedence: ['username', 'phone_number', 'email'],
  };

  it('let people be called by phone and username', async () => {
    const { app } = await application([database(byPhoneOrName)], { database: false });
    const number = `+4420${Math.floor(1e7 + Math.random() * 8e7)}`;
    const name = `ada${unique().slice(0, 6)}`;
    const { http, page } = await atLogin(app, { screen_hint: 'signup' });
    assert.equal(pathOf(page), '/u/signup');
    assert.doesNotMatch(page.text, /name="email"/);
    assert.ok(page.text.indexOf('name="username"') < page.text.indexOf('name="phone"'), 'in the order of precedence');
    const national = await http.submit(page, { phone: '020 7946 0000', username: name, password });
    assert.equal(national.status, 400);
    assert.match(textOf(national), /with its country code, such as \+44/);
    assert.match(textOf(await http.submit(page, { phone: number, username: 'al', password })), /at least 3 characters/);
    assert.match(textOf(await http.submit(page, { phone: number, username: 'a'.repeat(13), password })), /at most 12 characters/);
    assert.ok(await codeOf(http, await http.submit(page, { phone: number.replace('+44', '+44 (') .replace(/(\d{4})$/, ') $1'), username: name, password })));

    for (const typed of [number, `00${number.slice(1)}`, name.toUpperCase()]) {
      const login = await atLogin(app);
      assert.match(textOf(login.page), /Phone number or username/);
      assert.ok(await codeOf(login.http, await login.http.submit(login.page, { username: typed, password })), typed);
    }
  });

  it('are asked for first, on a page of their own, where the tenant wants it', async () => {
    await api.patch('/prompts', { identifier_first: true });
    try {
      const { app } = await application([github()]);
      const email = `new.${unique()}@example.com`;
      const { http, page } = await atLogin(app, { screen_hint: 'signup', login_hint: email });
      assert.equal(pathOf(page), '/u/signup/identifier');
      assert.match(page.text, new RegExp(`value="${email}"`));
      assert.ok(forms(page).some(isFederated));
      const second = await http.follow(await http.submit(page, {}));
      assert.equal(pathOf(second), '/u/signup/password');
      assert.match(textOf(second), new RegExp(email));
      assert.match(second.text, /href="\/u\/signup\/identifier\?/);
      assert.ok(await codeOf(http, await http.submit(second, { password })));

      const login = await atLogin(app);
      assert.equal(pathOf(login.page), '/u/login/identifier');
      assert.equal((await login.http.submit(login.page, { username: 'not an address' })).status, 400);
      const ask = await login.http.follow(await login.http.submit(login.page, { username: email }));
      assert.equal(pathOf(ask), '/u/login/password');
      assert.match(ask.text, /href="\/u\/login\/identifier\?/);
      assert.ok(await codeOf(login.http, await login.http.submit(ask, { password })));
    } finally {
      await api.patch('/prompts', { identifier_first: false });
    }
  });

  it('reset a password by phone only where there is a mailbox, and never say which', async () => {
    const { app } = await application([database(byPhoneOrName)], { database: false });
    const { http, page } = await atLogin(app);
    const ask = await http.get(`/u/reset-password/request${new URL(page.url).search}`);
    const sent = await http.follow(await http.submit(ask, { username: '+442079460000' }));
    assert.equal(pathOf(sent), '/u/reset-password/email');
    assertWayOn(sent);
  });
});

describe('an account that may not go on', () => {
  it('is told so with the right password only, and somebody else may log in there', async () => {
    const { app } = await application();
    const blocked = await createUser(api, { blocked: true });
    const other = await createUser(api);
    const { http, page } = await atLogin(app);
    const wrong = await http.submit(page, { username: blocked.email, password: 'Wrong-Horse-1' });
    assert.doesNotMatch(textOf(wrong), /blocked/);
    const told = await http.submit(page, { username: blocked.email, password });
    assert.equal(told.status, 403);
    assert.match(textOf(told), /has been blocked/);
    assertWayOn(told);
    assert.ok(await codeOf(http, await http.submit(told, { username: other.email, password })));
  });

  it('is sent back to the beginning when it is blocked between two pages', async () => {
    await api.patch('/prompts', { identifier_first: true });
    try {
      const { app } = await application();
      const user = await createUser(api);
      const { http, page } = await atLogin(app);
      const ask = await http.follow(await http.submit(page, { username: user.email }));
      await api.patch(`/users/${encodeURIComponent(user.user_id)}`, { blocked: true });
      const told = await http.submit(ask, { password });
      assert.equal(told.status, 403);
      assertWayOn(told);
      assert.match(told.text, /href="\/u\/login\/identifier\?/);
    } finally {
      await api.patch('/prompts', { identifier_first: false });
    }
  });
});

describe('no page', () => {
  it('is a dead end', async () => {
    const { app } = await application([github()]);
    for (const identifier_first of [false, true]) {
      await api.patch('/prompts', { identifier_first });
      try {
        const { http, page } = await atLogin(app);
        const search = new URL(page.url).search;
        for (const path of ['login', 'login/identifier', 'login/password', 'signup', 'signup/identifier', 'signup/password', 'reset-password/request', 'reset-password/email']) {
          assertWayOn(await http.follow(await http.get(`/u/${path}${search}`)));
        }
      } finally {
        await api.patch('/prompts', { identifier_first: false });
      }
    }
  });
});
