// Debian's Chromium, driven by playwright-core. It trusts a CA only through an NSS database in a home of its own: a
// certificate error stays an error, as for everybody.

import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createRequire } from 'node:module';

const { chromium } = createRequire(import.meta.url)('playwright-core');

const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
const quiet = [
  '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update',
  '--disable-sync', '--disable-dev-shm-usage', '--disable-features=HttpsUpgrades,HttpsFirstBalancedModeAutoEnable',
];

// A home whose NSS database has the CAs.
function homeThatTrusts(caFiles) {
  const home = fs.mkdtempSync(path.join(os.tmpdir(), 'gatehouse-browser-'));
  const nss = path.join(home, '.pki', 'nssdb');
  fs.mkdirSync(nss, { recursive: true });
  const certutil = (...args) => execFileSync('certutil', ['-d', `sql:${nss}`, ...args], { stdio: ['ignore', 'ignore', 'inherit'] });
  certutil('-N', '--empty-password');
  caFiles.forEach((file, index) => certutil('-A', '-t', 'C,,', '-n', `gatehouse ${index}`, '-i', file));
  return { home, options: { executablePath, args: quiet, env: { ...process.env, HOME: home, XDG_CONFIG_HOME: home } } };
}

function removingHome(closable, home) {
  const close = closable.close.bind(closable);
  closable.close = async () => {
    await close();
    fs.rmSync(home, { recursive: true, force: true, maxRetries: 3 });
  };
  return closable;
}

/** A browser that trusts these CA files; newPerson() opens its windows. close() ends it and removes its home. */
export async function startBrowser({ caFiles = [] } = {}) {
  const { home, options } = homeThatTrusts(caFiles);
  return removingHome(await chromium.launch(options), home);
}

/**
 * A browser with one ordinary profile, in which frames of other sites have their cookies: the default of Chrome, unlike that of
 * private windows (as startBrowser() has them) and of Debian's Chromium. newPage() opens a tab.
 */
export async function startProfile({ caFiles = [] } = {}) {
  const { home, options } = homeThatTrusts(caFiles);
  const profile = path.join(home, 'profile');
  fs.mkdirSync(path.join(profile, 'Default'), { recursive: true });
  const preferences = { profile: { block_third_party_cookies: false, cookie_controls_mode: 0 } };
  fs.writeFileSync(path.join(profile, 'Default', 'Preferences'), JSON.stringify(preferences));
  const context = removingHome(await chromium.launchPersistentContext(profile, options), home);
  setTimeouts(context);
  return context;
}

function setTimeouts(context) {
  context.setDefaultTimeout(10_000);
  context.setDefaultNavigationTimeout(20_000);
}

/** A new person at a new machine: no cookies yet. Waits fail after ten seconds. */
export async function newPerson(browser, options = {}) {
  const context = await browser.newContext(options);
  setTimeouts(context);
  return context.newPage();
}

/** Fills in the hosted login page, whether it asks for both at once or for the identifier first, and waits to be elsewhere. */
export async function signIn(page, issuer, { email, password }) {
  await page.waitForURL((url) => url.href.startsWith(issuer) && url.pathname.startsWith('/u/login'));
  await page.fill('input[name=username]', email);
  if (!(await page.locator('input[name=password]').isVisible())) {
    await page.click('button[type=submit]');
    await page.waitForURL((url) => url.pathname.startsWith('/u/login/password'));
  }
  await page.fill('input[name=password]', password);
  await page.click('button[type=submit]:visible');
  await page.waitForURL((url) => !url.href.startsWith(issuer) || !url.pathname.startsWith('/u/login'));
}
