// Simulcast and SVC with the encoders of real browsers: layers that are asked for, in both
// directions, and who joins late.

import assert from 'node:assert/strict';
import { LARGE_CAMERA, startLab } from '../lib/lab.mjs';
import { SIMULCAST, SVC, goThroughLayers, joinsLate, showsLayer } from '../lib/layers.mjs';
import { startRelay } from '../lib/relay.mjs';
import { scenario } from '../lib/scenario.mjs';

/** What two cores encode of pictures without an end of detail, in three layers. */
const HARD_FPS = 5;

/** A producer with its encodings, for each codec. */
const LAYERED = {
  'video/VP8': SIMULCAST,
  'video/H264': SIMULCAST,
  'video/VP9': SVC,
  'video/AV1': SVC,
};

// Debian's Firefox has no H264, and sends no SVC: what it is told about scalability it leaves out.
for (const { mimeType, encodings, type, senders, receivers } of [
  {
    mimeType: 'video/VP8',
    encodings: SIMULCAST,
    type: 'simulcast',
    senders: ['chromium', 'firefox'],
    receivers: ['chromium', 'firefox'],
  },
  {
    mimeType: 'video/H264',
    encodings: SIMULCAST,
    type: 'simulcast',
    senders: ['chromium'],
    receivers: ['chromium'],
  },
  ...['video/VP9', 'video/AV1'].map((svc) => ({
    mimeType: svc,
    encodings: SVC,
    type: 'svc',
    senders: ['chromium'],
    receivers: ['chromium', 'firefox'],
  })),
]) {
  for (const from of senders) {
    scenario(`${type} of three layers, ${mimeType} of ${from}: each layer on demand`, async (s) => {
      const lab = await startLab(s);
      const sender = await lab.join(s, { browser: from, camera: LARGE_CAMERA, label: 'sender' });
      const producer = await sender.produce({ kind: 'video', mimeType, encodings });
      const receive = async (browser) => {
        const receiver = await lab.join(s, { browser });
        const consumer = await receiver.consume(producer);
        assert.equal(consumer.type, type);
        await showsLayer(receiver, consumer, 2);
        await goThroughLayers(lab, receiver, consumer);
        return receiver;
      };
      const [receiver] = await Promise.all(receivers.map(receive));
      await joinsLate(receiver, producer);
    });
  }
}

for (const [mimeType, encodings] of Object.entries(LAYERED)) {
  scenario(`${mimeType}: a consumer behind 500 kbit/s goes down, and up again after it`, async (s) => {
    const lab = await startLab(s, { loops: 1, ip: '127.0.0.1' });
    const sender = await lab.join(s, { label: 'sender' });
    const relay = await startRelay(s, await lab.mediaPort(), { bandwidth: 500, delay: 20 });
    relay.lift();
    const receiver = await lab.join(s, { label: 'receiver', mediaPort: relay.port });
    const producer = await sender.produce({
      kind: 'video',
      clouds: LARGE_CAMERA,
      mimeType,
      encodings,
    });
    const consumer = await receiver.consume(producer);
    const shows = (layer) => showsLayer(receiver, consumer, layer, { fps: HARD_FPS });
    await shows(2);
    relay.impose();
    await shows([0, 1]);
    relay.lift();
    await shows(2);
  });
}
