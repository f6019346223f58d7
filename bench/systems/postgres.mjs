import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { repository } from '../../tests/support/server.mjs';

const script = path.join(repository, 'tests/support/postgres.sh');

/** A PostgreSQL of its own with fsync on; servers started with {database: 'postgres'} get a database on it. */
export function startPostgres() {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'gatehouse-bench-postgres-'));
  const env = { ...process.env, GATEHOUSE_TEST_FSYNC: 'on' };
  // With our process id it stops by itself should we be killed.
  const url = execFileSync(script, ['start', folder, String(process.pid)], { env, encoding: 'utf8' }).trim();
  const ask = (sql) => execFileSync('psql', ['-XAtq', '-d', url, '-c', sql], { encoding: 'utf8' }).trim();
  // The tests' write-ahead log is small; a checkpoint every few seconds would be measured instead of commits.
  ask("ALTER SYSTEM SET max_wal_size = '2GB'");
  ask('SELECT pg_reload_conf()');
  process.env.GATEHOUSE_TEST_POSTGRES = url;
  process.env.BENCH_POSTGRES = url;
  return { url, ask, stop: () => execFileSync(script, ['stop', folder], { stdio: 'ignore' }) };
}
