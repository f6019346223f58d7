// Serves this folder's page, hands it its settings, and passes /api/ on to the API. Any static file server does the same.
import fs from 'node:fs';
import http from 'node:http';
import { fileURLToPath } from 'node:url';

const files = {
  '/': ['index.html', 'text/html; charset=utf-8'],
  '/app.js': ['app.js', 'text/javascript'],
  '/auth0-spa-js.js': ['node_modules/@auth0/auth0-spa-js/dist/auth0-spa-js.production.esm.js', 'text/javascript'],
};
const settings = {
  domain: process.env.AUTH0_DOMAIN,
  clientId: process.env.AUTH0_CLIENT_ID,
  audience: process.env.API_AUDIENCE,
  useRefreshTokens: process.env.USE_REFRESH_TOKENS === 'true',
};

async function answer(request, response) {
  const { pathname } = new URL(request.url, 'http://localhost');
  if (pathname === '/settings.json') {
    response.setHeader('content-type', 'application/json').end(JSON.stringify(settings));
  } else if (pathname.startsWith('/api/')) {
    const { authorization = '' } = request.headers;
    const upstream = await fetch(`${process.env.API_URL}${pathname.slice('/api'.length)}`, { method: request.method, headers: { authorization } });
    response.writeHead(upstream.status, { 'content-type': 'application/json' }).end(await upstream.text());
  } else if (pathname in files) {
    const [file, type] = files[pathname];
    response.setHeader('content-type', type).end(fs.readFileSync(fileURLToPath(new URL(file, import.meta.url))));
  } else {
    response.writeHead(404).end();
  }
}

const port = Number(process.env.PORT ?? 3002);
const server = http.createServer((request, response) => answer(request, response).catch((error) => response.writeHead(502).end(error.message)));
server.listen(port, 'localhost', () => console.log(`listening on http://localhost:${port}`));
