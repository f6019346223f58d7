// More people sign in than the machine can hash for: who would wait too long is told at once, and machines and refreshes do not notice.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { createApi, createApplication, createMachine, createUser, password, rotating, unique } from '../support/fixtures.mjs';
import { beginLogin, refresh, submitLogin, textOf, token, tokensOf } from '../support/oauth.mjs';
import { startServer } from '../support/server.mjs';

const CALM_MS = 1000;  // generous: tests share their machine
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

describe('more calls of the Management API than can wait', () => {
  let server;
  before(async () => { server = await startServer({ args: ['--set', 'threads.admin=1', '--set', 'threads.queue=2'] }); });
  after(async () => { await server?.stop(); });

  it('are answered 429, as SDKs know it, and the next one is served', async () => {
    const call = () => server.api.request('POST', '/users', { json: { connection: 'Username-Password-Authentication', email: `${unique()}@example.com`, password } });
    await call();
    const answers = await Promise.all(Array.from({ length: 30 }, call));
    const refused = answers.filter(({ status }) => status === 429);
    assert.ok(refused.length > 0 && refused.length < answers.length, `${refused.length} of ${answers.length} were refused`);
    for (const { json, headers } of refused) {
      assert.deepEqual(json, { statusCode: 429, error: 'Too Many Requests', message: 'Too many requests are waiting', errorCode: 'too_many_requests' });
      assert.equal(headers['x-ratelimit-remaining'], '0');
      assert.ok(Number(headers['retry-after']) > 0, 'Retry-After');
    }
    assert.equal((await call()).status, 201);
  });
});

describe('a storm of logins', () => {
  let server, app, user, machine, api;
  before(async () => {
    server = await startServer({
      args: ['passwords.permits=1', 'passwords.passes=32', 'passwords.memory_kib=20000', 'passwords.max_wait_ms=1000'].flatMap((setting) => ['--set', setting]),
    });
    user = { ...(await createUser(server.api)), password };
    app = await createApplication(server.api, {
      app_type: 'regular_web', callbacks: ['https://app.example.com/callback'], grant_types: ['authorization_code', 'refresh_token', 'password'],
      refresh_token: { ...rotating, rotation_type: 'non-rotating' },
    });
    await server.api.patch('/tenants/settings', { default_directory: 'Username-Password-Authentication' });
    api = await createApi(server.api);
    machine = await createMachine(server.api, api.identifier);
  });
  after(async () => { await server?.stop(); });

  it('is answered in part with 503 and a time to come back, and leaves everybody else alone', async () => {
    const { refresh_token: refreshToken } = await tokensOf(server.http(), app, user, { scope: 'openid offline_access' });
    const http = server.http({ cookies: false });
    let storming = true;
    const storm = Promise.all(Array.from({ length: 40 }, async (_, n) => {
      const started = performance.now();
      const answer = await token(http, app, { grant_type: 'password', username: `nobody.${n}@example.com`, password: 'wrong' });
      return { answer, ms: performance.now() - started };
    })).finally(() => { storming = false; });

    await pause(50);
    const times = [];
    while (storming) {
      for (const wish of [
        () => token(http, machine, { grant_type: 'client_credentials', audience: api.identifier }),
        () => refresh(http, app, refreshToken),
        () => http.get('/.well-known/jwks.json'),
        () => server.api.request('GET', `/users/${encodeURIComponent(user.user_id)}`),
      ]) {
        const started = performance.now();
        const answer = await wish();
        assert.equal(answer.status, 200, answer.text);
        times.push(performance.now() - started);
      }
      await pause(20);
    }
    const answers = await storm;
    assert.ok(times.length > 8, 'the storm lasted long enough to look');
    assert.ok(Math.max(...times) < CALM_MS, `the slowest of ${times.length} other requests took ${Math.round(Math.max(...times))} ms`);

    const refused = answers.filter(({ answer }) => answer.status === 503);
    assert.ok(refused.length > 0, 'not all could be served');
    assert.ok(refused.length < answers.length, 'and not all were refused');
    for (const { answer } of refused) {
      assert.ok(Number(answer.headers['retry-after']) > 0, 'Retry-After');
      assert.equal(typeof answer.json.error, 'string', answer.text);
    }
    for (const { answer } of answers) if (answer.status !== 503) assert.equal(answer.json.error, 'invalid_grant', answer.text);
    assert.ok(Math.max(...answers.map(({ ms }) => ms)) < 10_000);
  });

  it('shows browsers a page with a way back, and lets it be taken', async () => {
    const http = server.http({ cookies: false });
    let storming = true;
    const storm = Promise.all(Array.from({ length: 30 }, async (_, n) => {
      while (storming) {
        await token(http, app, { grant_type: 'password', username: `nobody.${n}@example.org`, password: 'wrong' });
        await pause(10);
      }
    }));
    let browser, refused;
    for (let attempt = 0; attempt < 10 && refused?.status !== 503; attempt += 1) {  // one that finds a free place signs in
      browser = server.http({ headers: { accept: 'text/html' } });
      refused = await browser.submit(await beginLogin(browser, app), { username: user.email, password });
    }
    storming = false;
    await storm;
    assert.equal(refused.status, 503, textOf(refused));
    assert.ok(Number(refused.headers['retry-after']) > 0, 'Retry-After');
    assert.match(refused.headers['content-type'], /^text\/html/);
    assert.match(textOf(refused), /try again/i);
    const [, href] = refused.text.match(/<a class="button" href="([^"]+)"/);
    const again = await browser.get(href.replaceAll('&amp;', '&'));
    const answer = await submitLogin(browser, again, { username: user.email, password });
    assert.ok(answer.location?.startsWith('https://app.example.com/callback'), `${answer.status} ${textOf(answer)}`);
  });

  it('is over when it is over: the next one signs in, on the page too', async () => {
    const browser = server.http();
    const answer = await submitLogin(browser, await beginLogin(browser, app), { username: user.email, password });
    assert.ok(answer.location?.startsWith('https://app.example.com/callback'), `${answer.status} ${textOf(answer)}`);
  });
});
