// Small comforts; every page works without them.
'use strict';

for (const button of document.querySelectorAll('[data-reveal]')) {
  const input = document.getElementById(button.dataset.reveal);
  button.hidden = false;
  button.addEventListener('click', () => {
    const show = input.type === 'password';
    input.type = show ? 'text' : 'password';
    button.setAttribute('aria-pressed', String(show));
    button.setAttribute('aria-label', show ? button.dataset.hide : button.dataset.show);
    input.focus();
  });
  // Sent as a password, so that browsers do not remember it as an ordinary text.
  input.form.addEventListener('submit', () => { input.type = 'password'; });
}

for (const button of document.querySelectorAll('[data-copy]')) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener('click', async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent.replaceAll(' ', ''));
    button.textContent = button.dataset.done;
  });
}

// One click is one login: a second one would only cost an attempt. Coming back with the back button frees the form again.
for (const form of document.querySelectorAll('form[data-once]')) {
  form.addEventListener('submit', (event) => {
    if (form.dataset.sent) return event.preventDefault();
    form.dataset.sent = 'yes';
    event.submitter?.setAttribute('aria-disabled', 'true');
    return undefined;
  });
}
window.addEventListener('pageshow', () => {
  for (const form of document.querySelectorAll('form[data-once]')) {
    delete form.dataset.sent;
    form.querySelectorAll('[aria-disabled]').forEach((button) => button.removeAttribute('aria-disabled'));
  }
});

const rules = document.getElementById('password-rules');
const password = rules?.closest('form').querySelector('input[autocomplete="new-password"]');
if (password) {
  const kinds = { lowerCase: /[a-z]/, upperCase: /[A-Z]/, numbers: /[0-9]/, specialCharacters: /[ -/:-@[-`{-~]/ };
  const sequence = (text) => {
    const t = text.toLowerCase();
    for (let i = 2; i < t.length; i += 1) {
      const [a, b, c] = [t.charCodeAt(i - 2), t.charCodeAt(i - 1), t.charCodeAt(i)];
      if (/^([a-z]{3}|[0-9]{3})$/.test(t.slice(i - 2, i + 1)) && ((b - a === 1 && c - b === 1) || (a - b === 1 && b - c === 1))) return true;
    }
    return false;
  };
  const holds = (item, text) => {
    const { rule } = item.dataset;
    const among = () => [...item.querySelectorAll('li')].filter((one) => kinds[one.dataset.rule].test(text)).length;
    if (rule in kinds) return kinds[rule].test(text);
    if (rule === 'lengthAtLeast') return [...text].length >= Number(item.dataset.number);
    if (rule === 'containsAtLeast') return among() >= 3;
    if (rule === 'shouldContain') return among() === item.querySelectorAll('li').length;
    if (rule === 'identicalChars') return text !== '' && !/(.)\1\1/u.test(text);
    if (rule === 'sequentialChars') return text !== '' && !sequence(text);
    return text !== '';
  };
  const show = () => {
    for (const item of rules.querySelectorAll('li')) item.classList.toggle('done', holds(item, password.value));
  };
  password.addEventListener('input', show);
  show();
}
