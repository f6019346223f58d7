// Pictures of all hosted pages, to page through: node tools/screenshots.mjs [STORY…]
// They go to build/screenshots/<screen>.<look>.png. Needs a built server and `npm ci` in tests/ (./test --compat does both).

import fs from 'node:fs';
import path from 'node:path';
import { startBrowser } from '../tests/support/browser.mjs';
import { lookAtAll, makeWorld, stories } from '../tests/support/screens.mjs';
import { repository, startServer } from '../tests/support/server.mjs';

const folder = path.join(repository, 'build', 'screenshots');
fs.mkdirSync(folder, { recursive: true });
const only = process.argv.slice(2);
const server = await startServer();
const browser = await startBrowser({ caFiles: [server.caFile] });
let count = 0;
try {
  const world = await makeWorld(server);
  await lookAtAll(browser, world, async (screen, page, { name }) => {
    await page.screenshot({ path: path.join(folder, `${screen.replaceAll(' ', '-')}.${name}.png`), fullPage: true });
    count += 1;
  }, only.length ? only : Object.keys(stories));
  console.log(`${count} pictures in ${folder}`);
} finally {
  await browser.close();
  await server.stop();
}
