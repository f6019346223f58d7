// A certified relying party that knows nothing of Auth0: openid-client, told the issuer, a client and its secret.

import assert from 'node:assert/strict';
import { createPublicKey } from 'node:crypto';
import { before, describe, it } from 'node:test';
import * as openid from 'openid-client';
import { createApi, createMachine, createUser, createWebApplication, password, unique } from '../support/fixtures.mjs';
import { local } from './servers.mjs';

const baseUrl = 'http://app.example';
const callback = `${baseUrl}/callback`;

let user, api, client;
before(async () => {
  user = await createUser(local.api);
  api = await createApi(local.api, { scopes: ['read:orders'], allow_offline_access: true });
  client = await createWebApplication(local.api, baseUrl, '/callback', { grant_types: ['authorization_code', 'implicit', 'refresh_token'] });
});

const discover = (authentication = openid.ClientSecretPost(client.client_secret), id = client.client_id) =>
  openid.discovery(new URL(local.issuer), id, undefined, authentication);

/** Signs the person in in a new browser: the URL of the callback. */
async function answerTo(url) {
  const http = local.http();
  const until = ({ origin }) => origin === baseUrl;
  const page = await http.follow(await http.get(url.href), { until });
  const answer = await http.follow(await http.submit(page, { username: user.email, password }), { until });
  assert.ok(answer.location, answer.text);
  return new URL(answer.location);
}

async function asked() {
  const checks = { pkceCodeVerifier: openid.randomPKCECodeVerifier(), expectedState: openid.randomState(), expectedNonce: openid.randomNonce() };
  const parameters = {
    redirect_uri: callback, scope: 'openid profile email offline_access', state: checks.expectedState, nonce: checks.expectedNonce,
    code_challenge: await openid.calculatePKCECodeChallenge(checks.pkceCodeVerifier), code_challenge_method: 'S256',
  };
  return { checks, parameters };
}

describe('openid-client', () => {
  for (const [name, authentication] of [['in the body', openid.ClientSecretPost], ['by HTTP Basic', openid.ClientSecretBasic]]) {
    it(`signs in, reads userinfo, refreshes and revokes, its secret ${name}`, async () => {
      const configuration = await discover(authentication(client.client_secret));
      const { checks, parameters } = await asked();
      const url = openid.buildAuthorizationUrl(configuration, { ...parameters, audience: api.identifier, max_age: '600' });
      const tokens = await openid.authorizationCodeGrant(configuration, await answerTo(url), { ...checks, idTokenExpected: true, maxAge: 600 });
      assert.equal(tokens.claims().sub, user.user_id);
      assert.equal((await openid.fetchUserInfo(configuration, tokens.access_token, user.user_id)).email, user.email);
      assert.equal((await openid.refreshTokenGrant(configuration, tokens.refresh_token)).expires_in, 86400);
      await openid.tokenRevocation(configuration, tokens.refresh_token);
      await assert.rejects(openid.refreshTokenGrant(configuration, tokens.refresh_token), { status: 403, error: 'invalid_grant' });
      const logout = openid.buildEndSessionUrl(configuration, { post_logout_redirect_uri: baseUrl, id_token_hint: tokens.id_token });
      const answer = await local.http().get(logout.href);
      assert.equal(new URL(answer.location).origin, baseUrl);
    });
  }

  it('gets a code together with an ID token that vouches for it', async () => {
    const configuration = await discover();
    openid.useCodeIdTokenResponseType(configuration);
    const { checks, parameters } = await asked();
    const url = openid.buildAuthorizationUrl(configuration, { ...parameters, response_mode: 'fragment' });
    const tokens = await openid.authorizationCodeGrant(configuration, await answerTo(url), { ...checks, idTokenExpected: true });
    assert.equal(tokens.claims().email, user.email);
  });

  it('gets an ID token alone', async () => {
    const configuration = await discover(openid.None());
    openid.useIdTokenResponseType(configuration);
    const { checks: { expectedState, expectedNonce }, parameters: { code_challenge, code_challenge_method, ...parameters } } = await asked();
    const url = openid.buildAuthorizationUrl(configuration, parameters);
    const claims = await openid.implicitAuthentication(configuration, await answerTo(url), expectedNonce, { expectedState });
    assert.equal(claims.sub, user.user_id);
  });

  it('gets a machine its token with a secret, and with a key of its own', async () => {
    const machine = await createMachine(local.api, api.identifier, ['read:orders']);
    const bySecret = await discover(openid.ClientSecretPost(machine.client_secret), machine.client_id);
    assert.equal((await openid.clientCredentialsGrant(bySecret, { audience: api.identifier })).expires_in, 86400);

    const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) };
    const { privateKey, publicKey } = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
    const pem = createPublicKey({ key: await crypto.subtle.exportKey('jwk', publicKey), format: 'jwk' }).export({ type: 'spki', format: 'pem' });
    const keyed = await local.api.post('/clients', {
      name: `Keyed ${unique()}`, app_type: 'non_interactive', grant_types: ['client_credentials'],
      client_authentication_methods: { private_key_jwt: { credentials: [{ credential_type: 'public_key', name: 'key', pem, alg: 'RS256' }] } },
    });
    await local.api.post('/client-grants', { client_id: keyed.client_id, audience: api.identifier, scope: ['read:orders'] });
    const byKey = await discover(openid.PrivateKeyJwt(privateKey), keyed.client_id);
    assert.equal((await openid.clientCredentialsGrant(byKey, { audience: api.identifier })).scope, 'read:orders');
  });
});
