// What arrives is read in one way only, judged before it does anything, and answered without telling how the house is built.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import net from 'node:net';
import { after, before, describe, it } from 'node:test';
import tls from 'node:tls';
import { gzipSync } from 'node:zlib';
import { createApi, createApplication, createMachine, createUser, createWebApplication, databaseConnection, unique } from '../support/fixtures.mjs';
import { authorizeUrl, token } from '../support/oauth.mjs';
import { exchange, headerOf, rawRequest } from '../support/raw.mjs';
import { findBinary, startServer } from '../support/server.mjs';

describe('HTTP', () => {
  let server;
  let bearer;
  let user;
  let api;
  let machine;
  before(async () => {
    server = await startServer();
    bearer = await server.api.newToken();
    user = await createUser(server.api);
    api = await createApi(server.api, { scopes: ['read:orders'] });
    machine = await createMachine(server.api, api.identifier, ['read:orders']);
  });
  after(async () => { await server?.stop(); });

  const withToken = () => ({ authorization: `Bearer ${bearer}` });
  const pathOf = (someone) => `/users/${encodeURIComponent(someone.user_id)}`;
  // No answer shows how the server is built.
  const discreet = (answer) => {
    const text = answer.text ?? `${answer.head}\n${answer.body}`;
    assert.ok(!/SELECT |INSERT |UPDATE \w+ SET|sqlite|libpq|PostgreSQL|\.cpp|\.h:|std::|boost|gatehouse::|terminate|exception|\/(tmp|root|home|usr|work)\//i.test(text),
      text.slice(0, 500));
    assert.ok(answer.status !== 500 && answer.status !== 502, `${answer.status} ${text.slice(0, 500)}`);
    return answer;
  };

  describe('a request that two readers might read differently is refused and the connection closed:', () => {
    const host = () => `Host: ${server.domain}\r\n`;
    const form = 'Content-Type: application/x-www-form-urlencoded\r\n';
    const smuggled = () => `GET /healthz HTTP/1.1\r\n${host()}\r\n`;
    const post = (fields, body) => `POST /oauth/token HTTP/1.1\r\n${host()}${form}${fields}\r\n${body}`;
    const rows = {
      'Content-Length with Transfer-Encoding': () => post('Content-Length: 5\r\nTransfer-Encoding: chunked\r\n', `0\r\n\r\n${smuggled()}`),
      'Transfer-Encoding with Content-Length': () => post('Transfer-Encoding: chunked\r\nContent-Length: 50\r\n', `0\r\n\r\n${smuggled()}`),
      'two lengths that differ': () => post('Content-Length: 1\r\nContent-Length: 5\r\n', `a=b=c${smuggled()}`),
      'two lengths in one field': () => post('Content-Length: 1, 5\r\n', `a=b=c${smuggled()}`),
      'a length with a sign': () => post('Content-Length: +5\r\n', `a=b=c${smuggled()}`),
      'a negative length': () => post('Content-Length: -1\r\n', smuggled()),
      'a hexadecimal length': () => post('Content-Length: 0x5\r\n', `a=b=c${smuggled()}`),
      'a length with a blank inside': () => post('Content-Length: 1 5\r\n', `a=b=c${smuggled()}`),
      'an empty length': () => post('Content-Length: \r\n', smuggled()),
      'a length beyond all numbers': () => post('Content-Length: 99999999999999999999999\r\n', smuggled()),
      'chunked twice': () => post('Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n', `0\r\n\r\n${smuggled()}`),
      'chunked and identity': () => post('Transfer-Encoding: chunked, identity\r\n', `0\r\n\r\n${smuggled()}`),
      'identity alone': () => post('Transfer-Encoding: identity\r\n', smuggled()),
      'gzip, chunked': () => post('Transfer-Encoding: gzip, chunked\r\n', `0\r\n\r\n${smuggled()}`),
      'xchunked': () => post('Transfer-Encoding: xchunked\r\n', `0\r\n\r\n${smuggled()}`),
      'chunked with a vertical tab': () => post('Transfer-Encoding: \x0bchunked\r\n', `0\r\n\r\n${smuggled()}`),
      'quoted chunked': () => post('Transfer-Encoding: "chunked"\r\n', `0\r\n\r\n${smuggled()}`),
      'a chunk size with a sign': () => post('Transfer-Encoding: chunked\r\n', `+5\r\na=b=c\r\n0\r\n\r\n${smuggled()}`),
      'a chunk size with 0x': () => post('Transfer-Encoding: chunked\r\n', `0x5\r\na=b=c\r\n0\r\n\r\n${smuggled()}`),
      'a chunk size with a blank': () => post('Transfer-Encoding: chunked\r\n', `5 \r\na=b=c\r\n0\r\n\r\n${smuggled()}`),
      'a chunk size beyond all numbers': () => post('Transfer-Encoding: chunked\r\n', `FFFFFFFFFFFFFFFFF\r\na\r\n0\r\n\r\n${smuggled()}`),
      'a chunk that ends late': () => post('Transfer-Encoding: chunked\r\n', `3\r\na=b=c\r\n0\r\n\r\n${smuggled()}`),
      'a chunk with bare line feeds': () => post('Transfer-Encoding: chunked\r\n', `5\na=b=c\n0\n\n${smuggled()}`),
      'a blank before a colon': () => `GET /healthz HTTP/1.1\r\nHost : ${server.domain}\r\n\r\n`,
      'a blank before the colon of a length': () => post('Content-Length : 5\r\n', `a=b=c${smuggled()}`),
      'a tab before a colon': () => post('Transfer-Encoding\t: chunked\r\n', `0\r\n\r\n${smuggled()}`),
      'a folded field': () => `GET /healthz HTTP/1.1\r\n${host()}X: a\r\n b\r\n\r\n`,
      'a NUL in a field': () => `GET /healthz HTTP/1.1\r\n${host()}X: a\0b\r\n\r\n`,
      'a NUL in a name': () => `GET /healthz HTTP/1.1\r\n${host()}X\0: a\r\n\r\n`,
      'a bare carriage return': () => `GET /healthz HTTP/1.1\r\n${host()}X: a\rb\r\n\r\n`,
      'bare line feeds': () => `GET /healthz HTTP/1.1\nHost: ${server.domain}\n\n`,
      'no Host': () => 'GET /healthz HTTP/1.1\r\n\r\n',
      'an empty Host': () => 'GET /healthz HTTP/1.1\r\nHost:\r\n\r\n',
      'two Hosts': () => `GET /healthz HTTP/1.1\r\n${host()}Host: evil.example\r\n\r\n`,
      'the same Host twice': () => `GET /healthz HTTP/1.1\r\n${host()}${host()}\r\n`,
      'a Host with userinfo': () => `GET /healthz HTTP/1.1\r\nHost: a@${server.domain}\r\n\r\n`,
      'a Host with a path': () => `GET /healthz HTTP/1.1\r\nHost: ${server.domain}/x\r\n\r\n`,
      'a Host list': () => `GET /healthz HTTP/1.1\r\nHost: ${server.domain}, evil.example\r\n\r\n`,
      'a Host with a blank': () => 'GET /healthz HTTP/1.1\r\nHost: local host\r\n\r\n',
      'a field without a colon': () => `GET /healthz HTTP/1.1\r\n${host()}nonsense\r\n\r\n`,
      'a field without a name': () => `GET /healthz HTTP/1.1\r\n${host()}: x\r\n\r\n`,
      'a control character in the path': () => `GET /health\x01z HTTP/1.1\r\n${host()}\r\n`,
      'a byte above ASCII in the path': () => `GET /health\xffz HTTP/1.1\r\n${host()}\r\n`,
      'a fragment in the path': () => `GET /healthz#x HTTP/1.1\r\n${host()}\r\n`,
      'no path': () => `GET  HTTP/1.1\r\n${host()}\r\n`,
      'a path without a slash': () => `GET healthz HTTP/1.1\r\n${host()}\r\n`,
      'two Authorizations': () => `GET /api/v2/clients HTTP/1.1\r\n${host()}Authorization: Bearer ${bearer}\r\nAuthorization: Bearer x\r\n\r\n`,
      'two Content-Types': () => `POST /oauth/token HTTP/1.1\r\n${host()}${form}Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}`,
      'HTTP/2 in clear': () => 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    };
    for (const [name, make] of Object.entries(rows)) {
      it(name, async () => {
        const { text, statuses } = await exchange(server, make(), { quietMs: 1000 });
        assert.equal(statuses.length, 1, `${statuses}: what followed was answered too`);
        assert.ok(statuses[0] === 400 || statuses[0] === 413 || statuses[0] === 505 || statuses[0] === 501, `${statuses[0]}`);
        assert.match(text, /^connection: close/im);
        discreet({ status: statuses[0], text });
      });
    }
  });

  describe('limits', () => {
    const status = async (method, target, options) => discreet(await rawRequest(server, method, target, options)).status;

    it('stop a long request line with 414', async () => { assert.equal(await status('GET', `/healthz?${'x'.repeat(17_000)}`), 414); });
    it('stop large fields with 431', async () => { assert.equal(await status('GET', '/healthz', { headers: { x: 'y'.repeat(33_000) } }), 431); });
    it('stop many fields with 431', async () => {
      const headers = Object.fromEntries(Array.from({ length: 101 }, (_, n) => [`x-${n}`, '1']));
      assert.equal(await status('GET', '/healthz', { headers }), 431);
    });
    it('stop a large body as soon as it is declared', async () => {
      const { statuses } = await exchange(server,
        `POST /api/v2/users HTTP/1.1\r\nHost: ${server.domain}\r\nAuthorization: Bearer ${bearer}\r\nContent-Type: application/json\r\nContent-Length: 1048577\r\n\r\n`);
      assert.deepEqual(statuses, [413]);
    });
    it('stop a large body in chunks', async () => {
      const chunk = `10000\r\n${'x'.repeat(65_536)}\r\n`;
      const { statuses } = await exchange(server,
        `POST /api/v2/users HTTP/1.1\r\nHost: ${server.domain}\r\nAuthorization: Bearer ${bearer}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n${chunk.repeat(17)}0\r\n\r\n`,
        { quietMs: 2000 });
      assert.deepEqual(statuses, [413]);
    });
    it('stop a large form of a login page', async () => {
      const answer = await server.http().post('/u/login?state=x', { form: { username: 'x'.repeat(70_000) } }).catch(() => ({ status: 413, text: '' }));
      assert.ok([413, 400].includes(answer.status), `${answer.status}`);
    });
    it('stop JSON that is nested too deeply', async () => {
      for (const depth of [201, 5000, 400_000]) {
        const body = `{"name":"x","user_metadata":${'['.repeat(depth)}${']'.repeat(depth)}}`;
        const answer = await server.api.request('POST', '/users', { body, headers: { 'content-type': 'application/json' } });
        assert.equal(discreet(answer).status, 400, `${depth}`);
        const answered = await server.http().post('/oauth/token', { body, headers: { 'content-type': 'application/json' } });
        assert.ok([400, 413].includes(discreet(answered).status), `${depth}: ${answered.status}`);
      }
    });
    it('stop forms with endless parameters', async () => {
      const answer = await server.http().post('/oauth/token', { body: 'a=b&'.repeat(15_000), headers: { 'content-type': 'application/x-www-form-urlencoded' } });
      assert.ok([400, 413].includes(answer.status), `${answer.status}`);
    });
    for (const coding of ['gzip', 'deflate', 'br', 'zstd', 'x-gzip', 'gzip, gzip']) {
      it(`stop a body in ${coding} with 415`, async () => {
        const body = gzipSync('{"name":"x"}');
        const answer = await server.api.request('POST', '/roles', { body, headers: { 'content-type': 'application/json', 'content-encoding': coding } });
        assert.equal(answer.status, 415);
      });
    }
  });

  describe('TLS', () => {
    const connects = (options) => new Promise((resolve) => {
      const socket = tls.connect({ host: '127.0.0.1', port: server.port, servername: 'localhost', ca: server.ca, ...options });
      socket.on('secureConnect', () => { resolve(`${socket.getProtocol()} ${socket.getCipher().name}`); socket.destroy(); });
      socket.on('error', () => resolve(null));
    });
    it('is 1.2 or 1.3', async () => {
      assert.match(await connects({}), /^TLSv1\.3 /);
      assert.match(await connects({ maxVersion: 'TLSv1.2' }), /^TLSv1\.2 ECDHE-.*(GCM|CHACHA20)/);
      for (const version of ['TLSv1.1', 'TLSv1']) assert.equal(await connects({ minVersion: version, maxVersion: version, ciphers: 'ALL:@SECLEVEL=0' }), null);
    });
    for (const ciphers of ['AES128-SHA', 'AES128-GCM-SHA256', 'ECDHE-ECDSA-AES128-SHA:ECDHE-RSA-AES128-SHA',
      'ECDHE-ECDSA-AES128-SHA256:ECDHE-RSA-AES128-SHA256', 'DHE-RSA-AES128-GCM-SHA256', 'aNULL', 'eNULL', 'PSK']) {
      it(`speaks no ${ciphers}`, async () => { assert.equal(await connects({ maxVersion: 'TLSv1.2', ciphers: `${ciphers}:@SECLEVEL=0` }), null); });
    }
    it('is never left out', async () => {
      const answer = await new Promise((resolve) => {
        const socket = net.connect({ host: '127.0.0.1', port: server.port });
        let text = '';
        socket.on('data', (chunk) => { text += chunk.toString('latin1'); });
        socket.on('close', () => resolve(text));
        socket.on('error', () => {});
        socket.end(`GET /healthz HTTP/1.1\r\nHost: ${server.domain}\r\n\r\n`);
      });
      assert.ok(!answer.includes('HTTP/1.1 2'), answer);
    });
  });

  describe('no other way of writing a path goes around authentication:', () => {
    const paths = [
      '/api/v2/clients', '//api/v2/clients', '/api//v2/clients', '/api/v2//clients', '/api/v2/clients/', '/api/v2/clients//', '/./api/v2/clients',
      '/api/./v2/clients', '/api/v2/./clients',
      '/api/v2/clients/.', '/api/v2/x/../clients', '/oauth/../api/v2/clients', '/healthz/../api/v2/clients', '/.well-known/../api/v2/clients',
      '/api/v2/clients;x', '/api/v2;x/clients', '/api/v2/clients;x=y', '/api/v2/clients/;x',
      '/api%2fv2/clients', '/api/v2%2fclients', '/api/v2%2Fclients', '/%2fapi/v2/clients', '/api/v2/%63lients', '/%61pi/v2/clients',
      '/api/v2/%2e/clients', '/api/v2/%2e%2e/v2/clients', '/api/v2/x/%2e%2e/clients', '/api/v2/clients%2f', '/api/v2/clients%00', '/api/v2/clients%20',
      '/api/v2/clients%09', '/api/v2/clients%0d%0a', '/api/v2/clients%3f', '/api/v2/clients%23', '/api/v2/clients?', '/api/v2/clients?x',
      '/API/v2/clients', '/api/V2/clients', '/Api/V2/Clients', '/api/v2/CLIENTS', '/api/v2/clients.json', '/api/v2/clients..', '/api/v2/clients...',
      '/api/v2/clients\\', '/api\\v2\\clients', '/api/v2/..%2fv2/clients', '/api/v2/%252e%252e/clients', '/api/v2/%c0%af/clients',
      '/api/v2/%e2%80%ae/clients', '/userinfo/../api/v2/clients', '/u/assets/../../api/v2/clients', '/u/assets/..%2f..%2fapi/v2/clients',
      '/u/assets/%2e%2e/%2e%2e/api/v2/clients',
      '/authorize/..;/api/v2/clients', '/healthz;/../api/v2/clients', '/healthz/..;/api/v2/clients', '/.;/api/v2/clients', '/;/api/v2/clients',
      '/api/v2/clients/%', '/api/v2/clients/%zz', '/api/v2/clients/%00', '/api/v2/clients/..', '/api/v2/clients/%2e%2e', '/api/v2/clients/%2e%2e/users',
    ];
    for (const target of paths) {
      it(target, async () => {
        const answer = discreet(await rawRequest(server, 'GET', target));
        assert.ok([400, 401, 404].includes(answer.status), `${answer.status} ${answer.body.slice(0, 200)}`);
        assert.ok(!answer.body.includes('client_id') && !answer.body.includes(server.bootstrap.management.client_id));
        const absolute = discreet(await rawRequest(server, 'GET', `${server.issuer.slice(0, -1)}${target}`));
        assert.ok([400, 401, 404].includes(absolute.status), `absolute: ${absolute.status}`);
        // Whoever may do one thing reaches nothing else by writing it oddly.
        const narrow = discreet(await rawRequest(server, 'GET', target, { headers: { authorization: `Bearer ${narrowToken}` } }));
        assert.ok([400, 403, 404].includes(narrow.status), `narrow: ${narrow.status}`);
      });
    }
    let narrowToken;
    before(async () => { narrowToken = await server.api.newToken('read:roles'); });

    it('nor reaches files', async () => {
      for (const target of ['/u/assets/../../bootstrap.json', '/bootstrap.json', '/u/assets/..%2f..%2fbootstrap.json', '/master.key',
        '/u/assets/%2e%2e/master.key', '/../../etc/passwd', '/u/assets//etc/passwd', '/ca.pem', '/gatehouse.db', '/.git/config', '/.env']) {
        const answer = discreet(await rawRequest(server, 'GET', target));
        assert.ok([400, 404].includes(answer.status), `${target}: ${answer.status}`);
      }
    });

    it('and parameters are decoded once', async () => {
      const once = encodeURIComponent(user.user_id);
      assert.equal((await server.api.request('GET', `/users/${once}`)).status, 200);
      assert.equal((await server.api.request('GET', `/users/${encodeURIComponent(once)}`)).status, 404);
      for (const id of ['..%2fclients', '%2e%2e', '.', 'auth0%7Cx%2froles', 'x%00', '%ff', 'auth0%7C%27%20OR%201%3D1--']) {
        const answer = discreet(await rawRequest(server, 'GET', `/api/v2/users/${id}`, { headers: withToken() }));
        assert.ok([400, 404].includes(answer.status), `${id}: ${answer.status} ${answer.body}`);
      }
    });
  });

  describe('methods', () => {
    for (const method of ['TRACE', 'CONNECT', 'TRACK', 'PROPFIND', 'get', 'Post', 'GET\t', 'G\x7fT', 'DEBUG', 'LOCK', 'X'.repeat(300)]) {
      it(`${JSON.stringify(method.slice(0, 20))} is refused`, async () => {
        const answer = discreet(await rawRequest(server, method, '/api/v2/clients', { headers: withToken() }));
        assert.ok([400, 404, 405, 501].includes(answer.status), `${answer.status}`);
        assert.ok(!answer.body.includes(bearer), 'it echoes the request');
      });
    }

    it('are what the request line says, not a header or a field', async () => {
      const role = await server.api.post('/roles', { name: `Kept ${unique()}` });
      for (const header of ['x-http-method-override', 'x-http-method', 'x-method-override']) {
        await server.api.request('GET', `/roles/${role.id}`, { headers: { [header]: 'DELETE' } });
        await server.api.request('POST', `/roles/${role.id}`, { headers: { [header]: 'DELETE' }, json: { _method: 'DELETE' } });
        await server.api.request('GET', `/roles/${role.id}?_method=DELETE`);
      }
      assert.equal((await server.api.request('GET', `/roles/${role.id}`)).status, 200);
    });

    it('GET changes nothing at the API', async () => {
      for (const path of ['/clients', '/users', '/roles']) assert.equal((await server.api.request('GET', path, { json: { name: 'x' }, headers: {} })).status, 200);
    });
  });

  describe('authentication is for one request', () => {
    it('not for the connection', async () => {
      const ask = (headers) => `GET /api/v2/roles HTTP/1.1\r\nHost: ${server.domain}\r\n${headers}\r\n`;
      const { statuses } = await exchange(server,
        ask(`Authorization: Bearer ${bearer}\r\n`) + ask('') + ask('Authorization: Bearer x\r\n') + ask(`Authorization: Bearer ${bearer}\r\n`), { quietMs: 500 });
      assert.deepEqual(statuses, [200, 401, 401, 200]);
    });
  });

  describe('every route of the Management API', () => {
    const routes = execFileSync(findBinary(), ['routes'], { encoding: 'utf8' }).split('\n')
      .map((line) => line.split(/\s+/)).filter(([, path]) => path?.startsWith('/api/v2/'))
      .map(([method, path, scope]) => ({ method, scope, path: path.slice('/api/v2'.length).replace(/\{[^}]*\}/g, 'x') }));

    it('is known to this test', () => { assert.ok(routes.length > 60, `${routes.length}`); });

    it('answers 401 without a token, and with one that is nonsense, expired or somebody else\'s', async () => {
      const machineToken = (await token(server.http(), machine, { grant_type: 'client_credentials', audience: api.identifier })).json.access_token;
      for (const { method, path } of routes) {
        for (const one of [null, 'x', `${bearer}x`, machineToken]) {
          const answer = await server.api.request(method, path, { token: one, ...(['POST', 'PATCH', 'PUT'].includes(method) ? { json: {} } : {}) });
          assert.equal(discreet(answer).status, 401, `${method} ${path}: ${answer.text}`);
          assert.equal(answer.json.statusCode, 401);
        }
      }
    });

    it('answers 403 to a token without its scope, before it looks at anything else', async () => {
      const all = (await server.api.get(`/resource-servers/${encodeURIComponent(`${server.issuer}api/v2/`)}`)).scopes.map((scope) => scope.value);
      const tokens = new Map();
      for (const { method, path, scope } of routes) {
        const needed = scope.split(',');
        const other = all.find((one) => !needed.includes(one) && !/roles|users/.test(one));
        if (!tokens.has(other)) tokens.set(other, await server.api.newToken(other));
        const bodies = ['POST', 'PATCH', 'PUT'].includes(method) ? [{ json: {} }, { json: { unknown: true } }, { body: '{',
          headers: { 'content-type': 'application/json' } }, { body: 'x', headers: { 'content-type': 'text/plain' } }] : [{}];
        for (const body of bodies) {
          const answer = await server.api.request(method, path, { token: tokens.get(other), ...body });
          assert.equal(discreet(answer).status, 403, `${method} ${path} with ${other}: ${answer.text}`);
          assert.equal(answer.json.errorCode, 'insufficient_scope');
        }
      }
    });

    it('survives odd bodies and identifiers', async () => {
      const bodies = ['null', '[]', '"x"', '1', '{}', '{"x":', '{"name":"\\ud800"}', '{"name":"a\\u0000b"}', `{"name":"${'n'.repeat(5000)}"}`,
        '{"name":{"$ne":null}}', '{"__proto__":{"x":1}}'];
      for (const { method, path } of routes.filter((route) => route.method !== 'GET')) {
        if (/rotate|revoke|settings|jobs/.test(path)) continue;
        const target = path.replaceAll('/x', '/%27%22%3B--');
        for (const body of bodies) {
          const answer = await server.api.request(method, target, { body, headers: { 'content-type': 'application/json' } });
          assert.ok(discreet(answer).status < 500, `${method} ${target} ${body.slice(0, 40)}: ${answer.status} ${answer.text}`);
          if (answer.text) JSON.parse(answer.text);
        }
      }
    });

    it('changed nothing by being refused', async () => {
      const before = JSON.stringify(await server.api.get('/clients?per_page=100'));
      await server.api.request('POST', '/clients', { token: null, json: { name: 'Ghost' } });
      await server.api.request('POST', '/clients', { token: await server.api.newToken('read:clients'), json: { name: 'Ghost' } });
      await server.api.request('DELETE', `/clients/${machine.client_id}`, { token: null });
      await server.api.request('DELETE', `/clients/${machine.client_id}`, { token: await server.api.newToken('read:clients update:clients create:clients') });
      assert.equal(JSON.stringify(await server.api.get('/clients?per_page=100')), before);
    });
  });

  describe('bodies of the Management API', () => {
    for (const [name, type, body] of [
      ['a form', 'application/x-www-form-urlencoded', 'name=Evil'], ['text', 'text/plain', '{"name":"Evil"}'], ['nothing', undefined, '{"name":"Evil"}'],
      ['XML', 'application/xml', '<name>Evil</name>'], ['a multipart form', 'multipart/form-data; boundary=x', '--x--'], ['JavaScript',
      'text/javascript', '{"name":"Evil"}'],
      ['JSON inside a parameter', 'text/plain; x=application/json', '{"name":"Evil"}'],
    ]) {
      it(`are not ${name}`, async () => {
        const answer = await server.api.request('POST', '/roles', { body, headers: type ? { 'content-type': type } : {} });
        assert.ok([400, 415].includes(answer.status), `${answer.status} ${answer.text}`);
        assert.deepEqual(await server.api.get('/roles?name_filter=Evil'), []);
      });
    }

    const ugly = {
      'a byte order mark': Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from('{"name":"Bom"}')]),
      'bytes that are no UTF-8': Buffer.concat([Buffer.from('{"name":"'), Buffer.from([0xff, 0xfe]), Buffer.from('"}')]),
      'overlong UTF-8': Buffer.concat([Buffer.from('{"name":"'), Buffer.from([0xc0, 0xaf]), Buffer.from('"}')]),
      'a surrogate in UTF-8': Buffer.concat([Buffer.from('{"name":"'), Buffer.from([0xed, 0xa0, 0x80]), Buffer.from('"}')]),
      'UTF-16': Buffer.from('{"name":"x"}', 'utf16le'),
      'a member twice': '{"name":"a","name":"b"}', 'a comment': '{"name":"a"/*x*/}', 'a trailing comma': '{"name":"a",}',
      'single quotes': "{'name':'a'}", 'something after it': '{"name":"a"}{"name":"b"}',
      'NaN': '{"name":NaN}', 'an unquoted name': '{name:"a"}', 'a raw line feed in a text': '{"name":"a\nb"}', 'a raw NUL': '{"name":"a\u0000b"}',
      'half a surrogate': '{"name":"\\ud800"}', 'an array': '[{"name":"a"}]', 'nothing': '', 'a text': '"a"',
    };
    for (const [name, body] of Object.entries(ugly)) {
      it(`do not have ${name}`, async () => {
        const answer = await server.api.request('POST', '/roles', { body, headers: { 'content-type': 'application/json' } });
        assert.equal(discreet(answer).status, 400, answer.text);
      });
    }

    it('have no NUL in an identifier, and every answer is valid JSON', async () => {
      for (const [path, json] of [
        ['/roles', { name: 'a\u0000b' }], ['/resource-servers', { identifier: 'https://a\u0000b/', name: 'x' }], ['/clients', { name: 'a\u0000b' }],
        ['/users', { connection: 'Username-Password-Authentication', email: 'a\u0000b@example.com', password: 'Correct-Horse-7' }],
        ['/connections', { name: 'a\u0000b', strategy: 'auth0' }],
      ]) {
        const answer = await server.api.request('POST', path, { json });
        assert.equal(answer.status, 400, `${path}: ${answer.text}`);
      }
      const someone = await createUser(server.api, { user_metadata: { weird: 'a\u0000b\u001f\u007f"\\</script>\u2028 🗝' } });
      const shown = await server.api.request('GET', pathOf(someone));
      assert.equal(JSON.parse(shown.text).user_metadata.weird, 'a\u0000b\u001f\u007f"\\</script>\u2028 🗝');
    });

    describe('name only properties that may be set:', () => {
      const rows = [
        ['POST', '/clients', () => ({ name: 'x', unknown: 1 })], ['POST', '/clients', () => ({ name: 'x', tenant: 'other' })], ['POST', '/clients',
        () => ({ name: 'x', global: true })],
        ['POST', '/clients', () => ({ name: 'x', signing_keys: [] })], ['POST', '/clients', () => ({ name: 'x', client_metadata: { a: 1 } })],
        ['PATCH', () => `/clients/${machine.client_id}`, () => ({ client_id: 'chosen' })], ['PATCH', () => `/clients/${machine.client_id}`, () => ({ tenant: 'x' })],
        ['POST', '/users', () => ({ connection: 'Username-Password-Authentication', email: 'x1@example.com', password: 'Correct-Horse-7', unknown: 1 })],
        ['POST', '/users', () => ({ connection: 'Username-Password-Authentication', email: 'x2@example.com', password: 'Correct-Horse-7', created_at: '2000-01-01' })],
        ['POST', '/users', () => ({ connection: 'Username-Password-Authentication', email: 'x3@example.com', password: 'Correct-Horse-7', identities: [] })],
        ['PATCH', () => pathOf(user), () => ({ user_id: 'auth0|other' })], ['PATCH', () => pathOf(user), () => ({ created_at: '2000-01-01' })],
        ['PATCH', () => pathOf(user), () => ({ identities: [] })],
        ['PATCH', () => pathOf(user), () => ({ logins_count: 1 })], ['PATCH', () => pathOf(user), () => ({ last_ip: '1.2.3.4' })], ['PATCH',
        () => pathOf(user), () => ({ updated_at: '2000-01-01' })],
        ['PATCH', () => pathOf(user), () => ({ password_hash: '$2b$10$x' })],
        ['POST', '/roles', () => ({ name: 'x', id: 'rol_chosen' })], ['POST', '/roles', () => ({ name: 'x', unknown: 1 })],
        ['POST', '/resource-servers', () => ({ name: 'x', identifier: 'urn:x', is_system: true })], ['POST', '/resource-servers', () => ({ name: 'x',
        identifier: 'urn:y', unknown: 1 })],
        ['PATCH', () => `/resource-servers/${api.id}`, () => ({ identifier: 'urn:z' })], ['PATCH', () => `/resource-servers/${api.id}`, () => ({ id: 'x' })],
        ['POST', '/client-grants', () => ({ client_id: machine.client_id, audience: api.identifier, scope: [], unknown: 1 })],
        ['POST', '/connections', () => ({ name: 'x1', strategy: 'auth0', unknown: 1 })], ['POST', '/connections', () => ({ name: 'x2',
        strategy: 'auth0', id: 'con_chosen' })],
        ['PATCH', async () => `/connections/${(await databaseConnection(server.api)).id}`, () => ({ name: 'renamed' })], ['PATCH',
        async () => `/connections/${(await databaseConnection(server.api)).id}`, () => ({ strategy: 'oidc' })],
        ['PATCH', '/tenants/settings', () => ({ unknown: 1 })], ['PATCH', '/tenants/settings', () => ({ flags: { unknown_flag: true } })], ['PATCH',
        '/branding', () => ({ unknown: 1 })],
      ];
      for (const [method, path, json] of rows) {
        it(`${method} ${typeof path === 'string' ? path : 'one'} ${JSON.stringify(json.toString()).slice(6, 120)}`, async () => {
          const target = typeof path === 'string' ? path : await path();
          const answer = await server.api.request(method, target, { json: json() });
          assert.equal(discreet(answer).status, 400, `${answer.status} ${answer.text.slice(0, 300)}`);
          assert.equal(answer.json.errorCode, 'invalid_body');
        });
      }
    });

    it('merge user_metadata key by key, also at once', async () => {
      const someone = await createUser(server.api, { user_metadata: { kept: 1, nested: { a: 1, b: 2 } } });
      const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => server.api.request('PATCH', pathOf(someone),
        { json: { user_metadata: { [`k${n}`]: n }, app_metadata: { [`a${n}`]: n } } })));
      for (const answer of answers) assert.equal(answer.status, 200, answer.text);
      const now = await server.api.get(pathOf(someone));
      assert.equal(Object.keys(now.user_metadata).length, 22);
      assert.equal(Object.keys(now.app_metadata).length, 20);
      assert.equal(now.user_metadata.kept, 1);
      await server.api.patch(pathOf(someone), { user_metadata: { nested: { c: 3 }, kept: null } });
      const later = (await server.api.get(pathOf(someone))).user_metadata;
      assert.deepEqual(later.nested, { c: 3 });
      assert.ok(!('kept' in later));
    });
  });

  describe('queries of the Management API', () => {
    const lists = ['/clients', '/users', '/roles', '/resource-servers', '/client-grants', '/connections', '/logs'];
    for (const list of lists) {
      it(`${list} takes 0 to 100 a page and refuses the rest`, async () => {
        for (const good of ['0', '1', '100']) assert.equal((await server.api.request('GET', `${list}?per_page=${good}`)).status, 200, good);
        for (const bad of ['101', '-1', 'x', '1.5', '1e2', '0x10', '99999999999999999999', '%20', '1%00', "1'", '٣', 'NaN', '1;2']) {
          const answer = await server.api.request('GET', `${list}?per_page=${bad}`);
          assert.equal(discreet(answer).status, 400, `per_page=${bad}: ${answer.status}`);
        }
        for (const bad of ['-1', 'x', '1.5', '99999999999999999999']) assert.equal(discreet(await server.api.request('GET',
          `${list}?page=${bad}`)).status, 400, `page=${bad}`);
        const far = discreet(await server.api.request('GET', `${list}?page=1000000&per_page=100`));
        assert.ok([200, 400].includes(far.status));
        if (far.status === 200) assert.deepEqual(far.json, []);
        const none = await server.api.request('GET', `${list}?per_page=0&include_totals=true`);
        assert.equal(none.status, 200, none.text);
      });
    }

    it('refuse what is no checkpoint, boolean or field', async () => {
      for (const query of ['take=0', 'take=101', 'take=x', 'include_totals=maybe', 'take=10&from=%00', 'take=10&from=x', "take=10&from=' OR 1=1", 'include_fields=x']) {
        const answer = discreet(await server.api.request('GET', `/clients?${query}`));
        assert.ok(answer.status === 400, `${query}: ${answer.status}`);
      }
      const odd = await server.api.request('GET', `/clients?fields=${encodeURIComponent("name,__proto__,client_secret'--,*")}&include_fields=true`);
      assert.equal(odd.status, 200);
    });

    const searches = ['(', ')', '"', 'email:', ':x', 'email:"', 'AND', 'NOT', 'a AND', '[a TO', 'email:[a TO b', '*', '**', 'name:*', '\\', 'a\\',
      'email:\\', '((((((((((', '!', '&&', '||', "' OR '1'='1", 'email:"\' OR 1=1 --"', 'user_metadata.x:*',
      'user_metadata.a"b:1', '_exists_:', '_missing_:x', 'x'.repeat(5000), `${'('.repeat(3000)}a${')'.repeat(3000)}`,
      Array(500).fill('email:"a@b.c"').join(' OR '), `NOT ${'NOT '.repeat(1000)}a`, 'email:%00', 'email:\u202e', '{"$where":"sleep(1000)"}',
      'a*'.repeat(500), 'email:/(a+)+$/', 'email:*', 'created_at:*', 'app_metadata.x:*', 'a '.repeat(990), Array(330).fill('a').join(' OR '),
      'NOT '.repeat(490) + 'a', `${'('.repeat(990)}a${')'.repeat(990)}`, 'email:a*b '.repeat(190), '-a '.repeat(600)];
    it('search quickly or say what is wrong', async () => {
      for (const q of searches) {
        const started = Date.now();
        const answer = discreet(await server.api.request('GET', `/users?search_engine=v3&q=${encodeURIComponent(q)}`));
        assert.ok([200, 400, 414].includes(answer.status), `${q.slice(0, 40)}: ${answer.status} ${answer.text.slice(0, 200)}`);
        assert.ok(Date.now() - started < 2000, `${q.slice(0, 40)} took ${Date.now() - started} ms`);
        if (/OR '?1/.test(q) && answer.status === 200) assert.deepEqual(answer.json, []);
      }
    });

    it('do not sort by SQL', async () => {
      for (const sort of ['email:1; DROP TABLE users', "email'--:1", '(SELECT 1):1', 'password:1', 'email:2', 'email', ':1', 'email:1,name:1',
        'user_metadata.x:1', '../x:1']) {
        const answer = discreet(await server.api.request('GET', `/users?sort=${encodeURIComponent(sort)}`));
        assert.ok([200, 400].includes(answer.status), `${sort}: ${answer.status}`);
      }
      assert.equal((await server.api.request('GET', pathOf(user))).status, 200);
    });

    it('do not find one tenant\'s or one user\'s secrets by searching', async () => {
      for (const q of ['password:*', 'password_hash:*', 'hash:*', '_exists_:password', '_exists_:password_hash']) {
        const answer = await server.api.request('GET', `/users?search_engine=v3&q=${encodeURIComponent(q)}`);
        if (answer.status === 200) assert.deepEqual(answer.json, [], q);
      }
      const everything = JSON.stringify(await server.api.get('/users?per_page=100'));
      assert.ok(!/password|argon2|\$2b\$/.test(everything.replaceAll('Username-Password-Authentication', '')));
    });
  });

  describe('scripts of other origins', () => {
    const origins = ['https://evil.example', 'null', 'http://app.example.com', 'https://app.example.com.evil.example', 'https://evilapp.example.com',
      'https://app.example.com:444', 'https://APP.example.com@evil.example', 'file://', 'chrome-extension://x', 'https://app.example.com%00.evil.example', ''];
    let spa;
    before(async () => {
      spa = await createApplication(server.api, {
        app_type: 'spa', token_endpoint_auth_method: 'none', callbacks: ['https://app.example.com/cb'], allowed_origins: ['https://app.example.com'],
          web_origins: ['https://app.example.com'], grant_types: ['authorization_code', 'refresh_token'],
      });
    });

    it('read nothing, and never with credentials', async () => {
      const asks = (origin) => {
        const http = server.http({ headers: { origin } });
        return [
          ['token', () => token(http, spa, { grant_type: 'refresh_token', refresh_token: 'x' })],
          ['revoke', () => http.post('/oauth/revoke', { form: { client_id: spa.client_id, token: 'x' } })],
          ['signup', () => http.post('/dbconnections/signup', { json: { client_id: spa.client_id, connection: 'x', email: 'x', password: 'x' } })],
          ['authorize', () => http.get(authorizeUrl(spa, { prompt: 'none' }))],
          ['login', () => http.get('/u/login?state=x')],
          ['clients', () => http.get('/api/v2/clients', { headers: withToken() })],
          ['logout', () => http.get('/v2/logout')],
        ];
      };
      for (const origin of origins) {
        for (const [name, ask] of asks(origin)) {
          const answer = await ask();
          assert.equal(answer.headers['access-control-allow-credentials'], undefined, `${name} from ${origin}`);
          const allowed = answer.headers['access-control-allow-origin'];
          assert.ok(allowed === undefined || (name === 'clients' && allowed === '*'), `${name} from ${origin}: ${allowed}`);
        }
      }
    });

    it('are told apart by caches', async () => {
      const answer = await token(server.http({ headers: { origin: 'https://app.example.com' } }), spa, { grant_type: 'refresh_token', refresh_token: 'x' });
      assert.equal(answer.headers['access-control-allow-origin'], 'https://app.example.com');
      assert.equal(answer.headers['access-control-allow-credentials'], undefined);
      assert.match(answer.headers.vary, /origin/i);
    });

    it('are refused in preflights of null, and never allowed credentials', async () => {
      for (const path of ['/oauth/token', '/oauth/revoke', '/userinfo', '/dbconnections/signup']) {
        for (const origin of origins) {
          const answer = await server.http().request('OPTIONS', path, { headers: { origin, 'access-control-request-method': 'POST' } });
          assert.equal(answer.headers['access-control-allow-credentials'], undefined);
          if (origin === 'null' || origin === '') assert.ok([undefined, '', '*'].includes(answer.headers['access-control-allow-origin']),
            `${path}: ${answer.headers['access-control-allow-origin']}`);
        }
      }
    });
  });

  describe('texts', () => {
    for (const [name, query] of [['no UTF-8', '%ff%fe'], ['overlong UTF-8', '%c0%af'], ['a surrogate', '%ed%a0%80'], ['a NUL', 'a%00b'],
      ['half a percent sign', '%'], ['a bad percent sign', '%zz'], ['a cut percent sign', '%a']]) {
      it(`in a query with ${name} are refused`, async () => {
        for (const target of [`/authorize?client_id=${query}`, `/u/login?state=${query}`, `/v2/logout?returnTo=${query}`, `/api/v2/users?q=${query}`]) {
          const answer = discreet(await rawRequest(server, 'GET', target, { headers: withToken() }));
          assert.equal(answer.status, 400, target);
        }
      });
      it(`in a form with ${name} are refused`, async () => {
        for (const path of ['/oauth/token', '/oauth/revoke']) {
          const answer = discreet(await server.http().post(path, { body: `grant_type=password&username=${query}`,
            headers: { 'content-type': 'application/x-www-form-urlencoded' } }));
          assert.equal(answer.status, 400, path);
        }
      });
    }

    it('in headers that are no UTF-8 are refused or kept out of answers', async () => {
      for (const name of ['user-agent', 'x-correlation-id', 'auth0-client', 'accept-language', 'cookie', 'referer', 'x-request-id']) {
        const { text, statuses } = await exchange(server,
          `GET /api/v2/roles HTTP/1.1\r\nHost: ${server.domain}\r\nAuthorization: Bearer ${bearer}\r\n${name}: a\xff\xfeb\r\nConnection: close\r\n\r\n`,
          { quietMs: 1000 });
        assert.ok([200, 400].includes(statuses[0]), `${name}: ${statuses}`);
        assert.ok(!text.includes('\xff\xfe'));
      }
      await server.api.get('/logs');
    });
  });

  it('a host that is not ours is told nothing', async () => {
    for (const host of ['evil.example', 'localhost', `localhost:${server.port + 1}`, '127.0.0.1', `127.0.0.1:${server.port}`, '[::1]',
      `${server.domain}.evil.example`, `evil.${server.domain}`]) {
      for (const target of ['/authorize', '/.well-known/openid-configuration', '/api/v2/clients', '/oauth/token']) {
        const answer = discreet(await rawRequest(server, 'GET', target, { headers: { host } }));
        assert.ok([400, 404, 421].includes(answer.status), `${host}${target}: ${answer.status}`);
      }
    }
  });

  it('answers name no version and no technology', async () => {
    for (const target of ['/healthz', '/nothing', '/api/v2/nothing', '/oauth/token', '/u/login']) {
      const answer = await rawRequest(server, 'GET', target);
      assert.ok(!/\d/.test(headerOf(answer, 'server') ?? ''));
      assert.equal(headerOf(answer, 'x-powered-by'), undefined);
      assert.equal(headerOf(answer, 'x-content-type-options'), 'nosniff');
    }
  });

  it('and an error page repeats nothing that could be markup', async () => {
    const evil = '<script>alert(1)</script>';
    for (const target of [`/nothing/${encodeURIComponent(evil)}`, `/api/v2/${encodeURIComponent(evil)}`,
      `/authorize?client_id=${encodeURIComponent(evil)}`, `/u/login?state=${encodeURIComponent(evil)}`, `/v2/logout?client_id=${encodeURIComponent(evil)}`]) {
      for (const accept of ['text/html', 'application/json', '*/*']) {
        const answer = discreet(await rawRequest(server, 'GET', target, { headers: { accept } }));
        if (/text\/html/.test(headerOf(answer, 'content-type') ?? '')) assert.ok(!answer.body.includes(evil), target);
      }
    }
  });

  it('after all this the honest are served', async () => {
    assert.equal((await server.http().get('/healthz')).status, 200);
    const web = await createWebApplication(server.api, 'https://app.example.com', '/callback');
    assert.equal((await server.http().get(authorizeUrl(web))).status, 302);
  });
});
