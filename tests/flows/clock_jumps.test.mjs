// The wall clock jumps: lifetimes follow it, the server's own timers do not, and what was used stays used. libfaketime moves the clock.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { createApi, createApplication, createMachine, createUser, password, rotating, unique } from '../support/fixtures.mjs';
import { beginLogin, redeem, refresh, signIn, token, tokensOf, userinfo } from '../support/oauth.mjs';
import { findBinary, startServer } from '../support/server.mjs';

const library = fs.globSync?.('/usr/lib/*/faketime/libfaketimeMT.so.1')[0] ?? '/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1';
const sanitized = /\/[at]san\//.test(findBinary());
const callback = 'https://app.example.com/callback';
const HOUR = 3600;
const DAY = 24 * HOUR;

describe('a clock that jumps', { skip: sanitized && 'a sanitizer wants to be the first library' }, () => {
  let server, http, app, user, machine, api, folder;
  before(async () => {
    assert.ok(fs.existsSync(library), 'libfaketime is not installed (Debian package faketime)');
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'gatehouse-test-'));
    setClock(0);
    server = await startServer({
      env: { LD_PRELOAD: library, FAKETIME_TIMESTAMP_FILE: path.join(folder, 'offset'), FAKETIME_NO_CACHE: '1', FAKETIME_DONT_FAKE_MONOTONIC: '1', DONT_FAKE_MONOTONIC: '1' },
    });
    http = server.http({ cookies: false });
    user = { ...(await createUser(server.api)), password };
    app = await createApplication(server.api, {
      app_type: 'regular_web', callbacks: [callback], grant_types: ['authorization_code', 'refresh_token'], refresh_token: { ...rotating, leeway: 0 },
    });
    api = await createApi(server.api);
    machine = await createMachine(server.api, api.identifier);
  });
  after(async () => {
    await server?.stop();
    fs.rmSync(folder, { recursive: true });
  });

  function setClock(seconds) {
    fs.writeFileSync(path.join(folder, 'offset.new'), `${seconds < 0 ? '' : '+'}${seconds}\n`);
    fs.renameSync(path.join(folder, 'offset.new'), path.join(folder, 'offset'));
  }
  async function jump(seconds) {
    setClock(seconds);
    const until = Date.now() + 5000;
    for (;;) {
      const { headers } = await http.get('/healthz');
      if (Math.abs(Date.parse(headers.date) - (Date.now() + seconds * 1000)) < 5000) break;
      assert.ok(Date.now() < until, `the server's clock shows ${headers.date}`);
    }
    server.api.token = null;  // whoever works with it gets a new one
  }
  /** Everything a person and a machine do every day, new from the beginning. */
  async function dayToDay() {
    const started = Date.now();
    const browser = server.http();
    const tokens = await tokensOf(browser, app, user, { scope: 'openid offline_access' });
    assert.equal((await userinfo(http, tokens.access_token)).status, 200);
    assert.equal((await refresh(http, app, tokens.refresh_token)).status, 200);
    assert.ok((await beginLogin(browser, app)).location.startsWith(callback), 'signed in already');
    assert.equal((await token(http, machine, { grant_type: 'client_credentials', audience: api.identifier })).status, 200);
    await server.api.post('/roles', { name: unique() });
    const person = await createUser(server.api, { email_verified: false });
    await server.api.post('/jobs/verification-email', { user_id: person.user_id });
    await server.message((message) => message.text?.includes(person.email));
    assert.ok(Date.now() - started < 15_000);
  }
  /** What was made before a jump. */
  async function older() {
    const browser = server.http();
    const first = await signIn(browser, app, user, { scope: 'openid offline_access' });
    const tokens = (await redeem(http, app, first)).json;
    const again = await signIn(browser, app, user);
    return { browser, used: first, code: again, tokens };
  }
  const invalid = async (answer) => assert.equal((await answer).json.error, 'invalid_grant');

  it('two hours ahead: codes are over, tokens and session are not', async () => {
    const before = await older();
    await jump(2 * HOUR);
    await invalid(redeem(http, app, before.code));
    await invalid(redeem(http, app, before.used));  // a replay: it ends what the code had given
    await dayToDay();
    const fresh = await tokensOf(before.browser, app, user, { prompt: 'none', scope: 'openid' });
    assert.equal((await userinfo(http, fresh.access_token)).status, 200);
  });

  it('a day back: nobody is refused, nothing used is new again', async () => {
    const before = await older();
    await jump(-DAY);
    await invalid(redeem(http, app, before.used));
    await dayToDay();
    assert.equal((await userinfo(http, (await older()).tokens.access_token)).status, 200);
  });

  it('forty days ahead: sessions and refresh tokens are over, everything else works', async () => {
    await jump(0);
    const before = await older();
    await jump(40 * DAY);
    await invalid(refresh(http, app, before.tokens.refresh_token));
    assert.equal((await userinfo(http, before.tokens.access_token)).status, 401);
    assert.equal(new URL((await beginLogin(before.browser, app, { prompt: 'none' })).location).searchParams.get('error'), 'login_required');
    await invalid(redeem(http, app, before.used));
    await dayToDay();
  });

  it('and back again: the past is as it was, without what ended meanwhile', async () => {
    await jump(0);
    await dayToDay();
  });

  it('connections and stopping do not care', async () => {
    const started = Date.now();
    setClock(-40 * DAY);
    await server.stop({ keepData: true });
    assert.ok(Date.now() - started < 5000);
    setClock(0);
    await server.start();
    await dayToDay();
  });
});
