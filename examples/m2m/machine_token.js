const RENEW_BEFORE_EXPIRY_MS = 30_000;

/**
 * Access tokens of a service for one API. A token lasts a day by default: token() asks the server once and hands out the same
 * token until 30 s before it expires; calls at the same moment share one request.
 */
export class MachineToken {
  #options;
  #current = null;
  #pending = null;

  /** options: domain (host, with its port if it has one), clientId, clientSecret, audience. */
  constructor(options) {
    this.#options = options;
  }

  async token() {
    if (this.#current && Date.now() < this.#current.expiresAt - RENEW_BEFORE_EXPIRY_MS) return this.#current.token;
    this.#pending ??= this.#request().finally(() => { this.#pending = null; });
    this.#current = await this.#pending;
    return this.#current.token;
  }

  async #request() {
    const { domain, clientId, clientSecret, audience } = this.#options;
    const asked = Date.now();
    const response = await fetch(`https://${domain}/oauth/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret, audience }),
    });
    const answer = await response.json();
    if (!response.ok) throw new Error(`No token (${response.status} ${answer.error}): ${answer.error_description}`);
    return { token: answer.access_token, expiresAt: asked + answer.expires_in * 1000 };
  }
}
