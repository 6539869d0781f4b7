// Start, end and restart of the server as players notice them, and who is let in.

import assert from 'node:assert/strict';
import { gatherCrowd } from '../lib/crowd.mjs';
import { lanObstacle, makeLan } from '../lib/lan.mjs';
import { receiveEachOther } from '../lib/media.mjs';
import { ALICE, BOB, joinPlayer, joinWithMedia, openPlayer } from '../lib/player.mjs';
import { Process } from '../lib/process.mjs';
import { refusal } from '../lib/raw_client.mjs';
import { scenario } from '../lib/scenario.mjs';
import { program } from '../lib/server.mjs';
import { waitFor } from '../lib/wait.mjs';

// A machine of its own, because port 3000 of this one may be taken.
scenario(
  'FOUNDRY-20 without any setting it is at port 3000 of every address',
  async (s) => {
    const { inside } = makeLan(s);
    const server = await s.server({ dialect: 'foundry', bare: true, inside });
    const time = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z`;
    assert.match(
      server.output,
      new RegExp(
        `^${time} INFO mediasoup_server: Starting MediaSoup server for FoundryVTT\n` +
          `${time} INFO mediasoup_server: Created MediaSoup worker 0 with ID worker_\\d+\n` +
          `${time} INFO mediasoup_server: WebSocket server listening on 0\\.0\\.0\\.0:3000\n`,
      ),
    );

    const second = new Process(
      inside[0],
      [...inside.slice(1), program('sluice'), 'serve', 'foundry'],
      { cwd: '/', env: { PATH: process.env.PATH } },
    );
    s.ending(second, () => second.stop());
    assert.notEqual((await second.exit).code, 0);
    assert.match(second.output, /Address already in use/);

    const other = await s.server({
      dialect: 'foundry',
      bare: true,
      inside,
      dotEnv: 'MEDIASOUP_LISTEN_ADDR=127.0.0.1:4555\n',
    });
    assert.match(other.output, /listening on 127\.0\.0\.1:4555\n/);
    const third = await s.server({
      dialect: 'foundry',
      bare: true,
      inside,
      dotEnv: 'MEDIASOUP_LISTEN_ADDR=127.0.0.1:4555\n',
      env: { MEDIASOUP_LISTEN_ADDR: '127.0.0.1:4556' },
    });
    assert.match(third.output, /listening on 127\.0\.0\.1:4556\n/);
  },
  { skip: lanObstacle() },
);

scenario('where the system allows few open files, clients past them are told so', async (s) => {
  const server = await s.server({
    dialect: 'foundry',
    inside: ['prlimit', '--nofile=128:256'],
  });
  await waitFor('the warning', () => /256 open files.* 224 connections/.test(server.output));
  const crowd = await gatherCrowd(s, server.port, { count: 224 });
  assert.equal((await fetch(`${server.url}health`)).status, 503);
  crowd.leave();
  await waitFor('room for others', async () => (await fetch(`${server.url}health`)).ok);
});

scenario('FOUNDRY-23 tells its health', async (s) => {
  const server = await s.server({ dialect: 'foundry' });
  await joinPlayer(s, { url: server.ws(), userId: ALICE });
  const answer = await fetch(`${server.url}health`);
  assert.equal(answer.status, 200);
  const health = await answer.json();
  assert.deepEqual(health, { status: 'ok', rooms: 1, peers: 1, workers: 1 });
});

scenario(
  'FOUNDRY-23 SIGTERM ends it within five seconds, with a clean close for the player',
  async (s) => {
    const server = await s.server({ dialect: 'foundry' });
    const player = await joinWithMedia(s, { url: server.ws(), userId: ALICE });
    const asked = Date.now();
    assert.deepEqual(await server.end('SIGTERM'), { code: 0, signal: null });
    assert.ok(Date.now() - asked < 5000, `it took ${Date.now() - asked} ms`);

    await player.tab.until('the end to be noticed', () => window.client.status === 'error');
    assert.deepEqual(await player.get('closeEvent'), { code: 1001, wasClean: true });
    for (const { text } of await player.get('notifications'))
      assert.doesNotMatch(text, /unexpectedly/);
  },
);

scenario('players come back after a restart of the server', async (s) => {
  const server = await s.server({ dialect: 'foundry' });
  const players = [];
  for (const userId of [ALICE, BOB]) {
    players.push(await joinWithMedia(s, { url: server.ws(), userId }));
  }
  for (const signal of ['SIGTERM', 'SIGKILL']) {
    await server.restart(signal);
    for (const player of players) {
      await player.tab.until('the end to be noticed', () => window.client.status === 'error');
      // The module does not reconnect by itself; the user does.
      await player.start();
      await player.connected();
      await player.startMedia();
    }
    await receiveEachOther(players);
  }
});

scenario('FOUNDRY-25 lets in only whoever has the token', async (s) => {
  const server = await s.server({ dialect: 'foundry', env: { MEDIASOUP_AUTH_TOKEN: 's3cret' } });
  await joinPlayer(s, { url: server.ws({ token: 's3cret' }), userId: ALICE });

  assert.equal(await refusal(server.ws()), 401);
  assert.equal(await refusal(server.ws({ token: 's3cre' })), 401);
  const stranger = await openPlayer(s, { url: server.ws(), userId: BOB });
  stranger.tab.allow(/WebSocket connection to .* failed/);
  await stranger.tab.until('the refusal', () => window.client.status === 'error');

  assert.doesNotMatch(server.output, /s3cret/);
});
