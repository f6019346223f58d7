// replay.mjs PLAYER RECORDINGS OUT.json: plays the recordings against a fresh server and holds the result against floor.json.
// Prints what differs; the last line is the number of groups that hold and of those that do not.

import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { startServer } from '../support/server.mjs';

const [player, recordings, out] = process.argv.slice(2);
const floorFile = path.join(path.dirname(fileURLToPath(import.meta.url)), 'floor.json');
const floor = JSON.parse(fs.readFileSync(floorFile, 'utf8'));

const server = await startServer();
const { client_id, client_secret, audience } = server.bootstrap.management;
const played = spawnSync(player, [
  '--base', server.issuer.replace(/\/$/, ''), '--cacert', server.caFile, '--client-id', client_id, '--client-secret', client_secret,
  '--audience', audience, '--json', out, '-v', recordings,
], { stdio: ['ignore', 'inherit', 'inherit'] });
if (!fs.existsSync(out)) {
  console.log(server.log.split('\n').slice(-40).join('\n'));
  throw new Error(`the player ended with ${played.status ?? played.signal} and wrote no result`);
}
await server.stop();

const { groups, scenarios } = JSON.parse(fs.readFileSync(out, 'utf8'));
const answersAbove500 = scenarios.flatMap(({ scenario, interactions }) => interactions
  .filter((one) => one.diffs?.some(([where, , got]) => where === '(status)' && /^5\d\d/.test(got)))
  .map((one) => `${scenario} #${one.n} ${one.method} ${one.path}: ${one.diffs[0][2]}`));

const reached = Object.fromEntries(Object.entries(groups).filter(([name]) => name !== 'TOTAL').map(([name, counts]) => [name, counts.ok]));
if (process.env.GATEHOUSE_GOLDEN_UPDATE) fs.writeFileSync(floorFile, `${JSON.stringify(reached, null, 2)}\n`);

let held = 0;
let broken = 0;
for (const [name, passed] of Object.entries(reached)) {
  const least = process.env.GATEHOUSE_GOLDEN_UPDATE ? passed : floor[name] ?? 0;
  if (passed >= least) held += 1;
  else {
    broken += 1;
    console.log(`${name}: ${passed} interactions pass, ${least} did before`);
  }
}
if (answersAbove500.length > 0) {
  broken += 1;
  console.log(`answers of 500 and above:\n${answersAbove500.join('\n')}`);
}
console.log(`${held} ${broken}`);
