// Thousands of connections that do nothing and hundreds that dribble: honest requests do not notice, dribblers are cut off, memory stays small.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import tls from 'node:tls';
import { after, before, describe, it } from 'node:test';
import { createApi, createMachine, createUser } from '../support/fixtures.mjs';
import { token } from '../support/oauth.mjs';
import { startServer } from '../support/server.mjs';

const IDLE = 2000;
const DRIBBLERS = 300;
const HONEST_MS = 3000;
const RSS_MAX_KIB = 768 * 1024;
const PATIENCE_S = 4;  // the server's, set low so that the test is short

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

describe('slow clients', () => {
  let server, user, machine, api;
  const sockets = [];
  before(async () => {
    server = await startServer({ args: ['--set', `limits.header_seconds=${PATIENCE_S}`, '--set', `limits.body_seconds=${PATIENCE_S}`] });
    user = await createUser(server.api);
    api = await createApi(server.api);
    machine = await createMachine(server.api, api.identifier);
  });
  after(async () => {
    for (const socket of sockets) socket.destroy();
    await server?.stop();
  });

  /** A connected socket; `over` turns true when the server ends it. */
  function connect() {
    return new Promise((resolve, reject) => {
      const socket = tls.connect({ host: '127.0.0.1', port: server.port, servername: 'localhost', ca: server.ca });
      sockets.push(socket);
      socket.over = false;
      socket.on('secureConnect', () => resolve(socket)).on('error', reject).on('close', () => { socket.over = true; });
      socket.on('end', () => { socket.over = true; });
      socket.resume();
    });
  }

  async function connectMany(count) {
    const made = [];
    while (made.length < count) made.push(...(await Promise.all(Array.from({ length: Math.min(100, count - made.length) }, connect))));
    return made;
  }

  const rssKib = () => Number(/VmRSS:\s+(\d+)/.exec(fs.readFileSync(`/proc/${server.pid}/status`, 'utf8'))[1]);

  /** What people meanwhile want of the server, each on a connection of its own; the slowest answer. */
  async function honestRequests() {
    const wishes = [
      () => token(server.http(), machine, { grant_type: 'client_credentials', audience: api.identifier }),
      () => server.api.request('GET', `/users/${encodeURIComponent(user.user_id)}`),
      () => server.http().get('/.well-known/jwks.json'),
      () => server.http().get('/healthz'),
    ];
    const times = await Promise.all(wishes.map(async (wish) => {
      const started = performance.now();
      const answer = await wish();
      assert.equal(answer.status, 200, answer.text);
      return performance.now() - started;
    }));
    assert.ok(rssKib() < RSS_MAX_KIB, `RSS ${rssKib()} KiB`);
    return Math.max(...times);
  }

  it(`${IDLE} idle connections and ${DRIBBLERS} dribbling ones stop nobody, and the dribblers are cut off`, { timeout: 90_000 }, async () => {
    const idle = await connectMany(IDLE);
    let slowest = await honestRequests();

    const dribblers = await connectMany(DRIBBLERS);
    const head = `GET /authorize?client_id=x HTTP/1.1\r\nHost: ${server.domain}\r\nX-Slow: ${'y'.repeat(4000)}`;
    const body = `POST /oauth/token HTTP/1.1\r\nHost: ${server.domain}\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"grant_type":`;
    dribblers.forEach((socket, n) => {
      let sent = 0;
      // Two of three drip a head byte by byte; every third sends a whole head, and of the body no more than the beginning.
      const drip = () => {
        if (socket.over) return;
        if (n % 3 === 2) socket.write(sent === 0 ? body : '');
        else socket.write(head[sent]);
        sent += 1;
        setTimeout(drip, 200 + (n % 7) * 30).unref();
      };
      drip();
      socket.on('error', () => {});
    });
    const started = Date.now();
    while (dribblers.some((socket) => !socket.over)) {
      assert.ok(Date.now() - started < (PATIENCE_S + 6) * 1000, `${dribblers.filter((socket) => !socket.over).length} dribblers are still there`);
      slowest = Math.max(slowest, await honestRequests());
      await pause(200);
    }
    assert.ok(Date.now() - started >= (PATIENCE_S - 1) * 1000, 'nobody was cut off without patience');
    assert.ok(slowest < HONEST_MS, `the slowest honest request took ${Math.round(slowest)} ms`);
    assert.equal(idle.filter((socket) => socket.over).length, 0, 'idle connections may stay for their time');
  });
});
