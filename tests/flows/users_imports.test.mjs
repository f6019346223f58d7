// POST /api/v2/jobs/users-imports: files of users, their password hashes at login, errors of rows, upserts, limits, interruptions.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash, createHmac, pbkdf2Sync, randomBytes, scryptSync } from 'node:crypto';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createApplication, databaseConnection, password as usualPassword, unique } from '../support/fixtures.mjs';
import { finished, importUsers, postImport, usersFile } from '../support/imports.mjs';
import { token } from '../support/oauth.mjs';
import { startServer } from '../support/server.mjs';

const realmGrant = 'http://auth0.com/oauth/grant-type/password-realm';
const realm = 'Username-Password-Authentication';
const bcrypt = '$2b$10$nFguVi9LsCAcvTZFKQlRKeLVydo8ETv483lkNsSFI/Wl1Rz1Ypo1K';  // "hello", as in Auth0's documentation
const manyCalls = ['--set', 'management.rate=100000'];

let server;
let app;
let http;
let connection_id;

/** One column of one row, straight from the database. */
function stored(of, sql) {
  const [command, args] = of.databaseUrl ? ['psql', ['-At', '-d', of.databaseUrl, '-c', sql]] : ['sqlite3', [path.join(of.dataDir, 'gatehouse.db'), sql]];
  return execFileSync(command, args, { encoding: 'utf8' }).trim();
}
const login = (username, password) => token(http, app, { grant_type: realmGrant, realm, username, password, scope: 'openid' });
const errorsOf = (job) => server.api.request('GET', `/jobs/${job.id}/errors`);
const find = async (email) => (await server.api.get(`/users-by-email?email=${encodeURIComponent(email)}`))[0];
const phc = (bytes) => bytes.toString('base64').replace(/=+$/, '');

before(async () => {
  server = await startServer({ args: manyCalls });
  http = server.http({ cookies: false });
  app = await createApplication(server.api, { app_type: 'regular_web', grant_types: [realmGrant] });
  connection_id = (await databaseConnection(server.api)).id;
});
after(() => server.stop());

describe('password hashes', () => {
  const phrase = 'Corrèct-Horse-9';
  const salt = randomBytes(12);
  const hashed = (algorithm, text) => createHash(algorithm).update(text).digest();
  const value = (bytes, encoding = 'hex') => ({ value: bytes.toString(encoding), encoding });
  // bcrypt, argon2 and md4 are not in Node.js: their passwords are those of the documented hashes
  const forms = {
    'bcrypt as password_hash': [{ password_hash: bcrypt }, 'hello'],
    bcrypt: [{ custom_password_hash: { algorithm: 'bcrypt', hash: { value: bcrypt } } }, 'hello'],
    'md4 of utf16 (NTLM)': [{ custom_password_hash: { algorithm: 'md4', hash: { value: '8846F7EAEE8FB117AD06BDD830B7586C', encoding: 'hex' }, password: { encoding: 'utf16le' } } }, 'password'],
    'md5 in latin1': [{ custom_password_hash: { algorithm: 'md5', hash: value(createHash('md5').update(phrase, 'latin1').digest()), password: { encoding: 'latin1' } } }, phrase],
    'sha1 in base64': [{ custom_password_hash: { algorithm: 'sha1', hash: value(hashed('sha1', phrase), 'base64') } }, phrase],
    'sha256 with a salt in front': [{ custom_password_hash: { algorithm: 'sha256', hash: value(hashed('sha256', `abc123${phrase}`)), salt: { value: 'abc123', position: 'prefix' } } }, phrase],
    'sha512 with a binary salt behind': [{ custom_password_hash: { algorithm: 'sha512',
      hash: value(hashed('sha512', Buffer.concat([Buffer.from(phrase), salt])), 'base64'), salt: { value: salt.toString('base64'), encoding: 'base64', position: 'suffix' } } }, phrase],
    hmac: [{ custom_password_hash: { algorithm: 'hmac', hash: { ...value(createHmac('sha1', Buffer.from('736868', 'hex')).update(phrase).digest(), 'base64'), digest: 'sha1', key: { value: '736868', encoding: 'hex' } } } }, phrase],
    'ldap {SSHA512}': [{ custom_password_hash: { algorithm: 'ldap', hash: { value: `{SSHA512}${Buffer.concat([hashed('sha512', Buffer.concat([Buffer.from(phrase), salt])), salt]).toString('base64')}`, encoding: 'utf8' } } }, phrase],
    pbkdf2: [{ custom_password_hash: { algorithm: 'pbkdf2', hash: { value: `$pbkdf2-sha512$i=100000,l=64$${phc(salt)}$${phc(pbkdf2Sync(phrase, salt, 100000, 64, 'sha512'))}`, encoding: 'utf8' } } }, phrase],
    scrypt: [{ custom_password_hash: { algorithm: 'scrypt', hash: value(scryptSync(phrase, 'abc123', 32, { cost: 4096 })), salt: { value: 'abc123', encoding: 'utf8' }, keylen: 32, cost: 4096 } }, phrase],
  };
  const mail = (name) => `${name.replace(/[^a-z0-9]/g, '')}@hashes.example.com`;

  before(async () => {
    const job = await importUsers(server, Object.entries(forms).map(([name, [hash]]) => ({ email: mail(name), ...hash })));
    assert.deepEqual(job.summary, { failed: 0, updated: 0, inserted: Object.keys(forms).length, total: Object.keys(forms).length });
  });

  for (const [name, [, right]] of Object.entries(forms)) {
    it(`${name}: lets in with the right password only, and becomes Argon2id at the first login`, async () => {
      const hashNow = () => stored(server, `SELECT hash FROM user_passwords p JOIN users u ON u.tenant = p.tenant AND u.id = p.user_id WHERE u.email = '${mail(name)}'`);
      const imported = hashNow();
      assert.equal((await login(mail(name), `${right}x`)).status, 403);
      assert.equal(hashNow(), imported);
      assert.equal((await login(mail(name), right)).status, 200);
      assert.match(hashNow(), /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
      assert.equal((await login(mail(name), right)).status, 200);
      assert.equal((await login(mail(name), `${right}x`)).status, 403);
    });
  }

  it('a user imported without a hash can sign in after setting a password', async () => {
    await importUsers(server, [{ email: 'nohash@hashes.example.com', email_verified: true }]);
    assert.equal((await login('nohash@hashes.example.com', '')).status >= 400, true);
    assert.equal((await login('nohash@hashes.example.com', 'anything')).status, 403);
    const user = await find('nohash@hashes.example.com');
    await server.api.patch(`/users/${encodeURIComponent(user.user_id)}`, { password: usualPassword });
    assert.equal((await login('nohash@hashes.example.com', usualPassword)).status, 200);
  });
});

describe('a job', () => {
  it('is answered 202, shown with its progress, and ends with a summary and an event', async () => {
    const answer = await postImport(server, '[{"email":"one@job.example.com"}]', { connection_id, external_id: 'batch-7', upsert: 'false', send_completion_email: 'false' });
    assert.equal(answer.status, 202, answer.text);
    const { id, created_at, ...rest } = answer.json;
    assert.match(id, /^job_[A-Za-z0-9]{16}$/);
    assert.deepEqual(rest, { type: 'users_import', status: 'pending', connection_id, connection: realm, upsert: false, external_id: 'batch-7', send_completion_email: false });
    const job = await finished(server, id);
    assert.deepEqual(job, { ...rest, id, created_at, status: 'completed', percentage_done: 100, summary: { failed: 0, updated: 0, inserted: 1, total: 1 } });
    const none = await errorsOf(job);
    assert.equal(none.status, 204);
    assert.equal(none.text, '');
    const [event] = await server.api.get('/logs?q=type:sui');
    assert.equal(event.details.job_id, id);
    assert.equal(event.details.inserted, 1);
  });

  it('keeps what a row says, fills in what Auth0 fills in, and makes searchable what it imports', async () => {
    const row = {
      email: 'Full@Job.example.com', email_verified: true, user_id: 'my-own-7', username: 'full.seven', phone_number: '+4912345678', phone_verified: true,
      given_name: 'Full', family_name: 'Seven', name: 'Full Seven', nickname: 'seven', picture: 'https://example.com/p.png', blocked: true,
      user_metadata: { theme: { dark: true } }, app_metadata: { plan: 'gold', roles: ['a', 'b'] },
    };
    await importUsers(server, [row, { email: 'plain@job.example.com' }]);
    const user = await server.api.get(`/users/${encodeURIComponent('auth0|my-own-7')}`);
    const { user_id, ...texts } = row;
    for (const [key, expected] of Object.entries({ ...texts, email: 'full@job.example.com' })) assert.deepEqual(user[key], expected, key);
    assert.deepEqual(user.identities, [{ connection: realm, user_id, provider: 'auth0', isSocial: false }]);
    const plain = await find('plain@job.example.com');
    assert.match(plain.user_id, /^auth0\|[0-9a-f]{24}$/);
    assert.deepEqual([plain.name, plain.nickname, plain.email_verified], ['plain@job.example.com', 'plain', false]);
    for (const q of ['app_metadata.roles:"b" AND name:"full seven"', 'user_metadata.theme.dark:true', 'username:full.seven', 'phone_number:"+4912345678"'])
      assert.deepEqual((await server.api.get(`/users?q=${encodeURIComponent(q)}`)).map((u) => u.user_id), ['auth0|my-own-7'], q);
  });

  it('says of each row that failed what is wrong with it, hiding hashes, and imports the others', async () => {
    const rows = [
      [{ email: 'bad@' }, 'INVALID_FORMAT', 'email'],
      [{ email: 7 }, 'INVALID_TYPE', 'email'],
      [{ given_name: 'Nobody' }, 'OBJECT_MISSING_REQUIRED_PROPERTY', undefined],
      [{ email: 'x1@rows.example.com', foo: 1 }, 'OBJECT_ADDITIONAL_PROPERTIES', undefined],
      [{ email: 'x2@rows.example.com', custom_password_hash: { algorithm: 'rot13', hash: { value: 'uryyb' } } }, 'ENUM_MISMATCH', 'custom_password_hash.algorithm'],
      [{ email: 'x3@rows.example.com', custom_password_hash: { algorithm: 'md5', hash: { value: 'secret-hash', encoding: 'hex' } } }, 'INVALID_FORMAT', 'custom_password_hash'],
      [{ email: 'x4@rows.example.com', password_hash: 'plain-text-password' }, 'INVALID_FORMAT', 'password_hash'],
      [{ email: 'x5@rows.example.com', user_id: 'a|b' }, 'PATTERN', 'user_id'],
      [{ email: 'x6@rows.example.com', phone_number: '12345' }, 'INVALID_FORMAT', 'phone_number'],
      [{ email: 'x7@rows.example.com', app_metadata: { identities: [] } }, 'NOT_PASSED', 'app_metadata'],
      [{ email: 'x8@rows.example.com', mfa_factors: [{ totp: { secret: 'lower case' } }] }, 'PATTERN', 'mfa_factors[0].totp.secret'],
      [{ email: 'x9@rows.example.com', mfa_factors: [] }, 'ARRAY_LENGTH_SHORT', 'mfa_factors'],
      ['just text', 'INVALID_TYPE', undefined],
    ];
    const job = await importUsers(server, [...rows.map(([row]) => JSON.stringify(row)), { email: 'good@rows.example.com' }]);
    assert.deepEqual(job.summary, { failed: rows.length, updated: 0, inserted: 1, total: rows.length + 1 });
    const answer = await errorsOf(job);
    assert.equal(answer.status, 200);
    assert.doesNotMatch(answer.text, /secret-hash|plain-text-password|lower case|uryyb/);
    assert.equal(answer.json.length, rows.length);
    for (const [row, code, where] of rows) {
      const email = row.email ?? undefined;
      const found = answer.json.find((one) => (email === undefined ? one.user.email === undefined && one.errors[0].code === code : one.user.email === email && one.errors[0].code === code));
      assert.ok(found, `${JSON.stringify(row)} is not ${code}: ${answer.text}`);
      assert.equal(found.errors[0].path, where, JSON.stringify(found));
      assert.ok(found.errors[0].message.length > 10);
    }
    assert.equal(answer.json.find((one) => one.user.email === 'bad@').errors[0].message, "Error in email property - Object didn't pass validation for format email: bad@");
    assert.ok(await find('good@rows.example.com'));
  });

  it('refuses a second row for one address, username or id of the same file, also with upsert and far apart', async () => {
    const filler = Array.from({ length: 300 }, (_, i) => ({ email: `f${i}@twice.example.com` }));
    for (const upsert of ['false', 'true']) {
      const job = await importUsers(server, [
        { email: `a${upsert}@twice.example.com`, username: `t${upsert}`, user_id: `id${upsert}`, given_name: 'First' },
        { email: `A${upsert}@Twice.example.com`, given_name: 'Second' },
        { email: `b${upsert}@twice.example.com`, username: `T${upsert}` },
        ...(upsert === 'false' ? filler : []),
        { email: `zz${upsert}@twice.example.com`, user_id: `id${upsert}` },
      ], { upsert });
      const errors = (await errorsOf(job)).json;
      assert.deepEqual(errors.map((one) => one.errors[0].code), ['DUPLICATED_USER', 'DUPLICATED_USER', 'DUPLICATED_USER']);
      assert.match(errors[0].errors[0].message, /^A user with this (email|username|user_id) was already provided\.$/);
      assert.equal((await find(`a${upsert}@twice.example.com`)).given_name, 'First');
      assert.equal(job.summary.failed, 3);
    }
  });

  it('fails as a whole when the file is no JSON array, and says why', async () => {
    for (const file of ['{"email":"x@example.com"}', '[{"email":"cut@example.com"},', '[{"email": nonsense}]', 'email,name\n', '']) {
      const answer = await postImport(server, file, { connection_id });
      assert.equal(answer.status, 202, answer.text);
      const job = await finished(server, answer.json.id);
      assert.equal(job.status, 'failed', file);
      const errors = await errorsOf(job);
      assert.equal(errors.status, 200);
      assert.match(errors.json.status_details, /^Failed to parse users file JSON when importing users\. Make sure it is valid JSON\./);
    }
    assert.ok((await server.api.get('/logs?q=type:fui')).length >= 5);
  });
});

describe('second factors', () => {
  const secret = 'JBSWY3DPEHPK3PXPJBSWY3DP';
  const methods = async (email) => server.api.get(`/users/${encodeURIComponent((await find(email)).user_id)}/authentication-methods`);
  const kinds = async (email) => (await methods(email)).map((method) => method.type).sort();
  const code = () => {
    const key = Buffer.from([...secret].map((c) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0')).join('').match(/.{8}/g).map((bits) => parseInt(bits, 2)));
    const step = Buffer.alloc(8);
    step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)));
    const mac = createHmac('sha1', key).update(step).digest();
    return String((mac.readUInt32BE(mac[19] & 15) & 0x7fffffff) % 1_000_000).padStart(6, '0');
  };

  it('come along: the imported secret answers the challenge at the first login', async () => {
    const job = await importUsers(server, [
      { email: 'totp@factors.example.com', password_hash: bcrypt, mfa_factors: [{ totp: { secret } }] },
      { email: 'sent@factors.example.com', mfa_factors: [{ phone: { value: '+4915112345678' }, email: { value: 'Second@Factors.example.com' } }, { phone: { value: '+4915112345679' } }] },
    ]);
    assert.deepEqual(job.summary, { failed: 0, updated: 0, inserted: 2, total: 2 });
    assert.equal((await errorsOf(job)).status, 204);
    const [totp] = await methods('totp@factors.example.com');
    assert.deepEqual([totp.type, totp.confirmed], ['totp', true]);
    assert.match(totp.id, /^totp\|dev_[A-Za-z0-9]{16}$/);
    const sent = await methods('sent@factors.example.com');
    assert.deepEqual(sent.map((method) => method.phone_number ?? method.email).sort(), ['+4915112345678', '+4915112345679', 'second@factors.example.com']);
    assert.ok(!stored(server, 'SELECT secret FROM authentication_methods WHERE secret IS NOT NULL').includes(secret), 'it rests sealed');

    await server.api.put('/guardian/factors/otp', { enabled: true });
    await server.api.put('/guardian/policies', ['all-applications']);
    try {
      const grants = { grant_types: [realmGrant, 'http://auth0.com/oauth/grant-type/mfa-otp'] };
      await server.api.patch(`/clients/${app.client_id}`, grants);
      const asked = await login('totp@factors.example.com', 'hello');
      assert.equal(asked.status, 403, asked.text);
      assert.equal(asked.json.error, 'mfa_required');
      const grant_type = 'http://auth0.com/oauth/grant-type/mfa-otp';
      const wrong = await token(http, app, { grant_type, mfa_token: asked.json.mfa_token, otp: code() === '000000' ? '000001' : '000000' });
      assert.equal(wrong.status, 403, wrong.text);
      const right = await token(http, app, { grant_type, mfa_token: asked.json.mfa_token, otp: code() });
      assert.equal(right.status, 200, right.text);
    } finally {
      await server.api.put('/guardian/policies', []);
      await server.api.put('/guardian/factors/otp', { enabled: false });
    }
  });

  it('that cannot be kept are reported, while the user is imported', async () => {
    const job = await importUsers(server, [
      { email: 'short@factors.example.com', mfa_factors: [{ totp: { secret: 'JBSWY3DP' } }, { email: { value: 'kept@factors.example.com' } }] },
      { email: 'dial@factors.example.com', mfa_factors: [{ phone: { value: '+1' } }] },
    ]);
    assert.deepEqual(job.summary, { failed: 0, updated: 0, inserted: 2, total: 2 });
    const { text, json } = await errorsOf(job);
    assert.equal(json.length, 2);
    for (const one of json) assert.deepEqual(one.errors, [{ code: 'MFA_FACTORS_FAILED', message: 'Unable to import factors', path: 'mfa_factors' }]);
    assert.doesNotMatch(text, /JBSWY3DP/);
    assert.deepEqual(await kinds('short@factors.example.com'), ['email']);
  });

  it('are added by upsert where a user has none of the kind, and left alone where it has', async () => {
    const email = 'later@factors.example.com';
    await importUsers(server, [{ email }]);
    assert.equal((await importUsers(server, [{ email, mfa_factors: [{ totp: { secret } }] }], { upsert: 'true' })).summary.updated, 1);
    const [first] = await methods(email);
    await importUsers(server, [{ email, mfa_factors: [{ totp: { secret: 'A'.repeat(32) } }, { phone: { value: '+4915112345670' } }] }], { upsert: 'true' });
    assert.deepEqual(await kinds(email), ['phone', 'totp']);
    assert.equal((await methods(email)).find((method) => method.type === 'totp').id, first.id);
    await importUsers(server, [{ email, mfa_factors: [{ email: { value: 'x@factors.example.com' } }] }]);
    assert.deepEqual(await kinds(email), ['phone', 'totp'], 'without upsert the row is refused as a whole');
  });
});

describe('send_completion_email', () => {
  const mail = (subject) => server.message((message) => message.text?.includes(`Subject: ${subject}\r\n`));

  it('tells the tenant\'s administrators how it went', async () => {
    const job = await importUsers(server, [{ email: 'one@mailed.example.com' }, { email: 'bad@' }], { send_completion_email: 'true', external_id: 'batch-8' });
    const { text } = await mail('An import of users has finished');
    assert.match(text, /^To: admin@localhost\r$/m);
    assert.ok(text.includes(`into the connection ${realm} of Gatehouse: 1 are new, 0 were updated, 1 could not be imported.`), text);
    assert.ok(text.includes(`The job ${job.id} (batch-8) is kept for a day.`), text);
  });

  it('tells of a file that is none, too', async () => {
    const answer = await postImport(server, '[{"email":"cut@mailed.example.com"},', { connection_id, send_completion_email: 'true' });
    assert.equal((await finished(server, answer.json.id)).status, 'failed');
    assert.match((await mail('An import of users failed')).text, /It ended early: Failed to parse users file JSON/);
  });
});

it('an import whose connection is deleted meanwhile fails, and leaves nobody behind', async () => {
  const connection = await server.api.post('/connections', { name: `gone-${unique()}`, strategy: 'auth0' });
  const rows = Array.from({ length: 8000 }, (_, i) => ({ email: `u${i}@gone.example.com` }));
  const answer = await postImport(server, usersFile(rows), { connection_id: connection.id });
  assert.equal(answer.status, 202, answer.text);
  await server.api.delete(`/connections/${connection.id}`);
  const job = await finished(server, answer.json.id);
  assert.equal(job.status, 'failed', JSON.stringify(job));
  assert.match(job.status_details, /connection does not exist any more/);
  for (const end = Date.now() + 30_000; ;) {
    const left = (await server.api.get(`/users?q=${encodeURIComponent(`identities.connection:"${connection.name}"`)}`)).length;
    if (left === 0) break;
    assert.ok(Date.now() < end, `${left} users are left`);
    await sleep(100);
  }
});

describe('users who are there already', () => {
  it('are left alone without upsert', async () => {
    await server.api.post('/users', { connection: realm, email: 'there@upsert.example.com', username: 'there', password: usualPassword, given_name: 'Before' });
    const job = await importUsers(server, [
      { email: 'THERE@upsert.example.com', given_name: 'After' }, { email: 'new@upsert.example.com', username: 'There' }, { email: 'other@upsert.example.com' },
    ]);
    assert.deepEqual(job.summary, { failed: 2, updated: 0, inserted: 1, total: 3 });
    assert.deepEqual((await errorsOf(job)).json.map((one) => one.errors[0].code).sort(), ['CONFLICT_USERNAME', 'DUPLICATED_USER']);
    assert.equal((await find('there@upsert.example.com')).given_name, 'Before');
  });

  it('are changed by upsert where Auth0 changes them: metadata as a whole, no identifiers, no block, no password they used', async () => {
    const made = await server.api.post('/users', {
      connection: realm, email: 'up@upsert.example.com', password: usualPassword, given_name: 'Before', family_name: 'Kept', user_metadata: { a: 1, b: 2 }, app_metadata: { plan: 'free' },
    });
    const row = {
      email: 'up@upsert.example.com', email_verified: true, given_name: 'After', username: 'ignored', blocked: true, user_metadata: { c: 3 },
      custom_password_hash: { algorithm: 'md5', hash: { value: createHash('md5').update('other').digest('hex'), encoding: 'hex' } },
    };
    assert.equal((await login('up@upsert.example.com', usualPassword)).status, 200);
    const job = await importUsers(server, [row, { email: 'fresh@upsert.example.com' }], { upsert: 'true' });
    assert.deepEqual(job.summary, { failed: 0, updated: 1, inserted: 1, total: 2 });
    const user = await find('up@upsert.example.com');
    assert.equal(user.user_id, made.user_id);
    assert.deepEqual([user.given_name, user.family_name, user.email_verified, user.username, user.blocked], ['After', 'Kept', true, undefined, undefined]);
    assert.deepEqual([user.user_metadata, user.app_metadata], [{ c: 3 }, { plan: 'free' }]);
    assert.equal((await login('up@upsert.example.com', usualPassword)).status, 200);
    assert.equal((await login('up@upsert.example.com', 'other')).status, 403);
    assert.deepEqual((await server.api.get('/users?q=user_metadata.c:3')).map((u) => u.user_id), [made.user_id]);
    assert.deepEqual(await server.api.get('/users?q=user_metadata.a:1'), []);
  });

  it('get another imported hash as long as they never signed in', async () => {
    const row = (text) => ({ email: 'again@upsert.example.com', custom_password_hash: { algorithm: 'sha1', hash: { value: createHash('sha1').update(text).digest('hex'), encoding: 'hex' } } });
    await importUsers(server, [row('first-Pass-1')]);
    assert.equal((await importUsers(server, [row('second-Pass-2')], { upsert: 'true' })).summary.updated, 1);
    assert.equal((await login('again@upsert.example.com', 'first-Pass-1')).status, 403);
    assert.equal((await login('again@upsert.example.com', 'second-Pass-2')).status, 200);
    await importUsers(server, [row('third-Pass-3')], { upsert: 'true' });
    assert.equal((await login('again@upsert.example.com', 'third-Pass-3')).status, 403);
  });
});

describe('requests', () => {
  const refusals = [
    ['without a connection', '[]', {}, 400, /Missing required property: connection_id/],
    ['with a connection that does not exist', '[]', { connection_id: 'con_0000000000000000' }, 400, /connection does not exist/i],
    ['without a file', null, { connection_id: 'it' }, 400, /Users file is required/],
    ['with an upsert that is neither true nor false', '[]', { connection_id: 'it', upsert: 'maybe' }, 400, /Expected type boolean/],
  ];
  for (const [name, file, fields, status, message] of refusals) {
    it(`${name} are answered ${status}`, async () => {
      const answer = await postImport(server, file, { ...fields, ...(fields.connection_id === 'it' ? { connection_id } : {}) });
      assert.equal(answer.status, status, answer.text);
      assert.match(answer.json.message, message);
    });
  }

  it('that are no form are answered 415, and a form without its end 400', async () => {
    assert.equal((await server.api.request('POST', '/jobs/users-imports', { json: { connection_id } })).status, 415);
    const broken = await server.api.request('POST', '/jobs/users-imports', { body: '--x\r\nContent-Disposition: form-data; name="users"\r\n\r\n[]', headers: { 'content-type': 'multipart/form-data; boundary=x' } });
    assert.equal(broken.status, 400, broken.text);
  });

  it('of strangers, and of callers without create:users, are refused before their file is stored', async () => {
    function* large() { for (let i = 0; i < 40; i += 1) yield 'x'.repeat(100_000); }
    const pieces = () => Number(stored(server, 'SELECT COUNT(*) FROM job_files'));
    const before = pieces();
    const outcome = (promise) => promise.then((answer) => answer.status, (error) => error.code);  // an answer before the end of the body may reset
    assert.ok([401, 'ECONNRESET', 'EPIPE'].includes(await outcome(postImport(server, large(), { connection_id }, { token: 'nonsense' }))));
    const reader = await server.api.newToken('read:users');
    assert.ok([403, 'ECONNRESET', 'EPIPE'].includes(await outcome(postImport(server, large(), { connection_id }, { token: reader }))));
    assert.equal(pieces(), before);
    assert.equal((await postImport(server, '[]', { connection_id }, { token: reader })).status, 403);
  });

  it('for jobs that nobody asked for are answered 404', async () => {
    for (const where of ['/jobs/job_0000000000000000', '/jobs/job_0000000000000000/errors']) {
      const answer = await server.api.request('GET', where);
      assert.equal(answer.status, 404);
      assert.equal(answer.json.errorCode, 'inexistent_job');
    }
  });

  it('for a third import at a time are answered 429', async () => {
    const many = (domain) => usersFile(Array.from({ length: 6000 }, (_, i) => ({ email: `u${i}@${domain}.example.com` })));
    const first = await postImport(server, many('first'), { connection_id });
    const second = await postImport(server, '[]', { connection_id });
    const third = await postImport(server, '[]', { connection_id });
    assert.deepEqual([first.status, second.status, third.status], [202, 202, 429], `${first.text} ${second.text} ${third.text}`);
    assert.equal(third.json.message, 'There are 2 active import users jobs, please wait until some of them are finished and try again');
    assert.equal((await finished(server, first.json.id)).summary.inserted, 6000);
    await finished(server, second.json.id);
    const fourth = await postImport(server, '[]', { connection_id });
    assert.equal(fourth.status, 202);
    assert.deepEqual((await finished(server, fourth.json.id)).summary, { failed: 0, updated: 0, inserted: 0, total: 0 });
  });

  it('with a larger file than the operator allows are answered 413', async () => {
    const small = await startServer({ args: ['--set', 'limits.import_bytes=300000'] });
    try {
      const id = (await databaseConnection(small.api)).id;
      function* large() { for (let i = 0; i < 40; i += 1) yield ' '.repeat(20_000); }
      const outcome = await postImport(small, large(), { connection_id: id }).then((answer) => answer.status, (error) => error.code);
      assert.ok([413, 'ECONNRESET', 'EPIPE'].includes(outcome), String(outcome));
      assert.equal((await postImport(small, `[${' '.repeat(310_000)}]`, { connection_id: id })).status, 413);
      assert.equal((await postImport(small, `[${' '.repeat(200_000)}]`, { connection_id: id })).status, 202);
    } finally {
      await small.stop();
    }
  });
});

describe('a large file', () => {
  const rows = 50_000;
  function* people(domain) {
    for (let i = 0; i < rows; i += 1) yield { email: `user${(i * 7919) % rows}@${domain}`, given_name: `Given${i % 50}`, password_hash: bcrypt, app_metadata: { n: i } };
  }

  it('survives kill -9 at any moment: every row is imported exactly once', async () => {
    const own = await startServer({ args: manyCalls });
    try {
      const id = (await databaseConnection(own.api)).id;
      const answer = await postImport(own, usersFile(people('killed.example.com')), { connection_id: id });
      assert.equal(answer.status, 202, answer.text);
      const wanted = own.databaseUrl ? 1 : 3;  // another node waits for the end of a lease
      let kills = 0;
      for (let percent = 0; ;) {
        const job = await own.api.get(`/jobs/${answer.json.id}`);
        if (job.status === 'completed') break;
        assert.notEqual(job.status, 'failed', JSON.stringify(job));
        if (job.percentage_done > percent && kills < wanted) {
          percent = job.percentage_done + 10;
          kills += 1;
          await own.kill9();
          await own.start();
        }
        await sleep(10);
      }
      assert.ok(kills >= 1, 'it was over before it could be killed');
      const job = await finished(own, answer.json.id);
      assert.deepEqual(job.summary, { failed: 0, updated: 0, inserted: rows, total: rows });
      assert.equal((await own.api.get('/users?include_totals=true&per_page=1')).total, rows + 1);
      for (const sql of ['SELECT COUNT(*) FROM users', 'SELECT COUNT(DISTINCT email) FROM users', 'SELECT COUNT(DISTINCT position) FROM users',
        "SELECT COUNT(*) FROM user_identifiers WHERE kind = 'email'", 'SELECT COUNT(*) FROM user_passwords'])
        assert.equal(stored(own, sql), String(rows + 1), sql);
      assert.equal(stored(own, "SELECT COUNT(*) FROM user_terms WHERE path = 'app_metadata.n'"), String(rows));
      assert.equal(stored(own, 'SELECT COUNT(*) FROM job_files'), '0');
    } finally {
      await own.stop();
    }
  });

  it('leaves logins their pace, and stops and goes on with the server', async () => {
    const own = await startServer({ args: manyCalls });
    try {
      const id = (await databaseConnection(own.api)).id;
      const users = await Promise.all(Array.from({ length: 8 }, () => own.api.post('/users', { connection: realm, email: `${unique()}@pace.example.com`, password: usualPassword })));
      const answer = await postImport(own, usersFile(people('pace.example.com')), { connection_id: id });
      const times = [];
      let job;
      for (let i = 0; i < 40; i += 1) {
        job = await own.api.get(`/jobs/${answer.json.id}`);
        if (job.status === 'completed') break;
        const begun = performance.now();
        await own.api.patch(`/users/${encodeURIComponent(users[i % 8].user_id)}`, { given_name: `Name${i}` });
        times.push(performance.now() - begun);
        if (i === 20) {
          await own.terminate();
          await own.start();
        }
      }
      times.sort((a, b) => a - b);
      assert.ok(times.length > 3, 'the import was over before anything could be measured');
      assert.ok(times[times.length >> 1] < 1000, `a change took ${times[times.length >> 1].toFixed()} ms beside the import`);
      assert.deepEqual((await finished(own, answer.json.id)).summary, { failed: 0, updated: 0, inserted: rows, total: rows });
    } finally {
      await own.stop();
    }
  });
});
