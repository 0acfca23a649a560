# ctest: timeout=600
"""API keys from birth to revocation, where they may stand, and whom they let in."""
# ctest: parallel

import csv
import io
import json
import os
import socket
import ssl
import subprocess
import tempfile
import time
import unittest

from product import BINARY, Product, wait_until

LOCATIONS = """
[[api.host]]
host = "sandbox.test"
environment = "test"

[api.key]
locations = ["header:x-api-key", "header:x-programme-key", "query:apikey"]
"""
INACTIVE = b"<h1>Developer Inactive</h1>"


class Keys(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.product = Product(config=[
            (r'^name = "messaging"$', 'name = "messaging"\ndisclose_key_state = true'),
            (r'^\[channels.file\]$', LOCATIONS + "\n[channels.file]"),
        ])
        cls.product.start()
        product = cls.product
        product.run("plan", "create", "Open", "--open", "messaging:*", check=True)
        cls.application = product.run_json("application", "list")[0]["id"]
        cls.subscription = cls.subscribe("Open")

    @classmethod
    def tearDownClass(cls):
        cls.product.close()

    @classmethod
    def subscribe(cls, plan, *options):
        return cls.product.run_json("subscription", "create", "--application", cls.application,
                                    "--plan", plan, *options)["id"]

    def make(self, *options, subscription=None):
        """A new key: its id and the key itself."""
        made = self.product.run_json("key", "create", "--subscription",
                                     subscription or self.subscription, *options)
        return made["id"], made["key"]

    def get(self, key, target="/", **more):
        return self.product.request("GET", target, self.product.headers(key=key, **more))

    def refused(self, answer, reason):
        self.assertEqual((answer.status, answer.body), (403, INACTIVE), answer)
        self.assertEqual(self.product.access_entry(answer["x-request-id"])["reason"], reason)

    def raw(self, fields, target="/", host=None):
        """A request with these field lines, in this order."""
        with self.product.connect() as connection:
            lines = "".join(f"{name}: {value}\r\n" for name, value in fields)
            host = host or f"localhost:{self.product.port}"
            connection.send(f"GET {target} HTTP/1.1\r\nHost: {host}\r\n{lines}\r\n".encode())
            return connection.read_answer()

    # --- where a key may stand --------------------------------------------------------------------
    def test_the_same_key_twice(self):
        """Identical and different, in one place and in two, in any order."""
        key, user = ("x-api-key", self.product.demo["api_key"]), (
            "Authorization", self.product.basic())
        other = ("x-api-key", self.make()[1])
        programme = ("X-Programme-Key", key[1])
        for status, fields, target in [
            (200, [key, user], "/"),
            (400, [key, key, user], "/"),
            (400, [key, user, key], "/"),
            (400, [key, other, user], "/"),
            (400, [other, key, user], "/"),
            (200, [key, programme, user], "/"),
            (200, [programme, user], "/"),
            (400, [other, programme, user], "/"),
            (200, [key, user], "/?apikey=" + key[1]),
            (400, [other, user], "/?apikey=" + key[1]),
            (200, [user], "/?apikey=" + key[1]),
            (400, [user], f"/?apikey={key[1]}&apikey={key[1]}"),
            (401, [key, user, user], "/"),
            (401, [key, user, ("Authorization", "Basic eDp5")], "/"),
            (200, [key, ("X-Sallyport-Roles", "admin"), ("X-Sallyport-Roles", "root"), user], "/"),
            (200, [("X-API-KEY", key[1]), user], "/"),
        ]:
            answer = self.raw(fields, target)
            self.assertEqual(answer.status, status, (fields, target, answer))
            if status == 400:
                reason = self.product.access_entry(answer["x-request-id"])["reason"]
                self.assertEqual(reason, "key_ambiguous")

    def test_odd_queries(self):
        key = self.product.demo["api_key"]
        user = [("Authorization", self.product.basic())]
        for status, target in [
            (400, f"/?apikey={key}&apikey=other"),
            (400, f"/?apikey={key}&APIKEY={key}"),
            (400, f"/?%61pikey={key}&apikey={key}"),
            (200, f"/?%61pikey={key}"),
            (403, f"/?apikey={key};x=1"),
            (403, f"/?x=1;apikey={key}"),
            (400, f"/?apikey={key}%00"),
            (400, f"/?apikey={key}%0d%0aX: y"),
            (403, f"/?apikey={key}%20"),
            (403, f"/?apikey=+{key}"),
            (200, "/?" + "a&" * 3000 + f"apikey={key}"),
            (414, "/?" + "ab&" * 10000 + f"apikey={key}"),
            (403, "/?apikey"),
            (403, "/?apikey="),
        ]:
            answer = self.raw(user, target.replace(" ", "%20"))
            self.assertEqual(answer.status, status, (target[:100], answer))

    # --- networks ---------------------------------------------------------------------------------
    def test_networks(self):
        for network, status in [("127.0.0.0/8", 200), ("127.0.0.1", 200),
                                ("::ffff:127.0.0.0/104", 200), ("::ffff:127.0.0.1", 200),
                                ("192.0.2.0/24", 403), ("::/0", 403), ("::1", 403)]:
            _, key = self.make("--network", network)
            answer = self.get(key)
            self.assertEqual(answer.status, status, network)
            if status == 403:
                self.refused(answer, "key_network")
        for network in ("127.0.0.1/8", "::ffff:127.0.0.1/104", "::ffff:127.0.0.0/8", "127.1/8",
                        "localhost"):
            done = self.product.run("key", "create", "--subscription", self.subscription,
                                    "--network", network)
            self.assertEqual(done.returncode, 1, network)
            self.assertIn(network, done.stderr)

    def test_a_mapped_client_is_an_ipv4_one(self):
        """A client that asks for ::ffff:127.0.0.1 is allowed and refused as 127.0.0.1 is."""
        for network, status in [("127.0.0.0/8", 401), ("::ffff:127.0.0.1", 401),
                                ("192.0.2.0/24", 403), ("::/0", 403)]:
            _, key = self.make("--network", network)
            with socket.socket(socket.AF_INET6) as raw:
                raw.settimeout(20)
                raw.connect(("::ffff:127.0.0.1", self.product.port))
                context = ssl.create_default_context(cafile=self.product.ca)
                with context.wrap_socket(raw, server_hostname="localhost") as secure:
                    secure.sendall(f"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                                   f"x-api-key: {key}\r\n\r\n".encode())
                    self.assertEqual(secure.recv(12), f"HTTP/1.1 {status}".encode(), network)

    # --- a key's life -----------------------------------------------------------------------------
    def test_times(self):
        identity, key = self.make("--not-before", "2099-01-01")
        self.refused(self.get(key), "key_not_yet_valid")
        soon = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 2))
        self.product.run("key", "update", identity, "--not-before", "2001-01-01", "--expires",
                         soon, check=True)
        self.assertEqual(self.get(key).status, 200)
        wait_until("the key expires", lambda: self.get(key).status == 403)
        answer = self.get(key)
        self.refused(answer, "key_expired")
        self.assertEqual(answer["x-error-reason"], "key_expired")

    def test_states_are_told_to_who_has_the_key(self):
        identity, key = self.make("--waiting")
        self.assertEqual(self.get(key)["x-error-reason"], "key_waiting")
        self.product.run("key", "approve", identity, check=True)
        self.assertEqual(self.get(key).status, 200)
        self.product.run("key", "revoke", identity, check=True)
        self.assertEqual(self.get(key)["x-error-reason"], "key_revoked")
        for unknown in ("sp_live_0123456789AB_" + "x" * 38, "no-such-key-anywhere", key[:-1] + "~"):
            answer = self.get(unknown)
            self.assertEqual((answer.status, answer.body), (403, INACTIVE))
            self.assertIsNone(answer["x-error-reason"])

    def test_review(self):
        self.product.run("plan", "create", "Reviewed", "--open", "messaging:*", "--needs-review",
                         check=True)
        waiting = self.subscribe("Reviewed")
        identity, key = self.make(subscription=waiting)
        self.refused(self.get(key), "key_waiting")
        self.product.run("subscription", "approve", waiting, check=True)
        self.assertEqual(self.get(key).status, 200)
        self.assertEqual(self.product.run_json("key", "show", identity)["status"], "active")

    def test_rotation_with_overlap(self):
        identity, old = self.make("--note", "shop", "--network", "127.0.0.0/8")
        made = self.product.run_json("key", "rotate", identity, "--overlap", "24h")
        self.assertEqual(self.get(old).status, 200)
        self.assertEqual(self.get(made["key"]).status, 200)
        self.assertEqual(made["note"], "shop")
        self.assertEqual(made["allowed_networks"], ["127.0.0.0/8"])
        self.assertIsNotNone(self.product.run_json("key", "show", identity)["expires"])
        again = self.product.run_json("key", "rotate", made["id"], "--overlap", "0s")
        self.refused(self.get(made["key"]), "key_revoked")
        self.assertEqual(self.get(again["key"]).status, 200)

    def test_a_lower_limit_of_its_own(self):
        _, key = self.make("--quota", "3", "--quota-period", "month")
        _, other = self.make()
        self.assertEqual([self.get(key).status for _ in range(4)], [200, 200, 200, 403])
        self.assertEqual(self.get(other).status, 200, "the others go on")

    def test_last_used(self):
        identity, key = self.make()
        self.assertIsNone(self.product.run_json("key", "show", identity)["last_used"])
        self.refused(self.get(key[:-1] + "0" if key[-1] != "0" else key[:-1] + "1"),
                     "key_malformed")
        before = time.time()
        self.assertEqual(self.get(key).status, 200)
        shown = wait_until(
            "last_used", lambda: self.product.run_json("key", "show", identity)["last_used"])
        used = time.mktime(time.strptime(shown, "%Y-%m-%dT%H:%M:%SZ")) - time.timezone
        self.assertLessEqual(abs(used - before), 61)

    def test_a_revocation_is_in_force_on_every_open_connection(self):
        identity, key = self.make()
        connections = [self.product.connect() for _ in range(12)]
        try:
            def ask(connection):
                return self.product.request("GET", "/", self.product.headers(key=key),
                                            connection=connection).status

            self.assertEqual([ask(c) for c in connections], [200] * 12)
            self.product.run("key", "revoke", identity, check=True)
            self.assertEqual([ask(c) for c in connections], [403] * 12)
        finally:
            for connection in connections:
                connection.close()

    def test_many_are_revoked_together(self):
        self.product.run("account", "create", "Leaver", check=True)
        self.product.run("application", "create", "Left", "--account", "Leaver", check=True)
        made = self.product.run_json("subscription", "create", "--application", "Left",
                                     "--plan", "Open")["id"]
        keys = [self.make(subscription=made) for _ in range(3)]
        with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
            file.write(f"# leaked\n{keys[0][0]}\nnonsense\n")
            file.flush()
            done = self.product.run("key", "revoke", "--ids", file.name)
        self.assertEqual(done.returncode, 1)
        self.assertIn("line 3: there is no key", done.stderr)
        self.assertEqual(done.stdout, "1 revoked, 0 already revoked, 1 refused\n")
        done = self.product.run("key", "revoke", "--account", "Leaver", check=True)
        self.assertEqual(done.stdout, "2 keys revoked\n")
        for _, key in keys:
            self.refused(self.get(key), "key_revoked")

    # --- environments -----------------------------------------------------------------------------
    def test_a_host_for_test_keys(self):
        test = self.subscribe("Open", "--environment", "test")
        _, key = self.make(subscription=test)
        self.assertTrue(key.startswith("sp_test_"))
        user = ("Authorization", self.product.basic())
        self.assertEqual(self.raw([("x-api-key", key), user], host="sandbox.test").status, 200)
        self.assertEqual(self.raw([("x-api-key", key), user]).status, 200)
        live = self.raw([("x-api-key", self.product.demo["api_key"]), user], host="sandbox.test")
        self.refused(live, "key_environment")

    # --- subscriptions ----------------------------------------------------------------------------
    def test_a_change_of_plan_keeps_keys_and_what_was_used(self):
        product = self.product
        for name, quota in (("Small", "5"), ("Large", "7")):
            product.run("plan", "create", name, "--open", "messaging:*", "--quota", quota,
                        "--quota-period", "month", check=True)
        subscription = self.subscribe("Small")
        _, key = self.make(subscription=subscription)
        self.assertEqual([self.get(key).status for _ in range(6)], [200] * 5 + [403])
        product.run("subscription", "change-plan", subscription, "--plan", "Large", check=True)
        self.assertEqual([self.get(key).status for _ in range(3)], [200] * 2 + [403])

    # --- import -----------------------------------------------------------------------------------
    def test_import(self):
        product = self.product
        strange = 'we"ird,key-with-comma'
        text = io.StringIO()
        writer = csv.writer(text)
        writer.writerow(["key", "note", "allowed_networks", "expires"])
        for n in range(3000):
            writer.writerow([f"imported-key-number-{n:06}", f"number {n}", "", ""])
        writer.writerow([strange, "", "127.0.0.0/8 ::1", "2099-01-01"])
        writer.writerow(["short", "", "", ""])
        writer.writerow(["sp_live_not_really_ours_at_all", "", "", ""])
        writer.writerow(["imported-key-number-000007", "", "", ""])
        writer.writerow(["imported-key-with-host-bits", "", "10.0.0.1/8", ""])
        text = text.getvalue()
        arguments = ("key", "import", "-", "--subscription", self.subscription)
        done = product.run(*arguments, stdin=text)
        self.assertEqual(done.returncode, 1)
        self.assertEqual(done.stdout, "3001 imported, 0 already there, 4 refused\n")
        self.assertEqual(sorted(done.stderr.splitlines()), [
            "line 3003: an API key has at least 16 bytes",
            "line 3004: an imported API key may not begin with sp_live_ or sp_test_",
            "line 3005: it has the same key as line 9",
            'line 3006: "10.0.0.1/8" has host bits set; the network is 10.0.0.0/8'])
        for key in ("imported-key-number-000000", "imported-key-number-002999", strange):
            self.assertEqual(self.get(key).status, 200, key)
        self.assertEqual(self.get("imported-key-number-003000").status, 403)
        # The same again, weak ones too; then without a server.
        done = product.run(*arguments, "--accept-weak", stdin=text)
        self.assertEqual(done.stdout.splitlines()[0],
                         "1 imported, 3001 already there, 3 refused")
        self.assertEqual(done.stdout.splitlines()[1], "1 weak")
        self.assertEqual(self.get("short").status, 200)
        weak = [k for k in product.run_json("key", "list") if k["weak"]]
        self.assertEqual(len(weak), 1)
        product.stop()
        lines = "".join(json.dumps({"key": f"offline-key-{n:08}", "subscription":
                                    self.subscription}) + "\n" for n in range(2500))
        try:
            with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as file:
                file.write(lines)
                file.flush()
                done = product.run("key", "import", file.name, "--json", check=True)
            self.assertEqual(json.loads(done.stdout), {"imported": 2500, "already_there": 0,
                                                       "weak": 0, "refused": []})
        finally:
            product.start()
        self.assertEqual(self.get("offline-key-00002499").status, 200)
        self.assertNotIn("imported-key-number", product.log())
        self.assertTrue(product.run("audit", "verify").returncode == 0)

    def test_an_import_shows_how_far_it_is_on_a_terminal(self):
        master, terminal = os.openpty()
        with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
            for n in range(5000):
                file.write(f"terminal-key-{n:08}\n")
            file.write("short\n")
            file.flush()
            done = subprocess.Popen(
                [BINARY, "key", "import", file.name, "--subscription", self.subscription,
                 "--data", self.product.dir], stdout=subprocess.PIPE, stderr=terminal)
            os.close(terminal)
            shown = b""
            try:
                while chunk := os.read(master, 65536):
                    shown += chunk
            except OSError:  # the other end is closed
                pass
            out, _ = done.communicate(timeout=60)
        os.close(master)
        self.assertRegex(shown, rb"\r\[[#.]{30}\] +\d+ %  \d+ lines, \d+/s, \d+ refused")
        self.assertIn(b"line 5001: an API key has at least 16 bytes", shown)
        self.assertEqual(out, b"5000 imported, 0 already there, 1 refused\n")


if __name__ == "__main__":
    unittest.main()
