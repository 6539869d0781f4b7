// What the engine does for one participant and another, with an unmodified mediasoup-client: ways
// through the network, ICE restart, late joiners, coded silence.

import assert from 'node:assert/strict';
import { networkInterfaces } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { CODECS, startLab } from '../lib/lab.mjs';
import { joinsLate } from '../lib/layers.mjs';
import { bringPages, lanObstacle, launchChromiumInside, makeLan } from '../lib/lan.mjs';
import { grows, hearsAudio, showsVideo } from '../lib/media.mjs';
import { scenario } from '../lib/scenario.mjs';

/** Sends camera and microphone from one to the other, and returns the other's consumers. */
async function call(sender, receiver) {
  const consumers = {};
  for (const kind of ['video', 'audio']) {
    consumers[kind] = await receiver.consume(await sender.produce({ kind }));
  }
  return consumers;
}

const receives = (participant, { video, audio }) =>
  Promise.all([
    showsVideo(participant.tab, participant.element(video)),
    hearsAudio(participant.tab, participant.element(audio)),
  ]);

for (const [from, to] of [
  ['chromium', 'chromium'],
  ['firefox', 'chromium'],
  ['chromium', 'firefox'],
]) {
  scenario(`ICE-TCP alone, ${from} to ${to}`, async (s) => {
    const lab = await startLab(s);
    const transport = { enableUdp: false };
    const sender = await lab.join(s, { browser: from, transport });
    const receiver = await lab.join(s, { browser: to, transport });
    await receives(receiver, await call(sender, receiver));
  });

  scenario(`ICE restart in mid-call, ${from} to ${to}`, async (s) => {
    const lab = await startLab(s);
    const sender = await lab.join(s, { browser: from });
    const receiver = await lab.join(s, { browser: to });
    const consumers = await call(sender, receiver);
    await receives(receiver, consumers);
    for (const participant of [sender, receiver]) {
      const before = await participant.remoteUfrags();
      await participant.restartIce();
      const after = await participant.remoteUfrags();
      assert.equal(after.length, before.length);
      for (const ufrag of after) assert.ok(!before.includes(ufrag), `${ufrag} is new`);
    }
    for (const [kind, field] of Object.entries({ video: 'frames', audio: 'packets' })) {
      const element = receiver.element(consumers[kind]);
      await grows(receiver.tab, element, field, { by: 50, within: 20_000 });
    }
  });
}

scenario(
  'IPv6 alone, chromium',
  async (s) => {
    const lan = makeLan(s);
    const lab = await startLab(s, { ip: lan.address6, inside: lan.inside });
    const browser = await launchChromiumInside(s, lan);
    const options = {
      browser,
      bring: true,
      preparing: (tab, address) => bringPages(tab, new URL('/', address).toString()),
    };
    const sender = await lab.join(s, options);
    const receiver = await lab.join(s, options);
    await receives(receiver, await call(sender, receiver));
    const tuple = lab.events.findLast(({ event }) => event === 'iceselectedtuplechange').data;
    assert.equal(tuple.localIp, lan.address6);
    assert.match(tuple.remoteIp, /:/);
  },
  { skip: lanObstacle() },
);

const address6 = Object.values(networkInterfaces())
  .flat()
  .find(({ family, internal, scopeid }) => family === 'IPv6' && !internal && scopeid === 0)?.address;

// Its driver reaches no other network namespace; and it gathers no loopback candidates.
scenario(
  'IPv6 alone, firefox',
  async (s) => {
    const lab = await startLab(s, { ip: address6 });
    const sender = await lab.join(s, { browser: 'firefox', label: 'sender' });
    const receiver = await lab.join(s, { browser: 'firefox', label: 'receiver' });
    await receives(receiver, await call(sender, receiver));
    const tuple = lab.events.findLast(({ event }) => event === 'iceselectedtuplechange').data;
    assert.equal(tuple.localIp, address6);
  },
  { skip: address6 ? undefined : 'needs an IPv6 address' },
);

for (const browser of ['chromium', 'firefox']) {
  scenario(`who joins late with ${browser} gets a picture within a second`, async (s) => {
    const lab = await startLab(s);
    const sender = await lab.join(s, { label: 'sender' });
    const first = await lab.join(s, { label: 'first' });
    for (const { mimeType } of CODECS.filter(({ kind }) => kind === 'video')) {
      const late = await lab.join(s, { browser, label: `late for ${mimeType}` });
      if (await late.receives(mimeType)) {
        const producer = await sender.produce({ kind: 'video', mimeType });
        const early = await first.consume(producer);
        await showsVideo(first.tab, first.element(early));
        // The first consumer after this takes the time to connect, which the next one has behind it.
        await showsVideo(late.tab, late.element(await late.consume(producer)));
        await joinsLate(late, producer);
      }
      await late.tab.close();
    }
  });
}

for (const [browser, pulses] of [
  ['chromium', 'tone'],
  // Without a sound card it has no AudioContext, which makes tones; its microphone hums all the time.
  ['firefox', 'microphone'],
]) {
  scenario(`Opus with coded silence, ${browser}: few packets in it, and none for whoever ignores it`, async (s) => {
    const lab = await startLab(s);
    const sender = await lab.join(s, { browser, label: 'sender' });
    const receiver = await lab.join(s, { label: 'receiver' });
    const producer = await sender.produce({
      kind: 'audio',
      pulses,
      codecOptions: { opusDtx: true },
    });
    const all = await receiver.consume(producer);
    const spoken = await receiver.consume(producer, { ignoreDtx: true });
    await hearsAudio(receiver.tab, receiver.element(all));
    await hearsAudio(receiver.tab, receiver.element(spoken));

    const sent = async ({ id }) => (await lab.request('getStats', { id }))[0].packetCount;
    const before = { all: await sent(all), spoken: await sent(spoken), at: Date.now() };
    // Over a whole number of pulses.
    await delay(8000);
    const seconds = (Date.now() - before.at) / 1000;
    const gained = { all: (await sent(all)) - before.all, spoken: (await sent(spoken)) - before.spoken };
    assert.ok(gained.all > 10 * seconds, `${gained.all} packets in ${seconds} s: the tone is sent`);
    assert.ok(gained.all < 40 * seconds, `${gained.all} packets in ${seconds} s: silence is not`);
    assert.ok(gained.spoken < gained.all, `${gained.spoken} of ${gained.all} packets are not silence`);
  });
}

scenario('Opus in RED: as it is for who knows it, and as Opus for who does not', async (s) => {
  const red = { kind: 'audio', mimeType: 'audio/red', clockRate: 48000, channels: 2 };
  const lab = await startLab(s, { mediaCodecs: [...CODECS, red] });
  const sender = await lab.join(s, { label: 'sender' });
  const producer = await sender.produceRed();
  const receiver = await lab.join(s, { label: 'receiver' });
  const whole = await receiver.consume(producer);
  const { codecs } = lab.router.rtpCapabilities;
  const unwrapped = await receiver.consume(producer, {
    rtpCapabilities: { codecs: codecs.filter(({ mimeType }) => mimeType === 'audio/opus') },
  });
  await hearsAudio(receiver.tab, receiver.element(whole));
  await hearsAudio(receiver.tab, receiver.element(unwrapped));
  // Which has no RED.
  const firefox = await lab.join(s, { browser: 'firefox' });
  await hearsAudio(firefox.tab, firefox.element(await firefox.consume(producer)));
  // Browsers tell only what is inside. Each packet has the sound of the one before as well.
  const sizeOf = async ({ id }) => {
    const [{ byteCount, packetCount }] = await lab.request('getStats', { id });
    return byteCount / packetCount;
  };
  const [large, small] = [await sizeOf(whole), await sizeOf(unwrapped)];
  assert.ok(large > 1.4 * small, `packets of ${large} bytes with, ${small} without redundancy`);
});
