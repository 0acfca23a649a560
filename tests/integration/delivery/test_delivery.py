"""Scheduling, queue verbs, senders, guards, the simulator, privacy, as operators and clients see
them."""
# ctest: parallel
# ctest: timeout=600

import datetime
import glob
import json
import os
import socketserver
import threading
import unittest
import zoneinfo

from product import Product, free_port, wait_until

CONTENT = {"to": "ann@example.com", "subject": "Hello", "body": "This is the body"}
CANARY = "canary-7f3a"


def id_of(answer):
    return answer["location"].rsplit("/", 1)[1]


class Delivery(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.product = Product()
        cls.addClassCleanup(cls.product.close)
        cls.product.start()

    def post(self, expect=202, **fields):
        answer = self.product.post_message({**CONTENT, **fields})
        self.assertEqual(answer.status, expect, answer)
        return answer

    def settled(self, answer, word, seconds=20):
        wait_until(word, lambda: self.product.status_of(answer["location"]) == [word],
                   seconds=seconds)

    def story(self, answer):
        return self.product.run_json("message", "show", id_of(answer))

    def test_a_story_attempt_by_attempt(self):
        answer = self.post()
        self.settled(answer, "SENT")
        [recipient] = self.story(answer)["recipients"]
        self.assertEqual(recipient["state"], "sent")
        [attempt] = recipient["history"]
        self.assertEqual((attempt["number"], attempt["result"]), (1, "sent"))
        self.assertEqual(attempt["via"], "file")

    def test_scheduled_is_held_until_its_time_and_can_be_cancelled(self):
        zone = zoneinfo.ZoneInfo("UTC")
        when = datetime.datetime.now(zone) + datetime.timedelta(hours=2)
        answer = self.post(200, messageType="SCHEDULED", scheduleType="ONCE",
                           scheduleDate=when.strftime("%d/%m/%Y %H:%M"))
        echo = answer.json()
        self.assertEqual(echo["scheduleDate"], when.strftime("%d/%m/%Y %H:%M"))
        self.assertEqual(echo["link"][0]["rel"], "self")
        self.assertTrue(echo["validBody"])
        self.assertEqual(self.product.status_of(answer["location"]), ["PENDING"])
        rows = self.product.run_json("queue", "show", id_of(answer))
        self.assertEqual(rows[0]["next_attempt"][:16], when.strftime("%Y-%m-%dT%H:%M"))
        self.product.run("queue", "drop", id_of(answer), check=True)
        self.settled(answer, "FAILED")
        self.assertIn(f"{id_of(answer)}-1", [
            row["name"] for row in self.product.run_json("queue", "list", "--dead")])
        again = self.product.run_json("queue", "retry", id_of(answer), "--dead")["message"]
        wait_until("the copy", lambda: f"{again}-1.eml" in self.product.outbox())
        self.assertEqual(self.product.status_of(answer["location"]), ["FAILED"])

    def test_a_message_that_is_due_now_repeats(self):
        when = datetime.datetime.now(zoneinfo.ZoneInfo("UTC"))
        before = set(self.product.outbox())
        answer = self.post(200, subject="again and again", messageType="SCHEDULED",
                           scheduleType="REPEAT", repetitionCount="2", repeatMin=1,
                           scheduleDate=when.strftime("%d/%m/%Y %H:%M"))
        self.assertEqual(answer.json()["repetitionCount"], 2)
        self.settled(answer, "SENT")

        def copies():
            found = 0
            for name in set(self.product.outbox()) - before:
                with open(os.path.join(self.product.demo["outbox"], name)) as file:
                    found += "again and again" in file.read()
            return found >= 2
        wait_until("the second one, a minute later", copies, seconds=90)
        self.assertEqual(self.story(answer)["repeats_left"], 1)
        self.product.run("queue", "drop", id_of(answer), check=True)
        self.assertEqual(self.story(answer)["repeats_left"], 0)
        self.assertIsNone(self.story(answer)["next_repetition"])
        self.assertEqual(self.product.run("queue", "drop", id_of(answer)).returncode, 1)

    def test_hold_release_and_suspension(self):
        product = self.product
        later = datetime.datetime.now(zoneinfo.ZoneInfo("UTC")) + datetime.timedelta(hours=1)
        answer = self.post(200, messageType="SCHEDULED",
                           scheduleDate=later.strftime("%d/%m/%Y %H:%M"))
        product.run("queue", "hold", id_of(answer), check=True)
        self.assertEqual(product.run_json("queue", "show", id_of(answer))[0]["state"], "held")
        self.assertEqual(product.run("queue", "retry", id_of(answer)).returncode, 1)
        product.run("account", "suspend", "Demo", check=True)
        self.addCleanup(product.run, "account", "activate", "Demo")
        product.run("queue", "release", id_of(answer), check=True)
        row = product.run_json("queue", "show", id_of(answer))[0]
        self.assertEqual(row["state"], "held", "its account is suspended")
        self.assertTrue(product.run_json("queue", "summary")[0]["suspended"])
        product.run("account", "activate", "Demo", check=True)
        row = product.run_json("queue", "show", id_of(answer))[0]
        self.assertEqual(row["next_attempt"][:16], later.strftime("%Y-%m-%dT%H:%M"), "not before")
        self.assertEqual(product.run("queue", "retry", id_of(answer)).returncode, 1)
        product.run("queue", "drop", id_of(answer), check=True)
        actions = [row["action"] for row in product.run_json("audit", "list")]
        self.assertIn("queue.hold", actions)
        self.assertIn("queue.release", actions)
        self.assertEqual(product.run("audit", "verify").returncode, 0)

    def test_from_only_verified_senders(self):
        product = self.product
        refused = self.post(422, **{"from": "boss@example.com"})
        self.assertIn("no verified sender", refused.json()["errorText"])
        product.run("sender", "add", "example.com", "--account", "Demo", check=True)
        self.post(422, **{"from": "boss@example.com"})
        product.run("sender", "verify", "example.com", "--vouch", check=True)
        answer = self.post(**{"from": "boss@example.com"})
        self.settled(answer, "SENT")
        with open(os.path.join(product.demo["outbox"], id_of(answer) + "-1.eml")) as file:
            self.assertIn("<boss@example.com>", file.read())
        self.post(422, **{"from": "boss@other.example"})
        self.post(422, **{"from": "boss@example.com\r\nBcc: x@example.org"})
        self.post(422, features={"aliasOption": {"aliasName": "Bank"}})
        product.run("sender", "disable", "example.com", check=True)
        self.post(422, **{"from": "boss@example.com"})

    def test_phone_numbers_have_no_channel_here(self):
        refused = self.post(422, to="+61400400400")
        self.assertIn("No SMS channel", refused.json()["errorText"])


class Guards(unittest.TestCase):
    def test_velocity_is_counted_with_the_message(self):
        with Product() as product:
            product.run("account", "set-sending", "Demo", "--per-day", "5", check=True)
            many = {**CONTENT, "to": ";".join(f"u{i}@example.com" for i in range(4))}
            self.assertEqual(product.post_message(many).status, 202)
            over = product.post_message(many)
            self.assertEqual(over.status, 429)
            self.assertGreater(int(over["retry-after"]), 0)
            self.assertEqual(product.post_message(CONTENT).status, 202, "what fits still goes")
            self.assertEqual(product.post_message(CONTENT).status, 429)
            product.kill()
            product.start()
            self.assertEqual(product.post_message(CONTENT).status, 429, "over a crash too")
            product.run("account", "set-sending", "Demo", "--per-day", "unlimited", check=True)
            self.assertEqual(product.post_message(CONTENT).status, 202)


class Simulator(unittest.TestCase):
    def test_the_documented_recipients(self):
        product = Product(config=[
            (r"^\[messaging\]\n", '[messaging]\nretry_delays = ["200ms"]\n'),
            (None, f'[channels.smtp]\nhost = "127.0.0.1"\nport = {free_port()}'),
        ])
        self.addCleanup(product.close)
        product.start()
        application = product.run_json("application", "list")[0]["id"]
        subscription = product.run_json("subscription", "create", "--application", application,
                                        "--plan", "Demo plan", "--environment", "test")["id"]
        key = product.run_json("key", "create", "--subscription", subscription)["key"]
        cases = (
            ("delivered@example.com", "DELIVRD"),
            ("failed@example.com", "FAILED"),
            ("busy+x@example.com", "DELIVRD"),
            ("slow@example.com", "DELIVRD"),
            ("+61400000001", "FAILED"),
            ("61400400400", "DELIVRD"),
        )
        for to, word in cases:
            with self.subTest(to):
                answer = product.post_message({**CONTENT, "to": to}, key=key)
                self.assertEqual(answer.status, 202, answer)

                def words():
                    shown = product.request(
                        "GET", f"/messages/{id_of(answer)}/messagestatus?view=detailed",
                        product.headers(key=key, Accept="application/json")).json()
                    return [s["status"] for s in shown["messageStatuses"][0]["status"]
                            if s["status"]]
                wait_until(f"{to}: {word}", lambda: words() == [word])


class Silence(socketserver.BaseRequestHandler):
    def handle(self):
        self.request.recv(1)


class Privacy(unittest.TestCase):
    def test_nothing_personal_gets_into_logs(self):
        with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Silence) as server:
            server.daemon_threads = True
            threading.Thread(target=server.serve_forever, daemon=True).start()
            product = Product(config=[
                (None, '[channels.smtp]\nhost = "127.0.0.1"\n'
                       f'port = {server.server_address[1]}\ntimeout = "500ms"')])
            self.addCleanup(product.close)
            product.start()
            to = f"{CANARY}@example.com"
            answer = product.post_message({"to": to, "subject": CANARY, "body": CANARY})
            self.assertEqual(answer.status, 202)
            wait_until("a deferral", lambda: product.metric(
                "sallyport_deliveries_total", result="deferred") >= 1)
            exported = product.run_json("message", "export", "--recipient", to)
            self.assertEqual(exported[0]["body"], CANARY)
            product.run("message", "erase", "--recipient", to, check=True)
            self.assertEqual(product.run_json("message", "export", "--recipient", to), [])
            self.assertEqual(product.request("GET", f"/messages/{id_of(answer)}").status, 404)
            self.assertNotIn(CANARY, json.dumps(product.run_json("audit", "list")))
            self.assertNotIn(CANARY, product.metrics())
            product.stop()
            for path in [product.stderr_path, product.stdout_path,
                         *glob.glob(os.path.join(product.dir, "*.log"))]:
                with open(path, errors="replace") as file:
                    self.assertNotIn(CANARY, file.read(), path)
            server.shutdown()


if __name__ == "__main__":
    unittest.main()
