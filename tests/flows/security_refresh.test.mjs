// A refresh token is its client's alone, is worth what was granted, and betrays its theft.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { createApi, createApplication, createUser, createWebApplication, password, rotating } from '../support/fixtures.mjs';
import { decodeJwt, redeem, refresh, signIn, textOf, token, tokensOf } from '../support/oauth.mjs';
import { startServer } from '../support/server.mjs';

const base = 'https://app.example.com';
const callback = `${base}/callback`;

describe('refresh tokens', () => {
  let server;
  let api;
  let web;      // rotating, leeway 0
  let lenient;  // rotating, leeway 60 s
  let plain;    // not rotating
  let other;
  let user;
  before(async () => {
    server = await startServer();
    api = await createApi(server.api, { scopes: ['read:orders', 'write:orders'], allow_offline_access: true });
    web = await createWebApplication(server.api, base, '/callback', { refresh_token: rotating });
    lenient = await createWebApplication(server.api, base, '/callback', { refresh_token: { ...rotating, leeway: 60 } });
    plain = await createWebApplication(server.api, base, '/callback');
    other = await createWebApplication(server.api, base, '/callback', { refresh_token: rotating });
    user = { ...(await createUser(server.api)), password };
  });
  after(async () => { await server?.stop(); });

  const machine = () => server.http({ cookies: false });
  const scope = 'openid offline_access read:orders';
  let browser;  // signed in; a new one now and then, for the server stops applications that ask again and again
  let logins = 0;
  /** Tokens of a family of their own; from a new login when a user is given. */
  const granted = async (client = web, parameters = {}, who) => {
    const asked = { audience: api.identifier, scope, ...parameters };
    if (who) return tokensOf(server.http(), client, who, asked);
    if (logins % 8 === 0) browser = server.http();
    logins += 1;
    return tokensOf(browser, client, logins % 8 === 1 ? { ...(await createUser(server.api)), password } : {}, asked);
  };
  const dead = async (answer) => {
    assert.ok(answer.status === 403 || answer.status === 400 || answer.status === 401, `${answer.status} ${answer.text}`);
    assert.equal(answer.json.error, 'invalid_grant', answer.text);
    assert.equal(answer.json.access_token, undefined);
  };

  it('say nothing and are long', async () => {
    const { refresh_token: one } = await granted();
    const { refresh_token: two } = await granted();
    assert.notEqual(one, two);
    assert.ok(one.length >= 43);
    assert.ok(!one.includes(user.user_id) && !one.includes(web.client_id));
  });

  describe('are not given', () => {
    it('without offline_access', async () => {
      assert.equal((await granted(web, { scope: 'openid read:orders' })).refresh_token, undefined);
    });
    it('to a client without the grant type', async () => {
      const client = await createWebApplication(server.api, base, '/callback', { grant_types: ['authorization_code'] });
      const tokens = await granted(client);
      assert.equal(tokens.refresh_token, undefined);
      assert.ok(!tokens.scope.includes('offline_access'));
    });
    it('for an API that does not allow them', async () => {
      const online = await createApi(server.api, { scopes: ['read:orders'], allow_offline_access: false });
      assert.equal((await granted(web, { audience: online.identifier })).refresh_token, undefined);
    });
    it('with client credentials', async () => {
      const client = await createApplication(server.api, { app_type: 'non_interactive', grant_types: ['client_credentials', 'refresh_token'] });
      await server.api.post('/client-grants', { client_id: client.client_id, audience: api.identifier, scope: ['read:orders'] });
      const answer = await token(machine(), client, { grant_type: 'client_credentials', audience: api.identifier });
      assert.equal(answer.status, 200);
      assert.equal(answer.json.refresh_token, undefined);
      assert.equal(answer.json.id_token, undefined);
    });
  });

  it('rotate: the old one is dead at once, and its use kills the family', async () => {
    const first = (await granted()).refresh_token;
    const second = (await refresh(machine(), web, first)).json.refresh_token;
    assert.ok(second && second !== first);
    const third = (await refresh(machine(), web, second)).json.refresh_token;
    await dead(await refresh(machine(), web, second));
    await dead(await refresh(machine(), web, third));
    await dead(await refresh(machine(), web, first));
    const logs = await server.api.get('/logs?per_page=50');
    assert.ok(logs.some((log) => log.type === 'ferrt'), logs.map((log) => log.type).join(' '));
  });

  it('used fifty times at once with leeway 0 give one success, and the family is dead', async () => {
    const { refresh_token: stolen } = await granted();
    const clients = Array.from({ length: 50 }, machine);
    const answers = await Promise.all(clients.map((client) => refresh(client, web, stolen)));
    const won = answers.filter((answer) => answer.status === 200);
    assert.equal(won.length, 1, answers.map((answer) => answer.status).join(' '));
    for (const answer of answers) if (answer !== won[0]) await dead(answer);
    await dead(await refresh(machine(), web, won[0].json.refresh_token));
  });

  it('within the leeway the previous one gives the same successor, and the one before is a theft', async () => {
    const first = (await granted(lenient)).refresh_token;
    const second = (await refresh(machine(), lenient, first)).json.refresh_token;
    const again = await refresh(machine(), lenient, first);
    assert.equal(again.status, 200, again.text);
    const third = (await refresh(machine(), lenient, again.json.refresh_token)).json.refresh_token;
    assert.ok(third);
    assert.equal((await refresh(machine(), lenient, second)).status, 200);
    await dead(await refresh(machine(), lenient, first));
    await dead(await refresh(machine(), lenient, third));
  });

  it('used fifty times at once within the leeway live on as one family', async () => {
    const { refresh_token: shared } = await granted(lenient);
    const answers = await Promise.all(Array.from({ length: 50 }, machine).map((client) => refresh(client, lenient, shared)));
    assert.deepEqual([...new Set(answers.map((answer) => answer.status))], [200]);
    assert.equal((await refresh(machine(), lenient, answers.at(-1).json.refresh_token)).status, 200);
  });

  it('without rotation stay good, and say so', async () => {
    const { refresh_token: kept } = await granted(plain);
    for (let n = 0; n < 3; n += 1) assert.equal((await refresh(machine(), plain, kept)).status, 200);
  });

  describe('in time', { concurrency: true }, () => {
    it('are dead when the leeway is over', async () => {
      const short = await createWebApplication(server.api, base, '/callback', { refresh_token: { ...rotating, leeway: 1 } });
      const { refresh_token: first } = await granted(short);
      const second = (await refresh(machine(), short, first)).json.refresh_token;
      await new Promise((resolve) => setTimeout(resolve, 2100));
      await dead(await refresh(machine(), short, first));
      await dead(await refresh(machine(), short, second));
    });

    it('end with their lifetime, which rotation does not extend', async () => {
      const brief = await createWebApplication(server.api, base, '/callback', {
        refresh_token: { ...rotating, token_lifetime: 3, idle_token_lifetime: 2, infinite_token_lifetime: false, infinite_idle_token_lifetime: false },
      });
      let { refresh_token: current } = await granted(brief);
      const until = Date.now() + 5000;
      for (;;) {
        const answer = await refresh(machine(), brief, current);
        if (answer.status !== 200) {
          await dead(answer);
          break;
        }
        current = answer.json.refresh_token;
        assert.ok(Date.now() < until, 'still alive two seconds after its end');
        await new Promise((resolve) => setTimeout(resolve, 400));
      }
    });

    it('end when nobody uses them', async () => {
      const idle = await createWebApplication(server.api, base, '/callback', {
        refresh_token: { ...rotating, token_lifetime: 100, idle_token_lifetime: 1, infinite_token_lifetime: false, infinite_idle_token_lifetime: false },
      });
      const { refresh_token: unused } = await granted(idle);
      await new Promise((resolve) => setTimeout(resolve, 2100));
      await dead(await refresh(machine(), idle, unused));
    });
  });

  describe('scopes', () => {
    for (const [name, asked, expected] of [
      ['may be narrowed', 'openid', ['openid']],
      ['are never widened to what the API also has', 'openid read:orders write:orders', ['openid', 'read:orders']],
      ['are never widened to the profile', 'openid profile email', ['openid']],
      ['are split at blanks only', 'openid\tprofile,read:orders', []],
    ]) {
      it(name, async () => {
        const { refresh_token: mine } = await granted();
        const answer = await refresh(machine(), web, mine, { scope: asked });
        if (answer.status !== 200) {
          assert.ok(['invalid_scope', 'access_denied', 'invalid_request', 'invalid_grant'].includes(answer.json.error), answer.text);
          return;
        }
        const got = decodeJwt(answer.json.access_token).claims.scope?.split(' ') ?? [];
        assert.deepEqual(got.filter((one) => !expected.includes(one)), []);
        assert.ok(!(answer.json.scope ?? '').includes('write:orders'));
      });
    }

    it('once narrowed come back, but not more than was granted', async () => {
      const first = await granted();
      const narrow = await refresh(machine(), web, first.refresh_token, { scope: 'openid' });
      const wide = await refresh(machine(), web, narrow.json.refresh_token, { scope: `${scope} write:orders` });
      const got = decodeJwt(wide.json.access_token).claims.scope.split(' ');
      assert.ok(got.includes('read:orders') && !got.includes('write:orders'), got.join(' '));
    });

    it('follow the permissions of the user as they are now', async () => {
      const guarded = await createApi(server.api, {
        scopes: ['read:orders', 'write:orders'], allow_offline_access: true, enforce_policies: true, token_dialect: 'access_token_authz',
      });
      const someone = { ...(await createUser(server.api)), password };
      const path = `/users/${encodeURIComponent(someone.user_id)}/permissions`;
      const permissions = [{ resource_server_identifier: guarded.identifier, permission_name: 'write:orders' }];
      await server.api.post(path, { permissions });
      const tokens = await granted(web, { audience: guarded.identifier, scope: 'openid offline_access write:orders read:orders' }, someone);
      assert.deepEqual(decodeJwt(tokens.access_token).claims.permissions, ['write:orders']);
      await server.api.delete(path, { permissions });
      const later = await refresh(machine(), web, tokens.refresh_token);
      assert.equal(later.status, 200, later.text);
      assert.deepEqual(decodeJwt(later.json.access_token).claims.permissions, []);
      assert.ok(!decodeJwt(later.json.access_token).claims.scope.includes('orders'));
    });
  });

  it('give no token for another API', async () => {
    const second = await createApi(server.api, { scopes: ['read:orders'], allow_offline_access: true });
    for (const audience of [second.identifier, `${server.issuer}api/v2/`, 'https://nobody.example/', api.identifier.toUpperCase(), `${api.identifier}x`]) {
      const { refresh_token: mine } = await granted();
      const answer = await refresh(machine(), web, mine, { audience });
      if (answer.status === 200) assert.ok([decodeJwt(answer.json.access_token).claims.aud].flat().includes(api.identifier) && !answer.text.includes(audience));
      else assert.ok(answer.status >= 400 && answer.status < 500, answer.text);
    }
  });

  describe('belong to one client', () => {
    it('another one gets nothing and destroys nothing', async () => {
      const { refresh_token: mine } = await granted();
      await dead(await refresh(machine(), other, mine));
      const anonymous = await refresh(machine(), { client_id: web.client_id }, mine);
      assert.equal(anonymous.status, 401, anonymous.text);
      const wrong = await refresh(machine(), { ...web, client_secret: 'wrong' }, mine);
      assert.equal(wrong.status, 401, wrong.text);
      assert.equal((await refresh(machine(), web, mine)).status, 200);
    });

    it('another one cannot kill the family with a spent token', async () => {
      const { refresh_token: spent } = await granted();
      const current = (await refresh(machine(), web, spent)).json.refresh_token;
      await dead(await refresh(machine(), other, spent));
      assert.equal((await refresh(machine(), web, current)).status, 200);
    });

    it('another one cannot revoke', async () => {
      const { refresh_token: mine } = await granted();
      const revoke = (client) => machine().post('/oauth/revoke', { form: { token: mine, client_id: client.client_id, client_secret: client.client_secret ?? '' } });
      await revoke(other);
      assert.equal((await revoke({ ...web, client_secret: 'wrong' })).status, 401);
      assert.equal((await revoke({ client_id: web.client_id })).status, 401);
      assert.equal((await refresh(machine(), web, mine)).status, 200);
    });
  });

  describe('when revoked', () => {
    const revoke = (form) => machine().post('/oauth/revoke', { form: { client_id: web.client_id, client_secret: web.client_secret, ...form } });

    it('are dead with their family', async () => {
      const first = (await granted()).refresh_token;
      const second = (await refresh(machine(), web, first)).json.refresh_token;
      const answer = await revoke({ token: second });
      assert.equal(answer.status, 200, answer.text);
      assert.equal(answer.text, '');
      await dead(await refresh(machine(), web, second));
    });

    it('by a spent one of the same family are dead as well', async () => {
      const first = (await granted()).refresh_token;
      const second = (await refresh(machine(), web, first)).json.refresh_token;
      assert.equal((await revoke({ token: first })).status, 200);
      await dead(await refresh(machine(), web, second));
    });

    it('are answered alike, known or not', async () => {
      for (const unknown of ['nonsense', 'a.b.c.d', 'x'.repeat(20_000), '%00']) {
        assert.equal((await revoke({ token: unknown })).status, 200, unknown.slice(0, 20));
      }
      assert.equal((await revoke({})).status, 400);
    });
  });

  describe('are dead', () => {
    const path = (someone) => `/users/${encodeURIComponent(someone.user_id)}`;
    for (const [name, end] of [
      ['for a blocked user', (someone) => server.api.patch(path(someone), { blocked: true })],
      ['for a deleted user', (someone) => server.api.delete(path(someone))],
      ['after a password change through the API', (someone) => server.api.patch(path(someone), { password: 'Another-Horse-8-Battery' })],
    ]) {
      it(name, async () => {
        const someone = { ...(await createUser(server.api)), password };
        const { refresh_token: mine } = await granted(web, {}, someone);
        await end(someone);
        await dead(await refresh(machine(), web, mine));
      });
    }

    it('also after a blocked user is let in again', async () => {
      const someone = { ...(await createUser(server.api)), password };
      const { refresh_token: mine } = await granted(web, {}, someone);
      await server.api.patch(path(someone), { blocked: true });
      const blocked = await refresh(machine(), web, mine);
      assert.equal(blocked.status === 200, false);
      await server.api.patch(path(someone), { blocked: false });
      const { refresh_token: fresh } = await granted(web, {}, someone);
      assert.ok(fresh);
    });

    it('with their client', async () => {
      const doomed = await createWebApplication(server.api, base, '/callback', { refresh_token: rotating });
      const { refresh_token: mine } = await granted(doomed);
      await server.api.delete(`/clients/${doomed.client_id}`);
      const answer = await refresh(machine(), doomed, mine);
      assert.equal(answer.status, 401, answer.text);
    });

    it('when the client loses the grant type', async () => {
      const client = await createWebApplication(server.api, base, '/callback', { refresh_token: rotating });
      const { refresh_token: mine } = await granted(client);
      await server.api.patch(`/clients/${client.client_id}`, { grant_types: ['authorization_code'] });
      const answer = await refresh(machine(), client, mine);
      assert.equal(answer.json.error, 'unauthorized_client', answer.text);
    });

    it('when the API stops allowing them', async () => {
      const fickle = await createApi(server.api, { scopes: ['read:orders'], allow_offline_access: true });
      const { refresh_token: mine } = await granted(web, { audience: fickle.identifier });
      await server.api.patch(`/resource-servers/${fickle.id}`, { allow_offline_access: false });
      const answer = await refresh(machine(), web, mine);
      assert.ok(answer.status >= 400 && answer.status < 500, answer.text);
    });

    it('when the API is deleted', async () => {
      const doomed = await createApi(server.api, { scopes: ['read:orders'], allow_offline_access: true });
      const { refresh_token: mine } = await granted(web, { audience: doomed.identifier });
      await server.api.delete(`/resource-servers/${doomed.id}`);
      const answer = await refresh(machine(), web, mine);
      assert.ok(answer.status >= 400 && answer.status < 500, `${answer.status} ${answer.text}`);
    });
  });

  describe('that were tampered with are refused, and harm nobody', () => {
    for (const [name, tamper] of [
      ['another last letter', (text) => text.slice(0, -1) + (text.endsWith('A') ? 'B' : 'A')],
      ['a letter less', (text) => text.slice(0, -1)],
      ['a letter more', (text) => `${text}A`],
      ['padding', (text) => `${text}=`],
      ['a blank', (text) => `${text} `],
      ['the next generation', (text) => text.replace(/\.(\d+)\./, (_, n) => `.${Number(n) + 1}.`)],
      ['a negative generation', (text) => text.replace(/\.(\d+)\./, '.-1.')],
      ['a huge generation', (text) => text.replace(/\.(\d+)\./, '.99999999999999999999.')],
      ['a leading zero', (text) => text.replace(/\.(\d+)\./, '.0$1.')],
      ['capitals', (text) => text.toUpperCase()],
      ['an access token', (_, tokens) => tokens.access_token],
      ['an ID token', (_, tokens) => tokens.id_token],
      ['nothing', () => ''],
      ['20 kB', () => 'r'.repeat(20_000)],
      ['dots', () => '....'],
    ]) {
      it(name, async () => {
        const tokens = await granted();
        const forged = tamper(tokens.refresh_token, tokens);
        const answer = await refresh(machine(), web, forged);
        if (forged === '') assert.equal(answer.status, 400);
        else await dead(answer);
        assert.equal((await refresh(machine(), web, tokens.refresh_token)).status, 200);
      });
    }
  });

  it('are not refreshed into another user by a parameter', async () => {
    const victim = await createUser(server.api);
    const someone = { ...(await createUser(server.api)), password };
    const { refresh_token: mine } = await granted(web, {}, someone);
    const answer = await refresh(machine(), web, mine, { sub: victim.user_id, user_id: victim.user_id, username: victim.email, client_id: web.client_id });
    assert.equal(decodeJwt(answer.json.access_token).claims.sub, someone.user_id);
    assert.equal(decodeJwt(answer.json.id_token).claims.sub, someone.user_id);
  });

  it('of a code that nobody redeemed do not exist', async () => {
    const begun = await signIn(server.http(), web, user, { audience: api.identifier, scope });
    await dead(await refresh(machine(), web, begun.code));
    const done = await redeem(machine(), web, begun);
    assert.equal(done.status, 200, textOf(done));
  });
});
