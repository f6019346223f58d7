import { getAccessToken, withApiAuthRequired } from '@auth0/nextjs-auth0';
import { NextResponse } from 'next/server';

// Calls an API in the name of the person who is signed in; `?refresh` renews the token first.
export const GET = withApiAuthRequired(async function orders(request) {
  const response = new NextResponse();
  const { accessToken } = await getAccessToken(request, response, { refresh: request.nextUrl.searchParams.has('refresh') });
  const answer = await fetch(`${process.env.API_URL}/me`, { headers: { authorization: `Bearer ${accessToken}` }, cache: 'no-store' });
  return NextResponse.json(await answer.json(), { status: answer.status, headers: response.headers });
});
