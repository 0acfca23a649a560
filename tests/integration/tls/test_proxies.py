# ctest: timeout=300
"""Behind balancers: the PROXY protocol, Forwarded and X-Forwarded-*, from whom they count."""
# ctest: parallel

import socket
import ssl
import unittest

from product import Product, RawConnection, free_port, parse_head

SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"


def binary(address, port, more=b"", command=0x21):
    body = socket.inet_aton(address) + socket.inet_aton("192.0.2.200")
    body += port.to_bytes(2, "big") + (443).to_bytes(2, "big") + more
    return SIGNATURE + bytes([command, 0x11]) + len(body).to_bytes(2, "big") + body


def ssl_vector(tls):
    return b"\x20\x00\x05" + (b"\x01" if tls else b"\x00") + b"\0\0\0\0"


class Announced(RawConnection):
    """A connection that begins with a balancer's header, in pieces of `step` bytes."""

    def __init__(self, port, header, ca=None, step=None):
        raw = socket.create_connection(("127.0.0.1", port), timeout=20)
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for at in range(0, len(header), step or len(header)):
            raw.sendall(header[at:at + (step or len(header))])
        if ca:
            context = ssl.create_default_context(cafile=ca)
            raw = context.wrap_socket(raw, server_hostname="localhost")
        self.socket, self.buffer = raw, b""


class ProxyProtocol(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.product = Product()
        cls.addClassCleanup(cls.product.close)
        cls.trusted = free_port()
        cls.product.edit_config([
            (r"^port = 8443 *", 'port = 8443\nproxy_protocol_from = ["127.0.0.1/32"]'),
            (None, f'[[listener]]\nkind = "trusted"\naddress = "127.0.0.1"\nport = {cls.trusted}\n'
                   'proxy_protocol_from = ["127.0.0.0/8"]\n')])
        cls.product.start()
        cls.product.open_plan()

    def client_of(self, connection):
        answer = self.product.request("GET", "/messages", connection=connection)
        self.assertIsNotNone(answer)
        self.assertEqual(answer.status, 200, answer)
        return self.product.access_entry(answer["X-Request-Id"])["client"]

    def test_the_client_is_who_the_balancer_says(self):
        for ca, port in ((self.product.ca, self.product.port), (None, self.trusted)):
            for header, client in (
                    (b"PROXY TCP4 203.0.113.7 192.0.2.1 4711 443\r\n", "203.0.113.7"),
                    (b"PROXY TCP6 2001:db8::7 2001:db8::1 4711 443\r\n", "2001:db8::7"),
                    (b"PROXY UNKNOWN\r\n", "127.0.0.1"),
                    (binary("203.0.113.8", 4711), "203.0.113.8"),
                    (binary("203.0.113.8", 4711, ssl_vector(True)), "203.0.113.8"),
                    (binary("203.0.113.8", 4711, command=0x20), "127.0.0.1")):
                for step in (None, 1):
                    with self.subTest(tls=bool(ca), header=header, step=step):
                        with Announced(port, header, ca, step) as connection:
                            self.assertEqual(self.client_of(connection), client)
                            self.assertEqual(self.client_of(connection), client, "and stays it")

    def test_whoever_is_listed_must_say_it(self):
        before = self.product.metric("sallyport_connections_turned_away_total")
        request = b"GET /messages HTTP/1.1\r\nHost: localhost\r\n\r\n"
        rows = (request, b"PROXY TCP4 1.2.3.4 1.2.3.4 1 2\n" + request,
                b"PROXY TCP4 1.2.3.4.5 1.2.3.4 1 2\r\n" + request, SIGNATURE + b"\x31\x11\0\0",
                b"PROXY " + b"x" * 200)
        for bytes_ in rows:
            with self.subTest(bytes_[:40]), Announced(self.trusted, bytes_) as connection:
                self.assertIsNone(connection.read_answer())
        self.assertEqual(self.product.metric("sallyport_connections_turned_away_total"),
                         before + len(rows))

    def test_a_balancer_that_had_no_tls_says_so(self):
        with Announced(self.trusted, binary("203.0.113.8", 4711, ssl_vector(False))) as connection:
            answer = self.product.request("GET", "/messages", connection=connection)
            self.assertEqual((answer.status, answer["X-Error-Code"]),
                             (403, "ERR_403_SERVICE_REQUIRES_SSL"))

    def test_who_is_not_listed_is_who_they_are(self):
        # 127.0.0.2 is not in the TLS listener's list: its header is garbage before a handshake.
        with socket.create_connection(("127.0.0.1", self.product.port), timeout=20,
                                      source_address=("127.0.0.2", 0)) as raw:
            raw.sendall(binary("203.0.113.8", 4711))
            try:
                self.assertFalse(raw.recv(4096).startswith(b"HTTP"))
            except ConnectionError:
                pass
        raw = socket.create_connection(("127.0.0.1", self.product.port), timeout=20,
                                       source_address=("127.0.0.2", 0))
        context = ssl.create_default_context(cafile=self.product.ca)
        connection = RawConnection.__new__(RawConnection)
        connection.socket = context.wrap_socket(raw, server_hostname="localhost")
        connection.buffer = b""
        with connection:
            self.assertEqual(self.client_of(connection), "127.0.0.2")


class TrustedProxies(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.product = Product()
        cls.addClassCleanup(cls.product.close)
        cls.trusted = free_port()
        cls.product.edit_config([
            (r"\A", 'trusted_proxies = ["127.0.0.1/32", "10.0.0.0/8"]\n'),
            (None, '[[listener]]\nkind = "trusted"\naddress = "127.0.0.1"\n'
                   f"port = {cls.trusted}\n")])
        cls.product.start()
        cls.product.open_plan()

    def ask(self, fields, source="127.0.0.1", port=None):
        """Status and the client that the access log has; plain, as from a balancer."""
        raw = socket.create_connection(("127.0.0.1", port or self.trusted), timeout=20,
                                       source_address=(source, 0))
        connection = RawConnection.__new__(RawConnection)
        connection.socket, connection.buffer = raw, b""
        with connection:
            fields = {**self.product.headers(), **fields}
            answer = self.product.request("GET", "/messages", fields, connection=connection)
        entry = self.product.access_entry(answer["X-Request-Id"])
        return answer.status, entry["client"], entry["reason"]

    def test_a_listed_proxy_is_believed(self):
        for fields, status, client in (
                ({}, 200, "127.0.0.1"),
                ({"X-Forwarded-For": "203.0.113.7"}, 200, "203.0.113.7"),
                ({"X-Forwarded-For": "6.6.6.6, 203.0.113.7, 10.1.1.1"}, 200, "203.0.113.7"),
                ({"X-Forwarded-For": "203.0.113.7", "X-Forwarded-Proto": "https"}, 200,
                 "203.0.113.7"),
                ({"X-Forwarded-Proto": "http"}, 403, "127.0.0.1"),
                ({"Forwarded": 'for="[2001:db8::7]:4711";proto=https'}, 200, "2001:db8::7"),
                ({"Forwarded": "for=203.0.113.7;proto=http"}, 403, "203.0.113.7"),
                ({"Forwarded": "for=6.6.6.6", "X-Forwarded-For": "203.0.113.7"}, 400, "127.0.0.1"),
                ({"X-Forwarded-For": "nonsense"}, 400, "127.0.0.1")):
            with self.subTest(fields):
                self.assertEqual(self.ask(fields)[:2], (status, client))
        self.assertEqual(self.ask({"X-Forwarded-Proto": "http"})[2], "tls_required")

    def test_nobody_else_is(self):
        for fields in ({"X-Forwarded-For": "203.0.113.7"}, {"X-Forwarded-Proto": "http"},
                       {"Forwarded": "for=203.0.113.7;proto=http"},
                       {"Forwarded": "garbage", "X-Forwarded-For": "garbage"}):
            with self.subTest(fields):
                self.assertEqual(self.ask(fields, source="127.0.0.2")[:2], (200, "127.0.0.2"))

    def test_a_keys_networks_are_the_clients(self):
        keys = self.product.run_json("key", "list")
        subscription = keys[0]["subscription"]
        made = self.product.run_json("key", "create", "--subscription", subscription, "--network",
                                     "203.0.113.0/24")
        key = {"x-api-key": made["key"]}
        self.assertEqual(self.ask({**key, "X-Forwarded-For": "203.0.113.7"})[0], 200)
        self.assertEqual(self.ask({**key, "X-Forwarded-For": "::ffff:203.0.113.7"})[0], 200)
        self.assertEqual(self.ask({**key, "X-Forwarded-For": "203.0.113.7, 6.6.6.6"})[2],
                         "key_network")
        self.assertEqual(self.ask({**key, "X-Forwarded-For": "203.0.113.7"}, "127.0.0.2")[2],
                         "key_network")


class SourceLimit(unittest.TestCase):
    def test_one_source_has_so_many_connections_and_the_others_theirs(self):
        product = Product(config=[(r"^\[server\]$", "[server]\nmax_connections_per_source = 3")])
        self.addCleanup(product.close)
        product.start()
        request = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"

        def connect(source):
            raw = socket.create_connection(("127.0.0.1", product.port), timeout=20,
                                           source_address=(source, 0))
            context = ssl.create_default_context(cafile=product.ca)
            return context.wrap_socket(raw, server_hostname="localhost")

        def asks(connection):
            connection.sendall(request)
            return parse_head(connection.recv(65536).split(b"\r\n\r\n")[0])[0]

        held = [connect("127.0.0.1") for _ in range(3)]
        with self.assertRaises((ConnectionError, ssl.SSLError)):
            connect("127.0.0.1")
        with connect("127.0.0.2") as other:
            self.assertEqual(asks(other), 403)
        self.assertEqual([asks(one) for one in held], [403] * 3)
        self.assertEqual(product.metric("sallyport_connections_turned_away_total"), 1)
        held.pop().close()
        # A reload gives room to those who come from then on.
        product.edit_config([(r"per_source = 3", "per_source = 5")])
        product.run("reload", check=True)
        held += [connect("127.0.0.1") for _ in range(2)]
        self.assertEqual([asks(one) for one in held], [403] * len(held))
        for one in held:
            one.close()


if __name__ == "__main__":
    unittest.main()
