// Two labs joined by a pair of pipe transports, as two hosts are. The tests do the part of the
// cluster: they tell the far end what there is to produce, and that it was paused, resumed or closed.

import { freePort } from './plain.mjs';
import { startRelay } from './relay.mjs';

/**
 * Joins `near` to `far`. `impairments`: of a relay between the two; none: no relay. Returns a Pipe,
 * which carries producers of `near` to `far`.
 */
export async function layPipe(
  s,
  near,
  far,
  { enableRtx = true, enableSrtp = true, enableSctp = false, impairments } = {},
) {
  const make = (lab) =>
    lab.request('createPipeTransport', {
      routerId: lab.router.id,
      enableRtx,
      enableSrtp,
      enableSctp,
    });
  const [here, there] = await Promise.all([make(near), make(far)]);
  let towardsFar = there.tuple.localPort;
  let towardsNear = here.tuple.localPort;
  if (impairments) {
    // The far end takes packets only from where it was told that the near end is.
    towardsNear = await freePort();
    const relay = await startRelay(s, there.tuple.localPort, {
      ...impairments,
      'upstream-port': towardsNear,
    });
    towardsFar = relay.port;
  }
  const connect = (lab, transport, port, { srtpParameters }) =>
    lab.request('connectPipe', {
      transportId: transport.id,
      ip: '127.0.0.1',
      port,
      srtpParameters,
    });
  await connect(near, here, towardsFar, there);
  await connect(far, there, towardsNear, here);
  const pipe = new Pipe({ lab: near, transport: here }, { lab: far, transport: there });
  return s.ending(pipe, () => pipe.unwatch());
}

class Pipe {
  #near;
  #far;
  #watches = [];

  constructor(near, far) {
    this.#near = near;
    this.#far = far;
  }

  /** Makes a producer of the near end one of the far end, of the same id. Returns the consumer and
   * the producer that it goes through, as they were made. */
  async carry(producerId) {
    const { lab, transport } = this.#near;
    const far = this.#far.lab;
    const consumer = await lab.request('consume', { transportId: transport.id, producerId });
    const producer = await far.request('produce', {
      transportId: this.#far.transport.id,
      id: producerId,
      kind: consumer.kind,
      rtpParameters: consumer.rtpParameters,
      paused: consumer.producerPaused,
    });
    for (const [event, method] of [
      ['producerpause', 'pause'],
      ['producerresume', 'resume'],
      ['close', 'close'],
    ]) {
      const pass = () => far.request(method, { id: producer.id });
      this.#watches.push(lab.follow(consumer.id, event, pass));
    }
    return { consumer, producer };
  }

  /** The same for a data producer, whose end alone is passed on. */
  async carryData(dataProducerId) {
    const { lab, transport } = this.#near;
    const far = this.#far.lab;
    const consumer = await lab.request('consumeData', {
      transportId: transport.id,
      dataProducerId,
    });
    const { sctpStreamParameters, label, protocol } = consumer;
    const producer = await far.request('produceData', {
      transportId: this.#far.transport.id,
      id: dataProducerId,
      sctpStreamParameters,
      label,
      protocol,
    });
    const close = () => far.request('close', { id: producer.id });
    this.#watches.push(lab.follow(consumer.id, 'close', close));
    return { consumer, producer };
  }

  /** Nothing that happens at the near end is passed on any longer. */
  unwatch() {
    for (const unwatch of this.#watches.splice(0)) unwatch();
  }
}
