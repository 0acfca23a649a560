# ctest: timeout=300
"""Virtual hosts with certificates of their own, tickets that stay at home, client certificates."""
# ctest: parallel

import os
import socket
import ssl
import subprocess
import unittest

from authority import Authority
from product import Product, parse_head

HOSTS = """
[[api]]
name = "regions"
maintenance = true
[[api.host]]
host = "api.eu.example.com"
public_url = "https://api.eu.example.com"
certificate = "{eu[0]}"
key = "{eu[1]}"
ocsp_response = "{ocsp}"
[[api.host]]
host = "*.us.example.com"
public_url = "https://us.example.com"
certificate = "{us[0]}"
key = "{us[1]}"
[[api.host]]
host = "west.us.example.com"
certificate = "{west[0]}"
key = "{west[1]}"
[[api.host]]
host = "partner.example.com"
certificate = "{partner[0]}"
key = "{partner[1]}"
client_certificates = "required"
client_ca = "{ca}"
[[api.host]]
host = "maybe.example.com"
client_certificates = "optional"
client_ca = "{ca}"
client_name = "san email"
"""


class VirtualHosts(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.product = Product()
        cls.addClassCleanup(cls.product.close)
        cls.authority = authority = Authority(cls.product.home)
        cls.client = authority.issue("jane", client=True)
        cls.stranger = Authority(cls.product.home, "stranger").issue("jane", client=True)
        eu = authority.issue("eu", alternative="DNS:api.eu.example.com")
        cls.product.edit_config([(None, HOSTS.format(
            eu=eu, ocsp=authority.ocsp(eu[0]),
            us=authority.issue("us", alternative="DNS:*.us.example.com"),
            west=authority.issue("west", alternative="DNS:west.us.example.com"),
            partner=authority.issue("partner", alternative="DNS:partner.example.com"),
            ca=authority.ca))])
        cls.product.start()

    def context(self, client=None, version=None):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        if client:
            context.load_cert_chain(*client)
        if version:
            context.maximum_version = context.minimum_version = version
        return context

    def connect(self, name, context=None, session=None):
        raw = socket.create_connection(("127.0.0.1", self.product.port), timeout=20)
        return (context or self.context()).wrap_socket(raw, server_hostname=name, session=session)

    def ask(self, connection, host):
        connection.sendall(f"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
        data = b""
        while b"\r\n\r\n" not in data:
            more = connection.recv(65536)
            if not more:
                return None
            data += more
        status, fields = parse_head(data.split(b"\r\n\r\n")[0])
        missing = int(fields["content-length"][0]) - len(data.split(b"\r\n\r\n", 1)[1])
        while missing > 0:
            missing -= len(connection.recv(65536))
        return status

    def subject(self, connection):
        pem = ssl.DER_cert_to_PEM_cert(connection.getpeercert(binary_form=True))
        done = subprocess.run(["openssl", "x509", "-noout", "-subject"], input=pem, text=True,
                              capture_output=True, check=True)
        return done.stdout.strip().split("CN = ")[-1]

    def test_the_server_name_chooses_exact_before_wildcard(self):
        for name, subject in (("api.eu.example.com", "eu"), ("API.EU.example.COM", "eu"),
                              ("east.us.example.com", "us"), ("west.us.example.com", "west"),
                              ("a.b.us.example.com", "localhost"), ("localhost", "localhost"),
                              ("unknown.example.com", "localhost"), (None, "localhost")):
            with self.subTest(name), self.connect(name) as connection:
                self.assertEqual(self.subject(connection), subject)

    def test_host_and_server_name_are_of_one_configuration(self):
        rows = [
            # SNI, then Hosts one after the other on one connection, with their statuses
            ("api.eu.example.com", [("api.eu.example.com", 503)]),
            ("api.eu.example.com", [("localhost", 421)]),
            ("api.eu.example.com", [("api.eu.example.com", 503), ("partner.example.com", 421),
                                    ("api.eu.example.com", 503)]),
            ("localhost", [("localhost", 403), ("api.local.test", 403), ("api.eu.example.com", 421),
                           ("partner.example.com", 421)]),
            ("east.us.example.com", [("north.us.example.com", 503), ("west.us.example.com", 421)]),
            ("unknown.example.com", [("localhost", 421)]),
            (None, [("localhost", 403), ("api.eu.example.com", 421)]),
        ]
        for name, hosts in rows:
            with self.subTest(sni=name), self.connect(name) as connection:
                for host, status in hosts:
                    self.assertEqual(self.ask(connection, host), status, host)

    def test_tickets_resume_at_their_own_host_only(self):
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            context = self.context(version=version)
            for name, other in (("api.eu.example.com", "partner.example.com"),
                                ("localhost", "api.local.test"), ("localhost", "maybe.example.com"),
                                ("api.eu.example.com", None)):
                with self.subTest(version=version, host=name, other=other):
                    with self.connect(name, context) as first:
                        status = self.ask(first, name)
                        self.assertEqual(status, 503 if name == "api.eu.example.com" else 403)
                        session = first.session
                    with self.connect(name, context, session) as again:
                        self.assertTrue(again.session_reused)
                        self.assertEqual(self.ask(again, name), status)
                    try:
                        with self.connect(other, context, session) as elsewhere:
                            self.assertFalse(elsewhere.session_reused)
                            # TLS 1.3 tells a missing certificate behind the handshake.
                            self.assertIn(self.ask(elsewhere, other or "api.eu.example.com"),
                                          (403, 421, 503, None))
                    except ssl.SSLError:
                        self.assertEqual(other, "partner.example.com")

    def test_a_required_certificate_is_required(self):
        with self.connect("partner.example.com", self.context(self.client)) as connection:
            self.assertEqual(self.ask(connection, "partner.example.com"), 503)
        for client in (None, self.stranger):
            with self.subTest(client=client), self.assertRaises((ssl.SSLError, ConnectionError)):
                with self.connect("partner.example.com", self.context(client)) as connection:
                    if self.ask(connection, "partner.example.com") is None:
                        raise ConnectionError("closed")

    def test_a_resumed_session_still_knows_the_client(self):
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            context = self.context(self.client, version=version)
            with self.connect("partner.example.com", context) as first:
                self.ask(first, "partner.example.com")
                session = first.session
            with self.assertRaises((ssl.SSLError, ConnectionError)):
                with self.connect("partner.example.com", self.context(version=version)) as none:
                    if self.ask(none, "partner.example.com") is None:
                        raise ConnectionError("closed")
            with self.connect("partner.example.com", context, session) as again:
                self.assertTrue(again.session_reused)
                self.assertEqual(self.ask(again, "partner.example.com"), 503)

    def test_an_optional_certificate_may_be_left_out_but_not_be_wrong(self):
        with self.connect("maybe.example.com") as connection:
            self.assertEqual(self.ask(connection, "maybe.example.com"), 503)
        with self.connect("maybe.example.com", self.context(self.client)) as connection:
            self.assertEqual(self.ask(connection, "maybe.example.com"), 503)
        with self.assertRaises((ssl.SSLError, ConnectionError)):
            with self.connect("maybe.example.com", self.context(self.stranger)) as connection:
                if self.ask(connection, "maybe.example.com") is None:
                    raise ConnectionError("closed")

    def test_the_ocsp_answer_is_stapled(self):
        done = subprocess.run(
            ["openssl", "s_client", "-connect", f"127.0.0.1:{self.product.port}", "-status",
             "-servername", "api.eu.example.com", "-CAfile", self.authority.ca],
            input="", capture_output=True, text=True, timeout=30)
        self.assertIn("OCSP Response Status: successful", done.stdout)
        self.assertIn("Cert Status: good", done.stdout)

    def test_alpn_is_ours_or_none(self):
        for offered, chosen in ((["http/1.1"], "http/1.1"), (["h2", "http/1.1"], "http/1.1"),
                                ([], None)):
            context = self.context()
            if offered:
                context.set_alpn_protocols(offered)
            with self.subTest(offered=offered), self.connect("localhost", context) as connection:
                self.assertEqual(connection.selected_alpn_protocol(), chosen)
        context = self.context()
        context.set_alpn_protocols(["acme-tls/1"])
        with self.assertRaises(ssl.SSLError):
            self.connect("localhost", context)


class Check(unittest.TestCase):
    """What cannot be served is told before, and never served open."""

    def setUp(self):
        self.product = Product()
        self.addCleanup(self.product.close)
        self.authority = Authority(self.product.home)
        self.good = self.authority.issue("good", alternative="DNS:a.example.com")

    def told(self, text):
        path = os.path.join(self.product.dir, "sallyport.toml")
        with open(path) as file:
            before = file.read()
        self.product.edit_config([(None, '[[api]]\nname = "x"\n[[api.host]]\n'
                                         'host = "a.example.com"\n' + text)])
        checked = self.product.run("check", "-c", path, data=False)
        served = self.product.run("serve", "--port", "0", "--metrics-port", "0") \
            if checked.returncode else None
        with open(path, "w") as file:
            file.write(before)
        return checked, served

    def test_files_that_do_not_do(self):
        weak = self.authority.issue("weak", alternative="DNS:a.example.com", key="rsa:1024")
        sha1 = self.authority.issue("sha1", alternative="DNS:a.example.com", digest="sha1")
        other = self.authority.issue("other", alternative="DNS:a.example.com")
        open_key = self.authority.path("open.key")
        with open(self.good[1]) as key, open(open_key, "w") as file:
            file.write(key.read())
        os.chmod(open_key, 0o644)
        garbled = self.authority.path("garbled.pem")
        with open(garbled, "w") as file:
            file.write("-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n")
        os.chmod(garbled, 0o600)
        pair = 'certificate = "{}"\nkey = "{}"\n'
        mtls = 'client_certificates = "required"\nclient_ca = "{}"\n'
        rows = [
            ("weak key", pair.format(*weak), "112 bits"),
            ("weak hash", pair.format(*sha1), "weak hash"),
            ("another's key", pair.format(self.good[0], other[1]), "key"),
            ("a key that others can read", pair.format(self.good[0], open_key), "chmod 600"),
            ("no such certificate", pair.format("nowhere.pem", self.good[1]), "nowhere.pem"),
            ("no such key", pair.format(self.good[0], "nowhere.key"), "nowhere.key"),
            ("garbled certificate", pair.format(garbled, self.good[1]), "garbled.pem"),
            ("garbled key", pair.format(self.good[0], garbled), "garbled.pem"),
            ("certificate without key", f'certificate = "{self.good[0]}"\n', "come together"),
            ("no authority", 'client_certificates = "required"\n', "client_ca"),
            ("no such authority", mtls.format("nowhere.pem"), "nowhere.pem"),
            ("garbled authority", mtls.format(garbled), "garbled.pem"),
            ("an authority for nothing", f'client_ca = "{self.good[0]}"\n', "client_certificates"),
            ("garbled OCSP answer", pair.format(*self.good) + f'ocsp_response = "{garbled}"\n',
             "garbled.pem"),
            ("another's OCSP answer", pair.format(*self.good)
             + f'ocsp_response = "{self.authority.ocsp(other[0])}"\n', "another certificate"),
        ]
        for what, text, word in rows:
            with self.subTest(what):
                checked, served = self.told(text)
                self.assertEqual(checked.returncode, 1, checked.stdout)
                self.assertIn(word, checked.stderr)
                self.assertEqual(served.returncode, 1, "refuses to serve")
                self.assertIn(word, served.stderr)

    def test_what_does(self):
        checked, _ = self.told('certificate = "{}"\nkey = "{}"\n'.format(*self.good))
        self.assertEqual(checked.returncode, 0, checked.stderr)
        self.assertNotIn("a.example.com", checked.stderr)
        other = self.authority.issue("b", alternative="DNS:b.example.com")
        checked, _ = self.told('certificate = "{}"\nkey = "{}"\n'.format(*other))
        self.assertEqual(checked.returncode, 0)
        self.assertIn("does not name the host", checked.stderr)


if __name__ == "__main__":
    unittest.main()
