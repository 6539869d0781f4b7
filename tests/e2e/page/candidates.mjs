// Points the server's candidates elsewhere before mediasoup-client sees them, so that media goes
// through a relay without the server's knowledge.

export function rewriteCandidates(transport, { mediaPort }) {
  if (!mediaPort) return transport;
  return {
    ...transport,
    iceCandidates: transport.iceCandidates
      .filter((candidate) => candidate.protocol === 'udp')
      .map((candidate) => ({ ...candidate, port: mediaPort })),
  };
}
