#!/usr/bin/env python3
"""Runs every fuzz target for a time, from its committed corpus, and stops at the first finding.

usage: run_fuzzers.py BUILD_DIR SECONDS [NAME]
"""
import concurrent.futures
import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent


def run(binary: pathlib.Path, seconds: str) -> tuple[str, int, str]:
    name = binary.name.removeprefix("fuzz_")
    corpus = ROOT / "tests" / "fuzz" / "corpus" / name
    if not corpus.is_dir() or not any(corpus.iterdir()):
        return name, 1, f"{corpus.relative_to(ROOT)}: no corpus"
    with tempfile.TemporaryDirectory() as work:
        result = subprocess.run(
            [str(binary), f"-max_total_time={seconds}", "-timeout=10", "-rss_limit_mb=2048", "-print_final_stats=1",
             f"-artifact_prefix={work}/", work, str(corpus)],
            capture_output=True, text=True, errors="replace")
        for artifact in pathlib.Path(work).glob("crash-*"):
            kept = ROOT / "build" / f"{name}-{artifact.name}"
            kept.write_bytes(artifact.read_bytes())
            result.stderr += f"\ninput kept in {kept.relative_to(ROOT)}"
        return name, result.returncode, result.stderr


def main() -> int:
    build, seconds = pathlib.Path(sys.argv[1]), sys.argv[2]
    only = sys.argv[3] if len(sys.argv) > 3 else ""
    targets = sorted(p for p in (build / "tests" / "fuzz").glob("fuzz_*") if os.access(p, os.X_OK) and p.is_file())
    targets = [t for t in targets if only in t.name]
    if not targets:
        print("no fuzz target")
        return 1
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for name, code, log in pool.map(lambda t: run(t, seconds), targets):
            runs = next((line.split()[-1] for line in log.splitlines() if "number_of_executed_units" in line), "0")
            print(f"{name}: {'ok' if code == 0 else 'FINDING'}, {runs} runs")
            if code:
                failed += 1
                print(log[-6000:])
    print(f"{len(targets) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
