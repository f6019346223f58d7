// kill -9 in the middle of everything: what was answered with success is there afterwards, and nothing that ended comes back.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import { createApplication, createUser, password, rotating, unique } from '../support/fixtures.mjs';
import { beginLogin, redeem, refresh, signIn, token } from '../support/oauth.mjs';
import { createDatabase } from '../support/postgres.mjs';
import { findBinary, freePort, startServer } from '../support/server.mjs';

const realmGrant = 'http://auth0.com/oauth/grant-type/password-realm';
const realm = 'Username-Password-Authentication';
const onPostgres = process.env.GATEHOUSE_TEST_DATABASE === 'postgres';
const READY_MS = 15_000;

describe('kill -9 under load', () => {
  it('loses nothing that was answered and revives nothing that ended', async () => {
    const server = await startServer({ args: ['--set', 'management.rate=100000'] });
    const http = server.http({ cookies: false });
    const app = await createApplication(server.api, {
      app_type: 'regular_web', callbacks: ['https://app.example.com/callback'], grant_types: ['authorization_code', 'refresh_token', realmGrant], refresh_token: rotating,
    });
    const person = await createUser(server.api);
    const refreshTokens = async (count) => Promise.all(Array.from({ length: count }, async () => {  // ten a minute for one user are too many
      const { email } = await createUser(server.api);
      const answer = await token(http, app, { grant_type: realmGrant, realm, username: email, password, scope: 'openid offline_access' });
      assert.equal(answer.status, 200, answer.text);
      return answer.json.refresh_token;
    }));
    const codesOfOneBrowser = async (count) => {  // more than ten in half a minute look like a loop
      const browser = server.http();
      await signIn(browser, app, { email: person.email, password });
      return Promise.all(Array.from({ length: count }, async () => {
        const answer = await beginLogin(browser, app);
        assert.ok(answer.location, `${answer.status} ${answer.text}`);
        return { code: new URL(answer.location).searchParams.get('code'), redirect_uri: app.callbacks[0] };
      }));
    };

    for (let round = 1; round <= 2; round += 1) {
      const doomed = await Promise.all(Array.from({ length: 10 }, () => createUser(server.api)));
      const toRevoke = await refreshTokens(8);
      const families = (await refreshTokens(4)).map((first) => [first]);
      const codes = await codesOfOneBrowser(8);

      // What each of them notes was answered before the kill; an answer that never came decides nothing.
      const made = { roles: [], users: [], deleted: [], revoked: [], redeemed: [] };
      let killed = false;
      const until = async (work) => {
        while (!killed) if ((await work().catch((error) => (killed ? 'over' : Promise.reject(error)))) === 'over') return;
      };
      const api = (method, path, json) => server.api.request(method, path, { json });
      const load = [
        ...Array.from({ length: 6 }, () => until(async () => {
          const answer = await api('POST', '/roles', { name: `Role ${unique()}` });
          if (answer.status === 200) made.roles.push(answer.json.id);
        })),
        until(async () => { made.users.push((await createUser(server.api)).user_id); }),
        until(async () => {
          const user = doomed.pop();
          if (!user) return 'over';
          assert.equal((await api('DELETE', `/users/${encodeURIComponent(user.user_id)}`)).status, 204);
          made.deleted.push(user);
        }),
        until(async () => {
          const one = toRevoke.pop();
          if (!one) return 'over';
          assert.equal((await http.post('/oauth/revoke', { form: { client_id: app.client_id, client_secret: app.client_secret, token: one } })).status, 200);
          made.revoked.push(one);
        }),
        until(async () => {
          const one = codes.pop();
          if (!one) return 'over';
          const answer = await redeem(http, app, one);
          assert.equal(answer.status, 200, answer.text);
          made.redeemed.push(one);
        }),
        ...families.map((tokens) => until(async () => {
          const answer = await refresh(http, app, tokens.at(-1));
          assert.equal(answer.status, 200, answer.text);
          tokens.push(answer.json.refresh_token);
        })),
      ];
      const started = Date.now();
      while ((made.roles.length < 60 || !made.users.length || made.deleted.length < 2 || made.revoked.length < 2 || made.redeemed.length < 2) && Date.now() - started < 20_000) {
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      killed = true;
      await server.kill9();
      await Promise.all(load);
      const again = Date.now();
      await server.start();
      assert.ok(Date.now() - again < READY_MS, `ready after ${Date.now() - again} ms`);

      for (const [name, list] of Object.entries(made)) assert.ok(list.length > 0, `the load had time for ${name}`);
      const { roles, total } = await server.api.get('/roles?per_page=1&include_totals=true');
      assert.equal(roles.length, 1);
      assert.equal(total, await countRoles(server.api), 'the kept total is the real one');
      for (const id of made.roles) assert.equal((await api('GET', `/roles/${id}`)).status, 200);
      for (const id of made.users) assert.equal((await api('GET', `/users/${encodeURIComponent(id)}`)).status, 200);
      for (const user of made.deleted) {
        assert.equal((await api('GET', `/users/${encodeURIComponent(user.user_id)}`)).status, 404);
        assert.deepEqual(await server.api.get(`/users-by-email?email=${encodeURIComponent(user.email)}`), []);
      }
      for (const one of made.revoked) assert.equal((await refresh(http, app, one)).json.error, 'invalid_grant');
      for (const one of made.redeemed) assert.equal((await redeem(http, app, one)).json.error, 'invalid_grant');
      for (const tokens of families) {
        assert.ok(tokens.length > 2, 'every family was rotated');
        assert.equal((await refresh(http, app, tokens[0])).json.error, 'invalid_grant', 'a token that was rotated away stays so');
      }
    }
    await server.stop();
  });
});

describe('kill -9 during the first start', () => {
  for (let n = 0; n < 6; n += 1) {
    it(`after ${60 * n} ms leaves a folder that the next start makes whole`, async () => {
      const dataDir = fs.mkdtempSync(path.join(os.tmpdir(), 'gatehouse-test-'));
      const database = onPostgres ? createDatabase() : 'sqlite';
      const args = ['serve', '--data', dataDir, '--port', String(await freePort()), ...(onPostgres ? ['--database', database] : [])];
      const first = spawn(findBinary(), args, { stdio: 'ignore' });
      const over = once(first, 'exit');
      await new Promise((resolve) => setTimeout(resolve, 60 * n));
      first.kill('SIGKILL');
      await over;
      const port = Number(args[4]);
      const server = await startServer({ dataDir, port, database });
      assert.equal((await server.api.get('/clients?per_page=5')).length > 0, true, 'the bootstrap credentials work');
      await server.stop();
      fs.rmSync(dataDir, { recursive: true });
    });
  }
});

async function countRoles(api) {
  let count = 0;
  for (let page = 0; ; page += 1) {
    const roles = await api.get(`/roles?per_page=100&page=${page}`);
    count += roles.length;
    if (roles.length < 100) return count;
  }
}
