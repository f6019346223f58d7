// A mail server on loopback that keeps what it gets (RFC 5321, AUTH PLAIN and LOGIN, STARTTLS on demand).
//   const sink = await startSmtpSink({ users: { ada: 'secret' } });  …  const mail = await sink.next();  …  await sink.stop();

import { createServer } from 'node:net';
import { createSecureContext, TLSSocket } from 'node:tls';

/** users: who must sign in before MAIL. tls: {key, cert} to offer STARTTLS. refuse: addresses that get a 550. */
export async function startSmtpSink({ users, tls, refuse = [] } = {}) {
  const mails = [];
  const waiting = [];
  const sockets = new Set();
  const deliver = (mail) => (waiting.length ? waiting.shift()(mail) : mails.push(mail));

  const serve = (socket, secure) => {
    let buffer = '';
    let login = null;      // what AUTH LOGIN still asks for
    let asking = false;    // AUTH PLAIN whose answer comes on the next line
    let user = null;
    let mail = null;
    let receiving = false;
    const say = (line) => socket.write(`${line}\r\n`);
    const signIn = (name, password) => {
      const known = users?.[name] === password;
      user = known ? name : null;
      say(known ? '235 welcome' : '535 authentication failed');
    };
    const plain = (encoded) => {
      const [, name, password] = Buffer.from(encoded, 'base64').toString().split('\0');
      signIn(name, password);
    };
    const command = (line) => {
      if (asking) {
        asking = false;
        return plain(line);
      }
      if (login) {
        login.push(Buffer.from(line, 'base64').toString());
        if (login.length === 1) return say('334 UGFzc3dvcmQ6');
        const [name, password] = login;
        login = null;
        return signIn(name, password);
      }
      const verb = line.split(/[ :]/)[0].toUpperCase();
      switch (verb) {
        case 'EHLO': {
          const offers = ['sink', ...(tls && !secure ? ['STARTTLS'] : []), ...(users ? ['AUTH PLAIN LOGIN'] : []), '8BITMIME', 'SMTPUTF8'];
          return offers.forEach((offer, i) => say(`250${i + 1 < offers.length ? '-' : ' '}${offer}`));
        }
        case 'STARTTLS': {
          say('220 go ahead');
          socket.removeAllListeners('data');
          const wrapped = new TLSSocket(socket, { isServer: true, secureContext: createSecureContext(tls) });
          wrapped.on('error', () => socket.destroy());
          return serve(wrapped, true);
        }
        case 'AUTH': {
          const [, mechanism, initial] = line.split(' ');
          if (mechanism.toUpperCase() === 'PLAIN') {
            if (initial) return plain(initial);
            asking = true;
            return say('334 ');
          }
          login = [];
          return say('334 VXNlcm5hbWU6');
        }
        case 'MAIL':
          if (users && !user) return say('530 sign in first');
          mail = { from: line.match(/<(.*)>/)[1], to: [], user, secure };
          return say('250 ok');
        case 'RCPT': {
          const address = line.match(/<(.*)>/)[1];
          if (refuse.includes(address)) return say('550 no such user');
          mail.to.push(address);
          return say('250 ok');
        }
        case 'DATA':
          receiving = true;
          return say('354 go on');
        case 'QUIT':
          say('221 bye');
          return socket.end();
        default:
          return say('250 ok');
      }
    };
    const feed = () => {
      for (;;) {
        const end = buffer.indexOf(receiving ? '\r\n.\r\n' : '\r\n');
        if (end < 0) return;
        const text = buffer.slice(0, end);
        buffer = buffer.slice(end + (receiving ? 5 : 2));
        if (!receiving) {
          command(text);
          continue;
        }
        receiving = false;
        mail.message = text.replace(/(^|\r\n)\.\./g, '$1.');
        deliver(mail);
        mail = null;
        say('250 got it');
      }
    };
    socket.on('data', (chunk) => {
      buffer += chunk.toString('utf8');
      feed();
    });
    if (!secure) say('220 sink');
  };

  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
    serve(socket, false);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: server.address().port,
    /** The next mail: {from, to, user, secure, message}. */
    next(timeoutMs = 10_000) {
      if (mails.length) return Promise.resolve(mails.shift());
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`no mail after ${timeoutMs} ms`)), timeoutMs);
        waiting.push((mail) => { clearTimeout(timer); resolve(mail); });
      });
    },
    count: () => mails.length,
    stop() {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Header fields (unfolded, names in lower case) and the two parts of one of our mails, decoded. */
export function parseMail(message) {
  const split = (text) => {
    const end = text.indexOf('\r\n\r\n');
    const headers = {};
    for (const line of text.slice(0, end).replace(/\r\n[ \t]+/g, ' ').split('\r\n')) {
      const colon = line.indexOf(':');
      headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
    }
    return { headers, body: text.slice(end + 4) };
  };
  const words = (text) => text.replace(/\?=\s+=\?/g, '?==?').replace(/=\?UTF-8\?B\?([^?]*)\?=/g, (_, encoded) => Buffer.from(encoded, 'base64').toString());
  const decode = ({ headers, body }) => {
    if (headers['content-transfer-encoding'] !== 'quoted-printable') return body;
    const bytes = body.replace(/=\r\n/g, '').replace(/=([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
    return Buffer.from(bytes, 'latin1').toString('utf8');
  };
  const { headers, body } = split(message);
  const boundary = headers['content-type'].match(/boundary="([^"]+)"/)[1];
  const [text, html] = body.split(`--${boundary}`).slice(1, 3).map((part) => decode(split(part.slice(2))));
  return { headers, subject: words(headers.subject), from: words(headers.from), to: headers.to, text, html };
}
