// The peer: npm oidc-provider on Node.js, in memory, doing the same work as we: JWT access tokens of registered APIs for machines, with the
// claims ours have, signed by keys of the same kinds. Started by peer.mjs with {cert, key, apis} in PEER_SETUP; prints one JSON line.

import { generateKeyPairSync, randomBytes } from 'node:crypto';
import http from 'node:http';
import https from 'node:https';
import Provider from 'oidc-provider';

const { cert, key, apis } = JSON.parse(process.env.PEER_SETUP);

const signingKey = (alg, type, options) => ({
  ...generateKeyPairSync(type, options).privateKey.export({ format: 'jwk' }), alg, use: 'sig', kid: randomBytes(16).toString('base64url').slice(0, 21),
});
const jwks = {
  keys: [signingKey('RS256', 'rsa', { modulusLength: 2048 }), signingKey('ES256', 'ec', { namedCurve: 'P-256' }), signingKey('EdDSA', 'ed25519')],
};

const client = {
  client_id: randomBytes(24).toString('base64url'), client_secret: randomBytes(48).toString('base64url'), grant_types: ['client_credentials'],
  redirect_uris: [], response_types: [], token_endpoint_auth_method: 'client_secret_post',
};

async function listen(server) {
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server.address().port;
}

let answer;  // the issuer's name needs the port first
const handle = (request, response) => answer(request, response);
const tls = https.createServer({ cert, key, keepAliveTimeout: 75_000 }, handle);
const plain = http.createServer({ keepAliveTimeout: 75_000 }, handle);
const port = await listen(tls);
const plainPort = await listen(plain);

const provider = new Provider(`https://localhost:${port}`, {
  clients: [client],
  jwks,
  scopes: ['openid', 'profile', 'email'],
  claims: { openid: ['sub'], profile: ['name', 'nickname', 'picture', 'updated_at'], email: ['email', 'email_verified'] },
  ttl: { ClientCredentials: 86_400, AccessToken: 86_400, Grant: 86_400 },
  findAccount: (_, accountId) => ({
    accountId,
    claims: () => ({
      sub: accountId, name: 'Ada Lovelace', nickname: 'ada', picture: 'https://cdn.example/ada.png', updated_at: '2026-01-01T00:00:00.000Z',
      email: 'ada@example.com', email_verified: true,
    }),
  }),
  extraTokenClaims: (_, token) => ({ gty: 'client-credentials', azp: token.clientId }),
  features: {
    clientCredentials: { enabled: true },
    devInteractions: { enabled: false },
    resourceIndicators: {
      enabled: true,
      getResourceServerInfo: (_, resource) => ({
        scope: 'read:all', audience: resource, accessTokenFormat: 'jwt', accessTokenTTL: 86_400, jwt: { sign: { alg: apis[resource] } },
      }),
    },
  },
});

answer = provider.callback();

// What a person's login would have left behind: a grant and an opaque access token for /me (its userinfo endpoint).
const grant = new provider.Grant({ accountId: 'auth0|0123456789abcdef', clientId: client.client_id });
grant.addOIDCScope('openid profile email');
const token = new provider.AccessToken({
  accountId: grant.accountId, client: await provider.Client.find(client.client_id), grantId: await grant.save(), scope: 'openid profile email',
  gty: 'authorization_code',
});
const accessToken = await token.save();

console.log(JSON.stringify({ port, plainPort, client, accessToken }));
