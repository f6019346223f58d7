import os from 'node:os';
import { interleave, load, primitives, rawOf } from './measure.mjs';
import { preparePeople, refreshStep, signInAll } from './people.mjs';
import { startGatehouse } from './systems/gatehouse.mjs';

export const name = 'refresh';
export const what = 'refresh exchange, rotated and durable: CPU above the signatures in the answer; rate ÷ what the disk syncs in the same minute';

const signatures = 2;  // access token and ID token
const clients = 64;

export async function run({ rounds, seconds, databases }) {
  const figures = [];
  for (const database of databases) {
    const server = await startGatehouse({ database });
    try {
      const people = await preparePeople(server, clients);
      const steps = [refreshStep(people.app)];
      // Every client has a family of its own and begins where it ended the last time.
      let families = await signInAll(server, people, clients, { scope: 'openid profile email offline_access', withAudience: true });
      const refresh = async (connections) => {
        const result = await load(server.target(), { connections, seconds: 2 * seconds, sticky: true, rows: families, steps });
        families = [...result.rows.map(({ email, refresh_token }) => ({ email, refresh_token })), ...families.slice(connections)];
        return result;
      };
      const seen = await interleave(rounds, {
        bare: () => primitives('RS256_signature_us', 'fdatasyncs_per_second'),
        one: () => refresh(1),
        many: () => refresh(clients),
      });
      figures.push(...figuresOf(database, seen));
    } finally {
      await server.stop();
    }
  }
  return figures;
}

function figuresOf(database, { bare, one, many }) {
  const signing = signatures * bare.RS256_signature_us;
  const raw = (seen) => ({ ...rawOf(seen), signatures_us: signing });
  return [{
    what: `${clients} clients, ${database}: CPU above ${signatures} signatures`, figure: many.cpu_per_request_us - signing, unit: 'µs',
    limit: { at_most: 100 }, raw: raw(many),
    parts: database === 'sqlite' ? { name: `refresh, ${signatures} signatures`, total_us: many.cpu_per_request_us, unavoidable_us: signing } : undefined,
  }, {
    what: `1 client, ${database}: CPU above ${signatures} signatures`, figure: one.cpu_per_request_us - signing, unit: 'µs', raw: raw(one),
  }, {
    what: `1 client, ${database}: latency above ${signatures} signatures and one raw fdatasync`,
    figure: one['requests.p50_us'] - signing - 1e6 / bare.fdatasyncs_per_second, unit: 'µs', raw: { fdatasyncs_per_s: bare.fdatasyncs_per_second },
  }, {
    what: `${clients} clients, ${database}: durable exchanges per second`, figure: many.per_second / bare.fdatasyncs_per_second, unit: '× raw fdatasync',
    raw: { signature_limit_per_s: (os.availableParallelism() * 1e6) / signing },
  }];
}
