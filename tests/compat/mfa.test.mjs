// Second factors of an application with login pages of its own, through @auth0/auth0-auth-js, told only the domain, a client and its secret.
// The tenant is shared: no policy is set, and the audience of the MFA API asks for the factor of whoever has one.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import path from 'node:path';
import { before, describe } from 'node:test';
import { createUser, createWebApplication, password } from '../support/fixtures.mjs';
import { decodeJwt } from '../support/oauth.mjs';
import { proves } from '../support/proven.mjs';
import { Authenticator } from '../support/second_factor.mjs';
import { repository } from '../support/server.mjs';
import { tenant } from './servers.mjs';

const require = createRequire(path.join(repository, 'build', 'compat', 'spa', 'package.json'));
const { AuthClient } = require('@auth0/auth0-auth-js');
const grant = (name) => `http://auth0.com/oauth/grant-type/mfa-${name}`;

describe('The MFA API through auth0-auth-js', () => {
  let sdk, user;
  const audience = `${tenant.issuer}mfa/`;
  const login = () => sdk.getTokenByPassword({
    username: user.email, password, realm: 'Username-Password-Authentication', audience,
    scope: 'openid enroll read:authenticators remove:authenticators',
  });
  /** The mfa_token that a login with the password is answered with. */
  const waiting = async () => {
    const error = await login().then(() => assert.fail('a password alone was enough'), (failed) => failed);
    const { mfa_token: token, error: word } = error.cause ?? error;
    assert.equal(word, 'mfa_required', String(error));
    return token;
  };

  before(async () => {
    for (const factor of ['otp', 'recovery-code']) await tenant.api.put(`/guardian/factors/${factor}`, { enabled: true });
    const client = await createWebApplication(tenant.api, 'http://localhost:3000', '/callback', {
      grant_types: ['authorization_code', 'password', 'http://auth0.com/oauth/grant-type/password-realm', grant('otp'), grant('recovery-code')],
    });
    user = await createUser(tenant.api);
    sdk = new AuthClient({ domain: tenant.domain, clientId: client.client_id, clientSecret: client.client_secret });
  });

  proves({ kind: 'API', way: 'MFA API', counterpart: '@auth0/auth0-auth-js' }, 'enrols an authenticator app, asks for it, recovers, and removes it', async () => {
    const first = await login();
    const enrolled = await sdk.mfa.enrollAuthenticator({ mfaToken: first.accessToken, authenticatorTypes: ['otp'] });
    const app = new Authenticator(enrolled.barcodeUri);
    const [recoveryCode] = enrolled.recoveryCodes;
    await sdk.mfa.verify({ mfaToken: first.accessToken, factorType: 'otp', otp: await app.code() });

    const mfaToken = await waiting();
    const listed = await sdk.mfa.listAuthenticators({ mfaToken });
    assert.deepEqual(listed.map((one) => one.authenticatorType).sort(), ['otp', 'recovery-code']);
    assert.equal((await sdk.mfa.challengeAuthenticator({ mfaToken, challengeType: 'otp' })).challengeType, 'otp');
    await assert.rejects(sdk.mfa.verify({ mfaToken, factorType: 'otp', otp: app.wrong() }), /otp_code/);
    const tokens = await sdk.mfa.verify({ mfaToken, factorType: 'otp', otp: await app.code() });
    assert.deepEqual(decodeJwt(tokens.idToken).claims.amr, ['mfa']);

    const recovered = await sdk.mfa.verify({ mfaToken: await waiting(), factorType: 'recovery-code', recoveryCode });
    assert.match(recovered.recoveryCode, /^[A-Z0-9]{24}$/);
    const { id } = listed.find((one) => one.authenticatorType === 'otp');
    await assert.rejects(sdk.mfa.deleteAuthenticator({ mfaToken: await waiting(), authenticatorId: id }));
    await sdk.mfa.deleteAuthenticator({ mfaToken: recovered.accessToken, authenticatorId: id });
    assert.ok((await login()).accessToken, 'nothing is left to ask for');
  });
});
