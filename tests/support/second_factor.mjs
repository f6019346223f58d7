// A person with a phone in the other hand: reads the QR code off the screen, computes codes, waits for text messages.

import fs from 'node:fs';
import { createRequire } from 'node:module';
import { TOTP, URI } from 'otpauth';

const jsqr = fs.readFileSync(createRequire(import.meta.url).resolve('jsqr'), 'utf8');

/** What a scanner (jsQR) reads from the pixels of the page's QR code. */
export async function scan(page) {
  const picture = (await page.locator('.qr').screenshot()).toString('base64');
  const scanner = await page.context().browser().newPage();
  try {
    await scanner.addScriptTag({ content: jsqr });
    return await scanner.evaluate(async (data) => {
      const image = new Image();
      image.src = `data:image/png;base64,${data}`;
      await image.decode();
      const canvas = document.createElement('canvas');
      [canvas.width, canvas.height] = [image.width, image.height];
      const context = canvas.getContext('2d');
      context.drawImage(image, 0, 0);
      // eslint-disable-next-line no-undef
      return jsQR(context.getImageData(0, 0, image.width, image.height).data, image.width, image.height)?.data ?? null;
    }, picture);
  } finally {
    await scanner.close();
  }
}

/** An authenticator app (otpauth) that was given a URI or a typed secret. code() is never one it has shown before: each works once. */
export class Authenticator {
  constructor(uriOrSecret) {
    this.totp = uriOrSecret.startsWith('otpauth:') ? URI.parse(uriOrSecret) : new TOTP({ secret: uriOrSecret.replaceAll(' ', '') });
    this.last = 0;
  }

  /** The next code that was not shown yet. The server takes that of the coming half minute, too, so this rarely waits. */
  async code() {
    for (;;) {
      const step = Math.floor(Date.now() / 30_000);
      // That of the half minute before is good until this one ends: it has to get there first.
      const oldest = Date.now() % 30_000 < 15_000 ? step - 1 : step;
      const next = Math.max(oldest, this.last + 1);
      if (next <= step + 1) {
        this.last = next;
        return this.totp.generate({ timestamp: next * 30_000 });
      }
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }

  /** A code that is not right. */
  wrong() {
    const right = [-1, 0, 1].map((step) => this.totp.generate({ timestamp: Date.now() + step * 30_000 }));
    return ['123456', '654321', '111222', '909090'].find((code) => !right.includes(code));
  }
}

/** The code of a message in the outbox to this number or address that is not among `before`. */
export async function sentCode(server, to, before = []) {
  const message = await server.message((one) => !before.includes(one.file) && (one.to === to || one.text?.includes(`To: ${to}\r\n`)));
  const text = message.body ?? message.text.slice(message.text.indexOf('\r\n\r\n'));
  const codes = text.replaceAll(/=[0-9A-F]{2}/g, ' ').match(/\b\d{6}\b/g);
  if (!codes) throw new Error(`no code in ${text}`);
  return codes[0];
}
