import { interleave, load, rawOf, step } from './measure.mjs';
import { startGatehouse } from './systems/gatehouse.mjs';
import { startNginx } from './systems/nginx.mjs';
import { startPeer } from './systems/peer.mjs';

export const name = 'prebuilt_answers';
export const what = 'discovery, JWKS, /healthz: CPU ÷ our own /healthz, ÷ the peer; requests per second of CPU ÷ nginx serving the same bytes';

const documents = { discovery: '/.well-known/openid-configuration', JWKS: '/.well-known/jwks.json' };
const peerPaths = { discovery: '/.well-known/openid-configuration', JWKS: '/jwks' };
const connections = 16;

export async function run({ rounds, seconds }) {
  const figures = [];
  for (const transport of ['plain', 'TLS']) {
    const tls = transport === 'TLS';
    const server = await startGatehouse({ plain: !tls });
    const files = {};
    for (const path of [...Object.values(documents), '/healthz']) files[path] = (await server.http().get(path)).text;
    const peer = await startPeer({ dataDir: server.dataDir, apis: {} });
    const nginx = await startNginx({ dataDir: server.dataDir, files });
    try {
      const get = (target, path) => load(target, { connections, seconds, steps: [step('GET', path)] });
      for (const [document, path] of Object.entries(documents)) {
        const seen = await interleave(rounds, {
          healthz: () => get(server.target(), '/healthz'),
          ours: () => get(server.target(), path),
          nginx: () => get(nginx.target(tls), path),
          peer: () => get(peer.target(tls), peerPaths[document]),
        });
        figures.push(...figuresOf(`${document}, ${transport}`, seen));
      }
      const seen = await interleave(rounds, { ours: () => get(server.target(), '/healthz'), nginx: () => get(nginx.target(tls), '/healthz') });
      figures.push({
        what: `/healthz, ${transport}: CPU`, figure: seen.ours.cpu_per_request_us, unit: 'µs', limit: tls ? undefined : { at_most: 11 },
        raw: { ...rawOf(seen.ours), ...rawOf(seen.nginx, 'nginx_') },
      });
    } finally {
      await nginx.stop();
      await peer.stop();
      await server.stop();
    }
  }
  return figures;
}

function figuresOf(label, { healthz, ours, nginx, peer }) {
  const cpu = (seen) => seen.cpu_per_request_us;
  return [{
    what: `${label}: CPU`, figure: cpu(ours) / cpu(healthz), unit: '× our /healthz', limit: { at_most: 1.25 },
    raw: { healthz_us: cpu(healthz), ...rawOf(ours) },
  }, {
    what: `${label}: CPU`, figure: cpu(ours) / cpu(peer), unit: '× the peer', limit: { at_most: 1 / 6 },
    raw: rawOf(peer, 'peer_'),
  }, {
    what: `${label}: requests per second of CPU`, figure: cpu(nginx) / cpu(ours), unit: '× nginx', limit: { at_least: 0.8 },
    raw: rawOf(nginx, 'nginx_'),
  }];
}
