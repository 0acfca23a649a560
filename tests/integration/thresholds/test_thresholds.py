"""Rate and quota as a client meets them; what a leaked key can and cannot spend."""

import json
import threading
import time
import unittest

from product import LONG, Product


class Thresholds(unittest.TestCase):
    def make(self, product, *limits):
        """A key of its own on a new plan with these limits."""
        number = self.made = getattr(self, "made", 0) + 1
        product.run("plan", "create", f"Plan {number}", "--open", "messaging:*", *limits,
                    check=True)
        application = product.run_json("application", "list")[0]["id"]
        made = json.loads(product.run(
            "subscription", "create", "--application", application, "--plan", f"Plan {number}",
            "--json", check=True).stdout)
        key = json.loads(product.run(
            "key", "create", "--subscription", made["id"], "--json", check=True).stdout)
        return key["key"], made["id"]

    def test_quota_is_exact_over_a_clean_restart(self):
        product = Product()
        self.addCleanup(product.close)
        product.start()
        key, _ = self.make(product, "--quota", "10", "--quota-period", "month")
        with product.connect() as connection:
            def get():
                return product.request("GET", "/", product.headers(key=key), connection=connection)

            self.assertEqual([get().status for _ in range(6)], [200] * 6)
        product.stop()
        product.start()
        with product.connect() as connection:
            def get():
                return product.request("GET", "/", product.headers(key=key), connection=connection)

            self.assertEqual([get().status for _ in range(5)], [200] * 4 + [403])
            over = get()
            self.assertEqual(over.body, b"<h1>Developer Over Rate</h1>")
            self.assertEqual(over["x-error-code"], "ERR_403_DEVELOPER_OVER_RATE")
            self.assertEqual(over["x-error-detail"], "Account Over Rate Limit")
            self.assertGreater(int(over["retry-after"]), 0)
        entry = product.access_entry(over["x-request-id"])
        self.assertEqual(entry["reason"], "over_quota")

    def test_a_kill_never_admits_more_than_the_quota(self):
        product = Product()
        self.addCleanup(product.close)
        product.start()
        key, _ = self.make(product, "--quota", "30", "--quota-period", "month")
        admitted = 0
        for _ in range(5):
            with product.connect() as connection:
                for _ in range(4):
                    answer = product.request("GET", "/", product.headers(key=key),
                                             connection=connection)
                    admitted += answer.status == 200
            product.kill()
            product.start()
        with product.connect() as connection:
            while True:
                answer = product.request("GET", "/", product.headers(key=key),
                                         connection=connection)
                if answer.status != 200:
                    break
                admitted += 1
        self.assertLessEqual(admitted, 30)
        self.assertGreaterEqual(admitted, 20, "a kill costs little")

    def test_rate(self):
        product = Product()
        self.addCleanup(product.close)
        product.start()
        key, _ = self.make(product, "--rate", "5")
        with product.connect() as connection:
            answers = [product.request("GET", "/", product.headers(key=key), connection=connection)
                       for _ in range(15)]
        statuses = [a.status for a in answers]
        self.assertEqual(statuses[:5], [200] * 5)
        over = next(a for a in answers if a.status == 403)
        self.assertEqual(over.body, b"<h1>Developer Over Qps</h1>")
        self.assertEqual(over["x-error-code"], "ERR_403_DEVELOPER_OVER_QPS")
        self.assertEqual(over["x-error-detail"], "Account Over Queries Per Second Limit")
        self.assertGreaterEqual(int(over["retry-after"]), 1)

    def test_a_leaked_key_without_a_password_spends_nothing_of_its_owner(self):
        product = Product()
        self.addCleanup(product.close)
        product.start()
        key, _ = self.make(product, "--rate", "5", "--quota", "40", "--quota-period", "month")
        ends = time.monotonic() + (60 if LONG else 8)
        tried = [0]

        def hammer():
            with product.connect() as connection:
                while time.monotonic() < ends:
                    answer = product.request(
                        "GET", "/", product.headers(key=key, password="wrong password"),
                        connection=connection)
                    if answer is None or answer.status != 401:
                        self.fail(f"{answer}")
                    tried[0] += 1

        threads = [threading.Thread(target=hammer) for _ in range(8)]
        for thread in threads:
            thread.start()
        with product.connect() as connection:
            for _ in range(3):
                answer = product.request("GET", "/", product.headers(key=key),
                                         connection=connection)
                self.assertIn(answer.status, (200, 401))
        for thread in threads:
            thread.join()
        self.assertGreater(tried[0], 40, "more tries than the quota has")
        admitted = sum(1 for e in product.access_entries() if e["status"] == 200)
        remaining = 40 - admitted
        statuses = []
        with product.connect() as connection:
            while len(statuses) < 60 and statuses[-1:] != ["over_quota"]:
                answer = product.request("GET", "/", product.headers(key=key),
                                         connection=connection)
                if answer.status == 200:
                    statuses.append("ok")
                elif b"Over Rate" in answer.body:
                    statuses.append("over_quota")
        self.assertEqual(statuses.count("ok"), remaining, "the quota was untouched")


if __name__ == "__main__":
    unittest.main()
