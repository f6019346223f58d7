// Codes by mail and phone through AuthenticationClient.passwordless of the npm package auth0, told only the domain, a client and its secret.

import assert from 'node:assert/strict';
import { before, describe } from 'node:test';
import { AuthenticationClient as AuthenticationV4 } from 'auth0-v4';
import { AuthenticationClient as AuthenticationV5 } from 'auth0-v5';
import { createWebApplication, unique } from '../support/fixtures.mjs';
import { decodeJwt } from '../support/oauth.mjs';
import { proves } from '../support/proven.mjs';
import { sentCode } from '../support/second_factor.mjs';
import { tenant } from './servers.mjs';

for (const [name, AuthenticationClient] of [['auth0 4', AuthenticationV4], ['auth0 5', AuthenticationV5]]) {
  describe(`Passwordless through ${name}`, () => {
    let sdk;
    before(async () => {
      const client = await createWebApplication(tenant.api, 'http://localhost:3000', '/callback', {
        grant_types: ['authorization_code', 'http://auth0.com/oauth/grant-type/passwordless/otp'],
      });
      for (const strategy of ['email', 'sms']) {
        const [there] = await tenant.api.get(`/connections?strategy=${strategy}`);
        const connection = there ?? await tenant.api.post('/connections', { name: strategy, strategy, options: {} });
        await tenant.api.patch(`/connections/${connection.id}/clients`, [{ client_id: client.client_id, status: true }]);
      }
      sdk = new AuthenticationClient({ domain: tenant.domain, clientId: client.client_id, clientSecret: client.client_secret });
    });
    const sent = () => tenant.outbox().map((one) => one.file);

    proves({ kind: 'API', way: 'Passwordless (mail)', counterpart: 'npm auth0' }, 'sends a code by mail and takes it', async () => {
      const email = `ada.${unique()}@example.com`;
      const before = sent();
      assert.equal((await sdk.passwordless.sendEmail({ email, send: 'code' })).status, 200);
      const tokens = await sdk.passwordless.loginWithEmail({ email, code: await sentCode(tenant, email, before), scope: 'openid email' });
      assert.equal(decodeJwt(tokens.data.id_token).claims.email, email);
    });

    proves({ kind: 'API', way: 'Passwordless (text message)', counterpart: 'npm auth0' }, 'sends a code by text message and takes it, but no other', async () => {
      const phone_number = `+1555${String(Math.floor(Math.random() * 1e7)).padStart(7, '0')}`;
      const before = sent();
      await sdk.passwordless.sendSMS({ phone_number });
      const code = await sentCode(tenant, phone_number, before);
      await assert.rejects(sdk.passwordless.loginWithSMS({ phone_number, code: code === '111111' ? '222222' : '111111' }), { error: 'invalid_grant' });
      const tokens = await sdk.passwordless.loginWithSMS({ phone_number, code, scope: 'openid' });
      assert.match(decodeJwt(tokens.data.id_token).claims.sub, /^sms\|/);
    });
  });
}
