// Runs in every page before its own scripts: remembers the peer connections, so that any page can be
// measured without its help, and makes the fake camera a small one, whatever size the page would
// like (two cores encode and decode several pictures at once).

/**
 * A function for the browser; it must not refer to anything outside. `camera`: what the fake one
 * gives, or null for somebody who allows neither camera nor microphone. `missing`: a kind, "video" or
 * "audio", that this computer has no device for. `drawScreen`: a screen to share is drawn, where the
 * browser has none.
 */
export function installProbe({ camera, missing, drawScreen }) {
  const connections = [];
  window.RTCPeerConnection = new Proxy(window.RTCPeerConnection, {
    construct(target, args, newTarget) {
      const connection = Reflect.construct(target, args, newTarget);
      connections.push(connection);
      return connection;
    },
  });

  const devices = navigator.mediaDevices;
  if (devices) {
    const open = devices.getUserMedia.bind(devices);
    devices.getUserMedia = (constraints) => {
      if (!camera) return Promise.reject(new DOMException('Permission denied', 'NotAllowedError'));
      if (missing && constraints?.[missing]) {
        return Promise.reject(new DOMException('Requested device not found', 'NotFoundError'));
      }
      if (!constraints?.video) return open(constraints);
      const video = {
        ...(constraints.video === true ? {} : constraints.video),
        width: { exact: camera.width },
        height: { exact: camera.height },
        frameRate: { ideal: camera.frameRate },
      };
      return open({ ...constraints, video });
    };
  }

  if (devices && missing) {
    const list = devices.enumerateDevices.bind(devices);
    devices.enumerateDevices = async () =>
      (await list()).filter((device) => !device.kind.startsWith(missing));
  }

  if (devices && drawScreen) {
    devices.getDisplayMedia = async () => {
      const canvas = document.createElement('canvas');
      Object.assign(canvas, { width: 640, height: 360 });
      const context = canvas.getContext('2d');
      let frames = 0;
      setInterval(() => {
        context.fillStyle = `hsl(${(frames += 5)} 50% 50%)`;
        context.fillRect(0, 0, 640, 360);
      }, 66);
      return canvas.captureStream();
    };
  }

  const trackOf = (selector) => {
    const element = document.querySelector(selector);
    const track = element?.srcObject?.getTracks?.()[0];
    return track ? { element, track } : undefined;
  };

  async function reports(type) {
    const found = [];
    for (const connection of connections) {
      if (connection.connectionState === 'closed') continue;
      const report = await connection.getStats();
      report.forEach((entry) => {
        if (entry.type === type) found.push(entry);
      });
    }
    return found;
  }

  window.probe = {
    /** What arrives for the track that an element plays, or null. */
    async inbound(selector) {
      const playing = trackOf(selector);
      if (!playing) return null;
      const { element, track } = playing;
      const entry = (await reports('inbound-rtp')).find((r) => r.trackIdentifier === track.id);
      if (!entry) return null;
      return {
        at: performance.now(),
        kind: entry.kind,
        frames: entry.framesDecoded ?? 0,
        packets: entry.packetsReceived ?? 0,
        energy: entry.totalAudioEnergy ?? 0,
        lost: entry.packetsLost ?? 0,
        width: element.videoWidth ?? 0,
        height: element.videoHeight ?? 0,
        playing: !element.paused && element.currentTime > 0,
      };
    },
    /** Packets sent so far, by kind. */
    async sent() {
      const sum = { audio: 0, video: 0 };
      for (const entry of await reports('outbound-rtp')) sum[entry.kind] += entry.packetsSent ?? 0;
      return sum;
    },
    /** Device and label of every live track that is sent. */
    async sending(kind) {
      return connections
        .filter((connection) => connection.connectionState !== 'closed')
        .flatMap((connection) => connection.getSenders().map((sender) => sender.track))
        .filter((track) => track?.kind === kind && track.readyState === 'live')
        .map((track) => ({ label: track.label, deviceId: track.getSettings().deviceId }));
    },
    /** The other end's ICE user name fragments, one of each connection. */
    remoteUfrags() {
      return connections
        .filter((connection) => connection.connectionState !== 'closed')
        .map(({ remoteDescription }) => remoteDescription.sdp.match(/^a=ice-ufrag:(\S+)/m)[1]);
    },
    /** The protocols of the candidate pairs in use. */
    async protocols() {
      const used = new Set();
      for (const connection of connections) {
        if (connection.connectionState === 'closed') continue;
        const report = await connection.getStats();
        report.forEach((entry) => {
          if (entry.type !== 'candidate-pair' || entry.state !== 'succeeded' || !entry.nominated)
            return;
          used.add(report.get(entry.remoteCandidateId)?.protocol);
        });
      }
      return [...used];
    },
  };
}
