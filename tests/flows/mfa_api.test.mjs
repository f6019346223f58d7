// Second factors without our pages: an application asks for passwords and codes itself (Auth0's MFA API), and nothing gets past a policy.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { createApi, createApplication, createUser, password } from '../support/fixtures.mjs';
import { authorizeUrl, beginLogin, decodeJwt, isAway, pkce, redeem, signIn, textOf, token } from '../support/oauth.mjs';
import { proves } from '../support/proven.mjs';
import { Authenticator, sentCode } from '../support/second_factor.mjs';
import { startServer } from '../support/server.mjs';

const realmGrant = 'http://auth0.com/oauth/grant-type/password-realm';
const grant = (name) => `http://auth0.com/oauth/grant-type/mfa-${name}`;
const realm = 'Username-Password-Authentication';

describe('the MFA API', () => {
  let server, api, http, client;
  before(async () => {
    server = await startServer();
    api = server.api;
    http = server.http({ cookies: false });
    for (const factor of ['otp', 'sms', 'email', 'recovery-code']) await api.put(`/guardian/factors/${factor}`, { enabled: true });
    await api.put('/guardian/policies', ['all-applications']);
    client = await createApplication(api, {
      app_type: 'regular_web', callbacks: ['https://app.example/cb'],
      grant_types: ['authorization_code', 'refresh_token', 'password', realmGrant, grant('otp'), grant('oob'), grant('recovery-code')],
    });
  });
  after(async () => { await server?.stop(); });

  const login = (user, more = {}) => token(http, client, { grant_type: realmGrant, realm, username: user.email, password, scope: 'openid email offline_access', ...more });
  const bearer = (text) => ({ authorization: `Bearer ${text}` });
  const authenticators = (text) => http.get('/mfa/authenticators', { headers: bearer(text) });
  const associate = (text, json) => http.post('/mfa/associate', { json, headers: bearer(text) });
  const challenge = (mfa_token, more = {}) => http.post('/mfa/challenge', { json: { client_id: client.client_id, client_secret: client.client_secret, mfa_token, ...more } });

  /** The mfa_token of a login with the password. */
  async function waiting(user, more) {
    const answer = await login(user, more);
    assert.equal(answer.status, 403, answer.text);
    assert.equal(answer.json.error, 'mfa_required');
    assert.equal(answer.json.error_description, 'Multifactor authentication required');
    assert.equal(answer.json.access_token, undefined);
    return answer.json.mfa_token;
  }
  /** A user with an authenticator app: {user, app, recoveryCode, tokens}. */
  async function enrolled() {
    const user = await createUser(api);
    const mfa_token = await waiting(user);
    const begun = await associate(mfa_token, { authenticator_types: ['otp'] });
    assert.equal(begun.status, 200, begun.text);
    const app = new Authenticator(begun.json.barcode_uri);
    const done = await token(http, client, { grant_type: grant('otp'), mfa_token, otp: await app.code() });
    assert.equal(done.status, 200, done.text);
    return { user, app, secret: begun.json.secret, recoveryCode: begun.json.recovery_codes[0], tokens: done.json };
  }

  proves({ kind: 'API', way: 'MFA API: otp', counterpart: 'npm otpauth' }, 'an authenticator app is enrolled and asked for from then on', async () => {
    const user = await createUser(api, { email_verified: false });
    const mfa_token = await waiting(user);
    assert.deepEqual((await authenticators(mfa_token)).json, []);
    const none = await challenge(mfa_token);
    assert.equal(none.json.error, 'association_required', none.text);

    const begun = await associate(mfa_token, { authenticator_types: ['otp'] });
    assert.equal(begun.status, 200, begun.text);
    assert.equal(begun.json.authenticator_type, 'otp');
    assert.match(begun.json.secret, /^[A-Z2-7]{32}$/);
    assert.match(begun.json.barcode_uri, /^otpauth:\/\/totp\/.+\?secret=.+&issuer=.+&algorithm=SHA1&digits=6&period=30$/);
    assert.match(begun.json.recovery_codes[0], /^[A-Z0-9]{24}$/);
    const [listed] = (await authenticators(mfa_token)).json.filter((one) => one.authenticator_type === 'otp');
    assert.equal(listed.active, false);

    const app = new Authenticator(begun.json.barcode_uri);
    const wrong = await token(http, client, { grant_type: grant('otp'), mfa_token, otp: app.wrong() });
    assert.equal(wrong.status, 403);
    assert.deepEqual(wrong.json, { error: 'invalid_grant', error_description: 'Invalid otp_code.' });
    const first = await app.code();
    const done = await token(http, client, { grant_type: grant('otp'), mfa_token, otp: first });
    assert.equal(done.status, 200, done.text);
    const { claims } = decodeJwt(done.json.id_token);
    assert.deepEqual(claims.amr, ['mfa']);
    assert.equal(claims.acr, 'http://schemas.openid.net/pape/policies/2007/06/multi-factor');
    assert.ok(done.json.refresh_token);
    const refreshed = await token(http, client, { grant_type: 'refresh_token', refresh_token: done.json.refresh_token });
    assert.equal(refreshed.status, 200, 'a refresh asks for nothing');

    const over = await token(http, client, { grant_type: grant('otp'), mfa_token, otp: await app.code() });
    assert.equal(over.status, 401, 'the token is used up');
    assert.deepEqual(over.json, { error: 'expired_token', error_description: 'mfa_token is expired' });

    const next = await waiting(user);
    const replayed = await token(http, client, { grant_type: grant('otp'), mfa_token: next, otp: first });
    assert.equal(replayed.json.error_description, 'Invalid otp_code.', 'each step works once');
    assert.deepEqual((await challenge(next, { challenge_type: 'otp' })).json, { challenge_type: 'otp' });
    assert.equal((await token(http, client, { grant_type: grant('otp'), mfa_token: next, otp: await app.code() })).status, 200);
  });

  proves({ kind: 'API', way: 'MFA API: sms', counterpart: 'outbox', standIn: true }, 'a phone is enrolled and challenged by text message', async () => {
    const user = await createUser(api);
    const mfa_token = await waiting(user);
    const phone = `+1555${String(Date.now()).slice(-7)}`;
    assert.equal((await associate(mfa_token, { authenticator_types: ['oob'], oob_channels: ['sms'], phone_number: 'nonsense' })).status, 400);
    const begun = await associate(mfa_token, { authenticator_types: ['oob'], oob_channels: ['sms'], phone_number: phone });
    assert.equal(begun.status, 200, begun.text);
    assert.equal(begun.json.authenticator_type, 'oob');
    assert.equal(begun.json.binding_method, 'prompt');
    assert.equal(begun.json.oob_channel, 'sms');
    const code = await sentCode(server, phone);
    const oob = (mfa, oob_code, binding_code) => token(http, client, { grant_type: grant('oob'), mfa_token: mfa, oob_code, binding_code });
    assert.equal((await oob(mfa_token, begun.json.oob_code)).json.error_description, 'binding_code is required');
    assert.equal((await oob(mfa_token, 'x'.repeat(43), code)).json.error, 'invalid_grant');
    assert.equal((await oob(mfa_token, begun.json.oob_code, code === '000000' ? '000001' : '000000')).json.error_description, 'Invalid binding_code.');
    assert.equal((await oob(mfa_token, begun.json.oob_code, code)).status, 200);

    const next = await waiting(user);
    const list = (await authenticators(next)).json;
    const sms = list.find((one) => one.oob_channel === 'sms');
    assert.equal(sms.name, `XXXXXXXX${phone.slice(-4)}`);
    assert.match(sms.id, /^sms\|dev_/);
    assert.ok(list.some((one) => one.oob_channel === 'email' && one.name === user.email), 'a verified address is a factor by itself');
    const before = server.outbox().map((one) => one.file);
    const asked = await challenge(next, { challenge_type: 'oob', authenticator_id: sms.id });
    assert.equal(asked.json.challenge_type, 'oob', asked.text);
    const second = await sentCode(server, phone, before);
    assert.equal((await oob(next, begun.json.oob_code, second)).json.error, 'invalid_grant', 'the oob_code of another login');
    assert.equal((await oob(next, asked.json.oob_code, second)).status, 200);
  });

  it('challenges a mailbox', async () => {
    const user = await createUser(api);
    const mfa_token = await waiting(user);
    const [mailbox] = (await authenticators(mfa_token)).json;
    const before = server.outbox().map((one) => one.file);
    const asked = await challenge(mfa_token, { challenge_type: 'oob', authenticator_id: mailbox.id });
    assert.equal(asked.status, 200, asked.text);
    const code = await sentCode(server, user.email, before);
    assert.equal((await token(http, client, { grant_type: grant('oob'), mfa_token, oob_code: asked.json.oob_code, binding_code: code })).status, 200);
  });

  it('takes a recovery code once and gives the next one', async () => {
    const { user, recoveryCode } = await enrolled();
    const recover = async (recovery_code) => token(http, client, { grant_type: grant('recovery-code'), mfa_token: await waiting(user), recovery_code });
    assert.equal((await recover('A'.repeat(24))).json.error_description, 'MFA Authorization rejected.');
    const used = await recover(recoveryCode);
    assert.equal(used.status, 200, used.text);
    assert.match(used.json.recovery_code, /^[A-Z0-9]{24}$/);
    assert.equal((await recover(recoveryCode)).status, 403);
    assert.equal((await recover(used.json.recovery_code)).status, 200);
  });

  it('locks second factors after ten wrong answers, in whatever logins', async () => {
    const { user, app } = await enrolled();
    const tokens = [await waiting(user), await waiting(user)];
    for (let i = 0; i < 10; i += 1)
      assert.equal((await token(http, client, { grant_type: grant('otp'), mfa_token: tokens[i % 2], otp: app.wrong() })).status, 403);
    const locked = await token(http, client, { grant_type: grant('otp'), mfa_token: await waiting(user), otp: await app.code() });
    assert.equal(locked.status, 429, locked.text);
    assert.equal(locked.json.error, 'too_many_attempts');
    assert.equal((await login(await createUser(api))).status, 403, 'others are not locked');
  });

  it('gives an mfa_token that opens nothing else', async () => {
    const { user, app } = await enrolled();
    const mfa_token = await waiting(user);
    assert.equal((await http.get('/userinfo', { headers: bearer(mfa_token) })).status, 401);
    assert.equal((await http.get('/api/v2/users', { headers: bearer(mfa_token) })).status, 401);
    assert.equal((await token(http, client, { grant_type: 'refresh_token', refresh_token: mfa_token })).status, 403);
    assert.equal((await associate(mfa_token, { authenticator_types: ['otp'] })).json.error_description, 'User is already enrolled.');
    const [otp] = (await authenticators(mfa_token)).json.filter((one) => one.authenticator_type === 'otp');
    assert.equal((await http.request('DELETE', `/mfa/authenticators/${encodeURIComponent(otp.id)}`, { headers: bearer(mfa_token) })).status, 403);
    const stranger = await createApplication(api, { app_type: 'regular_web', grant_types: [grant('otp')] });
    const stolen = await token(http, stranger, { grant_type: grant('otp'), mfa_token, otp: await app.code() });
    assert.equal(stolen.json.error_description, 'mfa_token not issued to this client', stolen.text);
    assert.equal((await token(http, client, { grant_type: grant('otp'), mfa_token: 'nonsense', otp: '1' })).json.error_description, 'Malformed mfa_token');
    await api.patch(`/users/${encodeURIComponent(user.user_id)}`, { password: `${password}-2` });
    assert.equal((await token(http, client, { grant_type: grant('otp'), mfa_token, otp: await app.code() })).json.error, 'expired_token', 'a new password ends what the old one began');
  });

  it('lets people manage their factors with an access token for the MFA API, issued after showing one', async () => {
    const user = await createUser(api);
    const audience = `${server.issuer}mfa/`;
    const scope = 'enroll read:authenticators remove:authenticators';
    await api.put('/guardian/policies', []);
    try {
      const first = await login(user, { audience, scope });
      assert.equal(first.status, 200, 'nobody who has no factor is asked for one');
      assert.equal(first.json.expires_in, 600);
      const begun = await associate(first.json.access_token, { authenticator_types: ['otp'] });
      assert.equal(begun.status, 200, begun.text);
      const app = new Authenticator(begun.json.barcode_uri);
      const confirmed = await token(http, client, { grant_type: grant('otp'), mfa_token: first.json.access_token, otp: await app.code() });
      assert.equal(confirmed.status, 200, confirmed.text);
      assert.equal((await login(user)).status, 200, 'the policy asks for none');
      assert.equal((await associate(first.json.access_token, { authenticator_types: ['otp'] })).json.error_description, 'User is already enrolled.', 'that token was issued for a password');

      const mfa_token = await waiting(user, { audience, scope });
      const shown = await token(http, client, { grant_type: grant('otp'), mfa_token, otp: await app.code() });
      assert.equal(shown.status, 200, shown.text);
      const { access_token } = shown.json;
      assert.equal((await http.get('/api/v2/users', { headers: bearer(access_token) })).status, 401);
      const [otp] = (await authenticators(access_token)).json.filter((one) => one.authenticator_type === 'otp');
      const gone = await http.request('DELETE', `/mfa/authenticators/${encodeURIComponent(otp.id)}`, { headers: bearer(access_token) });
      assert.equal(gone.status, 204, gone.text);
      assert.equal((await http.request('DELETE', `/mfa/authenticators/${encodeURIComponent(otp.id)}`, { headers: bearer(access_token) })).status, 404);
      const other = await createApi(api, { scopes: ['read:authenticators'] });
      const foreign = await login(user, { audience: other.identifier, scope: 'read:authenticators' });
      assert.equal((await authenticators(foreign.json.access_token)).status, 401, 'a token for another API');
      const narrow = await login(user, { audience, scope: 'enroll' });
      assert.equal((await authenticators(narrow.json.access_token)).status, 403);
    } finally {
      await api.put('/guardian/policies', ['all-applications']);
    }
  });

  it('does not let a session without a second factor pass a policy or a step-up silently', async () => {
    const browser = server.http();
    await api.put('/guardian/policies', []);
    const acr_values = 'http://schemas.openid.net/pape/policies/2007/06/multi-factor';
    const silent = async (parameters = {}) => {
      const answer = await browser.get(authorizeUrl(client, { prompt: 'none', ...parameters }));
      return new URL(answer.location).searchParams;
    };
    try {
      const user = await createUser(api);
      const signed = await signIn(browser, client, { email: user.email, password });
      const tokens = await redeem(http, client, signed);
      assert.equal(tokens.status, 200, tokens.text);
      assert.equal(decodeJwt(tokens.json.id_token).claims.amr, undefined);
      assert.ok((await silent()).get('code'));
      assert.equal((await silent({ acr_values })).get('error'), 'interaction_required');
      await api.put('/guardian/policies', ['all-applications']);
      const refused = await silent();
      assert.equal(refused.get('error'), 'interaction_required');
      assert.equal(refused.get('error_description'), 'Multifactor authentication required');
      const begun = await browser.follow(await browser.get(authorizeUrl(client)), { until: (url) => url.origin === 'https://app.example' });
      assert.ok(begun.url.pathname?.startsWith('/u/mfa') ?? new URL(begun.url, server.issuer).pathname.startsWith('/u/mfa'), String(begun.url));
      assert.equal((await silent()).get('error'), 'interaction_required', 'also while a page asks for it in another tab');
      await api.put('/guardian/policies', []);
      assert.ok((await silent()).get('code'), 'the session itself is as it was');
    } finally {
      await api.put('/guardian/policies', ['all-applications']);
    }
  });

  it('steps a session up when the application asks for it, and only then', async () => {
    const browser = server.http();
    const acr_values = 'http://schemas.openid.net/pape/policies/2007/06/multi-factor';
    const { user, app } = await enrolled();
    await api.put('/guardian/policies', []);
    try {
      const signed = await signIn(browser, client, { email: user.email, password });
      const first = decodeJwt((await redeem(http, client, signed)).json.id_token).claims;
      assert.equal(first.amr, undefined, 'the policy asks for none');
      const { verifier, challenge: code_challenge } = pkce();
      const page = await beginLogin(browser, client, { acr_values, code_challenge, code_challenge_method: 'S256' });
      assert.equal(page.status, 200, `${page.url}\n${textOf(page)}`);
      const wrong = await browser.follow(await browser.submit(page, { code: app.wrong() }), { until: isAway(browser) });
      assert.equal(wrong.location, undefined, 'a wrong code leads nowhere');
      const done = await browser.follow(await browser.submit(wrong, { code: await app.code() }), { until: isAway(browser) });
      assert.ok(done.location, textOf(done));
      const tokens = await redeem(http, client, { code: new URL(done.location).searchParams.get('code'), verifier, redirect_uri: client.callbacks[0] });
      assert.equal(tokens.status, 200, tokens.text);
      const second = decodeJwt(tokens.json.id_token).claims;
      assert.equal(second.sub, first.sub);
      assert.deepEqual(second.amr, ['mfa']);
      assert.equal(second.acr, acr_values);
      const silent = await browser.get(authorizeUrl(client, { prompt: 'none', acr_values }));
      assert.ok(new URL(silent.location).searchParams.get('code'), 'the session has it from now on');
    } finally {
      await api.put('/guardian/policies', ['all-applications']);
    }
  });

  it('tells the log', async () => {
    const { user, app } = await enrolled();
    await token(http, client, { grant_type: grant('otp'), mfa_token: await waiting(user), otp: app.wrong() });
    const wanted = ['mfar', 'gd_start_enroll', 'gd_enrollment_complete', 'gd_auth_succeed', 'gd_auth_failed', 'seotpft', 'feotpft'];
    const end = Date.now() + 5000;
    for (;;) {
      const events = await api.get(`/logs?q=${encodeURIComponent(`user_id:"${user.user_id}" OR client_id:"${client.client_id}"`)}&per_page=100`);
      const missing = wanted.filter((type) => !events.some((event) => event.type === type));
      if (missing.length === 0) break;
      assert.ok(Date.now() < end, `missing: ${missing}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  });
});
