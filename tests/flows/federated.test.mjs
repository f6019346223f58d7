// Logins at other identity providers: npm oidc-provider as a company's provider, stand-ins of GitHub and Google, and one that lies.

import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import * as jose from 'jose';
import { createUser, createWebApplication, password, unique } from '../support/fixtures.mjs';
import { forms } from '../support/http.mjs';
import { gitHubStandIn, lyingProvider, openIdProvider, publicPart, signingKey } from '../support/identity_provider.mjs';
import { authorizeUrl, beginLogin, decodeJwt, redeem, textOf } from '../support/oauth.mjs';
import { proves } from '../support/proven.mjs';
import { startServer } from '../support/server.mjs';

const app = 'http://localhost:3000';
const away = (url) => url.origin === app;

let server;
let client;
let redirectUri;
before(async () => {
  server = await startServer();
  client = await createWebApplication(server.api, app, '/callback', { name: 'Parcel Post' });
  redirectUri = `${server.issuer}login/callback`;
});
after(async () => { await server?.stop(); });

/** A connection that is enabled for the application. */
async function connect(strategy, options, properties = {}) {
  const name = `${strategy}-${unique()}`;
  const connection = await server.api.post('/connections', { name, strategy, options, ...properties });
  await server.api.patch(`/connections/${connection.id}/clients`, [{ client_id: client.client_id, status: true }]);
  return connection;
}

/** Goes to the provider without a page in between, and comes back. */
async function signInWith(connection, http = server.http(), parameters = {}) {
  const answer = await http.follow(await http.get(authorizeUrl(client, { connection: connection.name, ...parameters })), { until: away });
  return { http, answer, url: answer.location && new URL(answer.location) };
}

async function claimsOf(http, url) {
  const answer = await redeem(http, client, { code: url.searchParams.get('code'), redirect_uri: client.callbacks[0] });
  assert.equal(answer.status, 200, answer.text);
  return decodeJwt(answer.json.id_token).claims;
}

async function eventsOf(type, connection) {
  for (let tries = 0; tries < 50; tries += 1) {
    const events = await server.api.get(`/logs?q=${encodeURIComponent(`type:${type}`)}&per_page=50`);
    const found = events.filter((event) => event.connection === connection.name);
    if (found.length > 0) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return [];
}

describe('a company with an OpenID Connect provider', () => {
  let company;
  let connection;
  before(async () => {
    company = await openIdProvider({
      redirectUri,
      accounts: {
        eve: { email: 'eve@acme.example', email_verified: true, name: 'Eve Acme', given_name: 'Eve', family_name: 'Acme', groups: ['staff', 'ops'] },
        bob: { email: 'bob@acme.example', email_verified: false, name: 'Bob' },
      },
    });
    connection = await connect('oidc', {
      type: 'back_channel', discovery_url: company.issuer, ...company.client, scope: 'openid profile email groups', domain_aliases: ['acme.example'],
    }, { display_name: 'Acme', show_as_button: true });
  });
  after(async () => { await company?.close(); });

  proves({ kind: 'Enterprise', way: 'oidc', counterpart: 'npm oidc-provider' }, 'signs its people in, makes their users and brings them up to date', async () => {
    company.person = 'eve';
    const { http, url } = await signInWith(connection);
    assert.ok(url, 'a callback was reached');
    const claims = await claimsOf(http, url);
    assert.equal(claims.sub, `oidc|${connection.name}|eve`);
    assert.equal(claims.email, 'eve@acme.example');
    assert.equal(claims.email_verified, true);
    const user = await server.api.get(`/users/${encodeURIComponent(claims.sub)}`);
    assert.deepEqual(user.identities.map(({ connection: name, provider, isSocial }) => ({ name, provider, isSocial })),
      [{ name: connection.name, provider: 'oidc', isSocial: false }]);
    assert.equal(user.given_name, 'Eve');
    assert.deepEqual(user.groups, ['staff', 'ops']);
    assert.equal(user.logins_count, 1);
    const [event] = await eventsOf('s', connection);
    assert.equal(event.strategy, 'oidc');
    assert.equal(event.strategy_type, 'enterprise');
    const again = await signInWith(connection);
    assert.equal((await claimsOf(again.http, again.url)).sub, claims.sub);
  });

  it('is found by the domain of an address, with the address as a hint', async () => {
    company.person = 'eve';
    const http = server.http();
    const page = await beginLogin(http, client);
    const sent = await http.submit(page, { username: 'eve@ACME.example', password: '' });
    const there = await http.follow(sent, { until: (url) => url.origin === company.issuer });
    assert.equal(new URL(there.location).searchParams.get('login_hint'), 'eve@ACME.example');
    const back = await http.follow(there, { until: away });
    assert.ok(back.location?.startsWith(app));
  });

  it('has a button, and whoever says no there can choose again', async () => {
    company.person = null;
    const http = server.http();
    const page = await beginLogin(http, client);
    const form = forms(page).find((one) => one.action.includes('/u/login/federated'));
    assert.ok(form, 'a form of buttons');
    const back = await http.follow(await http.post(form.action, { form: { ...form.fields, connection: connection.name } }), { until: away });
    assert.equal(back.status, 403);
    assert.match(textOf(back), /Acme says that the login was cancelled/);
    assert.match(back.text, /href="\/u\/login\?state=/);
    const [failed] = await eventsOf('f', connection);
    assert.ok(failed);
    company.person = 'eve';
    const again = await http.get(back.text.match(/href="(\/u\/login\?state=[^"]+)"/)[1].replaceAll('&amp;', '&'));
    assert.equal(again.status, 200);
    assert.match(textOf(again), /Continue with Acme/);
  });

  it('proves addresses only where it says that they are', async () => {
    company.person = 'bob';
    const { http, url } = await signInWith(connection);
    assert.equal((await claimsOf(http, url)).email_verified, false);
  });

  it('never gets at an account with the same address', async () => {
    const user = await createUser(server.api, { email: `bob@acme.example`, email_verified: true });
    company.person = 'bob';
    const { http, url } = await signInWith(connection);
    assert.notEqual((await claimsOf(http, url)).sub, user.user_id);
    assert.equal((await server.api.get(`/users/${encodeURIComponent(user.user_id)}`)).identities.length, 1);
    await server.api.delete(`/users/${encodeURIComponent(user.user_id)}`);
  });

  it('signs in silently by our session alone', async () => {
    company.person = 'eve';
    const stranger = server.http();
    const refused = await stranger.get(authorizeUrl(client, { connection: connection.name, prompt: 'none' }));
    assert.equal(new URL(refused.location).searchParams.get('error'), 'login_required');
    const { http } = await signInWith(connection);
    const silent = await http.get(authorizeUrl(client, { prompt: 'none' }));
    assert.ok(new URL(silent.location).searchParams.get('code'));
  });

  it('keeps blocked users outside', async () => {
    company.person = 'bob';
    const id = encodeURIComponent(`oidc|${connection.name}|bob`);
    await server.api.patch(`/users/${id}`, { blocked: true });
    const { answer } = await signInWith(connection);
    assert.equal(answer.status, 403);
    assert.match(textOf(answer), /This account is blocked/);
    await server.api.patch(`/users/${id}`, { blocked: false });
  });

  it('keeps its tokens where only who may sees them', async () => {
    company.person = 'eve';
    await signInWith(connection);
    const id = encodeURIComponent(`oidc|${connection.name}|eve`);
    const [identity] = (await server.api.get(`/users/${id}`)).identities;
    assert.ok(identity.access_token, 'the bootstrap client has read:user_idp_tokens');
    const token = await server.api.newToken('read:users');
    const [plain] = (await server.api.request('GET', `/users/${id}`, { token })).json.identities;
    assert.equal(plain.access_token, undefined);
  });

  proves({ kind: 'Enterprise', way: 'oidc (front channel)', counterpart: 'npm oidc-provider' }, 'answers by POST where the connection wants an ID token alone', async () => {
    const front = await openIdProvider({
      redirectUri, accounts: { eve: { email: 'eve@front.example', name: 'Eve' } }, configuration: { conformIdTokenClaims: false },
      metadata: { response_types: ['id_token'], grant_types: ['implicit'] },
    });
    try {
      const by = await connect('oidc', { type: 'front_channel', discovery_url: front.issuer, client_id: front.client.client_id, scope: 'openid email profile' });
      const http = server.http();
      const page = await http.follow(await http.get(authorizeUrl(client, { connection: by.name })), { until: away });
      const [form] = forms(page);
      assert.ok(form, page.text);
      assert.equal(form.action, redirectUri, page.text);
      // A browser keeps our cookie to itself at a form from another site.
      const posted = await server.http({ cookies: false }).post(form.action, { form: form.fields });
      assert.equal(posted.status, 303);
      assert.ok(!posted.location.includes('id_token'));
      const back = await http.follow(await http.get(posted.location), { until: away });
      assert.ok(back.location, textOf(back));
      const claims = await claimsOf(http, new URL(back.location));
      assert.equal(claims.email, 'eve@front.example');
    } finally {
      await front.close();
    }
  });

  it('is logged out of, too, when the application says federated', async () => {
    company.person = 'eve';
    const { http } = await signInWith(connection);
    const out = await http.get(`/v2/logout?federated&client_id=${client.client_id}&returnTo=${encodeURIComponent(app)}`);
    const there = new URL(out.location);
    assert.equal(there.origin, company.issuer);
    assert.equal(there.searchParams.get('post_logout_redirect_uri'), app);
    const silent = await http.get(authorizeUrl(client, { prompt: 'none' }));
    assert.equal(new URL(silent.location).searchParams.get('error'), 'login_required');
    const again = await signInWith(connection);
    const here = await again.http.get(`/v2/logout?client_id=${client.client_id}&returnTo=${encodeURIComponent(app)}`);
    assert.equal(here.location.replace(/\/$/, ''), app);
  });
});

describe('GitHub', () => {
  let hub;
  let connection;
  before(async () => {
    hub = await gitHubStandIn();
    connection = await connect('github', { ...hub.options, upstream_params: { allow_signup: { value: 'false' } } });
  });
  after(async () => { await hub?.close(); });

  proves({ kind: 'Social', way: 'github', counterpart: 'imitation of its documented behaviour', standIn: true }, 'signs people in with the address it has verified', async () => {
    const { http, url } = await signInWith(connection);
    const claims = await claimsOf(http, url);
    assert.equal(claims.sub, 'github|583231');
    assert.equal(claims.email, 'octocat@example.com');
    assert.equal(claims.email_verified, true);
    assert.equal(claims.nickname, 'octocat');
    assert.equal(hub.asked.scope, 'user:email');
    assert.equal(hub.asked.allow_signup, 'false');
    const user = await server.api.get('/users/github%7C583231');
    assert.equal(user.identities[0].isSocial, true);
    assert.equal(user.identities[0].access_token, 'gho_16C7e42F292c6912E7710c838347Ae178B4a');
    assert.equal(user.company, '@github');
  });

  it('vouches for no address that it has not verified', async () => {
    hub.user = { ...hub.user, id: 77, login: 'mallory', email: 'admin@localhost' };
    hub.emails = [{ email: 'admin@localhost', primary: true, verified: false }];
    const { http, url } = await signInWith(connection);
    const claims = await claimsOf(http, url);
    assert.equal(claims.sub, 'github|77');
    assert.equal(claims.email_verified, false);
  });

  it('is asked for more when the application says so', async () => {
    await signInWith(connection, server.http(), { connection_scope: 'read:org,gist' });
    assert.equal(hub.asked.scope, 'user:email read:org gist');
  });

  it('adds nobody when the connection makes no new users', async () => {
    await server.api.patch(`/connections/${connection.id}`, { options: { ...hub.options, disable_signup: true } });
    hub.user = { ...hub.user, id: 99 };
    const { answer } = await signInWith(connection);
    assert.equal(answer.status, 403);
    assert.match(textOf(answer), /There is no account here/);
  });
});

describe('Google and custom providers', () => {
  proves({ kind: 'Social', way: 'google-oauth2', counterpart: 'npm oidc-provider in its place', standIn: true }, 'Google by its ID token', async () => {
    const google = await openIdProvider({ redirectUri, accounts: { 110: { email: 'ada@gmail.example', email_verified: true, name: 'Ada', picture: 'https://pic.example/a.png' } } });
    try {
      const connection = await connect('google-oauth2', { ...google.client, issuer: google.issuer });
      const { http, url } = await signInWith(connection);
      const claims = await claimsOf(http, url);
      assert.equal(claims.sub, 'google-oauth2|110');
      assert.equal(claims.email_verified, true);
      assert.equal(claims.picture, 'https://pic.example/a.png');
    } finally {
      await google.close();
    }
  });

  proves({ kind: 'Social', way: 'oauth2 (custom)', counterpart: 'npm oidc-provider' }, 'a custom provider by its user information and a mapping', async () => {
    const custom = await openIdProvider({ redirectUri, accounts: { zoe: { email: 'zoe@custom.example', email_verified: true, name: 'Zoe' } } });
    try {
      const connection = await connect('oauth2', {
        ...custom.client, authorizationURL: `${custom.issuer}/auth`, tokenURL: `${custom.issuer}/token`, userInfoURL: `${custom.issuer}/me`, scope: 'openid email profile',
        profileMapping: { user_id: '/sub', email: 'email', name: 'name' },
      });
      const { http, url } = await signInWith(connection);
      const claims = await claimsOf(http, url);
      assert.equal(claims.sub, 'oauth2|zoe');
      assert.equal(claims.name, 'Zoe');
      assert.equal(claims.email_verified, false, 'the mapping does not say so');
    } finally {
      await custom.close();
    }
  });

  for (const [strategy, options] of [['okta', {}], ['google-apps', { domain: 'acme.example' }], ['linkedin', {}], ['waad', {}]]) {
    proves({ kind: strategy === 'linkedin' ? 'Social' : 'Enterprise', way: strategy, counterpart: 'npm oidc-provider in its place', standIn: true }, `${strategy} by its issuer`, async () => {
      const company = await openIdProvider({
        redirectUri, accounts: { kim: { email: 'kim@acme.example', email_verified: true, name: 'Kim', hd: 'acme.example' } },
        configuration: { conformIdTokenClaims: false, claims: { openid: ['sub', 'hd'], email: ['email', 'email_verified'], profile: ['name'] } },
      });
      try {
        const connection = await connect(strategy, { ...company.client, issuer: company.issuer, ...options });
        const { http, url, answer } = await signInWith(connection);
        assert.ok(url, textOf(answer));
        const claims = await claimsOf(http, url);
        assert.equal(claims.name, 'Kim');
        assert.equal(claims.email_verified, strategy !== 'waad');
      } finally {
        await company.close();
      }
    });
  }
});

describe('providers with ways of their own', () => {
  let provider;
  before(async () => { provider = await lyingProvider(); });
  after(async () => { await provider?.close(); });
  const endpoints = () => ({ authorizationURL: `${provider.url}/authorize`, tokenURL: `${provider.url}/token`, userInfoURL: `${provider.url}/userinfo` });

  proves({ kind: 'Social', way: 'apple', counterpart: 'imitation of its documented behaviour', standIn: true }, 'Apple: a signed secret, an answer by POST, a name once', async () => {
    const { privateKey, publicKey } = await jose.generateKeyPair('ES256', { extractable: true });
    const connection = await connect('apple', {
      client_id: 'com.example.shop', app_secret: await jose.exportPKCS8(privateKey), team_id: 'TEAM123456', kid: 'KEY1234567', scope: 'name email',
      authorizationURL: `${provider.url}/authorize`, tokenURL: `${provider.url}/token`, jwks_uri: `${provider.url}/jwks`, issuer: provider.url,
    });
    provider.claims = { sub: '000123.abc', email: 'x7@privaterelay.example', email_verified: 'true', name: undefined };
    provider.answer = { user: JSON.stringify({ name: { firstName: 'Ada', lastName: 'Lovelace' }, email: 'admin@localhost' }) };
    const http = server.http();
    const page = await http.follow(await http.get(authorizeUrl(client, { connection: connection.name })), { until: away });
    assert.equal(provider.asked.response_mode, 'form_post');
    const [form] = forms(page);
    const posted = await server.http({ cookies: false }).post(form.action, { form: form.fields });
    const back = await http.follow(await http.get(posted.location), { until: away });
    assert.ok(back.location, textOf(back));
    const claims = await claimsOf(http, new URL(back.location));
    assert.equal(claims.sub, 'apple|000123.abc');
    assert.equal(claims.name, 'Ada Lovelace');
    assert.equal(claims.email, 'x7@privaterelay.example');
    assert.equal(claims.email_verified, true);
    const secret = await jose.jwtVerify(provider.redeemed.client_secret, publicKey, { issuer: 'TEAM123456', subject: 'com.example.shop', audience: provider.url });
    assert.deepEqual([secret.protectedHeader.alg, secret.protectedHeader.kid], ['ES256', 'KEY1234567']);
    provider.answer = {};
    const shown = await server.api.get(`/connections/${connection.id}`);
    assert.match(shown.options.app_secret, /BEGIN PRIVATE KEY/);
  });

  proves({ kind: 'Social', way: 'facebook', counterpart: 'imitation of its documented behaviour', standIn: true }, 'Facebook: fields by name, and the proof of the secret', async () => {
    const connection = await connect('facebook', { client_id: 'fb-id', client_secret: 'fb-secret', ...endpoints() });
    provider.userinfo = { id: '10220', name: 'Ada', first_name: 'Ada', email: 'ada@fb.example', picture: { data: { url: 'https://pic.example/a.jpg' } } };
    const { http, url, answer } = await signInWith(connection);
    assert.ok(url, textOf(answer));
    const claims = await claimsOf(http, url);
    assert.equal(claims.sub, 'facebook|10220');
    assert.equal(claims.picture, 'https://pic.example/a.jpg');
    assert.equal(claims.email_verified, false);
    assert.equal(provider.userinfoAsked.appsecret_proof, createHmac('sha256', 'fb-secret').update('upstream-access').digest('hex'));
  });

  proves({ kind: 'Social', way: 'windowslive', counterpart: 'imitation of its documented behaviour', standIn: true }, 'Microsoft: by Graph, whose addresses prove nothing', async () => {
    const connection = await connect('windowslive', { client_id: 'ms-id', client_secret: 'ms-secret', ...endpoints() });
    provider.userinfo = { id: '87d349ed44d7', displayName: 'Ada Lovelace', givenName: 'Ada', surname: 'Lovelace', mail: null, userPrincipalName: 'ada@outlook.example' };
    const { http, url, answer } = await signInWith(connection);
    assert.ok(url, textOf(answer));
    const claims = await claimsOf(http, url);
    assert.equal(claims.sub, 'windowslive|87d349ed44d7');
    assert.equal(claims.family_name, 'Lovelace');
    assert.equal(claims.email, 'ada@outlook.example');
    assert.equal(claims.email_verified, false);
  });
});

describe('a provider that lies', () => {
  let liar;
  let connection;
  before(async () => {
    liar = await lyingProvider();
    connection = await connect('oidc', { discovery_url: liar.url, client_id: 'gatehouse', client_secret: 'secret' });
  });
  after(async () => { await liar?.close(); });

  async function refused(lies, pattern = /could not be verified/, status = 400) {
    const honest = Object.fromEntries(Object.keys(lies).map((name) => [name, liar[name]]));
    Object.assign(liar, lies);
    try {
      const { http, answer } = await signInWith(connection);
      assert.equal(answer.status, status, `${answer.location} ${textOf(answer)}`);
      assert.match(textOf(answer), pattern);
      assert.match(answer.text, /href="\/u\/login\?state=/, 'a way back');
      assert.equal(http.jar.get('__Host-gatehouse_session'), undefined);
      return answer;
    } finally {
      Object.assign(liar, honest);
    }
  }

  it('is believed while it is honest', async () => {
    const { url, answer } = await signInWith(connection);
    assert.ok(url, textOf(answer));
  });

  for (const [what, claims] of Object.entries({
    'a wrong issuer': { iss: 'https://accounts.google.com' },
    'another audience': { aud: 'another' },
    'an authorized party that is not us': { azp: 'another' },
    'no nonce': { nonce: undefined },
    'the nonce of another login': { nonce: 'replayed' },
    'a time long past': { iat: 1500000000, exp: 1500000300 },
    'a time to come': { iat: 4000000000, exp: 4000000300 },
    'a hash of another access token': { at_hash: 'AAAAAAAAAAAAAAAAAAAAAA' },
    'nobody': { sub: undefined },
  })) {
    it(`is refused with ${what}`, () => refused({ claims }));
  }

  it('is refused with keys that are not its own', async () => {
    const other = await signingKey('first');
    await refused({ signWith: other });
    await refused({ signWith: { ...other, kid: 'second' } });
  });

  it('is refused with the algorithm none, and with our secret as a key', async () => {
    await refused({ idToken: (claims) => `${jose.base64url.encode('{"alg":"none"}')}.${jose.base64url.encode(JSON.stringify(claims))}.` });
    await refused({ idToken: (claims) => new jose.SignJWT(claims).setProtectedHeader({ alg: 'HS256' }).sign(new TextEncoder().encode('secret'.padEnd(32, '0'))) });
    const pem = JSON.stringify(publicPart(liar.key));
    await refused({ idToken: (claims) => new jose.SignJWT(claims).setProtectedHeader({ alg: 'HS256', kid: 'first' }).sign(new TextEncoder().encode(pem)) });
  });

  it('is refused when the answer is another issuer\'s', () => refused({ answer: { iss: 'https://accounts.google.com' } }));

  it('is refused with a profile of megabytes', async () => {
    await refused({ claims: { email: undefined, name: undefined }, userinfo: { sub: 'eve', junk: 'x'.repeat(3_000_000) } }, /does not answer|could not be verified/, 502);
    await refused({ claims: Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`a${i}`, 'y'.repeat(3_000)])) });
  });

  it('gives nothing away when its user information is somebody else\'s', () =>
    refused({ claims: { email: undefined, name: undefined }, userinfo: { sub: 'admin', email: 'admin@localhost' } }));

  it('does not get markup onto a page', async () => {
    const answer = await refused({ answer: { code: undefined, error: 'server_error', error_description: '<script>alert(1)</script>' } }, /refused the login/);
    assert.ok(!answer.text.includes('<script>alert(1)'));
  });

  it('may change its keys', async () => {
    const next = await signingKey('next');
    Object.assign(liar, { signWith: next, keys: [publicPart(next)] });
    // The key set was asked for on behalf of a made-up key id a moment ago, so this may have to wait.
    let result;
    for (let tries = 0; tries < 45; tries += 1) {
      result = await signInWith(connection);
      if (result.url) break;
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
    assert.ok(result.url, textOf(result.answer));
  });

  it('that is slow keeps nobody else waiting', async () => {
    const slow = await lyingProvider();
    try {
      slow.delay = { '/.well-known/openid-configuration': 60_000 };
      const by = await connect('oidc', { discovery_url: slow.url, client_id: 'gatehouse', client_secret: 'secret' });
      const begun = Date.now();
      const waiting = Array.from({ length: 20 }, () => signInWith(by));
      const user = await createUser(server.api);
      const http = server.http();
      const done = await http.follow(await http.submit(await beginLogin(http, client), { username: user.email, password }), { until: away });
      assert.ok(done.location, textOf(done));
      const other = await signInWith(connection);
      assert.ok(other.url, textOf(other.answer));
      assert.ok(Date.now() - begun < 8_000, 'others went on meanwhile');
      const answers = await Promise.all(waiting);
      assert.ok(Date.now() - begun < 15_000);
      for (const { answer } of answers) assert.match(textOf(answer), /does not answer|waiting for/);
    } finally {
      await slow.close();
    }
  });
});

describe('the way back', () => {
  let company;
  let connection;
  before(async () => {
    company = await openIdProvider({ redirectUri, accounts: { eve: { email: 'eve@acme.example', name: 'Eve' } } });
    connection = await connect('oidc', { discovery_url: company.issuer, ...company.client });
  });
  after(async () => { await company?.close(); });

  /** Until the provider sends the browser back; the callback's address. */
  async function atCallback(http = server.http()) {
    const answer = await http.follow(await http.get(authorizeUrl(client, { connection: connection.name })), { until: (url) => url.pathname === '/login/callback' });
    return { http, callback: answer.location };
  }

  it('is open once', async () => {
    const { http, callback } = await atCallback();
    const first = await http.get(callback);
    assert.equal(first.status, 303);
    const second = await http.get(callback);
    assert.equal(second.status, 400);
    assert.match(textOf(second), /start again/);
  });

  it('is closed to another browser: nobody is signed in as somebody else', async () => {
    const { callback } = await atCallback();
    const victim = server.http();
    await victim.get(authorizeUrl(client));
    const answer = await victim.follow(await victim.get(callback));
    assert.equal(answer.status, 400);
    assert.equal(victim.jar.get('__Host-gatehouse_session'), undefined);
  });

  it('does not take the answer of one connection for that of another', async () => {
    const other = await connect('oidc', { discovery_url: company.issuer, ...company.client });
    await server.api.delete(`/connections/${connection.id}`);
    connection = other;
    const { http, callback } = await atCallback();
    await server.api.patch(`/connections/${other.id}/clients`, [{ client_id: client.client_id, status: false }]);
    const answer = await http.follow(await http.get(callback));
    assert.notEqual(answer.status, 303);
    assert.equal(http.jar.get('__Host-gatehouse_session'), undefined);
  });

  it('is a page for whoever lands there without a login', async () => {
    for (const query of ['', '?state=x', '?state=x&state=y', '?error=access_denied']) {
      const page = await server.http().get(`/login/callback${query}`);
      assert.equal(page.status, 400, query);
      assert.match(textOf(page), /start again/);
    }
    const posted = await server.http().post('/login/callback', { form: { state: 'x', code: 'y' } });
    assert.equal(posted.status, 303);
  });
});
