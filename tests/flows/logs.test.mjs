// The tenant log through the Management API: search, paging, checkpoints, one event, a user's events.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { createUser } from '../support/fixtures.mjs';
import { startServer } from '../support/server.mjs';

describe('the tenant log', () => {
  let server, api;
  const users = [];
  before(async () => {
    server = await startServer();
    api = server.api;
    for (let i = 0; i < 5; i += 1) users.push(await createUser(api));
  });
  after(async () => { await server?.stop(); });

  it('has an event for each change, newest first', async () => {
    const events = await api.get('/logs?q=type:sapi&per_page=3');
    assert.equal(events.length, 3);
    assert.ok(events[0].log_id > events[1].log_id && events[1].log_id > events[2].log_id);
    assert.equal(events[0]._id, events[0].log_id);
    assert.match(events[0].log_id, /^900\d{53}$/);
    assert.match(events[0].date, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    assert.deepEqual(await api.get(`/logs/${events[0].log_id}`), events[0]);
  });

  it('pages with totals, and picks fields', async () => {
    const page = await api.get('/logs?q=type:sapi&per_page=2&page=1&include_totals=true&fields=type,log_id');
    assert.equal(page.start, 2);
    assert.equal(page.limit, 2);
    assert.equal(page.length, 2);
    assert.ok(page.total >= 5);
    assert.deepEqual(Object.keys(page.logs[0]).sort(), ['log_id', 'type']);
    const answer = await api.request('GET', '/logs?page=10&per_page=100');
    assert.equal(answer.status, 400);
  });

  it('is read to its end by checkpoints', async () => {
    const seen = [];
    let next = '/logs?take=3';
    const end = Date.now() + 10_000;
    for (;;) {
      const answer = await api.request('GET', next);
      seen.push(...answer.json);
      next = answer.headers.link.match(/<[^>]*\/api\/v2([^>]*)>; rel="next"/)[1];
      if (seen.filter((event) => event.type === 'sapi').length >= 5 && answer.json.length === 0) break;
      assert.ok(Date.now() < end, `${seen.length} events`);
    }
    const ids = seen.map((event) => event.log_id);
    assert.deepEqual(ids, [...new Set(ids)].sort());
    assert.deepEqual((await api.request('GET', next)).json, [], 'the end stays the end');
  });

  it('knows no passwords', async () => {
    const text = JSON.stringify(await api.get('/logs?per_page=100'));
    assert.ok(text.includes(users[0].email));
    assert.ok(!text.includes('Correct-Horse'), text);
  });

  it('answers mistakes', async () => {
    for (const [query, status] of [['q=nonsense:x', 400], ['q=type:(', 400], ['sort=type:1', 400], ['from=abc&take=1', 400], ['take=101', 400], ['per_page=101', 400]]) {
      const answer = await api.request('GET', `/logs?${query}`);
      assert.equal(answer.status, status, `${query}: ${answer.text}`);
    }
    const missing = await api.request('GET', '/logs/90020260101000000000000000000000000000000000000000000000');
    assert.equal(missing.status, 404);
    const scoped = await api.newToken('read:users');
    assert.equal((await api.request('GET', '/logs', { token: scoped })).status, 403);
  });

  it('lists what a user did', async () => {
    const events = await api.get(`/users/${encodeURIComponent(users[0].user_id)}/logs?include_totals=true`);
    assert.ok(Array.isArray(events.logs));
    for (const event of events.logs) assert.equal(event.user_id, users[0].user_id);
  });
});
