// Twilio's REST API on loopback, as far as messages and calls go (2010-04-01, basic authentication), keeping what it gets.
//   const twilio = await startTwilioSink({ sid: 'AC…', token: '…' });  …  const sms = await twilio.next();  …  await twilio.stop();

import { once } from 'node:events';
import http from 'node:http';

/** fail: answers that the next requests get instead, such as {status: 503}. */
export async function startTwilioSink({ sid, token, fail = [] }) {
  const messages = [];
  const waiting = [];
  const refused = [];
  const deliver = (message) => (waiting.length ? waiting.shift()(message) : messages.push(message));
  const server = http.createServer(async (request, response) => {
    let body = '';
    for await (const piece of request) body += piece;
    const answer = (status, json) => response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(json));
    const form = Object.fromEntries(new URLSearchParams(body));
    const path = request.url.match(/^\/2010-04-01\/Accounts\/([^/]+)\/(Messages|Calls)\.json$/);
    if (request.method !== 'POST' || !path) return answer(404, { code: 20404, message: 'The requested resource was not found', status: 404 });
    if (request.headers.authorization !== `Basic ${Buffer.from(`${sid}:${token}`).toString('base64')}` || path[1] !== sid) {
      refused.push(form);
      return answer(401, { code: 20003, message: 'Authenticate', status: 401 });
    }
    const failure = fail.shift();
    if (failure) return answer(failure.status, { code: failure.code ?? 20500, message: failure.message ?? 'Not now', status: failure.status });
    if (!/^\+\d{3,15}$/.test(form.To)) return answer(400, { code: 21211, message: `The 'To' number ${form.To} is not a valid phone number.`, status: 400 });
    if (!form.From && !form.MessagingServiceSid) return answer(400, { code: 21603, message: "A 'From' phone number is required.", status: 400 });
    deliver({ kind: path[2], ...form });
    return answer(201, { sid: `SM${'0'.repeat(32)}`, status: 'queued', to: form.To, from: form.From ?? null, body: form.Body ?? null });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    refused,
    fail,
    /** The next message or call: {kind: 'Messages'|'Calls', To, From, Body, …}. */
    next(timeoutMs = 10_000) {
      if (messages.length) return Promise.resolve(messages.shift());
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error('no message reached Twilio')), timeoutMs);
        waiting.push((message) => { clearTimeout(timer); resolve(message); });
      });
    },
    async stop() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close').catch(() => {});
    },
  };
}
