import { interleave, load, primitives, rawOf, step } from './measure.mjs';
import { preparePeople, signInAll } from './people.mjs';
import { startGatehouse } from './systems/gatehouse.mjs';
import { startPeer } from './systems/peer.mjs';

export const name = 'userinfo';
export const what = 'userinfo with a JWT and with an opaque access token: CPU above our own /healthz and one verification; against the peer';

const connections = 16;
const bearing = { headers: { Authorization: 'Bearer {{access_token}}' } };

export async function run({ rounds, seconds }) {
  const ask = (target, path, rows) => load(target, { connections, seconds, rows, steps: [step('GET', path, rows && bearing)] });
  const figures = [];
  for (const transport of ['plain', 'TLS']) {
    const tls = transport === 'TLS';
    const server = await startGatehouse({ plain: !tls });
    const peer = await startPeer({ dataDir: server.dataDir, apis: {} });
    try {
      const people = await preparePeople(server, 16);
      for (const [kind, withAudience] of [['JWT', true], ['opaque', false]]) {
        const tokens = (await signInAll(server, people, 16, { withAudience })).map(({ access_token }) => ({ access_token }));
        const seen = await interleave(rounds, {
          verification: () => primitives('RS256_verification_us'),
          healthz: () => ask(server.target(), '/healthz'),
          ours: () => ask(server.target(), '/userinfo', tokens),
          peer: () => ask(peer.target(tls), '/me', [{ access_token: peer.accessToken }]),
        });
        figures.push(...figuresOf(kind, transport, seen));
      }
    } finally {
      await peer.stop();
      await server.stop();
    }
  }
  return figures;
}

function figuresOf(kind, transport, { verification, healthz, ours, peer }) {
  const unavoidable = healthz.cpu_per_request_us + (kind === 'JWT' ? verification.RS256_verification_us : 0);
  return [{
    parts: transport === 'TLS' && kind === 'JWT'
      ? { name: 'userinfo, JWT', total_us: ours.cpu_per_request_us, unavoidable_us: verification.RS256_verification_us } : undefined,
    what: `${kind} access token, ${transport}: CPU above the unavoidable`, figure: ours.cpu_per_request_us - unavoidable, unit: 'µs',
    limit: transport === 'plain' ? { at_most: 20 } : undefined,
    raw: { ...rawOf(ours), healthz_us: healthz.cpu_per_request_us, ...(kind === 'JWT' && verification) },
  }, {
    what: `${kind} access token, ${transport}: CPU`, figure: ours.cpu_per_request_us / peer.cpu_per_request_us, unit: '× the peer (opaque)',
    raw: rawOf(peer, 'peer_'),
  }];
}
