// That nothing was switched off for the figures' sake is asked, not claimed: of the database, the log, and the kernel.

import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { createApplication, createUser } from '../tests/support/fixtures.mjs';
import { load, sleep, step } from './measure.mjs';
import { bearer, password } from './people.mjs';
import { startGatehouse } from './systems/gatehouse.mjs';

const SETTLED_MS = 1000;
const PATIENCE_MS = 15_000;

/**
 * How many events of a type the tenant's log has, from the database itself: the API counts no further than 1,000. Events of requests that
 * change nothing may wait 100 ms before they are written (DESIGN.md §4), and their commit then takes as long as the disk does.
 */
export async function eventsWritten(server, type) {
  let count = countEvents(server, type);
  for (const until = performance.now() + PATIENCE_MS; performance.now() < until;) {
    await sleep(SETTLED_MS);
    const now = countEvents(server, type);
    if (now === count) break;
    count = now;
  }
  return count;
}

function countEvents({ databaseUrl, dataDir }, type) {
  const count = `SELECT COUNT(*) AS n FROM logs WHERE type = '${type}'`;
  if (databaseUrl) return Number(execFileSync('psql', ['-XAtq', '-d', databaseUrl, '-c', count], { encoding: 'utf8' }));
  const database = new DatabaseSync(path.join(dataDir, 'gatehouse.db'), { readOnly: true });
  try {
    return database.prepare(count).get().n;
  } finally {
    database.close();
  }
}

/** How many requests for a path the server's log on standard error tells of. */
export function requestsLogged(server, target) {
  const wanted = Buffer.from(`"path":"${target}"`);
  const log = fs.readFileSync(server.logFile);
  let count = 0;
  for (let at = log.indexOf(wanted); at >= 0; at = log.indexOf(wanted, at + wanted.length)) count += 1;
  return count;
}

export const name = 'promises';
export const what = 'what stays on while everything is measured: durability, limits; events and log lines are counted by machine_tokens';

const writes = 10;

export async function run({ databases }) {
  const figures = [];
  for (const database of databases) {
    const server = await startGatehouse({ database });
    try {
      figures.push(...(database === 'sqlite' ? [await syncs(server)] : settingsOf(server)));
      if (database === databases[0]) figures.push(...(await limits(server)));
    } finally {
      await server.stop();
    }
  }
  return figures;
}

/** The kernel's word: what one write after the other syncs before its answer. */
async function syncs(server) {
  const trace = `${server.dataDir}.strace`;
  const tracer = spawn('strace', ['-f', '-qq', '-e', 'trace=fsync,fdatasync', '-o', trace, '-p', String(server.pid)], { stdio: 'ignore' });
  const gone = new Promise((resolve) => tracer.once('exit', resolve));
  await sleep(500);  // attached by now
  for (let i = 0; i < writes; i += 1) await server.api.post('/roles', { name: `Role ${i}` });
  tracer.kill('SIGINT');
  await gone;
  const count = fs.readFileSync(trace, 'utf8').split('\n').filter((line) => /f(data)?sync\(\d+\) += 0/.test(line)).length;
  fs.rmSync(trace);
  return { what: `${writes} writes one after the other, sqlite: files synced (strace)`, figure: count, unit: '', limit: { at_least: writes }, raw: {} };
}

function settingsOf({ databaseUrl }) {
  return ['fsync', 'synchronous_commit', 'full_page_writes'].map((setting) => {
    const value = execFileSync('psql', ['-XAtq', '-d', databaseUrl, '-c', `SHOW ${setting}`], { encoding: 'utf8' }).trim();
    return { what: `postgres: ${setting}`, figure: value, limit: { exactly: 'on' } };
  });
}

/** Limits of a server with its defaults, asked by going over them. */
async function limits(server) {
  const http = server.http();
  const status = async (request) => (await request.catch(() => ({ status: 'connection closed' }))).status;
  const person = await createUser(server.api, { password });
  const app = await createApplication(server.api, { app_type: 'regular_web', oidc_conformant: true, grant_types: ['http://auth0.com/oauth/grant-type/password-realm'] });
  const login = () => http.post('/oauth/token', {
    form: {
      grant_type: 'http://auth0.com/oauth/grant-type/password-realm', client_id: app.client_id, client_secret: app.client_secret, username: person.email, password,
      realm: 'Username-Password-Authentication',
    },
  });
  const logins = await Promise.all(Array.from({ length: 24 }, login));
  const { token } = await bearer(server);
  const flood = await load(server.target(), {
    connections: 32, seconds: 2, rows: [{ token }], steps: [step('GET', '/api/v2/roles', { headers: { Authorization: 'Bearer {{token}}' }, status: 0 })],
  });
  return [
    { what: 'a header of 40 kB', figure: await status(http.get('/healthz', { headers: { 'x-long': 'x'.repeat(40_000) } })), limit: { exactly: 431 } },
    { what: 'a body of 2 MB', figure: await status(http.post('/oauth/token', { body: 'x'.repeat(2_000_000) })), limit: { exactly: 413 } },
    { what: '24 logins of one person at once: answered 429', figure: logins.filter((answer) => answer.status === 429).length, unit: '', limit: { at_least: 1 } },
    { what: 'a flood on the Management API (default management.rate): answered 429', figure: flood.statuses[429] ?? 0, unit: `of ${flood.requests.count}`, limit: { at_least: 1 } },
  ];
}
