import { redirect } from 'next/navigation';
import { auth0 } from '../../lib/auth0';

// Calls an API in the name of the person who is signed in. A refresh, when the token is about to expire, happens by itself;
// the button below asks for one, to see it happen.
export default async function Orders() {
  const session = await auth0.getSession();
  if (!session) redirect('/auth/login?returnTo=/orders');

  const { token } = await auth0.getAccessToken();
  const answer = await fetch(`${process.env.API_URL}/me`, { headers: { authorization: `Bearer ${token}` }, cache: 'no-store' });
  return (
    <main>
      <h1>Your orders</h1>
      <p>The API answered {answer.status}:</p>
      <pre data-testid="answer">{await answer.text()}</pre>
      <form action={renew}><button>Get a new token</button></form>
      <p><a href="/">Back</a></p>
    </main>
  );
}

async function renew() {
  'use server';
  await auth0.getAccessToken({ refresh: true });
  redirect('/orders');
}
