// Whoever guesses passwords is stopped after ten, whatever they pretend to be; everybody else goes on.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { createApplication, createUser, createWebApplication, password, unique } from '../support/fixtures.mjs';
import { beginLogin, submitLogin, token } from '../support/oauth.mjs';
import { startServer } from '../support/server.mjs';

const base = 'https://app.example.com';
const realm = 'http://auth0.com/oauth/grant-type/password-realm';
const database = 'Username-Password-Authentication';
const settings = '/attack-protection/brute-force-protection';
const throttling = '/attack-protection/suspicious-ip-throttling';

let next = 1;
/** An address that nobody else uses. */
function address() {
  next += 1;
  return `203.0.${Math.floor(next / 250)}.${1 + (next % 250)}`;
}

describe('guessing passwords', () => {
  let server;
  let web;
  let app;
  before(async () => {
    server = await startServer({ args: ['--trusted-proxy', '127.0.0.1/32', '--trusted-proxy', '::1/128'] });
    web = await createWebApplication(server.api, base, '/callback');
    app = await createApplication(server.api, { app_type: 'regular_web', grant_types: [realm, 'password'] });
  });
  after(async () => { await server?.stop(); });

  const person = async () => ({ ...(await createUser(server.api)), password });
  const pathOf = (user) => `/users/${encodeURIComponent(user.user_id)}`;
  const from = (ip) => server.http({ headers: { 'x-forwarded-for': ip } });
  const guess = (ip, username, secret = 'wrong') => token(from(ip), app, { grant_type: realm, realm: database, username, password: secret });
  const guessOnPage = async (ip, username, secret = 'wrong') => {
    const http = from(ip);
    return submitLogin(http, await beginLogin(http, web), { username, password: secret });
  };
  const guessTimes = async (count, ip, username) => {
    for (let n = 0; n < count; n += 1) {
      const answer = await guess(ip, username);
      assert.equal(answer.status, 403, `guess ${n + 1}: ${answer.text}`);
    }
  };
  const stopped = (answer) => {
    assert.equal(answer.status, 429, answer.text.slice(0, 300));
    if (answer.json) assert.equal(answer.json.error, 'too_many_attempts');
    assert.equal(answer.json?.access_token, undefined);
  };
  const letIn = async (ip, user, secret = user.password) => {
    const answer = await guess(ip, user.email, secret);
    assert.equal(answer.status, 200, answer.text);
  };

  it('has the settings of Auth0', async () => {
    const mine = await server.api.get(settings);
    assert.deepEqual(mine, { enabled: true, shields: ['block', 'user_notification'], mode: 'count_per_identifier_and_ip', allowlist: [], max_attempts: 10 });
    const theirs = await server.api.get(throttling);
    assert.equal(theirs.enabled, true);
    assert.equal(theirs.stage['pre-login'].max_attempts, 100);
    assert.equal(theirs.stage['pre-login'].rate, 864_000);
    assert.equal(theirs.stage['pre-user-registration'].max_attempts, 50);
    assert.equal(theirs.stage['pre-user-registration'].rate, 1200);
  });

  it('ends after ten wrong ones, also for the right one, from that address', async () => {
    const user = await person();
    const neighbour = await person();
    const ip = address();
    await guessTimes(10, ip, user.email);
    stopped(await guess(ip, user.email));
    stopped(await guess(ip, user.email, password));
    stopped(await guessOnPage(ip, user.email, password));
    await letIn(ip, neighbour);
    await letIn(address(), user);
    stopped(await guess(ip, user.email, password));
  });

  it('has one counter for pages and token endpoint, however the address is spelt', async () => {
    const user = await person();
    const ip = address();
    const spellings = [user.email, user.email.toUpperCase(), ` ${user.email}`, `${user.email} `, user.email.replace('ada', 'ADA'), `\t${user.email}`];
    for (let n = 0; n < 10; n += 1) {
      const answer = await (n % 2 ? guess : guessOnPage)(ip, spellings[n % spellings.length]);
      assert.ok(answer.status >= 400 && answer.status < 429, `guess ${n + 1}: ${answer.status}`);
    }
    stopped(await guess(ip, user.email, password));
    stopped(await guessOnPage(ip, user.email, password));
    for (const spelling of spellings) stopped(await guess(ip, spelling, password));
    const plain = await token(from(ip), app, { grant_type: 'password', realm: database, username: user.email, password });
    stopped(plain);
  });

  it('of people who do not exist ends alike', async () => {
    const nobody = `nobody.${unique()}@example.com`;
    const ip = address();
    await guessTimes(10, ip, nobody);
    stopped(await guess(ip, nobody));
  });

  it('is not outrun by fifty at once', async () => {
    const user = await person();
    const ip = address();
    const answers = await Promise.all(Array.from({ length: 50 }, (_, n) => guess(ip, user.email, n === 49 ? password : `wrong ${n}`)));
    const looked = answers.filter((answer) => answer.status === 403 || answer.status === 200);
    assert.ok(looked.length <= 10, `${looked.length} guesses were looked at`);
    assert.ok(answers.every((answer) => [200, 403, 429, 503].includes(answer.status)), answers.map((answer) => answer.status).join(' '));
  });

  it('begins anew after the right one', async () => {
    const user = await person();
    const ip = address();
    await guessTimes(9, ip, user.email);
    await letIn(ip, user);
    await guessTimes(9, ip, user.email);
    await letIn(ip, user);
  });

  describe('a block', () => {
    const blocked = async () => {
      const user = await person();
      const ip = address();
      await guessTimes(10, ip, user.email);
      stopped(await guess(ip, user.email, password));
      return { user, ip };
    };

    it('is shown and lifted by the API', async () => {
      const { user, ip } = await blocked();
      const shown = await server.api.get(`/user-blocks/${encodeURIComponent(user.user_id)}`);
      assert.ok(shown.blocked_for.some((one) => one.ip === ip), JSON.stringify(shown));
      await server.api.delete(`/user-blocks/${encodeURIComponent(user.user_id)}`);
      await letIn(ip, user);
    });

    it('is lifted by identifier', async () => {
      const { user, ip } = await blocked();
      await server.api.delete(`/user-blocks?identifier=${encodeURIComponent(user.email.toUpperCase())}`);
      await letIn(ip, user);
    });

    it('is told to the user once, whose link and yes lift it', async () => {
      const { user, ip } = await blocked();
      const mail = await server.message((one) => one.text?.toLowerCase().includes(`to: ${user.email}`));
      const text = mail.text.replace(/=\r?\n/g, '').replace(/=3D/gi, '=');
      const link = text.match(/https?:\/\/[^\s"'<>]*unblock[^\s"'<>]*/)?.[0].replaceAll('&amp;', '&');
      assert.ok(link?.startsWith(server.issuer), text);
      const http = from(address());
      const page = await http.get(link);
      assert.equal(page.status, 200);
      stopped(await guess(ip, user.email, password));
      await http.submit(page, { action: 'accept' });
      await letIn(ip, user);
      assert.ok((await from(address()).get(link)).status >= 400, 'once');
      assert.equal(server.outbox().filter((one) => one.text?.toLowerCase().includes(`to: ${user.email}`)).length, 1);
    });

    it('ends with a new password, set by the API or by mail', async () => {
      const fresh = 'Another-Horse-8-Battery';
      for (const change of [
        ({ user }) => server.api.patch(pathOf(user), { password: fresh }),
        async ({ user }) => {
          const { ticket } = await server.api.post('/tickets/password-change', { user_id: user.user_id });
          const http = from(address());
          await http.submit(await http.get(ticket), { 'password-reset': fresh, 're-enter-password': fresh });
        },
      ]) {
        const victim = await blocked();
        await change(victim);
        await letIn(victim.ip, victim.user, fresh);
      }
    });

    it('does not end a session that is there', async () => {
      const user = await person();
      const ip = address();
      const browser = from(ip);
      const done = await submitLogin(browser, await beginLogin(browser, web), { username: user.email, password });
      assert.ok(done.location.includes('code='));
      await guessTimes(10, ip, user.email);
      stopped(await guess(ip, user.email));
      assert.ok((await beginLogin(browser, web)).location?.includes('code='));
    });

    it('is written down', async () => {
      const { user } = await blocked();
      for (const until = Date.now() + 3000; ;) {  // such events wait in a queue for a moment
        const logs = await server.api.get('/logs?per_page=50');
        if (logs.some((log) => log.type === 'limit_wc' && log.user_name === user.email)) return;
        assert.ok(Date.now() < until, logs.map((log) => log.type).join(' '));
      }
    });
  });

  describe('addresses', () => {
    it('are the last ones that no trusted proxy wrote', async () => {
      const user = await person();
      const ip = address();
      for (let n = 0; n < 10; n += 1) assert.equal((await guess(`${address()}, ${ip}`, user.email)).status, 403);
      stopped(await guess(`${address()}, ${ip}`, user.email, password));
      stopped(await guess(`127.0.0.1, ${ip}`, user.email, password));
    });

    it('are not believed when no proxy is trusted', async () => {
      const own = await startServer();
      try {
        const application = await createApplication(own.api, { app_type: 'regular_web', grant_types: [realm] });
        const user = await createUser(own.api);
        const names = ['x-forwarded-for', 'forwarded', 'x-real-ip', 'auth0-forwarded-for', 'true-client-ip', 'cf-connecting-ip', 'x-client-ip', 'x-cluster-client-ip'];
        const ask = (secret) => {
          const ip = address();
          const headers = Object.fromEntries(names.map((name) => [name, name === 'forwarded' ? `for=${ip}` : ip]));
          return token(own.http({ headers }), application, { grant_type: realm, realm: database, username: user.email, password: secret });
        };
        for (let n = 0; n < 10; n += 1) assert.equal((await ask('wrong')).status, 403);
        stopped(await ask(password));
        const logs = await own.api.get('/logs?per_page=50');
        assert.ok(logs.every((log) => !log.ip?.startsWith('203.0.')), 'a spoofed address is in the log');
      } finally {
        await own.stop();
      }
    });

    it('in auth0-forwarded-for are believed of a client that may say so and proved who it is', async () => {
      const trusted = await createApplication(server.api, { app_type: 'regular_web', grant_types: [realm], is_token_endpoint_ip_header_trusted: true });
      const user = await person();
      const ask = (client, ip, secret) => token(server.http({ headers: { 'x-forwarded-for': '198.51.100.1', 'auth0-forwarded-for': ip } }), client, {
        grant_type: realm, realm: database, username: user.email, password: secret,
      });
      const ip = address();
      for (let n = 0; n < 10; n += 1) assert.equal((await ask(trusted, ip, 'wrong')).status, 403);
      stopped(await ask(trusted, ip, password));
      assert.equal((await ask(trusted, address(), password)).status, 200);
      for (let n = 0; n < 10; n += 1) assert.equal((await ask(app, address(), 'wrong')).status, 403);
      stopped(await ask(app, address(), password));
    });

    it('of IPv6 count by their network against throttling, and by themselves against guessing', async () => {
      const user = await person();
      await guessTimes(10, '2001:db8:1:2::1', user.email);
      stopped(await guess('2001:db8:1:2::1', user.email, password));
      stopped(await guess('2001:0db8:0001:0002:0:0:0:1', user.email, password));
    });
  });

  describe('by settings', { concurrency: false }, () => {
    const original = { enabled: true, shields: ['block', 'user_notification'], mode: 'count_per_identifier_and_ip', allowlist: [], max_attempts: 10 };
    const withSettings = async (change, work) => {
      await server.api.patch(settings, change);
      try {
        await work();
      } finally {
        await server.api.patch(settings, original);
      }
    };

    it('may end earlier', () => withSettings({ max_attempts: 2 }, async () => {
      const user = await person();
      const ip = address();
      await guessTimes(2, ip, user.email);
      stopped(await guess(ip, user.email, password));
    }));

    it('may be allowed', () => withSettings({ enabled: false }, async () => {
      const user = await person();
      const ip = address();
      await guessTimes(12, ip, user.email);
      await letIn(ip, user);
    }));

    it('may be only watched', () => withSettings({ shields: [] }, async () => {
      const user = await person();
      const ip = address();
      await guessTimes(12, ip, user.email);
      await letIn(ip, user);
    }));

    it('may be allowed from some addresses', () => withSettings({ allowlist: ['192.0.2.0/24'] }, async () => {
      const user = await person();
      await guessTimes(12, '192.0.2.77', user.email);
      await letIn('192.0.2.77', user);
    }));

    it('may end for all addresses at once', () => withSettings({ mode: 'count_per_identifier', max_attempts: 5 }, async () => {
      const user = await person();
      for (let n = 0; n < 5; n += 1) assert.equal((await guess(address(), user.email)).status, 403);
      stopped(await guess(address(), user.email, password));
    }));

    for (const change of [{ max_attempts: 0 }, { max_attempts: 101 }, { max_attempts: -1 }, { max_attempts: '10' }, { mode: 'never' },
      { shields: ['sword'] }, { allowlist: ['everywhere'] }, { unknown: true }, { enabled: 'no' }]) {
      it(`refuses ${JSON.stringify(change)}`, async () => {
        assert.equal((await server.api.request('PATCH', settings, { json: change })).status, 400);
        assert.deepEqual(await server.api.get(settings), original);
      });
    }
  });

  describe('of many people', () => {
    before(async () => {
      await server.api.patch(throttling, { stage: { 'pre-login': { max_attempts: 6, rate: 864_000 }, 'pre-user-registration': { max_attempts: 3, rate: 600_000 } } });
    });

    it('ends for an address that fails with each', async () => {
      const ip = address();
      const honest = await person();
      for (let n = 0; n < 6; n += 1) {
        await letIn(ip, n % 2 ? honest : await person());
        assert.equal((await guess(ip, `nobody.${unique()}@example.com`)).status, 403);
      }
      const answer = await guess(ip, `nobody.${unique()}@example.com`);
      assert.equal(answer.status, 429, answer.text);
      assert.equal((await guess(ip, honest.email, password)).status, 429);
      assert.equal((await guessOnPage(ip, honest.email, password)).status, 429);
      await letIn(address(), honest);
    });

    it('ends for a whole IPv6 network', async () => {
      for (let n = 0; n < 6; n += 1) assert.equal((await guess(`2001:db8:5:6:${n}::1`, `nobody.${unique()}@example.com`)).status, 403);
      assert.equal((await guess('2001:db8:5:6:77::1', `nobody.${unique()}@example.com`)).status, 429);
      assert.equal((await guess('2001:db8:5:7::1', `nobody.${unique()}@example.com`)).status, 403);
    });

    it('by signing up ends as well', async () => {
      const ip = address();
      const signUp = () => from(ip).post('/dbconnections/signup', { json: { client_id: web.client_id, connection: database,
        email: `eve.${unique()}@example.com`, password } });
      for (let n = 0; n < 3; n += 1) assert.equal((await signUp()).status, 200);
      assert.equal((await signUp()).status, 429);
      const http = from(ip);
      const page = await beginLogin(http, web, { screen_hint: 'signup' });
      assert.equal((await http.submit(page, { email: `eve.${unique()}@example.com`, password })).status, 429);
    });

    it('by signing up at once ends as well', async () => {
      const ip = address();
      const answers = await Promise.all(Array.from({ length: 20 }, () =>
        from(ip).post('/dbconnections/signup', { json: { client_id: web.client_id, connection: database, email: `eve.${unique()}@example.com`, password } })));
      assert.equal(answers.filter((answer) => answer.status === 200).length, 3);
    });
  });

  it('and asking for new passwords ends after ten', async () => {
    const user = await person();
    const ip = address();
    const ask = (email, where = ip) => from(where).post('/dbconnections/change_password', { json: { client_id: web.client_id, connection: database, email } });
    for (let n = 0; n < 10; n += 1) assert.equal((await ask(n % 2 ? user.email : user.email.toUpperCase())).status, 200);
    assert.equal((await ask(user.email)).status, 429);
    assert.equal((await ask(user.email, address())).status, 200);
    assert.equal((await ask((await person()).email)).status, 200);
  });

  it('and signing in again and again ends after twenty a minute', async () => {
    const user = await person();
    const ip = address();
    for (let n = 0; n < 20; n += 1) await letIn(ip, user);
    assert.equal((await guess(ip, user.email, password)).status, 429);
    await letIn(address(), user);
  });
});
