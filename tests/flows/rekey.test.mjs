// gatehouse rekey: afterwards everything opens with the new key alone; on SQLite never beside a server, on PostgreSQL without stopping one.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { createApi, createApplication, createMachine, createUser, password, unique } from '../support/fixtures.mjs';
import { token, refresh, tokensOf, userinfo } from '../support/oauth.mjs';
import { findBinary, startServer } from '../support/server.mjs';

const onSqlite = (process.env.GATEHOUSE_TEST_DATABASE ?? 'sqlite') === 'sqlite';
const keyFile = (server) => path.join(server.dataDir, 'master.key');
const keyLines = (server) => fs.readFileSync(keyFile(server), 'utf8').trim().split('\n');
const writeKeys = (server, lines) => fs.writeFileSync(keyFile(server), `${lines.join('\n')}\n`);
const rekey = (server) => spawnSync(findBinary(), ['rekey', '--data', server.dataDir, ...(server.databaseUrl ? ['--database', server.databaseUrl] : [])], { encoding: 'utf8' });

/** One of each thing that is sealed; the function looks whether all still opens. */
async function sealEverything(server) {
  const { api } = server;
  const http = server.http({ cookies: false });
  const resource = await createApi(api, { scopes: ['read:x'] });
  const symmetric = await createApi(api, { signing_alg: 'HS256', signing_secret: 's'.repeat(40) });
  const curve = await createApi(api, { signing_alg: 'PS256' });
  const machine = await createMachine(api, resource.identifier, ['read:x']);
  for (const { identifier } of [symmetric, curve]) await api.post('/client-grants', { client_id: machine.client_id, audience: identifier, scope: [] });
  const app = await createApplication(api, { app_type: 'regular_web', callbacks: ['https://app.example.com/callback'], grant_types: ['authorization_code', 'refresh_token'] });
  const user = { ...(await createUser(api)), password };
  const tokens = await tokensOf(server.http(), app, user, { scope: 'openid offline_access' });
  const connection = await api.post('/connections', {
    name: `oidc-${unique()}`, strategy: 'oidc',
    options: {
      client_id: 'x', client_secret: 'connection-secret', type: 'back_channel', issuer: 'https://idp.example.com',
      authorization_endpoint: 'https://idp.example.com/a', token_endpoint: 'https://idp.example.com/t', jwks_uri: 'https://idp.example.com/j',
    },
  });
  // A mail server that is not there: its password is sealed, and so is the mail that waits for it.
  await api.post('/emails/provider', {
    name: 'smtp', enabled: true, default_from_address: 'a@example.com', credentials: { smtp_host: '127.0.0.1', smtp_port: 9, smtp_user: 'u', smtp_pass: 'mail-password' },
  });
  await http.post('/dbconnections/change_password', { json: { client_id: app.client_id, connection: 'Username-Password-Authentication', email: user.email } });
  const jwks = (await http.get('/.well-known/jwks.json')).json;

  return async (atServer = server) => {
    for (const { identifier } of [resource, symmetric, curve]) {
      const answer = await token(http, machine, { grant_type: 'client_credentials', audience: identifier });
      assert.equal(answer.status, 200, answer.text);
    }
    assert.equal((await userinfo(http, tokens.access_token)).status, 200, 'an access token from before');
    assert.equal((await refresh(http, app, tokens.refresh_token)).status, 200, 'a refresh token from before');
    assert.deepEqual((await http.get('/.well-known/jwks.json')).json, jwks);
    assert.equal((await atServer.api.get(`/connections/${connection.id}`)).options.client_secret, 'connection-secret');
    assert.equal((await atServer.api.get(`/resource-servers/${symmetric.id}`)).signing_secret, 's'.repeat(40));
    assert.equal((await atServer.api.get(`/clients/${machine.client_id}`)).client_secret, machine.client_secret);
    assert.ok(await tokensOf(server.http(), app, user), 'a login');
  };
}

describe('gatehouse rekey', () => {
  it('seals everything with a new key; the old one may go', async () => {
    const server = await startServer();
    const opens = await sealEverything(server);
    await opens();
    const [old] = keyLines(server);
    await server.stop({ keepData: true });

    const done = rekey(server);
    assert.equal(done.status, 0, done.stderr);
    assert.match(done.stderr, /Sealed \d+ secrets with master key/);
    assert.equal(keyLines(server).length, 2);
    assert.equal(keyLines(server)[1], old);
    assert.equal((fs.statSync(keyFile(server)).mode & 0o777).toString(8), '600');
    writeKeys(server, keyLines(server).slice(0, 1));
    await server.start();
    await opens();

    // and the old key alone opens nothing
    await server.stop({ keepData: true });
    writeKeys(server, [old]);
    await assert.rejects(server.start(), /master key .* does not fit/);
    server.removeData();
  });

  it('goes on with the first key of the file where an earlier run, or the operator, has put one', async () => {
    const server = await startServer();
    const opens = await sealEverything(server);
    await server.stop({ keepData: true });
    const [old] = keyLines(server);
    writeKeys(server, [`mine ${randomBytes(32).toString('base64')}`, old]);
    const done = rekey(server);
    assert.equal(done.status, 0, done.stderr);
    assert.match(done.stderr, /master key mine/);
    assert.equal(keyLines(server).length, 2, 'no further key was made');
    writeKeys(server, keyLines(server).slice(0, 1));
    await server.start();
    await opens();
    await server.stop();
  });

  it('changes nothing without a key that fits', async () => {
    const server = await startServer();
    await server.stop({ keepData: true });
    const lines = keyLines(server);
    writeKeys(server, [`other ${randomBytes(32).toString('base64')}`]);
    const refused = rekey(server);
    assert.equal(refused.status, 1);
    assert.match(refused.stderr, /do not open everything/);
    fs.rmSync(keyFile(server));
    assert.equal(rekey(server).status, 1);
    assert.equal(fs.existsSync(keyFile(server)), false);
    writeKeys(server, lines);
    await server.start();
    await server.stop();
  });

  it('is refused while a server has the folder', { skip: !onSqlite && 'PostgreSQL: see below' }, async () => {
    const server = await startServer();
    const lines = keyLines(server);
    const refused = rekey(server);
    assert.equal(refused.status, 1);
    assert.match(refused.stderr, /in use by another/);
    assert.deepEqual(keyLines(server), lines);
    await server.stop();
  });

  it('goes on beside nodes whose files have the new key already', { skip: onSqlite && 'SQLite has one process' }, async () => {
    const server = await startServer();
    const opens = await sealEverything(server);
    const [old] = keyLines(server);
    const fresh = `fresh ${randomBytes(32).toString('base64')}`;
    writeKeys(server, [old, fresh]);  // opens with both, seals with the old one
    await server.restart();
    writeKeys(server, [fresh, old]);  // and now the other way round
    await server.restart();
    const done = rekey(server);
    assert.equal(done.status, 0, done.stderr);
    assert.equal(keyLines(server).length, 2, 'no further key was made');
    await opens();
    writeKeys(server, [fresh]);
    await server.restart();
    await opens();
    await server.stop();
  });
});
