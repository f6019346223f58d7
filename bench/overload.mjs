import { execFileSync, spawn } from 'node:child_process';
import os from 'node:os';
import path from 'node:path';
import { createApi, createApplication, createMachine, createUser, password, rotating } from '../tests/support/fixtures.mjs';
import { repository } from '../tests/support/server.mjs';
import { sleep } from './measure.mjs';
import { startGatehouse } from './systems/gatehouse.mjs';

export const name = 'overload';
export const what = 'more is asked than one core can do: what it still does, how soon the others hear no, what everybody else notices, and afterwards';

const programs = process.env.GATEHOUSE_BENCH_PROGRAMS ?? path.join(repository, 'build/release/bench');
const people = 60;
const families = 16;  // refresh tokens, a connection each
const calm = 60;      // requests a second of those who have nothing to do with the storm
const loads = { token: [0.5, 0.8, 0.95, 1.2, 2, 4], login: [0.5, 0.8, 2, 4] };  // × capacity
const adminLimit = 500;  // requests a second of the Management API
const refusalMs = 50;
const quickMs = 50;

/** One core for the server and one for the load, where there are two: what the load costs must not look like the server's weakness. */
function pinned() {
  return os.availableParallelism() > 1;
}

/** Runs streams ({name, rate, connections, requests, …}, see overload/open_loop.cpp) for `seconds`, after `warm_seconds` that do not count. */
function openLoop(server, { seconds, warm_seconds = 0, streams }) {
  const program = path.join(programs, 'bench_open_loop');
  const child = pinned() ? spawn('taskset', ['-c', '1', program]) : spawn(program);
  child.stdin.end(JSON.stringify({ port: server.port, seconds, warm_seconds, streams }));
  child.stderr.pipe(process.stderr);
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (part) => { text += part; });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      if (code !== 0) return reject(new Error(`open_loop ended with ${code}`));
      const seen = JSON.parse(text);
      for (const stream of streams) if (seen[stream.name].chain) stream.chain.splice(0, stream.chain.length, ...seen[stream.name].chain);
      for (const [stream, { failed, failures }] of Object.entries(seen)) if (failed) throw new Error(`${failed} requests of ${stream} failed: ${JSON.stringify(failures)}`);
      resolve(seen);
    });
  });
}

export async function run() {
  const args = ['trusted_proxy=127.0.0.1/32', `management.rate=${adminLimit}`, ...(pinned() ? ['threads.io=1', 'passwords.permits=1'] : [])].flatMap((setting) => ['--set', setting]);
  const server = await startGatehouse({ plain: true, args });
  try {
    if (pinned()) execFileSync('taskset', ['-a', '-p', '-c', '0', String(server.pid)], { stdio: 'ignore' });
    const streams = await prepare(server);
    const figures = [];
    for (const kind of ['token', 'login']) figures.push(...await pushed(server, streams, kind));
    figures.push(...await limited(server, streams));
    figures.push(...await undisturbed(server, streams, figures.find((figure) => figure.at?.kind === 'login').raw.capacity_per_s));
    return figures;
  } finally {
    await server.stop();
  }
}

/** The requests of each kind, as they go over the wire. */
async function prepare(server) {
  const users = [];
  for (let i = 0; i < people; i += 1) users.push(await createUser(server.api));
  const app = await createApplication(server.api, {
    app_type: 'regular_web', callbacks: ['https://app.example/callback'], grant_types: ['authorization_code', 'refresh_token', 'password'],
    refresh_token: rotating,
  });
  await server.api.patch('/tenants/settings', { default_directory: 'Username-Password-Authentication' });
  const api = await createApi(server.api);
  const machine = await createMachine(server.api, api.identifier);
  const bearer = `Authorization: Bearer ${await server.api.newToken()}`;
  const http = server.http({ cookies: false });
  const asPerson = (user, more = {}) => ({ grant_type: 'password', ...secret(app), username: user.email, password, ...more });
  const chain = [];
  for (const user of users.slice(0, families)) {
    chain.push((await http.post('/oauth/token', { form: asPerson(user, { scope: 'openid offline_access' }) })).json.refresh_token);
  }

  const request = (method, target, fields, body) => [
    `${method} ${target} HTTP/1.1`, `Host: ${server.domain}`, ...fields, ...(body === undefined ? [] : [`Content-Length: ${Buffer.byteLength(body)}`]), '', body ?? '',
  ].join('\r\n');
  const type = 'Content-Type: application/x-www-form-urlencoded';
  const post = (form, fields = []) => request('POST', '/oauth/token', [type, ...fields], new URLSearchParams(form).toString());
  return {
    once: { token: () => http.post('/oauth/token', { form: machineForm(machine, api) }), login: () => http.post('/oauth/token', { form: asPerson(users[0]) }) },
    healthz: { name: 'healthz', connections: 8, requests: [request('GET', '/healthz', [])] },
    token: { name: 'token', connections: 8, requests: [post(machineForm(machine, api))] },
    // Everybody comes from an address of his own: what is measured is the machine, not the limits on one address.
    login: {
      name: 'login', connections: 8,
      requests: Array.from({ length: 50 * people }, (_, i) => post(asPerson(users[i % people]), [`X-Forwarded-For: 10.${i % 250}.${(i >> 4) % 250}.7`])),
    },
    refresh: {
      name: 'refresh', connections: families, chain, chain_after: '"refresh_token":"',
      requests: [request('POST', '/oauth/token', [type], undefined) + `${new URLSearchParams({ grant_type: 'refresh_token', ...secret(app) })}&refresh_token={{}}`],
    },
    read: {
      name: 'read', connections: 8,
      requests: users.map((user) => request('GET', `/api/v2/users/${encodeURIComponent(user.user_id)}`, [bearer])),
    },
  };
}

const secret = (client) => ({ client_id: client.client_id, client_secret: client.client_secret });
const machineForm = (machine, api) => ({ grant_type: 'client_credentials', ...secret(machine), audience: api.identifier });

/** From half of what the server can do of one kind to four times as much. */
async function pushed(server, streams, kind) {
  const stream = streams[kind];
  const hashes = kind === 'login';
  await openLoop(server, { seconds: 0.3, streams: [stream] });
  const figures = [];
  for (const load of loads[kind]) {
    // Before each load, so that what else the machine does meets both alike.
    const capacity = (await openLoop(server, { seconds: hashes ? 2 : 0.8, streams: [stream] }))[kind].goodput;
    const calmMs = await timeOf(streams.once[kind]);
    const seen = (await openLoop(server, {
      seconds: hashes ? 3 : 1.5, warm_seconds: load < 1 ? 0.5 : hashes ? 3 : 0.5,
      streams: [{ ...stream, rate: load * capacity, connections: hashes ? 2000 : 1000 }],
    }))[kind];
    const afterMs = await timeOf(streams.once[kind]);
    const raw = {
      offered_per_s: load * capacity, goodput_per_s: seen.goodput, served_p50_ms: seen.served.p50_ms, served_p99_ms: seen.served.p99_ms,
      refused: seen.refused.count, refused_p99_ms: seen.refused.p99_ms, next_ms: afterMs, calm_ms: calmMs, capacity_per_s: capacity,
    };
    const label = `${kind}s at ${load} × capacity`;
    figures.push({
      what: `${label}: done`, figure: seen.goodput / capacity, unit: '× capacity', limit: load === 2 ? { at_least: 0.9 } : undefined, raw,
      at: { kind, load, ...raw },
    });
    if (load >= 2) {
      figures.push({ what: `${label}: p99 of a refusal`, figure: seen.refused.p99_ms, unit: 'ms', limit: { at_most: refusalMs } },
        { what: `${label}: the first one afterwards, above its usual time`, figure: Math.max(0, afterMs - calmMs), unit: 'ms', limit: { at_most: 100 } });
    }
  }
  return figures;
}

/** The Management API at twice its rate limit. */
async function limited(server, { read }) {
  const seen = (await openLoop(server, { seconds: 2, warm_seconds: 2, streams: [{ ...read, rate: 2 * adminLimit, connections: 200 }] })).read;
  return [
    { what: 'admin reads at 2 × their limit: done', figure: seen.goodput / adminLimit, unit: '× the limit', limit: { at_least: 0.9 }, raw: { goodput_per_s: seen.goodput, refused: seen.refused.count } },
    { what: 'admin reads at 2 × their limit: p99 of a refusal', figure: seen.refused.p99_ms, unit: 'ms', limit: { at_most: refusalMs } },
  ];
}

/** What others notice while four times as many people sign in as can be. */
async function undisturbed(server, streams, logins) {
  const others = ['healthz', 'token', 'refresh', 'read'];
  const bystanders = others.map((kind) => ({ ...streams[kind], rate: calm }));
  const before = await openLoop(server, { seconds: 4, warm_seconds: 0.5, streams: bystanders });
  const storm = await openLoop(server, { seconds: 5, warm_seconds: 2.5, streams: [{ ...streams.login, rate: 4 * logins, connections: 2000 }, ...bystanders] });
  return others.map((kind) => ({
    what: `${kind}: p99 while logins come at 4 × capacity`, figure: storm[kind].served.p99_ms, unit: 'ms', limit: { at_most: quickMs },
    raw: { p50_ms: storm[kind].served.p50_ms, calm_p50_ms: before[kind].served.p50_ms, calm_p99_ms: before[kind].served.p99_ms, refused: storm[kind].refused.count },
  }));
}

/** Until the one who asks is served; refused, he asks again soon. */
async function timeOf(ask) {
  const begun = performance.now();
  for (;;) {
    const answer = await ask();
    if (answer.status === 200) return performance.now() - begun;
    if (answer.status !== 503) throw new Error(`${answer.status} ${answer.text}`);
    await sleep(2);
  }
}
