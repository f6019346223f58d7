// Prints the table; --json FILE writes it too. Called by bench/run.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { repository, startServer } from '../tests/support/server.mjs';
import { browserLogin } from './browser_login.mjs';
import { machineTokens } from './machine_tokens.mjs';
import { startUp } from './start_up.mjs';

const primitives = () => JSON.parse(execFileSync(path.join(repository, 'build/release/bench/bench_primitives'), { encoding: 'utf8' }));

const server = await startServer();
let rows = [];
try {
  rows = rows.concat(await machineTokens(server, primitives()));
  rows = rows.concat(await browserLogin(server, primitives()));
  rows = rows.concat(await startUp(server));
} finally {
  await server.stop();
}

const width = Math.max(...rows.map((row) => row.row.length));
for (const row of rows) console.log(`${row.row.padEnd(width)}  ${row.figure}${row.raw ? `   (${row.raw})` : ''}`);
const at = process.argv.indexOf('--json');
if (at > 0) fs.writeFileSync(process.argv[at + 1], `${JSON.stringify(rows, null, 2)}\n`);
