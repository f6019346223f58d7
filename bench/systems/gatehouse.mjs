import { startServer } from '../../tests/support/server.mjs';

/** Our server with its defaults (limits, request log, events, synchronous=FULL); args add settings, which rows print. */
export async function startGatehouse({ plain = false, database = 'sqlite', args = [], ...options } = {}) {
  const server = await startServer({ database, args: [...(plain ? ['--plain-http'] : []), ...args], ...options });
  server.target = () => ({ port: server.port, host: server.domain, tls: !plain, pids: [server.pid] });
  return server;
}
