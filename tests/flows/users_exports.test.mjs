// POST /api/v2/jobs/users-exports: the files, their links, interruptions; through the npm package auth0 as well.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import https from 'node:https';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { createMachine, databaseConnection } from '../support/fixtures.mjs';
import { finished, importUsers } from '../support/imports.mjs';
import { repository, startServer } from '../support/server.mjs';

const realm = 'Username-Password-Authentication';
const manyCalls = ['--set', 'management.rate=100000'];

let server;
let connection_id;

/** A file behind a link, as curl would fetch it: no bearer token, no cookie. */
function download(of, location, { host } = {}) {
  const url = new URL(location);
  return new Promise((resolve, reject) => {
    https.get({ hostname: '127.0.0.1', servername: url.hostname, port: of.port, path: url.pathname + url.search, ca: of.ca, headers: { host: host ?? url.host } }, (answer) => {
      const pieces = [];
      answer.on('data', (piece) => pieces.push(piece)).on('error', reject).on('end', () => resolve({ status: answer.statusCode, headers: answer.headers, bytes: Buffer.concat(pieces) }));
    }).on('error', reject);
  });
}

async function exported(of, body) {
  const made = await of.api.post('/jobs/users-exports', body);
  const job = await finished(of, made.id);
  assert.equal(job.status, 'completed', JSON.stringify(job));
  const file = await download(of, job.location);
  assert.equal(file.status, 200, file.bytes.toString());
  return { made, job, file, text: gunzipSync(file.bytes).toString('utf8') };
}
const rowsOf = (text) => text.split('\n').slice(0, -1).map((line) => JSON.parse(line));

before(async () => {
  server = await startServer({ args: manyCalls });
  connection_id = (await databaseConnection(server.api)).id;
  await importUsers(server, [
    { email: 'ada@exports.example.com', email_verified: true, given_name: 'Ada', name: '=1+1, "Ada"', user_metadata: { plan: 'gold', deep: { n: [1, 2] } }, app_metadata: { region: 'eu' } },
    { email: 'zoe@exports.example.com', name: 'Zoë 🦊\nLovelace' },
  ]);
});
after(() => server.stop());

describe('a job', () => {
  it('is answered with what was asked, and ends with a file behind a link that needs no token', async () => {
    const fields = [{ name: 'email' }, { name: 'identities[0].connection', export_as: 'provider' }, { name: 'user_metadata.plan' }];
    const { made, job, file, text } = await exported(server, { connection_id, format: 'csv', fields });
    const { id, created_at, ...rest } = made;
    assert.match(id, /^job_[A-Za-z0-9]{16}$/);
    assert.deepEqual(rest, { type: 'users_export', status: 'pending', connection_id, connection: realm, format: 'csv', fields });
    const { location, ...shown } = job;
    assert.deepEqual(shown, { ...rest, id, created_at, status: 'completed', percentage_done: 100 });
    assert.ok(location.startsWith(`${server.issuer}user-exports/`), location);
    assert.equal(file.headers['content-type'], 'application/gzip');
    assert.match(file.headers['content-disposition'], /^attachment; filename="[a-z0-9-]+\.csv\.gz"$/);
    assert.equal(file.headers['cache-control'], 'no-store');
    assert.equal(Number(file.headers['content-length']), file.bytes.length);
    const lines = text.split('\n').filter((line) => !line.includes('admin@localhost'));
    assert.deepEqual(lines, ['"email","provider","user_metadata.plan"', `"'ada@exports.example.com","'${realm}","'gold"`, `"'zoe@exports.example.com","'${realm}",`, '']);
    assert.equal((await server.api.request('GET', `/jobs/${id}/errors`)).status, 204);
  });

  it('writes an object a line in JSON, everything of it that was asked for and nothing else', async () => {
    const { text } = await exported(server, { format: 'json', fields: [{ name: 'name' }, { name: 'user_metadata' }, { name: 'app_metadata.region', export_as: 'region' }, { name: 'user_metadata.deep.n[1]' }, { name: 'email_verified' }] });
    const rows = rowsOf(text);
    assert.deepEqual(rows.filter((row) => row.name.includes('A') || row.name.includes('Z')), [
      { name: '=1+1, "Ada"', user_metadata: { plan: 'gold', deep: { n: [1, 2] } }, region: 'eu', 'user_metadata.deep.n[1]': 2, email_verified: true },
      { name: 'Zoë 🦊\nLovelace', email_verified: false },
    ]);
    assert.equal(rows.length, 3);
  });

  it('writes the normalised profile when nobody says what, and as many users as it may', async () => {
    const { text } = await exported(server, { format: 'json', limit: 2 });
    const rows = rowsOf(text);
    assert.equal(rows.length, 2);
    assert.deepEqual(Object.keys(rows.find((row) => row.given_name === 'Ada')).sort(), ['created_at', 'email', 'email_verified', 'given_name', 'name', 'nickname', 'picture', 'updated_at', 'user_id']);
  });

  it('never shows a password hash', async () => {
    const { text } = await exported(server, { format: 'json', fields: ['password', 'password_hash', 'hash', 'credentials'].map((name) => ({ name })) });
    assert.match(text, /^({}\n)+$/);
  });
});

describe('a link', () => {
  it('is another one each time, and opens nothing when it is changed or asked of another host', async () => {
    const { job } = await exported(server, { format: 'json' });
    const again = await server.api.get(`/jobs/${job.id}`);
    assert.notEqual(again.location, job.location);
    assert.equal((await download(server, again.location)).status, 200);
    for (const location of [`${job.location}A`, job.location.replace(/token=.*/, ''), job.location.replace(/token=.*/, 'token=v1.k1.AAAA')]) {
      const refused = await download(server, location);
      assert.equal(refused.status, 403, location);
      assert.match(refused.bytes.toString(), /GET \/api\/v2\/jobs\/\{id\} shows a new one/);
    }
    assert.equal((await download(server, job.location, { host: 'other.example.com' })).status, 404);
  });

  it('is shown only to who may read users', async () => {
    const { job } = await exported(server, { format: 'json' });
    const token = await server.api.newToken('create:users');
    const shown = await server.api.request('GET', `/jobs/${job.id}`, { token });
    assert.equal(shown.status, 200);
    assert.equal(shown.json.location, undefined);
    assert.equal((await server.api.request('POST', '/jobs/users-exports', { token, json: {} })).status, 403);
  });
});

it('the npm package auth0 exports users', async () => {
  const machine = await createMachine(server.api, `${server.issuer}api/v2/`, ['read:users']);
  const script = `
    import { ManagementClient } from 'auth0';
    const management = new ManagementClient({ domain: process.env.DOMAIN, clientId: process.env.ID, clientSecret: process.env.SECRET });
    let job = await management.jobs.usersExports.create({ connection_id: process.env.CONNECTION, format: 'json', limit: 50, fields: [{ name: 'email' }] });
    while (!['completed', 'failed'].includes(job.status)) job = await management.jobs.get(job.id);
    console.log(JSON.stringify({ job, file: Buffer.from(await (await fetch(job.location)).arrayBuffer()).toString('base64') }));`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
    cwd: path.join(repository, 'tests'),
    env: { ...process.env, NODE_EXTRA_CA_CERTS: server.caFile, DOMAIN: new URL(server.issuer).host, ID: machine.client_id, SECRET: machine.client_secret, CONNECTION: connection_id },
  });
  const { job, file } = JSON.parse(stdout);
  assert.equal(job.status, 'completed');
  assert.equal(job.limit, 50);
  const emails = rowsOf(gunzipSync(Buffer.from(file, 'base64')).toString()).map((row) => row.email);
  assert.ok(emails.includes('ada@exports.example.com') && emails.includes('zoe@exports.example.com'), String(emails));
});

describe('many users', () => {
  const rows = 20_000;
  function* people() {
    for (let i = 0; i < rows; i += 1) yield { email: `user${i}@many.example.com`, given_name: `Given${i % 50}`, user_metadata: { noise: Math.sin(i).toString(36).repeat(4) } };
  }

  it('are exported once each, whatever happens to the server meanwhile', async () => {
    const own = await startServer({ args: manyCalls });
    try {
      const id = (await databaseConnection(own.api)).id;
      await importUsers(own, people(), { connection_id: id });
      const made = await own.api.post('/jobs/users-exports', { format: 'json', fields: [{ name: 'email' }, { name: 'user_metadata' }] });
      for (let seen = 0; seen < 20;) {
        const job = await own.api.get(`/jobs/${made.id}`);
        seen = job.percentage_done;
        if (job.status === 'completed') break;
        await sleep(5);
      }
      await own.kill9();
      await own.start();
      const job = await finished(own, made.id, { seconds: 150 });  // on PostgreSQL the lease of the dead has to end first
      assert.equal(job.status, 'completed', JSON.stringify(job));
      const file = await download(own, job.location);
      const emails = rowsOf(gunzipSync(file.bytes).toString()).map((row) => row.email).filter((email) => email.endsWith('@many.example.com'));
      assert.equal(emails.length, rows);
      assert.equal(new Set(emails).size, rows);
    } finally {
      await own.stop();
    }
  });
});
