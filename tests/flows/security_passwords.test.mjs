// Passwords are hashed whole, judged alike on every path, and forgotten ones are replaced by whoever reads the mailbox.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { createApplication, createUser, createWebApplication, password, rotating, unique } from '../support/fixtures.mjs';
import { beginLogin, redeem, signIn, submitLogin, textOf, token } from '../support/oauth.mjs';
import { startServer } from '../support/server.mjs';

const base = 'https://app.example.com';
const realm = 'http://auth0.com/oauth/grant-type/password-realm';
const database = 'Username-Password-Authentication';
const another = 'Another-Horse-8-Battery';

describe('passwords', () => {
  let server;
  let web;
  let app;  // of which the password grants are
  before(async () => {
    // Every request comes from an address of its own: throttling has its own file.
    server = await startServer({ args: ['--trusted-proxy', '127.0.0.1/32', '--trusted-proxy', '::1/128'] });
    web = await createWebApplication(server.api, base, '/callback', { refresh_token: rotating });
    app = await createApplication(server.api, { app_type: 'regular_web', grant_types: [realm, 'password', 'refresh_token'] });
  });
  after(async () => { await server?.stop(); });

  const somewhere = () => `198.${18 + Math.floor(Math.random() * 2)}.${Math.floor(Math.random() * 256)}.${1 + Math.floor(Math.random() * 254)}`;
  const client = (headers = {}) => server.http({ headers: { 'x-forwarded-for': somewhere(), ...headers } });
  const person = async (properties) => ({ ...(await createUser(server.api, properties)), password, ...properties });
  const pathOf = (user) => `/users/${encodeURIComponent(user.user_id)}`;
  const signUp = (body, connection = database, client_id = web.client_id) =>
    client().post('/dbconnections/signup', { json: { client_id, connection, email: `eve.${unique()}@example.com`, password, ...body } });
  const logIn = (username, secret, connection = database) => token(client(), app, { grant_type: realm, realm: connection, username, password: secret });
  const canLogIn = async (username, secret, connection) => (await logIn(username, secret, connection)).status === 200;
  const forgotten = (email, headers) => client(headers).post('/dbconnections/change_password', { json: { client_id: web.client_id, connection: database, email } });
  const mailsTo = (address) => server.outbox().filter((mail) => mail.text?.toLowerCase().includes(`to: ${address.toLowerCase()}`));
  const countOf = (address) => mailsTo(address).length;
  /** The newest of at least so many mails to an address. Counted and taken from one look at the outbox. */
  const mailTo = async (address, count = 1) => {
    let seen = [];
    await server.message(() => (seen = mailsTo(address)).length >= count);
    return seen.at(-1);
  };
  // Quoted-printable or base64, whatever the mail is in.
  const plainOf = (mail) => {
    const unfolded = mail.text.replace(/=\r?\n/g, '').replace(/=3D/gi, '=');
    const encoded = [...mail.text.matchAll(/base64\r?\n(?:[^\r\n]+\r?\n)*\r?\n([A-Za-z0-9+/=\r\n]+)/gi)].map(([, text]) => Buffer.from(text, 'base64').toString());
    return [unfolded, ...encoded].join('\n');
  };
  const linkIn = (mail, wanted) => plainOf(mail).match(new RegExp(`https?://[^\\s"'<>]*${wanted}[^\\s"'<>]*`))?.[0].replaceAll('&amp;', '&');
  /** A database connection with these options, enabled for both applications. */
  const connectionWith = async (options) => {
    const made = await server.api.post('/connections', { name: `db-${unique()}`, strategy: 'auth0', options });
    await server.api.patch(`/connections/${made.id}/clients`, [web, app].map(({ client_id }) => ({ client_id, status: true })));
    return made;
  };

  describe('of any length that is allowed are kept whole:', () => {
    const long = (last) => `Aa1!${'x'.repeat(251)}${last}`;
    const rows = [
      ['beyond 72 bytes', `Aa1!${'a'.repeat(80)}X`, `Aa1!${'a'.repeat(80)}Y`],
      ['256 characters', long('X'), long('Y')],
      ['64 characters', `Aa1!${'b'.repeat(59)}X`, `Aa1!${'b'.repeat(59)}Y`],
      ['letters beyond ASCII', `Пароль-слово-1-${'ж'.repeat(60)}X`, `Пароль-слово-1-${'ж'.repeat(60)}Y`],
      ['blanks around', '  Correct-Horse-7  ', 'Correct-Horse-7'],
      ['pictures', '🗝🗝🗝🗝🗝🗝🗝🗝Aa1', '🗝🗝🗝🗝🗝🗝🗝Aa1'],
      ['another case', 'Correct-Horse-7', 'correct-Horse-7'],
    ];
    for (const [name, right, wrong] of rows) {
      it(name, async () => {
        const user = await person({ password: right });
        assert.equal(await canLogIn(user.email, right), true);
        assert.equal(await canLogIn(user.email, wrong), false);
      });
    }

    it('with a NUL they are refused or whole, never cut', async () => {
      for (const make of [(secret) => signUp({ email: 'nul@example.com', password: secret }), (secret) => server.api.request('POST', '/users',
        { json: { connection: database, email: 'nul@example.com', password: secret } })]) {
        const answer = await make('Correct-Horse-7\u0000-rest');
        assert.ok(answer.status === 400 || answer.status === 201 || answer.status === 200, answer.text);
        assert.equal(await canLogIn('nul@example.com', 'Correct-Horse-7'), false);
      }
    });
  });

  describe('on every path', () => {
    const tooLong = `Aa1!${'x'.repeat(253)}`;
    const paths = {
      'a sign-up through the API': (secret, connection) => signUp({ password: secret }, connection.name),
      'a sign-up on the page': async (secret, connection) => {
        const http = client();
        const page = await beginLogin(http, web, { connection: connection.name, screen_hint: 'signup' });
        return http.submit(page, { email: `eve.${unique()}@example.com`, password: secret });
      },
      'the creation of a user': (secret, connection) => server.api.request('POST', '/users', { json: { connection: connection.name,
      email: `eve.${unique()}@example.com`, password: secret } }),
      'the update of a user': async (secret, connection, user) => server.api.request('PATCH', pathOf(user), { json: { password: secret } }),
      'the page behind a ticket': async (secret, connection, user) => {
        const { ticket } = await server.api.post('/tickets/password-change', { user_id: user.user_id });
        const http = client();
        const page = await http.get(ticket);
        return http.submit(page, { 'password-reset': secret, 're-enter-password': secret });
      },
    };
    const policies = [
      ['too long', {}, tooLong],
      ['a megabyte', {}, `Aa1!${'x'.repeat(60_000)}`],
      ['empty', {}, ''],
      ['weaker than good', { passwordPolicy: 'good' }, 'onlyletters'],
      ['weaker than fair', { passwordPolicy: 'fair' }, 'nouppercase1'],
      ['shorter than low', { passwordPolicy: 'low' }, 'abc12'],
      ['with letters in a row where excellent is asked', { passwordPolicy: 'excellent' }, 'Correct-Horse-777'],
      ...['password', 'password1', 'PassWord1', '123456', 'qwerty', '111111', 'iloveyou', 'abc123', 'letmein'].map((common) => [
        `as common as ${common}`, { passwordPolicy: 'none', password_dictionary: { enable: true, dictionary: [] } }, common]),
      ['a word of the tenant', { passwordPolicy: 'none', password_dictionary: { enable: true, dictionary: ['gatehouse-2026'] } }, 'GateHouse-2026'],
      ['shorter than the tenant wants', { passwordPolicy: 'good', password_complexity_options: { min_length: 20 } }, 'Correct-Horse-7'],
    ];
    for (const [what, options, secret] of policies) {
      it(`a password is refused that is ${what}`, async () => {
        const connection = await connectionWith(options);
        const good = 'Xq7-vT2-kL9-zW4-mB6';
        const made = await server.api.post('/users', { connection: connection.name, email: `ann.${unique()}@example.com`, password: `${good}-Pz` });
        const before = server.log.length;
        for (const [name, attempt] of Object.entries(paths)) {
          const answer = await attempt(secret, connection, made);
          assert.ok((answer.status >= 400 && answer.status < 500), `${name}: ${answer.status} ${answer.text.slice(0, 200)}`);
          if (secret.length > 9) assert.ok(!answer.text.includes(secret), `${name} repeats the password`);
        }
        assert.equal(await canLogIn(made.email, `${good}-Pz`, connection.name), true, 'nothing changed');
        if (secret.length > 9) assert.ok(!server.log.slice(before).includes(secret));
      });
    }

    it('a password is refused that says who its owner is', async () => {
      const connection = await connectionWith({ passwordPolicy: 'none', password_no_personal_info: { enable: true } });
      const refused = await signUp({ email: 'margaret@example.com', password: 'x-Margaret-77-y' }, connection.name);
      assert.equal(refused.status, 400);
      const made = await server.api.post('/users', { connection: connection.name, email: 'margaret@example.com', password: 'Xq7-vT2-kL9' });
      for (const name of ['the update of a user', 'the page behind a ticket']) {
        const answer = await paths[name]('x-Margaret-77-y', connection, made);
        assert.equal(answer.status, 400, name);
      }
    });

    it('a password is refused that was used before', async () => {
      const connection = await connectionWith({ passwordPolicy: 'good', password_history: { enable: true, size: 2 } });
      const made = await server.api.post('/users', { connection: connection.name, email: `old.${unique()}@example.com`, password });
      for (const name of ['the update of a user', 'the page behind a ticket']) assert.equal((await paths[name](password, connection, made)).status, 400, name);
      assert.equal((await paths['the update of a user'](another, connection, made)).status, 200);
      for (const name of ['the update of a user', 'the page behind a ticket']) assert.equal((await paths[name](password, connection, made)).status, 400, name);
    });

    it('a history longer than 24 is refused', async () => {
      const answer = await server.api.request('POST', '/connections', { json: { name: `db-${unique()}`, strategy: 'auth0',
        options: { password_history: { enable: true, size: 25 } } } });
      assert.equal(answer.status, 400, answer.text);
    });
  });

  describe('a sign-up', () => {
    it('takes nothing that is for the administrator', async () => {
      const email = `mallory.${unique()}@example.com`;
      const answer = await signUp({
        email, email_verified: true, app_metadata: { role: 'admin' }, user_id: 'chosen', blocked: false, roles: ['rol_1'], permissions: ['all'], is_admin: true,
        identities: [{ provider: 'google-oauth2', user_id: '1' }], phone_verified: true, verify_email: false, logins_count: 99,
          created_at: '2000-01-01T00:00:00.000Z', tenant: 'other',
        multifactor: [], user_metadata: { color: 'blue' },
      });
      if (answer.status === 200) assert.equal(answer.json.email_verified, false);
      else assert.equal(answer.status, 400, answer.text);
      const [user] = await server.api.get(`/users-by-email?email=${encodeURIComponent(email)}`);
      if (answer.status !== 200) return assert.equal(user, undefined);
      assert.equal(user.email_verified, false);
      assert.match(user.user_id, /^auth0\|[0-9a-f]{24}$/);
      for (const name of ['app_metadata', 'roles', 'permissions', 'is_admin', 'blocked', 'phone_verified', 'tenant',
        'multifactor']) assert.equal(user[name], undefined, name);
      assert.equal(user.identities.length, 1);
      assert.equal(user.identities[0].provider, 'auth0');
      assert.ok(Date.parse(user.created_at) > Date.now() - 60_000);
    });

    it('takes nothing more on the page either', async () => {
      const http = client();
      const page = await beginLogin(http, web, { screen_hint: 'signup' });
      const email = `mallory.${unique()}@example.com`;
      await http.submit(page, { email, password, email_verified: 'true', app_metadata: '{"role":"admin"}', 'app_metadata[role]': 'admin',
        user_id: 'chosen', connection: 'other', blocked: 'false' });
      const [user] = await server.api.get(`/users-by-email?email=${encodeURIComponent(email)}`);
      assert.equal(user.email_verified, false);
      assert.equal(user.app_metadata, undefined);
      assert.match(user.user_id, /^auth0\|[0-9a-f]{24}$/);
    });

    describe('for an address that exists', () => {
      const rows = [['the same', (email) => email], ['in capitals', (email) => email.toUpperCase()], ['with blanks', (email) => ` ${email} `]];
      for (const [name, spelt] of rows) {
        it(`changes nothing and shows nothing: ${name}`, async () => {
          const victim = await person();
          const before = await server.api.get(pathOf(victim));
          const answer = await signUp({ email: spelt(victim.email), password: another, user_metadata: { evil: true }, name: 'Evil' });
          assert.equal(answer.status, 400, answer.text);
          for (const secret of [victim.user_id.slice(6), victim.name, 'exists']) assert.ok(!answer.text.includes(secret), answer.text);
          const http = client();
          const page = await beginLogin(http, web, { screen_hint: 'signup' });
          const refused = await http.submit(page, { email: spelt(victim.email), password: another });
          assert.equal(refused.status, 400);
          assert.ok(!refused.text.includes(victim.name) && !refused.text.includes(victim.user_id));
          assert.deepEqual(await server.api.get(pathOf(victim)), before);
          assert.equal(await canLogIn(victim.email, password), true);
          assert.equal(await canLogIn(victim.email, another), false);
        });
      }

      it('has one winner of twenty at once', async () => {
        const email = `race.${unique()}@example.com`;
        const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => signUp({ email: n % 2 ? email : email.toUpperCase() })));
        assert.equal(answers.filter((answer) => answer.status === 200).length, 1, answers.map((answer) => answer.status).join(' '));
        assert.equal((await server.api.get(`/users-by-email?email=${encodeURIComponent(email)}`)).length, 1);
      });
    });

    describe('refuses an address', () => {
      for (const [name, email] of [
        ['with a header after it', 'a@example.com\r\nBcc: evil@example.com'], ['with a line feed', 'a@example.com\nSubject: x'], ['with a NUL',
        'a@example.com\u0000.evil.example'],
        ['with a tab', 'a\t@example.com'], ['with a comma', 'a@example.com,evil@example.com'], ['with a semicolon', 'a@example.com;evil@example.com'],
        ['with two @', 'a@evil.example@example.com'],
        ['with angles', '<a@example.com>'], ['with a name', 'Ada <a@example.com>'], ['quoted', '"a b"@example.com'], ['without a domain', 'a@'],
        ['without a name', '@example.com'],
        ['without @', 'example.com'], ['with a blank inside', 'a b@example.com'], ['that is too long', `${'a'.repeat(65)}@example.com`],
        ['that is endless', `a@${'b'.repeat(300)}.example.com`],
        ['with a vertical tab', 'a\u000b@example.com'], ['with a line separator', 'a\u2028@example.com'], ['with a right-to-left override',
        'a\u202e@example.com'], ['with a soft hyphen', 'a\u00ad@example.com'],
        ['with a zero-width blank', 'a\u200b@example.com'],
      ]) {
        it(name, async () => {
          const answer = await signUp({ email });
          assert.equal(answer.status, 400, answer.text);
          const created = await server.api.request('POST', '/users', { json: { connection: database, email, password } });
          assert.equal(created.status, 400, created.text);
        });
      }
      for (const value of [true, 1, ['a@example.com'], { email: 'a@example.com' }]) {
        it(`that is ${JSON.stringify(value)}`, async () => { assert.equal((await signUp({ email: value })).status, 400); });
      }
    });

    it('is closed where the connection is', async () => {
      const closed = await connectionWith({ disable_signup: true });
      assert.equal((await signUp({}, closed.name)).status, 400);
      const http = client();
      const page = await http.follow(await beginLogin(http, web, { connection: closed.name, screen_hint: 'signup' }));
      assert.ok(!page.url.includes('/u/signup'));
      const forced = await http.post(`/u/signup?state=${new URL(page.url).searchParams.get('state')}`, {
        form: { csrf: /name="csrf" value="([^"]*)"/.exec(page.text)?.[1] ?? '', email: 'forced@example.com', password },
      });
      assert.ok(!forced.location?.includes('resume'), forced.location);
      assert.deepEqual(await server.api.get('/users-by-email?email=forced@example.com'), []);
    });

    it('does not let anybody in by a name that resembles another', async () => {
      const victim = await person({ email: `paul.${unique()}@example.com` });
      const lookalike = victim.email.replace('paul', 'pаul');  // a Cyrillic а
      const answer = await signUp({ email: lookalike });
      if (answer.status === 200) assert.notEqual(`auth0|${answer.json._id}`, victim.user_id);
      assert.equal(await canLogIn(victim.email, password), true);
    });
  });

  describe('unknown users look like known ones', () => {
    const same = (a, b, hidden) => {
      const clean = (text) => hidden.reduce((rest, one) => rest.replaceAll(one, '*'),
        text).replace(/nonce(-|=")[\w-]+/g, 'nonce').replace(/csrf" value="[^"]*"/g, '').replace(/[\w-]{43}/g, '*');
      assert.equal(a.status, b.status);
      assert.equal(clean(a.text), clean(b.text));
      const names = (answer) => Object.keys(answer.headers).filter((name) => name !== 'content-length').sort();
      assert.deepEqual(names(a), names(b));
    };
    let known;
    let blocked;
    const unknown = `nobody.${unique()}@example.com`;
    before(async () => {
      known = await person();
      blocked = await person();
      await server.api.patch(pathOf(blocked), { blocked: true });
    });

    it('at the token endpoint', async () => {
      for (const grant_type of [realm, 'password']) {
        const ask = (username) => token(client(), app, { grant_type, realm: database, username, password: 'wrong' });
        const reference = await ask(known.email);
        assert.equal(reference.json.error, 'invalid_grant');
        for (const username of [unknown, blocked.email, 'x', '+15550100', 'a'.repeat(3000)]) same(await ask(username), reference, [username, known.email]);
      }
    });

    it('on the login page', async () => {
      const ask = async (username) => {
        const http = client();
        return http.submit(await beginLogin(http, web), { username, password: 'wrong' });
      };
      const reference = await ask(known.email);
      assert.ok(reference.status >= 400);
      for (const username of [unknown, blocked.email]) same(await ask(username), reference, [username, known.email]);
    });

    it('on the identifier-first pages', async () => {
      await server.api.patch('/prompts', { identifier_first: true });
      try {
        const ask = async (username) => {
          const http = client();
          const page = await http.follow(await http.submit(await beginLogin(http, web), { username }));
          return [page, await http.submit(page, { password: 'wrong' })];
        };
        const reference = await ask(known.email);
        for (const username of [unknown, blocked.email]) {
          const mine = await ask(username);
          same(mine[0], reference[0], [username, known.email]);
          same(mine[1], reference[1], [username, known.email]);
        }
      } finally {
        await server.api.patch('/prompts', { identifier_first: false });
      }
    });

    it('when they forgot their password', async () => {
      const reference = await forgotten(known.email);
      assert.equal(reference.status, 200);
      for (const email of [unknown, blocked.email]) same(await forgotten(email), reference, [email, known.email]);
      const ask = async (username) => {
        const http = client();
        const page = await beginLogin(http, web);
        return http.follow(await http.submit(await http.get(page.url.replace('/u/login', '/u/reset-password/request')), { username }));
      };
      same(await ask(unknown), await ask(known.email), [unknown, known.email]);
      assert.equal(countOf(unknown), 0);
    });

    // Other work on this machine only ever adds time, so the medians of the quicker halves are compared, and a difference must stay for
    // five rounds before it counts. A password hash takes 15 ms or more: leaving it out could not hide.
    const typical = (times) => [...times].sort((x, y) => x - y)[Math.floor(times.length / 4)];
    const alike = async (first, second) => {
      const times = [[], []];
      const http = client();
      for (let n = -1; n < 80; n += 1) {
        for (const [index, ask] of (n % 2 ? [[1, second], [0, first]] : [[0, first], [1, second]])) {
          http.headers['x-forwarded-for'] = somewhere();
          const started = process.hrtime.bigint();
          await ask(http, Math.abs(n) % 16);
          if (n >= 0) times[index].push(Number(process.hrtime.bigint() - started) / 1e6);
        }
        if (n % 16 !== 15) continue;
        const [a, b] = times.map(typical);
        if (Math.abs(a - b) < 8 || Math.max(a, b) / Math.min(a, b) < 1.8) return;
        assert.ok(n < 79, `${a.toFixed(1)} and ${b.toFixed(1)} ms after ${n + 1} tries each`);
      }
    };
    const crowd = () => Promise.all(Array.from({ length: 16 }, () => createUser(server.api)));

    it('in time, when they sign in', async () => {
      const people = await crowd();
      const ask = async (http, username) => {
        const answer = await token(http, app, { grant_type: realm, realm: database, username, password: 'wrong' });
        assert.equal(answer.status, 403, answer.text);
      };
      await alike((http, n) => ask(http, people[n].email), (http) => ask(http, `nobody.${unique()}@example.com`));
    });

    it('in time, when they forgot their password', async () => {
      const people = await crowd();
      const ask = async (http, email) => {
        const answer = await http.post('/dbconnections/change_password', { json: { client_id: web.client_id, connection: database, email } });
        assert.equal(answer.status, 200, answer.text);
      };
      await alike((http, n) => ask(http, people[n].email), (http) => ask(http, `nobody.${unique()}@example.com`));
    });
  });

  describe('a link in a mail', () => {
    const hostile = { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'http', forwarded: 'host=evil.example;proto=http',
      'x-host': 'evil.example', 'x-forwarded-server': 'evil.example', 'x-original-url': 'https://evil.example/' };

    let plain;  // a server without a trusted proxy
    let plainWeb;
    before(async () => {
      plain = await startServer();
      plainWeb = await createWebApplication(plain.api, base, '/callback');
    });
    after(async () => { await plain?.stop(); });
    const ask = (path, json, headers = hostile) => plain.http({ headers }).post(path, { json: { client_id: plainWeb.client_id, connection: database, ...json } });
    const mailOf = (address) => plain.message((mail) => mail.text?.toLowerCase().includes(`to: ${address.toLowerCase()}`));

    it('to a new password goes to the issuer, whatever headers say', async () => {
      const user = await createUser(plain.api);
      const answer = await ask('/dbconnections/change_password', { email: user.email });
      assert.equal(answer.status, 200, answer.text);
      const mail = await mailOf(user.email);
      assert.ok(linkIn(mail, 'reset-verify').startsWith(`${plain.issuer}u/reset-verify?ticket=`));
      assert.ok(!plainOf(mail).includes('evil.example'));
    });

    it('to verify an address too', async () => {
      const email = `new.${unique()}@example.com`;
      await ask('/dbconnections/signup', { email, password });
      const mail = await mailOf(email);
      assert.ok(linkIn(mail, 'email-verification').startsWith(`${plain.issuer}u/email-verification?ticket=`));
      assert.ok(!plainOf(mail).includes('evil.example'));
    });

    it('is not sent for a host that is not ours', async () => {
      const user = await createUser(plain.api);
      for (const headers of [{ host: 'evil.example' }, { host: `evil.example:${plain.port}` }, { host: `${plain.domain}.evil.example` }]) {
        const answer = await ask('/dbconnections/change_password', { email: user.email }, headers);
        assert.ok(answer.status >= 400 && answer.status < 500, `${headers.host}: ${answer.status}`);
      }
      // Nor by a proxy that is trusted.
      const other = await person();
      assert.equal((await forgotten(other.email, { 'x-forwarded-host': 'evil.example' })).status, 404);
      assert.equal(countOf(other.email), 0);
    });

    it('works in no answer: redirects and discovery keep the issuer', async () => {
      const http = plain.http({ headers: hostile });
      const discovery = await http.get('/.well-known/openid-configuration');
      assert.ok(!discovery.text.includes('evil.example'));
      assert.equal(discovery.json.issuer, plain.issuer);
      const begun = await beginLogin(http, plainWeb);
      assert.ok(begun.url.startsWith(plain.issuer));
      assert.ok(!begun.text.includes('evil.example'));
    });
  });

  describe('a ticket', () => {
    const reset = async (link, secret, http = client()) => {
      const page = await http.get(link);
      if (page.status !== 200) return page;
      return http.submit(page, { 'password-reset': secret, 're-enter-password': secret });
    };

    it('works once, and looking at it is not using it', async () => {
      const user = await person();
      const { ticket } = await server.api.post('/tickets/password-change', { user_id: user.user_id });
      assert.match(new URL(ticket).searchParams.get('ticket').replace(/#$/, ''), /^[A-Za-z0-9_-]{22,}$/);
      for (let n = 0; n < 3; n += 1) assert.equal((await client().get(ticket)).status, 200);
      assert.equal((await client().request('HEAD', ticket)).status, 200);
      assert.equal((await reset(ticket, another)).status, 200);
      assert.equal(await canLogIn(user.email, another), true);
      const again = await reset(ticket, password);
      assert.ok(again.status >= 400, textOf(again));
      assert.equal(await canLogIn(user.email, another), true);
    });

    it('works once when it is used twenty times at once', async () => {
      const user = await person();
      const { ticket } = await server.api.post('/tickets/password-change', { user_id: user.user_id });
      const browsers = await Promise.all(Array.from({ length: 20 }, async (_, n) => {
        const http = client();
        return { http, page: await http.get(ticket), secret: `Racing-Horse-${n}-Battery` };
      }));
      const answers = await Promise.all(browsers.map(({ http, page, secret }) => http.submit(page, { 'password-reset': secret, 're-enter-password': secret })));
      const won = answers.map((answer, n) => (answer.status === 200 ? n : -1)).filter((n) => n >= 0);
      assert.equal(won.length, 1, answers.map((answer) => answer.status).join(' '));
      assert.equal(await canLogIn(user.email, browsers[won[0]].secret), true);
    });

    it('is void once there is a newer one', async () => {
      const user = await person();
      await forgotten(user.email);
      const first = linkIn(await mailTo(user.email), 'reset-verify');
      await forgotten(user.email);
      const second = linkIn(await mailTo(user.email, 2), 'reset-verify');
      assert.notEqual(first, second);
      assert.ok((await reset(first, another)).status >= 400);
      assert.equal(await canLogIn(user.email, another), false);
      assert.equal((await reset(second, another)).status, 200);
      assert.equal(await canLogIn(user.email, another), true);
    });

    it('is void once the user has another address', async () => {
      const user = await person();
      await forgotten(user.email);
      const link = linkIn(await mailTo(user.email), 'reset-verify');
      const moved = `moved.${unique()}@example.com`;
      await server.api.patch(pathOf(user), { email: moved, verify_email: false });
      const answer = await reset(link, another);
      assert.ok(answer.status >= 400, 'whoever reads the old mailbox sets the password');
      assert.equal(await canLogIn(moved, password), true);
    });

    it('is for one user and one purpose', async () => {
      const user = await person();
      const victim = await person();
      const { ticket } = await server.api.post('/tickets/password-change', { user_id: user.user_id });
      const http = client();
      const page = await http.get(ticket);
      await http.submit(page, { 'password-reset': another, 're-enter-password': another, user_id: victim.user_id, email: victim.email,
        username: victim.email, connection: 'x' });
      assert.equal(await canLogIn(victim.email, password), true);
      assert.equal(await canLogIn(user.email, another), true);
      const { ticket: verification } = await server.api.post('/tickets/email-verification', { user_id: victim.user_id });
      const swapped = verification.replace('email-verification', 'reset-verify');
      assert.ok((await reset(swapped, another)).status >= 400);
      const unblock = verification.replace('email-verification', 'unblock');
      assert.ok((await client().get(unblock)).status >= 400);
      assert.equal(await canLogIn(victim.email, password), true);
    });

    it('that was guessed or cut is nobody\'s', async () => {
      const user = await person();
      const { ticket } = await server.api.post('/tickets/password-change', { user_id: user.user_id });
      const secret = new URL(ticket).searchParams.get('ticket').replace(/#$/, '');
      for (const guess of ['', 'x', secret.slice(0, -1), `${secret}A`, secret.toUpperCase(), randomBytes(32).toString('base64url'), '%',
        "' OR 1=1 --", 'a'.repeat(10_000)]) {
        const answer = await client().get(`/u/reset-verify?ticket=${encodeURIComponent(guess)}`);
        assert.ok(answer.status >= 400 && answer.status < 500, `${guess.slice(0, 20)}: ${answer.status}`);
        assert.ok(!answer.text.includes(user.email));
      }
    });

    it('needs the browser that saw the form', async () => {
      const user = await person();
      const { ticket } = await server.api.post('/tickets/password-change', { user_id: user.user_id });
      const page = await client().get(ticket);
      const elsewhere = await client().submit(page, { 'password-reset': another, 're-enter-password': another });
      assert.ok(elsewhere.status >= 400);
      assert.equal(await canLogIn(user.email, password), true);
    });
  });

  it('are changed by nobody who does not know a ticket', async () => {
    const user = await person();
    const answer = await client().post('/dbconnections/change_password', {
      json: { client_id: web.client_id, connection: database, email: user.email, password: another, newPassword: another },
    });
    assert.equal(answer.status, 200, answer.text);
    assert.equal(await canLogIn(user.email, password), true);
    assert.equal(await canLogIn(user.email, another), false);
  });

  it('are no wrong types, and no other identifiers', async () => {
    const user = await person();
    for (const body of [{ username: user.email, password: true }, { username: user.email, password: { $ne: null } }, { username: { $gt: '' },
      password }, { username: [user.email], password }]) {
      const answer = await client().post('/oauth/token', { json: { grant_type: realm, realm: database, client_id: app.client_id,
        client_secret: app.client_secret, ...body } });
      assert.equal(answer.status, 400, JSON.stringify(body));
    }
    for (const username of ['*', '%', `${user.email.slice(0, -1)}_`, `${user.email}\u0000`, user.user_id, `${user.email}' --`]) {
      assert.equal(await canLogIn(username, password), false, username);
    }
    const http = client();
    const page = await beginLogin(http, web);
    for (const username of ['*', '%', user.user_id]) assert.equal((await submitLogin(http, page, { username, password })).location, undefined);
  });

  it('and all other secrets are stored and logged nowhere in clear', async () => {
    const secret = `Marked-${unique()}-Secret-9`;
    const user = await person({ password: secret });
    const browser = client();
    const given = await signIn(browser, web, user, { scope: 'openid offline_access' });
    const unused = await signIn(browser, web, user);
    const tokens = (await redeem(client(), web, given)).json;
    await logIn(user.email, `${secret}-wrong`);
    const { ticket } = await server.api.post('/tickets/password-change', { user_id: user.user_id });
    await signUp({ email: 'weak@example.com', password: `${secret}`.slice(0, 7) });
    const marked = {
      'the password': secret, 'the used code': given.code, 'the unused code': unused.code, 'the refresh token': tokens.refresh_token,
      'its last part': tokens.refresh_token.split('.').at(-1), 'the ticket': new URL(ticket).searchParams.get('ticket').replace(/#$/, ''),
      'the session': browser.jar.get('__Host-gatehouse_session').value, 'the client secret': web.client_secret,
    };
    await new Promise((resolve) => setTimeout(resolve, 300));  // the bounded queue of the logs
    const places = [['the log', server.log]];
    if (server.databaseUrl) places.push(['the database', execFileSync('pg_dump', ['--data-only', '-d', server.databaseUrl], { encoding: 'latin1', maxBuffer: 1 << 28 })]);
    for (const file of fs.readdirSync(server.dataDir)) {
      const full = path.join(server.dataDir, file);
      if (fs.statSync(full).isFile() && file !== 'bootstrap.json') places.push([file, fs.readFileSync(full, 'latin1')]);
    }
    assert.ok(places.some(([, content]) => content.includes(user.email)), 'the database was looked at');
    for (const [place, content] of places) for (const [what, text] of Object.entries(marked)) assert.ok(!content.includes(text), `${what} is in ${place}`);
    const all = places.map(([, content]) => content).join('\n');
    const hashes = [...all.matchAll(/\$(argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([\w+/]+)\$|2b\$(\d+)\$)/g)];
    assert.ok(hashes.length > 0);
    for (const [whole, , memory, passes, , salt, cost] of hashes) {
      if (cost) assert.ok(Number(cost) >= 10, whole);
      else assert.ok(Number(memory) >= 19 * 1024 && Number(passes) >= 2 && Buffer.from(salt, 'base64').length >= 16, whole);
    }
  });

  it('lie in a folder for their owner alone', () => {
    const mode = (file) => (fs.statSync(file).mode & 0o777).toString(8);
    assert.equal(mode(server.dataDir), '700');
    for (const name of fs.readdirSync(server.dataDir)) {
      if (/key|bootstrap|\.db/.test(name) && !/ca\.pem|cert/.test(name)) assert.equal(mode(path.join(server.dataDir, name)).slice(1), '00', name);
    }
  });
});
