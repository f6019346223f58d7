import { handleAuth } from '@auth0/nextjs-auth0';

// /api/auth/login, /api/auth/callback, /api/auth/logout and /api/auth/me
export const GET = handleAuth();
