import { MachineToken } from './machine_token.js';

const machine = new MachineToken({
  domain: process.env.AUTH0_DOMAIN,
  clientId: process.env.AUTH0_CLIENT_ID,
  clientSecret: process.env.AUTH0_CLIENT_SECRET,
  audience: process.env.API_AUDIENCE,
});

const response = await fetch(`${process.env.API_URL}/me`, { headers: { authorization: `Bearer ${await machine.token()}` } });
console.log(response.status, await response.text());
