import { auth0 } from './lib/auth0';

// Serves /auth/login, /auth/callback, /auth/logout and keeps the session fresh on every other request.
export function proxy(request) {
  return auth0.middleware(request);
}

export const config = {
  matcher: ['/((?!_next/static|_next/image|favicon.ico).*)'],
};
