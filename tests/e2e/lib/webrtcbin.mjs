// GStreamer's webrtcbin, a WebRTC peer of its own, as a participant of the lab. The pipeline is in
// webrtcbin.py: webrtcbin needs a program around it that passes offer and answer.

import { fileURLToPath } from 'node:url';
import { DECODERS, rtpFields, source } from './gstreamer.mjs';
import { Peer } from './peer.mjs';
import { FORMATS, SSRC } from './plain.mjs';
import { receives, sends, withoutExtensions } from './sdp.mjs';

const PROGRAM = fileURLToPath(new URL('webrtcbin.py', import.meta.url));
/** The one that has Debian's GStreamer bindings. */
const PYTHON = '/usr/bin/python3';

const capsOf = (codec) => `application/x-rtp,${rtpFields(codec)}`;

/** Measures what is decoded, on its way. */
const MEASURES = { video: '', audio: '! audioconvert ! level post-messages=true' };

/** Sends a test picture or tone until the test ends. Returns the producer's id. */
export async function webrtcbinSends(s, lab, format) {
  const { kind, ...codec } = FORMATS[format];
  const transport = await lab.request('createWebRtcTransport', { routerId: lab.router.id });
  const pipeline = `${source(format)} ! capsfilter caps=${capsOf(FORMATS[format])}`;
  await new Peer(s, PYTHON, [PROGRAM, 'send', pipeline]).join(lab, transport, receives(kind, codec));
  const { id } = await lab.request('produce', {
    transportId: transport.id,
    kind,
    rtpParameters: { codecs: [codec], encodings: [{ ssrc: SSRC }] },
  });
  return id;
}

/**
 * Receives a producer. Returns the `consumer`, paused at first, and `decodes`, which waits for `frames`
 * pictures or pieces of sound, and for a sound of `level` dB or more.
 */
export async function webrtcbinReceives(s, lab, format, producerId) {
  const transport = await lab.request('createWebRtcTransport', { routerId: lab.router.id });
  const consumer = await lab.request('consume', {
    transportId: transport.id,
    producerId,
    rtpCapabilities: withoutExtensions(lab.router.rtpCapabilities),
    paused: true,
  });
  const { kind } = FORMATS[format];
  const peer = new Peer(s, PYTHON, [
    PROGRAM,
    'receive',
    capsOf({ kind, ...consumer.rtpParameters.codecs[0] }),
    `${DECODERS[format]} ${MEASURES[kind]}`,
  ]);
  await peer.join(lab, transport, sends(consumer));
  return {
    consumer: consumer.id,
    async decodes({ frames, level }) {
      await peer.first('frames', (decoded) => decoded >= frames);
      if (kind === 'audio') await peer.first('level', (loudness) => loudness >= level);
    },
  };
}
