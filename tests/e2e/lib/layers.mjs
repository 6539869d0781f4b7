// Streams of three spatial layers, what each of them looks like to a receiver, and who joins late.

import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { LARGE_CAMERA } from './lab.mjs';
import { showsVideo } from './media.mjs';

export const SIMULCAST = [
  { rid: 'r0', scaleResolutionDownBy: 4, maxBitrate: 150_000 },
  { rid: 'r1', scaleResolutionDownBy: 2, maxBitrate: 400_000 },
  { rid: 'r2', scaleResolutionDownBy: 1, maxBitrate: 1_200_000 },
];

export const SVC = [{ scalabilityMode: 'L3T3_KEY', maxBitrate: 1_500_000 }];

/** What a spatial layer looks like: each has half the width and height of the next. */
const sizeOf = (layer) => ({
  width: LARGE_CAMERA.width >> (2 - layer),
  height: LARGE_CAMERA.height >> (2 - layer),
});

/** Waits until a participant sees that layer, or one of those. */
export const showsLayer = (participant, consumer, layer, { fps = 10, ...more } = {}) =>
  showsVideo(participant.tab, participant.element(consumer), {
    sizes: [layer].flat().map(sizeOf),
    fps,
    within: 60_000,
    ...more,
  });

/** Asks for one layer after the other, up and down, and waits for its picture each time. */
export async function goThroughLayers(lab, participant, consumer, options) {
  for (const layer of [0, 2, 1, 2, 0]) {
    await lab.request('setPreferredLayers', {
      consumerId: consumer.id,
      preferredLayers: { spatialLayer: layer },
    });
    await showsLayer(participant, consumer, layer, options);
    await lab.until(consumer.id, 'layerschange', (layers) => layers?.spatialLayer === layer);
  }
}

/** What a late joiner may wait for the first picture, ms. */
const FIRST_PICTURE_MS = 1000;

/**
 * Consumes a producer whose key frames are past, on a transport that is connected already, and
 * checks that the picture comes in time. Returns the consumer.
 */
export async function joinsLate(participant, producerId) {
  // Requests for key frames are throttled: the one that is answered last is to be past.
  await delay(1500);
  const consumer = await participant.consume(producerId);
  const waited = await participant.firstFrame(consumer);
  assert.ok(waited <= FIRST_PICTURE_MS, `${participant.tab.label}: the picture came after ${waited} ms`);
  return consumer;
}
