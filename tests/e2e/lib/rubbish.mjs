// Packets that no honest client sends to a media port: random bytes, and STUN, DTLS, RTP and RTCP
// that are wrong in the places where parsers go wrong. The same seed makes the same packets.

const MAGIC_COOKIE = 0x2112a442;
const MOST = 1400;

/** A generator of numbers from 0 to 1 (mulberry32). */
export function makeRandom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const upTo = (random, n) => Math.floor(random() * n);
const oneOf = (random, list) => list[upTo(random, list.length)];

export function randomBytes(random, size = upTo(random, MOST)) {
  const bytes = Buffer.alloc(size);
  for (let i = 0; i < size; i++) bytes[i] = upTo(random, 256);
  return bytes;
}

function stun(random, { type, length, cookie = MAGIC_COOKIE, attributes = Buffer.alloc(0) }) {
  const header = Buffer.alloc(20);
  header.writeUInt16BE(type, 0);
  header.writeUInt16BE(length ?? attributes.length, 2);
  header.writeUInt32BE(cookie, 4);
  randomBytes(random, 12).copy(header, 8);
  return Buffer.concat([header, attributes]);
}

function attribute(type, value, length = value.length) {
  const padded = Buffer.alloc(4 + Math.ceil(value.length / 4) * 4);
  padded.writeUInt16BE(type, 0);
  padded.writeUInt16BE(length, 2);
  value.copy(padded, 4);
  return padded;
}

const USERNAME = 0x0006;
const INTEGRITY = 0x0008;
const PRIORITY = 0x0024;
const USE_CANDIDATE = 0x0025;
const FINGERPRINT = 0x8028;
const BINDING = 0x0001;

/** `username`: of a binding request that the server takes, or nothing. */
function stunRubbish(random, username = Buffer.from('a:b')) {
  const nominating = [
    attribute(PRIORITY, randomBytes(random, 4)),
    attribute(USE_CANDIDATE, Buffer.alloc(0)),
  ];
  return oneOf(random, [
    () => stun(random, { type: BINDING }),
    () => stun(random, { type: BINDING, length: 0xffff }),
    () => stun(random, { type: BINDING, length: 3 }),
    () => stun(random, { type: BINDING, cookie: 0 }),
    () => stun(random, { type: upTo(random, 0x4000), attributes: attribute(USERNAME, username) }),
    // No integrity, a wrong one, a wrong fingerprint.
    () =>
      stun(random, {
        type: BINDING,
        attributes: Buffer.concat([attribute(USERNAME, username), ...nominating]),
      }),
    () =>
      stun(random, {
        type: BINDING,
        attributes: Buffer.concat([
          attribute(USERNAME, username),
          ...nominating,
          attribute(INTEGRITY, randomBytes(random, 20)),
          attribute(FINGERPRINT, randomBytes(random, 4)),
        ]),
      }),
    // Attributes that are longer than the message, or than they may be.
    () =>
      stun(random, { type: BINDING, attributes: attribute(USERNAME, Buffer.from('a:b'), 0xfffc) }),
    () =>
      stun(random, { type: BINDING, attributes: attribute(INTEGRITY, randomBytes(random, 4)) }),
    () => stun(random, { type: BINDING, attributes: attribute(USERNAME, Buffer.alloc(1000, 'x')) }),
    () =>
      stun(random, {
        type: BINDING,
        attributes: Buffer.concat(Array(200).fill(attribute(0x7fff, Buffer.alloc(0)))),
      }),
    // Answers to questions that were never asked.
    () => stun(random, { type: oneOf(random, [0x0101, 0x0111, 0x0011]) }),
  ])();
}

function dtlsRecord(random, { type, epoch = 0, body, length = body.length }) {
  const header = Buffer.alloc(13);
  header[0] = type;
  header.writeUInt16BE(oneOf(random, [0xfefd, 0xfeff, 0xfefc, 0x0303]), 1);
  header.writeUInt16BE(epoch, 3);
  randomBytes(random, 6).copy(header, 5);
  header.writeUInt16BE(length, 11);
  return Buffer.concat([header, body]);
}

/** A handshake message that claims to be `length` long, with the fragment from `offset`. */
function handshake(random, type, length, offset, body) {
  const header = Buffer.alloc(12);
  header[0] = type;
  header.writeUIntBE(length, 1, 3);
  header.writeUInt16BE(upTo(random, 10), 4);
  header.writeUIntBE(offset, 6, 3);
  header.writeUIntBE(body.length, 9, 3);
  return Buffer.concat([header, body]);
}

function dtlsRubbish(random) {
  const [changeCipherSpec, alert, hands, data, heartbeat] = [20, 21, 22, 23, 24];
  const clientHello = 1;
  return oneOf(random, [
    // Alerts that anybody can write: the association must outlive them.
    () =>
      dtlsRecord(random, {
        type: alert,
        body: Buffer.from([oneOf(random, [1, 2]), oneOf(random, [0, 10, 20, 40, 80])]),
      }),
    () => dtlsRecord(random, { type: alert, epoch: 1, body: randomBytes(random, 40) }),
    () => dtlsRecord(random, { type: data, epoch: 1, body: randomBytes(random) }),
    () => dtlsRecord(random, { type: data, body: randomBytes(random) }),
    () => dtlsRecord(random, { type: changeCipherSpec, body: Buffer.from([1]) }),
    () => dtlsRecord(random, { type: heartbeat, body: Buffer.from([1, 0xff, 0xff]) }),
    () => dtlsRecord(random, { type: hands, body: Buffer.alloc(0), length: 0xffff }),
    () => dtlsRecord(random, { type: hands, body: randomBytes(random) }),
    () =>
      dtlsRecord(random, {
        type: hands,
        body: handshake(random, clientHello, 0xffffff, 0xfffff0, randomBytes(random, 16)),
      }),
    () =>
      dtlsRecord(random, {
        type: hands,
        body: handshake(random, upTo(random, 25), 200, 0, randomBytes(random, 200)),
      }),
    () =>
      dtlsRecord(random, {
        type: hands,
        body: handshake(random, clientHello, 40, 30, randomBytes(random, 100)),
      }),
  ])();
}

function rtpRubbish(random, ssrc) {
  const header = Buffer.alloc(12);
  header[0] = 0x80 | upTo(random, 64);
  header[1] = upTo(random, 192);
  randomBytes(random, 6).copy(header, 2);
  header.writeUInt32BE(ssrc, 8);
  // Short ones claim more contributing sources, extension words and padding than there is packet.
  return Buffer.concat([header, randomBytes(random, oneOf(random, [0, 1, 4, 16, 60, 1000]))]);
}

function rtcpRubbish(random, ssrc) {
  const header = Buffer.alloc(8);
  header[0] = 0x80 | upTo(random, 64);
  header[1] = oneOf(random, [192, 200, 201, 202, 203, 204, 205, 206, 207, 223]);
  header.writeUInt16BE(oneOf(random, [0, 1, 7, 0xffff]), 2);
  header.writeUInt32BE(ssrc, 4);
  return Buffer.concat([header, randomBytes(random, oneOf(random, [0, 4, 20, 60, 1000]))]);
}

/** A packet with some bits turned over, or cut, or grown. */
function damaged(random, packet) {
  const copy = Buffer.from(packet);
  switch (upTo(random, 3)) {
    case 0:
      for (let i = 0; i < 1 + upTo(random, 8); i++) {
        copy[upTo(random, copy.length)] ^= 1 << upTo(random, 8);
      }
      return copy;
    case 1:
      return copy.subarray(0, upTo(random, copy.length));
    default:
      return Buffer.concat([copy, randomBytes(random, 1 + upTo(random, 50))]);
  }
}

/** The value of a STUN message's USERNAME, which comes first in those of browsers. */
function usernameOf(packet) {
  if (packet?.readUInt16BE(20) !== USERNAME) return undefined;
  return packet.subarray(24, 24 + packet.readUInt16BE(22));
}

/** One malformed packet after the other. `samples`: real ones by kind, as a tap keeps them. */
export function malformed(random, samples) {
  const kind = oneOf(random, ['stun', 'dtls', 'rtp', 'rtcp', 'damaged', 'damaged', 'random']);
  const real = samples.rtp.length ? oneOf(random, samples.rtp).readUInt32BE(8) : 1;
  const ssrc = oneOf(random, [real, upTo(random, 2 ** 32)]);
  switch (kind) {
    case 'stun':
      return stunRubbish(random, usernameOf(oneOf(random, samples.stun)));
    case 'dtls':
      return dtlsRubbish(random);
    case 'rtp':
      return rtpRubbish(random, ssrc);
    case 'rtcp':
      return rtcpRubbish(random, ssrc);
    case 'random':
      return randomBytes(random);
    default: {
      const all = Object.values(samples).flat();
      return all.length ? damaged(random, oneOf(random, all)) : randomBytes(random);
    }
  }
}
