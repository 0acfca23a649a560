"""Kannel beside us: for the same text it sends the same bytes."""
# ctest: long
# ctest: timeout=300

import os
import shutil
import subprocess
import tempfile
import unittest
import urllib.parse
import urllib.request

from product import SOURCE, free_port, wait_until
from smsc import LONG, becomes, post, smsc, start

FOLDER = os.path.join(SOURCE, "build", "kannel")
LIBRARIES = os.path.join(FOLDER, "usr", "lib", "x86_64-linux-gnu")


def run_kannel(test, program, *arguments, folder):
    with open(os.path.join(folder, os.path.basename(program) + ".out"), "wb") as output:
        process = subprocess.Popen(
            [os.path.join(FOLDER, program), *arguments], cwd=folder,
            env=dict(os.environ, LD_LIBRARY_PATH=LIBRARIES),
            stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)

    def end():
        process.kill()
        process.wait()

    test.addCleanup(end)
    return process


class Kannel(unittest.TestCase):
    def setUp(self):
        if not os.path.exists(os.path.join(FOLDER, "usr/sbin/bearerbox")):
            self.skipTest("no Kannel in build/kannel: ./dev setup test fetches it")
        self.folder = tempfile.mkdtemp(prefix="sallyport-kannel-")
        self.addCleanup(shutil.rmtree, self.folder)

    def start_kannel(self, port):
        """Its sendsms, which hands on to an SMSC at the port."""
        admin, boxes, web = free_port(), free_port(), free_port()
        configuration = os.path.join(self.folder, "kannel.conf")
        with open(configuration, "w") as file:
            file.write(f"""
group = core
admin-port = {admin}
smsbox-port = {boxes}
admin-password = bar
box-allow-ip = "127.0.0.1"

group = smsc
smsc = smpp
smsc-id = peer
host = 127.0.0.1
port = {port}
transceiver-mode = true
smsc-username = kannel
smsc-password = pass
system-type = ""
interface-version = 34
source-addr-autodetect = true
dest-addr-ton = 1
dest-addr-npi = 1

group = smsbox
bearerbox-host = 127.0.0.1
bearerbox-port = {boxes}
sendsms-port = {web}
sendsms-interface = 127.0.0.1
global-sender = 123

group = sendsms-user
username = u
password = p
max-messages = 20
concatenation = true
""")
        run_kannel(self, "usr/sbin/bearerbox", "-v", "1", configuration, folder=self.folder)
        self.web = web

        def listens():
            with open(os.path.join(self.folder, "bearerbox.out"), "rb") as file:
                return b"MAIN: Start-up done" in file.read()

        wait_until("bearerbox", listens)
        run_kannel(self, "usr/sbin/smsbox", "-v", "1", configuration, folder=self.folder)

    def sendsms(self, text, ucs2):
        query = {"username": "u", "password": "p", "to": "+61400400400", "from": "Bank",
                 "dlr-mask": "31", "dlr-url": "http://127.0.0.1:9/"}
        if ucs2:
            query |= {"coding": "2", "charset": "UTF-16BE"}
            query["text"] = text.encode("utf-16-be")
        else:
            query |= {"charset": "UTF-8", "text": text.encode()}
        url = f"http://127.0.0.1:{self.web}/cgi-bin/sendsms?" + urllib.parse.urlencode(query)

        def sent():
            try:
                with urllib.request.urlopen(url, timeout=10) as answer:
                    return answer.status == 202
            except OSError:
                return False

        wait_until("sendsms", sent)

    def test_the_same_bytes(self):
        peer = smsc(self)
        self.start_kannel(peer.port)
        product = start(self, peer)
        product.run("sender", "add", "Bank", "--sms", "--account", "Demo", check=True)
        product.run("sender", "verify", "Bank", "--vouch", check=True)
        peer.wait("bind", 2)
        for body, ucs2 in [("there", False), ("@£$¥èéùìòÇØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ¡ÄÖÑÜ§¿äöñüà", False),
                           ("€uro {x} ~[y]^\\|", False), (LONG, False), ("Здравствуйте", True),
                           ("я" * 200, True)]:
            with self.subTest(body[:12]):
                before = len(peer.all("submit"))
                becomes(product, post(self, product, body=body), "SENT")
                ours = peer.all("submit")[before:]
                self.sendsms("Hello\n" + body, ucs2)
                peer.wait("submit", before + 2 * len(ours))
                theirs = peer.all("submit")[before + len(ours):]
                self.assertEqual({one["session"] for one in theirs}, {"kannel"})
                self.assertEqual([self.normal(one) for one in theirs],
                                 [self.normal(one) for one in ours])

    def normal(self, submit):
        """The body without what each side chooses freely: the reference of a concatenation, and
        the header's default values."""
        body = bytes.fromhex(submit["body"])
        at = body.index(b"61400400400\0") + 12
        esm_class, protocol, priority = body[at:at + 3]
        at = body.index(b"\0", at + 3) + 1  # schedule_delivery_time
        at = body.index(b"\0", at) + 1      # validity_period
        registered, _, coding, _, length = body[at:at + 5]
        content = body[at + 5:at + 5 + length]
        if esm_class & 0x40:
            # Kannel asks for a receipt of the first part alone, we for one of each.
            registered = registered if content[5] == 1 else 0
            content = content[:3] + b"R" + content[4:]
        # Kannel writes "store and forward" out, where we leave the SMSC's default mode (5.2.12).
        return (submit["source"], submit["source_ton"], submit["source_npi"], submit["to_ton"],
                submit["to_npi"], esm_class & 0xFC, protocol, priority, registered & 1, coding,
                content)


if __name__ == "__main__":
    unittest.main()
