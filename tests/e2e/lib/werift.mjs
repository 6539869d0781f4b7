// werift, a WebRTC implementation in TypeScript without a browser, as a participant of the lab. It
// carries RTP that some other program makes or takes, through sockets of this process.

import { createSocket } from 'node:dgram';
import { RTCPeerConnection, RTCRtpCodecParameters } from 'werift';
import { FORMATS } from './plain.mjs';

/** How the far end, the engine, describes itself for one stream. */
function describe({ iceParameters, iceCandidates, dtlsParameters }, { mid, setup, media }) {
  const { value } = dtlsParameters.fingerprints.find(({ algorithm }) => algorithm === 'sha-256');
  return [
    'v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=-', 't=0 0', 'a=ice-lite', `a=group:BUNDLE ${mid}`,
    ...media,
    'c=IN IP4 127.0.0.1', `a=mid:${mid}`, 'a=rtcp-mux',
    `a=ice-ufrag:${iceParameters.usernameFragment}`,
    `a=ice-pwd:${iceParameters.password}`,
    `a=fingerprint:sha-256 ${value}`,
    `a=setup:${setup}`,
    ...iceCandidates
      .filter(({ protocol }) => protocol === 'udp')
      .map((c) => `a=candidate:${c.foundation} 1 udp ${c.priority} ${c.address} ${c.port} typ host`),
    'a=end-of-candidates', '',
  ].join('\r\n');
}

const valueOf = (sdp, name) => sdp.match(new RegExp(`^a=${name}:(.*?)\r?$`, 'm'))[1];

async function makeTransport(s, lab, format) {
  const { mimeType, payloadType, clockRate, channels } = FORMATS[format];
  const connection = new RTCPeerConnection({
    iceServers: [],
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

function connect(lab, transport, sdp, role) {
  const [algorithm, value] = valueOf(sdp, 'fingerprint').split(' ');
  return lab.request('connect', {
    transportId: transport.id,
    dtlsParameters: { role, fingerprints: [{ algorithm, value }] },
  });
}

const rtpmap = ({ mimeType, clockRate, channels }) =>
  `${mimeType.split('/')[1]}/${clockRate}${channels ? `/${channels}` : ''}`;

/** Sends what comes to a port. Returns the `port` and the `producer`. */
export async function weriftSends(s, lab, format) {
  const { connection, transport } = await makeTransport(s, lab, format);
  const { kind, ...codec } = FORMATS[format];
  const { sender } = connection.addTransceiver(kind, { direction: 'sendonly' });
  await connection.setLocalDescription(await connection.createOffer());
  const { sdp } = connection.localDescription;
  await connect(lab, transport, sdp, 'client');
  await connection.setRemoteDescription({
    type: 'answer',
    sdp: describe(transport, {
      mid: valueOf(sdp, 'mid'),
      setup: 'passive',
      media: [
        `m=${kind} 9 UDP/TLS/RTP/SAVPF ${codec.payloadType}`,
        `a=rtpmap:${codec.payloadType} ${rtpmap(codec)}`,
        'a=recvonly',
      ],
    }),
  });
  const { id } = await lab.request('produce', {
    transportId: transport.id,
    kind,
    rtpParameters: { codecs: [codec], encodings: [{ ssrc: sender.ssrc }] },
  });
  const socket = createSocket('udp4');
  s.ending(socket, () => socket.close());
  await new Promise((resolve) => socket.bind(0, '127.0.0.1', resolve));
  socket.on('message', (packet) => {
    const rtcp = packet[1] >= 192 && packet[1] <= 223; // RFC 5761 section 4
    if (!rtcp) sender.sendRtp(packet);
  });
  return { port: socket.address().port, rtcpPort: socket.address().port, producer: id };
}

/** Receives a producer, and passes it on to a port. Returns the consumer's id. */
export async function weriftReceives(s, lab, format, producerId, port) {
  const { connection, transport } = await makeTransport(s, lab, format);
  const { kind } = FORMATS[format];
  const consumer = await lab.request('consume', {
    transportId: transport.id,
    producerId,
    rtpCapabilities: lab.router.rtpCapabilities,
    paused: true,
  });
  const [codec] = consumer.rtpParameters.codecs;
  const [{ ssrc }] = consumer.rtpParameters.encodings;
  const socket = createSocket('udp4');
  s.ending(socket, () => socket.close());
  connection.onTrack.subscribe((track) =>
    track.onReceiveRtp.subscribe((packet) => socket.send(packet.serialize(), port, '127.0.0.1')),
  );
  await connection.setRemoteDescription({
    type: 'offer',
    sdp: describe(transport, {
      mid: consumer.rtpParameters.mid,
      setup: 'actpass',
      media: [
        `m=${kind} 9 UDP/TLS/RTP/SAVPF ${codec.payloadType}`,
        `a=rtpmap:${codec.payloadType} ${rtpmap(codec)}`,
        `a=ssrc:${ssrc} cname:${consumer.rtpParameters.rtcp.cname}`,
        'a=sendonly',
      ],
    }),
  });
  await connection.setLocalDescription(await connection.createAnswer());
  await connect(lab, transport, connection.localDescription.sdp, 'client');
  return { consumer: consumer.id, payloadType: codec.payloadType, ssrc };
}
