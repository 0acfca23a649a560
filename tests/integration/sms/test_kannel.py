"""Kannel beside us: for the same text it sends the same bytes. And behind us: its own SMSC."""
# ctest: long
# ctest: timeout=300

import contextlib
import os
import re
import shutil
import socket
import struct
import subprocess
import tempfile
import threading
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
        edges = [("x" * (units - 6) + tail, False) for units, tail in (
            (159, ""), (160, ""), (161, ""), (158, "€"), (159, "€"), (306, ""), (307, ""))]
        # With the escape where the first part would end.
        edges += [("x" * (152 - 6) + "€" + "x" * 20, False), ("x" * (151 - 6) + "€" * 9, False)]
        edges += [("я" * (units - 6) + tail, True) for units, tail in (
            (70, ""), (71, ""), (134, ""), (135, ""), (68, "😀"), (69, "😀"))]
        for body, ucs2 in [*edges, ("there", False),
                           ("@£$¥èéùìòÇØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ¡ÄÖÑÜ§¿äöñüà", False),
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


class Rebind:
    """Between a transceiver and an SMSC that knows transmitters and receivers only."""

    def __init__(self, test, port, command):
        self.port_behind, self.command = port, command
        self.server = socket.create_server(("127.0.0.1", 0))
        self.port = self.server.getsockname()[1]
        test.addCleanup(self.server.close)
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                ours, _ = self.server.accept()
            except OSError:
                return
            try:
                theirs = socket.create_connection(("127.0.0.1", self.port_behind))
            except OSError:
                ours.close()
                continue
            back = 0x80000000
            for source, target, was, becomes_ in ((ours, theirs, 9, self.command),
                                                  (theirs, ours, back | self.command, back | 9)):
                threading.Thread(target=self.pump, args=(source, target, was, becomes_),
                                 daemon=True).start()

    def pump(self, source, target, was, becomes_):
        data = b""
        with contextlib.suppress(OSError):
            while more := source.recv(65536):
                data += more
                while len(data) >= 16 and len(data) >= struct.unpack_from(">I", data)[0]:
                    length, command = struct.unpack_from(">2I", data)
                    if command == was:
                        data = data[:4] + struct.pack(">I", becomes_) + data[8:]
                    target.sendall(data[:length])
                    data = data[length:]
        for one in (source, target):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)


class ItsOwnSmsc(unittest.TestCase):
    """The SMSC that Kannel's authors test Kannel with, `drive_smpp`. It tells what it was sent, and
    sends so many messages as soon as there is a receiver; it lives for a few seconds, because it
    looks for a bearerbox too."""

    def test_takes_and_sends(self):
        program = os.path.join(FOLDER, "usr/lib/kannel/test/drive_smpp")
        if not os.path.exists(program):
            self.skipTest("no drive_smpp in build/kannel: ./dev setup test fetches it")
        folder = tempfile.mkdtemp(prefix="sallyport-kannel-")
        self.addCleanup(shutil.rmtree, folder)
        with open(os.path.join(folder, "drive.conf"), "w") as file:
            file.write("group = core\nadmin-port = 13000\nadmin-password = bar\n"
                       "smsbox-port = 13001\n\ngroup = smpp-tlv\nname = my_receipted_message_id\n"
                       "tag = 0x001E\ntype = octetstring\nlength = 65\n")
        port = free_port()

        class Peer:  # what start() asks of an SMSC
            def __init__(self, port):
                self.port = port

        product = start(self, Peer(Rebind(self, port, 2).port), Peer(Rebind(self, port, 1).port),
                        bind="window = 5")
        locations = [post(self, product, body=body) for body in ("there", "{€}")]
        run_kannel(self, "usr/lib/kannel/test/drive_smpp", "-v", "0", "-p", str(port), "-m", "20",
                   "-c", os.path.join(folder, "drive.conf"), folder=folder)
        for location in locations:
            becomes(product, location, "SENT")
        with open(os.path.join(folder, "drive_smpp.out"), "rb") as file:
            told = re.findall(rb"submit_sm: short_message = <([^>]*)>", file.read())
        self.assertEqual(sorted(told), [b"Hello\n\x1b(\x1be\x1b)", b"Hello\nthere"])
        wait_until("20 messages from Kannel",
                   lambda: len(product.run_json("message", "incoming")) == 20)
        self.assertEqual({(row["source"], row["destination"])
                          for row in product.run_json("message", "incoming")}, {("456", "123")})


if __name__ == "__main__":
    unittest.main()
