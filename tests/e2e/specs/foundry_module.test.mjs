// FoundryVTT's module against the drop-in server: the acceptance checks of the wire protocol
// (foundryvtt 8), each under its number. Two Chromium tabs are two players.

import assert from 'node:assert/strict';
import { grows, hearsAudio, receiveEachOther, showsVideo, stops } from '../lib/media.mjs';
import { ALICE, BOB, CAROL, joinPlayer, joinWithMedia, openPlayer } from '../lib/player.mjs';
import { scenario } from '../lib/scenario.mjs';
import { staysTrue, waitFor } from '../lib/wait.mjs';

const start = (s) => s.server({ dialect: 'foundry' });

const errors = async (player) =>
  (await player.get('notifications')).filter((n) => n.level !== 'info');

/** Alice with microphone and camera, and Bob who came later and receives both. */
async function aliceAndBob(s, server) {
  const alice = await joinWithMedia(s, { url: server.ws(), userId: ALICE });
  const bob = await joinPlayer(s, { url: server.ws(), userId: BOB });
  await bob.consumes(2);
  await bob.receives(ALICE);
  return [alice, bob];
}

scenario('FOUNDRY-1 connects within three seconds', async (s) => {
  const server = await start(s);
  const player = await openPlayer(s, { url: server.ws(), userId: ALICE });
  await player.connected({ within: 3000 });
  assert.deepEqual(await errors(player), []);
  const issued = (await player.frames())
    .filter(({ out, message }) => !out && message.type === 'transportCreated')
    .map(({ message }) => message.data.id);
  const used = await player.tab.evaluate(() => [
    window.client.sendTransport.id,
    window.client.recvTransport.id,
  ]);
  assert.deepEqual(used, issued);
});

scenario('FOUNDRY-2 offers Opus, VP8, VP9 and H264', async (s) => {
  const server = await start(s);
  const player = await joinPlayer(s, { url: server.ws(), userId: ALICE });
  const device = await player.tab.evaluate(() => ({
    audio: window.client.device.canProduce('audio'),
    video: window.client.device.canProduce('video'),
    codecs: window.client.device.rtpCapabilities.codecs.map((codec) =>
      codec.mimeType.toLowerCase(),
    ),
  }));
  assert.equal(device.audio, true);
  assert.equal(device.video, true);
  for (const codec of ['audio/opus', 'video/vp8', 'video/vp9', 'video/h264']) {
    assert.ok(device.codecs.includes(codec), `${codec} in ${device.codecs}`);
  }
});

scenario('FOUNDRY-3 produces microphone and camera', async (s) => {
  const server = await start(s);
  const player = await joinPlayer(s, { url: server.ws(), userId: ALICE });
  assert.deepEqual(await player.call('startLocalAudio'), { success: true });
  assert.deepEqual(await player.call('startLocalVideo'), { success: true });
  assert.deepEqual(Object.keys(await player.producerIds()), ['mic', 'webcam']);
  await player.tab.until(
    'the sending transport to connect',
    () => window.client.sendTransport.connectionState === 'connected',
  );
  for (const kind of ['audio', 'video']) {
    await player.tab.until(
      `${kind} packets to leave`,
      async (k) => (await window.probe.sent())[k] > 10,
      kind,
    );
  }
});

scenario(
  'FOUNDRY-4 a late joiner is told of both producers, after its receiving transport',
  async (s) => {
    const server = await start(s);
    const alice = await joinWithMedia(s, { url: server.ws(), userId: ALICE });
    const bob = await joinPlayer(s, { url: server.ws(), userId: BOB, canConsume: false });
    await bob.tab.until('both to be handled', () => window.client.pageErrors.length === 2);

    const frames = (await bob.frames()).filter(({ out }) => !out).map(({ message }) => message);
    const ready = frames.findLastIndex((message) => message.type === 'transportCreated');
    const told = frames.filter((message) => message.type === 'newProducer');
    assert.deepEqual(
      told.map(({ producerId, userId, kind }) => ({ producerId, userId, kind })),
      [
        { producerId: (await alice.producerIds()).mic, userId: ALICE, kind: 'audio' },
        { producerId: (await alice.producerIds()).webcam, userId: ALICE, kind: 'video' },
      ],
    );
    assert.ok(frames.indexOf(told[0]) > ready, 'told only once it can receive');
    for (const error of await bob.get('pageErrors'))
      assert.match(error, /canConsume is not a function/);
    assert.deepEqual(await errors(bob), []);
  },
);

scenario('FOUNDRY-5 media reaches a late joiner within five seconds', async (s) => {
  const server = await start(s);
  await joinWithMedia(s, { url: server.ws(), userId: ALICE });
  const bob = await joinPlayer(s, { url: server.ws(), userId: BOB });
  await bob.tab.until(
    'the picture',
    (selector) => document.querySelector(selector)?.videoWidth > 0,
    bob.videoOf(ALICE),
    { within: 5000 },
  );
  await bob.receives(ALICE);
  assert.deepEqual(
    await bob.tab.evaluate(
      (id) =>
        window.client.remoteUserStreams
          .get(id)
          .getTracks()
          .map((t) => t.kind)
          .sort(),
      ALICE,
    ),
    ['audio', 'video'],
  );
  assert.ok(await bob.tab.has(`audio[id="mediasoup-consumer-audio-${ALICE}"]`));
  assert.ok(await bob.tab.has(`video[id="mediasoup-remote-video-${ALICE}"]`));
});

scenario('FOUNDRY-6 media goes both ways between players who were there before', async (s) => {
  const server = await start(s);
  const alice = await joinPlayer(s, { url: server.ws(), userId: ALICE });
  const bob = await joinPlayer(s, { url: server.ws(), userId: BOB });
  await alice.startMedia();
  await bob.startMedia();
  await receiveEachOther([alice, bob]);
});

scenario('FOUNDRY-6 each of three participants gets the media of the others', async (s) => {
  const server = await start(s);
  const players = [];
  for (const userId of [ALICE, BOB, CAROL]) {
    players.push(await joinWithMedia(s, { url: server.ws(), userId }));
  }
  for (const player of players) await player.consumes(4);
  await receiveEachOther(players);
});

scenario('FOUNDRY-7 muting stops the sound, unmuting brings it back, nobody is told', async (s) => {
  const server = await start(s);
  const [alice, bob] = await aliceAndBob(s, server);
  const before = (await bob.frames()).length;

  await alice.call('toggleAudioMute');
  await alice.tab.until('the answer', () => {
    const { out, message } = window.client.frames.at(-1);
    return !out && message.requestId && message.type === 'pauseProducer';
  });
  const { message: answer } = (await alice.frames()).at(-1);
  assert.deepEqual(answer.data, {});
  assert.ok(!('error' in answer));
  await stops(bob.tab, bob.audioOf(ALICE), 'packets', { quiet: 1000, within: 1000 });
  await alice.call('toggleAudioMute');
  await grows(bob.tab, bob.audioOf(ALICE), 'packets', { by: 10, within: 3000 });
  await hearsAudio(bob.tab, bob.audioOf(ALICE));

  assert.equal((await bob.frames()).length, before);
});

scenario('FOUNDRY-8 the camera goes off, and on again with a key frame', async (s) => {
  const server = await start(s);
  const [alice, bob] = await aliceAndBob(s, server);
  for (let round = 0; round < 2; round++) {
    await alice.call('toggleVideoEnabled');
    await stops(bob.tab, bob.videoOf(ALICE), 'frames', { quiet: 1000, within: 2000 });
    await alice.call('toggleVideoEnabled');
    await grows(bob.tab, bob.videoOf(ALICE), 'frames', { within: 2000 });
  }
  await showsVideo(bob.tab, bob.videoOf(ALICE));
});

/** Bob has nothing left of Alice, and was told the end of each of her producers. */
async function goneFrom(bob, { within }) {
  await bob.hasNothingOf(ALICE, { within });
  assert.equal((await bob.closedProducers()).length, 2);
}

scenario('FOUNDRY-9 whoever disconnects is gone for the others within a second', async (s) => {
  const server = await start(s);
  const [alice, bob] = await aliceAndBob(s, server);
  await alice.disconnect();
  await goneFrom(bob, { within: 1000 });
});

scenario('FOUNDRY-9 whoever closes the tab is gone for the others within a second', async (s) => {
  const server = await start(s);
  const [alice, bob] = await aliceAndBob(s, server);
  await alice.tab.close();
  await goneFrom(bob, { within: 1000 });
});

scenario('FOUNDRY-9 a tab that is killed is gone for the others within a second', async (s) => {
  const server = await start(s);
  const [alice, bob] = await aliceAndBob(s, server);
  await alice.tab.crash();
  await goneFrom(bob, { within: 1000 });
});

scenario('FOUNDRY-9 after a reload the player is back with new media', async (s) => {
  const server = await start(s);
  const [alice, bob] = await aliceAndBob(s, server);
  await alice.tab.reload();
  await goneFrom(bob, { within: 5000 });
  await alice.tab.until('the page', () => Boolean(window.startClient));
  await alice.start();
  await alice.connected();
  await alice.startMedia();
  await bob.consumes(2);
  await bob.receives(ALICE);
});

/** Whether an element plays the track that came from a producer. */
function showsProducer(player, selector, producerId) {
  return player.tab.evaluate(
    ([element, id]) => {
      const [shown] = document.querySelector(element).srcObject.getTracks();
      const consumers = [...window.client.consumers.values()];
      return consumers.find((entry) => entry.producerId === id).consumer.track === shown;
    },
    [selector, producerId],
  );
}

scenario(
  'FOUNDRY-10 a camera started anew replaces the picture and leaves the sound alone',
  async (s) => {
    const server = await start(s);
    const [alice, bob] = await aliceAndBob(s, server);
    const old = (await alice.producerIds()).webcam;
    await alice.call('stopLocalVideo');
    await alice.call('startLocalVideo');
    const replaced = (await alice.producerIds()).webcam;
    assert.notEqual(replaced, old);

    await bob.tab.until(
      'the new video',
      (id) => [...window.client.consumers.values()].some(({ producerId }) => producerId === id),
      replaced,
    );
    assert.ok(await showsProducer(bob, bob.videoOf(ALICE), replaced));
    await bob.receives(ALICE);
    assert.deepEqual(await bob.closedProducers(), []);

    const all = [old, ...Object.values(await alice.producerIds())];
    await alice.disconnect();
    await bob.hasNothingOf(ALICE, { within: 1000 });
    assert.deepEqual((await bob.closedProducers()).sort(), all.sort());
  },
);

scenario('FOUNDRY-10 a microphone started anew replaces the sound', async (s) => {
  const server = await start(s);
  const [alice, bob] = await aliceAndBob(s, server);
  const old = (await alice.producerIds()).mic;
  await alice.call('stopLocalAudio');
  await alice.call('startLocalAudio');
  const replaced = (await alice.producerIds()).mic;

  await bob.tab.until(
    'the new audio',
    (id) => [...window.client.consumers.values()].some(({ producerId }) => producerId === id),
    replaced,
  );
  await bob.receives(ALICE);
  const told = (await bob.notified())
    .filter(({ data }) => data.producerId === old || data.producerId === replaced)
    .map(({ name, data }) => [name, data.producerId]);
  assert.deepEqual(told, [
    ['newProducer', old],
    ['producerClosed', old],
    ['newProducer', replaced],
  ]);
  const elements = await bob.tab.evaluate(() =>
    [...document.querySelectorAll('audio')].map((element) => ({
      kinds: element.srcObject.getTracks().map((track) => track.kind),
      paused: element.paused,
    })),
  );
  assert.deepEqual(elements, [{ kinds: ['audio'], paused: false }]);
  assert.ok(await showsProducer(bob, bob.audioOf(ALICE), replaced));

  await alice.disconnect();
  await bob.hasNothingOf(ALICE, { within: 1000 });
});

scenario('FOUNDRY-11 one user in two tabs: both stay, neither receives the other', async (s) => {
  const server = await start(s);
  const first = await joinWithMedia(s, { url: server.ws(), userId: ALICE });
  const second = await joinWithMedia(s, { url: server.ws(), userId: ALICE });
  await waitFor(
    'the first to hear of the second',
    async () => (await first.notified()).filter(({ name }) => name === 'newProducer').length === 2,
  );
  // Longer than the three seconds in which the server drops an older socket that is dead.
  await staysTrue(
    'both connected and without consumers',
    async () => {
      for (const player of [first, second]) {
        if (!(await player.get('isConnected')) || (await player.consumerCount()) !== 0)
          return false;
      }
      return true;
    },
    { during: 4500, every: 300 },
  );
});
