// The numbers behind a picture and a sound, for the overlay of a tile.

import type { types } from 'mediasoup-client';

type Entry = Record<string, unknown>;

const number = (value: unknown) => (typeof value === 'number' ? value : 0);
const ms = (seconds: unknown) => `${Math.round(number(seconds) * 1000)} ms`;

/** Remembers the last values, to tell rates. */
export class StatsReader {
  private readonly last = new Map<string, { bytes: number; time: number }>();

  /** Lines of text for what a tile plays or sends; a tile without media has none. */
  async read(sources: (types.Consumer | types.Producer | undefined)[]): Promise<string[]> {
    const lines: string[] = [];
    let path = '';
    for (const source of sources) {
      if (!source || source.closed) continue;
      const report = await source.getStats().catch(() => undefined);
      report?.forEach((entry: Entry) => {
        if (entry.type === 'inbound-rtp') lines.push(...this.inbound(entry, report));
        if (entry.type === 'outbound-rtp') lines.push(...this.outbound(entry, report));
        if (entry.type === 'candidate-pair' && entry.nominated) path = describePath(entry, report);
      });
    }
    if (path) lines.push(path);
    return lines;
  }

  private inbound(entry: Entry, report: RTCStatsReport): string[] {
    const received = number(entry.packetsReceived);
    const lost = Math.max(0, number(entry.packetsLost));
    const share = received + lost ? (lost * 100) / (received + lost) : 0;
    const flow = `${this.rate(entry, 'bytesReceived')} kbit/s, loss ${share.toFixed(1)}%`;
    if (entry.kind === 'audio') return [`${codec(entry, report)} ${flow}`];
    return [
      `${codec(entry, report)} ${picture(entry)}`,
      flow,
      `jitter ${ms(entry.jitter)}, drop ${number(entry.framesDropped)}`,
      `NACK ${number(entry.nackCount)}, PLI ${number(entry.pliCount)}`,
    ];
  }

  private outbound(entry: Entry, report: RTCStatsReport): string[] {
    const flow = `${this.rate(entry, 'bytesSent')} kbit/s`;
    if (entry.kind === 'audio') return [`${codec(entry, report)} ${flow}`];
    const limit = entry.qualityLimitationReason;
    return [
      `${codec(entry, report)} ${picture(entry)}`,
      limit && limit !== 'none' ? `${flow}, limit: ${String(limit)}` : flow,
      `NACK ${number(entry.nackCount)}, PLI ${number(entry.pliCount)}`,
    ];
  }

  private rate(entry: Entry, field: string): number {
    const id = String(entry.id);
    const now = { bytes: number(entry[field]), time: performance.now() };
    const last = this.last.get(id);
    this.last.set(id, now);
    return last ? Math.round(((now.bytes - last.bytes) * 8) / (now.time - last.time)) : 0;
  }
}

function codec(entry: Entry, report: RTCStatsReport): string {
  const found = report.get(String(entry.codecId)) as Entry | undefined;
  return String(found?.mimeType ?? entry.kind).replace(/^(video|audio)\//, '');
}

function picture(entry: Entry): string {
  const size = `${number(entry.frameWidth)}×${number(entry.frameHeight)}`;
  return `${size} ${Math.round(number(entry.framesPerSecond))} fps`;
}

function describePath(pair: Entry, report: RTCStatsReport): string {
  const remote = report.get(String(pair.remoteCandidateId)) as Entry | undefined;
  const protocol = String(remote?.protocol ?? '').toUpperCase();
  return `${protocol} RTT ${ms(pair.currentRoundTripTime)}`.trim();
}
