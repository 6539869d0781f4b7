// A tap on the way of media between browsers and a media port of the server: it passes everything on,
// keeps samples of what it passes, and can send anything else to the server in a browser's name, from
// the very address that the server knows the browser by.

import { createSocket } from 'node:dgram';

const SAMPLES = 20;

/** What a packet is, by its first bytes (RFC 7983, RFC 5761). */
export function kindOf(packet) {
  const first = packet[0];
  if (first < 4) return 'stun';
  if (first >= 20 && first < 64) return 'dtls';
  if (first < 128 || first >= 192) return 'other';
  return packet[1] >= 192 && packet[1] < 224 ? 'rtcp' : 'rtp';
}

async function openSocket(onMessage) {
  const socket = createSocket('udp4', onMessage);
  socket.on('error', () => undefined);
  await new Promise((resolve) => socket.bind(0, '127.0.0.1', resolve));
  return socket;
}

/** Taps `serverPort`. Browsers send to `port` of the result instead. */
export async function layTap(s, serverPort) {
  const tap = new Tap(serverPort);
  await tap.listen();
  return s.ending(tap, () => tap.close());
}

class Tap {
  /** Latest packets of browsers, by kind. */
  samples = { stun: [], dtls: [], rtp: [], rtcp: [] };
  #serverPort;
  #front;
  #ways = new Map();

  constructor(serverPort) {
    this.#serverPort = serverPort;
  }

  async listen() {
    this.#front = await openSocket((packet, browser) => this.#fromBrowser(packet, browser));
    this.port = this.#front.address().port;
  }

  /** Number of browser addresses that came by. */
  get ways() {
    return this.#ways.size;
  }

  /** To the server, in the name of every browser address. */
  inject(packet) {
    for (const way of this.#ways.values()) way.then((socket) => socket.send(packet));
  }

  close() {
    for (const way of this.#ways.values()) way.then((socket) => socket.close());
    this.#front.close();
  }

  #fromBrowser(packet, browser) {
    const kept = this.samples[kindOf(packet)];
    kept?.push(packet);
    if (kept?.length > SAMPLES) kept.shift();
    this.#wayOf(browser).then((socket) => socket.send(packet));
  }

  #wayOf({ address, port }) {
    const key = `${address}:${port}`;
    if (!this.#ways.has(key)) {
      const back = (packet) => this.#front.send(packet, port, address);
      this.#ways.set(
        key,
        openSocket(back).then(async (socket) => {
          await new Promise((resolve) => socket.connect(this.#serverPort, '127.0.0.1', resolve));
          return socket;
        }),
      );
    }
    return this.#ways.get(key);
  }
}
