// Programs that are no browsers send media to the engine and receive media from it.

import assert from 'node:assert/strict';
import { ffmpegReceives, ffmpegSends } from '../lib/ffmpeg.mjs';
import { gstreamerReceives, gstreamerSends } from '../lib/gstreamer.mjs';
import { startLab } from '../lib/lab.mjs';
import { hearsAudio, showsVideo } from '../lib/media.mjs';
import {
  libdatachannelReceives, libdatachannelSends, libdatachannelTalks,
} from '../lib/libdatachannel.mjs';
import { FORMATS, flowing, freePort, makeInlet, makeOutlet } from '../lib/plain.mjs';
import { scenario } from '../lib/scenario.mjs';
import { waitFor } from '../lib/wait.mjs';
import { webrtcbinReceives, webrtcbinSends } from '../lib/webrtcbin.mjs';
import { weriftReceives, weriftSends } from '../lib/werift.mjs';

/** Less than any tone of a fake microphone. */
const AUDIBLE_DB = -50;

const plays = (participant, consumer, { kind }) =>
  kind === 'video'
    ? showsVideo(participant.tab, participant.element(consumer))
    : hearsAudio(participant.tab, participant.element(consumer));

for (const [format, details] of Object.entries(FORMATS)) {
  for (const srtp of [false, true]) {
    const over = srtp ? 'SRTP' : 'plain RTP';

    for (const [program, sends] of [
      ['ffmpeg', ffmpegSends],
      ['GStreamer', gstreamerSends],
    ]) {
      scenario(`${program} sends ${format} over ${over} to a browser`, async (s) => {
        const lab = await startLab(s);
        const inlet = await makeInlet(lab, format, { srtp });
        sends(s, format, inlet);
        const receiver = await lab.join(s);
        await plays(receiver, await receiver.consume(inlet.producer), details);
      });
    }

    scenario(`ffmpeg receives ${format} over ${over} from a browser`, async (s) => {
      const lab = await startLab(s);
      const sender = await lab.join(s);
      const { kind, mimeType } = details;
      const outlet = await makeOutlet(lab, await sender.produce({ kind, mimeType }), { srtp });
      const seen = await flowing(lab, outlet, ffmpegReceives(s, format, outlet, 4));
      if (kind === 'video') assert.ok(seen.frames >= 40, `${seen.frames} frames`);
      else assert.ok(seen.volume > AUDIBLE_DB, `${seen.volume} dB`);
    });

    scenario(`GStreamer receives ${format} over ${over} from a browser`, async (s) => {
      const lab = await startLab(s);
      const sender = await lab.join(s);
      const { kind, mimeType } = details;
      const outlet = await makeOutlet(lab, await sender.produce({ kind, mimeType }), { srtp });
      await flowing(lab, outlet, gstreamerReceives(s, format, outlet, 40));
    });
  }
}

// These carry what GStreamer encodes and decodes.
for (const [program, sends, receives] of [
  ['werift', weriftSends, weriftReceives],
  ['libdatachannel', libdatachannelSends, libdatachannelReceives],
]) {
  for (const [format, details] of Object.entries(FORMATS)) {
    scenario(`${program} sends ${format} to a browser`, async (s) => {
      const lab = await startLab(s);
      const inlet = await sends(s, lab, format);
      gstreamerSends(s, format, inlet);
      const receiver = await lab.join(s);
      await plays(receiver, await receiver.consume(inlet.producer), details);
    });

    scenario(`${program} receives ${format} from a browser`, async (s) => {
      const lab = await startLab(s);
      const sender = await lab.join(s);
      const { kind, mimeType } = details;
      const port = await freePort();
      const outlet = await receives(s, lab, format, await sender.produce({ kind, mimeType }), port);
      await flowing(lab, outlet, gstreamerReceives(s, format, { ...outlet, port }, 40));
    });
  }
}

for (const [format, details] of Object.entries(FORMATS)) {
  scenario(`webrtcbin sends ${format} to a browser`, async (s) => {
    const lab = await startLab(s);
    const producer = await webrtcbinSends(s, lab, format);
    const receiver = await lab.join(s);
    await plays(receiver, await receiver.consume(producer), details);
  });

  scenario(`webrtcbin receives ${format} from a browser`, async (s) => {
    const lab = await startLab(s);
    const sender = await lab.join(s);
    const { kind, mimeType } = details;
    const peer = await webrtcbinReceives(s, lab, format, await sender.produce({ kind, mimeType }));
    await flowing(lab, peer, peer.decodes({ frames: 40, level: AUDIBLE_DB }));
  });
}

for (const ordered of [true, false]) {
  const how = ordered ? 'in order' : 'in any order';
  scenario(`libdatachannel and a browser exchange messages ${how}`, async (s) => {
    const lab = await startLab(s);
    const peer = await libdatachannelTalks(s, lab, { ordered });
    const answering = await lab.join(s, { transport: { enableSctp: true } });
    await answering.consumeData(peer.producer);
    const back = await answering.produceData({ ordered });
    await answering.echo(peer.producer, back);
    await peer.receive(back);
    const sent = [1, 2, 100, 1200, 16_384, 65_536, ...Array(200).fill(50)].map((size, i) =>
      Buffer.alloc(size, i),
    );
    for (const message of sent) peer.send(message);
    await waitFor('all messages', () => peer.received().length >= sent.length);
    const [came, expected] = [peer.received(), sent].map((messages) =>
      messages.map((message) => message.toString('base64')),
    );
    assert.deepEqual(...(ordered ? [came, expected] : [came.sort(), expected.sort()]));
  });
}
