import { createAuth0Client } from './auth0-spa-js.js';

// The settings come from serve.js; a built page would have them compiled in. None of them is a secret.
const settings = await (await fetch('settings.json')).json();
const auth0 = await createAuth0Client({
  domain: settings.domain,
  clientId: settings.clientId,
  // false: the token lives in memory, and after a reload a hidden frame asks the server who is signed in.
  // true: a rotating refresh token renews it, also where browsers block cookies in frames.
  useRefreshTokens: settings.useRefreshTokens,
  cacheLocation: settings.useRefreshTokens ? 'localstorage' : 'memory',
  authorizationParams: { redirect_uri: location.origin + '/', audience: settings.audience, scope: 'openid profile email read:orders' },
});

const element = (id) => document.getElementById(id);

if (location.search.includes('state=')) {
  await auth0.handleRedirectCallback();
  history.replaceState({}, '', '/');
} else {
  await auth0.checkSession();
}

const user = await auth0.getUser();
element('who').textContent = user ? `${user.name} <${user.email}>` : 'Nobody is signed in.';
for (const id of ['call', 'renew', 'logout']) element(id).hidden = !user;
element('login').hidden = Boolean(user);

async function show(action) {
  try {
    element('answer').textContent = await action();
  } catch (error) {
    element('answer').textContent = `${error.error ?? error.name}: ${error.message}`;
  }
}

element('login').onclick = () => auth0.loginWithRedirect();
element('logout').onclick = () => auth0.logout({ logoutParams: { returnTo: location.origin } });
element('renew').onclick = () => show(async () => {
  const before = await auth0.getTokenSilently();
  const after = await auth0.getTokenSilently({ cacheMode: 'off' });
  return before === after ? 'The same token.' : 'A new token.';
});
element('call').onclick = () => show(async () => {
  const answer = await fetch('api/me', { headers: { authorization: `Bearer ${await auth0.getTokenSilently()}` } });
  return `${answer.status} ${await answer.text()}`;
});
