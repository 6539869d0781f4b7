// GStreamer as the sender and as the receiver of plain RTP.

import { FORMATS, SSRC } from './plain.mjs';
import { Process } from './process.mjs';

const SOURCES = {
  video: 'videotestsrc is-live=true ! video/x-raw,width=320,height=240,framerate=20/1',
  audio: 'audiotestsrc is-live=true ! audio/x-raw,rate=48000,channels=2',
};
const ENCODERS = {
  VP8: 'vp8enc deadline=1 cpu-used=8 target-bitrate=400000 keyframe-max-dist=20 ! rtpvp8pay',
  H264:
    'x264enc tune=zerolatency speed-preset=ultrafast bitrate=400 key-int-max=20 ! ' +
    'video/x-h264,profile=constrained-baseline ! rtph264pay config-interval=-1 aggregate-mode=zero-latency',
  Opus: 'opusenc bitrate=48000 ! rtpopuspay',
};
/** From RTP to pictures or sound, as elements of a pipeline. */
export const DECODERS = {
  VP8: 'rtpvp8depay ! vp8dec',
  H264: 'rtph264depay ! avdec_h264',
  Opus: 'rtpopusdepay ! opusdec',
};

/** A test picture or tone as RTP, as elements of a pipeline. */
export function source(format) {
  const { kind, payloadType } = FORMATS[format];
  return `${SOURCES[kind]} ! ${ENCODERS[format]} pt=${payloadType} ssrc=${SSRC} mtu=1200`;
}

/** RTP of that codec, as fields of GStreamer's capabilities. */
export function rtpFields({ kind, mimeType, payloadType, clockRate }) {
  return (
    `media=${kind},encoding-name=${mimeType.split('/')[1].toUpperCase()},` +
    `payload=${payloadType},clock-rate=${clockRate}`
  );
}

/** SRTP as GStreamer calls it: AES_CM_128_HMAC_SHA1_80. */
const suite = (protocol) => `${protocol}-cipher=aes-128-icm ${protocol}-auth=hmac-sha1-80`;

function launch(s, pipeline) {
  const words = pipeline.split(' ').filter((word) => word !== '');
  const running = new Process('gst-launch-1.0', ['-q', ...words]);
  return s.ending(running, () => running.stop());
}

/** Sends a test picture or tone to an inlet until the test ends. */
export function gstreamerSends(s, format, { port, rtcpPort, key }) {
  const protection = key
    ? ['rtp', 'rtcp'].map((protocol) => `! b.${protocol}_sink_0 b.${protocol}_src_0`)
    : ['', ''];
  const encryption = key
    ? `srtpenc name=b key=${key.toString('hex')} ${suite('rtp')} ${suite('rtcp')} `
    : '';
  return launch(
    s,
    `rtpbin name=a ${encryption}` +
      `${source(format)} ! a.send_rtp_sink_0 ` +
      `a.send_rtp_src_0 ${protection[0]} ! udpsink host=127.0.0.1 port=${port} ` +
      `a.send_rtcp_src_0 ${protection[1]} ! udpsink host=127.0.0.1 port=${rtcpPort} sync=false async=false`,
  );
}

/** Receives an outlet until so many pictures or pieces of sound are decoded. */
export async function gstreamerReceives(s, format, { port, payloadType, ssrc, key }, count) {
  const media = rtpFields({ ...FORMATS[format], payloadType });
  const security =
    ',srtp-cipher=aes-128-icm,srtp-auth=hmac-sha1-80,srtcp-cipher=aes-128-icm,srtcp-auth=hmac-sha1-80';
  const caps = key
    ? `application/x-srtp,${media},ssrc=(uint)${ssrc},roc=(uint)0,srtp-key=(buffer)${key.toString('hex')}${security}`
    : `application/x-rtp,${media}`;
  const receiver = launch(
    s,
    `udpsrc port=${port} caps=${caps} ${key ? '! srtpdec' : ''} ! rtpjitterbuffer latency=100 ! ` +
      `${DECODERS[format]} ! fakesink num-buffers=${count}`,
  );
  const { code } = await receiver.exit;
  if (code !== 0) throw new Error(`gst-launch-1.0 ended with ${code}:\n${receiver.output}`);
}
