// with_servers.mjs COMMAND…: runs the command while two servers run, and hands them on in GATEHOUSE_COMPAT (servers.mjs reads it).

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { startServer } from '../support/server.mjs';

const [command, ...args] = process.argv.slice(2);
const tenant = await startServer({ port: 443, issuer: 'https://gatehouse.test/' });
const local = await startServer();

const bundle = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'gatehouse-ca-')), 'ca.pem');
fs.writeFileSync(bundle, `${tenant.ca}\n${local.ca}`);
const describe = ({ port, issuer, dataDir }) => ({ port, issuer, dataDir });
const described = JSON.stringify({ tenant: describe(tenant), local: describe(local) });

const child = spawn(command, args, {
  stdio: 'inherit',
  env: { ...process.env, NODE_EXTRA_CA_CERTS: bundle, GATEHOUSE_COMPAT: described },
});
const [code] = await once(child, 'exit');

let status = code ?? 1;
for (const server of [tenant, local]) {
  try {
    await server.stop();
  } catch (error) {
    status = 1;
    console.error(error.message);
  }
  if (status !== 0) console.error(`--- log of ${server.issuer}\n${server.log.split('\n').slice(-60).join('\n')}`);
}
fs.rmSync(path.dirname(bundle), { recursive: true });
process.exit(status);
