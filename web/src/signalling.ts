// What the call needs from a signalling protocol. One implementation exists per dialect the client
// can speak; the rest of the client knows only this interface.

import type { types } from 'mediasoup-client';

/** What a media source is; it decides where a tile shows it. */
export type Source = 'mic' | 'webcam' | 'screen';

/** Somebody else in the room, with media or without. */
export interface Participant {
  peerId: string;
  name: string;
}

/** A producer of somebody else in the room. */
export interface RemoteProducer extends Participant {
  id: string;
  kind: types.MediaKind;
  source: Source;
}

export interface SignallingEvents {
  /** Also when somebody takes another name. */
  participantJoined(participant: Participant): void;
  participantLeft(peerId: string): void;
  producerAdded(producer: RemoteProducer): void;
  producerPaused(producerId: string, paused: boolean): void;
  producerClosed(producerId: string): void;
  /** The connection is gone without our doing. */
  disconnected(reason: string): void;
}

export interface Identity {
  room: string;
  /** Tells the server that a connection replaces an older one of the same person. */
  userId: string;
  name: string;
}

export interface ConsumeAnswer {
  options: types.ConsumerOptions;
  paused: boolean;
}

export interface Signalling {
  /** Enters the room; the events tell who is there already. */
  open(): Promise<types.RtpCapabilities>;
  createTransport(direction: 'send' | 'recv'): Promise<types.TransportOptions>;
  connectTransport(transportId: string, dtlsParameters: types.DtlsParameters): Promise<void>;
  produce(
    transportId: string,
    kind: types.MediaKind,
    rtpParameters: types.RtpParameters,
    source: Source,
  ): Promise<string>;
  consume(
    transportId: string,
    producerId: string,
    rtpCapabilities: types.RtpCapabilities,
  ): Promise<ConsumeAnswer>;
  pauseProducer(producerId: string): Promise<void>;
  resumeProducer(producerId: string): Promise<void>;
  closeProducer(producerId: string): Promise<void>;
  /** What the server knows about a transport that does not connect, in words. */
  explainTransport(transportId: string): Promise<string>;
  close(): void;
}

/** An answer of the server that says no, as opposed to a broken connection. */
export class RefusedError extends Error {}

/** The words of an error, for the user. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
