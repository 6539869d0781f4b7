// Simulcast and SVC with the encoders of real browsers: layers that are asked for, in both
// directions, and who joins late.

import assert from 'node:assert/strict';
import { LARGE_CAMERA, startLab } from '../lib/lab.mjs';
import { showsVideo } from '../lib/media.mjs';
import { startRelay } from '../lib/relay.mjs';
import { scenario } from '../lib/scenario.mjs';
import { waitFor } from '../lib/wait.mjs';

const SIMULCAST = [
  { rid: 'r0', scaleResolutionDownBy: 4, maxBitrate: 150_000 },
  { rid: 'r1', scaleResolutionDownBy: 2, maxBitrate: 400_000 },
  { rid: 'r2', scaleResolutionDownBy: 1, maxBitrate: 1_200_000 },
];

/** What a spatial layer looks like: each has half the width and height of the next. */
const sizeOf = (layer) => ({
  width: LARGE_CAMERA.width >> (2 - layer),
  height: LARGE_CAMERA.height >> (2 - layer),
});

const shows = (participant, consumer, layer, fps = 10) =>
  showsVideo(participant.tab, participant.element(consumer), {
    ...sizeOf(layer),
    fps,
    within: 60_000,
  });

/** What two cores encode of pictures without an end of detail, in three layers. */
const HARD_FPS = 5;

/** Asks for one layer after the other, up and down, and waits for its picture each time. */
async function goThroughLayers(lab, participant, consumer) {
  for (const layer of [0, 2, 1, 2, 0]) {
    await lab.request('setPreferredLayers', {
      consumerId: consumer.id,
      preferredLayers: { spatialLayer: layer },
    });
    await shows(participant, consumer, layer);
    await waitFor(
      `layerschange to ${layer}`,
      () => lab.last(consumer.id, 'layerschange')?.data?.spatialLayer === layer,
    );
  }
}

const SVC = [{ scalabilityMode: 'L3T3_KEY', maxBitrate: 1_500_000 }];

/** A producer with its encodings, for each codec. */
const LAYERED = {
  'video/VP8': SIMULCAST,
  'video/H264': SIMULCAST,
  'video/VP9': SVC,
  'video/AV1': SVC,
};

for (const mimeType of ['video/VP8', 'video/H264']) {
  scenario(`simulcast of three layers with ${mimeType}: each layer on demand`, async (s) => {
    const lab = await startLab(s);
    const sender = await lab.join(s, { camera: LARGE_CAMERA, label: 'sender' });
    const receiver = await lab.join(s, { label: 'receiver' });
    const producer = await sender.produce({ kind: 'video', mimeType, encodings: SIMULCAST });
    const consumer = await receiver.consume(producer);
    assert.equal(consumer.type, 'simulcast');
    await shows(receiver, consumer, 2);
    await goThroughLayers(lab, receiver, consumer);
  });
}

for (const mimeType of ['video/VP9', 'video/AV1']) {
  scenario(`SVC of three by three layers with ${mimeType}: each layer on demand`, async (s) => {
    const lab = await startLab(s);
    const sender = await lab.join(s, { camera: LARGE_CAMERA, label: 'sender' });
    const receiver = await lab.join(s, { label: 'receiver' });
    const producer = await sender.produce({ kind: 'video', mimeType, encodings: SVC });
    const consumer = await receiver.consume(producer);
    assert.equal(consumer.type, 'svc');
    await shows(receiver, consumer, 2);
    await goThroughLayers(lab, receiver, consumer);
  });
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
    await shows(receiver, consumer, 2, HARD_FPS);
    relay.impose();
    await Promise.any([0, 1].map((layer) => shows(receiver, consumer, layer, HARD_FPS)));
    relay.lift();
    await shows(receiver, consumer, 2, HARD_FPS);
  });
}
