// Identity providers for people to come from, on loopback: the npm package oidc-provider (whole, and as it is), and small imitations of
// what GitHub, Google and a provider that lies answer.

import { once } from 'node:events';
import { createHash, randomBytes } from 'node:crypto';
import http from 'node:http';
import * as jose from 'jose';
import Provider from 'oidc-provider';
import { freePort } from './server.mjs';

/** A server on loopback; `handle(request, response, url)`. Its `url` has no slash at the end. */
async function listen(handle, port) {
  const server = http.createServer((request, response) => {
    Promise.resolve(handle(request, response, new URL(request.url, `http://${request.headers.host}`))).catch((error) => {
      response.statusCode = 500;
      response.end(String(error.stack));
    });
  });
  server.listen(port ?? 0, '127.0.0.1');
  await once(server, 'listening');
  const close = () => new Promise((resolve) => {
    server.closeAllConnections();
    server.close(resolve);
  });
  return { url: `http://127.0.0.1:${server.address().port}`, close };
}

async function bodyOf(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

function answer(response, value, status = 200) {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(value));
}

/**
 * npm oidc-provider as it is, with one client for the redirect URI. Whoever comes is signed in as `accounts[provider.person]` without being
 * asked, or refused when `person` is null. `configuration` goes over ours; `metadata` over the client's.
 */
export async function openIdProvider({ redirectUri, accounts, configuration = {}, metadata = {} }) {
  const port = await freePort();
  const issuer = `http://127.0.0.1:${port}`;
  const client = { client_id: 'gatehouse', client_secret: randomBytes(24).toString('base64url') };
  const state = { person: Object.keys(accounts)[0] };
  const provider = new Provider(issuer, {
    clients: [{ ...client, redirect_uris: [redirectUri], post_logout_redirect_uris: ['http://localhost:3000'], ...metadata }],
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name', 'nickname', 'given_name', 'family_name', 'picture'], groups: ['groups'] },
    scopes: ['openid', 'offline_access', 'email', 'profile', 'groups'],
    findAccount: (_, id) => ({ accountId: id, claims: async () => ({ sub: id, ...accounts[id] }) }),
    interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
    features: { devInteractions: { enabled: false }, rpInitiatedLogout: { enabled: true } },
    cookies: { keys: ['for tests'] },
    jwks: { keys: [await signingKey('first')] },
    pkce: { required: () => false },
    conformIdTokenClaims: true,
    ...configuration,
  });
  // Gatehouse under test lives on localhost, which the package refuses to clients of the implicit flow.
  const { invalidate } = provider.Client.Schema.prototype;
  provider.Client.Schema.prototype.invalidate = function (message, code) {
    if (code !== 'implicit-force-https' && code !== 'implicit-forbid-localhost') invalidate.call(this, message);
  };
  provider.on('server_error', (_, error) => console.error(error));
  const handle = provider.callback();
  const server = await listen(async (request, response, url) => {
    if (!url.pathname.startsWith('/interaction/')) return handle(request, response);
    const details = await provider.interactionDetails(request, response);
    if (state.person === null) {
      return provider.interactionFinished(request, response, { error: 'access_denied', error_description: 'She said no.' });
    }
    if (details.prompt.name === 'login') return provider.interactionFinished(request, response, { login: { accountId: state.person } });
    const grant = new provider.Grant({ accountId: state.person, clientId: details.params.client_id });
    grant.addOIDCScope(details.params.scope);
    return provider.interactionFinished(request, response, { consent: { grantId: await grant.save() } });
  }, port);
  return Object.assign(state, { issuer, client, provider, close: server.close });
}

export async function signingKey(kid, alg = 'RS256') {
  const { privateKey } = await jose.generateKeyPair(alg, { extractable: true });
  return { ...(await jose.exportJWK(privateKey)), kid, alg, use: 'sig' };
}

/**
 * An OpenID Connect provider that lies as it is told. Change its fields between logins: `claims` (over the honest ones; undefined removes
 * one), `header`, `signWith` (a JWK), `keys` (what it publishes), `metadata` (over the honest one), `userinfo`, `idToken` (a function that
 * makes the whole token), `delay` (milliseconds per answer of each path), `answer` (parameters of the callback over the honest ones).
 */
export async function lyingProvider() {
  const key = await signingKey('first');
  const lies = {
    claims: {}, header: {}, signWith: key, keys: [publicPart(key)], metadata: {}, userinfo: { sub: 'eve', name: 'Eve', email: 'eve@example.com' },
    idToken: null, delay: {}, answer: {}, seen: [],
  };
  const codes = new Map();
  const server = await listen(async (request, response, url) => {
    lies.seen.push(url.pathname);
    const wait = lies.delay[url.pathname];
    if (wait) await new Promise((resolve) => setTimeout(resolve, wait).unref());
    const base = server.url;
    switch (url.pathname) {
      case '/.well-known/openid-configuration':
        return answer(response, {
          issuer: base, authorization_endpoint: `${base}/authorize`, token_endpoint: `${base}/token`, userinfo_endpoint: `${base}/userinfo`,
          jwks_uri: `${base}/jwks`, code_challenge_methods_supported: ['S256'], ...lies.metadata,
        });
      case '/jwks':
        return answer(response, { keys: lies.keys });
      case '/userinfo':
        lies.userinfoAsked = Object.fromEntries(url.searchParams);
        return answer(response, lies.userinfo);
      case '/authorize': {
        const asked = Object.fromEntries(url.searchParams);
        lies.asked = asked;
        const code = randomBytes(16).toString('hex');
        codes.set(code, asked);
        const given = Object.entries({ code, state: asked.state, ...lies.answer }).filter(([, value]) => value !== undefined);
        if (asked.response_mode === 'form_post') {
          response.writeHead(200, { 'content-type': 'text/html' });
          const fields = given.map(([name, value]) => `<input type="hidden" name="${name}" value="${value.replaceAll('"', '&quot;')}">`);
          return response.end(`<form method="post" action="${asked.redirect_uri}">${fields.join('')}</form>`);
        }
        const back = new URL(asked.redirect_uri);
        for (const [name, value] of given) back.searchParams.set(name, value);
        response.writeHead(302, { location: back.href });
        return response.end();
      }
      case '/token': {
        const form = new URLSearchParams(await bodyOf(request));
        lies.redeemed = Object.fromEntries(form);
        const asked = codes.get(form.get('code'));
        codes.delete(form.get('code'));
        const challenge = createHash('sha256').update(form.get('code_verifier') ?? '').digest('base64url');
        if (!asked || (asked.code_challenge && asked.code_challenge !== challenge)) return answer(response, { error: 'invalid_grant' }, 400);
        const now = Math.floor(Date.now() / 1000);
        const claims = { iss: base, aud: asked.client_id, sub: 'eve', email: 'eve@example.com', name: 'Eve', iat: now, exp: now + 300, nonce: asked.nonce, ...lies.claims };
        const token = lies.idToken ? await lies.idToken(claims)
          : await new jose.SignJWT(claims).setProtectedHeader({ alg: lies.signWith.alg, kid: lies.signWith.kid, ...lies.header })
            .sign(await jose.importJWK(lies.signWith, lies.signWith.alg));
        return answer(response, { access_token: 'upstream-access', token_type: 'Bearer', expires_in: 3600, id_token: token });
      }
      default:
        return answer(response, {}, 404);
    }
  });
  return Object.assign(lies, { url: server.url, key, close: server.close });
}

export function publicPart({ d, p, q, dp, dq, qi, ...rest }) {
  return rest;
}

/** What GitHub answers, by its documentation: form-encoded tokens unless JSON is asked for, errors with status 200, addresses apart. */
export async function gitHubStandIn() {
  const hub = {
    user: { id: 583231, login: 'octocat', name: 'The Octocat', email: null, avatar_url: 'https://avatars.example.com/u/583231', company: '@github', bio: null },
    emails: [
      { email: 'octocat@users.noreply.github.com', primary: false, verified: true, visibility: null },
      { email: 'octocat@example.com', primary: true, verified: true, visibility: 'private' },
    ],
    asked: null,
  };
  const codes = new Map();
  const server = await listen(async (request, response, url) => {
    if (url.pathname === '/login/oauth/authorize') {
      hub.asked = Object.fromEntries(url.searchParams);
      const code = randomBytes(10).toString('hex');
      codes.set(code, hub.asked);
      const back = new URL(hub.asked.redirect_uri);
      back.searchParams.set('code', code);
      back.searchParams.set('state', hub.asked.state);
      response.writeHead(302, { location: back.href });
      return response.end();
    }
    if (url.pathname === '/login/oauth/access_token') {
      const form = new URLSearchParams(await bodyOf(request));
      const known = codes.delete(form.get('code')) && form.get('client_secret') === 'hub-secret';
      const given = known ? { access_token: 'gho_16C7e42F292c6912E7710c838347Ae178B4a', scope: 'user:email', token_type: 'bearer' }
        : { error: 'bad_verification_code', error_description: 'The code passed is incorrect or expired.' };
      if (/json/.test(request.headers.accept ?? '')) return answer(response, given);
      response.writeHead(200, { 'content-type': 'application/x-www-form-urlencoded' });
      return response.end(new URLSearchParams(given).toString());
    }
    if (!request.headers['user-agent']) return answer(response, { message: 'User-Agent required' }, 403);
    if (request.headers.authorization !== 'Bearer gho_16C7e42F292c6912E7710c838347Ae178B4a') return answer(response, { message: 'Bad credentials' }, 401);
    if (url.pathname === '/user') return answer(response, hub.user);
    if (url.pathname === '/user/emails') return answer(response, hub.emails);
    return answer(response, { message: 'Not Found' }, 404);
  });
  const options = {
    client_id: 'hub-id', client_secret: 'hub-secret', authorizationURL: `${server.url}/login/oauth/authorize`,
    tokenURL: `${server.url}/login/oauth/access_token`, userInfoURL: `${server.url}/user`, userEmailsURL: `${server.url}/user/emails`,
  };
  return Object.assign(hub, { url: server.url, options, close: server.close });
}
