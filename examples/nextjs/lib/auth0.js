import { Auth0Client } from '@auth0/nextjs-auth0/server';

// The domain, the client and the secrets come from AUTH0_DOMAIN, AUTH0_CLIENT_ID, AUTH0_CLIENT_SECRET, AUTH0_SECRET and
// APP_BASE_URL, which the SDK reads itself.
const profile = 'openid profile email';

export const auth0 = new Auth0Client({
  // With an API the application asks for a token for it, and for a refresh token to renew it.
  authorizationParameters: process.env.API_AUDIENCE
    ? { audience: process.env.API_AUDIENCE, scope: `${profile} offline_access read:orders` }
    : { scope: profile },
  // The SDK refuses `localhost` as a domain unless told that this is a development machine.
  allowInsecureRequests: process.env.AUTH0_DOMAIN?.startsWith('https://localhost:') ?? false,
});
