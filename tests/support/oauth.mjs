// The protocol as an application and its user's browser speak it: authorize, sign in on the hosted page, exchange the code.

import { createHash, randomBytes } from 'node:crypto';

/** A verifier and its S256 challenge (RFC 7636). */
export function pkce() {
  const verifier = randomBytes(32).toString('base64url');
  return { verifier, challenge: createHash('sha256').update(verifier).digest('base64url') };
}

/** /authorize for an application. Parameters of undefined are left out; without others it is a code with PKCE for the first callback. */
export function authorizeUrl(client, parameters = {}) {
  const all = {
    client_id: client.client_id, response_type: 'code', redirect_uri: client.callbacks?.[0], scope: 'openid profile email',
    state: 'the-state', nonce: 'the-nonce', ...parameters,
  };
  return `/authorize?${new URLSearchParams(Object.entries(all).filter(([, value]) => value !== undefined))}`;
}

/** Whether a URL belongs to the application (its callback) rather than to the server. */
export function isAway(http) {
  const { origin } = new URL(http.base);
  return (url) => url.origin !== origin;
}

/** Opens /authorize and follows to the hosted page (or to the callback when there is nothing to ask). */
export async function beginLogin(http, client, parameters) {
  return http.follow(await http.get(authorizeUrl(client, parameters)), { until: isAway(http) });
}

/** Fills in the login page and follows to the callback. */
export async function submitLogin(http, page, { username, password }) {
  return http.follow(await http.submit(page, { username, password }), { until: isAway(http) });
}

/**
 * A whole login in the browser `http`: {answer, url, code, state, verifier, redirect_uri}. The user is {email, password}. Whoever has a
 * session already is not asked. Fails when no callback was reached.
 */
export async function signIn(http, client, user, parameters = {}) {
  const { verifier, challenge } = pkce();
  const asked = { code_challenge: challenge, code_challenge_method: 'S256', ...parameters };
  const begun = await beginLogin(http, client, asked);
  if (begun.status !== 200 && !begun.location) throw new Error(`no login page: ${begun.status} ${begun.url}\n${textOf(begun)}`);
  const answer = begun.location ? begun : await submitLogin(http, begun, { username: user.email, password: user.password });
  if (!answer.location) throw new Error(`no callback was reached: ${answer.status} ${answer.url}\n${textOf(answer)}`);
  const url = new URL(answer.location);
  const given = new URLSearchParams(url.search.slice(1) || url.hash.slice(1));
  return { answer, url, given, code: given.get('code'), verifier, redirect_uri: asked.redirect_uri ?? client.callbacks[0] };
}

/** What a page says, without its markup. */
export function textOf(page) {
  return page.text.replace(/<(style|script)[\s\S]*?<\/\1>/g, '').replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ').trim();
}

/** The token request for a code. Parameters of undefined are left out. */
export function redeem(http, client, { code, verifier, redirect_uri }, parameters = {}) {
  return token(http, client, { grant_type: 'authorization_code', code, code_verifier: verifier, redirect_uri, ...parameters });
}

/** POST /oauth/token as this client, its secret in the body if it has one. */
export function token(http, client, parameters) {
  const all = { client_id: client.client_id, client_secret: client.client_secret, ...parameters };
  return http.post('/oauth/token', { form: Object.entries(all).filter(([, value]) => value !== undefined) });
}

/** Signs in and exchanges the code: the token answer's JSON. */
export async function tokensOf(http, client, user, parameters) {
  const answer = await redeem(http, client, await signIn(http, client, user, parameters));
  if (answer.status !== 200) throw new Error(`no tokens: ${answer.status} ${answer.text}`);
  return answer.json;
}

export function refresh(http, client, refreshToken, parameters = {}) {
  return token(http, client, { grant_type: 'refresh_token', refresh_token: refreshToken, ...parameters });
}

export function userinfo(http, accessToken) {
  return http.get('/userinfo', { headers: { authorization: `Bearer ${accessToken}` } });
}

/** Header and claims of a JWT, nothing verified. */
export function decodeJwt(jwt) {
  const [header, claims] = jwt.split('.', 2).map((part) => JSON.parse(Buffer.from(part, 'base64url')));
  return { header, claims };
}

export function encodePart(value) {
  return Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
}
