// Protection beyond counting: captchas before logins, sign-ups and resets, passwords known from breaches, blocked addresses. And the
// tenant's own theme, page and markup around the forms, which must not weaken any of it.

import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import fs from 'node:fs';
import http from 'node:http';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { newPerson, startBrowser } from '../support/browser.mjs';
import { createApplication, createUser, createWebApplication, password, unique } from '../support/fixtures.mjs';
import { beginLogin, isAway, textOf, token } from '../support/oauth.mjs';
import { startServer } from '../support/server.mjs';

const axe = fs.readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const realm = 'http://auth0.com/oauth/grant-type/password-realm';
const database = 'Username-Password-Authentication';
const leaked = 'Hunter2-Hunter2-!';
const names = 'zero one two three four five six seven eight nine'.split(' ');

describe('attack protection', () => {
  let server, api, app, site, origin, folder;
  let next = 1;
  const address = () => { next += 1; return `203.0.113.${next}`; };
  const from = (ip = address()) => server.http({ headers: { 'x-forwarded-for': ip } });

  before(async () => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'gatehouse-leaks-'));
    const digests = [leaked, ...Array.from({ length: 500 }, () => randomBytes(8).toString('hex'))]
      .map((text) => createHash('sha1').update(text).digest('hex').toUpperCase()).sort();
    fs.writeFileSync(path.join(folder, 'pwned.txt'), digests.map((digest, n) => `${digest}:${n * 37 + 1}`).join('\r\n'));
    server = await startServer({ args: ['--trusted-proxy', '127.0.0.1/32', '--trusted-proxy', '::1/128',
      '--set', `attack_protection.breached_passwords_file=${path.join(folder, 'pwned.txt')}`] });
    api = server.api;
    site = http.createServer((request, response) => response.end('arrived')).listen(0, '127.0.0.1');
    await once(site, 'listening');
    origin = `http://localhost:${site.address().port}`;
    app = await createWebApplication(api, origin, '/callback');
  });
  after(async () => {
    await server?.stop();
    site?.close();
    fs.rmSync(folder, { recursive: true, force: true });
  });

  const bots = (settings) => api.patch('/attack-protection/bot-detection', {
    challenge_password_policy: 'never', challenge_password_reset_policy: 'never', allowlist: [], monitoring_mode_enabled: false, ...settings,
  });
  const captcha = (settings) => api.patch('/attack-protection/captcha', settings);
  const digitsOf = (page) => {
    const words = page.text.match(/Type these numbers as digits:\s*([a-z, ]+)</)?.[1];
    assert.ok(words, `no captcha on ${page.url}\n${textOf(page)}`);
    return words.trim().split(', ').map((word) => names.indexOf(word)).join('');
  };
  const arrived = async (browser, answer) => {
    const end = await browser.follow(answer, { until: isAway(browser) });
    assert.match(end.location ?? `${end.status} ${textOf(end)}`, /code=/);
  };

  describe('a captcha of our own', () => {
    before(async () => {
      await captcha({ active_provider_id: 'simple_captcha' });
      await bots({ challenge_password_policy: 'always', challenge_password_reset_policy: 'always' });
    });
    after(async () => { await bots({}); });

    it('stands before the password: nothing goes on without it, and one answer uses it up', async () => {
      const user = await createUser(api);
      const browser = from();
      const page = await beginLogin(browser, app);
      const right = { username: user.email, password };
      const without = await browser.submit(page, right);
      assert.equal(without.status, 400);
      assert.match(without.text, /role="alert"/);
      const wrong = await browser.submit(without, { ...right, captcha: digitsOf(without) === '11111' ? '22222' : '11111' });
      assert.equal(wrong.status, 400);
      const again = await browser.submit(without, { ...right, captcha: digitsOf(without) });
      assert.equal(again.status, 400, 'a wrong answer has used it up');
      const other = from();
      const stolen = await other.submit(await beginLogin(other, app), { ...right, captcha: digitsOf(again), captcha_token: again.text.match(/captcha_token" value="([^"]+)/)[1] });
      assert.equal(stolen.status, 400, 'it belongs to one login');
      await arrived(browser, await browser.submit(again, { ...right, captcha: digitsOf(again) }));
    });

    it('counts no attempt at the password as long as it is not solved', async () => {
      const user = await createUser(api);
      const browser = from();
      let page = await beginLogin(browser, app);
      for (let n = 0; n < 12; n += 1) page = await browser.submit(page, { username: user.email, password: 'wrong' });
      assert.deepEqual((await api.get(`/user-blocks/${encodeURIComponent(user.user_id)}`)).blocked_for, []);
    });

    it('stands before sign-up and the reset mail, and takes digits as other scripts and hands write them', async () => {
      const browser = from();
      const login = await beginLogin(browser, app);
      const signup = await browser.get(login.text.match(/href="([^"]*\/u\/signup[^"]*)"/)[1].replaceAll('&amp;', '&'));
      const email = `eve.${unique()}@example.com`;
      const refused = await browser.submit(signup, { email, password });
      assert.equal(refused.status, 400);
      assert.deepEqual(await api.get(`/users-by-email?email=${email}`), []);
      await arrived(browser, await browser.submit(refused, { email, password, captcha: ` ${digitsOf(refused).split('').join(' ')} ` }));

      const reader = from();
      const state = await beginLogin(reader, app);
      const reset = await reader.get(state.text.match(/href="([^"]*\/u\/reset-password\/request[^"]*)"/)[1].replaceAll('&amp;', '&'));
      const mails = server.outbox().length;
      const unsolved = await reader.submit(reset, { username: email });
      assert.equal(unsolved.status, 400);
      const arabic = [...digitsOf(unsolved)].map((digit) => String.fromCodePoint(0x660 + Number(digit))).join('');
      const sent = await reader.follow(await reader.submit(unsolved, { username: email, captcha: arabic }));
      assert.equal(sent.status, 200, textOf(sent));
      assert.equal(new URL(sent.url).pathname, '/u/reset-password/email');
      await server.message((one) => one.text?.includes(`To: ${email}`) && one.text.includes('reset-verify'));
      assert.ok(server.outbox().length > mails);
    });

    it('sends those to the pages who come by the API, where none can be shown', async () => {
      const user = await createUser(api);
      const client = await createApplication(api, { app_type: 'regular_web', grant_types: [realm, 'password'] });
      const answer = await token(from(), client, { grant_type: realm, realm: database, username: user.email, password });
      assert.equal(answer.status, 403);
      assert.equal(answer.json.error, 'requires_verification');
      const email = `eve.${unique()}@example.com`;
      const signup = await from().post('/dbconnections/signup', { json: { client_id: app.client_id, connection: database, email, password } });
      assert.equal(signup.json.code, 'requires_verification');
    });

    it('leaves those alone who are on the list of allowed addresses, and everybody while it only watches', async () => {
      const ip = address();
      await bots({ challenge_password_policy: 'always', allowlist: [ip] });
      assert.doesNotMatch((await beginLogin(from(ip), app)).text, /captcha_token/);
      assert.match((await beginLogin(from(), app)).text, /captcha_token/);
      await bots({ challenge_password_policy: 'always', monitoring_mode_enabled: true });
      assert.doesNotMatch((await beginLogin(from(), app)).text, /captcha_token/);
    });

    it('comes when it gets risky: after failures at one account from one address', async () => {
      await bots({ challenge_password_policy: 'when_risky' });
      const user = await createUser(api);
      const browser = from();
      let page = await beginLogin(browser, app);
      assert.doesNotMatch(page.text, /captcha_token/);
      for (let n = 0; n < 3; n += 1) page = await browser.submit(page, { username: user.email, password: 'wrong' });
      assert.match(page.text, /captcha_token/);
      page = await browser.submit(page, { username: user.email, password });
      assert.equal(page.status, 400);
      await arrived(browser, await browser.submit(page, { username: user.email, password, captcha: digitsOf(page) }));
    });

    it('is done by the browser itself, unseen, where scripts run; and can be used by everybody', async () => {
      await captcha({ active_provider_id: 'auth_challenge', auth_challenge: { fail_open: false } });
      await bots({ challenge_password_policy: 'always' });
      const user = await createUser(api);
      const browser = await startBrowser({ caFiles: [server.caFile] });
      try {
        const url = `${server.issuer}authorize?${new URLSearchParams({ client_id: app.client_id, response_type: 'code', redirect_uri: `${origin}/callback`, scope: 'openid', state: 's' })}`;
        const page = await newPerson(browser);
        await page.goto(url);
        await page.fill('input[name=username]', user.email);
        await page.fill('input[name=password]', password);
        assert.equal(await page.locator('#captcha').isVisible(), false);
        await page.click('form button[type=submit][value=default]');  // before the work is done, perhaps: then it goes when it is
        await page.waitForURL(`${origin}/callback?**`);

        await captcha({ active_provider_id: 'simple_captcha' });
        const reader = await newPerson(browser);
        await reader.goto(url);
        await reader.locator('.captcha__words summary').click();
        await reader.evaluate(axe);
        const { violations } = await reader.evaluate(() => window.axe.run(document, { runOnly: { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] } }));
        assert.deepEqual(violations.map((one) => `${one.id}: ${one.nodes[0].html}`), []);
      } finally {
        await browser.close();
      }
    });
  });

  describe('a captcha of a service', () => {
    let service, asked, verdict;
    before(async () => {
      service = http.createServer((request, response) => {
        let body = '';
        request.on('data', (chunk) => { body += chunk; });
        request.on('end', () => {
          asked.push({ url: request.url, body });
          response.writeHead(verdict.status ?? 200, { 'content-type': 'application/json' });
          response.end(JSON.stringify(verdict.body));
        });
      }).listen(0, '127.0.0.1');
      await once(service, 'listening');
      await bots({ challenge_password_policy: 'always' });
    });
    after(async () => {
      await bots({});
      await captcha({ active_provider_id: 'auth_challenge' });
      service.close();
    });

    for (const [provider, field, settings, accepts, refuses] of [
      ['hcaptcha', 'h-captcha-response', { secret: 'hc-secret' }, { success: true }, { success: false }],
      ['recaptcha_v2', 'g-recaptcha-response', { secret: 'rc-secret' }, { success: true }, { success: false }],
      ['friendly_captcha', 'frc-captcha-solution', { secret: 'frc-secret' }, { success: true }, { success: false }],
      ['recaptcha_enterprise', 'g-recaptcha-response', { api_key: 'rce-secret', project_id: 'bakery' },
        { tokenProperties: { valid: true }, riskAnalysis: { score: 0.9 } }, { tokenProperties: { valid: true }, riskAnalysis: { score: 0.1 } }],
    ]) {
      it(`lets in whom ${provider} takes for a person, and nobody else`, async () => {
        const url = `http://localhost:${service.address().port}`;
        const shown = await captcha({ active_provider_id: provider, [provider]: { site_key: 'the-site-key', verify_url: url, ...settings } });
        assert.equal(shown.active_provider_id, provider);
        assert.doesNotMatch(JSON.stringify(shown), /-secret/, 'secrets are not given back');
        asked = [];
        const user = await createUser(api);
        const browser = from();
        const page = await beginLogin(browser, app);
        assert.match(page.text, /data-sitekey="the-site-key"/);
        assert.match(page.headers['content-security-policy'], /script-src 'self' https:/);
        const answer = { username: user.email, password, [field]: 'an answer' };

        assert.equal((await browser.submit(page, { username: user.email, password })).status, 400);
        assert.equal(asked.length, 0);
        verdict = { body: refuses };
        assert.equal((await browser.submit(page, answer)).status, 400);
        verdict = { status: 500, body: accepts };
        assert.equal((await browser.submit(page, answer)).status, 400, 'a service that is down opens no door');
        verdict = { body: accepts };
        await arrived(browser, await browser.submit(page, answer));
        assert.match(asked[0].body + asked[0].url, new RegExp(Object.values(settings)[0]));
        assert.match(asked[0].body, /an(\+|%20| )answer/);
      });
    }
  });

  describe('passwords known from breaches', () => {
    const shields = (settings) => api.patch('/attack-protection/breached-password-detection', settings);
    const machine = () => createApplication(api, { app_type: 'regular_web', grant_types: [realm, 'password'] });
    const logged = async (type) => {
      for (let n = 0; n < 50; n += 1) {
        const found = await api.get(`/logs?q=type:${type}&per_page=1`);
        if (found.length) return found[0];
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      throw new Error(`no ${type}`);
    };
    after(async () => { await shields({ enabled: false }); });

    it('are let in as long as the tenant does not ask', async () => {
      const user = await createUser(api, { password: leaked });
      const answer = await token(from(), await machine(), { grant_type: realm, realm: database, username: user.email, password: leaked });
      assert.equal(answer.status, 200, answer.text);
    });

    it('keep their user out of every entrance, who is told by mail once', async () => {
      await shields({ enabled: true, shields: ['block', 'user_notification'] });
      const user = await createUser(api, { password: leaked });
      const app2 = await machine();
      for (let n = 0; n < 2; n += 1) {
        const answer = await token(from(), app2, { grant_type: realm, realm: database, username: user.email, password: leaked });
        assert.equal(answer.status, 403, answer.text);
        assert.equal(answer.json.error, 'password_leaked');
      }
      const browser = from();
      const page = await browser.submit(await beginLogin(browser, app), { username: user.email, password: leaked });
      assert.equal(page.status, 403);
      assert.match(page.text, /role="alert"/);
      const isNotice = (one) => one.text?.includes(`To: ${user.email}`);
      await server.message(isNotice);
      assert.equal(server.outbox().filter(isNotice).length, 1);
      assert.equal((await logged('pwd_leak')).user_id, user.user_id);
      const wrong = await token(from(), app2, { grant_type: realm, realm: database, username: user.email, password: 'Hunter2' });
      assert.equal(wrong.json.error, 'invalid_grant', 'nobody learns it who does not know the password');
    });

    it('are only noted where no shield blocks', async () => {
      await shields({ enabled: true, shields: [] });
      const user = await createUser(api, { password: leaked });
      const answer = await token(from(), await machine(), { grant_type: realm, realm: database, username: user.email, password: leaked });
      assert.equal(answer.status, 200, answer.text);
    });

    it('are not taken at sign-up and reset', async () => {
      await shields({ enabled: true, stage: { 'pre-user-registration': { shields: ['block'] }, 'pre-change-password': { shields: ['block'] } } });
      const email = `mallory.${unique()}@example.com`;
      const signup = await from().post('/dbconnections/signup', { json: { client_id: app.client_id, connection: database, email, password: leaked } });
      assert.equal(signup.status, 400);
      assert.equal(signup.json.code, 'password_leaked');
      await logged('signup_pwd_leak');

      const user = await createUser(api);
      const { ticket } = await api.post('/tickets/password-change', { user_id: user.user_id });
      const browser = from();
      const page = await browser.follow(await browser.get(ticket));
      const refused = await browser.submit(page, { 'password-reset': leaked, 're-enter-password': leaked });
      assert.match(textOf(refused), /breach/);
      await logged('reset_pwd_leak');
      const done = await browser.follow(await browser.submit(refused, { 'password-reset': 'Another-Horse-8-Battery', 're-enter-password': 'Another-Horse-8-Battery' }));
      assert.equal(done.status, 200, textOf(done));
    });
  });

  it('tells which addresses are blocked, and unblocks them', async () => {
    const ip = address();
    await api.patch('/attack-protection/suspicious-ip-throttling', { stage: { 'pre-login': { max_attempts: 3, rate: 864000 } } });
    const client = await createApplication(api, { app_type: 'regular_web', grant_types: [realm, 'password'] });
    const guess = (secret, username = `nobody.${unique()}@example.com`) => token(from(ip), client, { grant_type: realm, realm: database, username, password: secret });
    assert.equal((await api.request('GET', `/anomaly/blocks/ips/${ip}`)).status, 404);
    for (let n = 0; n < 3; n += 1) await guess('wrong');
    assert.equal((await guess('wrong')).status, 429);
    assert.equal((await api.request('GET', `/anomaly/blocks/ips/${ip}`)).status, 200);
    assert.equal((await api.request('DELETE', `/anomaly/blocks/ips/${ip}`)).status, 204);
    assert.equal((await api.request('GET', `/anomaly/blocks/ips/${ip}`)).status, 404);
    assert.equal((await guess('wrong')).json.error, 'invalid_grant');
    assert.equal((await api.request('GET', '/anomaly/blocks/ips/nonsense')).status, 400);
    await api.patch('/attack-protection/suspicious-ip-throttling', { stage: { 'pre-login': { max_attempts: 100, rate: 864000 } } });
  });

  describe('what a tenant makes of its pages', () => {
    it('puts its own page around ours, and a login works in it', async () => {
      const bare = '<!DOCTYPE html><html><head><title>x</title></head><body>{%- auth0:widget -%}</body></html>';
      const refused = await api.request('PUT', '/branding/templates/universal-login', { json: bare });
      assert.equal(refused.status, 400, 'a page without our head would lock everybody out');
      const source = `<!DOCTYPE html><html lang="{{ locale }}"><head>{%- auth0:head -%}<style>body { --x: 1 }</style></head>
        <body class="bakery"><h6>{{ application.name | escape }} of {{ tenant.friendly_name }} on {{ prompt.screen.name }}</h6>{%- auth0:widget -%}</body></html>`;
      assert.equal((await api.request('PUT', '/branding/templates/universal-login', { json: source })).status, 201);
      assert.equal((await api.get('/branding/templates/universal-login')).body, source);
      const user = await createUser(api);
      const browser = from();
      const page = await beginLogin(browser, app);
      assert.match(page.text, /class="bakery"/);
      assert.match(page.text, /on login<\/h6>/);
      const nonce = page.headers['content-security-policy'].match(/'nonce-([^']+)'/)[1];
      assert.ok(page.text.includes(`<style nonce="${nonce}">body { --x: 1 }`));
      await arrived(browser, await browser.submit(page, { username: user.email, password }));
      assert.equal((await api.request('DELETE', '/branding/templates/universal-login')).status, 204);
      assert.equal((await api.request('GET', '/branding/templates/universal-login')).status, 404);
      assert.doesNotMatch((await beginLogin(from(), app)).text, /bakery/);
    });

    it('puts markup between the parts of a form, in which variables cannot become markup', async () => {
      await api.patch(`/clients/${app.client_id}`, { name: 'Loaf &amp; "Co"' });
      const partials = { login: { 'form-content-start': '<p class="terms">{{ application.name }}</p>', 'secondary-actions-end': '<a href="https://example.com/help">Help</a>' } };
      assert.deepEqual(await api.put('/prompts/login/partials', partials), partials);
      const page = await beginLogin(from(), app);
      assert.match(page.text, /<p class="terms">Loaf &amp;amp; &#34;Co&#34;<\/p>[\s\S]*<input id="username"[\s\S]*Help<\/a>/);
      assert.equal((await api.request('PUT', '/prompts/login/partials', { json: { login: { 'form-content-start': '{% if %}' } } })).status, 400);
      assert.equal((await api.request('PUT', '/prompts/mfa/partials', { json: {} })).status, 400);
      await api.put('/prompts/login/partials', {});
      assert.doesNotMatch((await beginLogin(from(), app)).text, /class="terms"/);
    });

    it('paints the pages in the colours and shapes of its theme', async () => {
      const bold = { bold: true, size: 100 };
      const theme = await api.post('/branding/themes', {
        borders: {
          button_border_radius: 3, button_border_weight: 1, buttons_style: 'pill', input_border_radius: 3, input_border_weight: 1,
          inputs_style: 'sharp', show_widget_shadow: false, widget_border_weight: 2, widget_corner_radius: 7,
        },
        colors: Object.fromEntries(`body_text error header icons input_background input_border input_filled_text input_labels_placeholders
          links_focused_components primary_button primary_button_label secondary_button_border secondary_button_label success
          widget_background widget_border`.split(/\s+/).map((key) => [key, key === 'primary_button' ? '#0c7d3f' : '#123456'])),
        fonts: { body_text: bold, buttons_text: bold, font_url: '', input_labels: bold, links: bold, links_style: 'underlined', reference_text_size: 17, subtitle: bold, title: { bold: false, size: 150 } },
        page_background: { background_color: '#fedcba', background_image_url: 'https://images.example.com/bread.png', page_layout: 'left' },
        widget: { header_text_alignment: 'left', logo_height: 40, logo_position: 'left', logo_url: 'https://images.example.com/logo.png', social_buttons_layout: 'bottom' },
      });
      const page = await beginLogin(from(), app);
      for (const rule of ['--primary:#0c7d3f', 'border-radius:999px', 'font-size:17px', 'box-shadow:none', 'align-items:flex-start', 'bread.png'])
        assert.ok(page.text.includes(rule), rule);
      assert.match(page.text, /<img class="brand__logo" src="https:\/\/images.example.com\/logo.png"/);
      assert.match(page.headers['content-security-policy'], /img-src 'self' https:\/\/images.example.com/);
      assert.equal((await api.request('DELETE', `/branding/themes/${theme.themeId}`)).status, 204);
      assert.equal((await api.request('GET', '/branding/themes/default')).status, 404);
    });
  });
});
