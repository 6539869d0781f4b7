#!/usr/bin/python3
"""GStreamer's webrtcbin as the sender or the receiver of one stream.

    webrtcbin.py send SOURCE            elements that make RTP, in gst-launch's words
    webrtcbin.py receive CAPS DECODER   what RTP to offer to receive, and elements that decode it

It offers, reads the answer, and says what it decodes, each as a line of JSON:

    {"offer": "v=0..."}     {"answer": "v=0..."}     {"frames": 20}     {"level": -9.0}

`level` is the loudness of the sound in dB. Ends when its input does.
"""
import json
import sys
import threading

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstSdp", "1.0")
gi.require_version("GstWebRTC", "1.0")
from gi.repository import GLib, Gst, GstSdp, GstWebRTC  # noqa: E402

Direction = GstWebRTC.WebRTCRTPTransceiverDirection
# Decoded pictures between two lines about them.
FRAMES_PER_LINE = 10


# Pictures are counted on another thread than the rest.
write_lock = threading.Lock()


def write(**values):
    with write_lock:
        print(json.dumps(values), flush=True)


class Peer:
    def __init__(self):
        self.loop = GLib.MainLoop()
        self.frames = 0
        self.decoder = None
        self.failed = False
        self.pipeline = Gst.Pipeline()
        self.peer = Gst.ElementFactory.make("webrtcbin")
        self.peer.set_property("bundle-policy", GstWebRTC.WebRTCBundlePolicy.MAX_BUNDLE)
        self.pipeline.add(self.peer)
        self.peer.connect("on-negotiation-needed", self.on_negotiation_needed)
        bus = self.pipeline.get_bus()
        bus.add_signal_watch()
        bus.connect("message", self.on_message)

    def send_only(self, source):
        sender = Gst.parse_bin_from_description(source, True)
        self.pipeline.add(sender)
        sender.link(self.peer)
        transceiver = self.peer.emit("get-transceiver", 0)
        transceiver.set_property("direction", Direction.SENDONLY)

    def receive_only(self, caps, decoder):
        self.decoder = decoder
        self.peer.emit("add-transceiver", Direction.RECVONLY, Gst.Caps.from_string(caps))
        self.peer.connect("pad-added", self.on_pad_added)

    def run(self):
        self.pipeline.set_state(Gst.State.PLAYING)
        readable = GLib.IOCondition.IN | GLib.IOCondition.HUP
        GLib.io_add_watch(sys.stdin.fileno(), GLib.PRIORITY_DEFAULT, readable, self.on_input)
        self.loop.run()
        self.pipeline.set_state(Gst.State.NULL)
        return 1 if self.failed else 0

    def on_negotiation_needed(self, peer):
        promise = Gst.Promise.new_with_change_func(self.on_offer, None)
        peer.emit("create-offer", None, promise)

    def on_offer(self, promise, _data):
        reply = promise.get_reply()
        # Lies in the reply, which must live as long.
        offer = reply.get_value("offer")
        self.peer.emit("set-local-description", offer, Gst.Promise.new())
        # Without candidates: the engine learns them from the checks.
        write(offer=offer.sdp.as_text())

    def on_input(self, _descriptor, _condition):
        line = sys.stdin.readline()
        if not line:
            self.loop.quit()
            return False
        _, message = GstSdp.SDPMessage.new_from_text(json.loads(line)["answer"])
        answer = GstWebRTC.WebRTCSessionDescription.new(GstWebRTC.WebRTCSDPType.ANSWER, message)
        self.peer.emit("set-remote-description", answer, Gst.Promise.new())
        return True

    def on_pad_added(self, _peer, pad):
        if pad.get_direction() != Gst.PadDirection.SRC:
            return
        decoder = f"{self.decoder} ! fakesink name=end sync=false"
        sink = Gst.parse_bin_from_description(decoder, True)
        self.pipeline.add(sink)
        end = sink.get_by_name("end").get_static_pad("sink")
        end.add_probe(Gst.PadProbeType.BUFFER, self.on_decoded)
        sink.sync_state_with_parent()
        pad.link(sink.get_static_pad("sink"))

    def on_decoded(self, _pad, _info):
        self.frames += 1
        if self.frames % FRAMES_PER_LINE == 0:
            write(frames=self.frames)
        return Gst.PadProbeReturn.OK

    def on_message(self, _bus, message):
        if message.type == Gst.MessageType.ERROR:
            error, debug = message.parse_error()
            print(f"{error.message}: {debug}", file=sys.stderr, flush=True)
            self.failed = True
            self.loop.quit()
        elif message.type == Gst.MessageType.ELEMENT:
            structure = message.get_structure()
            if structure.get_name() == "level":
                write(level=max(structure.get_value("rms")))


def main():
    Gst.init(None)
    peer = Peer()
    if sys.argv[1] == "send":
        peer.send_only(sys.argv[2])
    else:
        peer.receive_only(sys.argv[2], sys.argv[3])
    return peer.run()


sys.exit(main())
