// A server whose log nobody reads goes on serving: standard error may be a pipe that is full.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { HttpClient } from '../support/http.mjs';
import { findBinary, freePort } from '../support/server.mjs';

test('a log that nobody reads stops nothing', async () => {
  const data = fs.mkdtempSync(path.join(os.tmpdir(), 'gatehouse-test-'));
  const port = await freePort();
  // stderr is a pipe, and this process never reads from it
  const child = spawn(findBinary(), ['serve', '--data', data, '--port', String(port)], { stdio: ['ignore', 'pipe', 'pipe'] });
  try {
    child.stderr.pause();
    await once(child.stdout, 'data');
    const http = new HttpClient({ base: `https://localhost:${port}/`, ca: fs.readFileSync(path.join(data, 'ca.pem'), 'utf8'), cookies: false });
    // two kilobytes of log for each ten requests: far more than a pipe and Node's own buffer hold
    for (let round = 0; round < 60; round += 1) {
      const answers = await Promise.all(Array.from({ length: 25 }, () => http.get('/.well-known/jwks.json')));
      assert.ok(answers.every((answer) => answer.status === 200));
    }
    child.kill('SIGTERM');
    const [code] = await once(child, 'exit');
    assert.equal(code, 0);
  } finally {
    child.kill('SIGKILL');
    fs.rmSync(data, { recursive: true, force: true });
  }
});
