import { interleave, load, primitives } from './measure.mjs';
import { loginSteps, preparePeople } from './people.mjs';
import { startGatehouse } from './systems/gatehouse.mjs';

export const name = 'browser_login';
export const what = 'a whole login (authorize, page, password, resume, token): the bare hash ÷ all its server CPU; logins per second ÷ the bare hash rate';

const browsers = 16;
const people = 400;  // one person may sign in 20 times at once, then 10 times a minute: every login is by another one

export async function run({ rounds, seconds, databases }) {
  const figures = [];
  for (const database of databases) {
    const server = await startGatehouse({ database });
    try {
      const prepared = await preparePeople(server, people);
      const steps = loginSteps(server, prepared);
      let begun = 0;
      const login = async (scenario) => {
        const rows = [...prepared.rows.slice(begun % people), ...prepared.rows.slice(0, begun % people)];
        const result = await load(server.target(), { steps, rows, ...scenario });
        begun += result.flows.count;
        return result;
      };
      const seen = await interleave(rounds, {
        bare: () => primitives('argon2id_us', 'argon2id_per_second'),
        one: () => login({ connections: 1, seconds: 3 * seconds }),
        handshake: () => login({ connections: 1, seconds: 2 * seconds, connect: 'full' }),
        many: () => login({ connections: browsers, seconds: 4 * seconds }),
      });
      figures.push(...figuresOf(database, seen));
    } finally {
      await server.stop();
    }
  }
  return figures;
}

function figuresOf(database, { bare, one, handshake, many }) {
  return [{
    parts: database === 'sqlite' ? { name: 'whole password login', total_us: one.cpu_per_flow_us, unavoidable_us: bare.argon2id_us } : undefined,
    what: `whole login, kept TLS connection, ${database}: bare hash`, figure: bare.argon2id_us / one.cpu_per_flow_us, unit: '÷ all its CPU',
    limit: { at_least: 0.93 },
    raw: { cpu_us: one.cpu_per_flow_us, hash_us: bare.argon2id_us, the_rest_us: one.cpu_per_flow_us - bare.argon2id_us, p50_us: one['flows.p50_us'] },
  }, {
    what: `whole login with a TLS handshake, ${database}: bare hash`, figure: bare.argon2id_us / handshake.cpu_per_flow_us, unit: '÷ all its CPU',
    raw: { cpu_us: handshake.cpu_per_flow_us, the_rest_us: handshake.cpu_per_flow_us - bare.argon2id_us },
  }, {
    what: `logins, ${browsers} browsers, ${database}: rate`, figure: many.flows_per_second / bare.argon2id_per_second, unit: '× the bare hash rate of all cores',
    raw: {
      logins_per_s: many.flows_per_second, hashes_per_s: bare.argon2id_per_second, p50_us: many['flows.p50_us'], p99_us: many['flows.p99_us'],
      cpu_us: many.cpu_per_flow_us,
    },
  }];
}
