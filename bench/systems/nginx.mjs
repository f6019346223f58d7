import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { freePort } from '../../tests/support/server.mjs';
import { sleep } from '../measure.mjs';
import { ready } from './processes.mjs';

/** nginx with Debian's settings (one worker a core, sendfile, an access log), serving these bytes: files is {'/path': Buffer}. */
export async function startNginx({ dataDir, files }) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'gatehouse-bench-nginx-'));
  const [port, plainPort] = [await freePort(), await freePort()];
  for (const [name, bytes] of Object.entries(files)) {
    fs.mkdirSync(path.join(folder, 'root', path.dirname(name)), { recursive: true });
    fs.writeFileSync(path.join(folder, 'root', name), bytes);
  }
  fs.chmodSync(folder, 0o755);
  fs.writeFileSync(path.join(folder, 'nginx.conf'), `
    daemon off; worker_processes auto; pid ${folder}/pid; error_log ${folder}/error.log;
    events { worker_connections 4096; }
    http {
      access_log ${folder}/access.log;
      client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy; fastcgi_temp_path ${folder}/fastcgi;
      uwsgi_temp_path ${folder}/uwsgi; scgi_temp_path ${folder}/scgi;
      sendfile on; tcp_nopush on; keepalive_requests 100000000; keepalive_timeout 75;
      open_file_cache max=100 inactive=60s; default_type "application/json; charset=utf-8";
      server {
        listen 127.0.0.1:${plainPort}; listen 127.0.0.1:${port} ssl; root ${folder}/root;
        ssl_certificate ${dataDir}/tls.pem; ssl_certificate_key ${dataDir}/tls-key.pem; ssl_protocols TLSv1.2 TLSv1.3;
        add_header Cache-Control "public, max-age=15"; add_header X-Content-Type-Options nosniff; add_header Access-Control-Allow-Origin "*";
      }
    }`);
  // Prints its version at once; then the ports tell when it serves.
  const child = spawn('sh', ['-c', `echo starting; exec nginx -e ${folder}/error.log -c ${folder}/nginx.conf`], { stdio: ['ignore', 'pipe', 'ignore'] });
  const { process: owned } = await ready(child, /starting\n/);
  let pids = [];
  for (let tries = 0; pids.length === 0; tries += 1) {
    if (tries === 100) throw new Error(`nginx did not start: ${fs.readFileSync(path.join(folder, 'error.log'), 'utf8')}`);
    await sleep(50);
    pids = fs.readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
  }
  await sleep(200);  // the workers accept now
  return {
    ...owned,
    target: (tls) => ({ port: tls ? port : plainPort, host: `localhost:${tls ? port : plainPort}`, tls, pids }),
    stop: async () => {
      await owned.stop();
      fs.rmSync(folder, { recursive: true, force: true });
    },
  };
}
