// Secrets are planted through real requests, in their right places and in wrong ones; none may turn up in the server's log, in the tenant's
// log, or readable in the database.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { createApi, createApplication, createUser, rotating, unique } from '../support/fixtures.mjs';
import { forms } from '../support/http.mjs';
import { beginLogin, pkce, redeem, refresh, submitLogin, token, tokensOf, userinfo } from '../support/oauth.mjs';
import { startServer } from '../support/server.mjs';

const onSqlite = (process.env.GATEHOUSE_TEST_DATABASE ?? 'sqlite') === 'sqlite';
const callback = 'https://app.example.com/callback';
const realmGrant = 'http://auth0.com/oauth/grant-type/password-realm';
const realm = 'Username-Password-Authentication';

describe('secrets', () => {
  let server;
  const planted = new Map();  // value -> what it is
  const mark = (what, value = `Marked-7-${randomBytes(18).toString('hex')}`) => {
    assert.ok(typeof value === 'string' && value.length > 7, what);
    planted.set(value, what);
    return value;
  };
  /** Whether someone who reads `text` learns a planted secret. */
  const found = (text) => [...planted].filter(([value]) => text.includes(value)).map(([, what]) => what);

  before(async () => {
    server = await startServer({ args: ['--set', 'log.level=debug', '--set', 'log.requests=true'] });
  });
  after(async () => { await server?.stop(); });

  it('are used in every way there is', async () => {
    const { api } = server;
    const http = server.http({ cookies: false });
    mark('management client secret', server.bootstrap.management.client_secret);
    mark('first password', server.bootstrap.admin.password);
    mark('management token', await api.newToken());
    api.token = mark('another management token', await api.newToken());

    // what administrators enter
    const client_secret = mark('client secret given');
    const app = await createApplication(api, {
      app_type: 'regular_web', client_secret, callbacks: [callback], grant_types: ['authorization_code', 'refresh_token', realmGrant], refresh_token: { ...rotating, leeway: 0 },
    });
    const password = mark('password');
    const user = { ...(await createUser(api, { password })), password };
    await api.patch(`/users/${encodeURIComponent((await createUser(api)).user_id)}`, { password: mark('password set by an administrator'), connection: realm });
    await api.post('/connections', {
      name: `oidc-${unique()}`, strategy: 'oidc',
      options: {
        client_id: 'x', client_secret: mark('connection secret'), type: 'back_channel', issuer: 'https://idp.example.com',
        authorization_endpoint: 'https://idp.example.com/a', token_endpoint: 'https://idp.example.com/t', jwks_uri: 'https://idp.example.com/j',
      },
    });
    await createApi(api, { signing_alg: 'HS256', signing_secret: mark('signing secret') });
    const rotated = await api.post(`/clients/${(await createApplication(api, { app_type: 'regular_web' })).client_id}/rotate-secret`);
    mark('rotated client secret', rotated.client_secret);

    // a person: wrong password, right one, code, tokens, rotation, reuse, reset
    const browser = server.http();
    const { verifier, challenge } = pkce();
    mark('code verifier', verifier);
    const page = await beginLogin(browser, app, { code_challenge: challenge, code_challenge_method: 'S256', scope: 'openid email offline_access' });
    const refusedPage = await submitLogin(browser, page, { username: user.email, password: mark('wrong password on the page') });
    const back = await submitLogin(browser, refusedPage, { username: user.email, password });
    const code = mark('code', new URL(back.location).searchParams.get('code'));
    for (const cookie of browser.jar.cookies) mark(`cookie ${cookie.name}`, cookie.value);
    const tokens = (await redeem(http, app, { code, verifier, redirect_uri: callback })).json;
    mark('opaque access token', tokens.access_token);
    mark('id token', tokens.id_token);
    mark('refresh token', tokens.refresh_token);
    await userinfo(http, tokens.access_token);
    await http.get(`/userinfo?access_token=${tokens.access_token}`);
    const next = (await refresh(http, app, tokens.refresh_token)).json;
    mark('rotated refresh token', next.refresh_token);
    assert.equal((await refresh(http, app, tokens.refresh_token)).status, 403, 'reuse is an event');
    assert.equal((await redeem(http, app, { code, verifier, redirect_uri: callback })).status, 403, 'so is a replay');
    const second = await tokensOf(server.http(), app, user, { scope: 'openid offline_access' });
    await http.post('/oauth/revoke', { form: { client_id: app.client_id, client_secret, token: mark('revoked refresh token', second.refresh_token) } });
    await token(http, app, { grant_type: realmGrant, realm, username: user.email, password: mark('wrong password at the token endpoint') });
    await http.post('/dbconnections/signup', { json: { client_id: app.client_id, connection: realm, email: `${unique()}@example.com`, password: mark('password of a sign-up') } });

    await http.post('/dbconnections/change_password', { json: { client_id: app.client_id, connection: realm, email: user.email } });
    const mail = await server.message((message) => /reset-verify/.test(message.text.replaceAll('=\r\n', '').replaceAll('=\n', '')));
    const link = /https?:\/\/[^\s"<>]*reset-verify\?ticket=3D([^\s"<>&]+)|https?:\/\/[^\s"<>]*reset-verify\?ticket=([^\s"<>&]+)/.exec(mail.text.replace(/=\r?\n/g, ''));
    const ticket = mark('reset ticket', link[1] ?? link[2]);
    const reset = await server.http().get(`/u/reset-verify?ticket=${ticket}`);
    const names = Object.keys(forms(reset)[0].fields).filter((name) => /password/i.test(name));
    const fresh = mark('password after a reset');
    await server.http().submit(reset, Object.fromEntries(names.map((name) => [name, fresh])));

    // in wrong places
    await http.get(`/authorize?client_id=${app.client_id}&password=${mark('password in a query')}`);
    await http.post('/oauth/token', { body: `{"client_secret": "${mark('secret in broken JSON')}"`, headers: { 'content-type': 'application/json' } });
    await http.post('/oauth/token', { form: { grant_type: 'client_credentials' }, headers: { authorization: `Basic ${Buffer.from(`${app.client_id}:${mark('wrong Basic secret')}`).toString('base64')}` } });
    await http.post('/oauth/token', { form: { grant_type: 'client_credentials', client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer', client_assertion: mark('client assertion') } });
    await http.post('/oauth/token', { form: { grant_type: 'refresh_token', client_id: app.client_id, client_secret, refresh_token: mark('unknown refresh token') } });
    await http.get('/api/v2/users', { headers: { authorization: `Bearer ${mark('broken bearer token')}` } });
    await http.get(`/api/v2/users?access_token=${mark('token in a query')}`);
    await api.request('POST', '/users', { json: { connection: realm, email: 'not-an-address', password: mark('password of a refused user') } });
    await api.request('POST', '/users', { json: { connection: realm, email: `${unique()}@example.com`, pasword: 'x', password: mark('password beside a misspelt name') } });
    await api.request('POST', '/clients', { json: { name: 'x', client_secret: [mark('client secret of a wrong type')] } });

    // a mail server that does not answer, and its password
    await api.request('POST', '/emails/provider', {
      json: { name: 'smtp', enabled: true, default_from_address: 'a@example.com', credentials: { smtp_host: '127.0.0.1', smtp_port: 9, smtp_user: 'u', smtp_pass: mark('mail password') } },
    });
    await http.post('/dbconnections/change_password', { json: { client_id: app.client_id, connection: realm, email: user.email } });
    await new Promise((resolve) => setTimeout(resolve, 500));  // events that change nothing are written within 100 ms
  });

  it('do not stand in the server\'s log', () => {
    assert.ok(server.log.split('\n').length > 50, 'there is something to look at');
    assert.deepEqual(found(server.log), []);
  });

  it('do not stand in the tenant\'s log', async () => {
    const events = [];
    for (let page = 0; ; page += 1) {
      const some = await server.api.get(`/logs?per_page=100&page=${page}`);
      events.push(...some);
      if (some.length < 100) break;
    }
    assert.ok(events.length > 20);
    for (const type of ['s', 'fp', 'sapi', 'fertft']) assert.ok(events.some((event) => event.type === type), `an event of type ${type}`);
    for (const event of events) assert.deepEqual(found(JSON.stringify(event)), [], JSON.stringify(event));
  });

  it('are not readable in the database', { skip: !onSqlite && 'looked at in one' }, async () => {
    await server.restart();  // so that everything is in the files
    const names = fs.readdirSync(server.dataDir).filter((name) => name.startsWith('gatehouse.db'));
    const bytes = Buffer.concat(names.map((name) => fs.readFileSync(path.join(server.dataDir, name)))).toString('latin1');
    assert.ok(bytes.includes('app.example.com'), 'readable things are there');
    assert.deepEqual(found(bytes), []);
  });
});
