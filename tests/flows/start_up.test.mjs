// Starting: what is printed and written, where settings come from, another issuer, new certificates and log files, and the commands
// that work beside a server or without one. contract.test.mjs has what CONTRACT promises in a sentence each; this has the rest.

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import tls from 'node:tls';
import { after, before, describe, it } from 'node:test';
import { createApi, createApplication, createMachine, createUser, password, unique } from '../support/fixtures.mjs';
import { decodeJwt, token, tokensOf } from '../support/oauth.mjs';
import { findBinary, freePort, startServer } from '../support/server.mjs';

const onSqlite = (process.env.GATEHOUSE_TEST_DATABASE ?? 'sqlite') === 'sqlite';
const temporaryFolder = () => fs.mkdtempSync(path.join(os.tmpdir(), 'gatehouse-test-'));
const command = (args, options = {}) => spawnSync(findBinary(), args, { encoding: 'utf8', timeout: 30_000, ...options });
/** Arguments by which a command finds the server's data. */
const dataOf = (server) => ['--data', server.dataDir, ...(server.databaseUrl ? ['--database', server.databaseUrl] : [])];
const logsIn = (server, { email, password }) => adminLogin(server, email, password).then((answer) => answer.status === 200);

/** Whether a password is right, asked without pages. */
async function adminLogin(server, email, password) {
  const app = await createApplication(server.api, { app_type: 'regular_web', grant_types: ['http://auth0.com/oauth/grant-type/password-realm'] });
  return token(server.http({ cookies: false }), app, {
    grant_type: 'http://auth0.com/oauth/grant-type/password-realm', realm: 'Username-Password-Authentication', username: email, password,
  });
}

async function certificateOf(server) {
  const socket = tls.connect({ host: '127.0.0.1', port: server.port, servername: 'localhost', rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  const certificate = socket.getPeerX509Certificate();
  socket.destroy();
  return certificate;
}

async function until(condition, what, ms = 5000) {
  for (const end = Date.now() + ms; !(await condition());) {
    assert.ok(Date.now() < end, what);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe('a start', () => {
  it('prints one line on standard output, JSON lines on standard error, and keeps its folder to itself', async () => {
    const server = await startServer();
    let output = `${server.readyLine}\n`;
    server.child.stdout.on('data', (text) => { output += text; });
    await server.http().get('/');
    assert.equal((fs.statSync(server.dataDir).mode & 0o777).toString(8), '700');
    for (const name of fs.readdirSync(server.dataDir)) {
      const mode = fs.statSync(path.join(server.dataDir, name)).mode & 0o777;
      const open = ['ca.pem', 'tls.pem'].includes(name);  // certificates are public
      assert.ok(open || (mode & 0o077) === 0, `${name} has mode ${mode.toString(8)}`);
    }
    await server.stop();
    assert.equal(output, `ready ${server.issuer}\n`);
    for (const line of server.log.trim().split('\n')) assert.doesNotThrow(() => JSON.parse(line), line);
  });

  it('on the same folder with another issuer moves the tenant there', { skip: !onSqlite && 'on PostgreSQL another issuer is refused' }, async () => {
    const server = await startServer();
    const api = await createApi(server.api, { scopes: ['read:x'] });
    const machine = await createMachine(server.api, api.identifier, ['read:x']);
    const user = { ...(await createUser(server.api)), password };
    const app = await createApplication(server.api, { app_type: 'regular_web', callbacks: ['https://app.example.com/callback'], grant_types: ['authorization_code'] });
    await server.stop({ keepData: true });

    const port = await freePort();
    const moved = await startServer({ port, issuer: `https://127.0.0.1:${port}/`, dataDir: server.dataDir, database: 'sqlite' });
    assert.equal(moved.bootstrap.issuer, moved.issuer);
    assert.equal(moved.bootstrap.domain, `127.0.0.1:${port}`);
    assert.equal(moved.bootstrap.management.audience, `${moved.issuer}api/v2/`);
    assert.equal(moved.bootstrap.management.client_secret, server.bootstrap.management.client_secret);
    assert.equal((await moved.http().get('/.well-known/openid-configuration')).json.issuer, moved.issuer);
    assert.equal((await moved.api.get(`/users/${encodeURIComponent(user.user_id)}`)).email, user.email);
    const machineToken = (await token(moved.http(), machine, { grant_type: 'client_credentials', audience: api.identifier })).json.access_token;
    assert.equal(decodeJwt(machineToken).claims.iss, moved.issuer);
    const tokens = await tokensOf(moved.http(), app, user);
    assert.equal(decodeJwt(tokens.id_token).claims.iss, moved.issuer);
    await moved.stop({ keepData: true });
    server.removeData();
  });

  it('issues a certificate anew for the host of another issuer, under the same CA', { skip: !onSqlite && 'needs the same database' }, async () => {
    const server = await startServer();
    const before = await certificateOf(server);
    const ca = new X509Certificate(server.ca);
    await server.stop({ keepData: true });
    const port = await freePort();
    const moved = await startServer({ port, issuer: `https://gatehouse.test:${port}/`, dataDir: server.dataDir, database: 'sqlite' });
    const certificate = await certificateOf(moved);
    assert.notEqual(certificate.fingerprint256, before.fingerprint256);
    assert.ok(certificate.checkHost('gatehouse.test') && certificate.checkHost('localhost') && certificate.checkIP('127.0.0.1') && certificate.checkIP('::1'));
    assert.ok(certificate.verify(ca.publicKey));
    assert.match(moved.log, /127\.0\.0\.1 gatehouse\.test/, 'the line for the hosts file');
    await moved.stop({ keepData: true });
    server.removeData();
  });

  it('takes settings from a file, the environment over it, the command line over both', async () => {
    const folder = temporaryFolder();
    const [inFile, inEnvironment] = [await freePort(), await freePort()];
    fs.writeFileSync(path.join(folder, 'gatehouse.toml'), `port = ${inFile}\nplain_http = true\n\n[limits]\nbody_bytes = 2048\nheader_fields = 20\n`);
    const server = await startServer({
      port: inEnvironment, issuer: `http://localhost:${inEnvironment}/`, args: ['--config', path.join(folder, 'gatehouse.toml'), '--set', 'limits.header_fields=30'],
      env: { GATEHOUSE_LIMITS_BODY_BYTES: '4096' },
    });
    const http = server.http();
    const headers = (count) => ({ headers: Object.fromEntries(Array.from({ length: count }, (_, n) => [`x-${n}`, 'y'])) });
    const bodyOf = (size) => http.post('/api/v2/roles', { body: 'x'.repeat(size) });
    assert.equal((await bodyOf(3000)).status, 401, 'the environment is over the file');
    assert.equal((await bodyOf(5000)).status, 413);
    assert.equal((await http.get('/healthz', headers(24))).status, 200, 'the command line is over the file');
    assert.equal((await http.get('/healthz', headers(40))).status, 431);
    await server.stop();
    fs.rmSync(folder, { recursive: true });
  });

  it('says all mistakes in the settings at once, and that they are settings', () => {
    const folder = temporaryFolder();
    const refused = command(['serve', '--data', folder, '--port', '99999', '--issuer', 'localhost', '--set', 'no.such=1'], { env: { ...process.env, GATEHOUSE_LIMITS_BODY_BYTES: 'much' } });
    assert.equal(refused.status, 2);
    assert.equal(refused.stdout, '');
    for (const mistake of [/port/, /issuer/, /no\.such/, /GATEHOUSE_LIMITS_BODY_BYTES/]) assert.match(refused.stderr, mistake);
    assert.deepEqual(fs.readdirSync(folder), [], 'nothing was made');
    fs.rmSync(folder, { recursive: true });
  });

  it('serves plain http nowhere but on loopback, unless a proxy is trusted', () => {
    const refused = command(['serve', '--data', '/nonexistent', '--plain-http', '--listen', '0.0.0.0']);
    assert.equal(refused.status, 2);
    assert.match(refused.stderr, /plain_http/);
  });

  it('answers plain http on its TLS port with nothing of the application', async () => {
    const server = await startServer();
    await assert.rejects(server.http().get(`http://localhost:${server.port}/healthz`), (error) => error.code === 'ECONNRESET' || /socket hang up|Parse Error/.test(error.message));
    await server.stop();
  });
});

describe('SIGHUP', () => {
  it('opens the log file anew and reads the certificate anew', async () => {
    const folder = temporaryFolder();
    const [cert, key, log] = ['cert.pem', 'key.pem', 'server.log'].map((name) => path.join(folder, name));
    const makeCertificate = (target) => execFileSync('openssl', [
      'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1',
      '-keyout', target === cert ? key : `${target}.key`, '-out', target,
    ], { stdio: 'ignore' });
    makeCertificate(cert);
    const server = await startServer({ args: ['--tls-cert', cert, '--tls-key', key, '--set', `log.file=${log}`] });
    const first = await certificateOf(server);
    fs.renameSync(log, `${log}.1`);
    makeCertificate(`${cert}.new`);
    fs.renameSync(`${cert}.new.key`, key);
    fs.renameSync(`${cert}.new`, cert);
    server.child.kill('SIGHUP');
    await until(async () => (await certificateOf(server)).fingerprint256 !== first.fingerprint256, 'a new certificate');
    await until(() => fs.existsSync(log), 'a new log file');

    fs.writeFileSync(cert, 'not a certificate');
    server.child.kill('SIGHUP');
    await until(() => /tls_reload_failed/.test(fs.readFileSync(log, 'utf8')), 'a mistake is said');
    assert.notEqual((await certificateOf(server)).fingerprint256, first.fingerprint256, 'and the good one kept');
    await server.stop();
    fs.rmSync(folder, { recursive: true });
  });
});

describe('commands beside a running server', () => {
  let server;
  before(async () => { server = await startServer(); });
  after(async () => { await server?.stop(); });

  it('backup: a new server starts on the copy, while the old one goes on', { skip: !onSqlite && 'a dump, not a database' }, async () => {
    const user = { ...(await createUser(server.api)), password };
    const app = await createApplication(server.api, { app_type: 'regular_web', callbacks: ['https://app.example.com/callback'], grant_types: ['authorization_code'] });
    const folder = temporaryFolder();
    let writing = true;
    const writer = (async () => { while (writing) await server.api.post('/roles', { name: unique() }); })();
    const backup = command(['backup', path.join(folder, 'gatehouse.db'), ...dataOf(server)]);
    writing = false;
    await writer;
    assert.equal(backup.status, 0, backup.stderr);
    assert.equal((fs.statSync(path.join(folder, 'gatehouse.db')).mode & 0o077), 0);
    assert.notEqual(command(['backup', path.join(folder, 'gatehouse.db'), ...dataOf(server)]).status, 0, 'nothing is written over');

    fs.copyFileSync(path.join(server.dataDir, 'master.key'), path.join(folder, 'master.key'));
    fs.copyFileSync(path.join(server.dataDir, 'bootstrap.json'), path.join(folder, 'bootstrap.json'));
    const restored = await startServer({ dataDir: folder, database: 'sqlite' });
    assert.equal((await restored.api.get(`/users/${encodeURIComponent(user.user_id)}`)).email, user.email);
    assert.ok((await tokensOf(restored.http(), app, user)).id_token);
    await restored.stop();
    fs.rmSync(folder, { recursive: true });
  });

  it('backup of PostgreSQL: a dump that names every table', { skip: onSqlite }, async () => {
    const role = await server.api.post('/roles', { name: unique() });
    const file = path.join(server.dataDir, 'dump.jsonl');
    const backup = command(['backup', file, ...dataOf(server)]);
    assert.equal(backup.status, 0, backup.stderr);
    assert.ok(fs.readFileSync(file, 'utf8').includes(role.id));
  });

  it('admin reset-password: the new one works, the old one does not', async () => {
    const { admin } = server.bootstrap;
    assert.ok(await logsIn(server, admin));
    const reset = command(['admin', 'reset-password', ...dataOf(server)]);
    assert.equal(reset.status, 0, reset.stderr);
    assert.ok(await logsIn(server, { email: admin.email, password: reset.stdout.trim() }));
    assert.equal(await logsIn(server, admin), false);
  });

  it('admin reset-password: for anybody with a password, and nobody else', async () => {
    const user = await createUser(server.api);
    const reset = command(['admin', 'reset-password', user.email.toUpperCase(), ...dataOf(server)]);
    assert.equal(reset.status, 0, reset.stderr);
    assert.ok(await logsIn(server, { email: user.email, password: reset.stdout.trim() }));
    const nobody = command(['admin', 'reset-password', 'nobody@example.com', ...dataOf(server)]);
    assert.equal(nobody.status, 1);
    assert.match(nobody.stderr, /no user .*nobody@example\.com/);
  });

  it('admin reset-password without a server: the user is signed out everywhere', async () => {
    const own = await startServer();
    const user = await createUser(own.api);
    const app = await createApplication(own.api, { app_type: 'regular_web', callbacks: ['https://app.example.com/callback'], grant_types: ['authorization_code', 'refresh_token'] });
    const tokens = await tokensOf(own.http(), app, { ...user, password }, { scope: 'openid offline_access' });
    await own.stop({ keepData: true });
    const reset = command(['admin', 'reset-password', user.email, ...dataOf(own)]);
    assert.equal(reset.status, 0, reset.stderr);
    await own.start();
    assert.ok(await logsIn(own, { email: user.email, password: reset.stdout.trim() }));
    assert.equal(await logsIn(own, { email: user.email, password }), false);
    assert.equal((await token(own.http(), app, { grant_type: 'refresh_token', refresh_token: tokens.refresh_token })).json.error, 'invalid_grant');
    await own.stop();
  });

  const settingsOf = (kind) => {
    const made = command(['quickstart', kind, ...dataOf(server)]);
    assert.equal(made.status, 0, made.stderr);
    const settings = Object.fromEntries(made.stdout.trim().split('\n').map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
    return { settings, said: made.stderr };
  };

  it('quickstart m2m: the printed settings get a token for the API of quickstart express', async () => {
    const { settings: machine } = settingsOf('m2m');
    const { settings: api } = settingsOf('express');
    assert.equal(api.ISSUER_BASE_URL, server.issuer);
    assert.equal(api.AUDIENCE, machine.API_AUDIENCE);
    const answer = await token(server.http(), { client_id: machine.AUTH0_CLIENT_ID, client_secret: machine.AUTH0_CLIENT_SECRET }, { grant_type: 'client_credentials', audience: machine.API_AUDIENCE });
    assert.equal(answer.status, 200, answer.text);
    assert.ok(fs.readFileSync(machine.NODE_EXTRA_CA_CERTS, 'utf8').includes('BEGIN CERTIFICATE'));
  });

  for (const [kind, callback] of [['nextjs', 'http://localhost:3000/auth/callback'], ['spa', 'http://localhost:3002/']]) {
    it(`quickstart ${kind}: the printed user signs in to the printed application`, async () => {
      const { settings, said } = settingsOf(kind);
      const [, email, secret] = /Sign in as (\S+) with the password (\S+)/.exec(said);
      const client = { client_id: settings.AUTH0_CLIENT_ID, client_secret: settings.AUTH0_CLIENT_SECRET, callbacks: [callback] };
      const audience = settings.API_AUDIENCE ?? 'https://orders.example.com/';
      const tokens = await tokensOf(server.http(), client, { email, password: secret }, { audience, scope: 'openid email offline_access read:orders' });
      assert.equal(decodeJwt(tokens.id_token).claims.email, email);
      assert.deepEqual(decodeJwt(tokens.access_token).claims.permissions.toSorted(), ['delete:users', 'read:orders']);
      assert.ok(tokens.refresh_token);
    });
  }

  it('quickstart without a server says what to do', () => {
    const folder = temporaryFolder();
    const made = command(['quickstart', 'm2m', '--data', folder]);
    assert.equal(made.status, 1);
    assert.match(made.stderr, /start the server/);
    fs.rmSync(folder, { recursive: true });
  });
});
