import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ready } from './processes.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));

/** npm oidc-provider in production mode, with the certificate of our server. apis: {audience: algorithm}. */
export async function startPeer({ dataDir, apis }) {
  const read = (name) => fs.readFileSync(path.join(dataDir, name), 'utf8');
  const setup = JSON.stringify({ cert: read('tls.pem'), key: read('tls-key.pem'), apis });
  const begun = performance.now();
  const child = spawn(process.execPath, [path.join(here, 'peer_server.mjs')], {
    env: { ...process.env, NODE_ENV: 'production', PEER_SETUP: setup }, stdio: ['ignore', 'pipe', 'ignore'],
  });
  const { process: owned, line } = await ready(child, /^\{.*\}\n/m);
  const started = JSON.parse(line);
  return {
    ...started, ...owned, startMs: performance.now() - begun,
    target: (tls) => ({ port: tls ? started.port : started.plainPort, host: `localhost:${tls ? started.port : started.plainPort}`, tls, pids: [child.pid] }),
  };
}
