// Starts the examples as their READMEs say, each with settings of its own, and waits until they answer.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import http from 'node:http';
import path from 'node:path';
import { randomBytes } from 'node:crypto';
import { freePort, repository } from '../support/server.mjs';
import { createWebApplication } from '../support/fixtures.mjs';

const START_TIMEOUT_MS = 60_000;
const running = new Set();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

async function startExample(name, port, args, settings, host = 'localhost') {
  const child = spawn(process.execPath, args, {
    cwd: path.join(repository, 'build', 'compat', name),
    env: { ...process.env, NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1', PORT: String(port), ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  const app = { name, port, baseUrl: `http://${host}:${port}`, log: '' };
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => { app.log += text; });
  const exited = once(child, 'exit').then(() => running.delete(child));
  app.stop = async () => {
    child.ref();
    child.kill('SIGTERM');
    await exited;
  };
  const until = Date.now() + START_TIMEOUT_MS;
  while (!(await answers(port))) {
    if (!running.has(child) || Date.now() > until) {
      child.kill('SIGKILL');
      throw new Error(`the example ${name} does not start:\n${app.log}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  for (const handle of [child, child.stdout, child.stderr]) handle.unref();
  return app;
}

function answers(port) {
  return new Promise((resolve) => {
    const request = http.get({ host: 'localhost', port, path: '/favicon.ico', timeout: 2000 }, (response) => {
      response.resume();
      resolve(true);
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve(false));
  });
}

const next = (port) => ['node_modules/next/dist/bin/next', 'start', '--port', String(port)];

/** examples/nextjs under http://<host>:<port>, with an application of its own. `api`: {identifier, url} of an API it calls. */
export async function startNextjs(server, { host = 'localhost', domain = server.domain, api, properties = {} } = {}) {
  const port = await freePort();
  const client = await createWebApplication(server.api, `http://${host}:${port}`, '/auth/callback', properties);
  const app = await startExample('nextjs', port, next(port), {
    AUTH0_DOMAIN: domain, AUTH0_CLIENT_ID: client.client_id, AUTH0_CLIENT_SECRET: client.client_secret,
    AUTH0_SECRET: randomBytes(32).toString('hex'), APP_BASE_URL: `http://${host}:${port}`,
    ...(api ? { API_AUDIENCE: api.identifier, API_URL: api.url } : {}),
  }, host);
  return Object.assign(app, { client });
}

/** examples/nextjs on port 3000 with the lines that `gatehouse quickstart nextjs` has printed. */
export function startNextjsFromQuickstart(lines) {
  const settings = Object.fromEntries(lines.trim().split('\n').map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
  return startExample('nextjs', 3000, next(3000), settings);
}

/** examples/nextjs-v3, likewise. */
export async function startNextjsV3(server, { host = 'localhost', api, properties = {} } = {}) {
  const port = await freePort();
  const client = await createWebApplication(server.api, `http://${host}:${port}`, '/api/auth/callback', properties);
  const app = await startExample('nextjs-v3', port, next(port), {
    AUTH0_ISSUER_BASE_URL: server.issuer.replace(/\/$/, ''), AUTH0_CLIENT_ID: client.client_id, AUTH0_CLIENT_SECRET: client.client_secret,
    AUTH0_SECRET: randomBytes(32).toString('hex'), AUTH0_BASE_URL: `http://${host}:${port}`,
    ...(api ? { AUTH0_AUDIENCE: api.identifier, AUTH0_SCOPE: 'openid profile email offline_access read:orders', API_URL: api.url } : {}),
  }, host);
  return Object.assign(app, { client });
}

/** examples/express-api, which checks tokens of `server` for the audience. */
export async function startExpressApi(server, audience) {
  return startExample('express-api', await freePort(), ['server.js'], { ISSUER_BASE_URL: server.issuer, AUDIENCE: audience });
}

/** examples/spa on a given port, its settings already known: {clientId, audience, apiUrl, useRefreshTokens}. */
export function startSpa(server, port, { clientId, audience, apiUrl, useRefreshTokens }) {
  return startExample('spa', port, ['serve.js'], {
    AUTH0_DOMAIN: server.domain, AUTH0_CLIENT_ID: clientId, API_AUDIENCE: audience, API_URL: apiUrl, USE_REFRESH_TOKENS: String(useRefreshTokens),
  });
}
