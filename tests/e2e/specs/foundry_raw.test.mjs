// The acceptance checks of the wire protocol that need no browser (foundryvtt 8, 12 to 21): plain
// WebSockets against the drop-in server, in the module's form (C) and the original server's (R).

import assert from 'node:assert/strict';
import { ALICE, BOB } from '../lib/player.mjs';
import { openRaw } from '../lib/raw_client.mjs';
import { scenario } from '../lib/scenario.mjs';
import { waitFor } from '../lib/wait.mjs';

const start = (s, env) => s.server({ dialect: 'foundry', env });

const DTLS = {
  role: 'client',
  fingerprints: [{ algorithm: 'sha-256', value: Array(32).fill('AA').join(':') }],
};

/** A frame of a client that has sent only `sent` so far. */
async function firstFrame(client, sent) {
  client.send(sent);
  return waitFor(`an answer to ${sent}`, () => client.received[0], { every: 10 });
}

scenario('FOUNDRY-12 a plain WebSocket in the module’s form gets the codecs', async (s) => {
  const server = await start(s);
  const client = await openRaw(s, server.ws());
  const frame = await firstFrame(
    client,
    '{"type":"getRouterRtpCapabilities","requestId":"x1","userId":"u"}',
  );
  assert.equal(frame.requestId, 'x1');
  assert.equal(frame.data.codecs[0].mimeType, 'audio/opus');
  assert.ok(!('error' in frame));
  await client.request('getRouterRtpCapabilities');
  assert.equal(client.received.length, 2, 'one frame for each request');
});

scenario('FOUNDRY-13 a plain WebSocket in the original server’s form', async (s) => {
  const server = await start(s);
  for (const data of [',"data":null', '', ',"data":{}']) {
    const client = await openRaw(s, server.ws(), { dialect: 'R' });
    const frame = await firstFrame(
      client,
      `{"id":"1","method":"getRouterRtpCapabilities"${data}}`,
    );
    assert.deepEqual(Object.keys(frame).sort(), ['data', 'id', 'method']);
    assert.equal(frame.id, '1');
    assert.equal(frame.method, 'response');
    assert.equal(frame.data.codecs[0].mimeType, 'audio/opus');
  }
  const client = await openRaw(s, server.ws(), { dialect: 'R' });
  // Answers come in the order of requests, so what is not answered first is never answered.
  client.send('{"method":"getRouterRtpCapabilities"}');
  client.send('{"id":null,"method":"foo"}');
  assert.deepEqual(await firstFrame(client, '{"id":"2","method":"foo","data":{}}'), {
    id: '2',
    method: 'response',
    data: { error: 'Unknown method: foo' },
  });
});

for (const dialect of ['C', 'R']) {
  scenario(`FOUNDRY-14 errors are answered at once, in form ${dialect}`, async (s) => {
    const server = await start(s);
    const other = await openRaw(s, server.ws(), { dialect, userId: BOB });
    const foreign = await other.produceSilence((await other.createTransport('send')).id);
    const client = await openRaw(s, server.ws(), { dialect, userId: ALICE });
    const { id: transportId } = await client.createTransport('send');
    const capabilities = await client.request('getRouterRtpCapabilities');

    const refused = [
      ['connectTransport', { transportId: 'none', dtlsParameters: DTLS }, /not found: none/],
      ['connectTransport', { transportId }, /^Invalid request: dtlsParameters/],
      ['connectTransport', { dtlsParameters: DTLS }, /^Invalid request: transportId/],
      ['consume', { producerId: 'none', rtpCapabilities: capabilities }, /not found: none/],
      ['consume', { producerId: foreign }, /Transport not found|^Invalid request/],
      ['consume', {}, /^Invalid request: producerId/],
      ['pauseProducer', { producerId: foreign }, new RegExp(`not found: ${foreign}`)],
      ['resumeProducer', { producerId: foreign }, new RegExp(`not found: ${foreign}`)],
      ['pauseProducer', {}, /^Invalid request: producerId/],
      ['produce', { transportId, kind: 'screen', rtpParameters: {} }, /^Invalid request: kind/],
      ['produce', { transportId, kind: 'audio' }, /^Invalid request: rtpParameters/],
      ['produce', { kind: 'audio', rtpParameters: {} }, /^Invalid request/],
      ['joinRoom', {}, /^Unknown method: joinRoom$/],
    ];
    for (const [method, fields, expected] of refused) {
      const { answer, took } = await client.ask(method, fields);
      const error = client.errorOf(answer);
      assert.equal(typeof error, 'string', `${method} ${JSON.stringify(answer)}`);
      assert.match(error, expected);
      assert.ok(took < 1000, `${method} was answered after ${took} ms`);
    }

    const before = client.received.length;
    for (const frame of ['{', '', '[]', 'null', '{"type":"getRouterRtpCapabilities"']) {
      client.send(frame);
    }
    client.send(Buffer.from('{"type":"getRouterRtpCapabilities","requestId":"b","id":"b"}'));
    await client.request('getRouterRtpCapabilities');
    assert.equal(client.received.length, before + 1, 'rubbish is not answered');
    assert.ok(client.open);
    await client.produceSilence(transportId);
  });
}

scenario('FOUNDRY-15 notifications of the original server’s form', async (s) => {
  const server = await start(s);
  const listener = await openRaw(s, server.ws(), { dialect: 'R' });
  await listener.request('getRouterRtpCapabilities');
  const silent = await openRaw(s, server.ws(), { dialect: 'R' });
  const speaker = await openRaw(s, server.ws(), { dialect: 'R', userId: ALICE });
  const produced = await speaker.produceSilence((await speaker.createTransport('send')).id);
  const asked = performance.now();

  for (const client of [listener, silent]) {
    const told = await client.notification('newProducer');
    const took = performance.now() - asked;
    assert.ok(took < 1500, `told after ${took} ms`);
    assert.equal(told.id, null);
    assert.equal(told.data.id, produced);
    assert.equal(told.data.kind, 'audio');
    assert.equal(told.data.userId, ALICE);
  }

  speaker.close();
  for (const client of [listener, silent]) {
    const told = await client.notification('producerClosed');
    assert.equal(told.id, null);
    assert.deepEqual(told.data, { producerId: produced });
  }
  // The one told in its own form has no key of the other.
  for (const frame of listener.received) assert.ok(!('type' in frame));
});

for (const dialect of ['C', 'R']) {
  scenario(`FOUNDRY-17 consume without a transport, in form ${dialect}`, async (s) => {
    const server = await start(s);
    const speaker = await openRaw(s, server.ws(), { dialect, userId: ALICE });
    const producerId = await speaker.produceSilence((await speaker.createTransport('send')).id);
    const client = await openRaw(s, server.ws(), { dialect, userId: BOB });
    const rtpCapabilities = await client.request('getRouterRtpCapabilities');
    await client.createTransport('send');
    const { answer } = await client.ask('consume', { producerId, rtpCapabilities });
    assert.equal(client.errorOf(answer), 'Transport not found');

    await client.createTransport('recv');
    const consumer = await client.request('consume', { producerId, rtpCapabilities });
    assert.equal(consumer.producerId, producerId);
    assert.equal(consumer.kind, 'audio');
    assert.equal(consumer.rtpParameters.mid, '0');
  });
}

scenario('FOUNDRY-18 the query names the room, the path does not', async (s) => {
  const server = await start(s);
  const at = (path) => server.ws().replace(/\/$/, path);
  const rooms = {};
  for (const path of ['/?room=a', '/?room=b', '/', '/some/path', '/other?x=1']) {
    const client = await openRaw(s, at(path), { dialect: 'R', userId: path });
    await client.createTransport('recv');
    rooms[path] = {
      client,
      produced: await client.produceSilence((await client.createTransport('send')).id),
    };
  }
  const rtpCapabilities = await rooms['/?room=b'].client.request('getRouterRtpCapabilities');
  const { answer } = await rooms['/?room=b'].client.ask('consume', {
    producerId: rooms['/?room=a'].produced,
    rtpCapabilities,
  });
  assert.equal(answer.data.error, `Producer not found: ${rooms['/?room=a'].produced}`);

  const told = ({ client }) =>
    client.received.filter(({ method }) => method === 'newProducer').map(({ data }) => data.id);
  // Each in the default room hears of the two others there, early or late.
  const inDefault = [rooms['/'], rooms['/some/path'], rooms['/other?x=1']];
  for (const place of inDefault) {
    await waitFor('both others', () => told(place).length === 2);
    const others = inDefault.filter((other) => other !== place).map(({ produced }) => produced);
    assert.deepEqual(told(place).sort(), others.sort());
  }
  assert.deepEqual(told(rooms['/?room=a']), []);
  assert.deepEqual(told(rooms['/?room=b']), []);
});

/** The UDP port of a new transport. */
async function mediaPort(client) {
  const { iceCandidates } = await client.createTransport('recv');
  return iceCandidates.find(({ protocol }) => protocol === 'udp').port;
}

scenario('FOUNDRY-21 four rooms land on four workers, the next on the least loaded', async (s) => {
  const server = await start(s, { MEDIASOUP_NUM_WORKERS: '4' });
  const players = new Map();
  const portsOf = async (room) => {
    const two = [];
    for (const userId of [ALICE, BOB]) two.push(await openRaw(s, server.ws({ room }), { userId }));
    players.set(room, two);
    const ports = [];
    for (const player of two) ports.push(await mediaPort(player), await mediaPort(player));
    return new Set(ports);
  };
  const ports = new Map();
  for (const room of ['a', 'b', 'c', 'd']) {
    const used = await portsOf(room);
    assert.equal(used.size, 1, `a small room stays together: ${[...used]}`);
    ports.set(room, [...used][0]);
  }
  assert.equal(new Set(ports.values()).size, 4, `ports ${[...ports.values()]}`);

  // What the server itself counts.
  const metrics = await (await fetch(`${server.url}metrics`)).text();
  for (const loop of [0, 1, 2, 3]) {
    assert.match(metrics, new RegExp(`^sluice_loop_transports{loop="${loop}"} 4$`, 'm'));
  }
  for (const player of players.get('c')) player.close();
  await waitFor('the room to go', async () => {
    const { rooms } = await (await fetch(`${server.url}health`)).json();
    return rooms === 3;
  });
  assert.deepEqual([...(await portsOf('e'))], [ports.get('c')]);
});
