import { execFileSync } from 'node:child_process';
import { restartMs } from './footprint.mjs';
import { prepareMachine, tokenStep } from './machine_tokens.mjs';
import { interleave, load, step } from './measure.mjs';
import { bearer, loginSteps, preparePeople, refreshStep, signInAll } from './people.mjs';
import { emailOf, importUsers, userIdOf } from './populate.mjs';
import { cpuMicroseconds } from './server_cpu.mjs';
import { startGatehouse } from './systems/gatehouse.mjs';

export const name = 'growth';
export const what = 'CPU of a request (of the server, and of its PostgreSQL backends) with many users ÷ with the fewest; imports';

const people = 200;
const connections = 8;
const importedPerSecond = { sqlite: 20_000, postgres: 8_000 };
const growthLimit = 1.2;

export async function run({ rounds, seconds, databases, users }) {
  const figures = [];
  for (const database of databases) {
    const sizes = [];
    try {
      for (const size of users) sizes.push(await prepare(database, size));
      figures.push(...sizes.flatMap((size) => importFigures(database, size)));
      for (const request of Object.keys(sizes[0].requests)) {
        // All sizes in turn, so that each request is compared with itself a second later.
        const seen = await interleave(rounds, Object.fromEntries(sizes.map((size) => [size.users, () => size.ask(request, seconds)])));
        figures.push(...growthFigures(database, request, sizes, seen));
      }
    } finally {
      for (const { server } of sizes) await server.stop();
    }
  }
  return figures;
}

/** A server with so many users: what it can be asked, how long the import took, how long a start takes then. */
async function prepare(database, users) {
  const server = await startGatehouse({ database, args: ['--set', 'management.rate=1000000'] });
  const cpuBefore = cpuMicroseconds(server.pid);
  const importSeconds = await importUsers(server, 0, users);
  const importCpuUs = (cpuMicroseconds(server.pid) - cpuBefore) / users;
  const startMs = await restartMs(server);
  const machine = await prepareMachine(server);
  const group = await preparePeople(server, people);
  const offline = { scope: 'openid profile email offline_access' };
  let families = await signInAll(server, group, connections, offline);
  const { token, headers } = await bearer(server);
  const role = await server.api.post('/roles', { name: 'Reader' });
  // Everybody alike, in no order: a stride that shares no factor with the count.
  const rows = Array.from({ length: Math.min(users, 5000) }, (_, i) => {
    const number = (i * 7919) % users;
    return { token, user_id: encodeURIComponent(userIdOf(number)), email: emailOf(number), page: String(i % Math.min(20, users / 50)) };
  });
  const admin = (...steps) => ({ rows, steps });
  const change = (method, part, options) => step(method, `/api/v2/users/{{user_id}}${part}`, options);
  const get = (target) => step('GET', `/api/v2${target}`, { headers });
  const assignment = { headers, status: 204, json: { roles: [role.id] } };
  const requests = {
    'machine token (ES256)': { steps: [tokenStep(machine, 'ES256')] },
    userinfo: {
      rows: families.map(({ access_token }) => ({ access_token })),
      steps: [step('GET', '/userinfo', { headers: { Authorization: 'Bearer {{access_token}}' } })],
    },
    'whole login': { rows: group.rows, steps: loginSteps(server, group), connections: 2, slower: 4 },
    'refresh exchange': { sticky: true, steps: [refreshStep(group.app)] },
    'GET user': admin(get('/users/{{user_id}}')),
    'users by email': admin(get('/users-by-email?email={{email}}')),
    'users page, include_totals': admin(get('/users?page={{page}}&per_page=50&include_totals=true')),
    'user search q=email:"…"': admin(get('/users?q=email%3A%22{{email}}%22&search_engine=v3&include_totals=true')),
    'role assigned, removed': admin(change('POST', '/roles', assignment), change('DELETE', '/roles', assignment)),
    'user metadata changed': admin(change('PATCH', '', { headers, json: { user_metadata: { plan: '{{number}}' } } })),
    'logs page, include_totals': admin(get('/logs?per_page=50&include_totals=true')),
  };
  const ask = async (request, seconds) => {
    const { slower = 1, ...scenario } = requests[request];
    const target = { ...server.target(), pids: [server.pid, ...backends(server)] };
    const result = await load(target, { connections, seconds: seconds * slower, ...scenario, ...(scenario.sticky && { rows: families }) });
    if (scenario.sticky) families = result.rows.map(({ email, refresh_token }) => ({ email, refresh_token }));
    if (request === 'whole login') group.rows.push(...group.rows.splice(0, result.flows.count));  // the next ones sign in the next time
    return { ...result, server_cpu_us: result.watched_cpu_us[0] / result.flows.count };
  };
  return { users, server, importSeconds, importCpuUs, startMs, requests, ask };
}

/** The PostgreSQL processes that work for this server at the moment. */
function backends({ databaseUrl }) {
  if (!databaseUrl) return [];
  const mine = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'";
  return execFileSync('psql', ['-XAtq', '-d', databaseUrl, '-c', mine], { encoding: 'utf8' }).split('\n').filter(Boolean).map(Number);
}

function importFigures(database, { users, importSeconds, importCpuUs, startMs }) {
  const many = users >= 10_000;
  return [{
    what: `${users} users imported with bcrypt hashes, ${database}`, figure: users / importSeconds, unit: 'users/s',
    limit: many ? { at_least: importedPerSecond[database] } : undefined, raw: { seconds: importSeconds, server_cpu_us_a_user: importCpuUs },
  }, {
    what: `start to ready with ${users} users, ${database}`, figure: startMs, unit: 'ms', limit: { at_most: 100 }, raw: {},
  }];
}

function growthFigures(database, request, sizes, seen) {
  const [fewest, ...others] = sizes.map(({ users }) => ({ users, ...seen[users] }));
  return others.map((size) => ({
    what: `${request}, ${size.users} users, ${database}`, figure: size.cpu_per_flow_us / fewest.cpu_per_flow_us, unit: `× with ${fewest.users}`,
    limit: { at_most: growthLimit }, at: { request, database, users: size.users, fewest: fewest.users },
    raw: {
      cpu_us: size.cpu_per_flow_us, fewest_cpu_us: fewest.cpu_per_flow_us, p50_us: size['flows.p50_us'], fewest_p50_us: fewest['flows.p50_us'],
      ...(database === 'postgres' && { server_alone_us: size.server_cpu_us, fewest_server_alone_us: fewest.server_cpu_us }),
    },
  }));
}
