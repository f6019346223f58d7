// The five requests whose instructions are counted, and what a tenant needs before they can be made.

import { setTimeout as sleep } from 'node:timers/promises';
import { createApi, createMachine, createUser, createWebApplication, password, rotating } from '../tests/support/fixtures.mjs';
import { redeem, refresh, signIn, token, tokensOf, userinfo } from '../tests/support/oauth.mjs';

/** Longer than events of requests that write nothing wait for each other (server/logs), and their commit under callgrind. */
const EVENTS_WRITTEN_MS = 250;

/**
 * Makes applications, an API and two people. Returns {name: {warmUp, calls, rounds, make}}: make() is one such request over the one kept
 * connection of `http`; it is made `warmUp` times, and then `calls` times in each of `rounds` that are counted.
 */
export async function prepareRequests(server, http) {
  const { identifier: audience } = await createApi(server.api, { scopes: ['read:all'], allow_offline_access: true });
  const machine = await createMachine(server.api, audience, ['read:all']);
  const web = await createWebApplication(server.api, 'https://app.example', '/callback', { refresh_token: rotating });
  const people = [];
  for (let i = 0; i < 2; i += 1) people.push({ email: (await createUser(server.api)).email, password });
  const session = await tokensOf(server.http(), web, people[0], { audience, scope: 'openid profile email offline_access' });
  let refreshToken = session.refresh_token;

  return {
    jwks: {
      warmUp: 10, calls: 50, rounds: 7,
      make: async () => succeeded(await http().get('/.well-known/jwks.json')),
    },
    // One a round, until its event is stored too: how many events share a commit depends on time, which callgrind stretches.
    machine_token: {
      warmUp: 5, calls: 1, rounds: 15,
      make: async () => {
        succeeded(await token(http(), machine, { grant_type: 'client_credentials', audience }));
        await sleep(EVENTS_WRITTEN_MS);
      },
    },
    userinfo: {
      warmUp: 10, calls: 50, rounds: 7,
      make: async () => succeeded(await userinfo(http(), session.access_token)),
    },
    refresh: {
      warmUp: 10, calls: 5, rounds: 11,
      make: async () => { refreshToken = succeeded(await refresh(http(), web, refreshToken)).json.refresh_token; },
    },
    // In turn, because one user may sign in 20 times a minute; few, because the hash takes a second under callgrind.
    login: {
      warmUp: 4, calls: 1, rounds: 15,
      make: async () => {
        const browser = http({ cookies: true });
        people.push(people.shift());
        succeeded(await redeem(browser, web, await signIn(browser, web, people[0])));
      },
    },
  };
}

function succeeded(answer) {
  if (answer.status !== 200) throw new Error(`${answer.url}: ${answer.status} ${answer.text}`);
  return answer;
}
