// Every hosted page against axe-core's rules for WCAG 2.2 AA: light, dark, narrow (320 px, to which 400 % zoom comes down) and right to left.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, describe, it } from 'node:test';
import { startBrowser } from '../support/browser.mjs';
import { lookAtAll, makeWorld, stories } from '../support/screens.mjs';
import { startServer } from '../support/server.mjs';

const axe = fs.readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
// Where everything is done, or nothing is known of an application to go back to.
const ends = ['welcome', 'logout-complete', 'expired', 'mfa-enroll-result', 'brute-force-protection-unblock-'];
const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

describe('the hosted pages', () => {
  let server;
  let browser;
  let world;
  before(async () => {
    server = await startServer();
    world = await makeWorld(server);
    browser = await startBrowser({ caFiles: [server.caFile] });
  });
  after(async () => {
    await browser?.close();
    world?.site.close();
    await server?.stop();
  });

  for (const story of Object.keys(stories)) {
    it(`can be used by everybody: ${story}`, async () => {
      const problems = [];
      await lookAtAll(browser, world, async (screen, page, { name }) => {
        const where = `${screen}, ${name}`;
        await page.evaluate(axe);  // through the debugger: the page's own policy lets no script in
        const { violations } = await page.evaluate((values) => window.axe.run(document, { runOnly: { type: 'tag', values } }), rules);
        for (const { id, nodes } of violations) {
          for (const node of nodes) problems.push(`${where}: ${id}: ${node.html.slice(0, 160)}: ${node.failureSummary.replaceAll(/\s+/g, ' ').slice(0, 220)}`);
        }
        if (await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth)) problems.push(`${where}: scrolls sideways`);
        const waysOn = await page.locator('main a[href], main button').count();
        if (waysOn === 0 && !ends.some((end) => screen.startsWith(end))) problems.push(`${where}: a dead end`);
      }, [story]);
      assert.deepEqual(problems, []);
    });
  }
});
