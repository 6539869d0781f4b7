// A WebRTC peer that is a program of its own: it offers, takes the answer, and says what it gets, each
// as a line of JSON. Its logs are lines of another look.

import { Process } from './process.mjs';
import { connectTo, describeEngine, valueOf } from './sdp.mjs';
import { waitFor } from './wait.mjs';

export class Peer {
  #process;

  /** Starts the program; it ends with the test. */
  constructor(s, command, args) {
    this.#process = new Process(command, args, { stdio: 'pipe' });
    s.ending(this, () => this.#process.stop('SIGKILL'));
  }

  /** Joins it to a transport of the lab, whose side `media` describes. */
  async join(lab, transport, media) {
    const offer = await this.first('offer');
    await connectTo(lab, transport, offer, 'client');
    const mid = valueOf(offer, 'mid');
    this.tell({ answer: describeEngine(transport, { mid, setup: 'passive', media }) });
  }

  tell(message) {
    this.#process.write(`${JSON.stringify(message)}\n`);
  }

  /** All values of that name that it said so far. */
  all(name) {
    // What follows the last end of line is still being written.
    return this.#process.output
      .split('\n')
      .slice(0, -1)
      .filter((line) => line.startsWith(`{"${name}":`))
      .map((line) => JSON.parse(line)[name]);
  }

  /** Waits for the first value of that name that `fits`. */
  async first(name, fits = () => true) {
    const [value] = await waitFor(`"${name}" of ${this.#process.name}`, () => {
      const found = this.all(name).filter(fits);
      if (found.length) return found;
      const { ended, output } = this.#process;
      throw new Error(`${ended ? 'it ended; ' : ''}its output:\n${output.slice(-2000)}`);
    });
    return value;
  }
}
