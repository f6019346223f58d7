// The tenant's own texts on the hosted pages: /prompts/{prompt}/custom-text/{language}.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { createWebApplication } from '../support/fixtures.mjs';
import { startServer } from '../support/server.mjs';

describe('custom texts', () => {
  let server, api;
  before(async () => {
    server = await startServer();
    api = server.api;
  });
  after(async () => { await server?.stop(); });

  const callback = 'http://localhost:3000/callback';
  let app;
  const loginPage = async (headers = {}) => {
    app ??= await createWebApplication(api, 'http://localhost:3000', '/callback', { name: 'Bakery' });
    const query = new URLSearchParams({ client_id: app.client_id, response_type: 'code', scope: 'openid', redirect_uri: callback, state: 'x' });
    const http = server.http();
    const page = await http.get((await http.get(`/authorize?${query}`)).headers.location, { headers });
    assert.equal(page.status, 200, page.text);
    return page.text;
  };

  it('are shown on the page in their language, with placeholders filled and everything escaped', async () => {
    const texts = { login: { title: 'Come in to ${companyName} & <b>${clientName}</b>', buttonText: 'Bake on' } };
    assert.deepEqual(await api.put('/prompts/login/custom-text/en', texts), texts);
    assert.deepEqual(await api.get('/prompts/login/custom-text/en'), texts);
    const page = await loginPage();
    assert.match(page, /Come in to [^<]* &amp; &lt;b&gt;Bakery&lt;\/b&gt;/);
    assert.match(page, />\s*Bake on\s*</);
    await api.patch('/tenants/settings', { enabled_locales: ['en', 'ar'] });
    assert.doesNotMatch(await loginPage({ 'Accept-Language': 'ar' }), /Bake on/);
  });

  it('are replaced as a whole, and {} brings the built-in ones back', async () => {
    await api.put('/prompts/login/custom-text/en', { login: { title: 'Hello' } });
    assert.doesNotMatch(await loginPage(), /Bake on/);
    assert.deepEqual(await api.put('/prompts/login/custom-text/en', {}), {});
    assert.deepEqual(await api.get('/prompts/login/custom-text/en'), {});
    assert.doesNotMatch(await loginPage(), />Hello</);
  });

  it('are refused for prompts, languages, screens and values that do not exist', async () => {
    for (const [path, body] of [
      ['/prompts/nowhere/custom-text/en', {}],
      ['/prompts/login/custom-text/xx', {}],
      ['/prompts/login/custom-text/en', { signup: { title: 'x' } }],
      ['/prompts/login/custom-text/en', { login: { title: 5 } }],
      ['/prompts/login/custom-text/en', { login: { title: 'x'.repeat(5000) } }],
    ]) {
      const answer = await api.request('PUT', path, body);
      assert.equal(answer.status, 400, `${path} ${answer.text}`);
      assert.ok(JSON.parse(answer.text).message, answer.text);
    }
    assert.equal((await api.request('GET', '/prompts/nowhere/custom-text/en')).status, 400);
  });
});
