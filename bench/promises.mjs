// That nothing was switched off for the figures' sake is asked, not claimed: of the database, the log, and the kernel.

import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { sleep } from './measure.mjs';

const QUEUE_MS = 100;  // events of requests that change nothing may wait so long before they are written (DESIGN.md §4)

/** How many events of a type the tenant's log has, from the database itself: the API counts no further than 1,000. */
export async function eventsWritten(server, type) {
  await sleep(10 * QUEUE_MS);
  const count = `SELECT COUNT(*) AS n FROM logs WHERE type = '${type}'`;
  if (server.databaseUrl) return Number(execFileSync('psql', ['-XAtq', '-d', server.databaseUrl, '-c', count], { encoding: 'utf8' }));
  const { DatabaseSync } = await import('node:sqlite');
  const database = new DatabaseSync(path.join(server.dataDir, 'gatehouse.db'), { readOnly: true });
  try {
    return database.prepare(count).get().n;
  } finally {
    database.close();
  }
}

/** How many requests for a path the server's log on standard error tells of. */
export function requestsLogged(server, target) {
  const wanted = Buffer.from(`"path":"${target}"`);
  const log = fs.readFileSync(server.logFile);
  let count = 0;
  for (let at = log.indexOf(wanted); at >= 0; at = log.indexOf(wanted, at + wanted.length)) count += 1;
  return count;
}
