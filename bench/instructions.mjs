// Counts the instructions of five requests and compares them with instructions.json. Called by bench/instructions.

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { HttpClient } from '../tests/support/http.mjs';
import { findBinary, repository, startServer } from '../tests/support/server.mjs';
import { byPart, InstructionCounter, sum, underCallgrind } from './instructions_count.mjs';
import { prepareRequests } from './instructions_requests.mjs';

const TOLERANCE = 0.05;
const file = path.join(repository, 'bench/instructions.json');
const profiles = path.join(repository, 'build/instructions');
const folders = fs.readdirSync(path.join(repository, 'server'));
const binary = fs.realpathSync(findBinary());

/** {name: {instructions, parts, functions}} of a request each: the median of its rounds, and what that round consisted of. */
async function count(scratch) {
  // One thread a lane: which of many takes a request, and has its caches cold, would be chance.
  const env = { GATEHOUSE_PASSWORDS_MAX_WAIT_MS: '60000' };
  for (const lane of ['IO', 'STORE', 'SIGN_IN', 'OUTBOUND', 'ADMIN']) env[`GATEHOUSE_THREADS_${lane}`] = '1';
  const server = await startServer({ database: 'sqlite', env });
  try {
    let agents;
    const http = ({ cookies = false } = {}) => {
      const client = new HttpClient({ base: server.issuer, ca: server.ca, cookies });
      client.agents = agents ??= client.agents;
      return client;
    };
    const requests = await prepareRequests(server, http);
    await server.stop({ keepData: true });
    process.env.GATEHOUSE_BINARY = underCallgrind(binary, scratch);
    await server.start();
    const counter = new InstructionCounter(server.pid, scratch);

    const counted = {};
    for (const [name, { warmUp, calls, rounds, make }] of Object.entries(requests)) {
      for (let call = 0; call < warmUp; call += 1) await make();
      counter.zero();
      const taken = [];
      for (let round = 0; round < rounds; round += 1) {
        for (let call = 0; call < calls; call += 1) await make();
        const { file: profile, functions } = counter.take();
        taken.push({ profile, functions, instructions: sum(functions) });
      }
      // Rounds into which periodic work fell (a WAL checkpoint, a look for jobs) lie above the median.
      const round = taken.sort((a, b) => a.instructions - b.instructions)[Math.floor(rounds / 2)];
      fs.copyFileSync(round.profile, path.join(profiles, `${name}.callgrind`));
      const functions = round.functions.map((one) => ({ ...one, instructions: Math.round(one.instructions / calls) }));
      counted[name] = { instructions: Math.round(round.instructions / calls), parts: byPart(functions, binary, folders), functions };
    }
    return counted;
  } finally {
    await server.stop();
  }
}

const figure = (number) => Math.round(number).toLocaleString('en');
const signed = (number) => (number < 0 ? '' : '+') + figure(number);
const row = (name, before, after, change, remark) =>
  console.log(`${name.padEnd(14)} ${before.padStart(11)} ${after.padStart(11)} ${change.padStart(10)}  ${remark}`.trimEnd());
const costLine = (cost, what) => console.log(`    ${cost.padStart(11)}  ${what}`);

/** Prints a request's row and, where it has grown too much, the reasons; whether it is within the tolerance. */
function compare(name, now, expected) {
  if (!expected) {
    row(name, '', figure(now.instructions), '', 'has no figure yet');
    return false;
  }
  const change = now.instructions / expected.instructions - 1;
  const remark = change > TOLERANCE ? 'TOO MANY' : change < -TOLERANCE ? 'fewer: --update keeps it so' : '';
  row(name, figure(expected.instructions), figure(now.instructions), `${change < 0 ? '' : '+'}${(change * 100).toFixed(1)} %`, remark);
  if (change > TOLERANCE) explain(now, expected);
  return change <= TOLERANCE;
}

/** Which parts have grown, and the most expensive functions of our own. */
function explain(now, expected) {
  console.log('    grew most, expected → now:');
  const grown = Object.entries(now.parts)
    .map(([part, after]) => ({ part, after, before: expected.parts[part] ?? 0 }))
    .filter(({ before, after }) => after - before > now.instructions / 200)
    .sort((a, b) => b.after - b.before - (a.after - a.before));
  for (const { part, before, after } of grown.slice(0, 6)) {
    costLine(signed(after - before), `${part}  (${figure(before)} → ${figure(after)})`);
  }
  console.log('    most expensive functions of the binary, own cost now:');
  const ours = now.functions.filter(({ object }) => object === binary).sort((a, b) => b.instructions - a.instructions);
  for (const { name, instructions } of ours.slice(0, 15)) costLine(figure(instructions), name.slice(0, 120));
}

const update = process.argv.indexOf('--update');
const reason = update > 0 ? process.argv[update + 1]?.trim() : undefined;
if (update > 0 && !reason) {
  console.error('--update needs a reason: what has changed, and why that is worth it');
  process.exit(2);
}
const known = fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, 'utf8')) : { requests: {} };
if (known.machine && known.machine !== os.machine() && !reason) {
  console.log(`bench/instructions.json holds figures of ${known.machine}, this is ${os.machine()}: nothing compared`);
  console.log('0 passed, 0 failed');
  process.exit(0);
}

fs.mkdirSync(profiles, { recursive: true });
const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'gatehouse-instructions-'));
let now;
try {
  now = await count(scratch);
} finally {
  fs.rmSync(scratch, { recursive: true, force: true });
}

row('request', 'expected', 'now', 'difference', '');
const results = Object.keys(now).map((name) => compare(name, now[name], known.requests[name]));
if (reason) {
  const requests = {};
  for (const [name, { instructions, parts }] of Object.entries(now)) {
    const sorted = Object.entries(parts).filter(([, part]) => part >= 100).sort((a, b) => b[1] - a[1]);
    requests[name] = { instructions, parts: Object.fromEntries(sorted) };
  }
  fs.writeFileSync(file, `${JSON.stringify({ machine: os.machine(), reason, requests }, null, 2)}\n`);
  console.log('\nbench/instructions.json is written. Commit it together with what it is about:');
  console.log(`  git commit -m ${JSON.stringify(reason)} -- bench/instructions.json …`);
} else {
  const failed = results.filter((good) => !good).length;
  if (failed > 0) {
    console.log(`
A request executes over ${TOLERANCE * 100} % more instructions than bench/instructions.json says (not counting libcrypto and libargon2).
By mistake? Above is where they went; callers and lines (of a build with -g1) are in
  callgrind_annotate --inclusive=yes build/instructions/REQUEST.callgrind
On purpose? bench/instructions --update "what it is good for", and commit the file with that reason.`);
  }
  console.log(`${results.length - failed} passed, ${failed} failed`);
  process.exitCode = failed > 0 ? 1 : 0;
}
