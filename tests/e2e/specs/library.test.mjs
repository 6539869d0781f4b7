// The example programs of the C++ library, with real clients and players.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Lab } from '../lib/lab.mjs';
import { hearsAudio, showsVideo } from '../lib/media.mjs';
import { Process } from '../lib/process.mjs';
import { scenario } from '../lib/scenario.mjs';
import { program } from '../lib/server.mjs';

const example = (name) => program(`examples/${name}/${name}`);

scenario('two browsers meet in the minimal SFU', async (s) => {
  // It answers the lab's requests, as far as mediasoup-client makes them.
  const sfu = new Lab([example('minimal_sfu'), '0.0.0.0']);
  s.ending(sfu, () => sfu.stop());
  await sfu.start();
  sfu.router = await sfu.request('router');
  const people = [await sfu.join(s), await sfu.join(s, { browser: 'firefox' })];
  for (const [sender, receiver] of [people, [...people].reverse()]) {
    const video = await receiver.consume(await sender.produce({ kind: 'video' }));
    const audio = await receiver.consume(await sender.produce({ kind: 'audio' }));
    await showsVideo(receiver.tab, receiver.element(video));
    await hearsAudio(receiver.tab, receiver.element(audio));
  }
  assert.equal(sfu.events.filter(({ event }) => event === 'newProducer').length, 4);
});

scenario('what the recorder tap writes can be played', async (s) => {
  const directory = mkdtempSync(join(tmpdir(), 'sluice-recorder-'));
  s.ending(directory, () => rmSync(directory, { recursive: true, force: true }));
  const file = join(directory, 'camera.ivf');
  const recorder = new Process(example('recorder_tap'), [file], { stdio: 'pipe' });
  s.ending(recorder, () => recorder.stop());
  const [, port] = await recorder.line(/listening on port (\d+)/, 20_000);
  const camera = new Process('ffmpeg', [
    '-hide_banner', '-nostdin', '-re', '-f', 'lavfi', '-i', 'testsrc=size=320x240:rate=20',
    '-t', '3', '-pix_fmt', 'yuv420p', '-c:v', 'libvpx', '-deadline', 'realtime', '-cpu-used', '8',
    '-b:v', '400k', '-g', '20', '-f', 'rtp', '-ssrc', '1111', '-payload_type', '96',
    `rtp://127.0.0.1:${port}?pkt_size=1200`,
  ]);
  s.ending(camera, () => camera.stop());
  assert.equal((await camera.exit).code, 0, camera.output);
  recorder.endInput();
  assert.equal((await recorder.exit).code, 0, recorder.output);
  const answer = execFileSync('ffprobe', [
    '-v', 'error', '-count_frames', '-show_entries', 'stream=codec_name,width,height,nb_read_frames',
    '-of', 'json', file,
  ]);
  const [stream] = JSON.parse(answer).streams;
  assert.deepEqual([stream.codec_name, stream.width, stream.height], ['vp8', 320, 240]);
  assert.ok(stream.nb_read_frames >= 50, `${stream.nb_read_frames} of 60 frames`);
});
