// Imports users through POST /api/v2/jobs/users-imports and waits for the job.

import https from 'node:https';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';

const BOUNDARY = '----gatehouse-import-2f1c';

/** The text of a users file, in pieces: an array of rows, or any iterable of them. */
export function* usersFile(rows) {
  let piece = '[';
  let first = true;
  for (const row of rows) {
    piece += (first ? '' : ',\n') + (typeof row === 'string' ? row : JSON.stringify(row));
    first = false;
    if (piece.length > 200_000) {
      yield piece;
      piece = '';
    }
  }
  yield `${piece}]`;
}

/** Posts a file as multipart/form-data, chunked, so that it may be of any length. Fields: connection_id, upsert, … */
export async function postImport(server, file, fields, { token } = {}) {
  const bearer = token ?? (server.api.token ??= await server.api.newToken());
  function* body() {
    for (const [name, value] of Object.entries(fields)) yield `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
    if (file !== null) {
      yield `--${BOUNDARY}\r\nContent-Disposition: form-data; name="users"; filename="users.json"\r\nContent-Type: application/json\r\n\r\n`;
      yield* typeof file === 'string' ? [file] : file;
      yield '\r\n';
    }
    yield `--${BOUNDARY}--\r\n`;
  }
  const { hostname, port, pathname } = new URL('api/v2/jobs/users-imports', server.issuer);
  return new Promise((resolve, reject) => {
    const request = https.request({
      hostname: '127.0.0.1', servername: hostname, port, path: pathname, method: 'POST', ca: server.ca,
      headers: { host: new URL(server.issuer).host, authorization: `Bearer ${bearer}`, 'content-type': `multipart/form-data; boundary=${BOUNDARY}` },
    }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (piece) => { text += piece; }).on('end', () => {
        let json;
        try { json = JSON.parse(text); } catch { /* no JSON */ }
        resolve({ status: answer.statusCode, headers: answer.headers, text, json });
      });
    });
    request.on('error', reject);
    Readable.from(body()).pipe(request);
  });
}

/** Waits until a job is over and returns it. */
export async function finished(server, id, { seconds = 120 } = {}) {
  for (const end = Date.now() + seconds * 1000; ;) {
    const job = await server.api.get(`/jobs/${id}`);
    if (job.status === 'completed' || job.status === 'failed') return job;
    if (Date.now() > end) throw new Error(`the job is still ${job.status}: ${JSON.stringify(job)}`);
    await sleep(30);
  }
}

/** Imports rows into the first database connection (or `fields.connection_id`) and returns the finished job. */
export async function importUsers(server, rows, fields = {}) {
  const connection_id = fields.connection_id ?? (await server.api.get('/connections?name=Username-Password-Authentication'))[0].id;
  const answer = await postImport(server, usersFile(rows), { connection_id, ...fields });
  if (answer.status !== 202) throw new Error(`import: ${answer.status} ${answer.text}`);
  return finished(server, answer.json.id);
}
