// The images of deploy/docker.

import assert from 'node:assert/strict';
import { Container, buildImage, containerObstacle } from '../lib/container.mjs';
import { bringPages, lanObstacle, launchChromiumInside, makeLan } from '../lib/lan.mjs';
import { ALICE, BOB, joinWithMedia } from '../lib/player.mjs';
import { receiveEachOther } from '../lib/media.mjs';
import { scenario } from '../lib/scenario.mjs';
import { waitFor } from '../lib/wait.mjs';

const options = { skip: containerObstacle() ?? lanObstacle() };

scenario(
  'FOUNDRY-23 the container becomes healthy, is not root, carries calls and ends in order',
  async (s) => {
    const lan = makeLan(s);
    const container = new Container(s, buildImage('foundry'), lan);
    await container.line(/WebSocket server listening on 0\.0\.0\.0:3000/);
    await waitFor('health', () => container.health() === 'healthy');
    assert.equal(container.run('id', '-un'), 'mediasoup');
    assert.equal(container.run('pwd'), '/app');

    const player = {
      browser: await launchChromiumInside(s, lan),
      url: `ws://${lan.address}:3000/`,
      preparing: (tab, address) => bringPages(tab, new URL('/', address).toString()),
    };
    const alice = await joinWithMedia(s, { ...player, userId: ALICE });
    const bob = await joinWithMedia(s, { ...player, userId: BOB });
    await receiveEachOther([alice, bob]);

    const asked = Date.now();
    assert.deepEqual(await container.stop('SIGTERM'), { code: 0, signal: null });
    assert.ok(Date.now() - asked < 5000, `it took ${Date.now() - asked} ms`);
    await alice.tab.until('the end to be noticed', () => window.client.status === 'error');
    assert.deepEqual(await alice.get('closeEvent'), { code: 1001, wasClean: true });
    for (const { text } of await alice.get('notifications')) {
      assert.doesNotMatch(text, /unexpectedly/);
    }
  },
  options,
);

scenario(
  'the container of the whole server becomes healthy and is not root',
  async (s) => {
    const lan = makeLan(s);
    const container = new Container(s, buildImage('sluice'), lan);
    await waitFor('health', () => container.health() === 'healthy');
    assert.equal(container.run('id', '-un'), 'sluice');
    assert.match(container.run('curl', '-fsS', 'http://localhost:8080/'), /<title>/);
    assert.deepEqual(await container.stop('SIGTERM'), { code: 0, signal: null });
  },
  options,
);
