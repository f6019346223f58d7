// A token opens what it was made for. Whoever forges, swaps or mangles one gets a clean refusal.

import assert from 'node:assert/strict';
import { createHmac, createPublicKey, createSign, generateKeyPairSync, randomUUID, sign as signBytes } from 'node:crypto';
import http from 'node:http';
import { after, before, describe, it } from 'node:test';
import { createApi, createMachine, createUser, createWebApplication, password } from '../support/fixtures.mjs';
import { authorizeUrl, decodeJwt, encodePart, redeem, signIn, token, tokensOf, userinfo } from '../support/oauth.mjs';
import { startServer } from '../support/server.mjs';

const base = 'https://app.example.com';

describe('tokens', () => {
  let server;
  let api;
  let web;
  let user;
  let tokens;          // of the user, for the API and /userinfo
  let plain;           // of the user, without an audience
  let managementToken;
  let jwks;
  const attacker = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const curve = generateKeyPairSync('ec', { namedCurve: 'P-256' });

  before(async () => {
    server = await startServer();
    api = await createApi(server.api, { scopes: ['read:orders'] });
    web = await createWebApplication(server.api, base, '/callback', { grant_types: ['authorization_code', 'refresh_token', 'client_credentials'] });
    user = { ...(await createUser(server.api)), password };
    const browser = server.http();
    tokens = await tokensOf(browser, web, user, { audience: api.identifier, scope: 'openid profile email read:orders' });
    plain = await tokensOf(browser, web, user);
    managementToken = await server.api.newToken();
    jwks = (await server.http().get('/.well-known/jwks.json')).json;
  });
  after(async () => { await server?.stop(); });

  const client = () => server.http({ cookies: false });
  const management = (bearer) => server.api.request('GET', '/clients?per_page=1', { token: bearer });
  const refusedEverywhere = async (forged) => {
    for (const answer of [await userinfo(client(), forged), await management(forged)]) {
      assert.ok(answer.status === 401 || answer.status === 400 || answer.status === 431, `${answer.status} ${answer.text.slice(0, 300)}`);
      if (answer.json) assert.ok(!/clients|email/.test(Object.keys(answer.json).join(' ')));
    }
  };

  it('that are genuine are taken', async () => {
    assert.equal((await userinfo(client(), tokens.access_token)).status, 200);
    assert.equal((await userinfo(client(), plain.access_token)).status, 200);
    assert.equal((await management(managementToken)).status, 200);
  });

  describe('with a forged header are refused', () => {
    const kid = () => decodeJwt(managementToken).header.kid;
    const publicKey = () => createPublicKey({ key: jwks.keys.find((key) => key.kid === kid()), format: 'jwk' });
    const claims = () => ({ ...decodeJwt(managementToken).claims, aud: [`${server.issuer}api/v2/`, `${server.issuer}userinfo`], sub: user.user_id,
      scope: `${decodeJwt(managementToken).claims.scope} openid` });
    const unsigned = (header) => `${encodePart(header)}.${encodePart(claims())}`;
    const signed = (header, key = attacker.privateKey) => {
      const input = unsigned(header);
      return `${input}.${createSign('sha256').update(input).sign(key).toString('base64url')}`;
    };
    const hmac = (header, secret) => {
      const input = unsigned(header);
      return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
    };
    const rows = {
      ...Object.fromEntries(['none', 'None', 'NONE', 'nOnE', 'none ', '', ' ', 'null'].flatMap((alg) => [
        [`alg ${JSON.stringify(alg)} and no signature`, () => `${unsigned({ alg, typ: 'JWT', kid: kid() })}.`],
        [`alg ${JSON.stringify(alg)} and the old signature`, () => `${unsigned({ alg, typ: 'JWT', kid: kid() })}.${managementToken.split('.')[2]}`],
      ])),
      'no alg': () => signed({ typ: 'JWT', kid: kid() }),
      'alg as an array': () => signed({ alg: ['RS256'], kid: kid() }),
      'alg as an object': () => signed({ alg: { RS256: true }, kid: kid() }),
      'alg as a number': () => signed({ alg: 256, kid: kid() }),
      'HS256 with the public key in PEM as the secret': () => hmac({ alg: 'HS256', typ: 'JWT', kid: kid() }, publicKey().export({ type: 'spki', format: 'pem' })),
      'HS256 with the public key in PEM without its last line feed': () => hmac({ alg: 'HS256', kid: kid() }, publicKey().export({ type: 'spki', format: 'pem' }).trim()),
      'HS256 with the public key in PKCS#1': () => hmac({ alg: 'HS256', kid: kid() }, publicKey().export({ type: 'pkcs1', format: 'pem' })),
      'HS256 with the public key in DER': () => hmac({ alg: 'HS256', kid: kid() }, publicKey().export({ type: 'spki', format: 'der' })),
      'HS256 with the modulus': () => hmac({ alg: 'HS256', kid: kid() }, Buffer.from(jwks.keys[0].n, 'base64url')),
      'HS256 with the certificate': () => hmac({ alg: 'HS256', kid: kid() }, jwks.keys[0].x5c?.[0] ?? 'x'),
      'HS256 with an empty secret': () => hmac({ alg: 'HS256', kid: kid() }, ''),
      'HS256 without a kid': () => hmac({ alg: 'HS256' }, ''),
      'HS256 with the secret of an application': () => hmac({ alg: 'HS256' }, web.client_secret),
      'the key of somebody else': () => signed({ alg: 'RS256', typ: 'JWT', kid: kid() }),
      'the key of somebody else and no kid': () => signed({ alg: 'RS256', typ: 'JWT' }),
      'the key of somebody else, enclosed as jwk': () => signed({ alg: 'RS256', kid: kid(), jwk: attacker.publicKey.export({ format: 'jwk' }) }),
      'the key of somebody else, enclosed as jwk without a kid': () => signed({ alg: 'RS256', jwk: attacker.publicKey.export({ format: 'jwk' }) }),
      'the key of somebody else, enclosed as x5c': () => signed({ alg: 'RS256', x5c: [attacker.publicKey.export({ type: 'spki', format: 'der' }).toString('base64')] }),
      'another curve, enclosed as jwk': () => signed({ alg: 'ES256', kid: kid(), jwk: curve.publicKey.export({ format: 'jwk' }) },
      { key: curve.privateKey, dsaEncoding: 'ieee-p1363' }),
      'RS512 instead of RS256': () => `${unsigned({ alg: 'RS512', kid: kid() })}.${managementToken.split('.')[2]}`,
      'PS256 instead of RS256': () => `${unsigned({ alg: 'PS256', kid: kid() })}.${managementToken.split('.')[2]}`,
      'a signature of zeros': () => `${unsigned({ alg: 'RS256', kid: kid() })}.${Buffer.alloc(256).toString('base64url')}`,
      'a signature of ones': () => `${unsigned({ alg: 'RS256', kid: kid() })}.${Buffer.alloc(256, 0xff).toString('base64url')}`,
      'an ECDSA signature of zeros': () => `${unsigned({ alg: 'ES256', kid: kid() })}.${Buffer.alloc(64).toString('base64url')}`,
      'an EdDSA signature of zeros': () => `${unsigned({ alg: 'EdDSA', kid: kid() })}.${Buffer.alloc(64).toString('base64url')}`,
      'a signature of one byte': () => `${unsigned({ alg: 'RS256', kid: kid() })}.AA`,
      'changed claims under the old signature': () => `${unsigned(decodeJwt(managementToken).header)}.${managementToken.split('.')[2]}`,
      'crit': () => signed({ alg: 'RS256', kid: kid(), crit: ['exp'], exp: 1 }),
      'b64 false': () => signed({ alg: 'RS256', kid: kid(), b64: false, crit: ['b64'] }),
      'zip': () => signed({ alg: 'RS256', kid: kid(), zip: 'DEF' }),
      ...Object.fromEntries([
        ['a path', '../../../../dev/null'], ['a path with a NUL', '/dev/null\u0000.pem'], ['SQL', "x' UNION SELECT 'key"], ['SQL that ends all',
        "x'; DROP TABLE keys; --"],
        ['a URL', 'https://evil.example/jwks.json'], ['a command', '|id'], ['nothing', ''], ['a number', 1], ['an array', ['x']], ['an object',
        { $ne: null }], ['null', null],
        ['a surrogate', '\ud800'], ['a format', '%s%n%x'],
      ].map(([name, value]) => [`${name} as kid`, () => signed({ alg: 'RS256', kid: value })])),
      'a kid of 20 kB': () => signed({ alg: 'RS256', kid: 'k'.repeat(20_000) }),
    };
    for (const [name, forge] of Object.entries(rows)) {
      it(name, async () => { await refusedEverywhere(forge()); });
    }

    it('that names a URL for its key, which nobody fetches', async () => {
      let asked = 0;
      const trap = http.createServer((_, response) => {
        asked += 1;
        response.end(JSON.stringify({ keys: [{ ...attacker.publicKey.export({ format: 'jwk' }), kid: 'evil' }] }));
      });
      await new Promise((resolve) => trap.listen(0, '127.0.0.1', resolve));
      try {
        const url = `http://127.0.0.1:${trap.address().port}/`;
        for (const header of [{ jku: url }, { x5u: url }, { jku: url, kid: 'evil' }, { kid: url }]) await refusedEverywhere(signed({ alg: 'RS256', ...header }));
        assert.equal(asked, 0);
      } finally {
        trap.close();
      }
    });
  });

  describe('that are mangled are refused', () => {
    const rows = {
      'one part': ([header]) => header,
      'two parts': ([header, claims]) => `${header}.${claims}`,
      'four parts': (parts) => [...parts, 'x'].join('.'),
      'five parts': (parts) => [...parts, 'x', 'y'].join('.'),
      'six parts': (parts) => [...parts, 'x', 'y', 'z'].join('.'),
      'an empty header': ([, claims, signature]) => `.${claims}.${signature}`,
      'empty claims': ([header, , signature]) => `${header}..${signature}`,
      'an empty signature': ([header, claims]) => `${header}.${claims}.`,
      'dots only': () => '..',
      'four dots': () => '....',
      'padding': (parts) => parts.map((part) => `${part}=`).join('.'),
      'plain base64': (parts) => parts.join('.').replaceAll('-', '+').replaceAll('_', '/').concat('=='),
      'a blank inside': ([header, claims, signature]) => `${header}. ${claims}.${signature}`,
      'a header that is no JSON': ([, claims, signature]) => `${encodePart('{')}.${claims}.${signature}`,
      'a header that is an array': ([, claims, signature]) => `${encodePart('[]')}.${claims}.${signature}`,
      'a header with alg twice': ([, claims, signature]) => `${encodePart('{"alg":"RS256","alg":"none"}')}.${claims}.${signature}`,
      'claims that are text': ([header, , signature]) => `${header}.${encodePart('"x"')}.${signature}`,
      'claims nested very deeply': ([header, , signature]) => `${header}.${encodePart('['.repeat(5000))}.${signature}`,
      'bytes that are no UTF-8': ([, claims, signature]) => `${Buffer.from([0x7b, 0xff, 0xfe, 0x7d]).toString('base64url')}.${claims}.${signature}`,
      'a letter changed in the signature': ([header, claims, signature]) => `${header}.${claims}.${signature[0] === 'A' ? 'B' : 'A'}${signature.slice(1)}`,
      'a signature cut short': ([header, claims, signature]) => `${header}.${claims}.${signature.slice(0, -4)}`,
    };
    for (const [name, mangle] of Object.entries(rows)) {
      it(name, async () => {
        await refusedEverywhere(mangle(managementToken.split('.')));
        await refusedEverywhere(mangle(tokens.access_token.split('.')));
        await refusedEverywhere(mangle(plain.access_token.split('.')));
      });
    }

    it('the opaque ones too, part by part', async () => {
      const parts = plain.access_token.split('.');
      for (let n = 0; n < parts.length; n += 1) {
        for (const other of ['', 'AAAA', parts[n] ? `${parts[n][0] === 'A' ? 'B' : 'A'}${parts[n].slice(1)}` : 'AAAAAAAAAAAAAAAA', 'x'.repeat(5000)]) {
          if (other !== parts[n]) await refusedEverywhere(parts.map((part, index) => (index === n ? other : part)).join('.'));
        }
      }
    });
  });

  describe('do not serve for each other', () => {
    it('an ID token is no access token', async () => { await refusedEverywhere(tokens.id_token); });

    it('a token of an API opens neither the Management API nor, without openid, /userinfo', async () => {
      assert.equal((await management(tokens.access_token)).status, 401);
      assert.equal((await management(plain.access_token)).status, 401);
      const browser = server.http();
      const narrow = await tokensOf(browser, web, user, { audience: api.identifier, scope: 'read:orders' });
      const answer = await userinfo(client(), narrow.access_token);
      assert.ok([401, 403].includes(answer.status), answer.text);
    });

    it('a machine token opens no /userinfo', async () => {
      const machine = await createMachine(server.api, api.identifier, ['read:orders']);
      const answer = await token(client(), machine, { grant_type: 'client_credentials', audience: api.identifier });
      await refusedEverywhere(answer.json.access_token);
      assert.ok([401, 403].includes((await userinfo(client(), managementToken)).status));
    });

    it('a refresh token or a code is no access token', async () => {
      const offline = await createWebApplication(server.api, base, '/callback');
      const browser = server.http();
      const given = await signIn(browser, offline, user, { scope: 'openid offline_access' });
      await refusedEverywhere(given.code);
      await refusedEverywhere((await redeem(client(), offline, given)).json.refresh_token);
    });

    it('a token that an API shares its secret with us for is not one for us', async () => {
      const shared = await createApi(server.api, { signing_alg: 'HS256', scopes: ['read:orders'] });
      const { access_token: symmetric } = await tokensOf(server.http(), web, user, { audience: shared.identifier, scope: 'openid read:orders' });
      assert.equal(decodeJwt(symmetric).header.alg, 'HS256');
      await refusedEverywhere(symmetric);
      // Whoever runs that API knows its secret: a token they make themselves is worth nothing here.
      const secret = (await server.api.get(`/resource-servers/${shared.id}`)).signing_secret;
      const claims = { ...decodeJwt(symmetric).claims, aud: [`${server.issuer}userinfo`, `${server.issuer}api/v2/`], scope: 'openid read:clients' };
      for (const header of [{ alg: 'HS256', typ: 'JWT' }, decodeJwt(symmetric).header, { alg: 'HS256', kid: jwks.keys[0].kid }]) {
        const input = `${encodePart(header)}.${encodePart(claims)}`;
        await refusedEverywhere(`${input}.${createHmac('sha256', secret ?? 'x').update(input).digest('base64url')}`);
      }
    });

    it('an API whose identifier resembles another is not that one', async () => {
      for (const near of [api.identifier.slice(0, -1), `${api.identifier}/`, api.identifier.toUpperCase(), `${server.issuer}api/v2`,
        `${server.issuer}API/V2/`, ` ${api.identifier}`]) {
        const answer = await token(client(), web, { grant_type: 'client_credentials', audience: near });
        assert.equal(answer.status, 403, `${near}: ${answer.text}`);
      }
    });

    it('no API may call itself the Management API or /userinfo', async () => {
      for (const identifier of [`${server.issuer}api/v2/`, `${server.issuer}userinfo`]) {
        const answer = await server.api.request('POST', '/resource-servers', { json: { name: 'Evil', identifier } });
        assert.ok([400, 409].includes(answer.status), `${identifier}: ${answer.status}`);
      }
    });
  });

  describe('of users for the Management API', () => {
    it('carry no scope that the user was not given', async () => {
      const browser = server.http();
      const scope = 'openid read:users update:users delete:users read:clients read:client_keys create:client_grants update:tenant_settings';
      const begun = await signIn(browser, web, user, { audience: `${server.issuer}api/v2/`, scope });
      if (!begun.code) return;  // refused altogether
      const answer = await redeem(client(), web, begun);
      if (answer.status !== 200) return;
      const scopes = (decodeJwt(answer.json.access_token).claims.scope ?? '').split(' ');
      assert.deepEqual(scopes.filter((one) => /^(read|update|delete|create):(?!current_user)/.test(one)), []);
      for (const [method, path] of [['GET', '/users'], ['GET', '/clients'], ['GET',
        `/users/${encodeURIComponent((await createUser(server.api)).user_id)}`], ['DELETE', `/users/${encodeURIComponent(user.user_id)}`]]) {
        const refused = await server.api.request(method, path, { token: answer.json.access_token });
        assert.equal(refused.status, 403, `${method} ${path}: ${refused.text}`);
      }
    });
  });

  describe('in the wrong place', () => {
    it('are not taken from a query by the Management API', async () => {
      const answer = await client().get(`/api/v2/clients?access_token=${managementToken}`);
      assert.equal(answer.status, 401);
    });

    it('are taken from the query by /userinfo only as long as the tenant lets it, and never logged', async () => {
      const answer = await client().get(`/userinfo?access_token=${plain.access_token}`);
      if (answer.status === 200) assert.match(answer.headers['cache-control'], /no-store/);
      assert.ok(!server.log.includes(plain.access_token));
      const logs = JSON.stringify(await server.api.get('/logs?per_page=50'));
      assert.ok(!logs.includes(plain.access_token));
    });

    it('are not taken twice', async () => {
      const headers = { authorization: `Bearer ${plain.access_token}` };
      assert.equal((await client().get(`/userinfo?access_token=${plain.access_token}`, { headers })).status, 400);
      assert.equal((await client().post('/userinfo', { headers, form: { access_token: plain.access_token } })).status, 400);
    });

    for (const [name, header] of [
      ['without a scheme', (text) => text], ['as Basic', (text) => `Basic ${text}`], ['as Token', (text) => `Token ${text}`], ['as DPoP', (text) => `DPoP ${text}`],
      ['behind another', (text) => `Bearer x, Bearer ${text}`], ['with an empty scheme', (text) => ` ${text}`], ['as nothing', () => 'Bearer '],
      ['as Bearer alone', () => 'Bearer'],
    ]) {
      it(`are not taken ${name}`, async () => {
        const answer = await client().get('/userinfo', { headers: { authorization: header(plain.access_token) } });
        assert.equal(answer.status, 401, answer.text);
        assert.equal((await client().get('/api/v2/clients', { headers: { authorization: header(managementToken) } })).status, 401);
      });
    }
  });

  it('die with their user at /userinfo', async () => {
    for (const change of [(path) => server.api.patch(path, { blocked: true }), (path) => server.api.delete(path)]) {
      const someone = { ...(await createUser(server.api)), password };
      const { access_token: mine } = await tokensOf(server.http(), web, someone);
      await change(`/users/${encodeURIComponent(someone.user_id)}`);
      assert.equal((await userinfo(client(), mine)).status, 401);
    }
  });

  it('have the lifetimes that are promised', async () => {
    const access = decodeJwt(tokens.access_token).claims;
    const id = decodeJwt(tokens.id_token).claims;
    assert.equal(access.exp - access.iat, 86_400);
    assert.equal(tokens.expires_in, 86_400);
    assert.equal(id.exp - id.iat, 36_000);
    assert.equal(id.aud, web.client_id);
    assert.equal(id.iss, server.issuer);
    assert.equal(id.nonce, 'the-nonce');
    assert.ok(access.iat <= Date.now() / 1000);
    assert.equal((await server.api.request('PATCH', `/resource-servers/${api.id}`, { json: { token_lifetime: 2_592_001 } })).status, 400);
    assert.equal((await server.api.request('PATCH', `/resource-servers/${api.id}`, { json: { token_lifetime: -1 } })).status, 400);
  });

  it('carry no claim that a profile smuggles in', async () => {
    const someone = { ...(await createUser(server.api, {
      user_metadata: { sub: 'auth0|evil', iss: 'https://evil.example/', aud: 'evil', email_verified: true, roles: ['admin'] },
      app_metadata: { sub: 'auth0|evil', permissions: ['delete:all'], scope: 'everything' }, email_verified: false,
    })), password };
    const mine = await tokensOf(server.http(), web, someone);
    const claims = decodeJwt(mine.id_token).claims;
    assert.equal(claims.sub, someone.user_id);
    assert.equal(claims.iss, server.issuer);
    assert.equal(claims.email_verified, false);
    for (const name of ['roles', 'permissions', 'scope', 'user_metadata', 'app_metadata']) assert.equal(claims[name], undefined, name);
    const profile = (await userinfo(client(), mine.access_token)).json;
    for (const name of ['roles', 'permissions', 'app_metadata', 'user_metadata', 'identities', 'iss', 'aud']) assert.equal(profile[name], undefined, name);
  });

  describe('the keys', () => {
    it('are public, strong and only those', () => {
      for (const key of jwks.keys) {
        for (const name of ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k', 'oth']) assert.equal(key[name], undefined);
        if (key.kty !== 'RSA') continue;
        assert.ok(Buffer.from(key.n, 'base64url').length >= 256);
        assert.equal(Buffer.from(key.e, 'base64url').readUIntBE(0, 3), 65_537);
      }
      assert.ok(!JSON.stringify(jwks).includes('PRIVATE'));
    });

    it('rotate without breaking a cached set or an old token, until the old key is revoked', async () => {
      const own = await startServer();
      try {
        const cached = (await own.http().get('/.well-known/jwks.json')).json.keys.map((key) => key.kid);
        const before = await own.api.newToken();
        await own.api.post('/keys/signing/rotate');
        const fresh = await own.api.newToken();
        assert.notEqual(decodeJwt(fresh).header.kid, decodeJwt(before).header.kid);
        assert.ok(cached.includes(decodeJwt(fresh).header.kid), 'the next key was published before it signed');
        const status = async (bearer) => (await own.api.request('GET', '/clients?per_page=1', { token: bearer })).status;
        assert.equal(await status(before), 200);
        assert.equal(await status(fresh), 200);
        own.api.token = fresh;
        await own.api.put(`/keys/signing/${encodeURIComponent(decodeJwt(before).header.kid)}/revoke`);
        assert.equal(await status(before), 401);
        assert.equal(await status(fresh), 200);
        const now = (await own.http().get('/.well-known/jwks.json')).json.keys.map((key) => key.kid);
        assert.ok(!now.includes(decodeJwt(before).header.kid));
      } finally {
        await own.stop();
      }
    });
  });

  describe('an assertion of a client', () => {
    const keys = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const elliptic = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    let machine;
    before(async () => {
      machine = await server.api.post('/clients', {
        name: 'Assertive', app_type: 'non_interactive', grant_types: ['client_credentials'],
        client_authentication_methods: { private_key_jwt: { credentials: [{ credential_type: 'public_key', name: 'k', alg: 'RS256',
          pem: keys.publicKey.export({ type: 'spki', format: 'pem' }) }] } },
      });
      await server.api.post('/client-grants', { client_id: machine.client_id, audience: api.identifier, scope: ['read:orders'] });
    });
    const now = () => Math.floor(Date.now() / 1000);
    const assertion = (claims = {}, header = {}, key = keys.privateKey) => {
      const all = { iss: machine.client_id, sub: machine.client_id, aud: server.issuer, iat: now(), exp: now() + 60, jti: randomUUID(), ...claims };
      const input = `${encodePart({ alg: 'RS256', typ: 'JWT', ...header })}.${encodePart(all)}`;
      return `${input}.${signBytes('sha256', Buffer.from(input), key).toString('base64url')}`;
    };
    const present = (text, more = {}) => client().post('/oauth/token', {
      form: {
        grant_type: 'client_credentials', audience: api.identifier, client_assertion: text,
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer', ...more,
      },
    });
    const refused = async (answer) => {
      assert.ok(answer.status === 401 || answer.status === 400, `${answer.status} ${answer.text}`);
      assert.equal(answer.json.access_token, undefined);
    };

    it('is taken for the issuer and for the token endpoint', async () => {
      for (const aud of [server.issuer, `${server.issuer}oauth/token`, [server.issuer], ['https://elsewhere.example/', `${server.issuer}oauth/token`]]) {
        const answer = await present(assertion({ aud }));
        assert.equal(answer.status, 200, `${aud}: ${answer.text}`);
      }
    });

    const rows = {
      'for somebody else': () => assertion({ aud: 'https://evil.example/' }),
      'for nobody': () => assertion({ aud: undefined }),
      'for a part of our name': () => assertion({ aud: server.issuer.slice(0, -2) }),
      'for the API': () => assertion({ aud: api.identifier }),
      'for an object': () => assertion({ aud: { [server.issuer]: true } }),
      'that has expired': () => assertion({ exp: now() - 1 }),
      'that expires as a text': () => assertion({ exp: String(now() + 60) }),
      'that never expires': () => assertion({ exp: undefined }),
      'that expires next year': () => assertion({ exp: now() + 31_536_000 }),
      'that expires beyond all numbers': () => assertion({ exp: 1e300 }),
      'made in the future': () => assertion({ iat: now() + 120, exp: now() + 180 }),
      'not valid yet': () => assertion({ nbf: now() + 120, exp: now() + 180 }),
      'without a jti': () => assertion({ jti: undefined }),
      'with a jti that is too long': () => assertion({ jti: 'j'.repeat(65) }),
      'with a jti that is a number': () => assertion({ jti: 7 }),
      'of another issuer': () => assertion({ iss: web.client_id }),
      'about another client': () => assertion({ sub: web.client_id }),
      'of another client altogether': () => assertion({ iss: web.client_id, sub: web.client_id }),
      'without an issuer': () => assertion({ iss: undefined }),
      'signed by somebody else': () => assertion({}, {}, attacker.privateKey),
      'signed by somebody else with an enclosed key': () => assertion({}, { jwk: attacker.publicKey.export({ format: 'jwk' }) }, attacker.privateKey),
      'without a signature': () => `${assertion({}, { alg: 'none' }).split('.').slice(0, 2).join('.')}.`,
      'signed with the public key as a secret': () => {
        const input = assertion({}, { alg: 'HS256' }).split('.').slice(0, 2).join('.');
        return `${input}.${createHmac('sha256', keys.publicKey.export({ type: 'spki', format: 'pem' })).update(input).digest('base64url')}`;
      },
      'with another algorithm than the key has': () => assertion({}, { alg: 'PS256' }),
      'with a curve where the key is RSA': () => assertion({}, { alg: 'ES256' }, { key: elliptic.privateKey, dsaEncoding: 'ieee-p1363' }),
      'with the kid of nobody': () => assertion({}, { kid: 'nobody' }),
      'that is an access token of ours': () => managementToken,
      'that is an ID token of ours': () => tokens.id_token,
      'that is nonsense': () => 'a.b.c',
      'that is 100 kB long': () => assertion({ jti: 'x', filler: 'f'.repeat(100_000) }),
    };
    for (const [name, make] of Object.entries(rows)) {
      it(`${name} is refused`, async () => {
        const answer = await present(make());
        if (answer.status === 413) return;
        await refused(answer);
      });
    }

    it('is good for one use', async () => {
      const one = assertion();
      assert.equal((await present(one)).status, 200);
      await refused(await present(one));
    });

    it('is good for one use among fifty at once', async () => {
      const one = assertion();
      const answers = await Promise.all(Array.from({ length: 50 }, () => present(one)));
      assert.equal(answers.filter((answer) => answer.status === 200).length, 1);
    });

    it('is not replaced by a secret', async () => {
      for (const secret of ['', 'undefined', 'null', 'x']) {
        await refused(await token(client(), { client_id: machine.client_id, client_secret: secret }, { grant_type: 'client_credentials', audience: api.identifier }));
      }
      await refused(await token(client(), { client_id: machine.client_id }, { grant_type: 'client_credentials', audience: api.identifier }));
    });

    it('does not open a client that has a secret', async () => {
      await refused(await present(assertion({ iss: web.client_id, sub: web.client_id })));
      await refused(await present(assertion(), { client_id: web.client_id }));
    });

    it('has one type', async () => {
      for (const client_assertion_type of ['', 'urn:ietf:params:oauth:client-assertion-type:saml2-bearer',
        'jwt']) await refused(await present(assertion(), { client_assertion_type }));
    });

    it('is dead with its key', async () => {
      const [credential] = await server.api.get(`/clients/${machine.client_id}/credentials`);
      const spare = generateKeyPairSync('rsa', { modulusLength: 2048 });
      const added = await server.api.post(`/clients/${machine.client_id}/credentials`, {
        credential_type: 'public_key', name: 'spare', alg: 'RS256', pem: spare.publicKey.export({ type: 'spki', format: 'pem' }),
      });
      await server.api.patch(`/clients/${machine.client_id}`, { client_authentication_methods: { private_key_jwt: { credentials: [{ id: added.id }] } } });
      await server.api.delete(`/clients/${machine.client_id}/credentials/${credential.id}`);
      await refused(await present(assertion()));
      assert.equal((await present(assertion({}, {}, spare.privateKey))).status, 200);
    });
  });

  describe('an id_token_hint', () => {
    it('that is forged ends no session and is told to nobody', async () => {
      const browser = server.http();
      const someone = { ...(await createUser(server.api)), password };
      const mine = await tokensOf(browser, web, someone);
      const [header, claims] = mine.id_token.split('.');
      for (const hint of [`${header}.${claims}.AAAA`, `${encodePart({ alg: 'none' })}.${claims}.`, 'x', managementToken, mine.access_token]) {
        const logout = await browser.get(`/oidc/logout?${new URLSearchParams({ id_token_hint: hint, client_id: web.client_id, post_logout_redirect_uri: base })}`);
        assert.ok(logout.status >= 400 || logout.location?.startsWith(`${server.issuer}u/logout`), `${logout.status} ${logout.location}`);
        const silent = await browser.get(authorizeUrl(web, { prompt: 'none', id_token_hint: hint }));
        assert.equal(new URL(silent.location).searchParams.get('code'), null);
      }
      assert.ok(new URL((await browser.get(authorizeUrl(web, { prompt: 'none' }))).location).searchParams.get('code'), 'still signed in');
    });
  });

  it('and secrets appear in no log', () => {
    for (const secret of [tokens.access_token, tokens.id_token, plain.access_token, managementToken, web.client_secret, password]) {
      assert.ok(!server.log.includes(secret));
      assert.ok(!server.log.includes(secret.slice(-40)));
    }
  });
});
