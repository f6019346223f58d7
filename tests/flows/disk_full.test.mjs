// The disk is full: writes are refused in JSON, reads go on, nothing is torn, and writes resume by themselves when there is room again.

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createApi, createMachine, createUser, unique } from '../support/fixtures.mjs';
import { startServer } from '../support/server.mjs';

const disk = process.env.GATEHOUSE_SMALL_DISK;
const onSqlite = (process.env.GATEHOUSE_TEST_DATABASE ?? 'sqlite') === 'sqlite';

/** Runs this file again in a mount namespace of its own, where a folder is a small disk. */
function onSmallDisk() {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'gatehouse-disk-'));
  const script = 'mount -t tmpfs -o size=6m,mode=700 tmpfs "$1" && exec "$2" --test "$3"';
  const env = { ...process.env, GATEHOUSE_SMALL_DISK: folder };
  delete env.NODE_TEST_CONTEXT;  // or the inner run would believe it is one of the outer's files
  const run = (how) => spawnSync('unshare', [how, 'sh', '-c', script, 'sh', folder, process.execPath, fileURLToPath(import.meta.url)], { env, encoding: 'utf8', timeout: 120_000 });
  const allowed = (how) => spawnSync('unshare', [how, 'true']).status === 0;
  const how = ['-Urm', '-m'].find(allowed);
  assert.ok(how, 'this machine allows neither user namespaces nor, to root, mount namespaces; see man unshare');
  const result = run(how);
  fs.rmdirSync(folder);
  fs.rmSync(`${folder}.log`, { force: true });
  return result;
}

/** Takes the last byte. */
function fill(file) {
  const handle = fs.openSync(file, 'w');
  for (let size = 1 << 20; size >= 1; size >>= 1) {
    try {
      while (fs.writeSync(handle, Buffer.alloc(size)) === size);
    } catch (error) {
      if (error.code !== 'ENOSPC') throw error;
    }
  }
  fs.closeSync(handle);
}

if (!disk) {
  describe('a full disk', { skip: !onSqlite && 'PostgreSQL has a disk of its own' }, () => {
    it('passes its tests on a small disk', () => {
      const result = onSmallDisk();
      assert.equal(result.status, 0, result.stdout + result.stderr);
    });
  });
} else {
  // The disk is the data folder; the harness keeps the log beside it.
  const ballast = path.join(disk, 'ballast');

  it('is said in words when there is no room to start', async () => {
    fill(ballast);
    await assert.rejects(startServer({ database: 'sqlite', dataDir: disk }), (error) => {
      assert.match(error.message, /No space left|full/i);
      assert.notEqual(error.exit.code, 0);
      return error.exit.signal === null;
    });
    fs.rmSync(ballast);
    const server = await startServer({ database: 'sqlite', dataDir: disk });
    assert.ok(server.bootstrap.management.client_secret);
    await server.stop({ keepData: true });
  });

  it('refuses writes while it lasts and nothing else', async () => {
    const server = await startServer({ database: 'sqlite', dataDir: disk, args: ['--set', 'management.rate=100000'] });
    const api = await createApi(server.api);
    const machine = await createMachine(server.api, api.identifier);
    const user = await createUser(server.api);
    const made = [];
    const create = async () => {
      const answer = await server.api.request('POST', '/roles', { json: { name: `Role ${unique()}`, description: 'd'.repeat(200) } });
      if (answer.status === 200) made.push(answer.json.id);
      return answer;
    };
    await create();

    fill(ballast);
    let refusals = 0;
    for (let n = 0; n < 3000 && refusals < 20; n += 1) {  // the log may have room left inside the file that it has
      const answer = await create();
      if (answer.status === 200) continue;
      refusals += 1;
      assert.ok([503, 507].includes(answer.status), answer.text);
      assert.equal(answer.json.statusCode, answer.status);
      assert.equal(typeof answer.json.message, 'string');
      assert.doesNotMatch(answer.text, /sqlite|\.db|disk I\/O/i, 'no internals');
    }
    assert.equal(refusals, 20);

    assert.equal((await server.api.get(`/users/${encodeURIComponent(user.user_id)}`)).email, user.email, 'reads go on');
    const credentials = { client_id: machine.client_id, client_secret: machine.client_secret };
    const answer = await server.http().post('/oauth/token', { json: { grant_type: 'client_credentials', audience: api.identifier, ...credentials } });
    assert.equal(answer.status, 200, 'machine tokens need no write');
    assert.equal((await server.http().get('/healthz')).status, 200);
    const login = await server.http().get(`/authorize?${new URLSearchParams({ client_id: machine.client_id, response_type: 'code', redirect_uri: 'https://no.example/' })}`);
    assert.ok(login.status >= 400 && login.status < 600, `a page in words: ${login.status}`);

    fs.rmSync(ballast);
    const until = Date.now() + 5000;
    while ((await create()).status !== 200) assert.ok(Date.now() < until, 'writes resume without a restart');
    for (let n = 0; n < 20; n += 1) assert.equal((await create()).status, 200);

    const total = (await server.api.get('/roles?per_page=1&include_totals=true')).total;
    assert.equal(total, made.length, 'what was refused is not there, what was answered is');
    for (const id of made.slice(-40)) assert.equal((await server.api.request('GET', `/roles/${id}`)).status, 200);
    await server.stop({ keepData: true });
    assert.equal(execFileSync('sqlite3', [path.join(disk, 'gatehouse.db'), 'PRAGMA integrity_check'], { encoding: 'utf8' }).trim(), 'ok');
  });
}
