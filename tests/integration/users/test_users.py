"""Users: states, networks, import, and that guessing is stopped without locking anybody out."""
# ctest: parallel

import json
import os
import threading
import time
import unittest

from product import LONG, Product, wait_until
from users_support import CHEAP, ask, ask_patiently, from_address, hashes_of

# ctest: timeout=900


class Users(unittest.TestCase):
    def setUp(self):
        self.product = Product(config=CHEAP)
        self.addCleanup(self.product.close)
        self.product.start()

    def add(self, name, password="tulip-4242", *more):
        self.product.run("user", "add", name, "--account", "Demo", "--role", "sender", *more,
                         stdin=password + "\n", check=True)

    def reason_of(self, answer):
        return self.product.access_entry(answer["X-Request-Id"])["reason"]

    def test_states_and_what_is_allowed_from_each(self):
        self.add("sam", "tulip-4242", "--pending")
        for command, status, reason in (
            (None, 401, "user_pending"), ("activate", 200, "ok"),
            ("deactivate", 401, "user_inactive"), ("activate", 200, "ok"),
            ("block", 401, "user_blocked"), ("unblock", 200, "ok"),
            ("delete", 401, "user_deleted"),
        ):
            if command:
                self.product.run("user", command, "sam", check=True)
            answer = ask(self.product, "sam", "tulip-4242")
            self.assertEqual(answer.status, status, command)
            self.assertEqual(self.reason_of(answer), reason)
        for command in ("activate", "block", "unblock", "deactivate", "delete"):
            done = self.product.run("user", command, "sam")
            self.assertEqual(done.returncode, 1)
            self.assertIn("deleted", done.stderr)
        self.add("sue")
        done = self.product.run("user", "unblock", "sue")
        self.assertEqual(done.returncode, 1)
        self.assertIn("is active already", done.stderr)

    def test_networks(self):
        self.add("nina", "tulip-4242", "--network", "127.0.0.9")
        self.assertEqual(ask(self.product, "nina", "tulip-4242").status, 401)
        self.assertEqual(ask(self.product, "nina", "tulip-4242", "127.0.0.9").status, 200)
        self.product.run("user", "networks", "nina", "--add", "127.0.0.1", check=True)
        self.assertEqual(ask(self.product, "nina", "tulip-4242").status, 200)
        self.product.run("user", "networks", "nina", "--remove", "127.0.0.1", check=True)
        self.assertEqual(ask(self.product, "nina", "tulip-4242").status, 401)
        done = self.product.run("user", "networks", "nina", "--add", "10.0.0.1/8")
        self.assertIn("10.0.0.0/8", done.stderr)

    def test_a_lockout_locks_nobody_else_out(self):
        self.add("vera")
        self.assertEqual(ask(self.product, "vera", "tulip-4242").status, 200)
        for n in range(60):
            answer = ask(self.product, "vera", f"guess-{n}", f"127.0.1.{n + 1}")
            self.assertEqual(answer.status, 401)
        self.assertEqual(self.reason_of(answer), "too_many_failures")
        self.assertGreaterEqual(int(answer["Retry-After"]), 1)
        self.assertEqual(ask(self.product, "vera", "tulip-4242").status, 200, "she herself")
        self.add("walt")
        self.assertEqual(ask(self.product, "walt", "tulip-4242").status, 200, "her neighbour")
        refused = ask(self.product, "vera", "tulip-4242", "127.0.2.1")
        self.assertEqual((refused.status, self.reason_of(refused)), (401, "too_many_failures"))
        self.product.run("user", "unlock", "vera", check=True)
        self.assertEqual(ask(self.product, "vera", "tulip-4242", "127.0.2.2").status, 200)

    def test_a_spent_budget_gives_one_try_per_step(self):
        self.add("ruth")
        with from_address(self.product, "127.0.3.1") as served:
            self.assertEqual(ask(self.product, "ruth", "tulip-4242", connection=served).status, 200)
            for n in range(11):
                ask(self.product, "ruth", f"guess-{n}", "127.0.3.1")
            self.assertEqual(ask(self.product, "ruth", "tulip-4242", connection=served).status, 200,
                             "the connection on which it succeeded")
            refused = ask(self.product, "ruth", "tulip-4242", "127.0.3.1")
            self.assertEqual(refused.status, 401, "a cached right answer is still an answer")
            self.assertLessEqual(int(refused["Retry-After"]), 4)
            wait_until("the next step's try", lambda: ask(
                self.product, "ruth", "tulip-4242", "127.0.3.1").status == 200, step=0.2)

    def test_guesses_at_a_cached_user_do_not_run_at_the_speed_of_a_mac(self):
        self.add("carl")
        self.assertEqual(ask(self.product, "carl", "tulip-4242").status, 200)
        before = self.product.metric("sallyport_hashes_total")
        answers = []
        with from_address(self.product, "127.0.4.1") as one:
            for n in range(100):
                answers.append(ask(self.product, "carl", f"guess-{n}", connection=one))
        self.assertEqual({answer.status for answer in answers}, {401})
        self.assertLessEqual(self.product.metric("sallyport_hashes_total") - before, 15)

    def test_wrong_passwords_do_not_slow_right_ones(self):
        self.add("dora")
        stop = threading.Event()

        def guess(n):
            i = 0
            while not stop.is_set():
                with from_address(self.product, f"127.1.{n}.{i % 250 + 1}") as one:
                    for _ in range(5):
                        ask(self.product, f"name-{n}-{i}", f"guess-{i}", connection=one)
                        i += 1

        with from_address(self.product, "127.0.0.1") as one:
            def p99(count):
                took = []
                for _ in range(count):
                    begin = time.perf_counter()
                    answer = ask(self.product, "dora", "tulip-4242", connection=one)
                    took.append(time.perf_counter() - begin)
                    self.assertEqual(answer.status, 200)
                return sorted(took)[int(count * 0.99)]

            p99(200)
            guessers = [threading.Thread(target=guess, args=(n,)) for n in range(8)]
            for thread in guessers:
                thread.start()
            try:
                busy = p99(500)
            finally:
                stop.set()
                for thread in guessers:
                    thread.join()
        # Not a measure (bench B12 is): a right one that waited for a guess's hash would be slower.
        self.assertLess(busy, 0.5)

    def test_familiar_sources_are_kept_over_a_restart(self):
        self.add("fred")
        self.assertEqual(ask(self.product, "fred", "tulip-4242").status, 200)
        self.product.stop()
        self.product.start()
        self.assertTrue(self.product.run_json("user", "show", "fred")["last_login"])
        for n in range(40):
            ask(self.product, "fred", f"guess-{n}", f"127.0.5.{n + 1}")
        self.assertEqual(ask(self.product, "fred", "tulip-4242").status, 200)

    def test_the_same_secret_in_two_accounts(self):
        """A cached answer repeats every check that a fresh one makes."""
        run = self.product.run
        run("account", "create", "Other", check=True)
        run("user", "add", "twin", "--account", "Other", stdin="tulip-4242\n", check=True)
        self.assertEqual(ask(self.product, "twin", "tulip-4242").status, 401, "of another account")
        run("user", "add", "twin", "--account", "Demo", "--role", "sender", stdin="tulip-4242\n",
            check=True)
        self.assertEqual(ask(self.product, "twin", "tulip-4242").status, 200)
        run("user", "block", "twin", "--account", "Other", check=True)
        self.assertEqual(ask(self.product, "twin", "tulip-4242").status, 200)
        run("user", "block", "twin", "--account", "Demo", check=True)
        self.assertEqual(ask(self.product, "twin", "tulip-4242").status, 401)

    def test_many_users_at_once_after_a_cold_start(self):
        """Nobody with a right password is refused 401, whatever waits."""
        for n in range(60):
            self.add(f"user-{n}")
        self.product.stop()
        self.product.start()
        statuses = []

        def come(n):
            statuses.append(ask_patiently(self.product, f"user-{n}", "tulip-4242").status)

        threads = [threading.Thread(target=come, args=(n,)) for n in range(60)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(statuses, [200] * 60)


class Import(unittest.TestCase):
    """Files of other programs, with and without a server."""

    def file(self, product, text, name="users.htpasswd"):
        path = os.path.join(product.home, name)
        with open(path, "w") as file:
            file.write(text)
        return path

    def test_every_kind_gets_in_once_and_is_then_argon2id(self):
        product = Product(config=CHEAP)
        self.addCleanup(product.close)
        kinds = hashes_of("correct horse 42")
        lines = [f"{kind}:{text}" + (":19000:0:99999:7:::" if "crypt" in kind else "")
                 for kind, text in kinds.items()]
        bad = ["broken", "apr:$apr1$salt$xxxxxxxxxxxxxxxxxxxxxx", "locked:!$6$x",
               "dear:$2y$15$" + "x" * 53, "sha:" + kinds["sha"]]
        path = self.file(product, "# old users\n" + "\n".join(lines + bad) + "\n")
        done = product.run("user", "import", path, "--account", "Demo", "--role", "sender")
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        for n, rule in enumerate(("NAME:HASH", "MD5", "locked", "over 14", "same name")):
            self.assertIn(rule, done.stdout + done.stderr)
            self.assertIn(str(len(lines) + 2 + n), done.stdout + done.stderr)
        with open(os.path.join(product.dir, "sallyport.db"), "rb") as store:
            self.assertNotIn(kinds["sha"][5:20].encode(), store.read(), "a fast hash was stored")
        product.start()
        for kind in kinds:
            self.assertEqual(ask(product, kind, "wrong horse 42").status, 401, kind)
            self.assertEqual(ask_patiently(product, kind, "correct horse 42").status, 200, kind)
        wait_until("the upgrades", lambda: "user.upgrade" in json.dumps(
            product.run_json("audit", "list")))
        for kind in kinds:
            self.assertEqual(ask(product, kind, "correct horse 42").status, 200, kind)

    def test_a_second_run_goes_on_where_the_first_stopped(self):
        product = Product(config=CHEAP)
        self.addCleanup(product.close)
        product.start()
        hash_ = hashes_of("correct horse 42")["sha256crypt"]
        count = 100_000 if LONG else 2_000
        lines = [f"user{n}:{hash_}\n" for n in range(count)]
        first = self.file(product, "".join(lines[: count // 2]))
        product.run("user", "import", first, "--account", "Demo", "--role", "sender", check=True)
        whole = self.file(product, "".join(lines))
        begin = time.monotonic()
        done = product.run("user", "import", whole, "--account", "Demo", "--role", "sender",
                           check=True)
        print(f"{count // 2} users in {time.monotonic() - begin:.1f} s")
        self.assertIn(str(count // 2), done.stdout)
        self.assertIn("already there", done.stdout)
        self.assertEqual(ask(product, f"user{count - 1}", "correct horse 42").status, 200)


class Changes(unittest.TestCase):
    def test_no_stale_answer_after_an_acknowledgement(self):
        """Four workers, readers as fast as they can, keys, users and roles that change."""
        product = Product(config=CHEAP + [(r"^\[server\]\n", "[server]\nworkers = 4\n")])
        self.addCleanup(product.close)
        product.start()
        run = product.run
        run("user", "add", "tess", "--account", "Demo", "--role", "sender", stdin="tulip-4242\n",
            check=True)
        key_id = next(key["id"] for key in product.run_json("key", "list")
                      if key["status"] == "active")
        # Each says what must be true from its acknowledgement to the next one's sending.
        steps = [
            (["user", "block", "tess"], 401), (["user", "unblock", "tess"], 200),
            (["user", "roles", "tess", "--remove", "sender"], 403),
            (["user", "roles", "tess", "--add", "sender"], 200),
            (["key", "disable", key_id], 403), (["key", "enable", key_id], 200),
        ]
        state = {"wanted": 200, "epoch": 0, "changing": False}
        stop, lock = threading.Event(), threading.Lock()
        stale, reads = [], [0]

        def read():
            connection = product.connect()
            while not stop.is_set():
                with lock:
                    before = dict(state)
                answer = ask(product, "tess", "tulip-4242", connection=connection)
                if answer is None:
                    connection = product.connect()
                    continue
                with lock:
                    reads[0] += 1
                    steady = not before["changing"] and before["epoch"] == state["epoch"]
                    if steady and not state["changing"] and answer.status != before["wanted"]:
                        stale.append((before, answer.status, answer["X-Request-Id"]))

        readers = [threading.Thread(target=read) for _ in range(8)]
        for reader in readers:
            reader.start()
        deadline = time.monotonic() + (60 if LONG else 8)
        changes = 0
        try:
            while time.monotonic() < deadline:
                for command, wanted in steps:
                    with lock:
                        state["changing"] = True
                        state["epoch"] += 1
                    run(*command, check=True)
                    with lock:
                        state["changing"] = False
                        state["wanted"] = wanted
                    changes += 1
                    stop.wait(0.15)
        finally:
            stop.set()
            for reader in readers:
                reader.join()
        print(f"{changes} changes, {reads[0]} reads, {len(stale)} stale")
        self.assertEqual([(before, status, product.access_entry(request)["reason"])
                          for before, status, request in stale[:3]], [])
        self.assertGreater(changes, 5)


if __name__ == "__main__":
    unittest.main()
