// An HTTP client that hides nothing: it follows no redirect by itself, keeps cookies like a browser, and reads forms out
// of pages, so that a test can walk the login pages without a browser.

import http from 'node:http';
import https from 'node:https';
import net from 'node:net';

const REQUEST_TIMEOUT_MS = 30_000;

export class HttpClient {
  /** base: relative URLs start here; ca: PEM of the CA to trust; cookies: false keeps no jar; headers: sent with every request. */
  constructor({ base, ca, cookies = true, headers = {} }) {
    this.base = base;
    this.headers = headers;
    this.jar = cookies ? new CookieJar() : null;
    this.agents = { 'https:': new https.Agent({ ca, keepAlive: true }), 'http:': new http.Agent({ keepAlive: true }) };
  }

  get(url, options) { return this.request('GET', url, options); }
  post(url, options) { return this.request('POST', url, options); }

  /**
   * One request, one answer {status, headers, text, json, location, cookies, url}. Options: headers, json (an object), form (an
   * object or a list of pairs), body (bytes or text as they are). `json` of the answer is undefined when it is not JSON.
   */
  async request(method, url, { headers = {}, json, form, body } = {}) {
    const target = new URL(url, this.base);
    const sent = lowerCased({ ...this.headers, ...headers });
    if (json !== undefined) {
      body = JSON.stringify(json);
      sent['content-type'] ??= 'application/json';
    } else if (form !== undefined) {
      body = new URLSearchParams(form).toString();
      sent['content-type'] ??= 'application/x-www-form-urlencoded';
    }
    if (body !== undefined) sent['content-length'] ??= String(Buffer.byteLength(body));
    const cookies = this.jar?.header(target);
    if (cookies && !sent.cookie) sent.cookie = cookies;
    const answer = await this.exchange(method, target, sent, body);
    this.jar?.store(target, answer.headers['set-cookie'] ?? []);
    return answer;
  }

  exchange(method, target, headers, body) {
    const transport = target.protocol === 'https:' ? https : http;
    return new Promise((resolve, reject) => {
      const options = { method, headers, agent: this.agents[target.protocol], timeout: REQUEST_TIMEOUT_MS };
      // The certificate is that of the address, also when a test names another Host.
      if (headers.host && !net.isIP(target.hostname)) options.servername = target.hostname;
      const request = transport.request(target, options);
      request.on('timeout', () => request.destroy(new Error(`${method} ${target}: no answer after ${REQUEST_TIMEOUT_MS / 1000} s`)));
      request.on('error', reject);
      request.on('response', (response) => {
        const chunks = [];
        response.on('data', (chunk) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => resolve(answerOf(response, Buffer.concat(chunks), target)));
      });
      request.end(body);
    });
  }

  /** Follows the redirects of an answer as a browser does, at most `limit`, and stops before leaving for a URL `until` holds for. */
  async follow(answer, { until = () => false, limit = 20 } = {}) {
    for (let step = 0; answer.location; step += 1) {
      if (step === limit) throw new Error(`more than ${limit} redirects, the last to ${answer.location}`);
      if (until(new URL(answer.location))) return answer;
      answer = await this.get(answer.location);
    }
    return answer;
  }

  /** Submits the first form of a page (or the one that `pick` chooses), its hidden fields as they are, `fields` over them. */
  submit(page, fields, pick = () => true) {
    const form = forms(page).find(pick);
    if (!form) throw new Error(`no such form on ${page.url} (status ${page.status})`);
    const values = { ...form.fields, ...fields };
    if (form.method === 'GET') {
      const action = new URL(form.action);
      action.search = new URLSearchParams(values).toString();
      return this.get(action.href);
    }
    return this.post(form.action, { form: values, headers: { origin: new URL(form.action).origin, referer: page.url } });
  }
}

function answerOf(response, bytes, target) {
  const text = bytes.toString('utf8');
  let json;
  if (/^application\/([a-z.-]+\+)?json/.test(response.headers['content-type'] ?? '') && text !== '') json = JSON.parse(text);
  const location = response.statusCode >= 300 && response.statusCode < 400 && response.headers.location
    ? new URL(response.headers.location, target).href : undefined;
  return { status: response.statusCode, headers: response.headers, text, json, location, url: target.href };
}

/** The forms of a page: [{action, method, fields, buttons}]; action is absolute, fields are the values a submit would send. */
export function forms(page) {
  return [...page.text.matchAll(/<form\b([^>]*)>([\s\S]*?)<\/form>/gi)].map(([, head, inside]) => {
    const form = attributes(head);
    const fields = {};
    const buttons = [];
    for (const [, tag, rest] of inside.matchAll(/<(input|button)\b([^>]*)>/gi)) {
      const input = attributes(rest);
      if (!input.name) continue;
      const type = input.type ?? (tag.toLowerCase() === 'button' ? 'submit' : 'text');
      if (type === 'submit') buttons.push({ name: input.name, value: input.value ?? '' });
      else if (!['checkbox', 'radio'].includes(type) || 'checked' in input) fields[input.name] = input.value ?? '';
    }
    return { action: new URL(form.action ?? '', page.url).href, method: (form.method ?? 'get').toUpperCase(), fields, buttons };
  });
}

function attributes(text) {
  const found = {};
  for (const [, name, double, single, bare] of text.matchAll(/([a-z][\w:-]*)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?/gi)) {
    found[name.toLowerCase()] = unescapeHtml(double ?? single ?? bare ?? '');
  }
  return found;
}

function unescapeHtml(text) {
  const named = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
  return text.replace(/&(?:#x([0-9a-f]+)|#(\d+)|([a-z]+));/gi, (whole, hex, decimal, name) =>
    hex ? String.fromCodePoint(parseInt(hex, 16)) : decimal ? String.fromCodePoint(Number(decimal)) : named[name] ?? whole);
}

function lowerCased(headers) {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

/** Cookies as RFC 6265 §5 has them, as far as the server uses it: host, Path, Secure, Max-Age and Expires. */
export class CookieJar {
  cookies = [];

  store(url, headers) {
    for (const header of headers) {
      const [pair, ...parts] = header.split(';').map((part) => part.trim());
      const name = pair.slice(0, pair.indexOf('='));
      const value = pair.slice(pair.indexOf('=') + 1);
      const given = Object.fromEntries(parts.map((part) => {
        const [key, ...rest] = part.split('=');
        return [key.toLowerCase(), rest.join('=')];
      }));
      const expires = given['max-age'] !== undefined ? Date.now() + Number(given['max-age']) * 1000
        : given.expires ? Date.parse(given.expires) : Infinity;
      const domain = given.domain?.replace(/^\./, '') || url.hostname;
      const path = given.path || '/';
      this.cookies = this.cookies.filter((c) => !(c.name === name && c.domain === domain && c.path === path));
      if (expires > Date.now()) {
        const flags = { secure: 'secure' in given, httpOnly: 'httponly' in given, sameSite: given.samesite };
        this.cookies.push({ name, value, domain, path, expires, ...flags, header });
      }
    }
  }

  header(url) {
    return this.cookies
      .filter((c) => url.hostname === c.domain || url.hostname.endsWith(`.${c.domain}`))
      .filter((c) => !c.secure || url.protocol === 'https:')
      .filter((c) => c.path === '/' || url.pathname === c.path || url.pathname.startsWith(c.path.endsWith('/') ? c.path : `${c.path}/`))
      .filter((c) => c.expires > Date.now())
      .map((c) => `${c.name}=${c.value}`)
      .join('; ');
  }

  get(name) {
    return this.cookies.find((c) => c.name === name);
  }

  clear() {
    this.cookies = [];
  }
}
