# ctest: long
# ctest: timeout=900
"""A key that leaked without a password: its owner's rate, quota and concurrency are untouched."""

import json
import socket
import ssl
import threading
import time
import unittest

from product import LONG, Product, RawConnection


class From(RawConnection):
    """A connection from another loopback address than the attacker's."""

    def __init__(self, product, source):
        raw = socket.create_connection(("127.0.0.1", product.port), timeout=20,
                                       source_address=(source, 0))
        context = ssl.create_default_context(cafile=product.ca)
        self.socket = context.wrap_socket(raw, server_hostname="localhost")
        self.buffer = b""


class LeakedKey(unittest.TestCase):
    def test_spends_nothing_of_its_owner(self):
        product = Product()
        self.addCleanup(product.close)
        product.start()
        product.run("plan", "create", "Tight", "--open", "messaging:*", "--rate", "5", "--quota",
                    "200", "--quota-period", "month", "--concurrency", "1", check=True)
        application = product.run_json("application", "list")[0]["id"]
        subscription = product.run_json("subscription", "create", "--application", application,
                                        "--plan", "Tight")["id"]
        key = product.run_json("key", "create", "--subscription", subscription)["key"]
        ends = time.monotonic() + (600 if LONG else 10)
        over = threading.Event()
        tries = []
        bad = [product.headers(key=key, user=None),
               product.headers(key=key, password="wrong password"),
               product.headers(key=key, user="nobody at all"),
               product.headers(key=key, user=None, Authorization="Basic !!!")]

        def hammer(number):
            with From(product, f"127.0.1.{number}") as connection:
                while time.monotonic() < ends:
                    answer = product.request("GET", "/", bad[len(tries) % len(bad)],
                                             connection=connection)
                    tries.append(answer.status)

        threads = [threading.Thread(target=hammer, args=(n,)) for n in range(1, 9)]
        for thread in threads:
            thread.start()
        used = 0
        with From(product, "127.0.2.1") as connection:
            while time.monotonic() < ends:
                # The owner, well within the rate: never over rate, quota or concurrency.
                answer = product.request("GET", "/whoami",
                                         product.headers(key=key, Accept="application/json"),
                                         connection=connection)
                self.assertEqual(answer.status, 200, answer)
                used += 1
                limit = next(limit for limit in json.loads(answer.body)["limits"]
                             if limit["of"] == "subscription")
                self.assertEqual(limit["quotaUsed"], used, "only the owner is counted")
                self.assertEqual(limit["quotaLeft"], 200 - used)
                if used == 150:
                    break
                over.wait(min(0.5, max(0.0, ends - time.monotonic())))
        for thread in threads:
            thread.join()
        self.assertGreater(len(tries), 50)
        self.assertIn(401, tries)
        # A try that meets the owner's own request finds the one place taken: thresholds are looked
        # at before the user.
        self.assertLessEqual(set(tries), {401, 403})


if __name__ == "__main__":
    unittest.main()
