"""Delivery into a real SMTP server that answers as it is told, and drops when it is told."""
# ctest: parallel

import socketserver
import threading
import unittest

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

from product import Product, free_port, wait_until

CONTENT = {"subject": "Hello", "body": "Dots:\n.\n..two\nend"}


class Script:
    """What the server answers: per recipient and per step; counts what it saw."""

    def __init__(self):
        self.lock = threading.Lock()
        self.mails = []
        self.tries = {}
        self.once = {}

    def take(self, name):
        """True the first time for a name that was armed with arm()."""
        with self.lock:
            left = self.once.get(name, 0)
            self.once[name] = left - 1
            return left > 0

    def arm(self, name, times=1):
        with self.lock:
            self.once[name] = times

    async def handle_RCPT(self, server, session, envelope, address, options):
        local = address.split("@")[0]
        with self.lock:
            count = self.tries[local] = self.tries.get(local, 0) + 1
        if local == "never":
            return "550 5.1.1 no such mailbox"
        if local == "later" and count == 1:
            return "451 4.7.1 greylisted"
        if self.take("drop-rcpt"):
            server.transport.abort()
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_MAIL(self, server, session, envelope, address, options):
        if self.take("mail-451"):
            return "451 4.3.0 try later"
        if self.take("drop-mail"):
            server.transport.abort()
        envelope.mail_from = address
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if self.take("data-452"):
            return "452 4.2.2 mailbox full"
        if self.take("data-554"):
            return "554 5.6.0 not this content"
        mail = (envelope.mail_from, list(envelope.rcpt_tos), envelope.content)
        with self.lock:
            self.mails.append(mail)
        if self.take("drop-after-dot"):
            server.transport.abort()
        return "250 queued"


class DroppingServer(SMTP):
    async def smtp_EHLO(self, hostname):
        if self.event_handler.take("drop-ehlo"):
            self.transport.abort()
            return
        await super().smtp_EHLO(hostname)

    async def smtp_DATA(self, arg):
        if self.event_handler.take("drop-data"):
            self.transport.abort()
            return
        await super().smtp_DATA(arg)


class ScriptedController(Controller):
    def factory(self):
        return DroppingServer(self.handler, **self.SMTP_kwargs)


class Smtp(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.port = free_port()
        cls.script = Script()
        cls.server = ScriptedController(
            cls.script, hostname="127.0.0.1", port=cls.port, decode_data=False
        )
        cls.server.start()
        cls.addClassCleanup(cls.server.stop)
        cls.product = Product()
        cls.addClassCleanup(cls.product.close)
        cls.product.edit_config([
            (r"^\[messaging\]\n", '[messaging]\nretry_delays = ["200ms", "200ms", "200ms"]\n'),
            (None, f'[channels.smtp]\nhost = "127.0.0.1"\nport = {cls.port}\ntimeout = "5s"'),
        ])
        cls.product.start()

    def send(self, to, **more):
        answer = self.product.post_message({**CONTENT, "to": to, **more})
        self.assertEqual(answer.status, 202, answer)
        return answer["location"]

    def settled(self, location, words):
        wait_until(
            f"{words}", lambda: sorted(self.product.status_of(location)) == sorted(words),
            seconds=30,
        )

    def mails_of(self, location):
        message_id = location.rsplit("/", 1)[1].encode()
        return [mail for mail in self.script.mails if message_id in mail[2]]

    def test_arrives_with_its_dots(self):
        location = self.send("ok@example.com")
        self.settled(location, ["SENT"])
        [(sender, to, content)] = self.mails_of(location)
        self.assertEqual(to, ["ok@example.com"])
        self.assertIn(b"Subject: Hello\r\n", content)
        self.assertTrue(sender)

    def test_split_recipients(self):
        location = self.send("ok@example.com, never@example.com; later@example.com")
        self.settled(location, ["SENT", "FAILED", "SENT"])
        reached = sorted(a for mail in self.mails_of(location) for a in mail[1])
        self.assertEqual(reached, ["later@example.com", "ok@example.com"])
        detailed = self.product.request(
            "GET",
            location.split(str(self.product.port), 1)[1] + "/messagestatus?view=detailed",
            self.product.headers(Accept="application/json"),
        )
        self.assertIn("no such mailbox", detailed.text)

    def test_temporary_answers_are_retried(self):
        for step in ("mail-451", "data-452"):
            with self.subTest(step):
                self.script.arm(step)
                location = self.send("ok@example.com")
                self.settled(location, ["SENT"])
                self.assertEqual(len(self.mails_of(location)), 1)

    def test_permanent_answer_to_the_content(self):
        self.script.arm("data-554")
        location = self.send("ok@example.com")
        self.settled(location, ["FAILED"])

    def test_a_drop_at_each_step_is_retried(self):
        for step in ("drop-ehlo", "drop-mail", "drop-rcpt", "drop-data"):
            with self.subTest(step):
                self.script.arm(step)
                location = self.send("ok@example.com")
                self.settled(location, ["SENT"])
                self.assertEqual(len(self.mails_of(location)), 1, "arrives once")

    def test_a_drop_after_the_final_dot_is_in_doubt_and_sent_again(self):
        self.script.arm("drop-after-dot")
        location = self.send("ok@example.com")
        self.settled(location, ["SENT"])
        mails = self.mails_of(location)
        self.assertEqual(len(mails), 2, "at least once: the first one did arrive")
        ids = {line for mail in mails for line in mail[2].split(b"\r\n")
               if line.lower().startswith(b"message-id:")}
        self.assertEqual(len(ids), 1, "with the same identity, so that receivers can drop it")

    def test_smuggling_arrives_as_one(self):
        for ending in ("\n.\r\n", "\n.\n", "\r.\r", "\r\n.\r\n", "\r.\n"):
            before = len(self.script.mails)
            body = "x" + ending + "MAIL FROM:<evil@example.com>\r\nRCPT TO:<v@example.com>\r\n"
            location = self.send("ok@example.com", body=body)
            self.settled(location, ["SENT"])
            self.assertEqual(len(self.script.mails), before + 1, repr(ending))


class SilentServer(socketserver.BaseRequestHandler):
    def handle(self):
        self.request.recv(1)  # never greets


class Silence(unittest.TestCase):
    def test_a_silent_relay_defers_and_holds_nothing_up(self):
        with socketserver.ThreadingTCPServer(("127.0.0.1", 0), SilentServer) as server:
            server.daemon_threads = True
            threading.Thread(target=server.serve_forever, daemon=True).start()
            port = server.server_address[1]
            product = Product()
            self.addCleanup(product.close)
            product.edit_config([
                (None, f'[channels.smtp]\nhost = "127.0.0.1"\nport = {port}\ntimeout = "1s"'),
            ])
            product.start()
            answer = product.post_message({**CONTENT, "to": "ok@example.com"})
            self.assertEqual(answer.status, 202)
            wait_until("a deferral", lambda: product.metric(
                "sallyport_deliveries_total", result="deferred") >= 1, seconds=30)
            self.assertEqual(product.status_of(answer["location"]), ["PENDING"])
            server.shutdown()


if __name__ == "__main__":
    unittest.main()
