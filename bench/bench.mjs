// Runs the questions one after the other, prints one table, writes JSON. Called by bench/run, whose --help explains the arguments.

import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import { parseArgs } from 'node:util';
import { findBinary, repository } from '../tests/support/server.mjs';
import * as browserLogin from './browser_login.mjs';
import * as footprint from './footprint.mjs';
import * as growth from './growth.mjs';
import * as machineTokens from './machine_tokens.mjs';
import * as managementWrites from './management_writes.mjs';
import { drawPictures } from './pictures.mjs';
import * as overload from './overload.mjs';
import * as prebuiltAnswers from './prebuilt_answers.mjs';
import * as promises from './promises.mjs';
import * as refresh from './refresh.mjs';
import { startPostgres } from './systems/postgres.mjs';
import { printFigures, verdict } from './table.mjs';
import * as tlsConnections from './tls_connections.mjs';
import * as userinfo from './userinfo.mjs';

const questions = [promises, machineTokens, prebuiltAnswers, userinfo, browserLogin, refresh, managementWrites, tlsConnections, overload, footprint, growth];

const { values: given } = parseArgs({
  options: {
    rows: { type: 'string', default: questions.map((q) => q.name).join(',') },
    database: { type: 'string', multiple: true, default: ['sqlite', 'postgres'] },
    users: { type: 'string', default: '1000,100000' },
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '0.4' },
    json: { type: 'string' },
    pictures: { type: 'string' },
  },
});
const options = {
  rounds: Number(given.rounds), seconds: Number(given.seconds), databases: given.database, users: given.users.split(',').map(Number),
};

const chosen = given.rows.split(',').map((name) => {
  const found = questions.find((question) => question.name === name);
  if (!found) throw new Error(`no row ${name}; there are ${questions.map((q) => q.name).join(', ')}`);
  return found;
});

const postgres = options.databases.includes('postgres') ? startPostgres() : null;
const all = [];
let broken = 0;
for (const question of chosen) {
  console.log(`\n${question.name}: ${question.what}`);
  const begun = performance.now();
  try {
    const figures = (await question.run(options)).map((figure) => ({ row: question.name, ...figure }));
    printFigures(figures);
    all.push(...figures);
  } catch (error) {
    broken += 1;
    console.log(`  failed: ${error.stack}`);
  }
  console.log(`  (${((performance.now() - begun) / 1000).toFixed(0)} s)`);
}
postgres?.stop();

const judged = all.map(verdict).filter(({ kept }) => kept !== undefined);
console.log(`\n${judged.filter(({ kept }) => kept).length} of ${judged.length} figures kept${broken ? `, ${broken} rows failed` : ''}; `
  + `medians of ${options.rounds} interleaved rounds, ${os.cpus().length} × ${os.cpus()[0].model.trim()}`);
if (given.json) {
  const commit = execFileSync('git', ['-C', repository, 'rev-parse', 'HEAD'], { encoding: 'utf8' }).trim();
  const about = { commit, binary: findBinary(), at: new Date().toISOString(), cpus: os.cpus().map((cpu) => cpu.model), options };
  fs.writeFileSync(given.json, `${JSON.stringify({ about, figures: all }, null, 1)}\n`);
}
if (given.pictures) for (const file of drawPictures(all, given.pictures)) console.log(file);
process.exitCode = broken ? 1 : 0;
