import { getSession } from '@auth0/nextjs-auth0';

export default async function Home() {
  const session = await getSession();
  if (!session) {
    return (
      <main>
        <h1>Welcome</h1>
        <p><a href="/api/auth/login">Log in</a></p>
      </main>
    );
  }
  return (
    <main>
      <h1>Hello, <span data-testid="name">{session.user.name}</span></h1>
      <p>You are signed in as <span data-testid="email">{session.user.email}</span>.</p>
      <ul>
        {process.env.API_URL && <li><a href="/orders">Your orders, from the API</a></li>}
        <li><a href="/api/auth/logout">Log out</a></li>
      </ul>
    </main>
  );
}
