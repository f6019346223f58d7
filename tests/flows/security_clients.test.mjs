// What an application may have is what was written down for it, and its secret is its own.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { createApi, createApplication, createMachine, createUser, createWebApplication, databaseConnection, password } from '../support/fixtures.mjs';
import { authorizeUrl, beginLogin, decodeJwt, redeem, signIn, submitLogin, token, tokensOf } from '../support/oauth.mjs';
import { startServer } from '../support/server.mjs';

const base = 'https://app.example.com';

describe('applications', () => {
  let server;
  let api;
  let secondApi;
  let machine;
  before(async () => {
    server = await startServer();
    api = await createApi(server.api, { scopes: ['read:orders', 'write:orders', 'delete:orders'] });
    secondApi = await createApi(server.api, { scopes: ['read:orders'] });
    machine = await createMachine(server.api, api.identifier, ['read:orders', 'write:orders']);
  });
  after(async () => { await server?.stop(); });

  const http = () => server.http({ cookies: false });
  const ask = (client, parameters = {}) => token(http(), client, { grant_type: 'client_credentials', audience: api.identifier, ...parameters });
  const refused = (answer, ...statuses) => {
    assert.ok(statuses.includes(answer.status), `${answer.status} ${answer.text}`);
    assert.equal(answer.json.access_token, undefined);
    return answer.json;
  };
  const basic = (id, secret) => ({ authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}` });

  describe('a secret', () => {
    it('has 64 characters of at least 384 random bits, and is never the same', async () => {
      const made = await Promise.all(Array.from({ length: 5 }, (_, n) => server.api.post('/clients', { name: `Secret ${n}` })));
      const secrets = made.map((client) => client.client_secret);
      assert.equal(new Set(secrets).size, 5);
      for (const secret of secrets) assert.match(secret, /^[A-Za-z0-9_-]{64}$/);
      const letters = [...secrets.join('')];
      for (const letter of '019azAZ') assert.ok(letters.filter((one) => one === letter).length < 30);
    });

    const rows = [
      ['missing', () => undefined], ['empty', () => ''], ['wrong', () => 'wrong'], ['cut short', (secret) => secret.slice(0, -1)],
      ['with a letter more', (secret) => `${secret}A`],
      ['in capitals', (secret) => secret.toUpperCase()], ['with a blank', (secret) => `${secret} `], ['with a NUL after it', (secret) => `${secret}\u0000`],
      ['null', () => 'null'], ['undefined', () => 'undefined'], ['true', () => 'true'], ['its first half', (secret) => secret.slice(0, 32)],
      ['the client_id', () => undefined],
      ['very long', () => 's'.repeat(20_000)], ['SQL', () => "' OR 1=1 --"],
    ];
    for (const [name, make] of rows) {
      it(`that is ${name} is refused in the body and in the header`, async () => {
        const secret = name === 'the client_id' ? machine.client_id : make(machine.client_secret);
        refused(await ask({ ...machine, client_secret: secret }), 401, 400);
        const answer = await http().post('/oauth/token', {
          form: { grant_type: 'client_credentials', audience: api.identifier }, headers: basic(machine.client_id, encodeURIComponent(secret ?? '')),
        });
        refused(answer, 401, 400);
      });
    }

    for (const [name, value] of [['true', true], ['a number', 1], ['an array with the right one', 'array'], ['an object', { $ne: '' }], ['null', null]]) {
      it(`that is ${name} in JSON is refused`, async () => {
        const client_secret = value === 'array' ? [machine.client_secret] : value;
        refused(await http().post('/oauth/token', {
          json: { grant_type: 'client_credentials', client_id: machine.client_id, client_secret, audience: api.identifier },
        }), 400, 401);
      });
    }

    for (const [name, authorization] of [
      ['no colon', () => `Basic ${Buffer.from(machine.client_id).toString('base64')}`],
      ['no base64', () => 'Basic !!!'],
      ['nothing', () => 'Basic '],
      ['an empty id', () => basic('', machine.client_secret).authorization],
      ['bytes that are no UTF-8', () => `Basic ${Buffer.from([0xff, 0xfe, 0x3a, 0x41]).toString('base64')}`],
      ['broken percent signs', () => basic('%zz', '%').authorization],
      ['Bearer', () => `Bearer ${machine.client_secret}`],
    ]) {
      it(`in a header with ${name} is refused`, async () => {
        refused(await http().post('/oauth/token', { form: { grant_type: 'client_credentials', audience: api.identifier },
          headers: { authorization: authorization() } }), 400, 401);
      });
    }

    it('works in the body and in the header', async () => {
      assert.equal((await ask(machine)).status, 200);
      const answer = await http().post('/oauth/token', {
        form: { grant_type: 'client_credentials', audience: api.identifier }, headers: basic(machine.client_id, machine.client_secret),
      });
      assert.equal(answer.status, 200, answer.text);
    });

    it('is dead as soon as it was rotated', async () => {
      const client = await createMachine(server.api, api.identifier, ['read:orders']);
      assert.equal((await ask(client)).status, 200);
      const rotated = await server.api.post(`/clients/${client.client_id}/rotate-secret`);
      assert.notEqual(rotated.client_secret, client.client_secret);
      refused(await ask(client), 401);
      assert.equal((await ask(rotated)).status, 200);
    });

    it('is shown to nobody without read:client_keys', async () => {
      const bearer = await server.api.newToken('read:clients update:clients');
      for (const path of [`/clients/${machine.client_id}`, '/clients?per_page=100', `/clients/${machine.client_id}?fields=client_secret`,
        '/clients?fields=client_secret,name&include_fields=true']) {
        const answer = await server.api.request('GET', path, { token: bearer });
        assert.equal(answer.status, 200, answer.text);
        assert.ok(!answer.text.includes(machine.client_secret) && !answer.text.includes('"client_secret":'), path);
        assert.ok(!answer.text.includes('PRIVATE KEY') && !answer.text.includes('encryption_key'), path);
      }
      const patched = await server.api.request('PATCH', `/clients/${machine.client_id}`, { token: bearer, json: { description: 'x' } });
      assert.equal(patched.status, 200, patched.text);
      assert.ok(!patched.text.includes('"client_secret":'));
      const withKeys = await server.api.request('GET', `/clients/${machine.client_id}`, { token: await server.api.newToken('read:clients read:client_keys') });
      assert.equal(withKeys.json.client_secret, machine.client_secret);
    });

    it('that is wrong is answered like a client that does not exist', async () => {
      const wrong = await ask({ ...machine, client_secret: 'wrong' });
      const nobody = await ask({ client_id: 'A'.repeat(32), client_secret: 'wrong' });
      assert.deepEqual([wrong.status, wrong.text], [nobody.status, nobody.text]);
    });

    it('of the global client opens nothing', async () => {
      const [global] = await server.api.get('/clients?is_global=true');
      if (global) refused(await ask(global), 401, 403);
    });
  });

  describe('a grant type works only where it is listed:', () => {
    const realm = 'http://auth0.com/oauth/grant-type/password-realm';
    for (const [grant_type, more] of [
      ['client_credentials', {}], ['authorization_code', { code: 'x' }], ['refresh_token', { refresh_token: 'x' }], ['password', { username: 'a', password: 'b' }],
      [realm, { username: 'a', password: 'b', realm: 'Username-Password-Authentication' }],
    ]) {
      it(grant_type, async () => {
        const others = ['client_credentials', 'authorization_code', 'refresh_token', 'password', realm].filter((one) => one !== grant_type);
        const client = await createApplication(server.api, { app_type: 'regular_web', grant_types: others });
        await server.api.post('/client-grants', { client_id: client.client_id, audience: api.identifier, scope: ['read:orders'] });
        const answer = refused(await ask(client, { grant_type, ...more }), 403, 400);
        assert.equal(answer.error, 'unauthorized_client');
      });
    }

    for (const grant_type of ['implicit', 'PASSWORD', 'client_credentials ', 'urn:ietf:params:oauth:grant-type:jwt-bearer',
      'http://auth0.com/oauth/legacy/grant-type/ro', '', 'x'.repeat(10_000), 'client_credentials\u0000']) {
      it(`${JSON.stringify(grant_type.slice(0, 60))} is no grant type here`, async () => {
        refused(await ask(machine, { grant_type }), 400, 403);
      });
    }

    it('is not changed by the client itself', async () => {
      const client = await createApplication(server.api, { app_type: 'regular_web', grant_types: ['authorization_code'] });
      refused(await http().post('/oauth/token', {
        json: { grant_type: 'client_credentials', grant_types: ['client_credentials'], client_id: client.client_id,
          client_secret: client.client_secret, audience: api.identifier },
      }), 403);
    });
  });

  describe('client credentials', () => {
    it('are about the client and carry its scopes, no more', async () => {
      const { json } = await ask(machine);
      const { claims } = decodeJwt(json.access_token);
      assert.equal(claims.sub, `${machine.client_id}@clients`);
      assert.equal(claims.scope, 'read:orders write:orders');
      assert.equal(json.id_token, undefined);
      assert.equal(json.refresh_token, undefined);
    });

    it('are narrowed by scope, split at blanks only, and never widened', async () => {
      assert.equal(decodeJwt((await ask(machine, { scope: 'read:orders' })).json.access_token).claims.scope, 'read:orders');
      for (const scope of ['delete:orders', 'read:orders delete:orders', 'read:orders\twrite:orders', 'read:orders,write:orders', 'READ:ORDERS', '*',
        'openid', 'read:orders\nwrite:orders']) {
        const answer = await ask(machine, { scope });
        if (answer.status !== 200) continue;
        const scopes = (decodeJwt(answer.json.access_token).claims.scope ?? '').split(' ');
        assert.deepEqual(scopes.filter((one) => !['read:orders', 'write:orders', ''].includes(one)), [], scope);
        assert.equal(answer.json.id_token, undefined);
      }
    });

    it('need a grant for exactly that audience', async () => {
      for (const audience of [secondApi.identifier, api.identifier.slice(0, -1), `${api.identifier}/`, `${api.identifier}#`, `${api.identifier}?x`,
        api.identifier.toUpperCase(), ` ${api.identifier}`,
        `${server.issuer}api/v2/`, `${server.issuer}userinfo`, '*', `${api.identifier} ${secondApi.identifier}`, undefined, '']) {
        refused(await ask(machine, { audience }), 403, 400);
      }
    });

    it('end with the grant', async () => {
      const client = await server.api.post('/clients', { name: 'Fired', app_type: 'non_interactive', grant_types: ['client_credentials'] });
      const grant = await server.api.post('/client-grants', { client_id: client.client_id, audience: api.identifier, scope: ['read:orders'] });
      assert.equal((await ask(client)).status, 200);
      await server.api.patch(`/client-grants/${grant.id}`, { scope: [] });
      assert.ok(!(decodeJwt((await ask(client)).json.access_token).claims.scope ?? '').includes('read'));
      await server.api.delete(`/client-grants/${grant.id}`);
      refused(await ask(client), 403);
    });

    it('end with the client and with the API', async () => {
      const client = await createMachine(server.api, api.identifier, ['read:orders']);
      assert.equal((await ask(client)).status, 200);
      await server.api.delete(`/clients/${client.client_id}`);
      refused(await ask(client), 401);
      const doomed = await createApi(server.api, { scopes: ['x:y'] });
      const second = await createMachine(server.api, doomed.identifier, ['x:y']);
      assert.equal((await ask(second, { audience: doomed.identifier })).status, 200);
      await server.api.delete(`/resource-servers/${doomed.id}`);
      refused(await ask(second, { audience: doomed.identifier }), 403, 400);
    });

    it('are not for a public client', async () => {
      const answer = await server.api.request('POST', '/clients', {
        json: { name: 'Public', app_type: 'spa', token_endpoint_auth_method: 'none', grant_types: ['client_credentials'] },
      });
      if (answer.status === 400) return;
      await server.api.request('POST', '/client-grants', { json: { client_id: answer.json.client_id, audience: api.identifier, scope: ['read:orders'] } });
      refused(await ask({ client_id: answer.json.client_id }), 401, 403);
    });
  });

  describe('permissions, where an API enforces them,', () => {
    it('are those of the user for that API alone', async () => {
      const guarded = await createApi(server.api, { scopes: ['read:orders', 'delete:orders'], enforce_policies: true, token_dialect: 'access_token_authz' });
      const twin = await createApi(server.api, { scopes: ['read:orders', 'delete:orders'], enforce_policies: true, token_dialect: 'access_token_authz' });
      const web = await createWebApplication(server.api, base, '/callback');
      const user = { ...(await createUser(server.api)), password };
      await server.api.post(`/users/${encodeURIComponent(user.user_id)}/permissions`, {
        permissions: [{ resource_server_identifier: guarded.identifier, permission_name: 'read:orders' },
          { resource_server_identifier: twin.identifier, permission_name: 'delete:orders' }],
      });
      const browser = server.http();
      const scope = 'openid read:orders delete:orders admin';
      const mine = decodeJwt((await tokensOf(browser, web, user, { audience: guarded.identifier, scope })).access_token).claims;
      assert.deepEqual(mine.permissions, ['read:orders']);
      assert.deepEqual(mine.scope.split(' ').sort(), ['openid', 'read:orders']);
      const other = decodeJwt((await tokensOf(browser, web, user, { audience: twin.identifier, scope })).access_token).claims;
      assert.deepEqual(other.permissions, ['delete:orders']);
      assert.ok(!other.scope.includes('read:orders'));
      const nobody = { ...(await createUser(server.api)), password };
      const nothing = decodeJwt((await tokensOf(server.http(), web, nobody, { audience: guarded.identifier, scope })).access_token).claims;
      assert.deepEqual(nothing.permissions, []);
      assert.equal(nothing.scope, 'openid');
    });
  });

  describe('a connection', () => {
    it('serves only the applications it is enabled for', async () => {
      const client = await server.api.post('/clients', {
        name: 'Uninvited', app_type: 'regular_web', callbacks: [`${base}/callback`],
        grant_types: ['authorization_code', 'password', 'http://auth0.com/oauth/grant-type/password-realm'],
      });
      const user = await createUser(server.api);
      const connection = (await databaseConnection(server.api)).name;
      await server.api.patch('/tenants/settings', { default_directory: connection });
      for (const grant_type of ['password', 'http://auth0.com/oauth/grant-type/password-realm']) {
        refused(await ask(client, { grant_type, username: user.email, password, realm: connection }), 403, 400, 401);
      }
      const page = await beginLogin(server.http(), client);
      assert.ok(page.status >= 400 && page.status < 500, `${page.status}`);
      const signup = await http().post('/dbconnections/signup', { json: { client_id: client.client_id, email: 'x@example.com', password, connection } });
      assert.equal(signup.status, 400);
    });
  });

  describe('consent', () => {
    it('is asked for an application of a third party, and refusing gives nothing', async () => {
      const made = await server.api.request('POST', '/clients', {
        json: { name: 'Third', is_first_party: false, app_type: 'regular_web', callbacks: [`${base}/callback`], grant_types: ['authorization_code'] },
      });
      assert.equal(made.status, 201, made.text);
      const third = made.json;
      const connection = await databaseConnection(server.api);
      await server.api.patch(`/connections/${connection.id}/clients`, [{ client_id: third.client_id, status: true }]);
      if (!connection.is_domain_connection) await server.api.request('PATCH', `/connections/${connection.id}`, { json: { is_domain_connection: true } });
      const user = { ...(await createUser(server.api)), password };
      const browser = server.http();
      const page = await beginLogin(browser, third);
      const consent = await submitLogin(browser, page, { username: user.email, password });
      assert.equal(consent.status, 200, 'a page asks');
      assert.ok(consent.url.includes('/u/consent'), consent.url);
      const silent = await browser.get(authorizeUrl(third, { prompt: 'none' }));
      assert.equal(new URL(silent.location).searchParams.get('error'), 'consent_required');
      const jump = await browser.get(`/authorize/resume?state=${new URL(consent.url).searchParams.get('state')}`);
      assert.ok(!jump.location?.includes('code='), 'the question cannot be skipped');
      const denied = await browser.follow(await browser.submit(consent, { action: 'deny' }), { until: (url) => url.origin === base });
      assert.equal(new URL(denied.location).searchParams.get('error'), 'access_denied');
      assert.equal(new URL((await browser.get(authorizeUrl(third, { prompt: 'none' }))).location).searchParams.get('code'), null);
    });

    it('is asked also when no scope is, for the token names the user and opens the API', async () => {
      const third = await server.api.post('/clients', {
        name: 'Third', is_first_party: false, app_type: 'regular_web', callbacks: [`${base}/callback`], grant_types: ['authorization_code'],
      });
      const connection = await databaseConnection(server.api);
      await server.api.patch(`/connections/${connection.id}/clients`, [{ client_id: third.client_id, status: true }]);
      const user = { ...(await createUser(server.api)), password };
      for (const scope of [undefined, '', 'nonsense']) {
        const browser = server.http();
        const page = await submitLogin(browser, await beginLogin(browser, third, { scope, audience: api.identifier }), { username: user.email, password });
        assert.ok(page.status === 200 && page.url.includes('/u/consent'), `${page.status} ${page.location ?? page.url}`);
      }
    });
  });

  it('are not registered by strangers', async () => {
    for (const path of ['/oidc/register', '/oauth/register', '/register', '/connect/register']) {
      const answer = await http().post(path, { json: { client_name: 'Evil', redirect_uris: ['https://evil.example/'] } });
      assert.ok([401, 403, 404, 405].includes(answer.status), `${path}: ${answer.status} ${answer.text}`);
    }
  });

  it('cannot redeem for another by naming it', async () => {
    const web = await createWebApplication(server.api, base, '/callback');
    const user = { ...(await createUser(server.api)), password };
    const given = await signIn(server.http(), web, user);
    refused(await redeem(http(), { client_id: web.client_id, client_secret: machine.client_secret }, given), 401);
    refused(await http().post('/oauth/token', {
      form: { grant_type: 'authorization_code', code: given.code, code_verifier: given.verifier, redirect_uri: given.redirect_uri, client_id: web.client_id },
      headers: basic(machine.client_id, machine.client_secret),
    }), 400, 401);
    assert.equal((await redeem(http(), web, given)).status, 200);
  });

  it('secrets appear in no log', async () => {
    assert.ok(!server.log.includes(machine.client_secret));
    const logs = await server.api.get('/logs?per_page=100');
    assert.ok(!JSON.stringify(logs).includes(machine.client_secret));
    assert.ok(!JSON.stringify(logs).includes(password));
  });
});
