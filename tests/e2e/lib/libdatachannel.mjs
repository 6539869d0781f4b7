// libdatachannel, a WebRTC implementation in C++, through its binding for Node.js, as a participant
// of the lab. It carries RTP that some other program makes or takes, and messages. It has a process of
// its own (libdatachannel_program.mjs): the binding is not safe against the end of a connection.

import { fileURLToPath } from 'node:url';
import { Peer } from './peer.mjs';
import { FORMATS, SSRC } from './plain.mjs';
import { exchangesData, receives, sends, withoutExtensions } from './sdp.mjs';
import { waitFor } from './wait.mjs';

const PROGRAM = fileURLToPath(new URL('libdatachannel_program.mjs', import.meta.url));

/** How the binding is told of a codec. */
const ADD = { VP8: 'addVP8Codec', H264: 'addH264Codec', Opus: 'addOpusCodec' };

const start = (s, options) => new Peer(s, process.execPath, [PROGRAM, JSON.stringify(options)]);

/** Sends what comes to a port. Returns the `port` and the `producer`. */
export async function libdatachannelSends(s, lab, format) {
  const { kind, ...codec } = FORMATS[format];
  const { payloadType } = codec;
  const transport = await lab.request('createWebRtcTransport', { routerId: lab.router.id });
  const peer = start(s, { sends: { kind, add: ADD[format], payloadType, ssrc: SSRC } });
  await peer.join(lab, transport, receives(kind, codec));
  const { id } = await lab.request('produce', {
    transportId: transport.id,
    kind,
    rtpParameters: { codecs: [codec], encodings: [{ ssrc: SSRC }] },
  });
  const port = await peer.first('port');
  return { port, rtcpPort: port, producer: id };
}

/** Receives a producer, and passes it on to a port. Returns the consumer's id. */
export async function libdatachannelReceives(s, lab, format, producerId, port) {
  const transport = await lab.request('createWebRtcTransport', { routerId: lab.router.id });
  const consumer = await lab.request('consume', {
    transportId: transport.id,
    producerId,
    rtpCapabilities: withoutExtensions(lab.router.rtpCapabilities),
    paused: true,
  });
  const { codecs, encodings } = consumer.rtpParameters;
  const [{ payloadType }] = codecs;
  const { kind } = FORMATS[format];
  const peer = start(s, { receives: { kind, add: ADD[format], payloadType, port } });
  await peer.join(lab, transport, sends(consumer));
  return { consumer: consumer.id, payloadType, ssrc: encodings[0].ssrc };
}

/** The stream it sends on; the engine counts those of the other direction from 0. */
const STREAM = 100;

/**
 * Has it send messages to the engine. Returns the data producer's id, and functions: `send` a message;
 * `receive` the messages of a data producer; `received`, all that came so far.
 */
export async function libdatachannelTalks(s, lab, { ordered }) {
  const transport = await lab.request('createWebRtcTransport', {
    routerId: lab.router.id,
    enableSctp: true,
  });
  const channel = (id) => ({ id, unordered: !ordered });
  const peer = start(s, { channel: channel(STREAM) });
  await peer.join(lab, transport, exchangesData(transport));
  await peer.first('open', (id) => id === STREAM);
  const { id } = await lab.request('produceData', {
    transportId: transport.id,
    sctpStreamParameters: { streamId: STREAM, ordered },
  });
  return {
    producer: id,
    send: (message) => peer.tell({ send: message.toString('base64') }),
    async receive(dataProducerId) {
      const { sctpStreamParameters } = await lab.request('consumeData', {
        transportId: transport.id,
        dataProducerId,
      });
      const { streamId } = sctpStreamParameters;
      peer.tell({ channel: channel(streamId) });
      await peer.first('open', (open) => open === streamId);
    },
    received: () => peer.all('message').map((message) => Buffer.from(message, 'base64')),
  };
}
