import { redirect } from 'next/navigation';
import { auth0 } from '../../lib/auth0';

export default async function Profile() {
  const session = await auth0.getSession();
  if (!session) redirect('/auth/login?returnTo=/profile');
  return (
    <main>
      <h1>Your profile</h1>
      <pre data-testid="profile">{JSON.stringify(session.user, null, 2)}</pre>
      <p><a href="/">Back</a></p>
    </main>
  );
}
