// A bare client of the Management API. The verbs return the body and throw ApiError on a status of 400 and above;
// request() returns the whole answer whatever it is.

export class ApiError extends Error {
  constructor(method, path, answer) {
    super(`${method} ${path}: ${answer.status} ${answer.text}`);
    this.status = answer.status;
    this.body = answer.json;
  }
}

export class ManagementApi {
  /** credentials: {client_id, client_secret, audience}, as in bootstrap.json. The token is fetched at the first call. */
  constructor(http, credentials) {
    this.http = http;
    this.credentials = credentials;
    this.token = null;
  }

  /** A new access token, for these scopes only if given (text, separated by blanks). */
  async newToken(scope) {
    const json = { grant_type: 'client_credentials', ...this.credentials, ...(scope ? { scope } : {}) };
    const answer = await this.http.post('/oauth/token', { json });
    if (answer.status !== 200) throw new ApiError('POST', '/oauth/token', answer);
    return answer.json.access_token;
  }

  /** path is below /api/v2. Options as in HttpClient.request, and token: another bearer token, null for none. */
  async request(method, path, { token, headers = {}, ...options } = {}) {
    if (token === undefined) token = this.token ??= await this.newToken();
    const authorization = token === null ? {} : { authorization: `Bearer ${token}` };
    return this.http.request(method, `/api/v2${path}`, { headers: { ...authorization, ...headers }, ...options });
  }

  async call(method, path, json) {
    const answer = await this.request(method, path, { json });
    if (answer.status >= 400) throw new ApiError(method, path, answer);
    return answer.json;
  }

  get(path) { return this.call('GET', path); }
  post(path, body = {}) { return this.call('POST', path, body); }
  patch(path, body) { return this.call('PATCH', path, body); }
  put(path, body) { return this.call('PUT', path, body); }
  delete(path, body) { return this.call('DELETE', path, body); }
}
