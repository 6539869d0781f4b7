// What the engine and peers that want SDP tell each other, for one section of media or data: the
// engine itself speaks no SDP.

/** The engine's side. `media`: the lines that are about the section's contents, `m=` first. */
export function describeEngine({ iceParameters, iceCandidates, dtlsParameters }, { mid, setup, media }) {
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

/** `media` of an engine that receives a stream of that codec. */
export const receives = (kind, codec) => [...format(kind, codec), 'a=recvonly'];

/** `media` of an engine that sends what a consumer of the lab does. */
export function sends({ kind, rtpParameters: { codecs, encodings, rtcp } }) {
  return [
    ...format(kind, codecs[0]),
    `a=ssrc:${encodings[0].ssrc} cname:${rtcp.cname}`,
    'a=sendonly',
  ];
}

/** `media` of an engine that has data channels. */
export const exchangesData = ({ sctpParameters }) => [
  'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
  `a=sctp-port:${sctpParameters.port}`,
  `a=max-message-size:${sctpParameters.maxMessageSize}`,
];

function format(kind, { mimeType, payloadType, clockRate, channels, parameters = {} }) {
  const name = mimeType.split('/')[1];
  const values = Object.entries(parameters).map(([key, value]) => `${key}=${value}`);
  return [
    `m=${kind} 9 UDP/TLS/RTP/SAVPF ${payloadType}`,
    `a=rtpmap:${payloadType} ${name}/${clockRate}${channels ? `/${channels}` : ''}`,
    ...(values.length ? [`a=fmtp:${payloadType} ${values.join(';')}`] : []),
  ];
}

/** The capabilities of a peer that is described like this, without header extensions. */
export const withoutExtensions = (rtpCapabilities) => ({ ...rtpCapabilities, headerExtensions: [] });

/** The value of an attribute, where it stands first. */
export const valueOf = (sdp, name) => sdp.match(new RegExp(`^a=${name}:(.*?)\r?$`, 'm'))[1];

/** Connects a transport of the lab to who wrote that description, in that DTLS role. */
export function connectTo(lab, transport, sdp, role) {
  const [algorithm, value] = valueOf(sdp, 'fingerprint').split(' ');
  return lab.request('connect', {
    transportId: transport.id,
    dtlsParameters: { role, fingerprints: [{ algorithm, value }] },
  });
}
