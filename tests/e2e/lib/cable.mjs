// A TCP connection that can be pulled out: bytes stop, and neither end learns why.

import { connect, createServer } from 'node:net';

/** Listens on loopback and passes everything on to `port`, until `cut` is called. */
export async function layCable(s, port) {
  const sockets = new Set();
  let cut = false;
  const server = createServer((client) => {
    const upstream = connect(port, '127.0.0.1');
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ]) {
      sockets.add(from);
      from.on('error', () => undefined);
      from.on('data', (chunk) => cut || to.write(chunk));
      from.on('close', () => cut || to.destroy());
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const cable = { port: server.address().port, cut: () => (cut = true) };
  return s.ending(cable, () => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
}
