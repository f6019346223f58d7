// Databases of the tests' PostgreSQL. GATEHOUSE_TEST_POSTGRES is a URL of a superuser on it, set by ./test (postgres.sh
// starts the server); every test server gets a new database, so that tests never meet.

import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';

/** The URL of a new, empty database. */
export function createDatabase() {
  const maintenance = process.env.GATEHOUSE_TEST_POSTGRES;
  if (!maintenance) throw new Error('GATEHOUSE_TEST_POSTGRES is not set: run ./test, or see tests/support/postgres.sh');
  const name = `gatehouse_${randomBytes(6).toString('hex')}`;
  const create = ['-qX', '-v', 'ON_ERROR_STOP=1', '-d', maintenance, '-c', `CREATE DATABASE ${name}`];
  execFileSync('psql', create, { stdio: ['ignore', 'ignore', 'inherit'] });
  return maintenance.replace(/^(postgres(?:ql)?:\/\/[^/?]*)(?:\/[^?]*)?/, `$1/${name}`);
}
