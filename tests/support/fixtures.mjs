// What tests need in a tenant, made through the Management API as a person would: an application is created, allowed to
// use the database connection, and given its users, APIs and grants.

import { randomBytes } from 'node:crypto';

export const password = 'Correct-Horse-7-Battery';

/** Refresh tokens that are good for one use each, without a moment of grace. */
export const rotating = {
  rotation_type: 'rotating', expiration_type: 'expiring', leeway: 0, token_lifetime: 2592000, idle_token_lifetime: 1296000,
};

/** A few letters and digits that no other test uses. */
export function unique() {
  return randomBytes(5).toString('hex');
}

/** Waits until the clock shows another second, the unit of all times in tokens. */
export function nextSecond() {
  return new Promise((resolve) => setTimeout(resolve, 1005 - (Date.now() % 1000)));
}

/** The database connection of the first start. */
export async function databaseConnection(api) {
  const [connection] = await api.get('/connections?name=Username-Password-Authentication');
  return connection;
}

/** An application that people of the database connection may sign in to; its JSON with client_id and client_secret. */
export async function createApplication(api, properties) {
  const client = await api.post('/clients', { name: `App ${unique()}`, ...properties });
  const connection = await databaseConnection(api);
  await api.patch(`/connections/${connection.id}/clients`, [{ client_id: client.client_id, status: true }]);
  return client;
}

/** A regular web application with its callback, whose logout URL is its base URL without a final slash, as SDKs send it. */
export function createWebApplication(api, baseUrl, callbackPath, properties = {}) {
  return createApplication(api, {
    app_type: 'regular_web', callbacks: [`${baseUrl}${callbackPath}`], allowed_logout_urls: [baseUrl],
    grant_types: ['authorization_code', 'refresh_token'], oidc_conformant: true, ...properties,
  });
}

/** A user with a verified address who signs in with `password`. */
export function createUser(api, properties = {}) {
  const name = `ada.${unique()}`;
  return api.post('/users', {
    connection: 'Username-Password-Authentication', email: `${name}@example.com`, email_verified: true, name: 'Ada Lovelace',
    password, ...properties,
  });
}

/** An API; `scopes` is a list of words. */
export function createApi(api, { scopes = [], ...properties } = {}) {
  return api.post('/resource-servers', {
    name: `API ${unique()}`, identifier: `https://api-${unique()}.example.com/`,
    scopes: scopes.map((value) => ({ value, description: `May ${value}` })), ...properties,
  });
}

/** A machine-to-machine application with a grant for an API. */
export async function createMachine(api, audience, scope = [], properties = {}) {
  const client = await api.post('/clients', {
    name: `Machine ${unique()}`, app_type: 'non_interactive', grant_types: ['client_credentials'], ...properties,
  });
  await api.post('/client-grants', { client_id: client.client_id, audience, scope });
  return client;
}
