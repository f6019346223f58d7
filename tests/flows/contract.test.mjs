// What scripts and tools rely on when they start, stop and kill the server.

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { createApi, createMachine, createUser, unique } from '../support/fixtures.mjs';
import { findBinary, freePort, startServer } from '../support/server.mjs';

const onSqlite = (process.env.GATEHOUSE_TEST_DATABASE ?? 'sqlite') === 'sqlite';
const modeOf = (file) => (fs.statSync(file).mode & 0o777).toString(8);

describe('a first start', () => {
  let server;
  before(async () => { server = await startServer(); });
  after(async () => { await server?.stop(); });

  it('prints ready and the issuer, nothing else', () => {
    assert.equal(server.readyLine, `ready ${server.issuer}`);
  });

  it('leaves bootstrap.json for its owner alone, with everything to begin with', () => {
    const file = path.join(server.dataDir, 'bootstrap.json');
    assert.equal(modeOf(file), '600');
    const bootstrap = server.bootstrap;
    assert.equal(bootstrap.domain, `localhost:${server.port}`);
    assert.equal(bootstrap.issuer, server.issuer);
    assert.ok(path.isAbsolute(bootstrap.ca_file) && fs.existsSync(bootstrap.ca_file));
    assert.equal(bootstrap.management.audience, `${server.issuer}api/v2/`);
    assert.ok(bootstrap.management.client_id && bootstrap.management.client_secret);
    assert.equal(bootstrap.admin.email, 'admin@localhost');
    assert.ok(bootstrap.admin.password);
  });

  it('keeps the master key for its owner alone', () => {
    assert.equal(modeOf(path.join(server.dataDir, 'master.key')), '600');
  });

  it('has the database connection, and a management client with every scope', async () => {
    const connections = await server.api.get('/connections?strategy=auth0');
    assert.deepEqual(connections.map((connection) => connection.name), ['Username-Password-Authentication']);
    const token = await server.api.newToken();
    const { scope } = JSON.parse(Buffer.from(token.split('.')[1], 'base64url'));
    for (const wanted of ['read:users', 'create:clients', 'delete:roles', 'update:tenant_settings']) assert.ok(scope.split(' ').includes(wanted), wanted);
  });

  it('is healthy, also under a name that is no tenant; other paths are not found there', async () => {
    const http = server.http();
    assert.equal((await http.get('/healthz')).status, 200);
    assert.equal((await http.get('/readyz')).status, 200);
    assert.equal((await http.get('/healthz', { headers: { host: 'elsewhere.example' } })).status, 200);
    assert.equal((await http.get('/.well-known/jwks.json', { headers: { host: 'elsewhere.example' } })).status, 404);
  });

  it('answers an unknown route of the Management API as Auth0 does, with and without a token', async () => {
    const expected = { statusCode: 404, error: 'Not Found', message: 'Not Found' };
    for (const token of [undefined, null]) {
      const answer = await server.api.request('GET', '/nothing-of-the-kind', { token });
      assert.equal(answer.status, 404);
      assert.deepEqual(answer.json, expected);
    }
  });

  it('names an unknown object', async () => {
    const answer = await server.api.request('GET', '/clients/nobody');
    assert.equal(answer.status, 404);
    assert.equal(answer.json.errorCode, 'inexistent_client');
    assert.equal(answer.json.message, 'The client does not exist');
  });

  it('listens on loopback only, on both families', async () => {
    const addresses = Object.values(os.networkInterfaces()).flat().filter((one) => !one.internal && !one.address.startsWith('fe80'));
    const connects = (host) => new Promise((resolve) => {
      const socket = net.connect({ host, port: server.port, timeout: 1000 });
      socket.on('connect', () => { socket.destroy(); resolve(true); });
      for (const event of ['error', 'timeout']) socket.on(event, () => { socket.destroy(); resolve(false); });
    });
    assert.equal(await connects('127.0.0.1'), true);
    assert.equal(await connects('::1'), true);
    for (const { address } of addresses) assert.equal(await connects(address), false, address);
  });

  it('refuses a second process on the same folder, with a clear message', { skip: !onSqlite }, async () => {
    const second = spawnSync(findBinary(), ['serve', '--data', server.dataDir, '--port', String(await freePort())], { encoding: 'utf8', timeout: 20_000 });
    assert.notEqual(second.status, 0);
    assert.notEqual(second.status, null, 'it must not hang');
    assert.equal(second.stdout.includes('ready'), false);
    assert.match(second.stderr, /already|in use|another/i);
  });

  it('refuses a second process on the same port', async () => {
    const dataDir = fs.mkdtempSync(path.join(os.tmpdir(), 'gatehouse-test-'));
    try {
      const second = spawnSync(findBinary(), ['serve', '--data', dataDir, '--port', String(server.port)], { encoding: 'utf8', timeout: 20_000 });
      assert.notEqual(second.status, 0);
      assert.equal(second.stdout.includes('ready'), false);
      assert.match(second.stderr, new RegExp(String(server.port)));
    } finally {
      fs.rmSync(dataDir, { recursive: true });
    }
  });
});

describe('stopping and starting again', () => {
  it('ends with 0 on SIGTERM and has everything afterwards', async () => {
    const server = await startServer();
    const user = await createUser(server.api);
    const secret = server.bootstrap.management.client_secret;
    const jwks = (await server.http().get('/.well-known/jwks.json')).json;
    await server.stop({ keepData: true });
    await server.start();
    assert.equal((await server.api.get(`/users/${encodeURIComponent(user.user_id)}`)).email, user.email);
    assert.equal(server.bootstrap.management.client_secret, secret, 'the bootstrap file is written once');
    assert.deepEqual((await server.http().get('/.well-known/jwks.json')).json, jwks);
    await server.stop();
  });

  it('loses nothing it had answered when it is killed in the middle of writing', async () => {
    const server = await startServer();
    await server.api.get('/roles');
    const answered = [];
    let killed = false;
    const writer = async (name) => {
      for (let n = 0; !killed; n += 1) {
        const answer = await server.api.request('POST', '/roles', { json: { name: `${name} ${n}` } }).catch(() => null);
        if (answer?.status === 200) answered.push(answer.json.id);
        else if (answer) assert.fail(answer.text);
      }
    };
    const writers = Array.from({ length: 8 }, (_, index) => writer(`Writer ${index}`));
    while (answered.length < 100) await new Promise((resolve) => setTimeout(resolve, 5));
    killed = true;
    await server.kill9();
    await Promise.all(writers);
    await server.start();
    for (const id of answered) assert.equal((await server.api.request('GET', `/roles/${id}`)).status, 200, id);
    await server.stop();
  });

  it('keeps machine tokens valid over a restart', async () => {
    const server = await startServer();
    const token = await server.api.newToken();
    await server.restart();
    assert.equal((await server.api.request('GET', '/roles', { token })).status, 200);
    await server.stop();
  });
});

describe('options', () => {
  it('serves plain http on loopback when asked', async () => {
    const server = await startServer({ args: ['--plain-http'] });
    const discovery = (await server.http().get('/.well-known/openid-configuration')).json;
    assert.equal(discovery.issuer, `http://localhost:${server.port}/`);
    await server.stop();
  });

  it('gives metrics on a port of their own', async () => {
    const port = await freePort();
    const server = await startServer({ args: ['--metrics-port', String(port)] });
    const metrics = await server.http().get(`http://127.0.0.1:${port}/metrics`);
    assert.equal(metrics.status, 200);
    assert.match(metrics.text, /^# (HELP|TYPE) /m);
    await server.stop();
  });

  it('shares one PostgreSQL database between nodes of one issuer and key', { skip: onSqlite }, async () => {
    const first = await startServer();
    const api = await createApi(first.api);
    const second = await startServer({
      database: first.databaseUrl, issuer: first.issuer, args: ['--master-key', path.join(first.dataDir, 'master.key')],
    });
    assert.equal(fs.existsSync(path.join(second.dataDir, 'bootstrap.json')), false, 'the tenant was there already');
    const machine = await createMachine(first.api, api.identifier);
    const answer = await second.http().post(`https://localhost:${second.port}/oauth/token`, {
      headers: { host: first.domain },
      json: { grant_type: 'client_credentials', client_id: machine.client_id, client_secret: machine.client_secret, audience: api.identifier },
    });
    assert.equal(answer.status, 200, answer.text);
    await second.stop();
    await first.stop();
  });

  it('refuses a master key that does not fit the database', async () => {
    const server = await startServer();
    await server.stop({ keepData: true });
    const key = path.join(server.dataDir, 'other.key');
    fs.copyFileSync(path.join(server.dataDir, 'master.key'), key);
    const bytes = fs.readFileSync(key);
    // Another key of the same form: every hexadecimal digit or byte of the last half is turned.
    for (let n = Math.floor(bytes.length / 2); n < bytes.length - 2; n += 1) bytes[n] = bytes[n] === 0x30 ? 0x31 : 0x30;
    fs.writeFileSync(key, bytes);
    const database = server.databaseUrl ? ['--database', server.databaseUrl] : [];
    const refused = spawnSync(findBinary(), [
      'serve', '--data', server.dataDir, '--port', String(server.port), '--issuer', server.issuer, '--master-key', key, ...database,
    ], { encoding: 'utf8', timeout: 20_000 });
    assert.notEqual(refused.status, 0);
    assert.equal(refused.stdout.includes('ready'), false);
    assert.match(refused.stderr, /key/i);
    server.removeData();
  });
});

describe('the other commands', () => {
  let server;
  before(async () => { server = await startServer(); });
  after(async () => { await server?.stop(); });
  const database = () => (server.databaseUrl ? ['--database', server.databaseUrl] : []);
  const run = (...args) => execFileSync(findBinary(), args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

  it('have a --help each', () => {
    const commands = [['serve'], ['backup'], ['admin', 'reset-password'], ['rekey'], ['routes'], ['trust'], ['quickstart']];
    for (const command of commands) assert.match(run(...command, '--help'), /--help|usage/i, command.join(' '));
  });

  it('list every route with its lane', () => {
    const routes = run('routes');
    for (const wanted of ['/oauth/token', '/authorize', '/api/v2/users/{id}', '/.well-known/jwks.json']) assert.ok(routes.includes(wanted), wanted);
  });

  it('back up a running server, and the copy starts', { skip: !onSqlite }, async () => {
    const role = await server.api.post('/roles', { name: `Kept ${unique()}` });
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'gatehouse-test-'));
    run('backup', path.join(folder, 'backup.db'), '--data', server.dataDir, ...database());
    assert.ok(fs.statSync(path.join(folder, 'backup.db')).size > 0);
    assert.equal(execFileSync('sqlite3', [path.join(folder, 'backup.db'), `SELECT count(*) FROM roles WHERE id = '${role.id}'`], { encoding: 'utf8' }).trim(), '1');
    fs.rmSync(folder, { recursive: true });
  });
});
