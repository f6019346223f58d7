// The Management API through the npm package auth0 in its three living generations, each told only the domain, a client
// and its secret, and through examples/manage-users.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import path from 'node:path';
import { before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { ManagementClient as ManagementV4 } from 'auth0-v4';
import { ManagementClient as ManagementV5 } from 'auth0-v5';
import { ManagementClient as ManagementV7 } from 'auth0-v7';
import { createMachine, password, unique } from '../support/fixtures.mjs';
import { repository } from '../support/server.mjs';
import { tenant } from './servers.mjs';

const connection = 'Username-Password-Authentication';
const scopes = ['read:users', 'create:users', 'update:users', 'delete:users', 'read:roles', 'create:roles', 'delete:roles', 'create:role_members'];

// What the generations call differently. Lists give {items, total}; `all` walks the pages as each generation's users do.
const generations = [
  {
    name: 'auth0 4',
    client: (options) => new ManagementV4(options),
    users: (m) => ({
      create: async (body) => (await m.users.create(body)).data,
      get: async (id) => (await m.users.get({ id })).data,
      update: async (id, body) => (await m.users.update({ id }, body)).data,
      remove: (id) => m.users.delete({ id }),
      byEmail: async (email) => (await m.usersByEmail.getByEmail({ email })).data,
      search: async (q) => (await m.users.getAll({ q, search_engine: 'v3' })).data,
      assignRoles: (id, roles) => m.users.assignRoles({ id }, { roles }),
      roles: async (id) => (await m.users.getRoles({ id })).data,
      all: async (q, per_page) => {
        const found = [];
        for (let page = 0; ; page += 1) {
          const { data } = await m.users.getAll({ q, per_page, page, include_totals: true });
          assert.equal(data.start, page * per_page);
          assert.equal(data.limit, per_page);
          found.push(...data.users);
          if (found.length >= data.total || data.users.length === 0) return found;
        }
      },
    }),
    createRole: async (m, body) => (await m.roles.create(body)).data,
    deleteRole: (m, id) => m.roles.delete({ id }),
    status: (error) => error.statusCode,
  },
  ...[['auth0 5', ManagementV5], ['auth0 7', ManagementV7]].map(([name, Management]) => ({
    name,
    client: (options) => new Management(options),
    users: (m) => ({
      create: (body) => m.users.create(body),
      get: (id) => m.users.get(id),
      update: (id, body) => m.users.update(id, body),
      remove: (id) => m.users.delete(id),
      byEmail: (email) => m.users.listUsersByEmail({ email }),
      search: async (q) => (await m.users.list({ q, search_engine: 'v3' })).data,
      assignRoles: (id, roles) => m.users.roles.assign(id, { roles }),
      roles: async (id) => (await m.users.roles.list(id)).data,
      all: async (q, per_page) => {
        const found = [];
        for await (const user of await m.users.list({ q, per_page })) found.push(user);
        return found;
      },
    }),
    createRole: (m, body) => m.roles.create(body),
    deleteRole: (m, id) => m.roles.delete(id),
    status: (error) => error.statusCode,
  })),
];

for (const generation of generations) {
  describe(`Management API through ${generation.name}`, () => {
    let management, users, user, email, tag;
    before(async () => {
      const machine = await createMachine(tenant.api, `${tenant.issuer}api/v2/`, scopes);
      management = generation.client({ domain: tenant.domain, clientId: machine.client_id, clientSecret: machine.client_secret });
      users = generation.users(management);
      tag = unique();
      email = `grace.${tag}@example.com`;
    });

    it('creates a user', async () => {
      user = await users.create({
        connection, email, password, user_metadata: { colour: 'green', nested: { a: 1, b: 2 } }, app_metadata: { tag },
      });
      assert.match(user.user_id, /^auth0\|/);
      assert.equal(user.email, email);
      assert.equal(user.email_verified, false);
    });

    it('gets the user, whose id has a bar in it', async () => {
      const found = await users.get(user.user_id);
      assert.equal(found.user_id, user.user_id);
      assert.deepEqual(found.user_metadata, { colour: 'green', nested: { a: 1, b: 2 } });
      assert.equal(found.identities[0].connection, connection);
      assert.equal('password' in found, false);
    });

    it('merges user_metadata on its first level, replaces below, and removes a key set to null', async () => {
      const changed = await users.update(user.user_id, { user_metadata: { size: 'L', nested: { c: 3 }, colour: null } });
      assert.deepEqual(changed.user_metadata, { size: 'L', nested: { c: 3 } });
      assert.deepEqual((await users.get(user.user_id)).user_metadata, { size: 'L', nested: { c: 3 } });
    });

    it('finds the user by e-mail address, right after the write', async () => {
      assert.deepEqual((await users.byEmail(email)).map((found) => found.user_id), [user.user_id]);
      assert.deepEqual((await users.search(`email:"${email}"`)).map((found) => found.user_id), [user.user_id]);
      assert.deepEqual((await users.search(`email:"nobody.${tag}@example.com"`)), []);
      assert.deepEqual((await users.search(`app_metadata.tag:"${tag}"`)).map((found) => found.user_id), [user.user_id]);
    });

    it('assigns a role, twice without complaint', async () => {
      const role = await generation.createRole(management, { name: `Editor ${tag}`, description: 'May edit' });
      assert.match(role.id, /^rol_/);
      await users.assignRoles(user.user_id, [role.id]);
      await users.assignRoles(user.user_id, [role.id]);
      assert.deepEqual((await users.roles(user.user_id)).map((found) => found.name), [`Editor ${tag}`]);
      await generation.deleteRole(management, role.id);
      assert.deepEqual(await users.roles(user.user_id), []);
    });

    it('walks a list page by page and ends', async () => {
      for (let n = 1; n < 7; n += 1) await users.create({ connection, email: `n${n}.${tag}@example.com`, password, app_metadata: { tag } });
      const found = await users.all(`app_metadata.tag:"${tag}"`, 3);
      assert.equal(found.length, 7);
      assert.equal(new Set(found.map((one) => one.user_id)).size, 7);
    });

    it('reports what is wrong with Auth0\'s statuses', async () => {
      const rejected = async (promise, status) => assert.rejects(promise, (error) => {
        assert.equal(generation.status(error), status, error.stack);
        return true;
      });
      await rejected(Promise.resolve(users.get('auth0|000000000000000000000000')), 404);
      await rejected(Promise.resolve(users.create({ connection, email, password })), 409);
      await rejected(Promise.resolve(users.create({ connection, email: 'no address', password })), 400);
      await rejected(Promise.resolve(management.clients.create?.({ name: 'Not allowed' })), 403);
    });

    it('deletes users', async () => {
      for (const one of await users.all(`app_metadata.tag:"${tag}"`, 50)) await users.remove(one.user_id);
      assert.deepEqual(await users.search(`app_metadata.tag:"${tag}"`), []);
      await assert.rejects(Promise.resolve(users.get(user.user_id)), (error) => generation.status(error) === 404);
    });
  });
}

describe('examples/manage-users', () => {
  it('does what its README says', async () => {
    const machine = await createMachine(tenant.api, `${tenant.issuer}api/v2/`, scopes);
    const run = async (...args) => JSON.parse((await promisify(execFile)(process.execPath, ['manage_users.js', ...args], {
      cwd: path.join(repository, 'build', 'compat', 'manage-users'),
      env: { ...process.env, AUTH0_DOMAIN: tenant.domain, AUTH0_CLIENT_ID: machine.client_id, AUTH0_CLIENT_SECRET: machine.client_secret },
    })).stdout);
    const email = `joan.${unique()}@example.com`;
    const { user_id } = await run('create', email, password);
    assert.equal((await run('find', email)).user_id, user_id);
    assert.equal((await run('note', email, 'colour', 'green')).user_metadata.colour, 'green');
    assert.equal((await run('role', email, 'Editor')).role, 'Editor');
    assert.ok((await run('list')).includes(email));
    assert.deepEqual(await run('delete', email), { deleted: user_id });
  });
});
