// The loudness of a local microphone, several times a second.

export class LevelMeter {
  private readonly context = new AudioContext();
  private readonly timer: number;

  /** `report` gets a linear level, 0..1. */
  constructor(track: MediaStreamTrack, report: (level: number) => void) {
    const analyser = this.context.createAnalyser();
    // As long as the time between two looks, so that no short sound falls between them.
    analyser.fftSize = 4096;
    this.context.createMediaStreamSource(new MediaStream([track])).connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    this.timer = window.setInterval(() => {
      // Browsers may want a click on the page first.
      if (this.context.state === 'suspended') void this.context.resume();
      analyser.getFloatTimeDomainData(samples);
      let sum = 0;
      for (const sample of samples) sum += sample * sample;
      report(Math.sqrt(sum / samples.length));
    }, 100);
  }

  close() {
    clearInterval(this.timer);
    void this.context.close();
  }
}
