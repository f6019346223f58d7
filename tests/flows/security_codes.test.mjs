// A code is worth something once, to the client it was made for, with the proof that was announced.

import assert from 'node:assert/strict';
import http from 'node:http';
import { after, before, beforeEach, describe, it } from 'node:test';
import { createApi, createApplication, createUser, createWebApplication, password } from '../support/fixtures.mjs';
import { forms } from '../support/http.mjs';
import { authorizeUrl, pkce, redeem, refresh, signIn, token, tokensOf } from '../support/oauth.mjs';
import { rawRequest } from '../support/raw.mjs';
import { startServer } from '../support/server.mjs';

const base = 'https://app.example.com';
const callback = `${base}/callback`;

describe('authorization codes', () => {
  let server;
  let web;
  let other;
  let spa;
  let browser;  // signed in; further codes need no password
  let answers;
  before(async () => {
    server = await startServer();
    web = await createWebApplication(server.api, base, '/callback', {
      grant_types: ['authorization_code', 'refresh_token', 'implicit'], web_origins: [base], callbacks: [callback, `${base}/second`],
    });
    other = await createWebApplication(server.api, 'https://other.example.com', '/callback');
    spa = await createApplication(server.api, {
      app_type: 'spa', token_endpoint_auth_method: 'none', callbacks: [callback], grant_types: ['authorization_code', 'refresh_token'],
    });
  });
  // A browser that has a session. The server stops an application that asks too often in one: nobody here is that application.
  beforeEach(async () => {
    if (browser && answers < 3) return;
    browser = server.http();
    answers = 0;
    await signIn(browser, web, { ...(await createUser(server.api)), password });
  });
  after(async () => { await server?.stop(); });

  const machine = () => server.http({ cookies: false });
  const authorize = (client, parameters) => {
    answers += 1;
    return browser.get(authorizeUrl(client, parameters));
  };
  const code = (client = web, parameters = {}) => {
    answers += 1;
    return signIn(browser, client, {}, parameters);
  };
  const noCode = async (answer, error = 'invalid_grant') => {
    assert.ok(answer.status >= 400 && answer.status < 500, `${answer.status} ${answer.text}`);
    assert.equal(answer.json?.error, error, answer.text);
    assert.equal(answer.json.access_token, undefined);
    assert.match(answer.headers['cache-control'], /no-store/);
  };

  describe('PKCE at the token endpoint', () => {
    const long = 'a'.repeat(64);
    const rows = [
      ['without a verifier', {}, () => undefined],
      ['with an empty verifier', {}, () => ''],
      ['with another verifier', {}, () => pkce().verifier],
      ['with the challenge as verifier', {}, (proof) => proof.challenge],
      ['with the verifier in capitals', {}, (proof) => proof.verifier.toUpperCase()],
      ['with a letter more', {}, (proof) => `${proof.verifier}A`],
      ['with a letter less', {}, (proof) => proof.verifier.slice(0, -1)],
      ['with a blank after it', {}, (proof) => `${proof.verifier} `],
      ['with padding', {}, (proof) => `${proof.verifier}=`],
      ['without a verifier though the method is plain', { code_challenge: long, code_challenge_method: 'plain' }, () => undefined],
      ['with another verifier though the method is plain', { code_challenge: long, code_challenge_method: 'plain' }, () => 'b'.repeat(64)],
      ['with a verifier where no challenge was announced', { code_challenge: undefined, code_challenge_method: undefined }, () => pkce().verifier],
    ];
    for (const [name, parameters, verifierOf] of rows) {
      it(`refuses a code ${name}, which spoils nothing`, async () => {
        const proof = pkce();
        const asked = { code_challenge: proof.challenge, code_challenge_method: 'S256', ...parameters };
        const given = await code(web, asked);
        await noCode(await redeem(machine(), web, given, { code_verifier: verifierOf(proof) }));
        const right = !asked.code_challenge ? undefined : asked.code_challenge_method === 'plain' ? asked.code_challenge : proof.verifier;
        const answer = await redeem(machine(), web, given, { code_verifier: right });
        assert.equal(answer.status, 200, answer.text);
      });
    }
  });

  describe('PKCE at /authorize', () => {
    const { challenge } = pkce();
    const rows = [
      ['an unknown method', { code_challenge: challenge, code_challenge_method: 'S512' }],
      ['a method in another case', { code_challenge: challenge, code_challenge_method: 's256' }],
      ['none as a method', { code_challenge: challenge, code_challenge_method: 'none' }],
      ['a method without a challenge', { code_challenge_method: 'S256' }],
      ['an empty challenge', { code_challenge: '', code_challenge_method: 'S256' }],
      ['a short challenge', { code_challenge: 'a'.repeat(42), code_challenge_method: 'S256' }],
      ['a long challenge', { code_challenge: 'a'.repeat(129), code_challenge_method: 'plain' }],
      ['a challenge with other characters', { code_challenge: `${'a'.repeat(42)}+/`, code_challenge_method: 'S256' }],
    ];
    for (const [name, parameters] of rows) {
      it(`refuses ${name}`, async () => {
        const answer = await authorize(web, parameters);
        const given = new URL(answer.location).searchParams;
        assert.equal(given.get('error'), 'invalid_request');
        assert.equal(given.get('code'), null);
      });
    }

    it('refuses a public client without it', async () => {
      const answer = await authorize(spa);
      assert.equal(new URL(answer.location).searchParams.get('error'), 'invalid_request');
    });
  });

  it('are long and all different', async () => {
    const codes = new Set();
    for (let n = 0; n < 6; n += 1) codes.add((await code()).code);
    assert.equal(codes.size, 6);
    for (const one of codes) assert.match(one, /^[A-Za-z0-9_-]{22,}$/);
  });

  it('are bound to their redirect_uri', async () => {
    const given = await code(web);
    await noCode(await redeem(machine(), web, given, { redirect_uri: `${base}/second` }));
    await noCode(await redeem(machine(), web, given, { redirect_uri: `${callback}/` }));
    assert.equal((await redeem(machine(), web, given)).status, 200);
  });

  it('give one success when they are redeemed fifty times at once, and revoke what they gave', async () => {
    const given = await code(web, { scope: 'openid offline_access' });
    const clients = Array.from({ length: 50 }, machine);
    const answers = await Promise.all(clients.map((one) => redeem(one, web, given)));
    const won = answers.filter((answer) => answer.status === 200);
    assert.equal(won.length, 1, answers.map((answer) => answer.status).join(' '));
    for (const answer of answers) if (answer !== won[0]) await noCode(answer);
    await noCode(await refresh(machine(), web, won[0].json.refresh_token));
  });

  it('revoke the refresh token they gave when they are used again', async () => {
    const given = await code(web, { scope: 'openid offline_access' });
    const first = await redeem(machine(), web, given);
    assert.equal((await refresh(machine(), web, first.json.refresh_token)).status, 200);
    await noCode(await redeem(machine(), web, given));
    await noCode(await refresh(machine(), web, first.json.refresh_token));
  });

  it('are not destroyed by a stranger, before or after their use', async () => {
    const given = await code(web, { scope: 'openid offline_access' });
    await noCode(await redeem(machine(), other, given));
    await noCode(await redeem(machine(), spa, given));
    await noCode(await redeem(machine(), { ...web, client_secret: 'wrong' }, given), 'access_denied');
    const mine = await redeem(machine(), web, given);
    assert.equal(mine.status, 200, mine.text);
    await noCode(await redeem(machine(), other, given));
    assert.equal((await refresh(machine(), web, mine.json.refresh_token)).status, 200);
  });

  it('are dead once their user is blocked or deleted, or their session has ended', async () => {
    for (const end of ['block', 'delete', 'logout']) {
      const victim = { ...(await createUser(server.api)), password };
      const http = server.http();
      const given = await signIn(http, web, victim);
      const path = `/users/${encodeURIComponent(victim.user_id)}`;
      if (end === 'block') await server.api.patch(path, { blocked: true });
      else if (end === 'delete') await server.api.delete(path);
      else await http.get('/v2/logout');
      await noCode(await redeem(machine(), web, given));
    }
  });

  it('are not what the client may ask for without the grant type', async () => {
    const refreshOnly = await createApplication(server.api, { app_type: 'regular_web', callbacks: [callback], grant_types: ['refresh_token'] });
    const answer = await authorize(refreshOnly);
    assert.equal(new URL(answer.location).searchParams.get('error'), 'unauthorized_client');
    await noCode(await redeem(machine(), refreshOnly, await code(web)), 'unauthorized_client');
  });

  describe('nonsense instead of a code is refused', () => {
    for (const [name, value] of [
      ['nothing', undefined], ['empty', ''], ['a word', 'code'], ['a JSON text', '{"$ne":null}'], ['SQL', "' OR '1'='1"], ['a percent sign', '%'],
      ['very long', 'c'.repeat(20_000)], ['letters beyond ASCII', 'ключ'],
    ]) {
      it(name, async () => {
        const answer = await redeem(machine(), web, { code: value, redirect_uri: callback });
        assert.ok(answer.status >= 400 && answer.status < 500, `${answer.status} ${answer.text}`);
        assert.ok(['invalid_grant', 'invalid_request'].includes(answer.json.error), answer.text);
      });
    }
  });

  describe('the token endpoint', () => {
    const grant = () => ({ grant_type: 'authorization_code', client_id: web.client_id, client_secret: web.client_secret, redirect_uri: callback });

    it('is for POST only', async () => {
      const given = await code();
      for (const method of ['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE']) {
        const query = new URLSearchParams({ ...grant(), code: given.code, code_verifier: given.verifier });
        const answer = await machine().request(method, `/oauth/token?${query}`);
        assert.equal(answer.status, 405, method);
        assert.match(answer.headers.allow, /POST/);
      }
    });

    it('takes parameters from the body alone', async () => {
      const given = await code();
      const all = { ...grant(), code: given.code, code_verifier: given.verifier };
      const query = await machine().post(`/oauth/token?${new URLSearchParams(all)}`, { form: {} });
      assert.equal(query.status, 400, query.text);
      const mixed = await machine().post(`/oauth/token?${new URLSearchParams({ client_secret: web.client_secret })}`, { form: { ...all, client_secret: 'wrong' } });
      assert.equal(mixed.status, 401, mixed.text);
    });

    for (const name of ['grant_type', 'client_id', 'client_secret', 'code', 'redirect_uri', 'code_verifier']) {
      it(`refuses ${name} given twice`, async () => {
        const given = await code();
        const pairs = Object.entries({ ...grant(), code: given.code, code_verifier: given.verifier });
        for (const twin of [pairs.find(([key]) => key === name), [name, 'other']]) {
          const answer = await machine().post('/oauth/token', { form: [...pairs, twin] });
          await noCode(answer, 'invalid_request');
        }
      });
    }

    it('refuses a JSON member given twice', async () => {
      const given = await code();
      const text = JSON.stringify({ ...grant(), code: given.code, code_verifier: given.verifier });
      const body = `{"code":"other",${text.slice(1)}`;
      await noCode(await machine().post('/oauth/token', { body, headers: { 'content-type': 'application/json' } }), 'invalid_request');
    });

    it('refuses two ways of authenticating at once', async () => {
      const given = await code();
      const basic = `Basic ${Buffer.from(`${web.client_id}:${web.client_secret}`).toString('base64')}`;
      const form = { ...grant(), code: given.code, code_verifier: given.verifier };
      await noCode(await machine().post('/oauth/token', { form, headers: { authorization: basic } }), 'invalid_request');
      const assertion = { client_assertion: 'a.b.c', client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer' };
      const both = await machine().post('/oauth/token', { form: { ...form, ...assertion } });
      assert.ok([400, 401].includes(both.status), both.text);
      const { client_secret: unused, ...rest } = form;
      const differs = await machine().post('/oauth/token', { form: { ...rest, client_id: other.client_id }, headers: { authorization: basic } });
      await noCode(differs, 'invalid_request');
      assert.equal((await redeem(machine(), web, given)).status, 200, 'none of these spoiled the code');
    });

    it('takes no wrong types', async () => {
      for (const value of [true, 1, ['x'], { $ne: null }]) {
        for (const name of ['grant_type', 'client_id', 'client_secret', 'code', 'code_verifier', 'redirect_uri']) {
          const answer = await machine().post('/oauth/token', { json: { ...grant(), code: 'x', [name]: value } });
          assert.ok(answer.status >= 400 && answer.status < 500, `${name} ${JSON.stringify(value)}: ${answer.status}`);
        }
      }
    });

    it('names no client in an answer to strangers, and stores nothing in caches', async () => {
      const answer = await token(machine(), { client_id: 'nobody', client_secret: 'x' }, { grant_type: 'authorization_code', code: 'x' });
      await noCode(answer, 'access_denied');
      assert.equal(answer.headers.pragma, 'no-cache');
      const good = await redeem(machine(), web, await code());
      assert.match(good.headers['cache-control'], /no-store/);
    });
  });

  describe('answers to /authorize', () => {
    const evil = '"\'></form></script><script>alert(1)</script><!--&amp;\u2028';

    it('escape everything in a form_post', async () => {
      const answer = await authorize(web, { response_mode: 'form_post', state: evil });
      assert.equal(answer.status, 200);
      assert.ok(!answer.text.includes('<script>alert'));
      const [form] = forms(answer);
      assert.equal(form.action, callback);
      assert.equal(form.method, 'POST');
      assert.equal(form.fields.state, evil);
      const nonce = /script-src 'nonce-([^']+)'/.exec(answer.headers['content-security-policy'])?.[1];
      assert.ok(nonce?.length >= 16 && answer.text.includes(`nonce="${nonce}"`));
      assert.ok(!/form-action|unsafe-inline/.test(answer.headers['content-security-policy']));
      assert.match(answer.headers['cache-control'], /no-store/);
      const again = await authorize(web, { response_mode: 'form_post' });
      assert.ok(!again.headers['content-security-policy'].includes(nonce), 'a nonce is used once');
    });

    it('escape everything in a web_message, which goes to the registered origin alone', async () => {
      const answer = await authorize(web, { response_mode: 'web_message', prompt: 'none', state: evil });
      assert.equal(answer.status, 200);
      assert.ok(!answer.text.includes('<script>alert'));
      assert.equal(answer.text.match(/<\/script>/g).length, 1);
      assert.ok(!answer.text.includes('\u2028'));
      assert.ok(answer.text.includes(`"${base}"`) && !/postMessage\([^)]*["']\*["']/.test(answer.text));
      assert.match(answer.headers['content-security-policy'], new RegExp(`frame-ancestors ${base}(;|$)`));
      assert.equal(answer.headers['x-frame-options'], undefined);
      assert.match(answer.headers['content-security-policy'], /script-src 'nonce-/);
    });

    it('are posted to no origin that is not registered', async () => {
      const answer = await authorize(other, { response_mode: 'web_message', prompt: 'none' });
      assert.ok(answer.status >= 400 && answer.status < 500);
      assert.ok(!answer.text.includes('postMessage'));
      const dynamic = await browser.get(`${authorizeUrl(web, { response_mode: 'web_message', prompt: 'none' })}&web_message_target=https://evil.example&origin=https://evil.example`);
      assert.ok(!dynamic.text.includes('evil.example'));
    });

    it('carry no token in a query', async () => {
      for (const response_type of ['token', 'id_token', 'code id_token', 'id_token token']) {
        const answer = await authorize(web, { response_type, response_mode: 'query' });
        assert.ok(!/(access_token|id_token|code)=/.test(new URL(answer.location).search), answer.location);
        assert.match(answer.location, /error=invalid_request/);
      }
    });

    it('carry no ID token without a nonce', async () => {
      for (const nonce of [undefined, '']) {
        const answer = await authorize(web, { response_type: 'id_token', nonce });
        assert.match(answer.location, /error=invalid_request/);
        assert.ok(!answer.location.includes('id_token='));
      }
    });

    it('carry no token without the implicit grant', async () => {
      const answer = await authorize(other, { response_type: 'token' });
      assert.match(answer.location, /error=unauthorized_client/);
      assert.ok(!answer.location.includes('access_token='));
    });

    it('never carry a refresh token', async () => {
      const api = await createApi(server.api, { allow_offline_access: true });
      const answer = await authorize(web, { response_type: 'token id_token', scope: 'openid offline_access', audience: api.identifier });
      const given = new URLSearchParams(new URL(answer.location).hash.slice(1));
      assert.ok(given.get('access_token'));
      assert.equal(given.get('refresh_token'), null);
      assert.ok(!(given.get('scope') ?? '').includes('offline_access'));
    });
  });

  describe('a request object', () => {
    it('is not fetched, whatever it names', async () => {
      let asked = 0;
      const trap = http.createServer((_, response) => { asked += 1; response.end('{}'); });
      await new Promise((resolve) => trap.listen(0, '127.0.0.1', resolve));
      try {
        for (const name of ['request_uri', 'jwks_uri', 'client_uri']) {
          const url = `http://127.0.0.1:${trap.address().port}/${name}`;
          const answer = await authorize(web, { prompt: 'none', [name]: url });
          if (name === 'request_uri') assert.match(answer.location ?? '', /error=request_uri_not_supported|error=invalid_request/);
        }
        assert.equal(asked, 0);
      } finally {
        trap.close();
      }
    });

    it('that is not signed overrides nothing', async () => {
      const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
      const request = `${part({ alg: 'none' })}.${part({ redirect_uri: 'https://evil.example/', client_id: web.client_id, state: 'evil' })}.`;
      const answer = await authorize(web, { prompt: 'none', request });
      assert.ok(!answer.location?.includes('evil'), answer.location);
      assert.equal(new URL(answer.location).searchParams.get('code'), null);
    });
  });

  it('the resume address gives nothing twice, and nothing without the login', async () => {
    const fresh = server.http();
    const victim = { ...(await createUser(server.api)), password };
    const begun = await fresh.follow(await fresh.get(authorizeUrl(web)), { until: (url) => url.origin === base });
    const state = new URL(begun.url).searchParams.get('state');
    const early = await fresh.get(`/authorize/resume?state=${state}`);
    assert.ok(early.location?.startsWith(`${server.issuer}u/login`) || early.status >= 400, early.location);
    const done = await fresh.submit(begun, { username: victim.email, password });
    const first = await fresh.get(done.location);
    assert.ok(new URL(first.location).searchParams.get('code'));
    const second = await fresh.get(done.location);
    assert.ok(!second.location?.includes('code='), second.location);
  });

  it('tokens after all this are still given to the honest', async () => {
    const tokens = await tokensOf(server.http(), web, { ...(await createUser(server.api)), password });
    assert.ok(tokens.access_token && tokens.id_token);
    const raw = await rawRequest(server, 'GET', '/.well-known/jwks.json');
    assert.equal(raw.status, 200);
  });
});
