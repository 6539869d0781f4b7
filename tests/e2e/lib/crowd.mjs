// Many TCP connections at once, each from one of several loopback addresses, as from many machines.

import { connect } from 'node:net';
import { readFileSync } from 'node:fs';
import { waitFor } from './wait.mjs';

/** Handshakes under way at a time: less than the backlog of any listener. */
const IN_FLIGHT = 200;

/** How many files this process may have open; Node raises the soft limit to the hard one. */
export function descriptorLimit() {
  const [, limit] = readFileSync('/proc/self/limits', 'utf8').match(/Max open files\s+(\d+)/);
  return Number(limit);
}

/**
 * Opens `count` connections to `port`. `addresses`: from how many addresses. `greeting(i)`: what
 * connection `i` sends first, if anything; it counts as open once that is answered.
 */
export async function gatherCrowd(s, port, { count, addresses = 1, greeting = () => '' }) {
  const crowd = new Crowd();
  s.ending(crowd, () => crowd.leave());
  let next = 0;
  const openOnes = async () => {
    while (next < count) {
      const i = next++;
      const socket = connect({ port, host: '127.0.0.1', localAddress: `127.0.0.${2 + (i % addresses)}` });
      await crowd.add(socket, greeting(i));
    }
  };
  await Promise.all(Array.from({ length: Math.min(IN_FLIGHT, count) }, openOnes));
  return crowd;
}

class Crowd {
  #sockets = new Set();

  /** Waits until it is open. */
  add(socket, greeting) {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    return new Promise((resolve, reject) => {
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.off('error', reject);
        socket.on('error', () => undefined);  // cut by the server
        if (greeting) {
          socket.once('data', resolve);
          socket.write(greeting);
        } else {
          resolve();
        }
        socket.on('data', () => undefined);
      });
    });
  }

  /** Connections that are still open. */
  get size() {
    return this.#sockets.size;
  }

  /** Every connection sends this. */
  say(text) {
    for (const socket of this.#sockets) socket.write(text);
  }

  /** Waits until the server has closed all of them. */
  gone(options) {
    return waitFor('the server to close all', () => this.size === 0, options);
  }

  leave() {
    for (const socket of this.#sockets) socket.destroy();
  }
}
