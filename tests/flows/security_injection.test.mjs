// Names and profiles are text: in pages, in mails, in headers, in templates. Nothing in them is ever run.

import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { createUser, createWebApplication, databaseConnection, password, unique } from '../support/fixtures.mjs';
import { forms } from '../support/http.mjs';
import { authorizeUrl, beginLogin, signIn, submitLogin } from '../support/oauth.mjs';
import { startServer } from '../support/server.mjs';

const base = 'https://app.example.com';
const markup = '"\'></title></style></textarea><script>alert(1)</script><img src=x onerror=alert(2)><svg/onload=alert(3)>&lt;';
const liquid = '{{ 1337 | times: 7 }}{{1337*7}}{% assign x = 1337 | times: 7 %}{{x}}{% include "layout" %}{% raw %}${1337*7}#{1337*7}<%= 1337*7 %>';
const evil = `${markup} ${liquid}`;
// The name of an application may have no angles, as on Auth0.
const named = (name) => `${name} "' onmouseover=alert(1) ${liquid.replaceAll(/<%=|%>/g, '')}`;

describe('hostile text', () => {
  let server;
  before(async () => { server = await startServer(); });
  after(async () => { await server?.stop(); });

  /** A page or a mail's HTML in which none of it was run. */
  const harmless = (text, what) => {
    assert.ok(!/<script>alert|<img src=x|<svg\/onload/i.test(text), `${what}: markup went through\n${text.slice(0, 3000)}`);
    for (const [tag] of text.matchAll(/<[a-z][^>]*>/gi)) assert.ok(!/\son\w+\s*=/i.test(tag.replace(/"[^"]*"/g, '""')), `${what}: a handler went through in ${tag}`);
    assert.ok(!/(href|src|action|formaction|content)\s*=\s*["']?\s*(javascript|data|vbscript):/i.test(text), `${what}: a script URL went through`);
    assert.ok(!text.includes(String(1337 * 7)), `${what}: a template was evaluated\n${text.slice(0, 3000)}`);
    assert.ok(!/liquid|template error|undefined filter/i.test(text.replaceAll('{% include', '')), `${what}: a template was tried`);
  };

  describe('in pages', () => {
    let web;
    before(async () => {
      web = await createWebApplication(server.api, base, '/callback', { name: named('Evil') });
      await server.api.patch('/tenants/settings', { friendly_name: evil.slice(0, 250) });
    });
    after(async () => { await server.api.patch('/tenants/settings', { friendly_name: 'Gatehouse' }); });

    it('names of application and tenant, hints and typed values are only shown', async () => {
      const http = server.http();
      const login = await beginLogin(http, web, { login_hint: evil, ui_locales: evil, display: evil, 'ext-evil': evil, acr_values: evil });
      harmless(login.text, 'login');
      const state = new URL(login.url).searchParams.get('state');
      assert.equal(forms(login)[0].fields.username, evil, 'the hint is there, as text');
      harmless((await submitLogin(http, login, { username: evil, password: evil })).text, 'login after a failure');
      const signup = await http.get(`/u/signup?state=${state}`);
      harmless(signup.text, 'signup');
      harmless((await http.submit(signup, { email: evil, username: evil, password: 'x' })).text, 'signup after a failure');
      const forgotten = await http.get(`/u/reset-password/request?state=${state}`);
      harmless(forgotten.text, 'forgotten password');
      harmless((await http.follow(await http.submit(forgotten, { username: evil }))).text, 'mail is on its way');
      for (const page of ['/u/login', '/u/reset-verify', '/u/email-verification', '/u/unblock', '/u/logged-out', '/u/consent', '/authorize/resume']) {
        harmless((await http.get(`${page}?${new URLSearchParams({ state: evil, ticket: evil, lang: evil, ui_locales: evil })}`)).text, page);
      }
    });

    it('errors repeat what was asked as text', async () => {
      const http = server.http({ headers: { accept: 'text/html' } });
      for (const parameters of [{ client_id: evil }, { redirect_uri: `${base}/${evil}` }, { redirect_uri: evil }, { response_mode: 'web_message' }]) {
        const page = await http.get(authorizeUrl(web, parameters));
        assert.ok(page.status >= 400);
        harmless(page.text, JSON.stringify(parameters).slice(0, 60));
      }
      harmless((await http.get(`/v2/logout?${new URLSearchParams({ client_id: web.client_id, returnTo: evil })}`)).text, 'logout');
      harmless((await http.get(`/oidc/logout?${new URLSearchParams({ client_id: evil, id_token_hint: evil, post_logout_redirect_uri: evil })}`)).text, 'logout');
      harmless((await http.get(`/${encodeURIComponent(evil)}`)).text, 'no such page');
      const redirected = await http.get(authorizeUrl(web, { prompt: 'none', response_type: evil, response_mode: 'form_post', state: evil }));
      harmless(redirected.text, 'an error in a form');
    });

    it('the language is one of ours, not a path', async () => {
      const http = server.http();
      for (const ui_locales of ['../../../../etc/passwd', 'en/../../x', '%2e%2e', 'en\u0000', '../en', 'constructor', '__proto__', 'a'.repeat(5000)]) {
        const page = await http.follow(await http.get(authorizeUrl(web, { ui_locales })), { until: (url) => url.origin === base });
        if (page.location) continue;
        assert.ok([200, 400].includes(page.status), `${ui_locales}: ${page.status}`);
        if (page.status === 200) assert.match(page.text, /<html lang="[a-z]{2}(-[A-Z0-9]+)?"/);
      }
      const page = await http.get('/u/login?state=x', { headers: { 'accept-language': `../../etc/passwd, ${'x,'.repeat(3000)}en;q=zz` } });
      assert.match(page.text, /<html lang="[a-z]{2}/);
    });

    it('a person\'s name is only shown', async () => {
      const user = { ...(await createUser(server.api, { name: evil.slice(0, 290), given_name: markup, nickname: markup })), password };
      const http = server.http();
      await signIn(http, web, user);
      const asked = await http.follow(await http.get(`/oidc/logout?client_id=${web.client_id}`));
      assert.equal(asked.status, 200);
      harmless(asked.text, 'logout');
      harmless((await http.get('/u/login?state=unknown')).text, 'signed in');
      const { ticket } = await server.api.post('/tickets/password-change', { user_id: user.user_id });
      harmless((await server.http().get(ticket)).text, 'new password');
    });

    it('consent shows what an API and an application of strangers say as text', async () => {
      const api = await server.api.post('/resource-servers', {
        name: named('API').slice(0, 190), identifier: `https://evil-${unique()}.example/`, scopes: [{ value: 'read:orders', description: evil.slice(0, 400) }],
      });
      const third = await server.api.post('/clients', {
        name: named('Third'), is_first_party: false, app_type: 'regular_web', callbacks: [`${base}/callback`], grant_types: ['authorization_code'],
      });
      const connection = await databaseConnection(server.api);
      await server.api.patch(`/connections/${connection.id}/clients`, [{ client_id: third.client_id, status: true }]);
      const user = { ...(await createUser(server.api, { name: markup })), password };
      const http = server.http();
      const begun = await beginLogin(http, third, { audience: api.identifier, scope: 'openid read:orders' });
      const page = begun.status === 200 && begun.url.includes('/u/login') ? await submitLogin(http, begun, { username: user.email, password }) : begun;
      assert.ok(page.status === 200 && page.url.includes('/u/consent'), `${page.status} ${page.url}`);
      harmless(page.text, 'consent');
    });
  });

  describe('as an address of pictures, links or colours', () => {
    const scripts = ['javascript:alert(1)', 'JavaScript:alert(1)', ' javascript:alert(1)', 'java\tscript:alert(1)',
      'data:text/html,<script>alert(1)</script>', 'vbscript:x', '//evil.example/x.png', 'https://evil.example/x.png"><script>alert(1)</script>',
      "https://evil.example/'x.png", 'https://a b/x.png'];
    afterEach(async () => { await server.api.request('PATCH', '/branding', { json: { logo_url: null, favicon_url: null, colors: null } }); });

    it('is refused or dropped', async () => {
      const web = await createWebApplication(server.api, base, '/callback');
      for (const url of scripts) {
        await server.api.request('PATCH', '/branding', { json: { logo_url: url } });
        await server.api.request('PATCH', '/branding', { json: { favicon_url: url } });
        await server.api.request('PATCH', '/tenants/settings', { json: { picture_url: url } });
        await server.api.request('PATCH', '/tenants/settings', { json: { support_url: url } });
        await server.api.request('PATCH', '/tenants/settings', { json: { error_page: { html: '', show_log_link: false, url } } });
        for (const property of ['logo_uri', 'initiate_login_uri', 'client_uri', 'policy_uri', 'tos_uri']) await server.api.request('PATCH',
          `/clients/${web.client_id}`, { json: { [property]: url } });
        const http = server.http();
        const login = await http.follow(await http.get(authorizeUrl(web)));
        harmless(login.text, url);
        assert.ok(!login.text.includes('src="//evil'), url);
        const csp = login.headers['content-security-policy'];
        assert.ok(!/script-src[^;]*evil|default-src[^;]*evil/.test(csp), csp);
        assert.ok(csp.split(';').length <= 9 && !/[<>"]/.test(csp), csp);
        const error = await http.get(authorizeUrl(web, { redirect_uri: 'https://nowhere.example/' }));
        harmless(error.text, url);
        assert.ok(!/^(javascript|data|vbscript)/i.test(error.headers.location ?? ''), error.headers.location);
      }
      await server.api.request('PATCH', '/tenants/settings', { json: { picture_url: '', support_url: '', error_page: { html: '', show_log_link: false, url: '' } } });
    });

    it('a colour is a colour', async () => {
      const web = await createWebApplication(server.api, base, '/callback');
      for (const colour of ['red;}body{background:url(//evil.example)}', '#fff}</style><script>alert(1)</script>', 'url(https://evil.example/)',
        'expression(alert(1))', '#12345', '#gggggg']) {
        const answer = await server.api.request('PATCH', '/branding', { json: { colors: { primary: colour, page_background: colour } } });
        assert.ok(answer.status === 400 || answer.status === 200);
        const http = server.http();
        const page = await http.follow(await http.get(authorizeUrl(web)));
        harmless(page.text, colour);
        assert.ok(!page.text.includes('evil.example') && !page.text.includes('expression('), colour);
      }
    });

    it('a ticket leads to no script afterwards', async () => {
      for (const result_url of ['javascript:alert(1)', 'data:text/html,x', '//evil.example', '/\\evil.example', `${base}\r\nX-Injected: 1`, 'https://a@evil.example']) {
        const user = await createUser(server.api, { email_verified: false });
        for (const kind of ['password-change', 'email-verification']) {
          const answer = await server.api.request('POST', `/tickets/${kind}`, { json: { user_id: user.user_id, result_url } });
          if (answer.status === 400) continue;
          const http = server.http();
          const page = await http.get(answer.json.ticket);
          const done = kind === 'password-change' ? await http.submit(page, { 'password-reset': 'Another-Horse-8', 're-enter-password': 'Another-Horse-8' }) : page;
          for (const one of [page, done]) {
            assert.equal(one.headers.location, undefined, `${kind} ${result_url}`);
            assert.equal(one.headers['x-injected'], undefined);
            harmless(one.text, result_url);
          }
          assert.equal(done.status, 200, done.text.slice(0, 300));
        }
      }
    });
  });

  describe('in mails', () => {
    let web;
    const database = 'Username-Password-Authentication';
    before(async () => { web = await createWebApplication(server.api, base, '/callback', { name: named('Shop') }); });
    after(async () => { await server.api.patch('/tenants/settings', { friendly_name: 'Gatehouse' }); });

    const parse = (mail) => {
      const [head, ...rest] = mail.text.split(/\r?\n\r?\n/);
      const headers = head.replace(/\r?\n[ \t]+/g, ' ').split(/\r?\n/).map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(),
        line.slice(line.indexOf(':') + 1).trim()]);
      const decode = (part) => {
        const [partHead, ...partBody] = part.split(/\r?\n\r?\n/);
        const body = partBody.join('\n\n');
        if (/base64/i.test(partHead)) return { type: partHead, body: Buffer.from(body, 'base64').toString() };
        if (/quoted-printable/i.test(partHead)) {
          return { type: partHead, body: Buffer.from(body.replace(/=\r?\n/g, '').replace(/=([0-9A-F]{2})/gi, (_,
            hex) => String.fromCharCode(parseInt(hex, 16))), 'latin1').toString() };
        }
        return { type: partHead, body };
      };
      const boundary = /boundary="?([^";\s]+)"?/i.exec(head)?.[1];
      const parts = boundary ? rest.join('\n\n').split(`--${boundary}`).slice(1, -1).map((part) => decode(part.replace(/^\r?\n/,
        ''))) : [decode(`${head}\n\n${rest.join('\n\n')}`)];
      return { headers, all: (name) => headers.filter(([key]) => key === name).map(([, value]) => value), parts };
    };
    const forgotten = (email) => server.http().post('/dbconnections/change_password', { json: { client_id: web.client_id, connection: database, email } });
    const mailTo = async (address) => parse(await server.message((mail) => mail.text?.toLowerCase().includes(address.toLowerCase())));
    const checked = (mail, address) => {
      assert.equal(mail.all('to').length, 1);
      assert.ok(mail.all('to')[0].includes(address), mail.all('to')[0]);
      for (const name of ['bcc', 'cc', 'x-injected', 'reply-to', 'sender']) assert.deepEqual(mail.all(name), [], name);
      assert.equal(mail.all('subject').length, 1);
      assert.equal(mail.all('from').length, 1);
      const allowed = ['from', 'to', 'subject', 'date', 'message-id', 'mime-version', 'content-type', 'content-transfer-encoding', 'auto-submitted',
        'x-auto-response-suppress'];
      assert.deepEqual(mail.headers.map(([name]) => name).filter((name) => !allowed.includes(name)), []);
      for (const [name, value] of mail.headers) assert.ok(/^[\x20-\x7e]*$/.test(value), `${name}: ${value}`);
      for (const part of mail.parts) if (/text\/html/i.test(part.type)) harmless(part.body, 'mail');
      assert.ok(mail.parts.some((part) => /text\/html/i.test(part.type)));
    };

    it('names stay text, and headers stay headers', async () => {
      for (const friendly_name of [evil.slice(0, 250), 'Evil\r\nBcc: evil@example.com\r\nX-Injected: 1\r\n\r\n<script>alert(1)</script>',
        'Ünïcödé 🗝 "quoted" <angle@evil.example>', '=?utf-8?Q?=0D=0ABcc:_evil@example.com?=']) {
        const set = await server.api.request('PATCH', '/tenants/settings', { json: { friendly_name } });
        assert.ok([200, 400].includes(set.status));
        const user = await createUser(server.api, { name: `Eve\r\nBcc: evil@example.com ${markup}`.replace(/[\r\n]/g, ' '), user_metadata: { note: evil } });
        assert.equal((await forgotten(user.email)).status, 200);
        const mail = await mailTo(user.email);
        checked(mail, user.email);
        assert.ok(!mail.all('from')[0].match(/<[^>]*evil\.example>\s*$/), mail.all('from')[0]);
      }
    });

    it('a name with a line break is refused or harmless', async () => {
      for (const name of ['Eve\r\nBcc: evil@example.com', 'Eve\nX-Injected: 1', 'Eve\u0000']) {
        const email = `eve.${unique()}@example.com`;
        const signup = await server.http().post('/dbconnections/signup', { json: { client_id: web.client_id, connection: database, email, password, name } });
        if (signup.status !== 200) continue;
        checked(await mailTo(email), email);
      }
    });

    it('a stranger\'s words do not reach somebody else\'s mailbox in a mail of ours', async () => {
      const victim = `victim.${unique()}@example.com`;
      const words = 'You won, go to https://evil.example/prize now';
      const signup = await server.http().post('/dbconnections/signup', {
        json: { client_id: web.client_id, connection: database, email: victim, password, name: words, given_name: words, nickname: words,
          user_metadata: { name: words } },
      });
      assert.equal(signup.status, 200, signup.text);
      const mail = await mailTo(victim);
      checked(mail, victim);
      for (const part of mail.parts) assert.ok(!part.body.includes('evil.example'), part.body.slice(0, 2000));
    });

    it('the tenant\'s own template shows profiles as text and evaluates them never', async () => {
      const template = {
        template: 'reset_email', enabled: true, syntax: 'liquid', from: '{{ user.name }} <no-reply@example.com>',
          subject: 'Hello {{ user.name }} of {{ application.name }}',
        body: '<html><body><p title="{{ user.name }}">{{ user.name }} {{ user.user_metadata.note }} {{ application.name }}</p><a href="{{ url }}">go</a></body></html>',
          urlLifetimeInSeconds: 3600,
      };
      const made = await server.api.request('POST', '/email-templates', { json: template });
      assert.ok([200, 201, 409].includes(made.status), made.text);
      try {
        for (const name of [evil.slice(0, 290), 'Eve <eve@evil.example>', 'Eve, Bob <bob@evil.example>', '{{ user.app_metadata.secret }}']) {
          const user = await createUser(server.api, { name, user_metadata: { note: evil }, app_metadata: { secret: 'top-secret-value' } });
          assert.equal((await forgotten(user.email)).status, 200);
          const mail = await mailTo(user.email);
          checked(mail, user.email);
          for (const part of mail.parts) assert.ok(!part.body.includes('top-secret-value'));
          assert.ok(!JSON.stringify(mail.headers).includes('top-secret-value'));
          assert.ok(!/[,<]\s*(eve|bob)@evil\.example>?/.test(mail.all('from')[0].replace(/"[^"]*"|=\?[^?]*\?[^?]*\?[^?]*\?=/g, '')), mail.all('from')[0]);
        }
      } finally {
        await server.api.request('PATCH', '/email-templates/reset_email', { json: { enabled: false } });
      }
    });

    it('a template is bounded and reaches nothing', async () => {
      for (const body of ['{% for i in (1..100000000) %}x{% endfor %}',
        '{% for a in (1..9999) %}{% for b in (1..9999) %}{% for c in (1..9999) %}x{% endfor %}{% endfor %}{% endfor %}',
        '{% assign a = "xxxxxxxxxx" %}{% for i in (1..100) %}{% assign a = a | append: a %}{% endfor %}{{ a }}',
        '{% include "/etc/passwd" %}{% include "../../master.key" %}', '{{ "x" | repeat: 999999999 }}', `${'{% if true %}'.repeat(3000)}${'{% endif %}'.repeat(3000)}`]) {
        const started = Date.now();
        const set = await server.api.request('PATCH', '/email-templates/reset_email', { json: { enabled: true, body, from: '', subject: 'x' } });
        assert.ok([200, 400].includes(set.status), set.text);
        const user = await createUser(server.api);
        await forgotten(user.email);
        assert.equal((await server.http().get('/healthz')).status, 200);
        assert.ok(Date.now() - started < 5000);
      }
      await server.api.request('PATCH', '/email-templates/reset_email', { json: { enabled: false, body: 'x' } });
      await new Promise((resolve) => setTimeout(resolve, 1000));
      assert.equal((await server.http().get('/healthz')).status, 200);
      for (const mail of server.outbox()) assert.ok(!/root:x:0:0|BEGIN [A-Z ]*PRIVATE/.test(mail.text ?? ''));
    });
  });

  describe('in the log', () => {
    it('is one line of JSON a request, whatever it says', async () => {
      const http = server.http({ headers: { 'user-agent': `Mozilla ${markup}`, referer: 'https://x/{"level":"error"}' } });
      await http.get('/u/login?state=%0a%7B%22level%22%3A%22error%22%7D');
      await http.get(`/${encodeURIComponent('x\n{"level":"error","event":"forged"}')}`);
      await http.post('/dbconnections/signup', { json: { client_id: 'x\n{"event":"forged"}', connection: 'y', email: 'z\r\n', password: 'p' } });
      for (const line of server.log.trim().split('\n')) {
        const entry = JSON.parse(line);
        assert.notEqual(entry.event, 'forged');
      }
      const logs = await server.api.request('GET', '/logs?per_page=50');
      assert.match(logs.headers['content-type'], /^application\/json/);
      assert.equal(logs.headers['x-content-type-options'], 'nosniff');
    });
  });
});
