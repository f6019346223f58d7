// /guardian and what hangs on it: factor switches, policies, settings with secrets, enrolments and their links.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { createUser } from '../support/fixtures.mjs';
import { startServer } from '../support/server.mjs';

describe('second factors in the Management API', () => {
  let server;
  let api;
  before(async () => {
    server = await startServer();
    api = server.api;
  });
  after(async () => { await server?.stop(); });

  it('are all off at first, in Auth0\'s order, and switched one by one', async () => {
    const off = await api.get('/guardian/factors');
    assert.deepEqual(off.map((one) => one.name), ['sms', 'push-notification', 'otp', 'email', 'duo', 'webauthn-roaming', 'webauthn-platform', 'recovery-code']);
    assert.ok(off.every((one) => one.enabled === false && one.trial_expired === false));
    assert.deepEqual(await api.put('/guardian/factors/otp', { enabled: true }), { enabled: true });
    assert.deepEqual((await api.get('/guardian/factors')).filter((one) => one.enabled).map((one) => one.name), ['otp']);
    const unknown = await api.request('PUT', '/guardian/factors/fax', { json: { enabled: true } });
    assert.equal(unknown.status, 400);
    assert.equal(unknown.json.errorCode, 'invalid_uri');
    assert.equal((await api.request('PUT', '/guardian/factors/otp', { json: { enabled: 'yes' } })).json.errorCode, 'invalid_body');
  });

  it('have one policy at most', async () => {
    assert.deepEqual(await api.get('/guardian/policies'), []);
    assert.deepEqual(await api.put('/guardian/policies', ['confidence-score']), ['confidence-score']);
    assert.deepEqual(await api.get('/guardian/policies'), ['confidence-score']);
    assert.equal((await api.request('PUT', '/guardian/policies', { json: ['sometimes'] })).status, 400);
    assert.equal((await api.request('PUT', '/guardian/policies', { json: ['confidence-score', 'all-applications'] })).status, 400);
    assert.deepEqual(await api.put('/guardian/policies', []), []);
  });

  it('keep secrets and never show them', async () => {
    const shown = await api.put('/guardian/factors/duo/settings', { ikey: 'DIX', skey: 'very-secret-duo', host: 'api.duo.test' });
    assert.deepEqual(shown, { ikey: 'DIX', host: 'api.duo.test' });
    await api.patch('/guardian/factors/duo/settings', { host: 'api-2.duo.test' });
    assert.deepEqual(await api.get('/guardian/factors/duo/settings'), { ikey: 'DIX', host: 'api-2.duo.test' });
    await api.put('/guardian/factors/push-notification/providers/sns', { aws_access_key_id: 'AKIA', aws_secret_access_key: 'very-secret-aws' });
    assert.ok(!JSON.stringify(await api.get('/guardian/factors/push-notification/providers/sns')).includes('very-secret'));
    const logged = JSON.stringify(await api.get('/logs?per_page=100'));
    assert.ok(!logged.includes('very-secret'), 'not in the tenant log either');
  });

  it('make links for enrolment that say no more than they have to', async () => {
    const user = await createUser(api);
    const { ticket_id: id, ticket_url: url } = await api.post('/guardian/enrollments/ticket', { user_id: user.user_id, factor: 'otp' });
    assert.equal(new URL(url).searchParams.get('ticket'), id);
    assert.ok(!JSON.stringify(await api.get('/logs?per_page=100')).includes(id), 'a link in a log would be as good as the link');
    assert.equal((await api.request('POST', '/guardian/enrollments/ticket', { json: { user_id: 'auth0|nobody' } })).json.errorCode, 'inexistent_user');
    assert.equal((await api.request('POST', '/guardian/enrollments/ticket', { json: { user_id: user.user_id, factor: 'phone' } })).status, 400, 'a factor that is off');
    assert.equal((await api.request('GET', '/guardian/enrollments/dev_unknown')).status, 404);
  });

  it('want the scope that Auth0 names', async () => {
    const few = await api.newToken('read:guardian_factors');
    assert.equal((await api.request('GET', '/guardian/factors', { token: few })).status, 200);
    assert.equal((await api.request('PUT', '/guardian/factors/otp', { token: few, json: { enabled: false } })).status, 403);
    assert.equal((await api.request('GET', '/guardian/policies', { token: few })).status, 403);
    const user = await createUser(api);
    assert.equal((await api.request('GET', `/users/${encodeURIComponent(user.user_id)}/authentication-methods`, { token: few })).status, 403);
  });
});
