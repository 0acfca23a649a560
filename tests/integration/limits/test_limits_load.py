"""Limits under load: what the log proves, what a refusal costs, what kills cost."""
# ctest: long
# ctest: timeout=900

import json
import os
import shutil
import subprocess
import threading
import time
import unittest

from product import LONG, Product, free_port, wait_until

SECONDS = 60 if LONG else 10
RATE = 40
KILLS = 20


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class LimitsUnderLoad(unittest.TestCase):
    def make(self, product, *options, name="Loaded"):
        product.run("plan", "create", name, "--open", "messaging:*", *options, check=True)
        application = product.run_json("application", "list")[0]["id"]
        subscription = product.run_json(
            "subscription", "create", "--application", application, "--plan", name)["id"]
        key = product.run_json("key", "create", "--subscription", subscription)
        return key["key"], subscription

    def load(self, product, plain, key, seconds, per_second=None):
        """As fast as it goes, or at a rate: requests on four connections."""
        fields = product.headers(key=key)
        if per_second is None and shutil.which("wrk"):
            command = ["wrk", "-t", "2", "-c", "8", "-d", str(seconds),
                       f"http://127.0.0.1:{plain}/"]
            for name, value in fields.items():
                command += ["-H", f"{name}: {value}"]
            subprocess.run(command + ["-H", "Host: localhost"], check=True, capture_output=True)
            return
        ends = time.monotonic() + seconds

        def send(number):
            due = time.monotonic() + number * 0.001
            with product.connect() as connection:
                while (now := time.monotonic()) < ends:
                    if per_second and now < due:
                        threading.Event().wait(min(due - now, 0.05))
                        continue
                    due += 4 / per_second if per_second else 0
                    product.request("GET", "/", fields, connection=connection)

        threads = [threading.Thread(target=send, args=(n,)) for n in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def product_with_workers(self):
        plain = free_port()
        product = Product(config=[
            (r"^\[server\]\n", "[server]\nworkers = 4\nshed_after = \"0s\"\n"),
            (None, f'[[listener]]\nkind = "trusted"\nport = {plain}\n'),
        ])
        self.addCleanup(product.close)
        product.start()
        return product, plain

    def test_nobody_over_and_nobody_wrongly_refused(self):
        product, plain = self.product_with_workers()
        key, subscription = self.make(product, "--rate", str(RATE), "--burst", str(RATE + 15))
        window, _ = self.make(product, "--window", "150/3s", name="Window")
        wide, _ = self.make(product, "--rate", "100000", name="Wide")
        pid = product.process.pid
        # At five times its rate, and what that leaves in the log.
        self.load(product, plain, key, SECONDS, per_second=RATE * 5)
        self.load(product, plain, window, max(4, SECONDS // 3))
        # What is refused, against what is admitted: the same requests, the same connections.
        before = cpu_seconds(pid), len(product.access_entries())
        self.load(product, plain, wide, 4)
        between = cpu_seconds(pid), len(product.access_entries())
        self.load(product, plain, key, 4)
        after = cpu_seconds(pid), len(product.access_entries())
        admitted = (between[0] - before[0]) / (between[1] - before[1])
        refused = (after[0] - between[0]) / (after[1] - between[1])
        print(f"CPU of a refused request: {refused / admitted:.2f} of an admitted one's "
              f"({1e6 * refused:.0f} us of {1e6 * admitted:.0f} us)")
        threading.Event().wait(0.2)
        done = product.run("audit", "limits", product.demo["access_log"], "--json")
        report = json.loads(done.stdout)
        print(f"{report['decisions']} decisions: {report['over']} over, "
              f"{report['wrongly_refused']} wrongly refused")
        self.assertEqual((report["over"], report["wrongly_refused"]), (0, 0), done.stdout)
        self.assertEqual(done.returncode, 0, done.stderr)
        loaded = next(one for one in report["limits"] if one["name"] == subscription)
        self.assertGreater(loaded["refused"], loaded["admitted"])
        self.assertGreaterEqual(loaded["admitted"], RATE * (SECONDS - 1))
        # The checker is no yes-man: a log in which the same was admitted once more is found out.
        forged = os.path.join(product.home, "forged.log")
        with open(product.demo["access_log"]) as file, open(forged, "w") as out:
            for line in file:
                out.write(line.replace('"reason":"over_rate","limit":"subscription"',
                                       '"reason":"ok"'))
        self.assertEqual(product.run("audit", "limits", forged).returncode, 1)

    def test_twenty_kills_never_admit_more_than_the_quota(self):
        product, plain = self.product_with_workers()
        quota = 4000
        key, subscription = self.make(product, "--quota", str(quota), "--quota-period", "month",
                                      name="Killed")
        admitted = 0
        lost = []
        for _ in range(KILLS):
            stop = threading.Event()
            counted = [0] * 3

            def storm(number):
                try:
                    with product.connect() as connection:
                        while not stop.is_set():
                            answer = product.request("GET", "/", product.headers(key=key),
                                                     connection=connection)
                            if answer is None:
                                return
                            counted[number] += answer.status == 200
                except (OSError, AssertionError, ValueError):
                    return  # the server was killed under us

            threads = [threading.Thread(target=storm, args=(n,)) for n in range(3)]
            for thread in threads:
                thread.start()
            wait_until("some answers", lambda: sum(counted) >= 40, seconds=60, step=0.001)
            product.kill()
            stop.set()
            for thread in threads:
                thread.join()
            admitted += sum(counted)
            product.start()
            used = product.run_json("quota", "show", subscription)[0]["used"]
            lost.append(used - admitted - sum(lost))
        with product.connect() as connection:
            while True:
                answer = product.request("GET", "/", product.headers(key=key),
                                         connection=connection)
                if answer.status != 200:
                    break
                admitted += 1
        print(f"{KILLS} kills cost {sum(lost)} of {quota} requests, at most {max(lost)} each")
        self.assertLessEqual(admitted, quota)
        self.assertEqual(admitted, quota - sum(lost))
        self.assertEqual(answer.body, b"<h1>Developer Over Rate</h1>")


if __name__ == "__main__":
    unittest.main()
