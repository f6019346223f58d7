import { cpuPerCall, median } from './server_cpu.mjs';

/** Server CPU of one RS256 client-credentials token over kept TLS connections, at 1 and 16 connections. */
export async function machineTokens(server, primitives) {
  const { client_id, client_secret } = server.bootstrap.management;
  await server.api.post('/resource-servers', { name: 'Bench', identifier: 'https://bench.example/', scopes: [{ value: 'read:all' }] });
  await server.api.post('/client-grants', { client_id, audience: 'https://bench.example/', scope: ['read:all'] });
  const form = { grant_type: 'client_credentials', client_id, client_secret, audience: 'https://bench.example/' };
  const rows = [];
  for (const width of [1, 16]) {
    const http = server.http({ cookies: false });
    const call = async () => {
      const answer = await http.post('/oauth/token', { form });
      if (answer.status !== 200) throw new Error(`token: ${answer.status} ${answer.text}`);
    };
    await cpuPerCall(server, 200, width, call);  // warm
    const rounds = [];
    for (let round = 0; round < 7; round += 1) rounds.push(await cpuPerCall(server, 400, width, call));
    const us = median(rounds);
    rows.push({
      row: `RS256 machine token, ${width} TLS connection${width > 1 ? 's' : ''}`,
      figure: `${(us / primitives.rs256_signature_us).toFixed(2)} × one RSA-2048 signature`,
      raw: `${us.toFixed(0)} µs; signature ${primitives.rs256_signature_us.toFixed(0)} µs`,
    });
  }
  return rows;
}
