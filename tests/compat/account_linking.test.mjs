// Linking and unlinking accounts through the npm package auth0, told only the domain, a client and its secret.

import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { ManagementClient as ManagementV4 } from 'auth0-v4';
import { ManagementClient as ManagementV5 } from 'auth0-v5';
import { ManagementClient as ManagementV7 } from 'auth0-v7';
import { createMachine, createUser } from '../support/fixtures.mjs';
import { tenant } from './servers.mjs';

const generations = [
  {
    name: 'auth0 4', Management: ManagementV4,
    link: async (m, id, body) => (await m.users.link({ id }, body)).data,
    unlink: async (m, id, provider, user_id) => (await m.users.unlink({ id, provider, user_id })).data,
  },
  ...[['auth0 5', ManagementV5], ['auth0 7', ManagementV7]].map(([name, Management]) => ({
    name, Management,
    link: (m, id, body) => m.users.identities.link(id, body),
    unlink: (m, id, provider, user_id) => m.users.identities.delete(id, provider, user_id),
  })),
];

for (const { name, Management, link, unlink } of generations) {
  describe(`Account linking through ${name}`, () => {
    let management;
    before(async () => {
      const machine = await createMachine(tenant.api, `${tenant.issuer}api/v2/`, ['read:users', 'update:users']);
      management = new Management({ domain: tenant.domain, clientId: machine.client_id, clientSecret: machine.client_secret });
    });

    it('links an account and lets go of it', async () => {
      const primary = await createUser(tenant.api);
      const secondary = await createUser(tenant.api);
      const own = secondary.user_id.split('|')[1];
      const linked = await link(management, primary.user_id, { provider: 'auth0', user_id: own });
      assert.equal(linked.length, 2);
      assert.equal(linked[1].profileData.email, secondary.email);
      assert.equal(linked[1].connection, 'Username-Password-Authentication');
      const left = await unlink(management, primary.user_id, 'auth0', own);
      assert.deepEqual(left.map((one) => `auth0|${one.user_id}`), [primary.user_id]);
      await assert.rejects(link(management, primary.user_id, { provider: 'auth0', user_id: 'nobody' }), (error) => error.statusCode === 404);
    });
  });
}
