// The API in examples/express-api: what express-oauth2-jwt-bearer accepts, and when the permissions claim is there.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { createApi, createMachine, createUser, createApplication, password } from '../support/fixtures.mjs';
import { startExpressApi } from './apps.mjs';
import { tenant } from './servers.mjs';

let express, api, user, application;
before(async () => {
  api = await createApi(tenant.api, { scopes: ['read:orders', 'delete:users'] });
  express = await startExpressApi(tenant, api.identifier);
  user = await createUser(tenant.api);
  const role = await tenant.api.post('/roles', { name: `Caretaker ${api.id}` });
  await tenant.api.post(`/roles/${role.id}/permissions`, {
    permissions: [{ resource_server_identifier: api.identifier, permission_name: 'delete:users' }],
  });
  await tenant.api.post(`/users/${encodeURIComponent(user.user_id)}/roles`, { roles: [role.id] });
  application = await createApplication(tenant.api, {
    app_type: 'regular_web', grant_types: ['http://auth0.com/oauth/grant-type/password-realm', 'client_credentials'],
  });
});
after(async () => { await express?.stop(); });

const http = () => tenant.http({ cookies: false });
const bearer = (token) => ({ headers: { authorization: `Bearer ${token}` } });

/** An access token of the user, as a trusted first-party application gets one. */
async function userToken(scope = 'openid read:orders') {
  const answer = await http().post('/oauth/token', { json: {
    grant_type: 'http://auth0.com/oauth/grant-type/password-realm', realm: 'Username-Password-Authentication', audience: api.identifier, scope,
    username: user.email, password, client_id: application.client_id, client_secret: application.client_secret,
  } });
  assert.equal(answer.status, 200, answer.text);
  return answer.json.access_token;
}
const claimsOf = (token) => JSON.parse(Buffer.from(token.split('.')[1], 'base64url'));

describe('express-oauth2-jwt-bearer', () => {
  it('lets everybody read the public route', async () => {
    assert.equal((await http().get(`${express.baseUrl}/public`)).status, 200);
  });

  it('asks for a token on the protected route', async () => {
    const answer = await http().get(`${express.baseUrl}/me`);
    assert.equal(answer.status, 401);
    assert.match(answer.headers['www-authenticate'], /^Bearer realm="api"/);
  });

  it('accepts a token of the tenant and sees sub and claims', async () => {
    const answer = await http().get(`${express.baseUrl}/me`, bearer(await userToken()));
    assert.equal(answer.status, 200, answer.text);
    assert.equal(answer.json.sub, user.user_id);
    assert.match(answer.json.scope, /\bread:orders\b/);
  });

  it('checks a scope', async () => {
    assert.equal((await http().get(`${express.baseUrl}/orders`, bearer(await userToken()))).status, 200);
    const narrow = await http().get(`${express.baseUrl}/orders`, bearer(await userToken('openid')));
    assert.equal(narrow.status, 403);
    assert.equal(narrow.json.error, 'insufficient_scope');
  });

  it('refuses a token that somebody has changed', async () => {
    const [head, body, signature] = (await userToken()).split('.');
    const claims = { ...JSON.parse(Buffer.from(body, 'base64url')), sub: 'auth0|somebody-else' };
    const forged = [head, Buffer.from(JSON.stringify(claims)).toString('base64url'), signature].join('.');
    assert.equal((await http().get(`${express.baseUrl}/me`, bearer(forged))).status, 401);
  });

  it('refuses a token for another API', async () => {
    const other = await createApi(tenant.api);
    const machine = await createMachine(tenant.api, other.identifier);
    const answer = await http().post('/oauth/token', { json: {
      grant_type: 'client_credentials', audience: other.identifier, client_id: machine.client_id, client_secret: machine.client_secret,
    } });
    assert.equal(answer.status, 200, answer.text);
    assert.equal((await http().get(`${express.baseUrl}/me`, bearer(answer.json.access_token))).status, 401);
  });
});

describe('the permissions claim', () => {
  const deleteUser = async () => http().request('DELETE', `${express.baseUrl}/users/7`, bearer(await userToken()));
  const configure = (settings) => tenant.api.patch(`/resource-servers/${api.id}`, settings);

  it('is absent while RBAC is off, and the route that needs it answers 401', async () => {
    assert.equal('permissions' in claimsOf(await userToken()), false);
    assert.equal((await deleteUser()).status, 401);
  });

  it('is absent while RBAC is on but the token dialect is not an authz one', async () => {
    await configure({ enforce_policies: true, token_dialect: 'access_token' });
    assert.equal('permissions' in claimsOf(await userToken()), false);
    assert.equal((await deleteUser()).status, 401);
  });

  it('is there with enforce_policies and access_token_authz, and opens the route', async () => {
    await configure({ enforce_policies: true, token_dialect: 'access_token_authz' });
    assert.deepEqual(claimsOf(await userToken()).permissions, ['delete:users']);
    const answer = await deleteUser();
    assert.equal(answer.status, 200, answer.text);
    assert.equal(answer.json.by, user.user_id);
  });

  it('holds only what the person may do', async () => {
    const stranger = await createUser(tenant.api);
    const answer = await http().post('/oauth/token', { json: {
      grant_type: 'http://auth0.com/oauth/grant-type/password-realm', realm: 'Username-Password-Authentication', audience: api.identifier,
      scope: 'openid', username: stranger.email, password, client_id: application.client_id, client_secret: application.client_secret,
    } });
    assert.equal(answer.status, 200, answer.text);
    assert.deepEqual(claimsOf(answer.json.access_token).permissions, []);
  });
});
