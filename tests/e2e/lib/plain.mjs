// Plain RTP between the lab and programs that know nothing of WebRTC, for one stream at a time.

import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';

export const SSRC = 22334455;
const SUITE = 'AES_CM_128_HMAC_SHA1_80';

/** What such programs are made to send, by name. */
export const FORMATS = {
  VP8: { kind: 'video', mimeType: 'video/VP8', payloadType: 101, clockRate: 90000 },
  H264: {
    kind: 'video',
    mimeType: 'video/H264',
    payloadType: 102,
    clockRate: 90000,
    parameters: { 'packetization-mode': 1, 'profile-level-id': '42e01f', 'level-asymmetry-allowed': 1 },
  },
  Opus: { kind: 'audio', mimeType: 'audio/opus', payloadType: 100, clockRate: 48000, channels: 2 },
};

/** A new SRTP key: 16 bytes and a salt of 14. */
const newKey = () => randomBytes(30);

/**
 * Makes a place to send a stream of that format to, and its producer. Returns `producer` (its id),
 * `port`, `rtcpPort`, and `key`, which is there with `srtp`.
 */
export async function makeInlet(lab, format, { srtp = false } = {}) {
  const key = srtp ? newKey() : undefined;
  const transport = await lab.request('createPlainTransport', {
    routerId: lab.router.id,
    comedia: true,
    // Such programs send RTCP from another port than RTP.
    rtcpMux: false,
    enableSrtp: srtp,
    srtpCryptoSuite: SUITE,
  });
  if (key) {
    await lab.request('connectPlain', {
      transportId: transport.id,
      srtpParameters: { cryptoSuite: SUITE, keyBase64: key.toString('base64') },
    });
  }
  const { kind, ...codec } = FORMATS[format];
  const { id } = await lab.request('produce', {
    transportId: transport.id,
    kind,
    rtpParameters: { codecs: [codec], encodings: [{ ssrc: SSRC }] },
  });
  return {
    producer: id,
    port: transport.tuple.localPort,
    rtcpPort: transport.rtcpTuple.localPort,
    key,
  };
}

/** RFC 5761 section 4. */
const isRtcp = (packet) => packet[1] >= 192 && packet[1] <= 223;

/** Opens a port of this process, and calls `take` with each RTP packet that comes in, without RTCP.
 * Returns the port. */
export async function rtpFromPort(s, take) {
  const socket = createSocket('udp4');
  s.ending(socket, () => socket.close());
  await new Promise((resolve) => socket.bind(0, '127.0.0.1', resolve));
  socket.on('message', (packet) => isRtcp(packet) || take(packet));
  return socket.address().port;
}

/** A function that sends RTP packets to a port of this machine, and leaves RTCP out. */
export function rtpToPort(s, port) {
  const socket = createSocket('udp4');
  s.ending(socket, () => socket.close());
  return (packet) => isRtcp(packet) || socket.send(packet, port, '127.0.0.1');
}

/** A port that was free a moment ago. */
export async function freePort() {
  const socket = createSocket('udp4');
  await new Promise((resolve) => socket.bind(0, '127.0.0.1', resolve));
  const { port } = socket.address();
  await new Promise((resolve) => socket.close(resolve));
  return port;
}

/**
 * Has a producer's media sent to a new port of this machine, paused at first. Returns the `consumer`,
 * the `port`, `rtcpPort`, `payloadType`, `ssrc`, and `key`, which is there with `srtp`.
 */
export async function makeOutlet(lab, producerId, { srtp = false } = {}) {
  const port = await freePort();
  const rtcpPort = await freePort();
  const transport = await lab.request('createPlainTransport', {
    routerId: lab.router.id,
    rtcpMux: false,
    enableSrtp: srtp,
    srtpCryptoSuite: SUITE,
  });
  await lab.request('connectPlain', {
    transportId: transport.id,
    ip: '127.0.0.1',
    port,
    rtcpPort,
    ...(srtp && {
      srtpParameters: { cryptoSuite: SUITE, keyBase64: newKey().toString('base64') },
    }),
  });
  const consumer = await lab.request('consume', {
    transportId: transport.id,
    producerId,
    rtpCapabilities: lab.router.rtpCapabilities,
    paused: true,
  });
  return {
    consumer: consumer.id,
    port,
    rtcpPort,
    payloadType: consumer.rtpParameters.codecs[0].payloadType,
    ssrc: consumer.rtpParameters.encodings[0].ssrc,
    key: srtp ? Buffer.from(transport.srtpParameters.keyBase64, 'base64') : undefined,
  };
}

/** Lets an outlet flow until `end` resolves, which is what this returns; with a key frame each second,
 * because programs that ask for none must get one. */
export async function flowing(lab, { consumer }, end) {
  const ask = () =>
    lab.request('requestKeyFrame', { consumerId: consumer }).catch(() => undefined);
  await lab.request('resume', { id: consumer });
  const timer = setInterval(ask, 1000);
  try {
    return await end;
  } finally {
    clearInterval(timer);
  }
}
