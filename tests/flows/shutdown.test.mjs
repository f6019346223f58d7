// SIGTERM: what is in flight is finished, what is idle is closed, nothing new is let in, and the exit code is 0.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import net from 'node:net';
import tls from 'node:tls';
import { describe, it } from 'node:test';
import { createApplication, createUser, password } from '../support/fixtures.mjs';
import { token } from '../support/oauth.mjs';
import { startServer } from '../support/server.mjs';

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const slowHashes = ['--set', 'passwords.passes=32', '--set', 'passwords.memory_kib=25000'];  // a third of a second each and more

/** A server where logging in takes its time, and a function that logs in. */
async function slowServer() {
  const server = await startServer({ args: slowHashes });
  const client = await createApplication(server.api, { app_type: 'regular_web', grant_types: ['password'] });
  const user = await createUser(server.api);
  await server.api.patch('/tenants/settings', { default_directory: 'Username-Password-Authentication' });
  const http = server.http({ cookies: false });
  return { server, login: () => token(http, client, { grant_type: 'password', username: user.email, password }) };
}

async function connect(server) {
  const socket = tls.connect({ host: '127.0.0.1', port: server.port, servername: 'localhost', ca: server.ca });
  socket.received = '';
  socket.ended = new Promise((resolve) => socket.on('close', resolve));
  socket.setEncoding('latin1').on('data', (text) => { socket.received += text; });
  await once(socket, 'secureConnect');
  socket.on('error', () => {});
  return socket;
}

describe('SIGTERM', () => {
  it('lets logins finish that are being checked, closes idle connections meanwhile, lets nobody new in, and exits with 0', async () => {
    const { server, login } = await slowServer();
    const idle = await Promise.all(Array.from({ length: 20 }, () => connect(server)));
    let answered = 0;
    const logins = Array.from({ length: 4 }, () => login().finally(() => { answered += 1; }));
    await pause(150);
    const ended = server.terminate();
    await Promise.all(idle.map((socket) => socket.ended));
    assert.ok(answered < 4, 'idle connections end before the work does');
    await assert.rejects(connect(server), { code: 'ECONNREFUSED' });
    for (const answer of await Promise.all(logins)) assert.equal(answer.status, 200, answer.text);
    assert.deepEqual(await ended, { code: 0, signal: null });
    server.removeData();
  });

  it('answers a request whose body is still coming, then closes', async () => {
    const server = await startServer();
    const socket = await connect(server);
    const body = JSON.stringify({ grant_type: 'client_credentials', ...server.bootstrap.management });
    socket.write(`POST /oauth/token HTTP/1.1\r\nHost: ${server.domain}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body.slice(0, 20)}`);
    await pause(200);
    const ended = server.terminate();
    await pause(200);
    socket.write(body.slice(20));
    await socket.ended;
    assert.match(socket.received, /^HTTP\/1\.1 200 /);
    assert.match(socket.received, /\r\nConnection: close\r\n/i);
    assert.deepEqual(await ended, { code: 0, signal: null });
    server.removeData();
  });

  it('does not wait for ever on requests that never come whole', async () => {
    const server = await startServer();
    const half = await Promise.all([connect(server), connect(server)]);
    half[0].write(`POST /oauth/token HTTP/1.1\r\nHost: ${server.domain}\r\nContent-Length: 100\r\n\r\n{`);
    half[1].write('GET / HT');
    await pause(100);
    const started = Date.now();
    assert.deepEqual(await server.terminate(), { code: 0, signal: null });
    assert.ok(Date.now() - started < 10_000);
    for (const socket of half) await socket.ended;
    server.removeData();
  });

  it('does not wait for ever on a mail server that says nothing more', async () => {
    const server = await startServer();
    const silent = net.createServer((socket) => {
      socket.write('220 mail.test\r\n');
      socket.on('data', (text) => { if (/^EHLO/.test(String(text))) socket.write('250 mail.test\r\n'); });
      socket.on('error', () => {});
    });
    await once(silent.listen(0, '127.0.0.1'), 'listening');
    const called = once(silent, 'connection');
    await server.api.post('/emails/provider', { name: 'smtp', credentials: { smtp_host: '127.0.0.1', smtp_port: silent.address().port } });
    await createUser(server.api, { verify_email: true, email_verified: false });
    const [socket] = await called;
    const started = Date.now();
    assert.deepEqual(await server.terminate(), { code: 0, signal: null });
    assert.ok(Date.now() - started < 45_000);
    socket.destroy();
    silent.close();
    server.removeData();
  });

  it('is understood as SIGINT, too', async () => {
    const server = await startServer();
    server.child.ref();
    server.child.kill('SIGINT');
    assert.deepEqual(await server.exited, { code: 0, signal: null });
    server.child = null;
    server.removeData();
  });
});
