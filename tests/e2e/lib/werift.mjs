// werift, a WebRTC implementation in TypeScript without a browser, as a participant of the lab. It
// carries RTP that some other program makes or takes, through sockets of this process.

import { createSocket } from 'node:dgram';
import { RTCPeerConnection, RTCRtpCodecParameters } from 'werift';
import { FORMATS, rtpFromPort, rtpToPort } from './plain.mjs';
import { connectTo, describeEngine, receives, sends, valueOf } from './sdp.mjs';

/** werift asks a STUN server on the Internet unless it is given one. This one refuses, at once: an
 * error response (RFC 8489 section 5) of nothing but the header. Returns its port. */
async function refusingStunServer(s) {
  const socket = createSocket('udp4');
  s.ending(socket, () => socket.close());
  socket.on('message', (request, { port, address }) => {
    const refusal = Buffer.from(request.subarray(0, 20));
    refusal.writeUInt16BE(0x0111, 0);
    refusal.writeUInt16BE(0, 2);
    socket.send(refusal, port, address);
  });
  await new Promise((resolve) => socket.bind(0, '127.0.0.1', resolve));
  return socket.address().port;
}

async function makeTransport(s, lab, format) {
  const { mimeType, payloadType, clockRate, channels } = FORMATS[format];
  const connection = new RTCPeerConnection({
    iceServers: [{ urls: `stun:127.0.0.1:${await refusingStunServer(s)}` }],
    iceUseIpv6: false,
    codecs: {
      [FORMATS[format].kind]: [
        new RTCRtpCodecParameters({ mimeType, payloadType, clockRate, channels }),
      ],
    },
  });
  s.ending(connection, () => connection.close());
  const transport = await lab.request('createWebRtcTransport', { routerId: lab.router.id });
  return { connection, transport };
}

/** Sends what comes to a port. Returns the `port` and the `producer`. */
export async function weriftSends(s, lab, format) {
  const { connection, transport } = await makeTransport(s, lab, format);
  const { kind, ...codec } = FORMATS[format];
  const { sender } = connection.addTransceiver(kind, { direction: 'sendonly' });
  await connection.setLocalDescription(await connection.createOffer());
  const { sdp } = connection.localDescription;
  await connectTo(lab, transport, sdp, 'client');
  await connection.setRemoteDescription({
    type: 'answer',
    sdp: describeEngine(transport, {
      mid: valueOf(sdp, 'mid'),
      setup: 'passive',
      media: receives(kind, codec),
    }),
  });
  const { id } = await lab.request('produce', {
    transportId: transport.id,
    kind,
    rtpParameters: { codecs: [codec], encodings: [{ ssrc: sender.ssrc }] },
  });
  const port = await rtpFromPort(s, (packet) => sender.sendRtp(packet));
  return { port, rtcpPort: port, producer: id };
}

/** Receives a producer, and passes it on to a port. Returns the consumer's id. */
export async function weriftReceives(s, lab, format, producerId, port) {
  const { connection, transport } = await makeTransport(s, lab, format);
  const consumer = await lab.request('consume', {
    transportId: transport.id,
    producerId,
    rtpCapabilities: lab.router.rtpCapabilities,
    paused: true,
  });
  const pass = rtpToPort(s, port);
  connection.onTrack.subscribe((track) =>
    track.onReceiveRtp.subscribe((packet) => pass(packet.serialize())),
  );
  await connection.setRemoteDescription({
    type: 'offer',
    sdp: describeEngine(transport, {
      mid: consumer.rtpParameters.mid,
      setup: 'actpass',
      media: sends(consumer),
    }),
  });
  await connection.setLocalDescription(await connection.createAnswer());
  await connectTo(lab, transport, connection.localDescription.sdp, 'client');
  const { codecs, encodings } = consumer.rtpParameters;
  return { consumer: consumer.id, payloadType: codecs[0].payloadType, ssrc: encodings[0].ssrc };
}
