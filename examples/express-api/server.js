import express from 'express';
import { auth, claimIncludes, requiredScopes } from 'express-oauth2-jwt-bearer';

// ISSUER_BASE_URL and AUDIENCE come from the environment; the signing keys are found through discovery.
const app = express();
const checkToken = auth();

app.get('/public', (request, response) => {
  response.json({ message: 'Everybody may read this.' });
});

// Whoever has a valid token for this API. Its claims are in request.auth.payload.
app.get('/me', checkToken, (request, response) => {
  const { sub, scope, permissions, iat, exp } = request.auth.payload;
  response.json({ sub, scope, permissions, iat, exp });
});

// Whoever was granted the scope by the person who signed in.
app.get('/orders', checkToken, requiredScopes('read:orders'), (request, response) => {
  response.json([{ id: 1, item: 'A brass gate', buyer: request.auth.payload.sub }]);
});

// Whoever has the permission through a role. Switch on "RBAC" and "Add permissions in the access token" for the API
// (enforce_policies, token_dialect: access_token_authz): without them the token has no such claim.
app.delete('/users/:id', checkToken, claimIncludes('permissions', 'delete:users'), (request, response) => {
  response.json({ deleted: request.params.id, by: request.auth.payload.sub });
});

app.use((error, request, response, next) => {
  response.set(error.headers).status(error.status ?? 500).json({ error: error.code ?? 'server_error', message: error.message });
});

const port = Number(process.env.PORT ?? 3001);
app.listen(port, 'localhost', () => console.log(`listening on http://localhost:${port}`));
