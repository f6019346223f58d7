// People of a tenant and what they do: sign in through the hosted page, come back with a refresh token.

import { createApplication, createApi, rotating } from '../tests/support/fixtures.mjs';
import { pkce } from '../tests/support/oauth.mjs';
import { load, step } from './measure.mjs';

export const password = 'Bench-passw0rd-1';
const callback = 'https://app.example/callback';

/** An application with rotating refresh tokens, an API of its own, and `count` people who can sign in with `password`. */
export async function preparePeople(server, count) {
  const api = await createApi(server.api, { scopes: ['read:all'], allow_offline_access: true, skip_consent_for_verifiable_first_party_clients: true });
  const app = await createApplication(server.api, {
    app_type: 'regular_web', oidc_conformant: true, callbacks: [callback], grant_types: ['authorization_code', 'refresh_token'],
    jwt_configuration: { alg: 'RS256' }, refresh_token: rotating,
  });
  const emails = Array.from({ length: count }, (_, i) => `person.${i}@example.com`);
  await createUsers(server, emails);
  return { app, audience: api.identifier, rows: emails.map((email) => ({ email })) };
}

async function createUsers(server, emails) {
  const { token, headers } = await bearer(server);
  await load(server.target(), {
    connections: 8, flows: emails.length, rows: emails.map((email) => ({ email, token })),
    steps: [step('POST', '/api/v2/users', {
      headers, status: 201,
      json: { connection: 'Username-Password-Authentication', email: '{{email}}', email_verified: true, name: 'Ada Lovelace', password },
    })],
  });
}

/** A token of the Management API, and the header that takes it from the variable `token`. */
export async function bearer(server) {
  return { token: await server.api.newToken(), headers: { Authorization: 'Bearer {{token}}' } };
}

/**
 * A whole login as a browser makes it, by one row {email} each time: /authorize, the page, the password, /authorize/resume, and the
 * application's exchange of the code, whose tokens it captures.
 */
export function loginSteps(server, { app, audience }, { scope = 'openid profile email', withAudience = false } = {}) {
  const { verifier, challenge } = pkce();
  const query = new URLSearchParams({
    client_id: app.client_id, response_type: 'code', redirect_uri: callback, scope, state: 's', nonce: 'n', code_challenge: challenge,
    code_challenge_method: 'S256', ...(withAudience && { audience }),
  });
  const location = ['location', 'ocation: ', '\r\n'];
  const origin = server.issuer.slice(0, -1);
  const tokens = [['access_token', '"access_token":"', '"'], ['id_token', '"id_token":"', '"']];
  if (scope.includes('offline_access')) tokens.push(['refresh_token', '"refresh_token":"', '"']);
  const browser = { Accept: 'text/html', 'Accept-Language': 'en', 'User-Agent': 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0' };
  return [
    step('GET', `/authorize?${query}`, { headers: browser, status: 302, captures: [location] }),
    step('GET', '{{location|path}}', { headers: browser, captures: [['csrf', 'name="csrf" value="', '"'], ['state', 'name="state" value="', '"']] }),
    step('POST', '{{location|path}}', {
      headers: { ...browser, Origin: origin, Referer: `${origin}{{location|path}}` }, status: 303, captures: [location],
      form: { state: '{{state}}', csrf: '{{csrf}}', username: '{{email|form}}', password, action: 'default' },
    }),
    step('GET', '{{location|path}}', { headers: browser, status: 302, captures: [['code', 'code=', '&']] }),
    step('POST', '/oauth/token', {
      captures: tokens,
      form: {
        grant_type: 'authorization_code', client_id: app.client_id, client_secret: app.client_secret, code: '{{code}}', code_verifier: verifier,
        redirect_uri: callback,
      },
    }),
  ];
}

/** The exchange of a flow's refresh token, which takes the new one for the next. */
export const refreshStep = ({ client_id, client_secret }) => step('POST', '/oauth/token', {
  form: { grant_type: 'refresh_token', client_id, client_secret, refresh_token: '{{refresh_token|form}}' },
  captures: [['refresh_token', '"refresh_token":"', '"']],
});

/** Signs in the first `count` people once, a few at a time: rows {email, access_token, id_token, refresh_token}. */
export async function signInAll(server, people, count, how) {
  const together = 8;
  const steps = loginSteps(server, people, how);
  const signedIn = [];
  while (signedIn.length < count) {
    const rows = people.rows.slice(signedIn.length, Math.min(count, signedIn.length + together));
    const result = await load(server.target(), { connections: rows.length, flows: rows.length, sticky: true, rows, steps });
    signedIn.push(...result.rows);
  }
  return signedIn.map(({ email, access_token, id_token, refresh_token }) => ({ email, access_token, id_token, refresh_token: refresh_token ?? '' }));
}
