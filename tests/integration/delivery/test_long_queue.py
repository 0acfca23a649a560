"""A long queue costs no memory and no time: a start, a listing, a delivery. A million if long."""
# ctest: long
# ctest: timeout=900

import os
import sqlite3
import time
import unittest

from product import LONG, Product, wait_until

COUNT = 1_000_000 if LONG else 20_000
LATER = 4_000_000_000_000_000  # microseconds: in a hundred years


def resident_mib(pid):
    with open(f"/proc/{pid}/status") as file:
        for line in file:
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
    return 0


class LongQueue(unittest.TestCase):
    def fill(self, product):
        now = int(time.time() * 1e6)
        database = sqlite3.connect(os.path.join(product.dir, "sallyport.db"))
        account, workspace = database.execute(
            "SELECT account_id, id FROM workspace LIMIT 1").fetchone()
        database.execute("PRAGMA synchronous = OFF")
        with database:
            numbers = range(1, COUNT + 1)
            database.executemany(
                "INSERT INTO message (id, account_id, workspace_id, user_id, application_id, "
                "environment, from_name, username, created_us, label, recipients_text, subject) "
                "VALUES (?, ?, ?, 0, 0, 'live', 'x', 'x', ?, '', 'a@example.com', 's')",
                ((n.to_bytes(16, "big"), account, workspace, now) for n in numbers))
            database.executemany(
                "INSERT INTO message_content (message_id, body) VALUES (?, 'b')",
                ((n.to_bytes(16, "big"),) for n in numbers))
            database.executemany(
                "INSERT INTO recipient (message_id, n, account_id, channel, state, "
                "next_attempt_us, attempts, sent_us, delivered_us, failed_us, last_code, "
                "last_text, destination) VALUES (?, 1, ?, 0, 2, ?, 1, 0, 0, 0, 451, 'later', ?)",
                ((n.to_bytes(16, "big"), account, LATER, f"u@d{n % 1000}.example.com")
                 for n in numbers))
        database.close()

    def test_start_list_and_deliver(self):
        product = Product()
        self.addCleanup(product.close)
        product.start()
        empty = resident_mib(product.process.pid)
        product.stop()
        self.fill(product)
        begun = time.monotonic()
        product.start()
        started = time.monotonic() - begun
        begun = time.monotonic()
        self.assertEqual(len(product.run_json("queue", "list", "--limit", "100")), 100)
        listed = time.monotonic() - begun
        begun = time.monotonic()
        self.assertEqual(product.run_json("queue", "summary")[0]["deferred"], COUNT)
        counted = time.monotonic() - begun
        answer = product.post_message({"to": "a@example.com", "subject": "s", "body": "b"})
        begun = time.monotonic()
        wait_until("SENT", lambda: product.status_of(answer["location"]) == ["SENT"])
        delivered = time.monotonic() - begun
        grown = resident_mib(product.process.pid) - empty
        print(f"{COUNT} queued: started in {started:.2f} s, listed in {listed:.2f} s, counted in "
              f"{counted:.2f} s, a new one delivered in {delivered:.2f} s, {grown:.0f} MiB more")
        self.assertLess(started, 15)
        self.assertLess(listed, 10)
        self.assertLess(delivered, 10)
        self.assertLess(grown, 150)


if __name__ == "__main__":
    unittest.main()
