import { createUser } from '../tests/support/fixtures.mjs';
import { interleave, load, primitives, rawOf, step } from './measure.mjs';
import { bearer, password } from './people.mjs';
import { startGatehouse } from './systems/gatehouse.mjs';

export const name = 'management_writes';
export const what = 'durable writes of the Management API ÷ raw group commit of the same minute (rows of 500 bytes, 64 threads, the database alone)';

const clients = 64;
const rate = 1_000_000;  // requests per second; the limit stays on, above what this machine reaches

export async function run({ rounds, seconds, databases }) {
  const figures = [];
  for (const database of databases) {
    const server = await startGatehouse({ database, args: ['--set', `management.rate=${rate}`] });
    try {
      const { token, headers } = await bearer(server);
      const users = await Promise.all(Array.from({ length: clients }, () => createUser(server.api)));
      const role = await server.api.post('/roles', { name: 'Reader' });
      const rows = users.map(({ user_id }) => ({ user_id, token }));
      const json = { connection: 'Username-Password-Authentication', email: 'new.{{number}}.{{run}}@example.com', password };
      const writes = {
        'roles assigned': () => [
          step('POST', '/api/v2/users/{{user_id}}/roles', { headers, status: 204, json: { roles: [role.id] } }),
          step('DELETE', '/api/v2/users/{{user_id}}/roles', { headers, status: 204, json: { roles: [role.id] } }),
        ],
        'user metadata changed': () => [step('PATCH', '/api/v2/users/{{user_id}}', { headers, json: { user_metadata: { seen: '{{number}}' } } })],
        'users created (a password hash each)': () => [step('POST', '/api/v2/users', { headers, status: 201, json })],
      };
      const bareName = `${database}_commits_per_second`;
      let run = 0;
      for (const [write, steps] of Object.entries(writes)) {
        const ask = (connections) => {
          run += 1;
          return load(server.target(), { connections, seconds, sticky: true, rows: rows.map((row) => ({ ...row, run: String(run) })), steps: steps() });
        };
        const seen = await interleave(rounds, {
          bare: () => primitives(bareName, 'fdatasyncs_per_second', 'argon2id_per_second'),
          one: () => ask(1),
          many: () => ask(clients),
        });
        figures.push(...figuresOf(`${write}, ${database}`, { ...seen, commits: seen.bare[bareName] }));
      }
    } finally {
      await server.stop();
    }
  }
  return figures;
}

function figuresOf(label, { bare, commits, one, many }) {
  const hashing = label.includes('hash');
  return [{
    what: `${label}, ${clients} clients`, figure: many.per_second / (hashing ? bare.argon2id_per_second : commits),
    unit: hashing ? '× the bare hash rate' : '× raw group commit', limit: hashing ? undefined : { at_least: 0.5 },
    raw: { ...rawOf(many), raw_commits_per_s: commits, ...(hashing && { hashes_per_s: bare.argon2id_per_second }), management_rate: rate },
  }, {
    what: `${label}, 1 client`, figure: one.per_second / bare.fdatasyncs_per_second, unit: '× raw fdatasync',
    raw: { ...rawOf(one), fdatasyncs_per_s: bare.fdatasyncs_per_second },
  }];
}
