"""Connections used again, TLS and AUTH, failover, signatures, bounces, smuggling: real servers."""
# ctest: long
# ctest: timeout=600

import json
import os
import re
import shutil
import smtplib
import socket
import ssl
import subprocess
import tempfile
import threading
import unittest

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

from product import SOURCE, Product, free_port, wait_until

try:
    import dkim
except ImportError:
    dkim = None


class Sink:
    def __init__(self):
        self.mails = []
        self.connections = 0
        self.mail_421_after = 0

    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_MAIL(self, server, session, envelope, address, options):
        session.count = getattr(session, "count", 0) + 1
        if self.mail_421_after and session.count > self.mail_421_after:
            server.transport.write(b"421 4.3.2 recycling\r\n")
            server.transport.close()
            return "421 4.3.2 recycling"
        envelope.mail_from = address
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        self.mails.append((envelope.mail_from, list(envelope.rcpt_tos), envelope.original_content))
        return "250 queued"


def certificate(folder):
    key, cert = os.path.join(folder, "key.pem"), os.path.join(folder, "cert.pem")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", key, "-out", cert, "-days",
                    "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"],
                   check=True, capture_output=True)
    return key, cert


def start_sink(test, sink, **options):
    server = Controller(sink, hostname="127.0.0.1", port=free_port(), decode_data=False, **options)
    server.start()
    test.addCleanup(server.stop)
    return server.port


class Relays(unittest.TestCase):
    def product(self, channel, more="", retry='"200ms"'):
        product = Product(config=[
            (r"^\[messaging\]\n", f"[messaging]\nretry_delays = [{retry}]\n"),
            (None, f"[channels.smtp]\n{channel}\n{more}"),
        ])
        self.addCleanup(product.close)
        return product

    def send(self, product, **fields):
        answer = product.post_message(
            {"to": "ok@example.com", "subject": "s", "body": "b", **fields})
        self.assertEqual(answer.status, 202, answer)
        return answer["location"]

    def sent(self, product, location, word="SENT"):
        wait_until(word, lambda: set(product.status_of(location)) == {word}, seconds=30)

    def test_connections_are_used_again_and_recycled(self):
        sink = Sink()
        sink.mail_421_after = 5
        port = start_sink(self, sink)
        product = self.product(f'host = "127.0.0.1"\nport = {port}\nconnections = 1')
        product.start()
        for location in [self.send(product) for _ in range(20)]:
            self.sent(product, location)
        self.assertEqual(len(sink.mails), 20)
        self.assertLess(sink.connections, 10)
        self.assertEqual(product.metric("sallyport_deliveries_total", result="deferred"), 0,
                         "recycling costs no attempt")

    def test_tls_and_auth(self):
        folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, folder)
        key, cert = certificate(folder)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(cert, key)
        sink = Sink()

        def authenticate(server, session, envelope, mechanism, data):
            good = isinstance(data, LoginPassword) and data == LoginPassword(b"user", b"pa ss")
            return AuthResult(success=good)

        port = start_sink(self, sink, tls_context=context, require_starttls=True,
                          auth_required=True, authenticator=authenticate)
        password = os.path.join(folder, "password")
        with open(password, "w") as file:
            file.write("pa ss\n")
        os.chmod(password, 0o600)
        product = self.product(
            f'host = "localhost"\nport = {port}\nsecurity = "starttls"\nca_file = "{cert}"\n'
            f'username = "user"\npassword_file = "{password}"')
        product.start()
        self.sent(product, self.send(product))
        self.assertEqual(len(sink.mails), 1)
        product.stop()
        os.chmod(password, 0o644)
        refused = product.run("serve")
        self.assertEqual(refused.returncode, 1)
        self.assertIn("chmod 600", refused.stderr)

    def test_a_certificate_that_nobody_knows_defers(self):
        folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, folder)
        key, cert = certificate(folder)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(cert, key)
        port = start_sink(self, Sink(), ssl_context=context)
        product = self.product(f'host = "localhost"\nport = {port}\nsecurity = "tls"', retry='"1h"')
        product.start()
        location = self.send(product)
        wait_until("a deferral", lambda: product.metric(
            "sallyport_deliveries_total", result="deferred") >= 1)
        story = product.run_json("message", "show", location.rsplit("/", 1)[1])
        self.assertIn("certificate", story["recipients"][0]["text"])

    def test_the_second_relay_takes_over(self):
        sink = Sink()
        port = start_sink(self, sink)
        product = self.product(
            f'host = "127.0.0.1"\nport = {free_port()}',
            f'[[channels.smtp.relay]]\nhost = "127.0.0.1"\nport = {port}')
        product.start()
        location = self.send(product)
        self.sent(product, location)
        story = product.run_json("message", "show", location.rsplit("/", 1)[1])
        self.assertEqual(story["recipients"][0]["history"][0]["via"], f"127.0.0.1:{port}")
        self.assertEqual(story["recipients"][0]["attempts"], 1)

    @unittest.skipUnless(dkim, "python3-dkim is not installed")
    def test_signatures_verify_independently(self):
        sink = Sink()
        port = start_sink(self, sink)
        product = self.product(f'host = "127.0.0.1"\nport = {port}')
        product.start()
        for kind in ("rsa", "ed25519"):
            with self.subTest(kind):
                domain = f"{kind}.example.com"
                product.run("sender", "add", domain, "--account", "Demo", check=True)
                product.run("sender", "verify", domain, "--vouch", check=True)
                sender = product.run_json("sender", "dkim", domain, "--selector", "s1", "--kind",
                                          kind)
                location = self.send(
                    product, subject="Grüße ☃ an alle, die hier mitlesen und noch viel mehr",
                    **{"from": f"news@{domain}"},
                    email={"type": "text/html", "body": "<p>Hallo <b>Welt</b> ☃</p>",
                           "optOutOption": {"rmsUnsubscribeUrl": "https://example.com/u/1",
                                            "oneClickApiMapping": "true"}})
                self.sent(product, location)
                mail = sink.mails[-1][2]
                self.assertIn(b"List-Unsubscribe-Post: List-Unsubscribe=One-Click", mail)
                self.assertIn(b"multipart/alternative", mail)

                def record(name, timeout=5, sender=sender):
                    self.assertEqual(name, sender["dkim_name"].encode() + b".")
                    return sender["dkim_record"].encode()
                self.assertTrue(dkim.verify(mail, dnsfunc=record))
                forged = mail.replace(b"Subject: ", b"Subject: x", 1)
                self.assertFalse(dkim.verify(forged, dnsfunc=record))

    def test_bounces_come_back(self):
        sink = Sink()
        port = start_sink(self, sink)
        lmtp = free_port()
        product = self.product(
            f'host = "127.0.0.1"\nport = {port}',
            f'[channels.bounces]\ndomain = "bounces.example.com"\nport = {lmtp}')
        product.start()
        location = self.send(product, to="ok@example.com;two@example.com")
        self.sent(product, location)
        senders = [mail[0] for mail in sink.mails]
        self.assertEqual(len(set(senders)), 2, "one address for each recipient")
        report = ("From: mailer-daemon@example.com\r\nContent-Type: multipart/report; "
                  'report-type=delivery-status; boundary="x"\r\n\r\n--x\r\n'
                  "Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx\r\n\r\n"
                  "Action: failed\r\nStatus: 5.1.1\r\n"
                  "Diagnostic-Code: smtp; 550 5.1.1 unknown\r\n\r\n--x--\r\n")
        with smtplib.LMTP("127.0.0.1", lmtp) as client:
            with self.assertRaises(smtplib.SMTPRecipientsRefused):
                client.sendmail("<>", ["b-" + "0" * 32 + "-1-" + "0" * 16
                                       + "@bounces.example.com"], report)
        with smtplib.LMTP("127.0.0.1", lmtp) as client:
            client.sendmail("<>", [senders[0]], report)
        wait_until("FAILED", lambda: sorted(product.status_of(location)) == ["FAILED", "SENT"])
        story = json.dumps(product.run_json("message", "show", location.rsplit("/", 1)[1]))
        self.assertIn("bounced: 550 5.1.1 unknown", story)

    def test_attachments_and_names(self):
        import base64
        import email
        import email.policy

        sink = Sink()
        port = start_sink(self, sink, data_size_limit=40_000_000)
        product = self.product(f'host = "127.0.0.1"\nport = {port}')
        product.start()
        blob = os.urandom(7_000_000)
        location = self.send(product, subject=" ".join(["Ünïcödé"] * 12), email={
            "body": "text", "type": "text/plain", "resources": {"attachment": [
                {"attachmentName": "Übersicht — März.pdf", "derefUri":
                    base64.b64encode(blob).decode()}]}})
        self.sent(product, location)
        mail = email.message_from_bytes(sink.mails[-1][2], policy=email.policy.default)
        self.assertEqual(mail["subject"], " ".join(["Ünïcödé"] * 12))
        [attachment] = list(mail.iter_attachments())
        self.assertEqual(attachment.get_filename(), "Übersicht — März.pdf")
        self.assertEqual(attachment.get_content(), blob)


SMUGGLED = ["\n.\r\nMAIL FROM:<evil@x>\r\n", "\n.\n", "\r.\r", "\r\n.\r\n", "\r\n.\n", "\n.\r"]


class Smuggling(unittest.TestCase):
    def send_all(self, port):
        product = Product(config=[(None, f'[channels.smtp]\nhost = "127.0.0.1"\nport = {port}')])
        self.addCleanup(product.close)
        product.start()
        body = "start" + "MAIL FROM:<evil@example.com>\r\nRCPT TO:<victim@example.com>\r\nDATA\r\n"
        for end in SMUGGLED:
            answer = product.post_message({"to": "ok@example.com", "subject": "one",
                                           "body": "start" + end + body + end + "end"})
            self.assertEqual(answer.status, 202)
            wait_until("SENT", lambda: product.status_of(answer["location"]) == ["SENT"])
        for bad in ("a\r\nBcc: v@example.com", "a\nb", "a\rb", "a\0b"):
            for field in ("subject", "to", "from", "label"):
                content = {"to": "ok@example.com", "subject": "s", "body": "b"}
                content[field] = (content.get(field) or "x@example.com") + bad
                self.assertEqual(product.post_message(content).status, 422, (field, bad))

    def test_one_message_arrives_at_aiosmtpd(self):
        sink = Sink()
        self.send_all(start_sink(self, sink))
        self.assertEqual(len(sink.mails), len(SMUGGLED))
        for _, to, _ in sink.mails:
            self.assertEqual(to, ["ok@example.com"])

    def test_one_message_arrives_at_postfix_smtp_sink(self):
        folder = os.path.join(SOURCE, "build", "postfix")
        binary = shutil.which("smtp-sink") or os.path.join(folder, "usr/sbin/smtp-sink")
        if not os.access(binary, os.X_OK):
            self.skipTest("Postfix's smtp-sink is not here: ./dev setup test extracts it")
        port = free_port()
        dump = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, dump, ignore_errors=True)
        os.chmod(dump, 0o777)
        libraries = os.path.join(folder, "usr/lib/postfix")
        sink = subprocess.Popen(
            [os.path.abspath(binary), "-c", "-d", os.path.join(dump, "mail."),
             f"127.0.0.1:{port}", "100"],
            env=dict(os.environ, LD_LIBRARY_PATH=os.path.abspath(libraries)), cwd=dump,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)

        def listening():
            if sink.poll() is not None:
                raise unittest.SkipTest(f"smtp-sink does not run here: {sink.stderr.read()!r}")
            with socket.socket() as probe:
                return probe.connect_ex(("127.0.0.1", port)) == 0
        try:
            wait_until("smtp-sink", listening)
            self.send_all(port)
            mails = [name for name in os.listdir(dump) if name.startswith("mail.")]
            texts = []
            for name in mails:
                with open(os.path.join(dump, name), errors="replace") as file:
                    text = file.read()
                if re.search(r"^Subject: one", text, re.M):
                    texts.append(text)
            self.assertEqual(len(texts), len(SMUGGLED), mails)
            for text in texts:
                self.assertEqual(len(re.findall(r"^X-Rcpt-Args:", text, re.M)), 1, text[:400])
        finally:
            sink.terminate()
            sink.wait()
            sink.stderr.close()


if __name__ == "__main__":
    unittest.main()
