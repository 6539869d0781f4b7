// What strangers and broken programs send, while two players are in a call: the call goes on, the
// server answers, and its memory stays within bounds. Everything here stays on loopback, and every
// flood has a rate and an end.

import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { setTimeout as delay } from 'node:timers/promises';
import WebSocket from 'ws';
import { descriptorLimit, gatherCrowd } from '../lib/crowd.mjs';
import { receiveEachOther, undisturbed } from '../lib/media.mjs';
import { peakMemory } from '../lib/memory.mjs';
import { ALICE, BOB, joinWithMedia } from '../lib/player.mjs';
import { openRaw } from '../lib/raw_client.mjs';
import { makeRandom, malformed, randomBytes } from '../lib/rubbish.mjs';
import { scenario } from '../lib/scenario.mjs';
import { layTap } from '../lib/tap.mjs';
import { staysTrue, waitFor } from '../lib/wait.mjs';

/** A call takes 28 MiB, ten thousand more peers 75. Sanitizers take several times that. */
const MOST_MEMORY_MIB = process.env.ASAN_OPTIONS ? 4096 : 256;
/** For an answer of the server to a health check, on a busy machine. */
const HEALTH_MS = 3000;
/** The time in which an HTTP request must be complete (HttpOptions::header_timeout). */
const HEADER_MS = 10_000;

/** A server, and Alice and Bob who receive each other. With `tapped` their media goes through a tap. */
async function call(s, { tapped = false } = {}) {
  const server = await s.server({ dialect: 'foundry' });
  const asking = await openRaw(s, server.ws({ room: 'asking' }));
  const { iceCandidates } = await asking.createTransport('recv');
  asking.terminate();
  const mediaPort = iceCandidates.find(({ protocol }) => protocol === 'udp').port;
  const tap = tapped ? await layTap(s, mediaPort) : undefined;
  const options = { url: server.ws(), mediaPort: tap?.port };
  const players = [];
  for (const userId of [ALICE, BOB]) players.push(await joinWithMedia(s, { ...options, userId }));
  await receiveEachOther(players);
  return { server, players, mediaPort, tap };
}

/** Runs `attack` and checks call, health and memory meanwhile and afterwards. */
async function outlives({ server, players }, attack) {
  let over = false;
  const checkHealth = async () => {
    while (!over) {
      const answer = await fetch(`${server.url}health`, { signal: AbortSignal.timeout(HEALTH_MS) });
      assert.equal(answer.status, 200);
      await delay(250);
    }
  };
  await undisturbed(players, async () => {
    const health = checkHealth();
    const failure = new Promise((_, reject) => health.catch(reject));
    failure.catch(() => undefined);
    try {
      await Promise.race([attack(), failure]);
    } finally {
      over = true;
    }
    await health;
  });
  await receiveEachOther(players);
  const memory = peakMemory(server.pid);
  assert.ok(memory < MOST_MEMORY_MIB, `the server took ${Math.round(memory)} MiB`);
}

/** Calls `send` `perSecond` times a second for `seconds`, in small bursts. */
async function atRate({ perSecond, seconds }, send) {
  const begin = performance.now();
  let sent = 0;
  for (let elapsed = 0; elapsed < seconds; elapsed = (performance.now() - begin) / 1000) {
    for (; sent < elapsed * perSecond; sent++) send(sent);
    await delay(10);
  }
}

/** Sends `payloads` as one message in frames, and waits for the code that the server closes with. */
async function closeCode(s, url, payloads, binary) {
  const socket = new WebSocket(url, { perMessageDeflate: false });
  s.ending(socket, () => socket.terminate());
  socket.on('error', () => undefined);
  await new Promise((resolve) => socket.once('open', resolve));
  const closed = new Promise((resolve) => socket.once('close', (code) => resolve(code)));
  payloads.forEach((payload, i) => {
    if (socket.readyState !== WebSocket.OPEN) return;
    socket.send(payload, { binary, fin: i === payloads.length - 1 });
  });
  return closed;
}

scenario('bad input: WebSocket messages of ten megabytes', async (s) => {
  const running = await call(s);
  const { server } = running;
  const MEGABYTE = 1024 * 1024;
  const whole = [Buffer.alloc(10 * MEGABYTE, 'x')];
  const pieces = Array(40).fill(Buffer.alloc(MEGABYTE / 4, 'x'));
  await outlives(running, async () => {
    for (let round = 0; round < 5; round++) {
      const codes = await Promise.all(
        [whole, pieces].flatMap((payloads) =>
          [true, false].map((binary) => closeCode(s, server.ws(), payloads, binary)),
        ),
      );
      assert.deepEqual(codes, [1009, 1009, 1009, 1009]);
      await delay(1000);
    }
  });
});

scenario('bad input: HTTP requests that never come to an end', async (s) => {
  const running = await call(s);
  const { server } = running;
  await outlives(running, async () => {
    const crowd = await gatherCrowd(s, server.port, { count: 500, addresses: 5 });
    crowd.say('GET /health HTTP/1.1\r\nHost: localhost\r\n');
    const begin = performance.now();
    while (crowd.size > 0) {
      const elapsed = performance.now() - begin;
      assert.ok(elapsed < HEADER_MS + 5000, `${crowd.size} are still open after ${elapsed} ms`);
      crowd.say('x');
      await delay(500);
    }
  });
});

const CROWD = 10_000;
// Ten rooms of the most peers a room may have, from ten addresses of less than an address may have.
const GROUPS = 10;

const upgradeTo = (room) =>
  `GET /?room=${room} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n` +
  'Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n' +
  'Sec-WebSocket-Version: 13\r\n\r\n';

scenario(
  'bad input: ten thousand connections that say nothing, and SIGTERM with all of them',
  async (s) => {
    const running = await call(s);
    const { server } = running;
    await outlives(running, async () => {
      // Without a request: the server ends them.
      const silent = await gatherCrowd(s, server.port, { count: CROWD, addresses: GROUPS });
      await silent.gone({ within: 2 * HEADER_MS });
      // With a WebSocket and no message on it: these are peers like any other.
      const crowd = await gatherCrowd(s, server.port, {
        count: CROWD,
        addresses: GROUPS,
        greeting: (i) => upgradeTo(`crowd-${i % GROUPS}`),
      });
      const { peers, rooms } = await (await fetch(`${server.url}health`)).json();
      assert.equal(crowd.size, CROWD);
      assert.equal(peers, CROWD + 2);
      assert.equal(rooms, GROUPS + 1);
      await staysTrue('all stay', () => crowd.size === CROWD, { during: 5000 });
    });
    // Two seconds for the closing handshakes that nobody makes, and a goodbye to each.
    const asked = performance.now();
    assert.deepEqual(await server.end('SIGTERM'), { code: 0, signal: null });
    const took = performance.now() - asked;
    assert.ok(took < 8000, `it took ${Math.round(took)} ms to end`);
  },
  { skip: descriptorLimit() < 12_000 && 'needs 12000 open files (ulimit -Hn)' },
);

scenario('bad input: a flood of random datagrams to the media port', async (s) => {
  const running = await call(s);
  const random = makeRandom(1);
  const sockets = Array.from({ length: 8 }, () => createSocket('udp4'));
  for (const socket of sockets) s.ending(socket, () => socket.close());
  const packets = Array.from({ length: 500 }, () => randomBytes(random));
  const { mediaPort } = running;
  await outlives(running, async () => {
    // The port takes media over TCP too.
    const crowd = await gatherCrowd(s, mediaPort, { count: 300, addresses: 3 });
    crowd.say(randomBytes(random, 2000));
    await atRate({ perSecond: 5000, seconds: 8 }, (i) =>
      sockets[i % sockets.length].send(packets[i % packets.length], mediaPort, '127.0.0.1'),
    );
  });
});

scenario('bad input: malformed STUN, DTLS, RTP and RTCP in the players’ own name', async (s) => {
  const running = await call(s, { tapped: true });
  const { tap, mediaPort } = running;
  for (const kind of ['stun', 'rtp', 'rtcp']) {
    await waitFor(`a sample of ${kind}`, () => tap.samples[kind].length > 0);
  }
  assert.ok(tap.ways >= 4, `${tap.ways} transports send through the tap`);
  const random = makeRandom(2);
  const stranger = createSocket('udp4');
  s.ending(stranger, () => stranger.close());
  await outlives(running, () =>
    atRate({ perSecond: 1000, seconds: 8 }, () => {
      const packet = malformed(random, tap.samples);
      tap.inject(packet);
      stranger.send(packet, mediaPort, '127.0.0.1');
    }),
  );
});
