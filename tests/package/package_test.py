#!/usr/bin/env python3
"""Uses the library as somebody else's project does: installs it, builds the examples against the
CMake package, and runs them.

usage: package_test.py BUILD_DIR SOURCE_DIR
"""
import json
import pathlib
import shutil
import socket
import struct
import subprocess
import sys
import time

BUILD, SOURCE = (pathlib.Path(argument).resolve() for argument in sys.argv[1:3])
WORK = BUILD / "package_test"
PREFIX, EXAMPLES = WORK / "prefix", WORK / "examples"
TIMEOUT_S = 60
FRAMES = 20
SSRC, PAYLOAD_TYPE = 1111, 96


def run(*command: object) -> None:
    result = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    if result.returncode:
        sys.exit(f"{command[0]} failed:\n{result.stdout}{result.stderr}")


def build_examples() -> None:
    shutil.rmtree(PREFIX, ignore_errors=True)
    run("cmake", "--install", BUILD, "--prefix", PREFIX)
    shown = {header.name for header in (PREFIX / "include/sluice").iterdir()}
    wanted = {header.name for header in (SOURCE / "include/sluice").iterdir()}
    assert shown == wanted, f"installed headers: {shown ^ wanted} differ"
    run("cmake", "-S", SOURCE / "examples", "-B", EXAMPLES, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Release",
        f"-DCMAKE_PREFIX_PATH={PREFIX}", "-DCMAKE_CXX_COMPILER_LAUNCHER=" + (shutil.which("ccache") or ""))
    cache = (EXAMPLES / "CMakeCache.txt").read_text()
    assert f"Sluice_DIR:PATH={PREFIX}" in cache, "the examples took another package"
    run("cmake", "--build", EXAMPLES, "-j", "2")


class Program:
    """One of the examples, with its lines of output."""

    def __init__(self, name: str, *arguments: object):
        self.process = subprocess.Popen([EXAMPLES / name / name, *map(str, arguments)], text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def line(self) -> str:
        return self.process.stdout.readline()

    def end(self) -> str:
        """Ends its input; returns what it says last."""
        output, _ = self.process.communicate(timeout=TIMEOUT_S)
        assert self.process.returncode == 0, f"it ended with {self.process.returncode}"
        return output


def vp8_frame(number: int) -> bytes:
    """A frame that is one by its header only: 320 x 240, every tenth a key frame (RFC 6386 9.1)."""
    key = number % 10 == 0
    start = struct.pack("<B2x3sHH", 0x10, b"\x9d\x01\x2a", 320, 240) if key else b"\x11\x00\x00"
    return start + bytes((number + i) & 0xFF for i in range(2500))


def rtp_packets(number: int, sequence: int) -> list[bytes]:
    """The packets of a frame (RFC 7741), with a picture id."""
    frame, packets = vp8_frame(number), []
    for offset in range(0, len(frame), 1000):
        last = offset + 1000 >= len(frame)
        header = struct.pack("!BBHII", 0x80, PAYLOAD_TYPE | (0x80 if last else 0), sequence + len(packets),
                             3000 * number, SSRC)
        descriptor = struct.pack("!BBH", 0x90 if offset == 0 else 0x80, 0x80, 0x8000 | number)
        packets.append(header + descriptor + frame[offset:offset + 1000])
    return packets


def check_recorder() -> None:
    path = WORK / "camera.ivf"
    recorder = Program("recorder_tap", path)
    port = int(recorder.line().removeprefix("listening on port "))
    camera = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sequence = 0
    for number in range(FRAMES):
        for packet in rtp_packets(number, sequence):
            camera.sendto(packet, ("127.0.0.1", port))
            sequence += 1
    complete = 32 + sum(12 + len(vp8_frame(number)) for number in range(FRAMES))
    limit = time.monotonic() + TIMEOUT_S
    while path.stat().st_size < complete:
        assert time.monotonic() < limit, f"{path.stat().st_size} of {complete} bytes were written"
        time.sleep(0.01)
    assert recorder.end() == f"{FRAMES} frames\n"

    file = path.read_bytes()
    header = struct.unpack_from("<4sHH4sHHIII", file)
    assert header == (b"DKIF", 0, 32, b"VP80", 320, 240, 90000, 1, FRAMES), header
    offset = 32
    for number in range(FRAMES):
        size, timestamp = struct.unpack_from("<IQ", file, offset)
        assert timestamp == 3000 * number, f"frame {number} is of {timestamp}"
        assert file[offset + 12:offset + 12 + size] == vp8_frame(number), f"frame {number} differs"
        offset += 12 + size
    assert offset == len(file)


def check_sfu() -> None:
    sfu = Program("minimal_sfu")
    assert json.loads(sfu.line()) == {"event": "ready"}

    def ask(method: str, **parameters: object) -> dict:
        sfu.process.stdin.write(json.dumps({"id": method, "method": method, "params": parameters}) + "\n")
        sfu.process.stdin.flush()
        while "event" in (message := json.loads(sfu.line())):
            events.append(message)
        assert message["id"] == method
        return message

    events: list[dict] = []
    router = ask("router")["result"]
    assert [codec["mimeType"] for codec in router["rtpCapabilities"]["codecs"]] == [
        "audio/opus", "video/VP8", "video/rtx"]
    transport = ask("createWebRtcTransport")["result"]
    assert {"id", "iceParameters", "iceCandidates", "dtlsParameters"} == transport.keys()
    opus = {"mimeType": "audio/opus", "payloadType": 111, "clockRate": 48000, "channels": 2}
    producer = ask("produce", transportId=transport["id"], kind="audio",
                   rtpParameters={"mid": "0", "codecs": [opus], "encodings": [{"ssrc": 1}]})["result"]
    assert events == [{"event": "newProducer", "data": {"id": producer["id"], "video": False}}]
    consumer = ask("consume", transportId=transport["id"], producerId=producer["id"],
                   rtpCapabilities=router["rtpCapabilities"])["result"]
    assert consumer["producerId"] == producer["id"] and consumer["kind"] == "audio"
    assert ask("resume", id=consumer["id"])["result"] == {}
    assert ask("connect", transportId=transport["id"], dtlsParameters={})["error"]["name"] == "TypeError"
    assert "error" in ask("nonsense")
    sfu.process.stdin.write("no JSON\n")
    sfu.process.stdin.flush()
    assert "error" in json.loads(sfu.line())
    assert "consumerClosed" in sfu.end()


build_examples()
check_recorder()
check_sfu()
print("installed, built and ran")
