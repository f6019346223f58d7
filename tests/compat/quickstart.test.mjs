// The first minute of a newcomer: `gatehouse quickstart` makes application, API and test user, and prints settings that work.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { newPerson, signIn, startBrowser } from '../support/browser.mjs';
import { findBinary } from '../support/server.mjs';
import { startNextjsFromQuickstart } from './apps.mjs';
import { local, tenant } from './servers.mjs';

function quickstart(server, kind) {
  // The arguments a newcomer gives are those of the server: where its data is, and where it answers.
  const { status, stdout, stderr } = spawnSync(findBinary(), [
    'quickstart', kind, '--data', server.dataDir, '--port', String(server.port), '--issuer', server.issuer,
  ], { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  return { settings: stdout, said: stderr };
}

for (const [name, server] of [['https://localhost:N/', local], ['https://gatehouse.test/', tenant]]) {
  describe(`gatehouse quickstart with ${name}`, () => {
    it('gets a newcomer signed in to the Next.js example', async () => {
      const { settings, said } = quickstart(server, 'nextjs');
      const [, email, password] = /Sign in as (\S+) with the password (\S+)/.exec(said);
      const app = await startNextjsFromQuickstart(settings);
      const browser = await startBrowser({ caFiles: [server.caFile] });
      try {
        const page = await newPerson(browser);
        await page.goto(app.baseUrl);
        await page.click('text=Log in');
        await signIn(page, server.issuer, { email, password });
        await page.waitForSelector('[data-testid=email]');
        assert.equal(await page.textContent('[data-testid=email]'), email);
      } finally {
        await browser.close();
        await app.stop();
      }
    });

    for (const kind of ['express', 'spa', 'm2m']) {
      it(`prints the settings of ${kind}, and the same again when asked twice`, () => {
        const first = quickstart(server, kind).settings;
        assert.match(first, /^[A-Z0-9_]+=.+$/m);
        assert.equal(quickstart(server, kind).settings, first);
      });
    }
  });
}
