// A population through POST /api/v2/jobs/users-imports, with bcrypt hashes given, as who leaves another provider would bring it.

import { databaseConnection } from '../tests/support/fixtures.mjs';
import { sleep } from './measure.mjs';

const FILE_USERS = 50_000;  // a file of about 16 MB
const JOB_TIMEOUT_MS = 120_000;
const hash = '$2b$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy';

export const emailOf = (number) => `bulk.${number}@example.com`;
export const userIdOf = (number) => `auth0|bulk${String(number).padStart(8, '0')}`;

const userOf = (number) => ({
  user_id: userIdOf(number).slice('auth0|'.length), email: emailOf(number), email_verified: true, password_hash: hash,
  given_name: 'Ada', family_name: `Lovelace ${number}`, name: `Ada Lovelace ${number}`,
  user_metadata: { plan: number % 10 === 0 ? 'gold' : 'free' }, app_metadata: { customer: `c-${number}` },
});

/** Imports the users numbered from `begin` to `end` (not included); returns the seconds from the first upload to the end of the last job. */
export async function importUsers(server, begin, end) {
  const { id } = await databaseConnection(server.api);
  let seconds = 0;
  for (let from = begin; from < end; from += FILE_USERS) {
    const file = JSON.stringify(Array.from({ length: Math.min(FILE_USERS, end - from) }, (_, i) => userOf(from + i)));
    const begun = performance.now();
    await importFile(server, id, file);
    seconds += (performance.now() - begun) / 1000;
  }
  return seconds;
}

async function importFile(server, connection, file) {
  const boundary = 'gatehouse-bench-boundary';
  const field = (name, value) => `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
  const body = Buffer.from(`${field('connection_id', connection)}${field('send_completion_email', 'false')}--${boundary}\r\n`
    + `Content-Disposition: form-data; name="users"; filename="users.json"\r\nContent-Type: application/json\r\n\r\n${file}\r\n--${boundary}--\r\n`);
  const answer = await server.api.request('POST', '/jobs/users-imports', { headers: { 'content-type': `multipart/form-data; boundary=${boundary}` }, body });
  if (answer.status !== 202) throw new Error(`users-imports: ${answer.status} ${answer.text}`);
  const until = performance.now() + JOB_TIMEOUT_MS;
  for (;;) {
    const job = await server.api.get(`/jobs/${answer.json.id}`);
    if (job.status === 'completed') {
      if (job.summary.failed > 0) throw new Error(`${job.summary.failed} users were not imported`);
      return;
    }
    if (job.status === 'failed' || performance.now() > until) throw new Error(`the import is ${job.status} after ${JOB_TIMEOUT_MS / 1000} s at most`);
    await sleep(20);
  }
}
