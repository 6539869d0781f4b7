// ffmpeg as the sender and as the receiver of plain RTP.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FORMATS, SSRC } from './plain.mjs';
import { Process } from './process.mjs';

const SUITE = 'AES_CM_128_HMAC_SHA1_80';

const SOURCES = {
  video: ['-f', 'lavfi', '-i', 'testsrc=size=320x240:rate=20', '-pix_fmt', 'yuv420p'],
  audio: ['-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=48000', '-ac', '2'],
};
// It hears no requests for key frames, and makes one a second.
const ENCODERS = {
  VP8: ['-c:v', 'libvpx', '-deadline', 'realtime', '-cpu-used', '8', '-b:v', '400k', '-g', '20'],
  H264: ['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-profile:v', 'baseline',
    '-b:v', '400k', '-g', '20'],
  Opus: ['-c:a', 'libopus', '-b:a', '48k'],
};

/** Sends a test picture or tone to an inlet until the test ends. */
export function ffmpegSends(s, format, { port, rtcpPort, key }) {
  const { kind, payloadType } = FORMATS[format];
  const security = key
    ? ['-srtp_out_suite', SUITE, '-srtp_out_params', key.toString('base64')]
    : [];
  const sender = new Process('ffmpeg', [
    '-hide_banner', '-nostdin', '-re', ...SOURCES[kind], ...ENCODERS[format],
    '-f', 'rtp', '-ssrc', String(SSRC), '-payload_type', String(payloadType), ...security,
    `${key ? 'srtp' : 'rtp'}://127.0.0.1:${port}?rtcpport=${rtcpPort}&pkt_size=1200`,
  ]);
  return s.ending(sender, () => sender.stop());
}

const RTPMAP = { VP8: 'VP8/90000', H264: 'H264/90000', Opus: 'opus/48000/2' };

/**
 * Receives an outlet for `seconds` of media. Returns the frames decoded and, for sound, its mean volume
 * in dB.
 */
export async function ffmpegReceives(s, format, { port, rtcpPort, payloadType, key }, seconds) {
  const { kind } = FORMATS[format];
  const directory = mkdtempSync(join(tmpdir(), 'sluice-ffmpeg-'));
  s.ending(directory, () => rmSync(directory, { recursive: true, force: true }));
  const description = [
    'v=0', 'o=- 0 0 IN IP4 127.0.0.1', 's=-', 'c=IN IP4 127.0.0.1', 't=0 0',
    `m=${kind} ${port} RTP/${key ? 'S' : ''}AVP ${payloadType}`,
    `a=rtpmap:${payloadType} ${RTPMAP[format]}`,
    ...(format === 'H264' ? [`a=fmtp:${payloadType} packetization-mode=1`] : []),
    ...(key ? [`a=crypto:1 ${SUITE} inline:${key.toString('base64')}`] : []),
    `a=rtcp:${rtcpPort}`,
    '',
  ];
  const file = join(directory, 'stream.sdp');
  writeFileSync(file, description.join('\r\n'));
  const receiver = new Process('ffmpeg', [
    '-hide_banner', '-nostdin', '-protocol_whitelist', 'file,udp,rtp,srtp', '-i', file,
    '-t', String(seconds), ...(kind === 'audio' ? ['-af', 'volumedetect'] : []), '-f', 'null', '-',
  ]);
  s.ending(receiver, () => receiver.stop());
  const { code } = await receiver.exit;
  if (code !== 0) throw new Error(`ffmpeg ended with ${code}:\n${receiver.output}`);
  const last = (pattern) => Number([...receiver.output.matchAll(pattern)].at(-1)?.[1]);
  return { frames: last(/frame=\s*(\d+)/g), volume: last(/mean_volume: (-?[\d.]+) dB/g) };
}
