// Programs that are no browsers send media to the engine and receive media from it.

import assert from 'node:assert/strict';
import { ffmpegReceives, ffmpegSends } from '../lib/ffmpeg.mjs';
import { gstreamerReceives, gstreamerSends } from '../lib/gstreamer.mjs';
import { startLab } from '../lib/lab.mjs';
import { hearsAudio, showsVideo } from '../lib/media.mjs';
import { FORMATS, flowing, freePort, makeInlet, makeOutlet } from '../lib/plain.mjs';
import { scenario } from '../lib/scenario.mjs';
import { weriftReceives, weriftSends } from '../lib/werift.mjs';

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
      else assert.ok(seen.volume > -50, `${seen.volume} dB`);
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

// werift carries what GStreamer encodes and decodes.
for (const [format, details] of Object.entries(FORMATS)) {
  scenario(`werift sends ${format} to a browser`, async (s) => {
    const lab = await startLab(s);
    const inlet = await weriftSends(s, lab, format);
    gstreamerSends(s, format, inlet);
    const receiver = await lab.join(s);
    await plays(receiver, await receiver.consume(inlet.producer), details);
  });

  scenario(`werift receives ${format} from a browser`, async (s) => {
    const lab = await startLab(s);
    const sender = await lab.join(s);
    const { kind, mimeType } = details;
    const port = await freePort();
    const outlet = await weriftReceives(s, lab, format, await sender.produce({ kind, mimeType }), port);
    await flowing(lab, outlet, gstreamerReceives(s, format, { ...outlet, port }, 40));
  });
}
