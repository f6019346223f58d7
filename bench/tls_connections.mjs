import { heldLoad, interleave, load, primitives, sleep, step } from './measure.mjs';
import { residentBytes } from './server_cpu.mjs';
import { startGatehouse } from './systems/gatehouse.mjs';

export const name = 'tls_connections';
export const what = 'TLS handshakes, full and resumed: server CPU ÷ its half of a handshake in the bare library; memory of 10,000 idle connections';

const idle = 10_000;
const steps = [step('GET', '/healthz')];  // one request, so that the server has surely finished the handshake

export async function run({ rounds, seconds }) {
  return [...(await handshakes(rounds, seconds)), ...(await idleConnections())];
}

async function handshakes(rounds, seconds) {
  const server = await startGatehouse();
  try {
    const measure = (more) => load(server.target(), { connections: 16, seconds, steps, ...more });
    const seen = await interleave(rounds, {
      bare: () => primitives('full_handshake_us', 'resumed_handshake_us'),
      kept: () => measure({}),
      full: () => measure({ connect: 'full' }),
      resumed: () => measure({ connect: 'resumed' }),
    });
    if (seen.resumed.resumed < seen.resumed['flows.count']) throw new Error('not every connection was resumed');
    return ['full', 'resumed'].map((kind) => {
      const cpu = seen[kind].cpu_per_flow_us - seen.kept.cpu_per_request_us;
      const bare = seen.bare[`${kind}_handshake_us`];
      return {
        what: `${kind} handshake and its connection: CPU`, figure: cpu / bare, unit: '× the bare library',
        raw: {
          cpu_us: cpu, bare_us: bare, handshakes_per_s: seen[kind].flows_per_second, p50_us: seen[kind]['flows.p50_us'], p99_us: seen[kind]['flows.p99_us'],
        },
      };
    });
  } finally {
    await server.stop();
  }
}

/** In a process of its own, whose limits are raised to let so many in from one address. */
async function idleConnections() {
  const limits = { 'limits.connections': 2 * idle, 'limits.connections_per_address': 2 * idle, 'limits.keep_alive_seconds': 600 };
  const server = await startGatehouse({ args: Object.entries(limits).flatMap(([setting, value]) => ['--set', `${setting}=${value}`]) });
  try {
    await load(server.target(), { connections: 64, seconds: 0.3, steps });
    await sleep(500);
    const before = residentBytes(server.pid);
    const held = await heldLoad(server.target(), { connections: idle, flows: idle, steps });
    await sleep(1000);
    const after = residentBytes(server.pid);
    await held.stop();
    return [{
      what: 'an idle TLS connection: memory', figure: (after - before) / 1024 / idle, unit: 'KiB', limit: { at_most: 18 },
      raw: { connections: idle, before_MB: before / 1e6, after_MB: after / 1e6, ...limits },
    }];
  } finally {
    await server.stop();
  }
}
