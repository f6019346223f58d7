import { interleave, load, primitives, rawOf, step } from './measure.mjs';
import { eventsWritten, requestsLogged } from './promises.mjs';
import { startGatehouse } from './systems/gatehouse.mjs';
import { startPeer } from './systems/peer.mjs';

export const name = 'machine_tokens';
export const what = 'client-credentials tokens: server CPU ÷ one signature of the same libcrypto; throughput and p99 against the peer';

const algorithms = ['RS256', 'ES256', 'EdDSA'];
const widths = [1, 16, 64];
const audience = (alg) => `https://${alg.toLowerCase()}.bench.example/`;
const mostSignatures = { RS256: { plain: 1.12, TLS: 1.17 }, ES256: { plain: 2.6, TLS: 2.6 } };

/** APIs of each algorithm that the management client may ask tokens for; its credentials. */
export async function prepareMachine(server) {
  const { client_id, client_secret } = server.bootstrap.management;
  for (const alg of algorithms) {
    await server.api.post('/resource-servers', { name: alg, identifier: audience(alg), signing_alg: alg, scopes: [{ value: 'read:all' }] });
    await server.api.post('/client-grants', { client_id, audience: audience(alg), scope: ['read:all'] });
  }
  return { client_id, client_secret };
}

export const tokenStep = (client, alg, more = {}) => step('POST', '/oauth/token', {
  form: { grant_type: 'client_credentials', client_id: client.client_id, client_secret: client.client_secret, audience: audience(alg), ...more },
});

const peerStep = (client, alg) => step('POST', '/token', {
  form: { grant_type: 'client_credentials', client_id: client.client_id, client_secret: client.client_secret, resource: audience(alg), scope: 'read:all' },
});

export async function run({ rounds, seconds }) {
  const figures = [];
  const apis = Object.fromEntries(algorithms.map((alg) => [audience(alg), alg]));
  for (const transport of ['plain', 'TLS']) {
    const server = await startGatehouse({ plain: transport === 'plain' });
    const peer = await startPeer({ dataDir: server.dataDir, apis });
    try {
      const client = await prepareMachine(server);
      const before = await eventsWritten(server, 'seccft');
      const loggedBefore = requestsLogged(server, '/oauth/token');
      let answered = 0;
      for (const alg of algorithms) {
        for (const connections of widths) {
          const ours = async () => {
            const result = await load(server.target(), { connections, seconds, steps: [tokenStep(client, alg)] });
            answered += result.requests.count;
            return result;
          };
          const seen = await interleave(rounds, {
            signature: () => primitives(`${alg}_signature_us`),
            ours,
            peer: () => load(peer.target(transport === 'TLS'), { connections, seconds, steps: [peerStep(peer.client, alg)] }),
          });
          figures.push(...figuresOf({ alg, connections, transport, ...seen, signature: seen.signature[`${alg}_signature_us`] }));
        }
      }
      const written = (await eventsWritten(server, 'seccft')) - before;
      const logged = requestsLogged(server, '/oauth/token') - loggedBefore;
      figures.push({
        what: `promises, ${transport}: seccft events written`, figure: written / answered, unit: 'a token', limit: { at_least: 1 },
        raw: { events: written, tokens: answered },
      }, {
        what: `promises, ${transport}: request log lines`, figure: logged / answered, unit: 'a token', limit: { at_least: 1 },
        raw: { lines: logged, tokens: answered },
      });
    } finally {
      await peer.stop();
      await server.stop();
    }
  }
  return figures;
}

function figuresOf({ alg, connections, transport, ours, peer, signature }) {
  const label = `${alg}, ${connections} connection${connections > 1 ? 's' : ''}, ${transport}`;
  const most = mostSignatures[alg]?.[transport];
  const figures = [{
    what: `${label}: CPU`, figure: ours.cpu_per_request_us / signature, unit: '× one signature', limit: most && { at_most: most },
    raw: { signature_us: signature, ...rawOf(ours) },
    at: { alg, connections, transport, ours: rawOf(ours), peer: rawOf(peer) },
    parts: connections === 16 && transport === 'TLS'
      ? { name: `${alg} machine token`, total_us: ours.cpu_per_request_us, unavoidable_us: signature } : undefined,
  }, {
    what: `${label}: throughput`, figure: ours.per_second / peer.per_second, unit: '× the peer', raw: rawOf(peer, 'peer_'),
    limit: alg === 'ES256' && connections > 1 ? { at_least: 6 } : undefined,
  }];
  if (connections === 64) {
    figures.push({
      what: `${label}: p99`, figure: ours['requests.p99_us'] / peer['requests.p99_us'], unit: '× the peer', limit: { at_most: 0.25 },
      raw: { p99_us: ours['requests.p99_us'], peer_p99_us: peer['requests.p99_us'] },
    });
  }
  return figures;
}
