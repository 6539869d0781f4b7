// Sends the microphone as RED (RFC 2198), which a browser prefers over Opus when asked to. Without
// mediasoup-client, which has one codec per producer: the SDP answer is made here from what the lab
// says of its transport.

/** `request`: to the lab; `transport`: options of createWebRtcTransport. Returns the producer's id. */
export async function sendRed(request, transport) {
  const options = await request('createWebRtcTransport', transport);
  const connection = new RTCPeerConnection();
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
  const transceiver = connection.addTransceiver(stream.getAudioTracks()[0], {
    direction: 'sendonly',
  });
  const { codecs } = RTCRtpSender.getCapabilities('audio');
  transceiver.setCodecPreferences(
    ['audio/red', 'audio/opus'].map((type) => codecs.find(({ mimeType }) => mimeType === type)),
  );
  await connection.setLocalDescription();
  const offer = connection.localDescription.sdp;
  const [, algorithm, fingerprint] = /a=fingerprint:(\S+) (\S+)/.exec(offer);
  const red = Number(/a=rtpmap:(\d+) red\/48000\/2/.exec(offer)[1]);
  const opus = Number(/a=rtpmap:(\d+) opus\/48000\/2/.exec(offer)[1]);
  const [, ssrc, cname] = /a=ssrc:(\d+) cname:(\S+)/.exec(offer);
  const { mid } = transceiver;
  await request('connect', {
    transportId: options.id,
    dtlsParameters: { role: 'client', fingerprints: [{ algorithm, value: fingerprint }] },
  });
  const { iceParameters, iceCandidates, dtlsParameters } = options;
  const server = dtlsParameters.fingerprints.at(-1);
  const lines = [
    'v=0',
    'o=- 1 1 IN IP4 0.0.0.0',
    's=-',
    't=0 0',
    'a=ice-lite',
    `a=group:BUNDLE ${mid}`,
    `m=audio 7 UDP/TLS/RTP/SAVPF ${red} ${opus}`,
    'c=IN IP4 0.0.0.0',
    `a=mid:${mid}`,
    'a=recvonly',
    'a=rtcp-mux',
    'a=setup:passive',
    `a=ice-ufrag:${iceParameters.usernameFragment}`,
    `a=ice-pwd:${iceParameters.password}`,
    `a=fingerprint:${server.algorithm} ${server.value}`,
    `a=rtpmap:${red} red/48000/2`,
    `a=fmtp:${red} ${opus}/${opus}`,
    `a=rtpmap:${opus} opus/48000/2`,
    ...iceCandidates
      .filter(({ protocol }) => protocol === 'udp')
      .map((c) => `a=candidate:${c.foundation} 1 udp ${c.priority} ${c.address} ${c.port} typ host`),
    '',
  ];
  await connection.setRemoteDescription({ type: 'answer', sdp: lines.join('\r\n') });
  const codec = (mimeType, payloadType, parameters) => ({
    mimeType,
    payloadType,
    clockRate: 48000,
    channels: 2,
    parameters,
  });
  const { id } = await request('produce', {
    transportId: options.id,
    kind: 'audio',
    rtpParameters: {
      mid,
      codecs: [codec('audio/red', red, { [`${opus}/${opus}`]: '' }), codec('audio/opus', opus, {})],
      encodings: [{ ssrc: Number(ssrc) }],
      rtcp: { cname },
    },
  });
  return id;
}

/** mediasoup-client writes every format parameter as `name=value`, but that of RED is no such pair:
 * what it does to the descriptions of this page is undone. */
export function repairRedFormats() {
  const { prototype } = RTCPeerConnection;
  const set = prototype.setRemoteDescription;
  prototype.setRemoteDescription = function ({ type, sdp }) {
    return set.call(this, { type, sdp: sdp.replace(/^(a=fmtp:\d+ \d+(?:\/\d+)+)=$/gm, '$1') });
  };
}
