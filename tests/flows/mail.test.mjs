// Mails: into the outbox without a provider, through SMTP with one; templates, and what a provider's secrets must not do.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { createUser } from '../support/fixtures.mjs';
import { startServer } from '../support/server.mjs';
import { parseMail, startSmtpSink } from '../support/smtp_sink.mjs';

describe('mails', () => {
  let server, api;
  before(async () => {
    server = await startServer();
    api = server.api;
  });
  after(async () => { await server?.stop(); });

  const to = (user) => (message) => message.text?.includes(`\r\nTo: ${user.email}\r\n`);
  const ask = (user) => api.post('/jobs/verification-email', { user_id: user.user_id });
  const jobOver = async (id) => {
    const end = Date.now() + 5000;
    for (;;) {
      const job = await api.get(`/jobs/${id}`);
      if (job.status !== 'pending' && job.status !== 'processing') return job;
      assert.ok(Date.now() < end, JSON.stringify(job));
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };

  it('are files in the outbox while no provider is set', async () => {
    const user = await createUser(api);
    const job = await ask(user);
    assert.match(job.id, /^job_[A-Za-z0-9]{16}$/);
    assert.equal(job.type, 'verification_email');
    assert.equal((await jobOver(job.id)).status, 'completed');
    const mail = parseMail((await server.message(to(user))).text);
    assert.equal(mail.to, user.email);
    const link = mail.text.match(/https?:\S+ticket=\S+/)[0];
    assert.ok(link.startsWith(server.issuer), link);
    assert.ok(mail.html.includes(link.replaceAll('&', '&amp;')), 'the same link in the HTML');
  });

  it('use the tenant\'s template, in which profiles are text', async () => {
    await api.patch('/email-templates/verify_email', {
      template: 'verify_email', subject: 'Grüße, {{ user.name }}', from: 'Acme Söhne <hello@acme.test>',
      body: '<p>Hi {{ user.name }}, {{ user.email | upcase }}</p><a href="{{ url }}">ok</a>', enabled: true,
    });
    const user = await createUser(api, { name: 'Ada {{ url }} <b>' });
    await ask(user);
    const mail = parseMail((await server.message(to(user))).text);
    assert.equal(mail.subject, 'Grüße, Ada {{ url }} <b>');
    assert.equal(mail.from, 'Acme Söhne <hello@acme.test>');
    assert.ok(mail.html.includes(`<p>Hi Ada {{ url }} &lt;b&gt;, ${user.email.toUpperCase()}</p>`), mail.html);
  });

  it('have templates that are created once, replaced and changed', async () => {
    const missing = await api.request('GET', '/email-templates/reset_email');
    assert.equal(missing.status, 404);
    assert.equal(missing.json.errorCode, 'inexistent_email_template');
    assert.equal((await api.request('PATCH', '/email-templates/reset_email', { json: { enabled: false } })).status, 404);
    const own = { template: 'reset_email', body: '<p>{{ url }}</p>', from: '', subject: 'Reset', syntax: 'liquid', resultUrl: 'https://app.test/', enabled: true };
    assert.deepEqual(await api.post('/email-templates', own), own);
    assert.equal((await api.request('POST', '/email-templates', { json: own })).status, 409);
    const { resultUrl, ...rest } = own;
    assert.deepEqual(await api.patch('/email-templates/reset_email', { resultUrl: null }), rest);
    assert.deepEqual(await api.put('/email-templates/reset_email', own), own);
    assert.deepEqual(await api.get('/email-templates/reset_email'), own);
    assert.equal((await api.request('GET', '/email-templates/pigeon_post')).status, 400);
    assert.equal((await api.request('PUT', '/email-templates/reset_email', { json: { ...own, template: 'verify_email' } })).status, 400);
    const fresh = await api.get('/email-templates/welcome_email');
    assert.equal(fresh.enabled, false);
    assert.match(fresh.body, /<html/);
  });

  it('are refused as templates that do not parse', async () => {
    const answer = await api.request('PATCH', '/email-templates/verify_email', { json: { body: 'a\n{% if %}' } });
    assert.equal(answer.status, 400);
    assert.match(answer.json.message, /Line 2/);
  });

  it('leave through SMTP once a provider is set, and its password stays secret', async () => {
    const sink = await startSmtpSink({ users: { mailer: 'MARKED-smtp-password' } });
    try {
      const before = server.outbox().length;
      const credentials = { smtp_host: '127.0.0.1', smtp_port: sink.port, smtp_user: 'mailer', smtp_pass: 'MARKED-smtp-password' };
      const created = await api.post('/emails/provider', { name: 'smtp', enabled: true, default_from_address: 'no-reply@acme.test', credentials });
      const { smtp_pass, ...visible } = credentials;
      assert.deepEqual(created.credentials, visible);
      assert.deepEqual((await api.get('/emails/provider')).credentials, visible);

      const user = await createUser(api);
      await ask(user);
      const mail = await sink.next();
      assert.deepEqual(mail.to, [user.email]);
      assert.equal(mail.from, 'hello@acme.test');
      assert.equal(mail.user, 'mailer');
      assert.match(parseMail(mail.message).html, /ticket=/);
      assert.equal(server.outbox().length, before, 'and not into the outbox as well');

      const changed = await api.patch('/emails/provider', { default_from_address: 'other@acme.test' });
      assert.equal(changed.default_from_address, 'other@acme.test');
      await ask(user);
      assert.equal((await sink.next()).user, 'mailer', 'the password outlives a change of something else');

      assert.ok(!JSON.stringify(await api.get('/logs?per_page=100')).includes('MARKED'), 'in the log');
      for (const name of readdirSync(server.dataDir).filter((file) => file.includes('.db'))) {
        assert.ok(!readFileSync(path.join(server.dataDir, name)).includes('MARKED'), `in ${name}`);
      }
    } finally {
      await api.delete('/emails/provider');
      await sink.stop();
    }
    const answer = await api.request('GET', '/emails/provider');
    assert.equal(answer.status, 404);
    assert.equal(answer.json.errorCode, 'inexistent_email_provider');
  });

  it('are not handed to a mail server whose certificate nobody vouches for', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'gatehouse-mail-'));
    execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-subj', '/CN=localhost',
      '-addext', 'subjectAltName=DNS:localhost', '-keyout', path.join(folder, 'key.pem'), '-out', path.join(folder, 'cert.pem')], { stdio: 'ignore' });
    const tls = { key: readFileSync(path.join(folder, 'key.pem')), cert: readFileSync(path.join(folder, 'cert.pem')) };
    rmSync(folder, { recursive: true });
    const sink = await startSmtpSink({ users: { mailer: 'secret' }, tls });
    try {
      await api.post('/emails/provider', { name: 'smtp', credentials: { smtp_host: 'localhost', smtp_port: sink.port, smtp_user: 'mailer', smtp_pass: 'secret' } });
      const user = await createUser(api);
      await ask(user);
      const end = Date.now() + 10_000;
      while (!server.log.includes('SSL')) {
        assert.ok(Date.now() < end, 'no failed job in the server log');
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      assert.equal(sink.count(), 0);
    } finally {
      await api.delete('/emails/provider');
      await sink.stop();
    }
  });

  it('that no server will ever take show up in the tenant log', async () => {
    const user = await createUser(api);
    const sink = await startSmtpSink({ refuse: [user.email] });
    try {
      await api.post('/emails/provider', { name: 'smtp', credentials: { smtp_host: 'localhost', smtp_port: sink.port } });
      await ask(user);
      const end = Date.now() + 10_000;
      for (;;) {
        const [event] = await api.get('/logs?q=type:fn');
        if (event) {
          assert.equal(event.details.to, user.email);
          break;
        }
        assert.ok(Date.now() < end, 'no event fn');
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      assert.equal(sink.count(), 0);
    } finally {
      await api.delete('/emails/provider');
      await sink.stop();
    }
  });

  it('refuse providers whose credentials do not fit', async () => {
    for (const body of [
      { name: 'pigeon', credentials: {} },
      { name: 'smtp', credentials: { smtp_host: 'mail.example.com' } },
      { name: 'smtp', credentials: { smtp_host: 'mail.example.com', smtp_port: 70_000 } },
      { name: 'smtp', credentials: { smtp_host: 'mail.example.com', smtp_port: 25, api_key: 'x' } },
      { name: 'smtp', credentials: { smtp_host: 'a\r\nb', smtp_port: 25 } },
      { name: 'smtp', default_from_address: 'a@b\r\nBcc: c@d', credentials: { smtp_host: 'mail.example.com', smtp_port: 25 } },
      { name: 'sendgrid', credentials: {} },
    ]) {
      const answer = await api.request('POST', '/emails/provider', { json: body });
      assert.equal(answer.status, 400, `${JSON.stringify(body)}: ${answer.text}`);
    }
  });
});
