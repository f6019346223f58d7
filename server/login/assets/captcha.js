// The proof of work in the place of digits to type: finds a counter whose digest with the seed begins with enough zero bits.
'use strict';

const K = [];
for (let n = 2; K.length < 64; n += 1) {
  let prime = true;
  for (let d = 2; d * d <= n; d += 1) if (n % d === 0) { prime = false; break; }
  if (prime) K.push((n ** (1 / 3) % 1) * 2 ** 32 | 0);
}
const H = [0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19];
const w = new Int32Array(64);

/** The first 32 bits of SHA-256 of a text of at most 55 ASCII characters. */
function firstWord(text) {
  w.fill(0, 0, 16);
  for (let i = 0; i < text.length; i += 1) w[i >> 2] |= text.charCodeAt(i) << (24 - (i % 4) * 8);
  w[text.length >> 2] |= 0x80 << (24 - (text.length % 4) * 8);
  w[15] = text.length * 8;
  for (let i = 16; i < 64; i += 1) {
    const x = w[i - 15], y = w[i - 2];
    const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
    const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
    w[i] = (w[i - 16] + s0 + w[i - 7] + s1) | 0;
  }
  let [a, b, c, d, e, f, g, h] = H;
  for (let i = 0; i < 64; i += 1) {
    const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const t1 = (h + s1 + ((e & f) ^ (~e & g)) + K[i] + w[i]) | 0;
    const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g; g = f; f = e; e = (d + t1) | 0; d = c; c = b; b = a; a = (t1 + t2) | 0;
  }
  return (H[0] + a) >>> 0;
}

for (const box of document.querySelectorAll('[data-work]')) {
  const { work: seed, bits } = box.dataset;
  const form = box.closest('form');
  const answer = box.querySelector('[name=captcha_work]');
  const status = box.querySelector('.captcha__status');
  box.querySelector('.captcha__ask').hidden = true;
  status.textContent = status.dataset.working;
  let counter = 0;
  let waiting = null;
  const limit = 2 ** (32 - Number(bits));
  const search = () => {
    const pause = Date.now() + 40; // the page stays usable
    while (Date.now() < pause) {
      for (let i = 0; i < 500; i += 1, counter += 1) {
        if (firstWord(`${seed}:${counter}`) < limit) {
          answer.value = String(counter);
          status.textContent = status.dataset.done;
          if (waiting) form.requestSubmit(waiting.isConnected ? waiting : undefined);
          return;
        }
      }
    }
    setTimeout(search, 0);
  };
  // Whoever is quicker than the work: the form goes when it is done. Before login.js hears of it, which counts clicks.
  form.addEventListener('submit', (event) => {
    if (answer.value) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    waiting = event.submitter ?? form.querySelector('[type=submit]');
  }, { capture: true });
  search();
}
