// A machine with an address in a local network: a network namespace of our own, so that nothing
// leaves this machine. Needs root and iproute2.

import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CHROMIUM } from './browser.mjs';
import { launchChromium } from './chromium.mjs';

const ADDRESS = '192.168.77.1';
const ADDRESS_6 = 'fd77::1';

/** Why there can be no such machine here, or nothing. */
export function lanObstacle() {
  try {
    execFileSync('ip', ['netns', 'list'], { stdio: 'ignore' });
  } catch {
    return 'needs iproute2';
  }
  return process.getuid() === 0 ? undefined : 'needs root';
}

/**
 * `address` and `address6` are the machine's; `inside` is the command line prefix that runs a program
 * there, `namespace` the path of its network namespace.
 */
export function makeLan(s) {
  const name = `sluice-${process.pid}`;
  const ip = (...args) => execFileSync('ip', args);
  ip('netns', 'add', name);
  s.ending(name, () => ip('netns', 'del', name));
  ip('-n', name, 'link', 'set', 'lo', 'up');
  ip('-n', name, 'link', 'add', 'lan0', 'type', 'veth', 'peer', 'name', 'lan1');
  ip('-n', name, 'addr', 'add', `${ADDRESS}/24`, 'dev', 'lan0');
  ip('-n', name, 'addr', 'add', `${ADDRESS_6}/64`, 'dev', 'lan0', 'nodad');
  ip('-n', name, 'link', 'set', 'lan0', 'up');
  ip('-n', name, 'link', 'set', 'lan1', 'up');
  return {
    address: ADDRESS,
    address6: ADDRESS_6,
    inside: ['ip', 'netns', 'exec', name],
    namespace: `/run/netns/${name}`,
  };
}

/** A Chromium on that machine. It is driven over a pipe, so that no network is needed for that. */
export async function launchChromiumInside(s, lan) {
  const directory = mkdtempSync(join(tmpdir(), 'sluice-lan-'));
  const script = join(directory, 'chromium');
  writeFileSync(script, `#!/bin/sh\nexec ${lan.inside.join(' ')} ${CHROMIUM} "$@"\n`);
  chmodSync(script, 0o755);
  const browser = await launchChromium({ executablePath: script });
  return s.ending(browser, async () => {
    await browser.close();
    rmSync(directory, { recursive: true, force: true });
  });
}

/** Brings the pages of `origin`, which is outside, to a tab inside. */
export function bringPages(tab, origin) {
  return tab.page.route(`${origin}**`, async (route) => {
    const response = await fetch(route.request().url());
    await route.fulfill({
      status: response.status,
      contentType: response.headers.get('content-type') ?? undefined,
      body: Buffer.from(await response.arrayBuffer()),
    });
  });
}
