// Starts the real server for a test and ends it again.
//
//   const server = await startServer();                    // SQLite, https://localhost:<free port>/
//   const server = await startServer({ database: 'postgres' });
//   const app = await server.api.post('/clients', { name: 'Shop', app_type: 'regular_web' });
//   const page = await server.http().get('/authorize?client_id=…');
//   await server.stop();
//
// GATEHOUSE_BINARY names the binary; without it the newest of the usual build folders is taken.
// GATEHOUSE_TEST_DATABASE (sqlite or postgres) is the database of servers that name none.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { HttpClient } from './http.mjs';
import { ManagementApi } from './management.mjs';
import { createDatabase } from './postgres.mjs';

export const repository = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

const START_TIMEOUT_MS = 60_000;  // a sanitizer build under load; a release build is ready in well under a second
const STOP_TIMEOUT_MS = 35_000;   // the server gives what is in flight 30 s

// Servers that a failed test left behind end with the test's process, and do not keep it waiting.
const running = new Set();
process.on('exit', () => {
  for (const server of running) {
    server.child?.kill('SIGKILL');
    server.removeData();
  }
});

/** The server binary: GATEHOUSE_BINARY, or the newest of the build folders. */
export function findBinary() {
  if (process.env.GATEHOUSE_BINARY) return process.env.GATEHOUSE_BINARY;
  const candidates = ['release', 'debug', 'asan', 'tsan']
    .map((preset) => path.join(repository, 'build', preset, 'server', 'gatehouse'))
    .filter((file) => fs.existsSync(file))
    .sort((a, b) => fs.statSync(b).mtimeMs - fs.statSync(a).mtimeMs);
  if (candidates.length === 0) throw new Error('no gatehouse binary: build one, or set GATEHOUSE_BINARY');
  return candidates[0];
}

/** A port nobody listens on at this moment. */
export async function freePort() {
  const probe = net.createServer();
  probe.listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address();
  probe.close();
  await once(probe, 'close');
  return port;
}

export class Server {
  /** Use startServer(). */
  constructor({ port, issuer, dataDir, ownsDataDir, databaseUrl, args, env, scheme }) {
    this.port = port;
    this.issuer = issuer;
    this.domain = new URL(issuer).host;
    this.dataDir = dataDir;
    this.caFile = path.join(dataDir, 'ca.pem');
    this.databaseUrl = databaseUrl;
    this.scheme = scheme;
    this.args = args;
    this.env = env;
    // A file, not a pipe: a test that blocks must not block the server that writes to it.
    this.logFile = `${dataDir}.log`;
    this.finalLog = '';
    this.ownsDataDir = ownsDataDir;
    this.child = null;
  }

  /** What the first start wrote: domain, issuer, management credentials, first user. Null on a node that joined a tenant. */
  get bootstrap() {
    const file = path.join(this.dataDir, 'bootstrap.json');
    return fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, 'utf8')) : null;
  }

  get ca() {
    return fs.existsSync(this.caFile) ? fs.readFileSync(this.caFile, 'utf8') : undefined;
  }

  /** What the server has written to standard error so far, over all its starts. */
  get log() {
    return fs.existsSync(this.logFile) ? fs.readFileSync(this.logFile, 'utf8') : this.finalLog;
  }

  get pid() {
    return this.child?.pid;
  }

  /** The Management API with the bootstrap credentials; see management.mjs. */
  get api() {
    this.managementApi ??= new ManagementApi(this.http({ cookies: false }), this.bootstrap.management);
    return this.managementApi;
  }

  /** A new HTTP client of this server, with a cookie jar of its own; see http.mjs. */
  http(options = {}) {
    return new HttpClient({ base: this.issuer, ca: this.ca, ...options });
  }

  /** Starts the process (again) and returns once it has printed `ready`. */
  async start() {
    const args = ['serve', '--data', this.dataDir, '--port', String(this.port), '--issuer', this.issuer];
    if (this.databaseUrl) args.push('--database', this.databaseUrl);
    args.push(...this.args);
    const log = fs.openSync(this.logFile, 'a');
    const child = spawn(findBinary(), args, { env: { ...process.env, ...this.env }, stdio: ['ignore', 'pipe', log] });
    fs.closeSync(log);
    this.child = child;
    this.exited = once(child, 'exit').then(([code, signal]) => ({ code, signal }));
    running.add(this);
    this.exited.then(() => running.delete(this)).catch(() => {});

    let output = '';
    const ready = new Promise((resolve) => {
      child.stdout.setEncoding('utf8').on('data', (text) => {
        output += text;
        if (/^ready \S+\n/m.test(output)) resolve('ready');
      });
    });
    let timer;
    const timeout = new Promise((resolve) => { timer = setTimeout(resolve, START_TIMEOUT_MS, 'timeout'); });
    const failedToStart = new Promise((resolve) => child.once('error', resolve));
    const outcome = await Promise.race([ready, timeout, failedToStart, this.exited]);
    clearTimeout(timer);
    if (outcome !== 'ready') {
      child.kill('SIGKILL');
      const what = outcome === 'timeout' ? `not ready after ${START_TIMEOUT_MS / 1000} s`
        : outcome instanceof Error ? outcome.message : `exited with ${outcome.code ?? outcome.signal}`;
      throw Object.assign(new Error(`gatehouse ${args.join(' ')}: ${what}\n${tail(this.log)}${output}`), { exit: outcome });
    }
    for (const handle of [child, child.stdout]) handle.unref();
    this.readyLine = output.split('\n').find((line) => line.startsWith('ready '));
    return this;
  }

  /** SIGTERM, and waits for the end; removes the folder that startServer made. Fails when the exit code is not 0. */
  async stop({ keepData = false } = {}) {
    const result = await this.terminate();
    if (!keepData) this.removeData();
    if (result && result.code !== 0) {
      throw new Error(`gatehouse ended with ${result.code ?? result.signal} after SIGTERM\n${tail(this.log)}`);
    }
  }

  async terminate() {
    if (!this.child) return null;
    this.child.ref();
    this.child.kill('SIGTERM');
    const timer = setTimeout(() => this.child?.kill('SIGKILL'), STOP_TIMEOUT_MS);
    const result = await this.exited;
    clearTimeout(timer);
    this.child = null;
    return result;
  }

  /** kill -9, as a power cut would; the data folder stays, start() begins on it again. */
  async kill9() {
    this.child.ref();
    this.child.kill('SIGKILL');
    await this.exited;
    this.child = null;
  }

  /** Stops politely and starts again on the same data. */
  async restart() {
    await this.stop({ keepData: true });
    return this.start();
  }

  removeData() {
    this.finalLog = this.log;
    fs.rmSync(this.logFile, { force: true });
    if (this.ownsDataDir) fs.rmSync(this.dataDir, { recursive: true, force: true });
  }

  /** Messages written so far, oldest first: mails as {file, text}, phone messages as {file, to, body, …}. */
  outbox() {
    const folder = path.join(this.dataDir, 'outbox');
    if (!fs.existsSync(folder)) return [];
    return fs.readdirSync(folder).filter((name) => /\.(eml|sms\.json)$/.test(name)).sort().map((name) => {
      const text = fs.readFileSync(path.join(folder, name), 'utf8');
      return name.endsWith('.eml') ? { file: name, text } : { file: name, ...JSON.parse(text) };
    });
  }

  /** Waits until a message for which `wanted(message)` holds is in the outbox; mails leave through a job, a moment later. */
  async message(wanted, timeoutMs = 10_000) {
    const until = Date.now() + timeoutMs;
    for (;;) {
      const found = this.outbox().findLast(wanted);
      if (found) return found;
      if (Date.now() > until) throw new Error(`no such message after ${timeoutMs} ms; the outbox has ${this.outbox().length}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

/**
 * A running server. Options, all optional:
 *   database   'sqlite', 'postgres' (a new database of the tests' PostgreSQL) or a postgresql:// URL (nodes that share one)
 *   port       free one by default;  issuer  https://localhost:<port>/
 *   dataDir    a temporary folder by default, which stop() removes
 *   args, env  more arguments and environment variables
 */
export async function startServer(options = {}) {
  const database = options.database ?? process.env.GATEHOUSE_TEST_DATABASE ?? 'sqlite';
  const databaseUrl = database === 'sqlite' ? undefined : database === 'postgres' ? createDatabase() : database;
  const args = options.args ?? [];
  const scheme = args.includes('--plain-http') ? 'http' : 'https';
  const dataDir = options.dataDir ?? fs.mkdtempSync(path.join(os.tmpdir(), 'gatehouse-test-'));
  for (let attempt = 1; ; attempt += 1) {
    const port = options.port ?? (await freePort());
    const issuer = options.issuer ?? `${scheme}://localhost:${port}/`;
    const server = new Server({ port, issuer, dataDir, ownsDataDir: !options.dataDir, databaseUrl, args, env: options.env, scheme });
    try {
      return await server.start();
    } catch (error) {
      // Another process may have taken the port between freePort() and bind.
      const portTaken = !options.port && /address already in use|port .*(taken|in use)/i.test(error.message);
      if (!portTaken || attempt === 5) {
        server.removeData();
        throw error;
      }
    }
  }
}

function tail(text, lines = 40) {
  return text.split('\n').slice(-lines).join('\n');
}
