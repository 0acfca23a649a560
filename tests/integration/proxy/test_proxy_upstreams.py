"""Upstreams of many kinds: several endpoints, sick ones, TLS with and without a right certificate,
an upstream per environment and host, our credential, cross-origin rules, the breaker."""
# ctest: parallel
# ctest: timeout=600

import os
import ssl
import subprocess
import tempfile
import threading
import time
import unittest

from product import free_port, wait_until
from upstream import HOST, ScriptedUpstream, behind, proxy_config


def ask(product, target, method="GET", body=b"", host=HOST, connection=None, **fields):
    return product.request(method, target, product.headers(**fields), body, connection, host=host)


def reason(product, answer):
    return product.access_entry(answer["x-request-id"])["reason"]


class Case(unittest.TestCase):
    def upstream(self, **kw):
        one = ScriptedUpstream(**kw)
        self.addCleanup(one.close)
        return one

    def product(self, config, **kw):
        one = behind(config, **kw)
        self.addCleanup(one.close)
        return one


class Balancing(Case):
    def test_each_in_turn_and_the_failing_one_is_left_out(self):
        a, b = self.upstream(), self.upstream()
        product = self.product(
            proxy_config(
                f"""
[[upstream]]
name = "orders"
endpoints = ["{a.url}", "{b.url}"]
[upstream.ejection]
failures = 3
duration = "1s"
"""
            ),
        )
        for _ in range(20):
            self.assertEqual(ask(product, "/x").status, 200)
        self.assertGreater(len(a.seen), 5)
        self.assertGreater(len(b.seen), 5)
        b.failing = True

        def left_out():
            self.assertEqual(ask(product, "/x").status, 200, "tried again at the other one")
            return product.metric("sallyport_upstream_usable_endpoints") == 1

        wait_until("one is left out", left_out)
        self.assertGreaterEqual(product.metric("sallyport_upstream_ejections_total"), 1)
        b.failing = False
        before = len(b.seen)
        wait_until("it is asked again", lambda: ask(product, "/x") and len(b.seen) > before)

    def test_the_only_one_is_never_ejected(self):
        a = self.upstream()
        product = self.product(
            proxy_config(f'[[upstream]]\nname = "orders"\nendpoints = ["{a.url}"]\n')
        )
        for _ in range(20):
            self.assertEqual(ask(product, "/kill", "POST").status, 502)
        self.assertEqual(ask(product, "/x").status, 200)

    def test_active_checks(self):
        a = self.upstream()
        product = self.product(
            proxy_config(
                f"""
[[upstream]]
name = "orders"
endpoints = ["{a.url}"]
[upstream.health]
path = "/healthz"
interval = "200ms"
timeout = "200ms"
healthy_after = 1
unhealthy_after = 2
"""
            )
        )
        wait_until("a check", lambda: any(s.target == "/healthz" for s in a.seen))
        self.assertEqual(ask(product, "/x").status, 200)
        a.failing = True

        def refused():
            answer = ask(product, "/x", "POST")
            return answer.status == 503 and answer

        answer = wait_until("it is out", refused)
        self.assertEqual(reason(product, answer), "upstream_ejected")
        self.assertEqual(answer["x-error-code"], "ERR_503_SERVICE_UNAVAILABLE")
        self.assertTrue(answer["retry-after"])
        a.failing = False
        wait_until("it is back", lambda: ask(product, "/x").status == 200)

    def test_nobody_listens(self):
        product = self.product(
            proxy_config(
                f'[[upstream]]\nname = "orders"\nendpoints = ["http://127.0.0.1:{free_port()}"]\n'
            )
        )
        answer = ask(product, "/x")
        self.assertEqual((answer.status, reason(product, answer)), (502, "upstream_refused"))

    def test_the_breaker(self):
        a = self.upstream()
        product = self.product(
            proxy_config(
                f'[[upstream]]\nname = "orders"\nendpoints = ["{a.url}"]\nmax_in_flight = 1\n'
            ),
            start=False,
        )
        product.edit_config([(r"^\[server\]$", "[server]\nworkers = 4")])
        product.start()
        held = threading.Thread(target=ask, args=(product, "/hang"), daemon=True)
        held.start()
        wait_until("one is in flight", lambda: a.seen)
        for _ in range(20):  # whichever worker it comes to
            answer = ask(product, "/x")
            self.assertEqual((answer.status, reason(product, answer)), (503, "upstream_busy"))
        a.release.set()
        held.join(20)
        self.assertEqual(ask(product, "/x").status, 200)


class Choosing(Case):
    def test_environment_host_and_route(self):
        live, test, eu, special = (self.upstream() for _ in range(4))
        product = self.product(
            "".join(
                f'[[upstream]]\nname = "{name}"\nendpoints = ["{one.url}"]\n'
                for name, one in (
                    ("orders", live),
                    ("test", test),
                    ("eu", eu),
                    ("special", special),
                )
            )
            + f"""
[[api]]
name = "orders"
upstream = "orders"
test_upstream = "test"
[[api.host]]
host = "{HOST}"
[[api.host]]
host = "eu.local.test"
upstream = "eu"
[[api.route]]
path = "/**"
[[api.route]]
path = "/special/**"
upstream = "special"
"""
        )
        ask(product, "/x")
        ask(product, "/x", host="EU.Local.Test.:8443")
        ask(product, "/special/x", host="eu.local.test")
        self.assertEqual([len(u.seen) for u in (live, test, eu, special)], [1, 0, 1, 1])
        self.assertEqual(eu.seen[0]["host"], "eu.local.test")
        application = product.run_json("application", "list")[0]["id"]
        plan = product.run_json("plan", "list")[0]["id"]
        subscription = product.run_json(
            "subscription",
            "create",
            "--application",
            application,
            "--plan",
            plan,
            "--environment",
            "test",
        )["id"]
        key = product.run_json("key", "create", "--subscription", subscription)["key"]
        self.assertEqual(ask(product, "/special/y", key=key).status, 200)
        self.assertEqual(
            [len(u.seen) for u in (live, test, eu, special)],
            [1, 1, 1, 1],
            "a test key goes to no live upstream while there is a test one",
        )
        self.assertEqual(test.seen[0]["x-sallyport-environment"], "test")

    def test_our_credential(self):
        a = self.upstream()
        folder = tempfile.mkdtemp()
        path = os.path.join(folder, "token")
        with open(path, "w") as file:
            os.chmod(path, 0o600)
            file.write("Bearer canary-of-ours\n")
        config = proxy_config(
            f"""
[[upstream]]
name = "orders"
endpoints = ["{a.url}"]
host = "internal.example:8080"
[upstream.credential]
header = "Authorization"
secret_file = "{path}"
""",
            '[[api.route]]\npath = "/**"\nforward_authorization = true\n',
        )
        product = self.product(config)
        answer = ask(product, "/x", **{"AUTHORIZATION_": "Bearer mine"})
        self.assertEqual(answer.status, 200)
        self.assertEqual(a.seen[0].all("authorization"), ["Bearer canary-of-ours"])
        self.assertEqual(a.seen[0].all("host"), ["internal.example:8080"])
        self.assertNotIn("canary-of-ours", product.log() + str(product.access_entries()))
        product.stop()
        os.chmod(path, 0o644)
        done = product.run("check", "-c", os.path.join(product.dir, "sallyport.toml"), data=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn(path, done.stderr)
        with self.assertRaisesRegex(AssertionError, "chmod 600"):
            product.start()
        product.process = None


class Tls(Case):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp()

        def openssl(*arguments):
            subprocess.run(["openssl", *arguments], check=True, cwd=cls.folder, capture_output=True)

        curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        openssl(
            "req",
            "-x509",
            *curve,
            "-keyout",
            "ca.key",
            "-out",
            "ca.pem",
            "-days",
            "2",
            "-subj",
            "/CN=test ca",
        )
        for name, san in (("server", "DNS:orders.internal"), ("client", "DNS:gateway.internal")):
            openssl(
                "req",
                *curve,
                "-keyout",
                f"{name}.key",
                "-out",
                f"{name}.csr",
                "-subj",
                f"/CN={name}",
            )
            with open(os.path.join(cls.folder, f"{name}.ext"), "w") as file:
                file.write(f"subjectAltName={san}\n")
            openssl(
                "x509",
                "-req",
                "-in",
                f"{name}.csr",
                "-CA",
                "ca.pem",
                "-CAkey",
                "ca.key",
                "-CAcreateserial",
                "-out",
                f"{name}.pem",
                "-days",
                "2",
                "-extfile",
                f"{name}.ext",
            )
            os.chmod(os.path.join(cls.folder, f"{name}.key"), 0o600)

    def path(self, name):
        return os.path.join(self.folder, name)

    def server(self, verify=False):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.path("server.pem"), self.path("server.key"))
        self.names = []
        context.sni_callback = lambda _s, name, _c: self.names.append(name)
        if verify:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(self.path("ca.pem"))
        return self.upstream(context=context)

    def through(self, server, tls):
        return self.product(
            proxy_config(
                f'[[upstream]]\nname = "orders"\nendpoints = ["{server.url}"]\n'
                f'[upstream.tls]\n{tls}'
            )
        )

    def test_verified_by_name_and_kept(self):
        server = self.server()
        product = self.through(
            server, f'ca_file = "{self.path("ca.pem")}"\nserver_name = "orders.internal"\n'
        )
        with product.connect() as c:
            for i in range(20):
                body = b"z" * (i * 3000)
                answer = ask(product, "/x", "POST", body, connection=c, X_Tag=f"t{i}")
                self.assertEqual(answer.body, b"tag=t%d;body=" % i + body)
        self.assertEqual(set(self.names), {"orders.internal"})
        self.assertLessEqual(server.accepted, 2)

    def test_a_wrong_name_or_authority_gets_nothing(self):
        for tls in (
            f'ca_file = "{self.path("ca.pem")}"\nserver_name = "other.internal"\n',
            f'ca_file = "{self.path("ca.pem")}"\n',
            'server_name = "orders.internal"\n',
        ):
            server = self.server()
            product = self.through(server, tls)
            answer = ask(product, "/x")
            self.assertEqual((answer.status, reason(product, answer)), (502, "upstream_tls"), tls)
            self.assertEqual(server.seen, [])
            product.stop()

    def test_our_certificate_where_it_is_wanted(self):
        server = self.server(verify=True)
        base = f'ca_file = "{self.path("ca.pem")}"\nserver_name = "orders.internal"\n'
        product = self.through(
            server,
            base + f'certificate = "{self.path("client.pem")}"\n'
            f'key = "{self.path("client.key")}"\n',
        )
        self.assertEqual(ask(product, "/x").status, 200)
        product.stop()
        product = self.through(server, base)
        answer = ask(product, "/x", "POST")
        self.assertEqual((answer.status, reason(product, answer)), (502, "upstream_tls"))

    def test_two_answers_over_tls(self):
        server = self.server()
        product = self.through(
            server, f'ca_file = "{self.path("ca.pem")}"\nserver_name = "orders.internal"\n'
        )
        with product.connect() as c:
            for i in range(20):
                action = "twice" if i % 2 else "twice-later"
                answer = ask(product, f"/{action}", connection=c, X_Tag=f"t{i}")
                self.assertEqual(answer.body, b"t%d" % i)
                threading.Event().wait(0.04)


class Cors(Case):
    def setUp(self):
        self.up = self.upstream()
        self.p = self.product(
            proxy_config(
                f'[[upstream]]\nname = "orders"\nendpoints = ["{self.up.url}"]\n',
                '[[api.route]]\npath = "/**"\nmethods = ["GET", "POST"]\n',
            )
            + '[api.cors]\norigins = ["https://shop.example"]\nexpose_headers = ["Location"]\n'
        )

    def test_the_preflight_needs_no_key_and_no_user(self):
        answer = self.p.request(
            "OPTIONS",
            "/x",
            {
                "Origin": "https://shop.example",
                "Access-Control-Request-Method": "POST",
                "Access-Control-Request-Headers": "authorization,x-api-key",
            },
            host=HOST,
        )
        self.assertEqual(answer.status, 204)
        self.assertEqual(answer["access-control-allow-origin"], "https://shop.example")
        self.assertIn("x-api-key", answer["access-control-allow-headers"])
        self.assertNotIn("access-control-allow-credentials", answer.fields)
        self.assertEqual(self.up.seen, [])
        answer = self.p.request("OPTIONS", "/x", {"Origin": "https://shop.example"}, host=HOST)
        self.assertEqual(answer.status, 403, "any other OPTIONS passes all doors")

    def test_answers_and_refusals_say_who_may_read_them(self):
        for fields, status in (
            ({}, 200),
            ({"key": "sp_live_wrong"}, 403),
            ({"password": "no"}, 401),
        ):
            answer = ask(self.p, "/x", Origin="https://shop.example", **fields)
            self.assertEqual(answer.status, status)
            self.assertEqual(answer["access-control-allow-origin"], "https://shop.example")
            self.assertIn("Origin", answer.fields["vary"])
            answer = ask(self.p, "/x", Origin="https://evil.example", **fields)
            self.assertNotIn("access-control-allow-origin", answer.fields)

    def test_unsafe_requests_of_listed_origins_pass(self):
        self.assertEqual(ask(self.p, "/x", "POST", Origin="https://shop.example").status, 200)
        answer = ask(self.p, "/x", "POST", Origin="https://evil.example")
        self.assertEqual((answer.status, answer["x-error-code"]), (403, "ERR_403_ORIGIN"))


class Draining(Case):
    def test_what_is_under_way_is_finished_and_what_hangs_is_given_up(self):
        a = self.upstream()
        product = self.product(
            proxy_config(f'[[upstream]]\nname = "orders"\nendpoints = ["{a.url}"]\n'), start=False
        )
        product.edit_config([(r"^\[server\]$", '[server]\ndrain_timeout = "1s"')])
        product.start()
        answers = []
        held = threading.Thread(target=lambda: answers.append(ask(product, "/hang")), daemon=True)
        held.start()
        wait_until("one is in flight", lambda: a.seen)
        began = time.monotonic()
        product.stop()
        self.assertLess(time.monotonic() - began, 15)


if __name__ == "__main__":
    unittest.main()
