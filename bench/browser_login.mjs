import crypto from 'node:crypto';
import { cpuPerCall, median } from './server_cpu.mjs';

/** Server CPU of a whole login as a browser makes it, from /authorize to the tokens, less one password hash. */
export async function browserLogin(server, primitives) {
  const client = await server.api.post('/clients', {
    name: 'Bench web', app_type: 'regular_web', oidc_conformant: true, callbacks: ['https://app.example/callback'],
    grant_types: ['authorization_code'], jwt_configuration: { alg: 'RS256' },
  });
  const [connection] = await server.api.get('/connections?name=Username-Password-Authentication');
  await server.api.patch(`/connections/${connection.id}/clients`, [{ client_id: client.client_id, status: true }]);
  const password = 'Bench-passw0rd-1';
  await server.api.post('/users', { email: 'bench@example.com', password, connection: connection.name, email_verified: true });

  const login = async () => {
    const http = server.http();
    const verifier = crypto.randomBytes(32).toString('base64url');
    const challenge = crypto.createHash('sha256').update(verifier).digest('base64url');
    const query = new URLSearchParams({
      client_id: client.client_id, response_type: 'code', redirect_uri: 'https://app.example/callback', scope: 'openid profile email',
      state: 's', nonce: 'n', code_challenge: challenge, code_challenge_method: 'S256',
    });
    const atCallback = (url) => url.host === 'app.example';
    const page = await http.follow(await http.get(`/authorize?${query}`), { until: atCallback });
    const done = await http.follow(await http.submit(page, { username: 'bench@example.com', password }), { until: atCallback });
    const code = done.location && new URL(done.location).searchParams.get('code');
    if (!code) throw new Error(`no code: ${done.status} ${done.url}`);
    const tokens = await http.post('/oauth/token', {
      form: { grant_type: 'authorization_code', client_id: client.client_id, client_secret: client.client_secret, code, code_verifier: verifier, redirect_uri: 'https://app.example/callback' },
    });
    if (tokens.status !== 200) throw new Error(`token: ${tokens.status} ${tokens.text}`);
    for (const agent of Object.values(http.agents)) agent.destroy();
  };
  await cpuPerCall(server, 3, 1, login);
  const rounds = [];
  // 20 logins a minute of one user from one address are allowed: few logins, so the figure is coarser than the others
  for (let round = 0; round < 5; round += 1) rounds.push(await cpuPerCall(server, 3, 1, login));
  const us = median(rounds);
  return [{
    row: 'whole browser login, without the password hash',
    figure: `${((us - primitives.argon2id_us) / 1000).toFixed(2)} ms (hash ÷ login: ${(primitives.argon2id_us / us).toFixed(2)})`,
    raw: `${us.toFixed(0)} µs with; hash ${primitives.argon2id_us.toFixed(0)} µs`,
  }];
}
