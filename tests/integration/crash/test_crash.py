"""kill -9 in the middle of a storm of POSTs: every 202 is there after it, and delivered."""
# ctest: timeout=600

import json
import random
import threading
import unittest

from product import LONG, Product, wait_until

ROUNDS = 200 if LONG else 20


class Crash(unittest.TestCase):
    def test_no_202_is_lost(self):
        seed = random.randrange(1 << 30)
        chance = random.Random(seed)
        product = Product()
        self.addCleanup(product.close)
        ledger = []
        lock = threading.Lock()

        def storm(stop):
            try:
                with product.connect() as connection:
                    while not stop.is_set():
                        answer = product.post_message(
                            {"to": "a@example.com", "subject": "s", "body": "b"},
                            connection=connection,
                        )
                        if answer is None:
                            return
                        if answer.status == 202:
                            with lock:
                                ledger.append(answer["location"].rsplit("/", 1)[1])
            except (OSError, AssertionError, ValueError):
                return  # the server was killed under us

        for _ in range(ROUNDS):
            product.start()
            stop = threading.Event()
            threads = [threading.Thread(target=storm, args=(stop,)) for _ in range(4)]
            target = len(ledger) + chance.randrange(1, 60)
            for thread in threads:
                thread.start()
            wait_until("some 202s", lambda: len(ledger) >= target, seconds=60, step=0.001)
            product.kill()
            stop.set()
            for thread in threads:
                thread.join()
        product.start()
        self.assertEqual(len(ledger), len(set(ledger)))
        with product.connect() as connection:
            for message_id in ledger:
                answer = product.request("GET", f"/messages/{message_id}", connection=connection)
                self.assertEqual(answer.status, 200, f"{message_id} was lost (seed {seed})")
        expected = {f"{message_id}-1.eml" for message_id in ledger}
        wait_until("all delivered", lambda: expected <= set(product.outbox()), seconds=120)
        print(f"{len(ledger)} messages acknowledged over {ROUNDS} kills, none lost")
        self.assertEqual(product.run("audit", "verify").returncode, 0)
        summary = product.request(
            "GET", f"/messages/{ledger[-1]}", product.headers(Accept="application/json"))
        self.assertIn("createdTime", json.dumps(summary.json()))


if __name__ == "__main__":
    unittest.main()
