// Our jose/ and npm jose sign, verify, seal and open for each other. Needs build/*/tests/conformance/jose_tool (target jose_tool).
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { after, before, describe, test } from 'node:test';
import * as jose from 'jose';

const builds = process.env.JOSE_TOOL ? [process.env.JOSE_TOOL]
  : ['debug', 'release', 'asan'].map((preset) => new URL(`../../build/${preset}/tests/conformance/jose_tool`, import.meta.url).pathname);
const algorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'];
const claims = { iss: 'https://localhost:8443/', sub: 'auth0|müller', aud: ['a', 'b'], exp: 4102444800, nested: { list: [1, true, null] } };
const secret = 'a shared secret of 64 characters, as the server makes for clients';
const bytes = (text) => new TextEncoder().encode(text);

let tool;
let lines;
async function ask(request) {
  tool.stdin.write(`${JSON.stringify(request)}\n`);
  return JSON.parse((await lines.next()).value);
}

before(() => {
  const program = builds.find(existsSync);
  assert.ok(program, 'jose_tool is not built');
  tool = spawn(program, { stdio: ['pipe', 'pipe', 'inherit'] });
  lines = createInterface({ input: tool.stdout })[Symbol.asyncIterator]();
});
after(() => tool?.stdin.end());

for (const alg of algorithms) {
  describe(alg, () => {
    test('npm jose verifies our token with our JWK, PEM and certificate', async () => {
      const ours = await ask({ op: 'generate', alg });
      const { token } = await ask({ op: 'sign', alg, pem: ours.private_pem, claims });
      for (const key of [await jose.importJWK(ours.jwk, alg), await jose.importSPKI(ours.public_pem, alg), await jose.importX509(ours.certificate, alg)]) {
        const { payload, protectedHeader } = await jose.jwtVerify(token, key, { algorithms: [alg] });
        assert.deepEqual(payload, claims);
        assert.deepEqual(protectedHeader, { alg, typ: 'JWT', kid: 'ours' });
      }
      assert.equal(await jose.calculateJwkThumbprint(ours.jwk), ours.thumbprint);
      await jose.importPKCS8(ours.private_pem, alg);
    });

    test('we verify its token with its JWK and PEM, and sign with its private JWK', async () => {
      const { publicKey, privateKey } = await jose.generateKeyPair(alg, { extractable: true });
      const token = await new jose.SignJWT(claims).setProtectedHeader({ alg, kid: 'theirs', typ: 'at+jwt' }).sign(privateKey);
      const jwk = await jose.exportJWK(publicKey);
      const verified = await ask({ op: 'verify', alg, jwk, token });
      assert.deepEqual(verified, { valid: true, claims, thumbprint: await jose.calculateJwkThumbprint(jwk) });
      assert.equal((await ask({ op: 'verify', alg, pem: await jose.exportSPKI(publicKey), token })).valid, true);
      const back = await ask({ op: 'sign', alg, jwk: await jose.exportJWK(privateKey), claims });
      assert.deepEqual((await jose.jwtVerify(back.token, publicKey)).payload, claims);
      const [header, , signature] = token.split('.');
      const other = Buffer.from(JSON.stringify({ ...claims, sub: 'auth0|admin' })).toString('base64url');
      assert.equal((await ask({ op: 'verify', alg, jwk, token: [header, other, signature].join('.') })).valid, false);
    });
  });
}

for (const alg of ['HS256', 'HS384', 'HS512']) {
  test(`${alg} both ways`, async () => {
    const ours = await ask({ op: 'sign', alg, secret, claims });
    assert.deepEqual((await jose.jwtVerify(ours.token, bytes(secret), { algorithms: [alg] })).payload, claims);
    const token = await new jose.SignJWT(claims).setProtectedHeader({ alg }).sign(bytes(secret));
    assert.equal((await ask({ op: 'verify', alg, secret, token })).valid, true);
    assert.equal((await ask({ op: 'verify', alg, secret: `${secret}x`, token })).valid, false);
  });
}

test('dir with A256GCM both ways', async () => {
  const key = 'k'.repeat(32);
  const ours = await ask({ op: 'encrypt', secret: key, plaintext: 'müller' });
  const opened = await jose.compactDecrypt(ours.token, bytes(key));
  assert.equal(new TextDecoder().decode(opened.plaintext), 'müller');
  assert.deepEqual(opened.protectedHeader, { alg: 'dir', enc: 'A256GCM', iss: 'https://localhost/', kid: 'kid' });
  const theirs = await new jose.CompactEncrypt(bytes('geheim')).setProtectedHeader({ alg: 'dir', enc: 'A256GCM' }).encrypt(bytes(key));
  assert.equal((await ask({ op: 'decrypt', secret: key, token: theirs })).plaintext, 'geheim');
  assert.ok((await ask({ op: 'decrypt', secret: 'x'.repeat(32), token: theirs })).error);
});

test('an unsecured token is refused', async () => {
  const { jwk } = await ask({ op: 'generate', alg: 'ES256' });
  assert.ok((await ask({ op: 'verify', alg: 'ES256', jwk, token: new jose.UnsecuredJWT(claims).encode() })).error);
  assert.ok((await ask({ op: 'verify', alg: 'ES256', jwk, token: `${new jose.UnsecuredJWT(claims).encode()}c2ln` })).error);
});

test('a token signed with the public key as a shared secret is not valid', async () => {
  const { jwk, public_pem } = await ask({ op: 'generate', alg: 'RS256' });
  const token = await new jose.SignJWT(claims).setProtectedHeader({ alg: 'HS256' }).sign(bytes(public_pem));
  assert.equal((await ask({ op: 'verify', alg: 'RS256', jwk, token })).valid, false);
});
