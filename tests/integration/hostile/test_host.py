# ctest: timeout=300
"""Names of hosts: whatever their spelling, number and way, a request is served by the host it names
or by none."""

import os
import socket
import ssl
import unittest

from product import Product, RawConnection, free_port


def hello_in_records(context, name, size):
    """A client's TLS whose first message is cut into records of `size` bytes."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = context.wrap_bio(incoming, outgoing, server_hostname=name)
    try:
        tls.do_handshake()
    except ssl.SSLWantReadError:
        pass
    hello = outgoing.read()
    version, message = hello[1:3], hello[5:]
    cut = b"".join(b"\x16" + version + len(message[at:at + size]).to_bytes(2, "big")
                   + message[at:at + size] for at in range(0, len(message), size))
    return tls, incoming, outgoing, cut


class Host(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.product = Product()
        cls.addClassCleanup(cls.product.close)
        cls.plain = free_port()
        cls.product.edit_config([
            (None, f'[[listener]]\nkind = "trusted"\naddress = "127.0.0.1"\nport = {cls.plain}\n')])
        cls.product.start()

    def status(self, host_lines, target="/", tls=True):
        data = f"GET {target} HTTP/1.1\r\n{host_lines}\r\n".encode("latin-1")
        connection = self.product.connect() if tls else RawConnection(self.plain)
        with connection:
            connection.send(data)
            answer = connection.read_answer()
            return answer.status if answer else None

    def test_every_spelling_is_the_host_or_nobody(self):
        rows = [
            ("Host: localhost\r\n", 403), ("Host: LOCALHOST\r\n", 403),
            ("Host: localhost.\r\n", 403),
            ("Host: localhost:1\r\n", 403), ("HOST:localhost\r\n", 403),
            ("Host: LocalHost.:65535\r\n", 403),
            ("Host: localhost..\r\n", 400), ("Host: localhost:\r\n", (400, 403)),
            ("Host: localhost:65536\r\n", 400), ("Host: localhost:x\r\n", 400),
            ("Host: user@localhost\r\n", 400), ("Host: localhost/x\r\n", 400),
            ("Host: local\x00host\r\n", 400), ("Host: localhost localhost\r\n", 400),
            ("Host: [::1%25lo]\r\n", 400), ("Host: [::1\r\n", 400),
            ("Host: xn--lcalhost-x\r\n", 421),
            ("Host: l\xf6calhost\r\n", 400), ("Host: *.example.com\r\n", (400, 421)),
            ("Host: unknown\r\n", 421), ("Host:\r\n", (400, 421)), ("", 400),
            ("Host: localhost\r\nHost: localhost\r\n", 400),
            ("Host: localhost\r\nHost: api.local.test\r\n", 400),
            ("Host: localhost\r\nhost: unknown\r\n", 400),
        ]
        for lines, wanted in rows:
            for tls in (True, False):
                with self.subTest(lines, tls=tls):
                    got = self.status(lines, tls=tls)
                    self.assertIn(got, wanted if isinstance(wanted, tuple) else (wanted,))

    def test_an_absolute_target_names_the_same_host(self):
        self.assertEqual(self.status("Host: localhost\r\n", "https://localhost/"), 403)
        self.assertEqual(self.status("Host: localhost\r\n", "https://api.local.test/"), 400)
        self.assertEqual(self.status("Host: unknown\r\n", "https://localhost/"), 400)

    def test_a_hello_in_one_byte_records(self):
        for size in (1, 2, 7, 100):
            for name, host, wanted in (("localhost", "localhost", 403),
                                       ("unknown.test", "localhost", 421)):
                with self.subTest(size=size, name=name):
                    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
                    context.check_hostname = False
                    context.verify_mode = ssl.CERT_NONE
                    tls, incoming, outgoing, cut = hello_in_records(context, name, size)
                    with socket.create_connection(("127.0.0.1", self.product.port),
                                                  timeout=20) as raw:
                        raw.sendall(cut)
                        self.assertEqual(self.finish(raw, tls, incoming, outgoing, host), wanted)

    def finish(self, raw, tls, incoming, outgoing, host):
        def pump(step):
            while True:
                try:
                    result = step()
                    if outgoing.pending:
                        raw.sendall(outgoing.read())
                    return result
                except ssl.SSLWantReadError:
                    if outgoing.pending:
                        raw.sendall(outgoing.read())
                    data = raw.recv(65536)
                    self.assertTrue(data, "closed within the handshake")
                    incoming.write(data)

        pump(tls.do_handshake)
        pump(lambda: tls.write(f"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n".encode()))
        return int(pump(lambda: tls.read(65536)).split(b" ")[1])


class ManyHosts(unittest.TestCase):
    def test_of_many_hosts_each_is_found_in_any_case(self):
        for count in (1, 99, 101, 10_000):
            with self.subTest(count=count):
                product = Product()
                self.addCleanup(product.close)
                hosts = "".join(f'[[api.host]]\nhost = "Host-{i}.example.com"\n'
                                for i in range(count))
                product.edit_config([
                    (None, f'[[api]]\nname = "many"\nmaintenance = true\n{hosts}')])
                product.start()
                # Without a server name no host is named twice.
                context = ssl.create_default_context(cafile=product.ca)
                context.check_hostname = False
                raw = socket.create_connection(("127.0.0.1", product.port), timeout=20)
                connection = RawConnection.__new__(RawConnection)
                connection.socket, connection.buffer = context.wrap_socket(raw), b""
                with connection:
                    for i in sorted({0, count // 2, count - 1}):
                        for name in (f"host-{i}.example.com", f"HOST-{i}.EXAMPLE.COM"):
                            connection.send(f"GET / HTTP/1.1\r\nHost: {name}\r\n\r\n".encode())
                            self.assertEqual(connection.read_answer().status, 503, name)
                    connection.send(f"GET / HTTP/1.1\r\nHost: host-{count}.example.com\r\n\r\n"
                                    .encode())
                    self.assertEqual(connection.read_answer().status, 421)
                product.stop()


class Files(unittest.TestCase):
    """Each secret or certificate file missing or garbled: refuses to serve, never serves open."""

    def test_each_file_missing_or_garbled(self):
        product = Product()
        self.addCleanup(product.close)
        files = [os.path.join(product.dir, "tls", name) for name in ("server.pem", "server.key")]
        secrets = os.path.join(product.dir, "secrets")
        # Without the demo's own secrets there is no demo, and the server serves all the same.
        files += [os.path.join(secrets, name) for name in sorted(os.listdir(secrets))
                  if name.endswith(".key")]
        for path in files:
            with open(path, "rb") as file:
                good = file.read()
            for what in ("missing", "empty", "garbled"):
                with self.subTest(os.path.basename(path), what=what):
                    if what == "missing":
                        os.rename(path, path + ".away")
                    else:
                        with open(path, "wb") as file:
                            file.write(b"" if what == "empty" else b"garbled")
                    served = product.run("serve", "--port", "0", "--metrics-port", "0")
                    self.assertEqual(served.returncode, 1)
                    self.assertIn(os.path.basename(path), served.stderr)
                    if what == "missing":
                        os.rename(path + ".away", path)
                    with open(path, "wb") as file:
                        file.write(good)
        product.start()  # and with everything back it serves
        self.assertEqual(product.get("/messages").status, 200)


if __name__ == "__main__":
    unittest.main()
