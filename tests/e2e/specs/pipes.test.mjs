// A producer of one process for browsers behind another: two labs, joined by a pipe as two hosts of
// one room are, with SRTP and RTX.

import assert from 'node:assert/strict';
import { LARGE_CAMERA, startLab } from '../lib/lab.mjs';
import { SIMULCAST, goThroughLayers, joinsLate, showsLayer } from '../lib/layers.mjs';
import { grows, hearsAudio, stops } from '../lib/media.mjs';
import { layPipe } from '../lib/pipe.mjs';
import { scenario } from '../lib/scenario.mjs';

/** How soon a browser behind the pipe notices that media stops or goes on. */
const NOTICED = { within: 10_000 };

/**
 * Somebody at the near end whose camera, in three layers, and microphone are carried to the far end,
 * where somebody receives both. Returns the labs, the people, what the pipe made and the consumers of
 * the far end, by kind.
 */
async function callOverPipe(s, options) {
  const near = await startLab(s);
  const far = await startLab(s);
  const pipe = await layPipe(s, near, far, options);
  const sender = await near.join(s, { camera: LARGE_CAMERA, label: 'near end' });
  const receiver = await far.join(s, { label: 'far end' });
  const carried = {};
  const consumers = {};
  for (const source of [
    { kind: 'video', mimeType: 'video/VP8', encodings: SIMULCAST },
    { kind: 'audio' },
  ]) {
    carried[source.kind] = await pipe.carry(await sender.produce(source));
    consumers[source.kind] = await receiver.consume(carried[source.kind].producer.id);
  }
  return { near, far, sender, receiver, carried, consumers };
}

/** A counter of the streams of a producer ("inbound-rtp") or consumer ("outbound-rtp"), all together. */
const sumOf = async (lab, id, type, counter) =>
  (await lab.request('getStats', { id }))
    .filter((stream) => stream.type === type)
    .reduce((sum, stream) => sum + stream[counter], 0);

scenario('over a pipe: each layer on demand, and a picture in time for who joins late', async (s) => {
  const { near, far, receiver, carried, consumers } = await callOverPipe(s);
  const { type, rtpParameters } = carried.video.consumer;
  assert.equal(type, 'pipe');
  assert.deepEqual(rtpParameters.encodings.map(({ rtx }) => Boolean(rtx)), [true, true, true]);
  assert.equal(carried.video.producer.type, 'simulcast');
  assert.equal(consumers.video.type, 'simulcast');

  await showsLayer(receiver, consumers.video, 2);
  await goThroughLayers(far, receiver, consumers.video);
  await hearsAudio(receiver.tab, receiver.element(consumers.audio));

  const producer = carried.video.producer.id;
  const requested = () => sumOf(near, producer, 'inbound-rtp', 'pliCount');
  const before = await requested();
  await joinsLate(receiver, producer);
  assert.ok((await requested()) > before, 'the browser at the near end was asked for a key frame');
});

scenario('over a pipe: pauses, scores and the end of the producer', async (s) => {
  const { near, far, sender, receiver, carried, consumers } = await callOverPipe(s);
  const { video } = consumers;
  const producer = carried.video.producer.id;
  const picture = receiver.element(video);
  const goesOn = () => grows(receiver.tab, picture, 'frames', { by: 10, ...NOTICED });
  const stands = () => stops(receiver.tab, picture, 'frames', { quiet: 1000, ...NOTICED });
  await receiver.firstFrame(video);

  await near.request('pause', { id: producer });
  await far.until(video.id, 'producerpause');
  await stands();
  await near.request('resume', { id: producer });
  await far.until(video.id, 'producerresume');
  await goesOn();

  await far.request('pause', { id: video.id });
  await stands();
  await far.request('resume', { id: video.id });
  await goesOn();

  const live = (scores) => scores.map((score) => score > 0).join();
  const scored = (lab, expected) =>
    Promise.all([
      lab.until(producer, 'score', (streams) => {
        return live(streams.map(({ score }) => score)) === expected;
      }),
      lab === far &&
        lab.until(video.id, 'score', ({ producerScores }) => live(producerScores) === expected),
    ]);
  for (const lab of [near, far]) await scored(lab, 'true,true,true');
  await sender.limitLayers(producer, 1);
  for (const lab of [near, far]) await scored(lab, 'true,true,false');
  await showsLayer(receiver, video, 1);
  await sender.limitLayers(producer, 2);
  for (const lab of [near, far]) await scored(lab, 'true,true,true');

  await near.request('close', { id: producer });
  await far.until(producer, 'close');
  await far.until(video.id, 'close');
  await stands();
  await hearsAudio(receiver.tab, receiver.element(consumers.audio));
});

scenario('over a pipe that loses 5 %: the full picture moves on, repaired', async (s) => {
  const { near, receiver, carried, consumers } = await callOverPipe(s, {
    impairments: { loss: 5, delay: 10 },
  });
  await showsLayer(receiver, consumers.video, 2, { fps: 10, over: 5000 });
  await hearsAudio(receiver.tab, receiver.element(consumers.audio));
  const { id } = carried.video.consumer;
  const repaired = await sumOf(near, id, 'outbound-rtp', 'packetsRetransmitted');
  assert.ok(repaired > 0, `${repaired} packets were sent again`);
});

scenario('over pipes: messages to a browser at the far end, and back', async (s) => {
  const near = await startLab(s);
  const far = await startLab(s);
  const sctp = { enableSctp: true };
  const there = await layPipe(s, near, far, sctp);
  const back = await layPipe(s, far, near, sctp);
  const asking = await near.join(s, { label: 'near end', transport: sctp });
  const answering = await far.join(s, { label: 'far end', transport: sctp });
  const question = await asking.produceData({ label: 'question' });
  await there.carryData(question);
  await answering.consumeData(question);
  const answer = await answering.produceData({ label: 'answer' });
  await back.carryData(answer);
  await answering.echo(question, answer);
  const consumer = await asking.consumeData(answer);
  assert.equal(await asking.exchange(question, answer, [1, 1200, 65_536, 262_144]), 'in order');
  const many = Array.from({ length: 300 }, (_, i) => 1 + i);
  assert.equal(await asking.exchange(question, answer, many), 'in order');

  await far.request('close', { id: answer });
  await near.until(answer, 'close');
  await near.until(consumer, 'close');
});
