import { ManagementClient } from 'auth0';

// node manage_users.js find ada@example.com
// node manage_users.js create ada@example.com 'a long pass phrase'
// node manage_users.js note ada@example.com colour green        (user_metadata.colour = "green")
// node manage_users.js role ada@example.com Editor
// node manage_users.js list
// node manage_users.js delete ada@example.com

const management = new ManagementClient({
  domain: process.env.AUTH0_DOMAIN,
  clientId: process.env.AUTH0_CLIENT_ID,
  clientSecret: process.env.AUTH0_CLIENT_SECRET,
});

async function find(email) {
  const found = await management.users.list({ q: `email:"${email}"`, search_engine: 'v3' });
  if (found.data.length === 0) throw new Error(`Nobody has the address ${email}.`);
  return found.data[0];
}

const commands = {
  find,

  create: (email, password) => management.users.create({ connection: 'Username-Password-Authentication', email, password }),

  // user_metadata is merged: other keys stay, null removes one.
  note: async (email, key, value) => {
    const { user_id } = await find(email);
    return management.users.update(user_id, { user_metadata: { [key]: value } });
  },

  role: async (email, name) => {
    const { user_id } = await find(email);
    const roles = await management.roles.list({ name_filter: name });
    const role = roles.data.find((candidate) => candidate.name === name) ?? (await management.roles.create({ name }));
    await management.users.roles.assign(user_id, { roles: [role.id] });
    return { user_id, role: role.name };
  },

  list: async () => {
    const emails = [];
    for await (const user of await management.users.list({ per_page: 50, sort: 'created_at:1' })) emails.push(user.email);
    return emails;
  },

  delete: async (email) => {
    const { user_id } = await find(email);
    await management.users.delete(user_id);
    return { deleted: user_id };
  },
};

const [command, ...values] = process.argv.slice(2);
if (!(command in commands)) {
  console.error(`Commands: ${Object.keys(commands).join(', ')}`);
  process.exit(2);
}
try {
  console.log(JSON.stringify(await commands[command](...values), null, 2));
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
