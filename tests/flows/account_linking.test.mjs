// Account linking: two accounts, one user; as an application's back end does it, and as its user's own browser may. The npm package
// auth0 does the same in tests/compat.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { createUser, createWebApplication, databaseConnection, password, unique } from '../support/fixtures.mjs';
import { gitHubStandIn } from '../support/identity_provider.mjs';
import { authorizeUrl, decodeJwt, isAway, redeem, signIn, tokensOf } from '../support/oauth.mjs';
import { startServer } from '../support/server.mjs';

let server;
let api;
let app;
before(async () => {
  server = await startServer();
  api = server.api;
  app = await createWebApplication(api, 'http://localhost:3000', '/callback', { name: 'Parcel Post' });
});
after(async () => { await server?.stop(); });

const own = (user) => user.user_id.split('|')[1];
const identities = (user) => `/users/${encodeURIComponent(user.user_id)}/identities`;
const subject = async (user) => decodeJwt((await tokensOf(server.http(), app, user)).id_token).claims.sub;
const withPassword = (user) => ({ ...user, password });

async function twoUsers(more = {}) {
  const primary = await createUser(api);
  const secondary = await createUser(api, { name: 'Bea', user_metadata: { colour: 'blue' }, ...more });
  return { primary, secondary };
}

describe('linking accounts', () => {
  it('makes one user of two: attributes of the first, the other in profileData', async () => {
    const { primary, secondary } = await twoUsers();
    const linked = await api.request('POST', identities(primary), { json: { provider: 'auth0', user_id: own(secondary) } });
    assert.equal(linked.status, 201);
    assert.equal(linked.json.length, 2);
    assert.deepEqual(linked.json.map((one) => [one.provider, one.user_id, one.isSocial]), [['auth0', own(primary), false], ['auth0', own(secondary), false]]);
    assert.equal(linked.json[1].profileData.email, secondary.email);
    assert.equal(linked.json[1].profileData.name, 'Bea');
    assert.equal(linked.json[1].profileData.user_metadata, undefined);
    assert.equal((await api.request('GET', `/users/${encodeURIComponent(secondary.user_id)}`)).status, 404);
    const user = await api.get(`/users/${encodeURIComponent(primary.user_id)}`);
    assert.equal(user.email, primary.email);
    assert.equal(user.user_metadata, undefined);
    assert.deepEqual(user.identities, linked.json);
  });

  it('lets both passwords in to one user, each with its own address', async () => {
    const { primary, secondary } = await twoUsers({ password: 'Another-Horse-8-Battery' });
    await api.post(identities(primary), { provider: 'auth0', user_id: secondary.user_id });
    assert.equal(await subject(withPassword(primary)), primary.user_id);
    assert.equal(await subject({ email: secondary.email, password: 'Another-Horse-8-Battery' }), primary.user_id);
    await assert.rejects(signIn(server.http(), app, { email: secondary.email, password }), /no callback/);
  });

  it('ends what the secondary user had: sessions and refresh tokens', async () => {
    const { primary, secondary } = await twoUsers();
    const http = server.http();
    const tokens = await tokensOf(http, app, withPassword(secondary), { scope: 'openid offline_access' });
    await api.post(identities(primary), { provider: 'auth0', user_id: own(secondary) });
    const refreshed = await http.post('/oauth/token', {
      form: { grant_type: 'refresh_token', client_id: app.client_id, client_secret: app.client_secret, refresh_token: tokens.refresh_token },
    });
    assert.equal(refreshed.status, 403);
    const silent = await http.get(`/authorize?${new URLSearchParams({
      client_id: app.client_id, response_type: 'code', redirect_uri: app.callbacks[0], scope: 'openid', prompt: 'none',
    })}`);
    assert.equal(new URL(silent.location).searchParams.get('error'), 'login_required');
  });

  it('is found by every account in a search', async () => {
    const { primary, secondary } = await twoUsers();
    await api.post(identities(primary), { provider: 'auth0', user_id: own(secondary) });
    for (const q of [`identities.user_id:"${own(secondary)}"`, `identities.profileData.email:"${secondary.email}"`]) {
      const found = await api.get(`/users?q=${encodeURIComponent(q)}`);
      assert.deepEqual(found.map((user) => user.user_id), [primary.user_id], q);
    }
  });

  it('says what is wrong', async () => {
    const { primary, secondary } = await twoUsers();
    const post = (json) => api.request('POST', identities(primary), { json });
    const refused = async (answer, status, code) => {
      const { status: got, json } = await answer;
      assert.deepEqual([got, json.errorCode], [status, code], JSON.stringify(json));
    };
    await refused(post({}), 400, 'invalid_body');
    await refused(post({ provider: 'auth0' }), 400, 'invalid_body');
    await refused(post({ provider: 'auth0', user_id: 'nobody' }), 404, 'inexistent_user');
    await refused(post({ provider: 'auth0', user_id: own(primary) }), 400, 'invalid_body');
    await refused(post({ provider: 'auth0', user_id: own(secondary), connection_id: 'con_0000000000000000' }), 404, 'inexistent_connection');
    await refused(post({ link_with: 'not.a.token' }), 400, 'invalid_body');
    await refused(post({ link_with: 'x', provider: 'auth0' }), 400, 'invalid_body');
    await refused(api.request('POST', '/users/auth0%7Cnobody/identities', { json: { provider: 'auth0', user_id: own(secondary) } }), 404, 'inexistent_user');
    await post({ provider: 'auth0', user_id: own(secondary), connection_id: (await databaseConnection(api)).id });
    await refused(post({ provider: 'auth0', user_id: own(secondary) }), 409, 'identity_conflict');
    await refused(api.request('POST', '/users', {
      json: { connection: 'Username-Password-Authentication', user_id: own(secondary), email: `${unique()}@example.com`, password },
    }), 409, 'auth0_idp_error');
  });

  it('never happens by an address alone', async () => {
    const email = `same.${unique()}@example.com`;
    await createUser(api, { email, email_verified: true });
    const connection = await api.post('/connections', { name: `other-${unique()}`, strategy: 'auth0', enabled_clients: [app.client_id] });
    const other = await createUser(api, { email, email_verified: false, connection: connection.name });
    const found = await api.get(`/users-by-email?email=${encodeURIComponent(email)}`);
    assert.equal(found.length, 2);
    assert.ok(found.every((user) => user.identities.length === 1));
    await api.delete(`/connections/${connection.id}`);
    assert.equal((await api.request('GET', `/users/${encodeURIComponent(other.user_id)}`)).status, 404);
  });
});

describe('unlinking', () => {
  it('makes the account a user of its own again, with its password and without metadata', async () => {
    const { primary, secondary } = await twoUsers({ password: 'Another-Horse-8-Battery' });
    await api.post(identities(primary), { provider: 'auth0', user_id: own(secondary) });
    const left = await api.request('DELETE', `${identities(primary)}/auth0/${own(secondary)}`);
    assert.equal(left.status, 200);
    assert.deepEqual(left.json.map((one) => one.user_id), [own(primary)]);
    const again = await api.get(`/users/${encodeURIComponent(secondary.user_id)}`);
    assert.equal(again.email, secondary.email);
    assert.equal(again.name, 'Bea');
    assert.equal(again.user_metadata, undefined);
    assert.equal(await subject({ email: secondary.email, password: 'Another-Horse-8-Battery' }), secondary.user_id);
    assert.equal(await subject(withPassword(primary)), primary.user_id);
  });

  it('leaves the first account and does not know others', async () => {
    const { primary, secondary } = await twoUsers();
    assert.equal((await api.request('DELETE', `${identities(primary)}/auth0/${own(primary)}`)).status, 400);
    assert.equal((await api.request('DELETE', `${identities(primary)}/auth0/${own(secondary)}`)).status, 404);
  });

  it('is not needed when the user goes: the accounts go with it', async () => {
    const { primary, secondary } = await twoUsers();
    await api.post(identities(primary), { provider: 'auth0', user_id: own(secondary) });
    await api.delete(`/users/${encodeURIComponent(primary.user_id)}`);
    await assert.rejects(signIn(server.http(), app, withPassword(secondary)), /no callback/);
    await createUser(api, { email: secondary.email });
  });
});

describe('an account at another provider', () => {
  it('signs in as the user it was linked to, keeps its own profile, and is let go with its sessions', async () => {
    const hub = await gitHubStandIn();
    try {
      const connection = await api.post('/connections', { name: `hub-${unique()}`, strategy: 'github', enabled_clients: [app.client_id], options: hub.options });
      const come = async (http = server.http()) => {
        const done = await http.follow(await http.get(authorizeUrl(app, { connection: connection.name })), { until: (url) => url.origin === 'http://localhost:3000' });
        const { json } = await redeem(http, app, { code: new URL(done.location).searchParams.get('code'), redirect_uri: app.callbacks[0] });
        return decodeJwt(json.id_token).claims.sub;
      };
      const alone = await come();
      assert.match(alone, /^github\|/);
      const primary = await createUser(api);
      const linked = await api.post(identities(primary), { provider: 'github', user_id: alone.slice('github|'.length) });
      assert.equal(linked[1].isSocial, true);
      assert.equal(linked[1].profileData.email, 'octocat@example.com');

      hub.user.name = 'The Older Octocat';
      const http = server.http();
      assert.equal(await come(http), primary.user_id);
      const user = await api.get(`/users/${encodeURIComponent(primary.user_id)}`);
      assert.equal(user.name, primary.name, 'the first account wins');
      assert.equal(user.email, primary.email);
      assert.equal(user.identities[1].profileData.name, 'The Older Octocat');

      await api.delete(`${identities(primary)}/github/${alone.slice('github|'.length)}`);
      const silent = await http.follow(await http.get(authorizeUrl(app, { prompt: 'none' })), { until: isAway(http) });
      assert.equal(new URL(silent.location).searchParams.get('error'), 'login_required', 'the session that began there is over');
      assert.equal(await come(), alone);
      assert.equal((await api.get(`/users/${encodeURIComponent(alone)}`)).name, 'The Older Octocat');
      await api.delete(`/connections/${connection.id}`);
    } finally {
      await hub.close();
    }
  });
});

describe('linking with a token', () => {
  it('takes an ID token of the other account, for the same application', async () => {
    const { primary, secondary } = await twoUsers();
    const audience = `${server.issuer}api/v2/`;
    const http = server.http();
    const mine = await tokensOf(http, app, withPassword(primary), { audience, scope: 'openid update:current_user_identities' });
    assert.match(decodeJwt(mine.access_token).claims.scope ?? '', /update:current_user_identities/);
    const theirs = (await tokensOf(server.http(), app, withPassword(secondary))).id_token;
    const call = (path, json) => api.request('POST', path, { token: mine.access_token, json });

    assert.equal((await call(identities(secondary), { link_with: theirs })).status, 403, 'another user than the token is for');
    assert.equal((await call(identities(primary), { provider: 'auth0', user_id: own(secondary) })).status, 403, 'without proof of the other account');
    const elsewhere = await createWebApplication(api, 'http://localhost:4000', '/callback');
    const foreign = (await tokensOf(server.http(), elsewhere, withPassword(secondary))).id_token;
    assert.equal((await call(identities(primary), { link_with: foreign })).status, 400, 'an ID token for another application');
    assert.equal((await call(identities(primary), { link_with: mine.access_token })).status, 400, 'an access token');

    const linked = await call(identities(primary), { link_with: theirs });
    assert.equal(linked.status, 201, linked.text);
    assert.equal(linked.json[1].user_id, own(secondary));
    const left = await api.request('DELETE', `${identities(primary)}/auth0/${own(secondary)}`, { token: mine.access_token });
    assert.equal(left.status, 200);
  });

  it('refuses blocked accounts: no other door for who was locked out', async () => {
    const { primary, secondary } = await twoUsers();
    const mine = await tokensOf(server.http(), app, withPassword(primary), {
      audience: `${server.issuer}api/v2/`, scope: 'openid update:current_user_identities',
    });
    const theirs = (await tokensOf(server.http(), app, withPassword(secondary))).id_token;
    await api.patch(`/users/${encodeURIComponent(secondary.user_id)}`, { blocked: true });
    const answer = await api.request('POST', identities(primary), { token: mine.access_token, json: { link_with: theirs } });
    assert.equal(answer.status, 403);
    assert.equal(answer.json.errorCode, 'user_blocked');
  });
});

describe('the address of a linked account', () => {
  it('is verified by a mail of its own, and verifies nothing else', async () => {
    const primary = await createUser(api, { email_verified: false, verify_email: false });
    const secondary = await createUser(api, { email_verified: false, verify_email: false });
    await api.post(identities(primary), { provider: 'auth0', user_id: own(secondary) });
    await api.post('/jobs/verification-email', { user_id: primary.user_id, identity: { provider: 'auth0', user_id: own(secondary) } });
    const mail = await server.message((one) => one.text?.includes(`To: ${secondary.email}`));
    const [link] = mail.text.replace(/=\r?\n/g, '').replace(/=3D/g, '=').match(/https:\/\/\S+?email-verification\?ticket=[\w-]+/);
    const http = server.http();
    const page = await http.get(link);
    const done = page.text.includes('<form') ? await http.submit(page, {}) : page;
    assert.ok(done.status < 400, done.text);
    const user = await api.get(`/users/${encodeURIComponent(primary.user_id)}`);
    assert.equal(user.identities[1].profileData.email_verified, true);
    assert.equal(user.email_verified, false);
  });
});

describe('the password of a linked account', () => {
  it('is changed by the link in its own mailbox, and by the connection it belongs to', async () => {
    const { primary, secondary } = await twoUsers();
    await api.post(identities(primary), { provider: 'auth0', user_id: own(secondary) });
    const { ticket } = await api.post('/tickets/password-change', {
      user_id: primary.user_id, identity: { user_id: own(secondary), provider: 'auth0' },
    });
    const http = server.http();
    const page = await http.get(ticket);
    const done = await http.submit(page, { 'password-reset': 'Third-Horse-9-Battery', 're-enter-password': 'Third-Horse-9-Battery' });
    assert.ok(done.status < 400, done.text);
    assert.equal(await subject({ email: secondary.email, password: 'Third-Horse-9-Battery' }), primary.user_id);
    assert.equal(await subject(withPassword(primary)), primary.user_id, 'the first password is as it was');
  });
});
