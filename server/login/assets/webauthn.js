// Passkeys, security keys and device biometrics: asks the server what to ask for, asks the browser, and sends the answer with the form.
'use strict';

const toBytes = (text) => Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (c) => c.charCodeAt(0));
const toText = (buffer) => btoa(Array.from(new Uint8Array(buffer), (b) => String.fromCharCode(b)).join(''))
  .replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');

const decoded = (options) => {
  const list = (name) => options[name]?.map((one) => ({ ...one, id: toBytes(one.id) }));
  const publicKey = { ...options, challenge: toBytes(options.challenge) };
  if (options.user) publicKey.user = { ...options.user, id: toBytes(options.user.id) };
  if (options.excludeCredentials) publicKey.excludeCredentials = list('excludeCredentials');
  if (options.allowCredentials) publicKey.allowCredentials = list('allowCredentials');
  return publicKey;
};

const encoded = ({ id, rawId, type, authenticatorAttachment, response }) => {
  const answer = { clientDataJSON: toText(response.clientDataJSON) };
  if (response.attestationObject) {
    answer.attestationObject = toText(response.attestationObject);
    answer.transports = response.getTransports?.() ?? [];
  } else {
    answer.authenticatorData = toText(response.authenticatorData);
    answer.signature = toText(response.signature);
    if (response.userHandle?.byteLength) answer.userHandle = toText(response.userHandle);
  }
  return JSON.stringify({ id, rawId: toText(rawId), type, authenticatorAttachment, response: answer, clientExtensionResults: {} });
};

const ask = async (form) => {
  const { state, csrf, ticket } = form.elements;
  const fields = new URLSearchParams({ csrf: csrf.value });
  if (state) fields.set('state', state.value);
  if (ticket) fields.set('ticket', ticket.value);
  const response = await fetch(form.dataset.options, { method: 'POST', body: fields, credentials: 'same-origin' });
  if (!response.ok) throw new Error(String(response.status));
  return decoded(await response.json());
};

let running;  // one ceremony a page: a browser refuses a second one

const ceremony = async (form, more = {}) => {
  running?.abort();
  const mine = new AbortController();
  running = mine;
  const publicKey = await ask(form);
  if (mine.signal.aborted) throw new DOMException('', 'AbortError');
  const credential = await navigator.credentials[form.dataset.webauthn]({ publicKey, signal: mine.signal, ...more });
  if (!credential) throw new DOMException('', 'NotAllowedError');
  form.elements.response.value = encoded(credential);
  HTMLFormElement.prototype.submit.call(form);
};

// The browser offers passkeys in the field for the name. A challenge lives for five minutes: before that, a new one.
const autofill = async (form) => {
  const renewal = setTimeout(() => autofill(form), 4 * 60 * 1000);
  try {
    await ceremony(form, { mediation: 'conditional' });
  } catch (error) {
    if (error.name !== 'AbortError') clearTimeout(renewal);
  }
};

const start = async (form) => {
  if (form.dataset.webauthn === 'create' && form.dataset.platform && !(await PublicKeyCredential.isUserVerifyingPlatformAuthenticatorAvailable()))
    return location.replace(form.dataset.unavailable);
  const button = form.querySelector('[data-start]');
  const told = form.querySelector('[data-told]');
  const waiting = form.querySelector('[data-waiting]');
  const fills = form.dataset.autofill && (await PublicKeyCredential.isConditionalMediationAvailable?.());
  if (button) button.hidden = false;
  if (fills) autofill(form);
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    if (button.getAttribute('aria-disabled')) return;
    button.setAttribute('aria-disabled', 'true');
    if (told) told.hidden = true;
    if (waiting) waiting.hidden = false;
    try {
      await ceremony(form);
    } catch (error) {
      button.removeAttribute('aria-disabled');
      if (waiting) waiting.hidden = true;
      if (form.dataset.report) {
        form.elements.error.value = error.name ?? 'Error';
        HTMLFormElement.prototype.submit.call(form);
      } else {
        if (told) told.hidden = false;
        if (fills) autofill(form);
      }
    }
  });
  return undefined;
};

for (const form of document.querySelectorAll('form[data-webauthn]')) {
  if (window.PublicKeyCredential && navigator.credentials) start(form);
  else if (form.dataset.unavailable) location.replace(form.dataset.unavailable);
}
