"""B16: how long an operator's change takes to be acknowledged, and whether any request that starts
after the acknowledgement is still answered by the old state."""

import http.client
import json
import os
import socket
import statistics
import threading
import time

READERS = 4


class Administration:
    """Speaks to the admin socket itself, so that no process has to start for each change."""

    def __init__(self, directory):
        self.path = os.path.join(directory, "admin.sock")

    def run(self, *words, **options):
        """Seconds until the acknowledgement."""
        line = json.dumps({"words": words, "options": options, "secrets": {}}).encode() + b"\n"
        started = time.monotonic()
        with socket.socket(socket.AF_UNIX) as peer:
            peer.connect(self.path)
            peer.sendall(line)
            answer = b""
            while not answer.endswith(b"\n"):
                more = peer.recv(65536)
                if not more:
                    break
                answer += more
        passed = time.monotonic() - started
        reply = json.loads(answer)
        if reply["exit_code"] != 0:
            raise SystemExit(f"bench: {words}: {reply['error']}")
        return passed


class Reader(threading.Thread):
    """Asks as fast as it can on one connection and notes when each request began."""

    def __init__(self, port, headers):
        super().__init__(daemon=True)
        self.port, self.headers = port, headers
        self.stopped = False
        self.seen = []  # (began, ended, status)

    def run(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port)
        while not self.stopped:
            began = time.monotonic()
            connection.request("GET", "/workspaces", headers=self.headers)
            answer = connection.getresponse()
            answer.read()
            self.seen.append((began, time.monotonic(), answer.status))


def stale_answers(readers, changes):
    """Of the requests between an acknowledgement and the next call, those answered otherwise."""
    stale = judged = 0
    for reader in readers:
        index = 0
        for began, ended, status in reader.seen:
            while index + 1 < len(changes) and changes[index + 1]["called"] <= began:
                index += 1
            change = changes[index]
            following = changes[index + 1]["called"] if index + 1 < len(changes) else ended
            if change["acknowledged"] < began and ended <= following:
                judged += 1
                stale += status != change["expected"]
    return stale, judged


def measure(product, seconds):
    key_id = product.run("key", "list")[-1]["id"]
    role = product.run("role", "list")[0]
    for one in product.run("role", "list"):
        if one["name"] == "sender":
            role = one
    admin = Administration(product.dir)
    steps = [
        (("key", "disable", key_id), {}, 403),
        (("key", "enable", key_id), {}, 200),
        (("role", "update", role["id"]), {"allow": ["messaging:messages.list"]}, 403),
        (("role", "update", role["id"]), {"allow": ["messaging:*"]}, 200),
    ]
    readers = [Reader(product.plain, product.headers()) for _ in range(READERS)]
    for reader in readers:
        reader.start()
    time.sleep(0.3)
    changes = []
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        words, options, expected = steps[len(changes) % len(steps)]
        called = time.monotonic()
        passed = admin.run(*words, **options)
        changes.append({"called": called, "acknowledged": time.monotonic(), "passed": passed,
                        "expected": expected})
        time.sleep(0.005)
    for reader in readers:
        reader.stopped = True
    for reader in readers:
        reader.join()
    stale, judged = stale_answers(readers, changes)
    times = sorted(change["passed"] * 1000 for change in changes)
    return {"title": "an operator's change to its acknowledgement, while 4 connections ask",
            "goal": "0 stale answers after the acknowledgement; <= 10 ms",
            "lines": [f"{len(changes)} changes, {judged} requests after an acknowledgement, "
                      f"{stale} stale",
                      f"acknowledged after {statistics.median(times):.2f} ms (median), "
                      f"{times[int(len(times) * 0.99)]:.2f} ms (p99), {times[-1]:.2f} ms (most)"],
            "stale": stale, "judged": judged, "changes": len(changes),
            "median_ms": statistics.median(times), "p99_ms": times[int(len(times) * 0.99)],
            "most_ms": times[-1]}
