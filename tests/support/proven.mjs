// The table of docs/guides/sign-in.md is made of tests: each that proves a way to sign in says so here, and against what.
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { repository } from './server.mjs';

export const provenFolder = path.join(repository, 'build', 'proven');

/**
 * A test that proves a way to sign in against something we did not write. When it passes, the table has a row:
 * `kind` (First factor, Second factor, Social, Enterprise, API), `way` as Auth0 calls it, `counterpart` (the program at the other end).
 * `standIn: true` where the counterpart is our imitation of a provider's documented behaviour.
 */
export function proves({ kind, way, counterpart, standIn = false }, name, run) {
  test(name, async (context) => {
    await run(context);
    fs.mkdirSync(provenFolder, { recursive: true });
    const row = JSON.stringify({ kind, way, counterpart, standIn });
    fs.appendFileSync(path.join(provenFolder, `${process.pid}.jsonl`), `${row}\n`);
  });
}
