// The two wire forms and the two versions of mediasoup-client, in both browsers.

import assert from 'node:assert/strict';
import { grows, receiveEachOther, stops } from '../lib/media.mjs';
import { ALICE, BOB, CAROL, joinPlayer, joinWithMedia } from '../lib/player.mjs';
import { openRaw } from '../lib/raw_client.mjs';
import { scenario } from '../lib/scenario.mjs';
import { waitFor } from '../lib/wait.mjs';

const start = (s) => s.server({ dialect: 'foundry' });

const FORMS = { C: 'the module’s frames', R: 'the original server’s frames' };

for (const [dialect, form] of Object.entries(FORMS)) {
  for (const client of ['3.11.0', 'current']) {
    scenario(`two participants with ${form}, mediasoup-client ${client}`, async (s) => {
      const server = await start(s);
      const alice = await joinWithMedia(s, { url: server.ws(), userId: ALICE, dialect, client });
      const bob = await joinWithMedia(s, { url: server.ws(), userId: BOB, dialect, client });
      await receiveEachOther([alice, bob]);
      await alice.disconnect();
      await bob.consumes(0, { within: 1000 });
    });
  }

  scenario(`two participants with ${form}, Chromium and Firefox`, async (s) => {
    const server = await start(s);
    const alice = await joinWithMedia(s, { url: server.ws(), userId: ALICE, dialect });
    const bob = await joinWithMedia(s, {
      url: server.ws(),
      userId: BOB,
      dialect,
      browser: 'firefox',
    });
    await receiveEachOther([alice, bob]);
  });
}

scenario('two participants in Firefox', async (s) => {
  const server = await start(s);
  const alice = await joinWithMedia(s, { url: server.ws(), userId: ALICE, browser: 'firefox' });
  const bob = await joinWithMedia(s, { url: server.ws(), userId: BOB, browser: 'firefox' });
  await receiveEachOther([alice, bob]);
});

scenario('three participants in two browsers and both forms', async (s) => {
  const server = await start(s);
  const players = [
    await joinWithMedia(s, { url: server.ws(), userId: ALICE }),
    await joinWithMedia(s, { url: server.ws(), userId: BOB, dialect: 'R' }),
    await joinWithMedia(s, { url: server.ws(), userId: CAROL, browser: 'firefox' }),
  ];
  for (const player of players) await player.consumes(4);
  await receiveEachOther(players);
});

scenario('the original server’s frames: mute, camera, new devices, leaving', async (s) => {
  const server = await start(s);
  const alice = await joinWithMedia(s, { url: server.ws(), userId: ALICE, dialect: 'R' });
  const bob = await joinPlayer(s, { url: server.ws(), userId: BOB, dialect: 'R' });
  await bob.receives(ALICE);

  await alice.call('toggleAudioMute');
  await stops(bob.tab, bob.audioOf(ALICE), 'packets', { quiet: 1000, within: 1000 });
  await alice.call('toggleAudioMute');
  await grows(bob.tab, bob.audioOf(ALICE), 'packets', { by: 10, within: 3000 });
  await alice.call('toggleVideoEnabled');
  await stops(bob.tab, bob.videoOf(ALICE), 'frames', { quiet: 1000, within: 2000 });
  await alice.call('toggleVideoEnabled');
  await grows(bob.tab, bob.videoOf(ALICE), 'frames', { within: 2000 });

  // In this form the end of the old camera is told at once, too.
  const old = await alice.producerIds();
  for (const device of ['Video', 'Audio']) {
    await alice.call(`stopLocal${device}`);
    await alice.call(`startLocal${device}`);
  }
  const replaced = await alice.producerIds();
  await bob.receives(ALICE);
  assert.deepEqual(
    (await bob.notified()).map(({ name, data }) => [name, data.producerId]),
    [
      ['newProducer', old.mic],
      ['newProducer', old.webcam],
      ['producerClosed', old.webcam],
      ['newProducer', replaced.webcam],
      ['producerClosed', old.mic],
      ['newProducer', replaced.mic],
    ],
  );

  await alice.disconnect();
  await bob.hasNothingOf(ALICE, { within: 1000 });
});

scenario(
  'FOUNDRY-16 a browser of one form and a program of the other see each other',
  async (s) => {
    const server = await start(s);
    const alice = await joinWithMedia(s, { url: server.ws(), userId: ALICE });
    const program = await openRaw(s, server.ws(), { dialect: 'R', userId: BOB });
    await program.request('getRouterRtpCapabilities');
    const sending = await program.createTransport('send');
    await program.createTransport('recv');

    const told = await program.notification('newProducer');
    assert.equal(told.id, null);
    assert.equal(told.data.id, (await alice.producerIds()).mic);
    assert.equal(told.data.userId, ALICE);
    assert.equal(told.data.kind, 'audio');

    const produced = await program.produceSilence(sending.id);
    await alice.consumes(1);
    const [seen] = (await alice.notified()).filter(({ name }) => name === 'newProducer');
    assert.equal(seen.data.producerId, produced);
    assert.equal(seen.data.userId, BOB);

    const mine = Object.values(await alice.producerIds());
    await alice.disconnect();
    const closed = await waitFor('both to be closed', () => {
      const frames = program.received.filter(({ method }) => method === 'producerClosed');
      return frames.length === 2 && frames;
    });
    assert.deepEqual(
      closed.map(({ id }) => id),
      [null, null],
    );
    assert.deepEqual(closed.map(({ data }) => data.producerId).sort(), mine.sort());
  },
);

scenario('FOUNDRY-18 players of different rooms do not see each other', async (s) => {
  const server = await start(s);
  await joinWithMedia(s, { url: server.ws({ room: 'a' }), userId: ALICE });
  const bob = await joinPlayer(s, { url: server.ws({ room: 'b' }), userId: BOB });
  const carol = await joinPlayer(s, { url: server.ws({ room: 'a' }), userId: CAROL });
  await carol.consumes(2);
  assert.deepEqual(await bob.notified(), []);
});
