// Two nodes on one PostgreSQL database keep every promise that one keeps.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { createApi, createApplication, createMachine, createUser, password, rotating } from '../support/fixtures.mjs';
import { HttpClient } from '../support/http.mjs';
import { redeem, refresh, signIn, token, tokensOf } from '../support/oauth.mjs';
import { createDatabase } from '../support/postgres.mjs';
import { freePort, repository, startServer } from '../support/server.mjs';

const onPostgres = process.env.GATEHOUSE_TEST_DATABASE === 'postgres';
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Another node of the tenant that `first` made. */
function joinNode(first, options = {}) {
  return startServer({ database: first.databaseUrl, issuer: first.issuer, args: ['--master-key', path.join(first.dataDir, 'master.key')], ...options });
}

/** A client that reaches this node, whichever port the issuer has. */
function httpOf(node) {
  return new HttpClient({ base: `https://localhost:${node.port}/`, ca: node.ca, headers: { host: node.domain }, cookies: false });
}

async function becomes(what, condition, ms = 1500) {  // a second, by the contract, and a little for the machine
  const until = Date.now() + ms;
  while (!(await condition())) {
    assert.ok(Date.now() < until, `${what} within ${ms} ms`);
    await pause(10);
  }
}

describe('two nodes', { skip: !onPostgres && 'needs PostgreSQL' }, () => {
  let first, second, nodes, app, user;
  before(async () => {
    first = await startServer({ database: 'postgres' });
    second = await joinNode(first);
    nodes = [httpOf(first), httpOf(second)];
    user = { ...(await createUser(first.api)), password };
    app = await application();
  });
  after(async () => {
    await second?.stop();
    await first?.stop();
  });
  const application = (properties = {}) => createApplication(first.api, {
    app_type: 'regular_web', callbacks: ['https://app.example.com/callback'], grant_types: ['authorization_code', 'refresh_token'], refresh_token: rotating, ...properties,
  });
  /** Fifty at once, half on each node. */
  const race = (attempt) => Promise.all(Array.from({ length: 50 }, (_, n) => attempt(nodes[n % 2])));

  it('the second wrote no bootstrap file', () => {
    assert.equal(second.bootstrap, null);
  });

  it('redeem a code once, whichever is asked', async () => {
    const login = await signIn(first.http(), app, user);
    const answers = await race((http) => redeem(http, app, login));
    assert.equal(answers.filter((answer) => answer.status === 200).length, 1);
    for (const answer of answers) if (answer.status !== 200) assert.equal(answer.json.error, 'invalid_grant', answer.text);
  });

  it('rotate a refresh token once, and end its family when it is used again', async () => {
    const tokens = await tokensOf(first.http(), app, user, { scope: 'openid offline_access' });
    const answers = await race((http) => refresh(http, app, tokens.refresh_token));
    const winners = answers.filter((answer) => answer.status === 200);
    assert.equal(winners.length, 1);
    for (const http of nodes) assert.equal((await refresh(http, app, winners[0].json.refresh_token)).json.error, 'invalid_grant');
  });

  it('give everybody the same successor within the leeway', async () => {
    const patient = await application({ refresh_token: { ...rotating, leeway: 60 } });
    const tokens = await tokensOf(first.http(), patient, user, { scope: 'openid offline_access' });
    const answers = await race((http) => refresh(http, patient, tokens.refresh_token));
    assert.deepEqual([...new Set(answers.map((answer) => answer.status))], [200]);
    assert.equal(new Set(answers.map((answer) => answer.json.refresh_token)).size, 1);
  });

  it('make one of two users with the same address', async () => {
    const managementToken = await first.api.newToken();
    const email = `twin.${Date.now()}@example.com`;
    const answers = await Promise.all(Array.from({ length: 8 }, (_, n) => nodes[n % 2].post('/api/v2/users', {
      headers: { authorization: `Bearer ${managementToken}` }, json: { connection: 'Username-Password-Authentication', email, password },
    })));
    assert.deepEqual(answers.map((answer) => answer.status).sort(), [201, ...Array(7).fill(409)]);
  });

  it('hear of each other\'s changes within a second', async () => {
    const api = await createApi(first.api, { scopes: ['read:x'] });
    const machine = await createMachine(first.api, api.identifier, ['read:x']);
    const ask = (http) => token(http, machine, { grant_type: 'client_credentials', audience: api.identifier });
    for (const http of nodes) assert.equal((await ask(http)).status, 200);

    const { client_secret } = await first.api.post(`/clients/${machine.client_id}/rotate-secret`);
    await becomes('the old secret is refused on the other node', async () => (await ask(nodes[1])).status === 401);
    machine.client_secret = client_secret;
    assert.equal((await ask(nodes[1])).status, 200);

    const [grant] = await first.api.get(`/client-grants?client_id=${machine.client_id}`);
    await first.api.delete(`/client-grants/${grant.id}`);
    await becomes('a withdrawn grant is refused on the other node', async () => (await ask(nodes[1])).status === 403);

    const before = (await nodes[1].get('/.well-known/jwks.json')).json.keys.map((key) => key.kid);
    const rotated = await first.api.post('/keys/signing/rotate');
    assert.ok(!before.includes(rotated.kid));
    await becomes('the other node publishes the new key', async () => (await nodes[1].get('/.well-known/jwks.json')).json.keys.some((key) => key.kid === rotated.kid));
  });

  it('refuse at once whom the other one blocked', async () => {
    const person = { ...(await createUser(first.api)), password };
    const steady = await application({ refresh_token: { ...rotating, rotation_type: 'non-rotating' } });
    const tokens = await tokensOf(first.http(), steady, person, { scope: 'openid offline_access' });
    assert.equal((await refresh(nodes[1], steady, tokens.refresh_token)).status, 200);
    await first.api.patch(`/users/${encodeURIComponent(person.user_id)}`, { blocked: true });
    assert.notEqual((await refresh(nodes[1], steady, tokens.refresh_token)).status, 200);
  });
});

describe('a node that does not fit', { skip: !onPostgres && 'needs PostgreSQL' }, () => {
  let first;
  before(async () => { first = await startServer({ database: 'postgres' }); });
  after(async () => { await first?.stop(); });

  async function refused(options, message) {
    const dataDir = fs.mkdtempSync(path.join(os.tmpdir(), 'gatehouse-test-'));
    await assert.rejects(joinNode(first, { dataDir, ...options }), (error) => {
      assert.match(error.message, message);
      assert.notEqual(error.exit.code, 0);
      assert.equal(error.exit.signal, null);
      return true;
    });
    assert.equal(fs.existsSync(path.join(dataDir, 'bootstrap.json')), false);
    fs.rmSync(dataDir, { recursive: true });
  }

  it('is refused with another issuer, and told which one', async () => {
    await refused({ issuer: 'https://localhost:1/' }, new RegExp(`belongs to ${first.issuer}`));
  });

  it('is refused with another master key', async () => {
    await refused({ args: [] }, /master key .* does not fit this database/);
  });

  it('leaves the tenant as it was', async () => {
    assert.equal((await first.api.request('GET', '/clients?per_page=1')).status, 200);
  });
});

describe('nodes that start at the same moment on an empty database', { skip: !onPostgres && 'needs PostgreSQL' }, () => {
  it('make one tenant, and one of them its bootstrap file', async () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'gatehouse-test-'));
    const database = createDatabase();
    const issuer = `https://localhost:${await freePort()}/`;
    const args = ['--master-key', path.join(folder, 'master.key')];
    const servers = await Promise.all([1, 2, 3].map(() => startServer({ database, issuer, args })));
    const [owner, ...others] = servers.toSorted((a, b) => Boolean(b.bootstrap) - Boolean(a.bootstrap));
    assert.ok(owner.bootstrap);
    for (const other of others) assert.equal(other.bootstrap, null);
    for (const server of servers) {
      const answer = await httpOf(server).post('/oauth/token', { json: { grant_type: 'client_credentials', ...owner.bootstrap.management } });
      assert.equal(answer.status, 200, answer.text);
    }
    for (const server of servers) await server.stop();
    fs.rmSync(folder, { recursive: true });
  });
});

describe('when PostgreSQL is away', { skip: !onPostgres && 'needs PostgreSQL' }, () => {
  let folder, first, second, bearer;
  const made = [];
  const script = (command, ...more) => execFileSync(path.join(repository, 'tests/support/postgres.sh'), [command, path.join(folder, 'pg'), ...more], { encoding: 'utf8' }).trim();
  const create = (node, name) => httpOf(node).post('/api/v2/roles', { headers: bearer, json: { name } });
  before(async () => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'gatehouse-postgres-'));
    fs.chmodSync(folder, 0o755);  // PostgreSQL may run as another user
    first = await startServer({ database: script('start', String(process.pid)) });
    second = await joinNode(first);
    bearer = { authorization: `Bearer ${await first.api.newToken()}` };
  });
  after(async () => {
    await second?.stop();
    await first?.stop();
    script('stop');
    fs.rmSync(folder, { recursive: true, force: true });
  });

  async function bothAreBack(ms) {
    const back = Date.now();
    for (const node of [first, second]) {
      await becomes('writes work again', async () => (await create(node, `Back ${node.port} ${Date.now()}`)).status === 200, ms);
      await becomes('the node says that it is ready', async () => (await httpOf(node).get('/readyz')).status === 200, ms);
    }
    assert.ok(Date.now() - back < ms);
  }

  it('for a restart, nodes are back within 30 s, with nothing lost that was answered', async () => {
    let restarting = true;
    const writers = [first, second].map(async (node, n) => {
      for (let i = 0; restarting; i += 1) {
        const answer = await create(node, `During ${n} ${i}`);
        if (answer.status === 200) made.push(answer.json.id);
        else assert.equal(answer.status, 503, answer.text);
      }
    });
    await pause(100);
    script('restart');
    await bothAreBack(30_000);
    restarting = false;
    await Promise.all(writers);
    assert.ok(made.length > 2);
    for (const id of made) assert.equal((await httpOf(second).get(`/api/v2/roles/${id}`, { headers: bearer })).status, 200);
  });

  it('without a word, requests are refused in time instead of hanging, and it goes on where it stopped', async () => {
    const leader = fs.readFileSync(path.join(folder, 'pg/data/postmaster.pid'), 'utf8').split('\n')[0];
    const processes = [leader, ...fs.readFileSync(`/proc/${leader}/task/${leader}/children`, 'utf8').trim().split(' ')].map(Number);
    for (const pid of processes) process.kill(pid, 'SIGSTOP');
    try {
      const started = Date.now();
      const answers = await Promise.all([first, second].flatMap((node) => [
        create(node, 'Waits'), httpOf(node).get('/readyz'), httpOf(node).get('/api/v2/roles', { headers: bearer }),
      ]));
      for (const answer of answers) assert.equal(answer.status, 503, answer.text);
      for (const node of [first, second]) assert.equal((await httpOf(node).get('/healthz')).status, 200, 'the process itself lives');
      assert.ok(Date.now() - started < 25_000, `${Date.now() - started} ms`);
    } finally {
      for (const pid of processes) process.kill(pid, 'SIGCONT');
    }
    await bothAreBack(30_000);
  });
});
