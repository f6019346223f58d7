// What was deleted or taken away leaves nothing behind that a namesake inherits or an old session still opens.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { createApi, createApplication, createMachine, createUser, createWebApplication, password, rotating, unique } from '../support/fixtures.mjs';
import { authorizeUrl, beginLogin, decodeJwt, redeem, refresh, signIn, token, tokensOf } from '../support/oauth.mjs';
import { startServer } from '../support/server.mjs';

const base = 'https://app.example.com';

describe('leftovers', () => {
  let server;
  let api;
  let web;
  before(async () => {
    server = await startServer();
    api = await createApi(server.api, { scopes: ['read:orders', 'write:orders'], allow_offline_access: true, enforce_policies: true,
      token_dialect: 'access_token_authz' });
    web = await createWebApplication(server.api, base, '/callback', { refresh_token: rotating });
  });
  after(async () => { await server?.stop(); });

  const machine = () => server.http({ cookies: false });
  const person = async (properties) => ({ ...(await createUser(server.api, properties)), password });
  const pathOf = (user) => `/users/${encodeURIComponent(user.user_id)}`;
  const silently = async (http, client = web) => {
    const answer = await http.get(authorizeUrl(client, { prompt: 'none' }));
    assert.equal(answer.status, 302, answer.text.slice(0, 300));
    return new URL(answer.location).searchParams;
  };
  const asked = () => ({ audience: api.identifier, scope: 'openid offline_access read:orders write:orders' });
  const claimsOf = (tokens) => decodeJwt(tokens.access_token).claims;
  const dead = (answer) => assert.equal(answer.json?.error, 'invalid_grant', answer.text);

  it('of a deleted user are not inherited by one with the same id and address', async () => {
    const identity = { user_id: `chosen${unique()}`, email: `twice.${unique()}@example.com` };
    const first = await person({ ...identity, app_metadata: { role: 'boss' } });
    const role = await server.api.post('/roles', { name: `Boss ${unique()}` });
    await server.api.post(`/roles/${role.id}/permissions`, { permissions: [{ resource_server_identifier: api.identifier, permission_name: 'write:orders' }] });
    await server.api.post(`${pathOf(first)}/roles`, { roles: [role.id] });
    await server.api.post(`${pathOf(first)}/permissions`, { permissions: [{ resource_server_identifier: api.identifier, permission_name: 'read:orders' }] });
    const http = server.http();
    const tokens = await tokensOf(http, web, first, asked());
    assert.deepEqual(claimsOf(tokens).permissions.sort(), ['read:orders', 'write:orders']);
    const code = await signIn(http, web, first);
    const { ticket } = await server.api.post('/tickets/password-change', { user_id: first.user_id });
    const failed = await token(machine(), web, { grant_type: 'password' });
    assert.ok(failed.status >= 400);

    await server.api.delete(pathOf(first));
    const second = await person({ ...identity, name: 'Somebody Else' });
    assert.equal(second.user_id, first.user_id);
    assert.equal((await silently(http)).get('error'), 'login_required');
    dead(await refresh(machine(), web, tokens.refresh_token));
    dead(await redeem(machine(), web, code));
    assert.ok((await server.http().get(ticket)).status >= 400, 'the old ticket opens the new account');
    assert.deepEqual(await server.api.get(`${pathOf(second)}/roles`), []);
    assert.deepEqual(await server.api.get(`${pathOf(second)}/permissions`), []);
    assert.equal((await server.api.get(pathOf(second))).app_metadata, undefined);
    assert.deepEqual(claimsOf(await tokensOf(server.http(), web, second, asked())).permissions, []);
  });

  it('of a deleted API are not inherited by one with the same identifier', async () => {
    const identifier = `https://phoenix-${unique()}.example/`;
    const properties = { name: 'Phoenix', identifier, scopes: [{ value: 'read:orders', description: 'x' }], enforce_policies: true,
      token_dialect: 'access_token_authz', allow_offline_access: true };
    const first = await server.api.post('/resource-servers', properties);
    const client = await createMachine(server.api, identifier, ['read:orders']);
    const user = await person();
    const role = await server.api.post('/roles', { name: `Phoenix ${unique()}` });
    await server.api.post(`/roles/${role.id}/permissions`, { permissions: [{ resource_server_identifier: identifier, permission_name: 'read:orders' }] });
    await server.api.post(`${pathOf(user)}/roles`, { roles: [role.id] });
    await server.api.post(`${pathOf(user)}/permissions`, { permissions: [{ resource_server_identifier: identifier, permission_name: 'read:orders' }] });
    const http = server.http();
    const tokens = await tokensOf(http, web, user, { audience: identifier, scope: 'openid offline_access read:orders' });
    assert.deepEqual(claimsOf(tokens).permissions, ['read:orders']);

    await server.api.delete(`/resource-servers/${first.id}`);
    await server.api.post('/resource-servers', properties);
    const byMachine = await token(machine(), client, { grant_type: 'client_credentials', audience: identifier });
    assert.equal(byMachine.status, 403, byMachine.text);
    const later = claimsOf(await tokensOf(http, web, user, { audience: identifier, scope: 'openid read:orders' }));
    assert.deepEqual(later.permissions, []);
    assert.deepEqual(await server.api.get(`/roles/${role.id}/permissions`), []);
  });

  it('of a permission that the API no longer has are in no token', async () => {
    const own = await createApi(server.api, { scopes: ['read:orders', 'write:orders'], enforce_policies: true, token_dialect: 'access_token_authz' });
    const user = await person();
    await server.api.post(`${pathOf(user)}/permissions`, { permissions: ['read:orders',
      'write:orders'].map((permission_name) => ({ resource_server_identifier: own.identifier, permission_name })) });
    const http = server.http();
    const parameters = { audience: own.identifier, scope: 'openid read:orders write:orders' };
    assert.equal(claimsOf(await tokensOf(http, web, user, parameters)).permissions.length, 2);
    await server.api.patch(`/resource-servers/${own.id}`, { scopes: [{ value: 'read:orders', description: 'x' }] });
    assert.deepEqual(claimsOf(await tokensOf(http, web, user, parameters)).permissions, ['read:orders']);
  });

  it('of a role that was deleted or taken away are in no token', async () => {
    const user = await person();
    const roles = await Promise.all([1, 2].map((n) => server.api.post('/roles', { name: `Role ${n} ${unique()}` })));
    for (const [n, role] of roles.entries()) {
      await server.api.post(`/roles/${role.id}/permissions`, { permissions: [{ resource_server_identifier: api.identifier,
        permission_name: ['read:orders', 'write:orders'][n] }] });
      await server.api.post(`${pathOf(user)}/roles`, { roles: [role.id] });
    }
    const http = server.http();
    assert.equal(claimsOf(await tokensOf(http, web, user, asked())).permissions.length, 2);
    await server.api.delete(`/roles/${roles[0].id}`);
    assert.deepEqual(claimsOf(await tokensOf(http, web, user, asked())).permissions, ['write:orders']);
    await server.api.delete(`${pathOf(user)}/roles`, { roles: [roles[1].id] });
    assert.deepEqual(claimsOf(await tokensOf(http, web, user, asked())).permissions, []);
  });

  it('of a connection that was deleted are gone with its users', async () => {
    const connection = await server.api.post('/connections', { name: `db-${unique()}`, strategy: 'auth0' });
    const client = await server.api.post('/clients', {
      name: 'Db', app_type: 'regular_web', callbacks: [`${base}/callback`], grant_types: ['authorization_code', 'refresh_token'], refresh_token: rotating,
    });
    await server.api.patch(`/connections/${connection.id}/clients`, [{ client_id: client.client_id, status: true }]);
    const user = { ...(await server.api.post('/users', { connection: connection.name, email: `db.${unique()}@example.com`, password })), password };
    const http = server.http();
    const tokens = await tokensOf(http, client, user, { scope: 'openid offline_access' });
    await server.api.delete(`/connections/${connection.id}`);
    assert.equal((await silently(http, client)).get('code'), null);
    dead(await refresh(machine(), client, tokens.refresh_token));
    assert.equal((await server.api.request('GET', pathOf(user))).status, 404);
    assert.equal((await server.http().get('/userinfo', { headers: { authorization: `Bearer ${tokens.access_token}` } })).status, 401);
  });

  describe('of a connection that an application may not use', () => {
    it('a session does not get in', async () => {
      const uninvited = await server.api.post('/clients', { name: 'Uninvited', app_type: 'regular_web', callbacks: [`${base}/callback`],
        grant_types: ['authorization_code'] });
      const http = server.http();
      await signIn(http, web, await person());
      assert.ok((await silently(http)).get('code'));
      assert.equal((await silently(http, uninvited)).get('code'), null, 'single sign-on goes around the list of enabled applications');
      const page = await beginLogin(http, uninvited);
      assert.ok(!page.location?.includes('code='), page.location);
    });

    it('a session does not stay in', async () => {
      const connection = await server.api.post('/connections', { name: `db-${unique()}`, strategy: 'auth0' });
      const client = await server.api.post('/clients', { name: 'Soon', app_type: 'regular_web', callbacks: [`${base}/callback`], grant_types: ['authorization_code'] });
      await server.api.patch(`/connections/${connection.id}/clients`, [{ client_id: client.client_id, status: true }]);
      const user = { ...(await server.api.post('/users', { connection: connection.name, email: `soon.${unique()}@example.com`, password })), password };
      const http = server.http();
      await signIn(http, client, user);
      assert.ok((await silently(http, client)).get('code'));
      await server.api.patch(`/connections/${connection.id}/clients`, [{ client_id: client.client_id, status: false }]);
      assert.equal((await silently(http, client)).get('code'), null);
    });
  });

  it('of a callback that was removed receive no code', async () => {
    const client = await createApplication(server.api, { app_type: 'regular_web', callbacks: [`${base}/callback`, `${base}/old`], grant_types: ['authorization_code'] });
    const user = await person();
    const http = server.http();
    const page = await beginLogin(http, client, { redirect_uri: `${base}/old` });
    await server.api.patch(`/clients/${client.client_id}`, { callbacks: [`${base}/callback`] });
    const answer = await http.follow(await http.submit(page, { username: user.email, password }), { until: (url) => url.origin === base });
    assert.equal(answer.location, undefined);
    assert.ok(answer.status >= 400 && answer.status < 500, `${answer.status}`);
  });

  it('of an application that was deleted in the middle of a login receive nothing', async () => {
    const client = await createWebApplication(server.api, base, '/callback');
    const user = await person();
    const http = server.http();
    const page = await beginLogin(http, client);
    await server.api.delete(`/clients/${client.client_id}`);
    const answer = await http.follow(await http.submit(page, { username: user.email, password }), { until: (url) => url.origin === base });
    assert.equal(answer.location, undefined);
    assert.ok(answer.status >= 400 && answer.status < 500, `${answer.status}`);
  });

  it('of a mail provider are shown to nobody', async () => {
    const secret = `smtp-${unique()}-password`;
    await server.api.post('/emails/provider', { name: 'smtp', enabled: false, credentials: { smtp_host: '127.0.0.1', smtp_port: 2, smtp_user: 'u', smtp_pass: secret } });
    const shown = await server.api.request('GET', '/emails/provider?include_fields=true&fields=name,credentials,enabled,default_from_address');
    assert.ok(!shown.text.includes(secret), shown.text);
    const changed = await server.api.request('PATCH', '/emails/provider', { json: { enabled: false } });
    assert.ok(!changed.text.includes(secret), changed.text);
    assert.ok(!JSON.stringify(await server.api.get('/logs?per_page=50')).includes(secret));
    assert.ok(!server.log.includes(secret));
    await server.api.delete('/emails/provider');
  });
});
