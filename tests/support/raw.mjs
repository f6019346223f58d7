// Bytes on a TLS connection, for what no HTTP client would send: other paths than a URL parser makes, odd headers, smuggling.

import tls from 'node:tls';

/**
 * Sends `text` (a whole request, or several) and returns all that comes back until the server closes, has been silent for `quietMs`
 * after its first byte, or `timeoutMs` are over.
 */
export function exchange(server, text, { quietMs = 150, timeoutMs = 10_000 } = {}) {
  return new Promise((resolve, reject) => {
    const socket = tls.connect({ host: '127.0.0.1', port: server.port, servername: 'localhost', ca: server.ca, ALPNProtocols: ['http/1.1'] });
    let received = '';
    let quiet = null;
    const finish = () => {
      clearTimeout(quiet);
      clearTimeout(whole);
      socket.destroy();
      resolve({ text: received, statuses: [...received.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map((match) => Number(match[1])) });
    };
    const whole = setTimeout(finish, timeoutMs);
    socket.setEncoding('latin1');
    socket.on('secureConnect', () => socket.write(text, 'latin1'));
    socket.on('data', (chunk) => {
      received += chunk;
      clearTimeout(quiet);
      quiet = setTimeout(finish, quietMs);
    });
    socket.on('end', finish);
    socket.on('error', (error) => (received ? finish() : reject(error)));
  });
}

/** One request with this target exactly as it is: {status, head, body}. */
export async function rawRequest(server, method, target, { headers = {}, body } = {}) {
  const all = { host: server.domain, connection: 'close', ...headers };
  if (body !== undefined) all['content-length'] ??= Buffer.byteLength(body);
  const lines = Object.entries(all).filter(([, value]) => value !== undefined).map(([name, value]) => `${name}: ${value}`);
  const { text } = await exchange(server, `${method} ${target} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n${body ?? ''}`, { quietMs: 2000 });
  const [head, ...rest] = text.split('\r\n\r\n');
  return { status: Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1] ?? 0), head, body: rest.join('\r\n\r\n') };
}

/** The value of a header of a raw answer. */
export function headerOf(answer, name) {
  return new RegExp(`^${name}: *(.*)$`, 'im').exec(answer.head)?.[1]?.trim();
}
