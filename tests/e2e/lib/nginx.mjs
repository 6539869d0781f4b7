// nginx in front of the server, as the module's README sets it up, with a shorter idle time.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './ports.mjs';
import { Process } from './process.mjs';
import { waitFor } from './wait.mjs';

const NGINX = process.env.NGINX ?? '/usr/sbin/nginx';

const configuration = (port, target, readTimeoutSeconds) => `
daemon off;
worker_processes 1;
pid nginx.pid;
error_log stderr;
events {}
http {
  access_log off;
  client_body_temp_path body;
  proxy_temp_path proxy;
  fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi;
  scgi_temp_path scgi;
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://127.0.0.1:${target};
      proxy_http_version 1.1;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection "upgrade";
      proxy_set_header Host $host;
      proxy_set_header X-Real-IP $remote_addr;
      proxy_read_timeout ${readTimeoutSeconds}s;
    }
  }
}
`;

/** Returns `{port}`. */
export async function startNginx(s, target, { readTimeoutSeconds }) {
  const directory = mkdtempSync(join(tmpdir(), 'sluice-nginx-'));
  const port = await freePort();
  writeFileSync(join(directory, 'nginx.conf'), configuration(port, target, readTimeoutSeconds));
  const nginx = new Process(NGINX, ['-p', directory, '-c', 'nginx.conf', '-e', 'stderr']);
  s.ending(nginx, async () => {
    await nginx.stop();
    rmSync(directory, { recursive: true, force: true });
  });
  await waitFor('nginx to answer', async () => {
    if (nginx.ended) throw new Error(nginx.output);
    return (await fetch(`http://127.0.0.1:${port}/health`)).ok;
  });
  return { port };
}
