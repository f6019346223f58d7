// The two servers that with_servers.mjs has started: `tenant` as https://gatehouse.test/, `local` as https://localhost:N/.

import { Server } from '../support/server.mjs';

if (!process.env.GATEHOUSE_COMPAT) throw new Error('run this through ./test --compat');
const described = JSON.parse(process.env.GATEHOUSE_COMPAT);
const attach = (values) => new Server({ args: [], env: {}, ownsDataDir: false, ...values });

export const tenant = attach(described.tenant);
export const local = attach(described.local);
