// A machine gets its own token: examples/m2m, and what the token endpoint answers to hand-written requests.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import path from 'node:path';
import { after, before, describe, it, mock } from 'node:test';
import { promisify } from 'node:util';
import { MachineToken } from '../../examples/m2m/machine_token.js';
import { createApi, createMachine, unique } from '../support/fixtures.mjs';
import { repository } from '../support/server.mjs';
import { startExpressApi } from './apps.mjs';
import { tenant } from './servers.mjs';

let api, machine, express;
before(async () => {
  api = await createApi(tenant.api, { scopes: ['read:orders', 'write:orders'] });
  machine = await createMachine(tenant.api, api.identifier, ['read:orders']);
  express = await startExpressApi(tenant, api.identifier);
});
after(async () => { await express?.stop(); });

const request = (changes = {}) => ({
  grant_type: 'client_credentials', client_id: machine.client_id, client_secret: machine.client_secret, audience: api.identifier, ...changes,
});
const token = (options) => tenant.http({ cookies: false }).post('/oauth/token', options);
const claimsOf = (accessToken) => JSON.parse(Buffer.from(accessToken.split('.')[1], 'base64url'));

describe('client_credentials', () => {
  for (const body of ['json', 'form']) {
    it(`answers a ${body} body with a bearer token for a day`, async () => {
      const answer = await token({ [body]: request() });
      assert.equal(answer.status, 200, answer.text);
      assert.equal(answer.json.token_type, 'Bearer');
      assert.equal(answer.json.expires_in, 86400);
      assert.match(answer.headers['content-type'], /^application\/json/);
      assert.equal(answer.headers['cache-control'], 'no-store');
      const claims = claimsOf(answer.json.access_token);
      assert.equal(claims.iss, tenant.issuer);
      assert.equal(claims.aud, api.identifier);
      assert.equal(claims.sub, `${machine.client_id}@clients`);
      assert.equal(claims.azp, machine.client_id);
      assert.equal(claims.gty, 'client-credentials');
      assert.equal(claims.scope, 'read:orders');
      assert.equal(claims.exp - claims.iat, 86400);
    });
  }

  it('accepts the secret by HTTP Basic', async () => {
    const basic = Buffer.from(`${machine.client_id}:${machine.client_secret}`).toString('base64');
    const answer = await token({ form: { grant_type: 'client_credentials', audience: api.identifier }, headers: { authorization: `Basic ${basic}` } });
    // The method of the application is client_secret_post by default; either way of sending the same secret must work.
    assert.equal(answer.status, 200, answer.text);
  });

  it('honours the lifetime of the API', async () => {
    const short = await createApi(tenant.api, { token_lifetime: 600 });
    const other = await createMachine(tenant.api, short.identifier);
    const answer = await token({ json: request({ client_id: other.client_id, client_secret: other.client_secret, audience: short.identifier }) });
    assert.equal(answer.json?.expires_in, 600, answer.text);
  });
});

describe('client_credentials that cannot be answered', () => {
  const refused = async (changes, status, error, description) => {
    const answer = await token({ json: request(changes) });
    assert.equal(answer.status, status, answer.text);
    assert.equal(answer.json.error, error);
    assert.match(answer.json.error_description, description);
    assert.equal('access_token' in answer.json, false);
  };

  it('says 401 access_denied to a wrong secret', () => refused({ client_secret: 'wrong' }, 401, 'access_denied', /^Unauthorized/));
  it('says 401 to an unknown client, no more than to a wrong secret', () => refused({ client_id: `${unique()}${unique()}` }, 401, 'access_denied', /^Unauthorized/));
  it('says 403 access_denied for an audience without a grant', async () => {
    const other = await createApi(tenant.api);
    await refused({ audience: other.identifier }, 403, 'access_denied', /^Client is not authorized to access "https:\/\/api-/);
  });
  it('says 403 access_denied for an unknown audience, and names it', () =>
    refused({ audience: 'https://nowhere.example/' }, 403, 'access_denied', /^Service not enabled within domain: https:\/\/nowhere\.example\//));
  it('names the registered identifier to a near miss', () =>
    refused({ audience: api.identifier.slice(0, -1) }, 403, 'access_denied', new RegExp(api.identifier.replaceAll('.', '\\.'))));
  it('says 403 unauthorized_client when the application lacks the grant type', async () => {
    const client = await tenant.api.post('/clients', { name: `No grant ${unique()}`, app_type: 'regular_web', grant_types: ['authorization_code'] });
    await tenant.api.post('/client-grants', { client_id: client.client_id, audience: api.identifier, scope: [] });
    await refused({ client_id: client.client_id, client_secret: client.client_secret }, 403, 'unauthorized_client', /^Grant type 'client_credentials' not allowed for the client/);
  });
});

describe('examples/m2m', () => {
  it('keeps its token until 30 s before it expires, also when many ask at once', async () => {
    const requests = mock.method(globalThis, 'fetch');
    try {
      const keeper = new MachineToken({ domain: tenant.domain, clientId: machine.client_id, clientSecret: machine.client_secret, audience: api.identifier });
      const [first, ...others] = await Promise.all([keeper.token(), keeper.token(), keeper.token()]);
      assert.equal(first.split('.').length, 3);
      assert.deepEqual(others, [first, first]);
      assert.equal(requests.mock.callCount(), 1);
      const expires = claimsOf(first).exp * 1000;
      mock.timers.enable({ apis: ['Date'], now: expires - 32_000 });
      assert.equal(await keeper.token(), first);
      assert.equal(requests.mock.callCount(), 1);
      mock.timers.setTime(expires - 29_000);
      await keeper.token();
      assert.equal(requests.mock.callCount(), 2);
    } finally {
      mock.reset();
      mock.timers.reset();
    }
  });

  it('calls the API as a person would run it', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, ['call_api.js'], {
      cwd: path.join(repository, 'examples', 'm2m'),
      env: {
        ...process.env, AUTH0_DOMAIN: tenant.domain, AUTH0_CLIENT_ID: machine.client_id, AUTH0_CLIENT_SECRET: machine.client_secret,
        API_AUDIENCE: api.identifier, API_URL: express.baseUrl,
      },
    });
    assert.match(stdout, /^200 /);
    assert.match(stdout, new RegExp(`"sub":"${machine.client_id}@clients"`));
  });
});
