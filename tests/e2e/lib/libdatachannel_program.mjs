// libdatachannel as the sender or receiver of one stream, or with data channels, in a process of its
// own. What it is to be stands in its argument, as JSON:
//
//   {"sends": {"kind", "add", "payloadType", "ssrc"}}     RTP that comes to the port it names
//   {"receives": {"kind", "add", "payloadType", "port"}}  passed on to that port
//   {"channel": {"id", "unordered", …}}                   messages, as `add` says for more channels
//
// See peer.mjs for how it talks: {"offer"}, {"port"}, {"open": id} and {"message": base64} come out;
// {"answer"}, {"channel": {…}} and {"send": base64} go in.

import { createInterface } from 'node:readline';
import libdatachannel from 'node-datachannel';
import { rtpFromPort, rtpToPort } from './plain.mjs';

const say = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);
/** Sockets end with the process. */
const lasting = { ending: (value) => value };

const connection = new libdatachannel.PeerConnection('peer', {
  iceServers: [],
  disableAutoNegotiation: true,
});
/** Tracks and channels: the connection holds them no longer than we do. */
const held = [];

function addTrack({ kind, add, payloadType, ssrc }) {
  const Media = kind === 'video' ? libdatachannel.Video : libdatachannel.Audio;
  const media = new Media(kind, ssrc ? 'SendOnly' : 'RecvOnly');
  media[add](payloadType);
  if (ssrc) media.addSSRC(ssrc, 'libdatachannel');
  const track = connection.addTrack(media);
  held.push(track);
  return track;
}

function addChannel(options) {
  const channel = connection.createDataChannel('messages', { negotiated: true, ...options });
  channel.onOpen(() => say({ open: options.id }));
  channel.onMessage((message) => say({ message: Buffer.from(message).toString('base64') }));
  held.push(channel);
}

const { sends, receives, channel } = JSON.parse(process.argv[2]);
if (sends) {
  const track = addTrack(sends);
  const send = (packet) => track.isOpen() && track.sendMessageBinary(packet);
  say({ port: await rtpFromPort(lasting, send) });
}
if (receives) addTrack(receives).onMessage(rtpToPort(lasting, receives.port));
if (channel) addChannel(channel);

connection.onLocalDescription((offer) => say({ offer }));
connection.setLocalDescription('offer');
createInterface({ input: process.stdin }).on('line', (line) => {
  const { answer, channel: more, send } = JSON.parse(line);
  if (answer) connection.setRemoteDescription(answer, 'answer');
  if (more) addChannel(more);
  if (send) held[0].sendMessageBinary(Buffer.from(send, 'base64'));
});
