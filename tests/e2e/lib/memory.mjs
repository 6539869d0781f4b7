// What a process takes of the machine's memory.

import { readFileSync } from 'node:fs';

/** The most that process `pid` ever had in memory, in MiB. */
export function peakMemory(pid) {
  const [, kibibytes] = readFileSync(`/proc/${pid}/status`, 'utf8').match(/VmHWM:\s+(\d+) kB/);
  return Number(kibibytes) / 1024;
}
