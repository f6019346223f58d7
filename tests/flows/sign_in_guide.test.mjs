// docs/guides/sign-in.md, call by call, as a newcomer would type it: the commands are taken from the page, and after each section somebody
// signs in that way.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import { once } from 'node:events';
import path from 'node:path';
import { after, before, it } from 'node:test';
import { plugIn } from '../support/authenticator.mjs';
import { newPerson, startBrowser } from '../support/browser.mjs';
import { createUser, createWebApplication, password } from '../support/fixtures.mjs';
import { gitHubStandIn, openIdProvider } from '../support/identity_provider.mjs';
import { Authenticator, scan, sentCode } from '../support/second_factor.mjs';
import { repository, startServer } from '../support/server.mjs';

const guide = fs.readFileSync(path.join(repository, 'docs/guides/sign-in.md'), 'utf8');
const [preamble, ...blocks] = [...guide.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, block]) => block);
const [factor, passkey, github, company, codes, linking] = blocks;

let server;
let browser;
let site;
let origin;
let app;
let hub;
let acme;
before(async () => {
  server = await startServer();
  site = http.createServer((request, response) => response.end(`arrived ${request.url}`)).listen(0, '127.0.0.1');
  await once(site, 'listening');
  origin = `http://localhost:${site.address().port}`;
  app = await createWebApplication(server.api, origin, '/callback', { name: 'Parcel Post' });
  fs.mkdirSync(path.join(server.dataDir, 'examples/nextjs'), { recursive: true });
  fs.writeFileSync(path.join(server.dataDir, 'examples/nextjs/.env.local'), `AUTH0_CLIENT_ID=${app.client_id}\n`);
  browser = await startBrowser({ caFiles: [server.caFile] });
});
after(async () => {
  await browser?.close();
  site?.close();
  await hub?.close();
  await acme?.close();
  await server?.stop();
});

/** Runs a block of the guide after its beginning; what stands in the page for somebody's own values is replaced. Its last line. */
function follow(block, replaced = []) {
  const own = [['https://localhost:8443', server.issuer.slice(0, -1)], ['DIR=./data', `DIR=${server.dataDir}`], ...replaced];
  let script = `set -euo pipefail\n${preamble}\n${block}`;
  for (const [from, to] of own) {
    assert.ok(script.includes(from), `the guide does not say ${from} any more`);
    script = script.replaceAll(from, to);
  }
  assert.doesNotMatch(script.replaceAll(/#.*$/gm, ''), /…/, 'something of one\'s own is left out');
  // Not on the server's thread, but its answers are needed: the server is another process.
  const said = execFileSync('bash', ['-c', script], { cwd: server.dataDir, encoding: 'utf8' });
  return said.trim().split('\n').at(-1);
}

const authorizeUrl = (more = {}) => `${server.issuer}authorize?${new URLSearchParams({
  client_id: app.client_id, response_type: 'code', redirect_uri: `${origin}/callback`, scope: 'openid profile email', state: 's', ...more,
})}`;
const arrived = (page) => page.waitForURL(`${origin}/callback?**code=**`);

it('has five sections of calls, and one that links', () => {
  assert.equal(blocks.length, 6);
  for (const block of [factor, passkey, github, company, codes]) {
    assert.ok((block.match(/^(\w+=\$\()?(call|echo) /gm) ?? []).length <= 4, block);
  }
});

it('switches on a login with GitHub', async () => {
  hub = await gitHubStandIn();
  const url = follow(github, [
    ['"client_id": "Iv1.…", "client_secret": "…"', JSON.stringify(hub.options).slice(1, -1)],
    ['redirect_uri=…', `redirect_uri=${encodeURIComponent(`${origin}/callback`)}`],
  ]);
  const page = await newPerson(browser);
  await page.goto(url);
  await arrived(page);
  const other = await newPerson(browser);
  await other.goto(authorizeUrl());
  await other.click('button:has-text("Continue with GitHub")');
  await arrived(other);
});

it('switches on a company\'s OpenID Connect login', async () => {
  acme = await openIdProvider({
    redirectUri: `${server.issuer}login/callback`, accounts: { eve: { email: 'eve@acme.example', email_verified: true, name: 'Eve' } },
  });
  follow(company, [
    ['https://login.acme.example', acme.issuer],
    ['"client_id": "…", "client_secret": "…"', JSON.stringify(acme.client).slice(1, -1)],
  ]);
  const page = await newPerson(browser);
  await page.goto(authorizeUrl());
  await page.fill('input[name=username]', 'eve@acme.example');
  await page.click('button[name=action][value=default]');
  await arrived(page);
});

it('switches on a second factor', async () => {
  follow(factor);
  const user = await createUser(server.api);
  const page = await newPerson(browser);
  await page.goto(authorizeUrl());
  await page.fill('input[name=username]', user.email);
  await page.click('button[name=action][value=default]');
  await page.fill('input[name=password]', password);
  await page.click('button[name=action][value=default]');
  await page.waitForURL((at) => at.pathname === '/u/mfa-otp-enrollment-qr');
  const phone = new Authenticator(await scan(page));
  await page.fill('input[name=code]', await phone.code());
  await page.click('form button[type=submit][value=default]');
  await page.waitForURL((at) => at.pathname === '/u/mfa-recovery-code-enrollment');
  await page.check('input[name=saved]');
  await page.click('form button[type=submit][value=default]');
  await arrived(page);
  await server.api.put('/guardian/policies', []);
});

it('switches on passkeys', async () => {
  follow(passkey);
  const user = await createUser(server.api);
  const page = await newPerson(browser);
  await plugIn(page);
  await page.goto(authorizeUrl());
  await page.fill('input[name=username]', user.email);
  await page.click('button[name=action][value=default]');
  await page.fill('input[name=password]', password);
  await page.click('button[name=action][value=default]');
  await page.waitForURL((at) => at.pathname === '/u/passkey-enrollment');
  await page.click('[data-start]');
  await arrived(page);
  await page.context().clearCookies();
  await page.goto(authorizeUrl());
  await Promise.race([page.click('button[data-start]').catch(() => {}), arrived(page)]);  // by the button, or by itself from the field
  await arrived(page);
});

it('switches on codes by mail', async () => {
  const page = await newPerson(browser);
  await page.goto(follow(codes, [['redirect_uri=…', `redirect_uri=${encodeURIComponent(`${origin}/callback`)}`]]));
  await page.fill('input[name=username]', 'grace@example.com');
  await page.click('button[name=action][value=default]');
  await page.fill('input[name=code]', await sentCode(server, 'grace@example.com'));
  await page.click('button[name=action][value=default]');
  await arrived(page);
});

it('links two accounts and separates them', async () => {
  const user = await createUser(server.api);
  const left = JSON.parse(follow(linking, [['auth0%7C65f…', encodeURIComponent(user.user_id)]]));
  assert.deepEqual(left.map((identity) => identity.provider), ['auth0']);
});
