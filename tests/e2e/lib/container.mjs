// The project's container images, made and run by Debian's podman. The stage that compiles is left
// out: the program of the build under test takes its place. Debian's own image is made by debootstrap,
// once for a machine, unless podman has one.

import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Process } from './process.mjs';
import { program } from './server.mjs';

const DOCKERFILE = fileURLToPath(new URL('../../../deploy/docker/Dockerfile', import.meta.url));
const DEBIAN = 'debian:12-slim';

// runc knows every arrangement of control groups; where limits cannot be raised, low ones do.
const PODMAN = ['podman', '--runtime', 'runc', '--cgroup-manager', 'cgroupfs'];
const LIMITS = ['--ulimit', 'nofile=4096:4096', '--ulimit', 'nproc=4096:4096'];

const podman = (...args) =>
  execFileSync(PODMAN[0], [...PODMAN.slice(1), ...args], { encoding: 'utf8', stdio: 'pipe' }).trim();

/** Why there can be no containers here, or nothing. */
export function containerObstacle() {
  for (const needed of ['podman', 'runc', 'debootstrap']) {
    try {
      execFileSync('which', [needed], { stdio: 'ignore' });
    } catch {
      return `needs ${needed}`;
    }
  }
  return process.getuid() === 0 ? undefined : 'needs root';
}

function inTemporaryDirectory(use) {
  const directory = mkdtempSync(join(tmpdir(), 'sluice-image-'));
  try {
    return use(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function needDebian() {
  try {
    podman('image', 'exists', DEBIAN);
  } catch {
    inTemporaryDirectory((root) => {
      const shell = `debootstrap --variant=minbase bookworm "$1" && tar -C "$1" -c . | ${PODMAN.join(' ')} import - ${DEBIAN}`;
      execFileSync('bash', ['-o', 'pipefail', '-c', shell, 'bash', root], { stdio: 'pipe' });
    });
  }
}

/** Builds the image `target` of the Dockerfile. Returns its name. */
export function buildImage(target) {
  needDebian();
  const stages = readFileSync(DOCKERFILE, 'utf8').split(/^(?=FROM )/m);
  const rest = stages.filter((stage) => stage.startsWith('FROM ') && !/ AS build\n/.test(stage));
  return inTemporaryDirectory((directory) => {
    copyFileSync(program('sluice'), join(directory, 'sluice'));
    writeFileSync(
      join(directory, 'Dockerfile'),
      ['FROM scratch AS build\nCOPY sluice /usr/local/bin/sluice\n', ...rest].join('\n'),
    );
    const name = `sluice-test-${target}`;
    podman('build', '--quiet', '--format', 'docker', '--network', 'host', ...LIMITS, '--target', target, '-t', name, directory);
    return name;
  });
}

/** A container of that image with the network of `lan`. */
export class Container {
  #name = `sluice-test-${process.pid}`;
  #process;

  constructor(s, image, lan) {
    const place = ['--name', this.#name, '--network', `ns:${lan.namespace}`, ...LIMITS];
    this.#process = new Process(PODMAN[0], [...PODMAN.slice(1), 'run', '--rm', ...place, image]);
    s.ending(this, () => this.stop());
  }

  /** Waits for a line of its output. */
  line(pattern) {
    return this.#process.line(pattern);
  }

  /** Runs its health check, and returns what podman then calls its state. */
  health() {
    try {
      podman('healthcheck', 'run', this.#name);
    } catch {
      // The state tells.
    }
    return podman('inspect', '--format', '{{.State.Health.Status}}', this.#name);
  }

  /** Output of a command in the container. */
  run(...command) {
    return podman('exec', this.#name, ...command);
  }

  /** Ends it by a signal. Returns `{code, signal}`. */
  stop(signal = 'SIGTERM') {
    return this.#process.stop(signal);
  }
}
