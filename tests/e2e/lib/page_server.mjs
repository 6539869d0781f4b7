// Serves the test page over HTTP, with the client bundled against either mediasoup-client.

import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import esbuild from 'esbuild';

const PAGE = fileURLToPath(new URL('../page/', import.meta.url));

/** npm package by the `client` parameter of the page: the version FoundryVTT's module has, and ours. */
const LIBRARIES = { '3.11.0': 'mediasoup-client', current: 'mediasoup-client-current' };

const bundles = new Map();

function bundle(version) {
  if (!bundles.has(version)) {
    bundles.set(
      version,
      esbuild
        .build({
          entryPoints: [`${PAGE}main.mjs`],
          absWorkingDir: fileURLToPath(new URL('..', import.meta.url)),
          alias: { 'mediasoup-client': LIBRARIES[version] },
          bundle: true,
          format: 'esm',
          target: 'es2022',
          define: { 'process.env.DEBUG': 'undefined' },
          write: false,
          logLevel: 'silent',
        })
        .then((result) => result.outputFiles[0].text),
    );
  }
  return bundles.get(version);
}

async function answer(path) {
  const script = path.match(/^\/main-(.+)\.js$/);
  if (script && LIBRARIES[script[1]]) return ['text/javascript', await bundle(script[1])];
  if (path === '/') return ['text/html', await readFile(`${PAGE}index.html`)];
  return undefined;
}

export async function startPageServer() {
  const server = createServer((request, response) => {
    answer(new URL(request.url, 'http://page').pathname).then(
      (found) => {
        if (!found) return response.writeHead(404).end();
        response.writeHead(200, { 'content-type': `${found[0]}; charset=utf-8` }).end(found[1]);
      },
      (error) => response.writeHead(500).end(String(error)),
    );
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  server.unref();
  return `http://127.0.0.1:${server.address().port}/`;
}
