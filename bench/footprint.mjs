import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { findBinary } from '../tests/support/server.mjs';
import { prepareMachine, tokenStep } from './machine_tokens.mjs';
import { load, sleep, step } from './measure.mjs';
import { loginSteps, preparePeople, signInAll } from './people.mjs';
import { median, residentBytes } from './server_cpu.mjs';
import { startGatehouse } from './systems/gatehouse.mjs';
import { startPeer } from './systems/peer.mjs';

export const name = 'footprint';
export const what = 'start to `ready` on existing data, resident memory idle and after 64 connections, binary size; the peer beside it';

const clients = 64;
const hashBufferMB = (19456 * 1024) / 1e6;
const GIVEN_BACK_MS = 11_000;  // hash buffers are given back after 10 s

export async function run({ rounds, seconds }) {
  const server = await startGatehouse();
  let peer;
  try {
    const starts = [];
    const peerStarts = [];
    for (let round = 0; round < 2 * rounds + 1; round += 1) {
      starts.push(await restartMs(server));
      await peer?.stop();
      peer = await startPeer({ dataDir: server.dataDir, apis: {} });
      peerStarts.push(peer.startMs);
    }
    await sleep(1000);
    const idle = residentBytes(server.pid) / 1e6;
    const peerIdle = residentBytes(peer.pid) / 1e6;
    await everything(server, seconds);
    const loaded = residentBytes(server.pid) / 1e6;
    await load(peer.target(true), { connections: clients, seconds: 2, steps: [step('GET', '/.well-known/openid-configuration')] });
    const peerLoaded = residentBytes(peer.pid) / 1e6;
    await sleep(GIVEN_BACK_MS);
    const rested = residentBytes(server.pid) / 1e6;
    const buffers = os.cpus().length * hashBufferMB;
    return [
      { what: 'start to ready', figure: median(starts), unit: 'ms', limit: { at_most: 100 }, raw: { most_ms: Math.max(...starts), peer_ms: median(peerStarts) } },
      { what: 'resident, idle', figure: idle, unit: 'MB', limit: { at_most: 30 }, raw: { peer_MB: peerIdle } },
      {
        what: `resident after ${clients} connections of everything`, figure: loaded, unit: 'MB', limit: { at_most: 60 + buffers },
        raw: { hash_buffers_MB: buffers, peer_MB: peerLoaded },
      },
      { what: 'resident 11 s later', figure: rested, unit: 'MB', limit: { at_most: 60 }, raw: {} },
      { what: 'binary, stripped', figure: strippedBytes() / 1e6, unit: 'MB', raw: {} },
    ];
  } finally {
    await peer?.stop();
    await server.stop();
  }
}

/** Stops the server and measures from exec to `ready` on the same data. */
export async function restartMs(server) {
  await server.stop({ keepData: true });
  const begun = performance.now();
  await server.start();
  return performance.now() - begun;
}

async function everything(server, seconds) {
  const client = await prepareMachine(server);
  const people = await preparePeople(server, 2 * clients);
  const offline = { scope: 'openid profile email offline_access', withAudience: true };
  const tokens = await signInAll(server, people, clients, offline);
  const at64 = (steps, rows) => load(server.target(), { connections: clients, seconds: 2 * seconds, steps, ...(rows && { rows }) });
  for (const alg of ['RS256', 'ES256']) await at64([tokenStep(client, alg)]);
  for (const document of ['/.well-known/openid-configuration', '/.well-known/jwks.json']) await at64([step('GET', document)]);
  await at64([step('GET', '/userinfo', { headers: { Authorization: 'Bearer {{access_token}}' } })], tokens.map(({ access_token }) => ({ access_token })));
  await load(server.target(), { connections: 16, seconds: 2 * seconds, steps: loginSteps(server, people, offline), rows: people.rows });
}

function strippedBytes() {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'gatehouse-bench-'));
  const copy = path.join(folder, 'gatehouse');
  execFileSync('strip', ['-o', copy, findBinary()]);
  const { size } = fs.statSync(copy);
  fs.rmSync(folder, { recursive: true });
  return size;
}
