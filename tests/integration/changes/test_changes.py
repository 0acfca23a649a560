"""Keys, users and roles change as fast as they can while requests are made as fast as they can: no
request that begins after a change was acknowledged is answered as if it had not been made."""
# ctest: long

import json
import os
import socket
import threading
import time
import unittest

from product import LONG, Product, wait_until

SECONDS = 60 if LONG else 6
READERS = 4


class Reader(threading.Thread):
    """Asks on one connection, and notes when each request began, when it ended and how."""

    def __init__(self, product, who):
        super().__init__(daemon=True)
        self.product = product
        self.fields = product.headers(**who)
        self.stopped = False
        self.seen = []
        self.error = None

    def run(self):
        try:
            with self.product.connect() as connection:
                while not self.stopped:
                    began = time.monotonic()
                    answer = self.product.request("GET", "/workspaces", self.fields,
                                                  connection=connection)
                    self.seen.append((began, time.monotonic(), answer.status))
        except Exception as error:  # shown by the test, not by a thread that nobody watches
            self.error = error


class Changes(unittest.TestCase):
    def setUp(self):
        self.product = Product(config=[
            (r"^\[server\]$", "[server]\nworkers = 4"),
            (None, "[auth]\nrefusals_per_second = 1000000\nrefusals_burst = 1000000"),
        ])
        self.addCleanup(self.product.close)
        self.product.start()

    def change(self, *words, **options):
        """Over the admin socket itself; the times of the call and of the acknowledgement."""
        line = json.dumps({"words": words, "options": options, "secrets": {}}).encode() + b"\n"
        called = time.monotonic()
        with socket.socket(socket.AF_UNIX) as peer:
            peer.connect(os.path.join(self.product.dir, "admin.sock"))
            peer.sendall(line)
            answer = b""
            while not answer.endswith(b"\n"):
                more = peer.recv(65536)
                self.assertTrue(more, f"no answer to {words}")
                answer += more
        acknowledged = time.monotonic()
        reply = json.loads(answer)
        self.assertEqual(reply["exit_code"], 0, f"{words}: {reply['error']}")
        return called, acknowledged

    def test_no_stale_answer_after_an_acknowledgement(self):
        product = self.product
        product.run("role", "create", "changing", "--allow", "messaging:*", check=True)
        made = product.run_json("user", "add", "changer", "--account", "Demo", "--generate",
                                "--role", "changing")
        who = {"user": "changer", "password": made["password"]}
        first = product.request("GET", "/workspaces", product.headers(**who))
        self.assertEqual(first.status, 200)
        key = product.access_entry(first["x-request-id"])["key_id"]
        user = made["id"]
        steps = [
            (("key", "disable", key), {}, 403), (("key", "enable", key), {}, 200),
            (("role", "update", "changing"), {"allow": ["messaging:messages.list"]}, 403),
            (("role", "update", "changing"), {"allow": ["messaging:*"]}, 200),
            (("user", "block", user), {}, 401), (("user", "unblock", user), {}, 200),
            (("user", "roles", user), {"remove": ["changing"]}, 403),
            (("user", "roles", user), {"add": ["changing"]}, 200),
        ]
        readers = [Reader(product, who) for _ in range(READERS)]
        for reader in readers:
            reader.start()
        changes = []  # (called, acknowledged, expected)
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            words, options, expected = steps[len(changes) % len(steps)]
            changes.append((*self.change(*words, **options), expected))
            # A refusal of a user leaves at the next tenth of a second.
            until = time.monotonic() + (0.25 if expected == 401 else 0.005)
            wait_until("the readers have asked", lambda: time.monotonic() > until, step=0.001)
        for reader in readers:
            reader.stopped = True
        judged = 0
        for reader in readers:
            reader.join(30)
            self.assertIsNone(reader.error)
            index = 0
            for began, ended, status in reader.seen:
                while index + 1 < len(changes) and changes[index + 1][0] <= began:
                    index += 1
                _, acknowledged, expected = changes[index]
                following = changes[index + 1][0] if index + 1 < len(changes) else ended
                if acknowledged < began and ended <= following:
                    judged += 1
                    self.assertEqual(status, expected, f"after change {index}")
        self.assertGreater(len(changes), 20)
        self.assertGreater(judged, 50)


if __name__ == "__main__":
    unittest.main()
