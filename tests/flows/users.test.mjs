// /api/v2/users, /users-by-email, roles and permissions of users.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startServer } from '../support/server.mjs';

const CONNECTION = 'Username-Password-Authentication';
const PASSWORD = 'Correct-horse-7';
let server;
let api;
const create = (body) => api.post('/users', { connection: CONNECTION, password: PASSWORD, ...body });
const path = (user) => `/users/${encodeURIComponent(user.user_id)}`;

before(async () => {
  server = await startServer();
  api = server.api;
});
after(() => server.stop());

test('a new user has the defaults of Auth0 and never shows a password', async () => {
  const user = await create({ email: 'Ann@Example.com', given_name: 'Ann' });
  assert.match(user.user_id, /^auth0\|[0-9a-f]{24}$/);
  assert.equal(user.email, 'ann@example.com');
  assert.equal(user.email_verified, false);
  assert.equal(user.name, 'ann@example.com');
  assert.equal(user.nickname, 'ann');
  assert.match(user.picture, /^https:\/\/s\.gravatar\.com\/avatar\/[0-9a-f]{32}\?s=480&r=pg&d=https%3A%2F%2Fcdn\.auth0\.com%2Favatars%2Fan\.png$/);
  assert.deepEqual(user.identities, [{ connection: CONNECTION, user_id: user.user_id.slice(6), provider: 'auth0', isSocial: false }]);
  assert.doesNotMatch(JSON.stringify(await api.get(path(user))), /"password"|Correct-horse|argon2/i);
  const mail = await server.message((message) => message.file.endsWith('.eml') && message.text.includes('ann@example.com'));
  assert.match(mail.text, /u\/email-verification\?/);
});

test('a given user_id becomes auth0|user_id; the same id or address again is 409 and changes nothing', async () => {
  const user = await create({ email: 'bob@example.com', user_id: 'bob-1' });
  assert.equal(user.user_id, 'auth0|bob-1');
  for (const body of [{ email: 'other@example.com', user_id: 'bob-1' }, { email: 'BOB@example.com' }]) {
    const answer = await api.request('POST', '/users', { json: { connection: CONNECTION, password: PASSWORD, ...body } });
    assert.equal(answer.status, 409);
    assert.deepEqual(answer.json, { statusCode: 409, error: 'Conflict', message: 'The user already exists.', errorCode: 'auth0_idp_error' });
  }
  assert.deepEqual(await api.get('/users-by-email?email=other@example.com'), []);
});

test('of two simultaneous users with one address one is made', async () => {
  const answers = await Promise.all(Array.from({ length: 8 }, () =>
    api.request('POST', '/users', { json: { connection: CONNECTION, password: PASSWORD, email: 'race@example.com' } })));
  assert.deepEqual(answers.map((a) => a.status).sort(), [201, 409, 409, 409, 409, 409, 409, 409]);
});

const refusals = [
  ['a body without a connection', { email: 'x@example.com', password: PASSWORD }, 400, /Missing required property: connection/],
  ['an unknown property', { connection: CONNECTION, email: 'x@example.com', password: PASSWORD, foo: 1 }, 400, /Additional properties not allowed: foo/],
  ['a property of the wrong type', { connection: CONNECTION, email: 7, password: PASSWORD }, 400, /Expected type string.* but found type integer/],
  ['an address that is none', { connection: CONNECTION, email: 'x@', password: PASSWORD }, 400, /email/],
  ['an address with a line break', { connection: CONNECTION, email: 'x@example.com\r\nBcc: y@example.com', password: PASSWORD }, 400, /email/],
  ['a connection that does not exist', { connection: 'nowhere', email: 'x@example.com', password: PASSWORD }, 400, /connection/i],
  ['a weak password', { connection: CONNECTION, email: 'x@example.com', password: 'short' }, 400, /PasswordStrengthError/],
  ['a password of 300 characters', { connection: CONNECTION, email: 'x@example.com', password: 'Aa1!'.repeat(75) }, 400, /password/i],
  ['no identifier at all', { connection: CONNECTION, password: PASSWORD }, 400, /email/],
];
for (const [what, json, status, message] of refusals) {
  test(`${what} is refused`, async () => {
    const answer = await api.request('POST', '/users', { json });
    assert.equal(answer.status, status, answer.text);
    assert.equal(answer.json.statusCode, status);
    assert.match(answer.json.message, message);
    assert.deepEqual(await api.get('/users-by-email?email=x@example.com'), []);
  });
}

test('PATCH replaces root attributes, merges metadata on its first level, and null removes', async () => {
  const user = await create({ email: 'cid@example.com', user_metadata: { a: 1, b: { c: 1, d: 2 } }, app_metadata: { plan: 'gold' } });
  await api.patch(path(user), { user_metadata: { b: { c: 3 }, e: 5 }, name: 'Cid' });
  const changed = await api.patch(path(user), { user_metadata: { a: null } });
  assert.deepEqual(changed.user_metadata, { b: { c: 3 }, e: 5 });
  assert.deepEqual(changed.app_metadata, { plan: 'gold' });
  assert.equal(changed.name, 'Cid');
  assert.equal((await api.patch(path(user), { nickname: null })).nickname, undefined);
});

test('concurrent merges of different keys are all kept', async () => {
  const user = await create({ email: 'merge@example.com' });
  await Promise.all(Array.from({ length: 20 }, (_, i) => api.patch(path(user), { user_metadata: { [`k${i}`]: i } })));
  assert.equal(Object.keys((await api.get(path(user))).user_metadata).length, 20);
});

test('a changed address is unverified again, and password and address do not change together', async () => {
  const user = await create({ email: 'dora@example.com', email_verified: true });
  assert.equal((await api.patch(path(user), { email: 'dora2@example.com' })).email_verified, false);
  const answer = await api.request('PATCH', path(user), { json: { email: 'dora3@example.com', password: 'Another-horse-8' } });
  assert.equal(answer.status, 400);
  assert.equal((await api.get(path(user))).email, 'dora2@example.com');
});

test('a password is judged by the policy of the user\'s own connection, whatever the body names', async () => {
  const lax = await api.post('/connections', { name: 'lax', strategy: 'auth0', options: { passwordPolicy: 'none' } });
  const user = await create({ email: 'policy@example.com' });
  const answer = await api.request('PATCH', path(user), { json: { password: 'x', connection: lax.name } });
  assert.equal(answer.status, 400);
  assert.equal((await api.request('PATCH', path(user), { json: { password: 'x', connection: CONNECTION } })).status, 400);
  assert.equal((await api.request('PATCH', path(user), { json: { password: 'Another-horse-8', connection: CONNECTION } })).status, 200);
});

test('an unknown user is 404 inexistent_user; deleting one that is gone is 204', async () => {
  const answer = await api.request('GET', '/users/auth0%7Cnobody');
  assert.deepEqual([answer.status, answer.json.errorCode, answer.json.message], [404, 'inexistent_user', 'The user does not exist.']);
  assert.equal((await api.request('PATCH', '/users/auth0%7Cnobody', { json: { name: 'x' } })).status, 404);
  assert.equal((await api.request('DELETE', '/users/auth0%7Cnobody')).status, 204);
});

test('search reads its own writes', async () => {
  const user = await create({ email: 'eve@search.example', user_metadata: { color: 'red' } });
  const find = async (q) => (await api.get(`/users?search_engine=v3&q=${encodeURIComponent(q)}`)).map((u) => u.user_id);
  assert.deepEqual(await find('email:"eve@search.example"'), [user.user_id]);
  assert.deepEqual(await find('user_metadata.color:"red" AND email.domain:"search.example"'), [user.user_id]);
  await api.patch(path(user), { user_metadata: { color: 'blue' } });
  assert.deepEqual(await find('user_metadata.color:"red"'), []);
  await api.delete(path(user));
  assert.deepEqual(await find('email:eve*'), []);
  const bad = await api.request('GET', `/users?q=${encodeURIComponent('name:(')}`);
  assert.deepEqual([bad.status, bad.json.errorCode], [400, 'invalid_query_string']);
});

test('lists page with totals, pick fields, and refuse impossible pages', async () => {
  for (let i = 0; i < 5; i += 1) await create({ email: `page${i}@page.example` });
  const q = encodeURIComponent('email.domain:"page.example"');
  const page = await api.get(`/users?q=${q}&per_page=2&page=1&include_totals=true&sort=email:1&fields=email`);
  assert.deepEqual(page, { start: 2, limit: 2, length: 2, users: [{ email: 'page2@page.example' }, { email: 'page3@page.example' }], total: 5 });
  assert.deepEqual((await api.get(`/users?q=${q}&sort=email:-1&per_page=1`)).map((u) => u.email), ['page4@page.example']);
  assert.deepEqual(await api.get(`/users?q=${q}&page=9`), []);
  for (const query of ['per_page=101', 'per_page=-1', 'page=x', 'sort=email', 'include_totals=maybe']) {
    assert.equal((await api.request('GET', `/users?${query}`)).status, 400, query);
  }
});

test('roles and permissions of a user say where they come from', async () => {
  const audience = 'https://rbac.example/';
  await api.post('/resource-servers', { name: 'RBAC', identifier: audience, scopes: [{ value: 'read:a', description: 'Read a' }, { value: 'write:a' }] });
  const role = await api.post('/roles', { name: 'Reader' });
  await api.post(`/roles/${role.id}/permissions`, { permissions: [{ resource_server_identifier: audience, permission_name: 'read:a' }] });
  const user = await create({ email: 'rbac@example.com' });
  for (let twice = 0; twice < 2; twice += 1) {
    assert.equal((await api.request('POST', `${path(user)}/roles`, { json: { roles: [role.id] } })).status, 204);
    await api.post(`${path(user)}/permissions`, { permissions: [{ resource_server_identifier: audience, permission_name: 'write:a' }] });
  }
  assert.deepEqual(await api.get(`${path(user)}/roles`), [{ id: role.id, name: 'Reader', description: '' }]);
  const { permissions, total } = await api.get(`${path(user)}/permissions?include_totals=true`);
  assert.equal(total, 2);
  const sources = Object.fromEntries(permissions.map((p) => [p.permission_name, p.sources.map((s) => s.source_type)]));
  assert.deepEqual(sources, { 'read:a': ['ROLE'], 'write:a': ['DIRECT'] });
  assert.equal((await api.request('DELETE', `${path(user)}/roles`, { json: { roles: [role.id] } })).status, 204);
  assert.deepEqual(await api.get(`${path(user)}/roles`), []);
  assert.equal((await api.request('POST', `${path(user)}/roles`, { json: { roles: ['rol_0000000000000000'] } })).status, 404);
  const unknown = await api.request('POST', `${path(user)}/permissions`, { json: { permissions: [{ resource_server_identifier: 'https://none/', permission_name: 'x' }] } });
  assert.equal(unknown.status, 404);
});
