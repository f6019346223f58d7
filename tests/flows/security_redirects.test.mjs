// Nobody is ever sent to an address that was not registered, however it is written.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { createApplication, createUser, createWebApplication, password } from '../support/fixtures.mjs';
import { authorizeUrl, beginLogin, pkce, signIn } from '../support/oauth.mjs';
import { headerOf, rawRequest } from '../support/raw.mjs';
import { startServer } from '../support/server.mjs';

const base = 'https://app.example.com';
const callback = `${base}/callback`;

// Each differs from a registered URL by one trick.
const hostile = [
  ['with a path added', `${callback}/more`],
  ['with a slash added', `${callback}/`],
  ['with a query added', `${callback}?next=https://evil.example`],
  ['with an empty query', `${callback}?`],
  ['with a fragment', `${callback}#x`],
  ['with an empty fragment', `${callback}#`],
  ['with another case in the path', `${base}/Callback`],
  ['with another case in the host', 'https://APP.example.com/callback'],
  ['with another case in the scheme', 'HTTPS://app.example.com/callback'],
  ['with a port', 'https://app.example.com:444/callback'],
  ['with the default port spelt out', 'https://app.example.com:443/callback'],
  ['with another scheme', 'http://app.example.com/callback'],
  ['with userinfo', 'https://evil@app.example.com/callback'],
  ['as the userinfo of another host', 'https://app.example.com@evil.example/callback'],
  ['as the user and password of another host', 'https://app.example.com:443@evil.example/callback'],
  ['with several @', 'https://a@app.example.com@evil.example/callback'],
  ['with an encoded @', 'https://app.example.com%40evil.example/callback'],
  ['with a backslash before the host', 'https:\\\\app.example.com/callback'],
  ['with a backslash ending the host', 'https://evil.example\\@app.example.com/callback'],
  ['with a backslash and a dot', 'https://evil.example\\.app.example.com/callback'],
  ['with a backslash in the path', `${base}\\callback`],
  ['as a subdomain of another host', 'https://app.example.com.evil.example/callback'],
  ['with a longer host name', 'https://evilapp.example.com/callback'],
  ['with a dot ending the host', 'https://app.example.com./callback'],
  ['with a dot segment', `${base}/./callback`],
  ['with dot segments that cancel out', `${base}/x/../callback`],
  ['with dot segments after it', `${callback}/../evil`],
  ['with ..;/', `${callback}/..;/evil`],
  ['with a path parameter', `${callback};x=1`],
  ['with an encoded dot segment', `${callback}/%2e%2e/evil`],
  ['with a twice encoded dot segment', `${callback}/%252e%252e/evil`],
  ['with an encoded letter', `${base}/%63allback`],
  ['with an encoded slash', `${base}%2fcallback`],
  ['with two slashes', `${base}//callback`],
  ['with a blank before it', ` ${callback}`],
  ['with a blank after it', `${callback} `],
  ['with a tab in the host', 'https://app.exa\tmple.com/callback'],
  ['with a tab after it', `${callback}\t`],
  ['with a line feed after it', `${callback}\n`],
  ['with a header after it', `${callback}\r\nX-Injected: 1`],
  ['with full-width letters', 'https://ａｐｐ.example.com/callback'],
  ['with a full-width full stop', 'https://app。example.com/callback'],
  ['with a full-width slash', 'https://evil.example／app.example.com/callback'],
  ['with a soft hyphen', 'https://app.exam\u00adple.com/callback'],
  ['without a scheme', '//app.example.com/callback'],
  ['without a host', '/callback'],
  ['as javascript', 'javascript:alert(document.domain)//https://app.example.com/callback'],
  ['as data', 'data:text/html,<script>alert(1)</script>'],
  ['as vbscript', 'vbscript:msgbox(1)'],
  ['of another application', 'https://other.example.com/callback'],
  ['as the server itself', undefined],  // filled in below
];

// The registered entry is https://*.wild.example.com/cb.
const notThatWildcard = [
  ['two labels', 'https://a.b.wild.example.com/cb'],
  ['no label', 'https://.wild.example.com/cb'],
  ['the domain itself', 'https://wild.example.com/cb'],
  ['the star itself', 'https://*.wild.example.com/cb'],
  ['a path of another host', 'https://evil.example/.wild.example.com/cb'],
  ['a query of another host', 'https://evil.example?.wild.example.com/cb'],
  ['a fragment of another host', 'https://evil.example#.wild.example.com/cb'],
  ['userinfo of another host', 'https://evil.example@.wild.example.com/cb'],
  ['userinfo before it', 'https://a@b.wild.example.com/cb'],
  ['a port of another host', 'https://evil.example:443.wild.example.com/cb'],
  ['a backslash of another host', 'https://evil.example\\.wild.example.com/cb'],
  ['an underscore', 'https://a_b.wild.example.com/cb'],
  ['a percent sign', 'https://%61.wild.example.com/cb'],
  ['a letter beyond ASCII', 'https://é.wild.example.com/cb'],
  ['another scheme', 'http://a.wild.example.com/cb'],
  ['a port', 'https://a.wild.example.com:8443/cb'],
  ['another path', 'https://a.wild.example.com/cb/x'],
  ['a query', 'https://a.wild.example.com/cb?x'],
  ['a longer domain', 'https://a.wild.example.com.evil.example/cb'],
];

describe('redirects', () => {
  let server;
  let http;
  let web;
  let native;
  let user;
  before(async () => {
    server = await startServer();
    http = server.http();
    hostile.at(-1)[1] = `${server.issuer}u/login`;
    web = await createWebApplication(server.api, base, '/callback', {
      callbacks: [callback, 'https://*.wild.example.com/cb', `${base}/with?x=1`],
      allowed_logout_urls: [base, `${base}/Bye`, 'https://*.wild.example.com/out'],
      web_origins: [base],
    });
    native = await createApplication(server.api, {
      app_type: 'native', token_endpoint_auth_method: 'none', grant_types: ['authorization_code', 'refresh_token'],
      callbacks: ['http://localhost/cb', 'http://127.0.0.1:8400/cb', 'com.example.app:/cb', 'https://app.example.com/cb'],
    });
    user = { ...(await createUser(server.api)), password };
  });
  after(async () => { await server?.stop(); });

  const refused = (answer, uri) => {
    assert.ok(answer.status >= 400 && answer.status < 500, `${answer.status}`);
    assert.equal(answer.headers.location, undefined);
    assert.match(answer.headers['content-type'], /^text\/html/);
    for (const [, href] of answer.text.matchAll(/(?:href|src|action|content)="([^"]*)"/g)) {
      assert.ok(!uri || !href.includes(uri), `the page links to ${href}`);
    }
  };
  const silently = (client, redirect_uri, more = {}) => http.get(authorizeUrl(client, { redirect_uri, prompt: 'none', ...more }));
  const allowed = (answer, uri) => {
    assert.equal(answer.status, 302, answer.text);
    assert.ok(answer.headers.location.startsWith(uri), answer.headers.location);
    assert.equal(new URL(answer.headers.location).searchParams.get('error'), 'login_required');
  };

  describe('/authorize refuses a callback', () => {
    for (const [name, uri] of hostile) {
      it(name, async () => {
        const redirect_uri = uri ?? hostile.find((row) => row[0] === name)[1];
        refused(await http.get(authorizeUrl(web, { redirect_uri })), redirect_uri);
        for (const response_mode of ['fragment', 'form_post', 'web_message']) {
          const answer = await silently(web, redirect_uri, { response_mode });
          refused(answer, redirect_uri);
          assert.ok(!answer.text.includes('postMessage'));
        }
      });
    }
  });

  it('goes to a registered callback, also with an error', async () => {
    allowed(await silently(web, callback), callback);
    allowed(await silently(web, `${base}/with?x=1`), `${base}/with?x=1&`);
  });

  describe('a wildcard is one part of a label', () => {
    for (const label of ['a', 'a-1', 'PR-42', '0']) {
      it(`lets ${label} pass`, async () => {
        const uri = `https://${label}.wild.example.com/cb`;
        allowed(await silently(web, uri), uri);
      });
    }
    for (const [name, uri] of notThatWildcard) {
      it(`is not ${name}`, async () => { refused(await silently(web, uri), uri); });
    }
  });

  describe('an entry with a star elsewhere matches nothing', () => {
    const rows = [
      ['for a whole domain', 'https://*/cb', 'https://evil/cb'],
      ['for a top-level domain', 'https://*.com/cb', 'https://evil.com/cb'],
      ['in a later label', 'https://a.*.example.com/cb', 'https://a.b.example.com/cb'],
      ['twice', 'https://*.*.example.com/cb', 'https://a.b.example.com/cb'],
      ['in the path', 'https://app.example.com/*', 'https://app.example.com/x'],
      ['in the query', 'https://app.example.com/cb?x=*', 'https://app.example.com/cb?x=1'],
      ['in the scheme', 'h*://app.example.com/cb', 'http://app.example.com/cb'],
      ['as the port', 'https://app.example.com:*/cb', 'https://app.example.com:1/cb'],
    ];
    for (const [name, entry, asked] of rows) {
      it(name, async () => {
        const created = await server.api.request('POST', '/clients', { json: { name: `Star ${name}`, callbacks: [entry] } });
        if (created.status === 400) return;
        assert.equal(created.status, 201, created.text);
        refused(await silently({ ...created.json, callbacks: [entry] }, asked), asked);
        refused(await silently({ ...created.json, callbacks: [entry] }, entry), entry);
      });
    }

    it('for an application of a third party, whose callbacks are exact', async () => {
      const created = await server.api.request('POST', '/clients', {
        json: { name: 'Third', is_first_party: false, callbacks: [callback, 'https://*.wild.example.com/cb'] },
      });
      if (created.status === 400) return;
      assert.equal(created.status, 201, created.text);
      refused(await silently(created.json, 'https://a.wild.example.com/cb'));
    });
  });

  describe('a native application learns its port when it starts', () => {
    const { challenge } = pkce();
    const more = { code_challenge: challenge, code_challenge_method: 'S256' };
    for (const uri of ['http://localhost/cb', 'http://localhost:49152/cb', 'http://127.0.0.1:1/cb', 'com.example.app:/cb']) {
      it(`lets ${uri} pass`, async () => { allowed(await silently(native, uri, more), uri); });
    }
    for (const [name, uri] of [
      ['another loopback host', 'http://127.0.0.2:49152/cb'],
      ['localhost as a subdomain', 'http://localhost.evil.example:49152/cb'],
      ['localhost as userinfo', 'http://localhost:49152@evil.example/cb'],
      ['another case', 'http://LOCALHOST:49152/cb'],
      ['another path', 'http://localhost:49152/cb2'],
      ['a query', 'http://localhost:49152/cb?x'],
      ['https', 'https://localhost:49152/cb'],
      ['no port but a colon', 'http://localhost:/cb'],
      ['letters as a port', 'http://localhost:8o/cb'],
      ['a port too long', 'http://localhost:123456789/cb'],
      ['a port on a host that is not loopback', 'https://app.example.com:49152/cb'],
      ['IPv6 where IPv4 is registered', 'http://[::1]:49152/cb'],
    ]) {
      it(`but not ${name}`, async () => { refused(await silently(native, uri, more), uri); });
    }

    it('but a web application does not', async () => {
      const local = await createWebApplication(server.api, 'http://localhost:3000', '/callback');
      allowed(await silently(local, 'http://localhost:3000/callback'), 'http://localhost:3000/callback');
      refused(await silently(local, 'http://localhost:3001/callback'));
    });
  });

  describe('before client and callback are proved', () => {
    it('an unknown client is told on a page', async () => {
      refused(await http.get(authorizeUrl({ client_id: 'nobody', callbacks: [callback] })), callback);
      refused(await http.get(authorizeUrl({ client_id: undefined, callbacks: [callback] })), callback);
    });

    it('no other mistake is told to an unregistered callback', async () => {
      for (const mistake of [{ response_type: 'nonsense' }, { scope: undefined }, { prompt: 'none login' }, { response_mode: 'nonsense' }, { max_age: '-1' }]) {
        refused(await http.get(authorizeUrl(web, { redirect_uri: 'https://evil.example/', ...mistake })), 'https://evil.example/');
      }
    });

    it('a missing callback means a registered one or a page', async () => {
      const answer = await http.get(authorizeUrl(web, { redirect_uri: undefined, prompt: 'none' }));
      if (answer.status === 302) assert.ok(answer.headers.location.startsWith(`${callback}?`), answer.headers.location);
      else refused(answer);
      const wild = await createApplication(server.api, { app_type: 'regular_web', callbacks: ['https://*.wild.example.com/cb'] });
      refused(await http.get(authorizeUrl(wild, { redirect_uri: undefined, prompt: 'none' })));
    });

    for (const name of ['client_id', 'redirect_uri', 'response_type', 'scope', 'state', 'nonce', 'code_challenge', 'prompt']) {
      it(`${name} given twice is refused`, async () => {
        const url = `${authorizeUrl(web, { prompt: 'none', code_challenge: pkce().challenge })}&${name}=https://evil.example/`;
        const answer = await http.get(url);
        assert.ok(answer.status === 302 || (answer.status >= 400 && answer.status < 500));
        if (answer.location) {
          assert.ok(answer.location.startsWith(`${callback}?`), answer.location);
          assert.equal(new URL(answer.location).searchParams.get('error'), 'invalid_request');
        }
      });
    }
  });

  describe('the registration of a callback refuses', () => {
    for (const [name, uri] of [
      ['javascript', 'javascript:alert(1)'], ['javascript in capitals', 'JavaScript:alert(1)'], ['data', 'data:text/html,x'],
      ['vbscript', 'vbscript:x'], ['a path', '/callback'], ['a host without scheme', '//app.example.com/callback'],
      ['a fragment', 'https://app.example.com/callback#x'], ['a line break', 'https://app.example.com/\r\nX: 1'],
    ]) {
      it(name, async () => {
        const answer = await server.api.request('POST', '/clients', { json: { name: 'Evil', callbacks: [uri] } });
        assert.equal(answer.status, 400, answer.text);
        const later = await server.api.request('PATCH', `/clients/${web.client_id}`, { json: { callbacks: [uri] } });
        assert.equal(later.status, 400, later.text);
      });
    }
  });

  describe('a logout', () => {
    const logout = (parameters) => http.get(`/v2/logout?${new URLSearchParams(parameters)}`);
    const oidc = (parameters) => http.get(`/oidc/logout?${new URLSearchParams(parameters)}`);

    before(async () => {
      await server.api.patch('/tenants/settings', { allowed_logout_urls: ['https://tenant.example.com/bye'] });
    });

    for (const [name, uri] of hostile) {
      // Scheme and host compare without case here, query and fragment do not count in returnTo: those are Auth0's rules.
      const harmless = /case in the (host|scheme)|query|fragment/.test(name);
      it(`does not end at a URL ${name}`, async () => {
        const asked = (uri ?? hostile.at(-1)[1]).replaceAll('/callback', '/Bye').replaceAll('/Callback', '/bye');
        const v2 = await logout({ client_id: web.client_id, returnTo: asked });
        if (!harmless) refused(v2, asked);
        else assert.ok(v2.status >= 400 || new URL(v2.location).host === 'app.example.com');
        const ended = await oidc({ client_id: web.client_id, post_logout_redirect_uri: asked });
        if (!harmless || /query|fragment/.test(name)) refused(ended, asked);
      });
    }
    for (const [name, uri] of [
      ['two slashes', '//evil.example/'], ['slash and backslash', '/\\evil.example/'], ['a blank before javascript', ' javascript:alert(1)'],
      ['a tab in javascript', 'java\tscript:alert(1)'], ['a NUL-like control', '\u0001https://app.example.com'], ['a path', '/u/login'],
      ['another wildcard label', 'https://a.b.wild.example.com/out'], ['the wildcard itself', 'https://*.wild.example.com/out'],
      ['another host in front of the wildcard', 'https://evil.example/.wild.example.com/out'],
    ]) {
      it(`does not end at ${name}`, async () => {
        refused(await logout({ client_id: web.client_id, returnTo: uri }));
        refused(await logout({ returnTo: uri }));
        refused(await oidc({ client_id: web.client_id, post_logout_redirect_uri: uri }));
        refused(await oidc({ post_logout_redirect_uri: uri }));
      });
    }

    for (const [name, returnTo] of [
      ['a registered URL', `${base}/Bye`], ['scheme and host in capitals', 'HTTPS://APP.example.com/Bye'],
      ['a query that is not registered', `${base}/Bye?from=1`], ['a wildcard label', 'https://pr-7.wild.example.com/out'],
    ]) {
      it(`ends at ${name}`, async () => {
        const answer = await logout({ client_id: web.client_id, returnTo });
        assert.equal(answer.status, 302, answer.text);
        assert.equal(answer.headers.location, returnTo);
      });
    }

    it('without returnTo ends at the first URL of the application', async () => {
      assert.equal((await logout({ client_id: web.client_id })).headers.location, base);
    });

    it('keeps the lists of application and tenant apart', async () => {
      assert.equal((await logout({ returnTo: 'https://tenant.example.com/bye' })).headers.location, 'https://tenant.example.com/bye');
      refused(await logout({ returnTo: `${base}/Bye` }));
      refused(await logout({ client_id: web.client_id, returnTo: 'https://tenant.example.com/bye' }));
      refused(await logout({ client_id: 'nobody', returnTo: 'https://tenant.example.com/bye' }));
    });

    it('refuses a parameter given twice', async () => {
      refused(await http.get(`/v2/logout?client_id=${web.client_id}&returnTo=${base}&returnTo=https://evil.example/`));
      refused(await http.get(`/oidc/logout?client_id=${web.client_id}&post_logout_redirect_uri=${base}&post_logout_redirect_uri=https://evil.example/`));
    });

    it('takes only exact URLs for an application of a third party', async () => {
      const third = await server.api.request('POST', '/clients', {
        json: { name: 'Third', is_first_party: false, callbacks: [callback], allowed_logout_urls: [base, 'https://*.wild.example.com/out'] },
      });
      if (third.status === 400) return;
      refused(await logout({ client_id: third.json.client_id, returnTo: 'https://a.wild.example.com/out' }));
    });
  });

  describe('no path of the server leads off it', () => {
    for (const target of [
      '//evil.example/', '//evil.example/..', '//evil.example/%2e%2e', '///evil.example/', '////evil.example', '/\\evil.example/', '/%5cevil.example/',
      '/%2fevil.example/', '/%2f%2fevil.example/..', '/.//evil.example', '/..//evil.example', '/u//evil.example/', '/u/login//evil.example/..',
      '/authorize//evil.example', '/v2/logout//evil.example', '//evil.example/authorize', '//evil.example/v2/logout', '/;//evil.example',
      'https://evil.example/', 'https://evil.example/v2/logout', '/@evil.example', '/u/login?state=//evil.example', '/authorize/resume?state=//evil.example',
    ]) {
      it(target, async () => {
        const answer = await rawRequest(server, 'GET', target);
        assert.ok(answer.status >= 200 && answer.status < 500, `${answer.status}`);
        const location = headerOf(answer, 'location');
        if (location) assert.equal(new URL(location, server.issuer).origin, new URL(server.issuer).origin, location);
      });
    }
  });

  describe('no header is ever split', () => {
    const injection = 'x\r\nX-Injected: 1\r\n\r\n<script>';
    const urls = () => ({
      'by state': authorizeUrl(web, { prompt: 'none', state: injection }),
      'by client_id': authorizeUrl(web, { client_id: injection }),
      'by redirect_uri': authorizeUrl(web, { redirect_uri: `${callback}${injection}` }),
      'by response_type': authorizeUrl(web, { response_type: injection }),
      'by response_mode': authorizeUrl(web, { response_mode: injection }),
      'by connection': authorizeUrl(web, { connection: injection }),
      'by login_hint and ui_locales': authorizeUrl(web, { login_hint: injection, ui_locales: injection }),
      'by returnTo': `/v2/logout?${new URLSearchParams({ client_id: web.client_id, returnTo: `${base}${injection}` })}`,
      'by the state of a logout': `/oidc/logout?${new URLSearchParams({ client_id: web.client_id, post_logout_redirect_uri: base, state: injection })}`,
      'by the state of a page': `/u/login?${new URLSearchParams({ state: injection })}`,
      'by a ticket': `/u/reset-verify?${new URLSearchParams({ ticket: injection })}`,
    });
    for (const name of ['by state', 'by client_id', 'by redirect_uri', 'by response_type', 'by response_mode', 'by connection', 'by login_hint and ui_locales',
      'by returnTo', 'by the state of a logout', 'by the state of a page', 'by a ticket']) {
      it(name, async () => {
        const answer = await rawRequest(server, 'GET', urls()[name]);
        assert.ok(answer.status >= 200 && answer.status < 500, `${answer.status}`);
        assert.equal(headerOf(answer, 'x-injected'), undefined);
      });
    }
  });

  describe('state comes back byte for byte', () => {
    for (const [name, state] of [
      ['with blanks and signs', 'a b+c&d=e#f%20g?h/i'], ['with quotes and angles', '"><script>\''], ['in Greek and in pictures', 'κατάσταση 🗝'],
      ['with line breaks', 'a\r\nb'], ['very long', 's'.repeat(4000)], ['as JSON', '{"a":[1,2,{"b":"\\u0000"}]}'],
    ]) {
      it(name, async () => {
        const ok = await silently(web, callback, { state });
        assert.equal(new URL(ok.headers.location).searchParams.get('state'), state);
        assert.match(ok.headers.location, /^[\x21-\x7e]+$/);
      });
    }

    it('and iss is the issuer, with success and with failure', async () => {
      const failure = new URL((await silently(web, callback)).headers.location).searchParams;
      assert.equal(failure.get('iss'), server.issuer);
      const { given } = await signIn(server.http(), web, user, { state: 'x y' });
      assert.equal(given.get('iss'), server.issuer);
      assert.equal(given.get('state'), 'x y');
    });
  });

  it('a form with credentials is answered with 303, so that no browser sends it on', async () => {
    const browser = server.http();
    const page = await beginLogin(browser, web);
    const right = await browser.submit(page, { username: user.email, password: user.password });
    assert.equal(right.status, 303);
    const retold = await browser.follow(right, { until: (url) => url.origin === base });
    assert.equal(retold.status, 302);
  });
});
