// What lies between browser and server: bad networks, proxies, other addresses, no UDP.

import assert from 'node:assert/strict';
import { layCable } from '../lib/cable.mjs';
import { bringPages, lanObstacle, launchChromiumInside, makeLan } from '../lib/lan.mjs';
import { startNginx } from '../lib/nginx.mjs';
import { receiveEachOther } from '../lib/media.mjs';
import { ALICE, BOB, joinPlayer, joinWithMedia } from '../lib/player.mjs';
import { openRaw } from '../lib/raw_client.mjs';
import { startRelay } from '../lib/relay.mjs';
import { scenario } from '../lib/scenario.mjs';
import { staysTrue, waitFor } from '../lib/wait.mjs';

/** The UDP port that the server's only worker has. */
async function mediaPort(s, server) {
  const asking = await openRaw(s, server.ws({ room: 'asking' }));
  const { iceCandidates } = await asking.createTransport('recv');
  asking.terminate();
  return iceCandidates.find((candidate) => candidate.protocol === 'udp').port;
}

const BAD_NETWORK = { loss: 5, delay: 50, jitter: 5, reorder: 2 };
/** Long enough that a picture which only moves between two losses does not count. */
const STEADILY = { over: 6000, within: 60_000 };

/** Both directions carried media, and lost about as much of it as they were told to. */
async function checkLosses(relay) {
  await relay.stop();
  for (const direction of ['to target', 'to clients']) {
    const [, packets, lost] = relay.process.output.match(
      new RegExp(`${direction}: (\\d+) in, (\\d+) lost`),
    );
    assert.ok(packets > 400, `${direction}: ${packets} packets came through the relay`);
    assert.ok(lost / packets > 0.01, `${direction}: ${lost} of ${packets} packets were lost`);
  }
}

scenario(
  '5 % loss, 50 ms delay and reordering: ten frames a second between two in Chromium',
  async (s) => {
    const server = await s.server({ dialect: 'foundry' });
    const relay = await startRelay(s, await mediaPort(s, server), BAD_NETWORK);
    const options = { url: server.ws(), mediaPort: relay.port };
    const alice = await joinWithMedia(s, { ...options, userId: ALICE });
    const bob = await joinWithMedia(s, { ...options, userId: BOB });
    await receiveEachOther([alice, bob], STEADILY);
    await checkLosses(relay);
  },
);

// Firefox does not send to loopback addresses, where the relay is. The losses between Chromium and
// the server hit both directions of its media all the same.
scenario(
  '5 % loss, 50 ms delay and reordering: ten frames a second between Chromium and Firefox',
  async (s) => {
    const server = await s.server({ dialect: 'foundry' });
    const relay = await startRelay(s, await mediaPort(s, server), BAD_NETWORK);
    const alice = await joinWithMedia(s, {
      url: server.ws(),
      userId: ALICE,
      mediaPort: relay.port,
    });
    const bob = await joinWithMedia(s, { url: server.ws(), userId: BOB, browser: 'firefox' });
    await receiveEachOther([alice, bob], STEADILY);
    await checkLosses(relay);
  },
);

scenario('media over TCP alone, as forceTcp asks for', async (s) => {
  const server = await s.server({ dialect: 'foundry' });
  const options = { url: server.ws(), forceTcp: true };
  const alice = await joinWithMedia(s, { ...options, userId: ALICE });
  const bob = await joinWithMedia(s, { ...options, userId: BOB });
  await receiveEachOther([alice, bob]);
  for (const player of [alice, bob]) {
    assert.deepEqual(await player.tab.evaluate(() => window.probe.protocols()), ['tcp']);
  }
});

scenario(
  'FOUNDRY-9 a player whose network is cut is gone once the keep-alive gives up',
  async (s) => {
    // The default of 20 s between pings and 60 s of silence, made short.
    const server = await s.server({
      dialect: 'foundry',
      env: { SLUICE_HTTP_WEBSOCKET_PING_SECONDS: '1', SLUICE_HTTP_WEBSOCKET_IDLE_SECONDS: '3' },
    });
    const cable = await layCable(s, server.port);
    const alice = await joinWithMedia(s, { url: server.ws({}, cable), userId: ALICE });
    const bob = await joinPlayer(s, { url: server.ws(), userId: BOB });
    await bob.receives(ALICE);
    // As long as the cable is in, pongs keep both.
    await staysTrue('both are there', async () => (await bob.consumerCount()) === 2, {
      during: 4500,
    });
    cable.cut();
    await bob.hasNothingOf(ALICE, { within: 6000 });
    assert.equal((await bob.closedProducers()).length, 2);
    assert.equal(await alice.get('isConnected'), true);
  },
);

scenario('FOUNDRY-19 candidates carry the announced address and ports of the range', async (s) => {
  const server = await s.server({
    dialect: 'foundry',
    env: {
      MEDIASOUP_RTC_MIN_PORT: '40000',
      MEDIASOUP_RTC_MAX_PORT: '40010',
      MEDIASOUP_ANNOUNCED_IP: '127.0.0.1',
    },
  });
  const candidates = [];
  for (let i = 0; i < 15; i++) {
    const player = await openRaw(s, server.ws(), { userId: `player-${i}` });
    for (const direction of ['send', 'recv']) {
      candidates.push(...(await player.createTransport(direction)).iceCandidates);
    }
  }
  assert.ok(candidates.length >= 30);
  for (const { address, ip, port } of candidates) {
    assert.equal(address, '127.0.0.1');
    assert.equal(ip, '127.0.0.1');
    assert.ok(port >= 40000 && port <= 40010, `port ${port}`);
  }
});

// Port 10080 is one of the "bad ports" of the Fetch standard: browsers send no media there, and say
// nothing about it. It lies in the default range.
scenario('media keeps off the ports that browsers refuse', async (s) => {
  for (let i = 0; i < 6; i++) {
    const server = await s.server({
      dialect: 'foundry',
      env: { MEDIASOUP_RTC_MIN_PORT: '10079', MEDIASOUP_RTC_MAX_PORT: '10080' },
    });
    assert.equal(await mediaPort(s, server), 10079);
    await server.end();
  }
});

scenario('FOUNDRY-19 without an announced address no candidate is 0.0.0.0', async (s) => {
  const server = await s.server({ dialect: 'foundry', host: '0.0.0.0' });
  const player = await openRaw(s, server.ws({}, { host: '127.0.0.1' }));
  const { iceCandidates } = await player.createTransport('recv');
  assert.ok(iceCandidates.length > 0);
  assert.equal(iceCandidates[0].address, '127.0.0.1');
  for (const { address } of iceCandidates) assert.notEqual(address, '0.0.0.0');
});

scenario(
  'FOUNDRY-19 media reaches a player over the LAN address, without any setting',
  async (s) => {
    const lan = makeLan(s);
    const server = await s.server({ dialect: 'foundry', host: '0.0.0.0', inside: lan.inside });
    const browser = await launchChromiumInside(s, lan);
    const options = {
      browser,
      url: server.ws({}, { host: lan.address }),
      preparing: (tab, address) => bringPages(tab, new URL('/', address).toString()),
    };
    const alice = await joinWithMedia(s, { ...options, userId: ALICE });
    const bob = await joinWithMedia(s, { ...options, userId: BOB });
    await receiveEachOther([alice, bob]);
  },
  { skip: lanObstacle() },
);

scenario('FOUNDRY-22 an idle player stays connected through nginx', async (s) => {
  // nginx's idle time of 60 s and the 20 s between pings, both made short, in about the same ratio.
  const idle = { readTimeoutSeconds: 3 };
  const server = await s.server({
    dialect: 'foundry',
    env: { SLUICE_HTTP_WEBSOCKET_PING_SECONDS: '1' },
  });
  const player = await joinPlayer(s, {
    url: server.ws({}, await startNginx(s, server.port, idle)),
    userId: ALICE,
  });
  await staysTrue('the player is connected', () => player.get('isConnected'), {
    during: 9000,
    every: 500,
  });

  // And the pings are what keeps it: when they come too seldom nginx closes the connection.
  const silent = await s.server({ dialect: 'foundry' });
  const lost = await joinPlayer(s, {
    url: silent.ws({}, await startNginx(s, silent.port, idle)),
    userId: BOB,
  });
  await waitFor('nginx to close the connection', async () => !(await lost.get('isConnected')), {
    within: 10_000,
  });
});

scenario('media comes through although the page and WebSocket go through nginx', async (s) => {
  const server = await s.server({ dialect: 'foundry' });
  const url = server.ws({}, await startNginx(s, server.port, { readTimeoutSeconds: 60 }));
  const alice = await joinWithMedia(s, { url, userId: ALICE });
  const bob = await joinWithMedia(s, { url, userId: BOB });
  await receiveEachOther([alice, bob]);
});
