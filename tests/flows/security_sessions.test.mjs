// A session belongs to the browser in which somebody signed in, from then until it ends, and to nobody else.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { createUser, createWebApplication, password, rotating } from '../support/fixtures.mjs';
import { forms } from '../support/http.mjs';
import { authorizeUrl, beginLogin, decodeJwt, redeem, refresh, signIn, submitLogin, tokensOf } from '../support/oauth.mjs';
import { startServer } from '../support/server.mjs';

const base = 'https://app.example.com';
const session = '__Host-gatehouse_session';

describe('sessions', () => {
  let server;
  let web;
  before(async () => {
    server = await startServer();
    web = await createWebApplication(server.api, base, '/callback', { refresh_token: rotating });
  });
  after(async () => { await server?.stop(); });

  const person = async (properties) => ({ ...(await createUser(server.api, properties)), password });
  const silently = async (http, parameters = {}) => {
    const answer = await http.get(authorizeUrl(web, { prompt: 'none', ...parameters }));
    assert.equal(answer.status, 302, answer.text.slice(0, 500));
    return new URL(answer.location).searchParams;
  };
  const isSignedIn = async (http) => (await silently(http)).get('code') !== null;
  const isSignedOut = async (http) => assert.equal((await silently(http)).get('error'), 'login_required');
  const stateOf = (page) => new URL(page.url).searchParams.get('state');
  const path = (user) => `/users/${encodeURIComponent(user.user_id)}`;

  describe('cookies', () => {
    it('are out of reach of scripts, other hosts and plain http, and say nothing', async () => {
      const http = server.http();
      const user = await person();
      await signIn(http, web, user);
      assert.ok(http.jar.cookies.length >= 2);
      for (const cookie of http.jar.cookies) {
        assert.match(cookie.name, /^__Host-/);
        assert.equal(cookie.secure, true, cookie.header);
        assert.equal(cookie.httpOnly, true, cookie.header);
        assert.match(cookie.sameSite, /^(Lax|None|Strict)$/i, cookie.header);
        assert.ok(!/;\s*domain=/i.test(cookie.header), cookie.header);
        assert.equal(cookie.path, '/');
        assert.match(cookie.value, /^[A-Za-z0-9_-]{22,}$/);
        const decoded = Buffer.from(cookie.value, 'base64url').toString('latin1');
        assert.ok(!decoded.includes(user.user_id.slice(6)) && !decoded.includes(user.email));
      }
      assert.ok(http.jar.get(session).value.length >= 43);
      assert.match(http.jar.cookies.find((cookie) => cookie.name !== session).sameSite, /^Lax$/i);
    });

    it('do not reveal the sid of tokens, nor the other way round', async () => {
      const http = server.http();
      const tokens = await tokensOf(http, web, await person());
      const { sid } = decodeJwt(tokens.id_token).claims;
      assert.notEqual(sid, http.jar.get(session).value);
      const thief = server.http();
      thief.jar.store(new URL(server.issuer), [`${session}=${sid}; Path=/; Secure`]);
      await isSignedOut(thief);
    });

    for (const [name, value] of [
      ['nothing', ''], ['a word', 'x'], ['SQL', "x'OR'1'='1"], ['a percent sign', '%'], ['very long', 'a'.repeat(6000)], ['the digest of nothing',
      'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    ]) {
      it(`with ${name} are nobody's`, async () => {
        const http = server.http();
        http.jar.store(new URL(server.issuer), [`${session}=${value}; Path=/; Secure`]);
        await isSignedOut(http);
      });
    }

    it('that come twice are not believed', async () => {
      const http = server.http();
      await signIn(http, web, await person());
      const twice = `${session}=${http.jar.get(session).value}; ${session}=planted`;
      const answer = await http.get(authorizeUrl(web, { prompt: 'none' }), { headers: { cookie: twice } });
      assert.equal(new URL(answer.location).searchParams.get('error'), 'login_required');
    });
  });

  describe('a value planted before the login', () => {
    it('is never adopted', async () => {
      const planted = 'A'.repeat(43);
      const victim = server.http();
      victim.jar.store(new URL(server.issuer), [`${session}=${planted}; Path=/; Secure`, `__Host-gatehouse_browser=${'B'.repeat(22)}; Path=/; Secure`]);
      await signIn(victim, web, await person());
      assert.notEqual(victim.jar.get(session).value, planted);
      const attacker = server.http();
      attacker.jar.store(new URL(server.issuer), [`${session}=${planted}; Path=/; Secure`]);
      await isSignedOut(attacker);
    });

    it('that is a session of the attacker does not become one of the victim', async () => {
      const attacker = server.http();
      await signIn(attacker, web, await person());
      const planted = attacker.jar.get(session).value;
      const victim = server.http();
      victim.jar.store(new URL(server.issuer), [`${session}=${planted}; Path=/; Secure`]);
      const user = await person();
      const page = await beginLogin(victim, web, { prompt: 'login' });
      const done = await submitLogin(victim, page, { username: user.email, password });
      assert.ok(new URL(done.location).searchParams.get('code'));
      assert.notEqual(victim.jar.get(session).value, planted);
      await isSignedOut(attacker);  // the old one is dead, not somebody else's
    });

    it('is not the value after signing in again either', async () => {
      const http = server.http();
      const user = await person();
      await signIn(http, web, user);
      const first = http.jar.get(session).value;
      const page = await beginLogin(http, web, { prompt: 'login' });
      await submitLogin(http, page, { username: user.email, password });
      assert.notEqual(http.jar.get(session).value, first);
      const thief = server.http();
      thief.jar.store(new URL(server.issuer), [`${session}=${first}; Path=/; Secure`]);
      await isSignedOut(thief);
    });
  });

  describe('a login that another browser began', () => {
    it('shows no form, takes no password and gives no code', async () => {
      const attacker = server.http();
      const begun = await beginLogin(attacker, web);
      const user = await person();
      for (const prepare of [async () => {}, async (victim) => { await beginLogin(victim, web); }, async (victim) => { await signIn(victim, web, user); }]) {
        const victim = server.http();
        await prepare(victim);
        const opened = await victim.get(begun.url);
        assert.deepEqual(forms(opened).filter((form) => 'password' in form.fields), []);
        const [form] = forms(begun);
        const posted = await victim.post(form.action, { form: { ...form.fields, username: user.email, password }, headers: { origin: server.issuer.slice(0, -1) } });
        assert.ok(posted.status >= 400 || !posted.location?.includes('resume'), `${posted.status} ${posted.location}`);
        for (const resume of [await victim.get(`/authorize/resume?state=${stateOf(begun)}`), await attacker.get(`/authorize/resume?state=${stateOf(begun)}`)]) {
          assert.ok(!resume.location?.includes('code='), resume.location);
        }
      }
      await isSignedOut(attacker);
    });

    it('cannot be ended by the attacker signing in and the victim resuming', async () => {
      const attacker = server.http();
      const page = await beginLogin(attacker, web);
      const user = await person();
      const signedIn = await attacker.submit(page, { username: user.email, password });
      const victim = server.http();
      const stolen = await victim.get(signedIn.location);
      assert.ok(stolen.status >= 400 && !stolen.location, `${stolen.status} ${stolen.location}`);
      await isSignedOut(victim);
    });
  });

  describe('a forged form', () => {
    const attempt = async (change, headers) => {
      const http = server.http();
      const user = await person();
      const page = await beginLogin(http, web);
      const [form] = forms(page);
      const fields = { ...form.fields, username: user.email, password };
      change(fields);
      const answer = await http.post(form.action, { form: fields, headers: { origin: new URL(server.issuer).origin, ...headers } });
      return { http, answer };
    };
    const hidden = (fields) => Object.keys(fields).filter((name) => !['username', 'password', 'action', 'state'].includes(name));

    it('without its token signs nobody in', async () => {
      const { http, answer } = await attempt((fields) => { for (const name of hidden(fields)) delete fields[name]; });
      assert.equal(answer.status, 403);
      await isSignedOut(http);
    });

    for (const [name, value] of [['an empty token', ''], ['a wrong token', 'A'.repeat(43)], ['true as the token', 'true']]) {
      it(`with ${name} signs nobody in`, async () => {
        const { http, answer } = await attempt((fields) => { for (const field of hidden(fields)) fields[field] = value; });
        assert.equal(answer.status, 403);
        await isSignedOut(http);
      });
    }

    it('with the token of another browser or another login signs nobody in', async () => {
      const other = forms(await beginLogin(server.http(), web))[0].fields;
      const { http, answer } = await attempt((fields) => { for (const field of hidden(fields)) fields[field] = other[field]; });
      assert.equal(answer.status, 403);
      await isSignedOut(http);
    });

    it('sent as JSON, as text or by GET signs nobody in', async () => {
      const http = server.http();
      const user = await person();
      const page = await beginLogin(http, web);
      const [form] = forms(page);
      const fields = { ...form.fields, username: user.email, password };
      const query = new URLSearchParams(fields);
      for (const send of [
        () => http.post(form.action, { json: fields }),
        () => http.post(form.action, { body: query.toString(), headers: { 'content-type': 'text/plain' } }),
        () => http.post(form.action, { body: query.toString(), headers: { 'content-type': 'multipart/form-data; boundary=x' } }),
        () => http.get(`${form.action}&${query}`),
        () => http.post(`${form.action}&${query}`, { form: {} }),
      ]) {
        const answer = await send();
        assert.ok(!answer.location?.includes('resume'), answer.location);
      }
      await isSignedOut(http);
    });

    it('with a field given twice signs nobody in', async () => {
      const http = server.http();
      const user = await person();
      const [form] = forms(await beginLogin(http, web));
      const answer = await http.post(form.action, { form: [...Object.entries({ ...form.fields, username: user.email, password }), ['username', 'other@example.com']] });
      assert.ok(answer.status >= 400);
      await isSignedOut(http);
    });
  });

  describe('prompt', () => {
    it('none never shows a page', async () => {
      const http = server.http();
      await isSignedOut(http);
      for (const more of [{ screen_hint: 'signup' }, { max_age: '0' }, { login_hint: 'x@example.com' }, { connection: 'Username-Password-Authentication' }]) {
        assert.equal((await silently(http, more)).get('error'), 'login_required');
      }
      await signIn(http, web, await person());
      assert.ok(await isSignedIn(http));
      assert.equal((await silently(http, { prompt: 'none', max_age: '0' })).get('error'), 'login_required');
      for (const prompt of ['none login', 'login none', 'none consent', 'none select_account']) {
        const given = await silently(http, { prompt });
        assert.equal(given.get('error'), 'invalid_request');
        assert.equal(given.get('code'), null);
      }
    });

    it('login asks for the password, and the question cannot be skipped', async () => {
      const http = server.http();
      const user = await person();
      await signIn(http, web, user);
      for (const parameters of [{ prompt: 'login' }, { max_age: '0' }]) {
        const page = await beginLogin(http, web, parameters);
        assert.ok(page.url.includes('/u/login'), page.url);
        const skipped = await http.get(`/authorize/resume?state=${stateOf(page)}`);
        assert.ok(!skipped.location?.includes('code='), skipped.location);
        const consent = await http.get(`/u/consent?state=${stateOf(page)}`);
        assert.ok(!forms(consent).some((form) => form.action.includes('consent')), 'no other page of this login can be opened');
        const wrong = await submitLogin(http, page, { username: user.email, password: 'wrong' });
        assert.ok(!wrong.location);
        const right = await submitLogin(http, wrong, { username: user.email, password });
        assert.ok(new URL(right.location).searchParams.get('code'));
      }
    });

    it('max_age counts from the password', async () => {
      const http = server.http();
      await signIn(http, web, await person());
      assert.ok((await silently(http, { max_age: '1000' })).get('code'));
      await new Promise((resolve) => setTimeout(resolve, 2100));
      assert.equal((await silently(http, { max_age: '1' })).get('error'), 'login_required');
      const given = await signIn(http, web, {}, { max_age: '1000' });
      const { claims } = decodeJwt((await redeem(server.http(), web, given)).json.id_token);
      assert.ok(claims.auth_time <= Math.floor(Date.now() / 1000) - 2, 'auth_time is the time of the password');
    });

    for (const max_age of ['-1', 'x', '1.5', '1e9', '0x10', '99999999999999999999']) {
      it(`max_age=${max_age} is refused`, async () => {
        const given = await silently(server.http(), { max_age });
        assert.equal(given.get('error'), 'invalid_request');
      });
    }
  });

  describe('id_token_hint', () => {
    it('of somebody else gives login_required, and only that person gets a code', async () => {
      const mine = server.http();
      const user = await person();
      const tokens = await tokensOf(mine, web, user);
      const other = server.http();
      const somebody = await person();
      const theirs = await tokensOf(other, web, somebody);
      assert.equal((await silently(mine, { id_token_hint: theirs.id_token })).get('error'), 'login_required');
      assert.ok((await silently(mine, { id_token_hint: tokens.id_token })).get('code'));
      const page = await beginLogin(mine, web, { id_token_hint: theirs.id_token });
      assert.ok(page.url.includes('/u/login'), page.url);
      const asMyself = await submitLogin(mine, page, { username: user.email, password });
      const code = asMyself.location && new URL(asMyself.location).searchParams.get('code');
      assert.ok(!code, 'the wrong person got a code');
    });
  });

  describe('a logout', () => {
    it('ends the session on the server, not just in the browser', async () => {
      const http = server.http();
      await signIn(http, web, await person());
      const { value } = http.jar.get(session);
      await http.get(`/v2/logout?${new URLSearchParams({ client_id: web.client_id, returnTo: base })}`);
      assert.equal(http.jar.get(session), undefined);
      http.jar.store(new URL(server.issuer), [`${session}=${value}; Path=/; Secure`]);
      await isSignedOut(http);
    });

    it('by OpenID Connect needs a hint or a yes', async () => {
      const http = server.http();
      const tokens = await tokensOf(http, web, await person());
      const bare = `/oidc/logout?${new URLSearchParams({ client_id: web.client_id, post_logout_redirect_uri: base })}`;
      const asked = await http.get(bare);
      assert.ok(asked.location?.includes('/u/logout'), asked.location);
      assert.ok(await isSignedIn(http), 'a link alone ends nothing');
      const stranger = server.http();
      const theirs = await tokensOf(stranger, web, await person());
      const foreign = await http.get(`${bare}&id_token_hint=${theirs.id_token}`);
      assert.ok(foreign.status >= 400 || foreign.location.includes('/u/logout'));
      assert.ok(await isSignedIn(http), 'a hint about somebody else ends nothing');
      const forgedYes = await server.http().get(`/oidc/logout/resume?state=${stateOf({ url: asked.location })}`);
      assert.ok(forgedYes.status >= 400);
      assert.ok(await isSignedIn(http));
      const done = await http.get(`${bare}&id_token_hint=${tokens.id_token}`);
      assert.equal(done.headers.location, base);
      await isSignedOut(http);
      assert.ok(await isSignedIn(stranger));
    });
  });

  describe('end at once', () => {
    for (const [name, end] of [
      ['when the user is blocked', (user) => server.api.patch(path(user), { blocked: true })],
      ['when the user is deleted', (user) => server.api.delete(path(user))],
      ['when the password is changed through the API', (user) => server.api.patch(path(user), { password: 'Another-Horse-8-Battery' })],
    ]) {
      it(name, async () => {
        const first = server.http();
        const second = server.http();
        const user = await person();
        await signIn(first, web, user);
        await signIn(second, web, user);
        const bystander = server.http();
        await signIn(bystander, web, await person());
        await end(user);
        for (const http of [first, second]) assert.equal((await silently(http)).get('code'), null);
        assert.ok(await isSignedIn(bystander));
      });
    }

    it('even those that begin while the password is changed', async () => {
      const user = await person();
      const browsers = await Promise.all(Array.from({ length: 12 }, async () => {
        const http = server.http();
        return { http, page: await beginLogin(http, web) };
      }));
      const changed = server.api.patch(path(user), { password: 'Another-Horse-8-Battery' });
      await Promise.all(browsers.map(({ http, page }) => submitLogin(http, page, { username: user.email, password })));
      await changed;
      for (const { http } of browsers) assert.equal((await silently(http)).get('code'), null);
    });

    it('with their refresh tokens when the password is reset by mail', async () => {
      const http = server.http();
      const user = await person();
      const given = await signIn(http, web, user, { scope: 'openid offline_access' });
      const { refresh_token } = (await redeem(server.http(), web, given)).json;
      const { ticket } = await server.api.post('/tickets/password-change', { user_id: user.user_id });
      const phone = server.http();
      const page = await phone.get(ticket);
      const done = await phone.submit(page, { 'password-reset': 'Another-Horse-8-Battery', 're-enter-password': 'Another-Horse-8-Battery' });
      assert.equal(done.status, 200, done.text.slice(0, 500));
      await isSignedOut(http);
      assert.equal((await refresh(server.http(), web, refresh_token)).json.error, 'invalid_grant');
      await isSignedOut(phone);  // a reset signs nobody in
      const old = await beginLogin(phone, web);
      assert.equal((await submitLogin(phone, old, { username: user.email, password })).location, undefined, 'the old password is dead');
    });
  });

  describe('lifetimes', () => {
    it('are bounded as on Auth0', async () => {
      const settings = await server.api.get('/tenants/settings');
      assert.equal(settings.session_lifetime ?? 168, 168);
      assert.equal(settings.idle_session_lifetime ?? 72, 72);
      for (const change of [{ session_lifetime: 8761 }, { session_lifetime: -1 }, { idle_session_lifetime: 2401 }, { idle_session_lifetime: -5 },
        { session_lifetime: 'x' }]) {
        const answer = await server.api.request('PATCH', '/tenants/settings', { json: change });
        assert.equal(answer.status, 400, `${JSON.stringify(change)}: ${answer.text.slice(0, 200)}`);
      }
    });

    it('end a session that nobody uses', async () => {
      const own = await startServer();
      try {
        await own.api.patch('/tenants/settings', { idle_session_lifetime: 0.0005 });  // 1.8 s
        const app = await createWebApplication(own.api, base, '/callback');
        const http = own.http();
        await signIn(http, app, { ...(await createUser(own.api)), password });
        await new Promise((resolve) => setTimeout(resolve, 2500));
        const answer = await http.get(authorizeUrl(app, { prompt: 'none' }));
        assert.equal(new URL(answer.location).searchParams.get('error'), 'login_required');
      } finally {
        await own.stop();
      }
    });
  });

  describe('pages', () => {
    const checked = (page, { frame = "'none'" } = {}) => {
      const csp = Object.fromEntries(page.headers['content-security-policy'].split(';').map((part) => {
        const [name, ...rest] = part.trim().split(/\s+/);
        return [name, rest.join(' ')];
      }));
      assert.equal(csp['default-src'], "'none'");
      assert.equal(csp['frame-ancestors'], frame);
      assert.equal(csp['base-uri'], "'none'");
      assert.equal(csp['form-action'], undefined);
      assert.ok(!/unsafe|\*|http:|data:/.test(page.headers['content-security-policy']), page.headers['content-security-policy']);
      assert.match(csp['script-src'] ?? "'none'", /^('self'|'none'|'nonce-[^']+'|\s)+$/);
      assert.equal(page.headers['x-frame-options'], 'DENY');
      assert.equal(page.headers['x-content-type-options'], 'nosniff');
      assert.equal(page.headers['referrer-policy'], 'same-origin');
      assert.match(page.headers['cache-control'], /no-store/);
      assert.match(page.headers['content-type'], /^text\/html; ?charset=utf-8$/i);
      for (const name of ['server', 'x-powered-by', 'via']) assert.ok(!/\d/.test(page.headers[name] ?? ''), `${name}: ${page.headers[name]}`);
      assert.equal(page.headers['strict-transport-security'], undefined, 'a loopback issuer sends no HSTS');
      for (const [, , url] of page.text.matchAll(/<(?:script|link|img|iframe|form|object|embed)\b[^>]*\b(src|href|action|data)="([^"]*)"/g)) {
        assert.ok(url.startsWith('/') && !url.startsWith('//') ? true : url.startsWith(server.issuer), `a foreign resource: ${url}`);
      }
      assert.ok(!/<script(?![^>]*\b(src|nonce)=)/.test(page.text), 'an inline script');
      assert.ok(!/\son\w+="/.test(page.text), 'an inline handler');
      assert.ok(!/\sstyle="/.test(page.text), 'an inline style');
    };

    it('of a login carry every header that protects them', async () => {
      const http = server.http();
      const login = await beginLogin(http, web);
      const state = stateOf(login);
      checked(login);
      checked(await submitLogin(http, login, { username: 'x@example.com', password: 'wrong' }));
      checked(await http.get(`/u/signup?state=${state}`));
      checked(await http.get(`/u/reset-password/request?state=${state}`));
      checked(await http.get('/u/login?state=unknown'));
      checked(await http.get('/u/reset-verify?ticket=unknown'));
      checked(await http.get('/u/email-verification?ticket=unknown'));
      checked(await http.get('/u/unblock?ticket=unknown'));
      checked(await http.get('/u/logged-out'));
    });

    it('about errors too', async () => {
      const http = server.http();
      checked(await http.get(authorizeUrl(web, { redirect_uri: 'https://evil.example/' })));
      checked(await http.get('/v2/logout?returnTo=https://evil.example/'));
      checked(await http.get('/authorize/resume?state=x'));
    });

    it('with a consent or a question too', async () => {
      const http = server.http();
      await signIn(http, web, await person());
      const asked = await http.get(`/oidc/logout?client_id=${web.client_id}`);
      checked(await http.follow(asked));
    });

    it('ask for https only where that harms nobody', async () => {
      for (const [issuer, expected] of [['https://id.example.com/', true], ['https://id.example.com:8443/', false], ['https://gatehouse.test/',
        false], ['https://tenant.localhost/', false]]) {
        const other = await startServer({ issuer });
        try {
          const answer = await other.http().get(`https://localhost:${other.port}/v2/logout`, { headers: { host: other.domain } });
          assert.equal(answer.status, 200, `${issuer}: ${answer.text}`);
          const header = answer.headers['strict-transport-security'];
          if (expected) assert.ok(Number(/max-age=(\d+)/.exec(header)?.[1]) >= 31_536_000, `${issuer}: ${header}`);
          else assert.equal(header, undefined, issuer);
        } finally {
          await other.stop();
        }
      }
    });
  });

  it('cookies and codes appear in no log', async () => {
    const http = server.http();
    const given = await signIn(http, web, await person());
    assert.ok(!server.log.includes(given.code));
    for (const { value } of http.jar.cookies) assert.ok(!server.log.includes(value));
    const logs = JSON.stringify(await server.api.get('/logs?per_page=100'));
    for (const { value } of http.jar.cookies) assert.ok(!logs.includes(value));
    assert.ok(!logs.includes(given.code));
  });
});
