// Data channels between browsers, through the engine.

import assert from 'node:assert/strict';
import { startLab } from '../lib/lab.mjs';
import { scenario } from '../lib/scenario.mjs';

const SIZES = [1, 2, 100, 1200, 5000, 16_384, 65_535, 65_536, 131_072, 262_144];

/** One who sends, and another who sends everything back. */
async function echo(s, lab, [from, to], reliability) {
  const transport = { enableSctp: true };
  const asking = await lab.join(s, { browser: from, transport });
  const answering = await lab.join(s, { browser: to, transport });
  const there = await asking.produceData(reliability);
  await answering.consumeData(there);
  const back = await answering.produceData(reliability);
  await answering.echo(there, back);
  await asking.consumeData(back);
  return (sizes) => asking.exchange(there, back, sizes);
}

for (const browsers of [
  ['chromium', 'chromium'],
  ['chromium', 'firefox'],
]) {
  for (const ordered of [true, false]) {
    const expected = ordered ? ['in order'] : ['in order', 'in another order'];
    const how = ordered ? 'in order' : 'in any order';

    scenario(`messages of 1 B to 256 KiB come back ${how}, ${browsers.join(' and ')}`, async (s) => {
      const exchange = await echo(s, await startLab(s), browsers, { ordered });
      for (const size of SIZES) {
        assert.ok(expected.includes(await exchange([size])), `${size} bytes`);
      }
      const all = await exchange(SIZES);
      assert.ok(expected.includes(all), all);
    });

    scenario(`a thousand messages come back ${how}, ${browsers.join(' and ')}`, async (s) => {
      const exchange = await echo(s, await startLab(s), browsers, { ordered });
      const outcome = await exchange(Array.from({ length: 1000 }, (_, i) => 1 + (i % 500)));
      assert.ok(expected.includes(outcome), outcome);
    });
  }
}
