import { auth0 } from '../lib/auth0';

export default async function Home() {
  const session = await auth0.getSession();
  if (!session) {
    return (
      <main>
        <h1>Welcome</h1>
        {/* Plain links: these routes are answered by the SDK, not by the router in the page. */}
        <p><a href="/auth/login">Log in</a> or <a href="/auth/login?screen_hint=signup">sign up</a></p>
      </main>
    );
  }
  return (
    <main>
      <h1>Hello, <span data-testid="name">{session.user.name}</span></h1>
      <p>You are signed in as <span data-testid="email">{session.user.email}</span>.</p>
      <ul>
        <li><a href="/profile">Your profile</a></li>
        {process.env.API_URL && <li><a href="/orders">Your orders, from the API</a></li>}
        <li><a href="/auth/logout">Log out</a></li>
      </ul>
    </main>
  );
}
