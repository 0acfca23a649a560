"""SMS over SMPP, against an SMSC of other people's making: what goes wrong."""
# ctest: long
# ctest: timeout=300

import os
import shutil
import subprocess
import tempfile
import time
import unittest

from product import wait_until
from smsc import becomes, post, smsc, start


class Trouble(unittest.TestCase):
    def test_what_the_smsc_refuses(self):
        peer = smsc(self)
        product = start(self, peer)
        peer.say("rule", status=0x0B, count=1)  # ESME_RINVDSTADR
        becomes(product, post(self, product), "FAILED")
        peer.say("rule", status=0x08, count=1)  # ESME_RSYSERR
        location = post(self, product)
        becomes(product, location, "SENT")
        story = product.run_json("message", "show", location.rsplit("/", 1)[1])
        self.assertEqual(len(story["recipients"][0]["history"]), 2)

    def test_throttling_burns_no_attempt(self):
        for status in (0x58, 0x14):  # ESME_RTHROTTLED, ESME_RMSGQFUL
            with self.subTest(status=status):
                peer = smsc(self)
                product = start(self, peer)
                peer.say("rule", status=status, count=2)
                began = time.monotonic()
                location = post(self, product)
                becomes(product, location, "SENT")
                self.assertGreater(time.monotonic() - began, 0.9, "the bind has slowed down")
                story = product.run_json("message", "show", location.rsplit("/", 1)[1])
                self.assertEqual(len(story["recipients"][0]["history"]), 1)
                self.assertEqual(product.metric("sallyport_deliveries_total", result="deferred"), 0)
                product.close()

    def test_a_pace_that_the_smsc_insists_on(self):
        peer = smsc(self, per_second=10)
        product = start(self, peer)
        numbers = [f"+6140040{n:04}" for n in range(40)]
        location = post(self, product, to=";".join(numbers))
        wait_until("all", lambda: product.metric("sallyport_deliveries_total", result="sent") == 40,
                   seconds=60)
        self.assertEqual(product.metric("sallyport_deliveries_total", result="deferred"), 0)
        self.assertTrue(location)

    def test_a_connection_that_breaks_is_made_again(self):
        peer = smsc(self)
        product = start(self, peer)
        peer.wait("bind")
        peer.say("drop")
        location = post(self, product)
        becomes(product, location, "SENT")
        self.assertGreaterEqual(len(peer.all("bind")), 2)
        peer.say("unbind")
        becomes(product, post(self, product), "SENT")

    def test_in_doubt_goes_again_unless_it_is_marketing(self):
        peer = smsc(self)
        product = start(self, peer)
        peer.wait("bind")
        peer.say("rule", drop=True, count=1)
        becomes(product, post(self, product), "SENT")
        self.assertEqual(len(peer.all("submit")), 2)
        peer.wait("bind", 2)
        peer.say("rule", drop=True, count=1)
        post(self, product, messageClass="marketing")
        wait_until("in doubt", lambda: product.metric(
            "sallyport_deliveries_total", result="in_doubt") == 2)
        peer.wait("bind", 3)
        becomes(product, post(self, product, body="another"), "SENT")
        self.assertEqual(len(peer.all("submit")), 4)

    def test_another_bind_takes_over(self):
        one, two = smsc(self), smsc(self)
        product = start(self, one, two)
        one.wait("bind")
        two.wait("bind")
        one.close()
        for _ in range(3):
            becomes(product, post(self, product), "SENT")
        self.assertEqual(len(two.all("submit")), 3)

    def test_an_smsc_that_is_away_at_first(self):
        peer = smsc(self)
        port = peer.port
        peer.close()
        product = start(self, peer)
        location = post(self, product)
        again = smsc(self, port=port)
        becomes(product, location, "SENT", seconds=40)
        self.assertEqual(len(again.all("submit")), 1)

    def test_enquire_link_and_silence(self):
        peer = smsc(self)
        product = start(self, peer, bind='enquire_interval = "1s"')
        peer.wait("enquire_link", 2)
        peer.say("rule", deaf=True)
        peer.wait("bind", 2)
        peer.say("rule")
        becomes(product, post(self, product), "SENT")

    def test_tls(self):
        folder = tempfile.mkdtemp(prefix="sallyport-test-")
        self.addCleanup(shutil.rmtree, folder)
        key, certificate = os.path.join(folder, "key.pem"), os.path.join(folder, "cert.pem")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                        "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", key, "-out",
                        certificate, "-days", "2", "-subj", "/CN=smsc", "-addext",
                        "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True)
        peer = smsc(self, receipts="late", key=key, certificate=certificate)
        product = start(self, peer, bind=f'tls = true\nca_file = "{certificate}"')
        becomes(product, post(self, product), "DELIVRD")
        stranger = smsc(self, key=key, certificate=certificate)
        product = start(self, stranger, bind="tls = true")
        wait_until("a refusal", lambda: "certificate" in product.log())
        self.assertEqual(stranger.all("bind"), [])

    def test_a_password_file_that_others_can_read(self):
        peer = smsc(self)
        product = start(self, peer)
        product.stop()
        os.chmod(os.path.join(product.dir, "secrets", "smsc"), 0o644)
        refused = product.run("serve")
        self.assertEqual(refused.returncode, 1)
        self.assertIn("chmod 600", refused.stderr)


if __name__ == "__main__":
    unittest.main()
