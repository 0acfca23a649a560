"""Requests through both doors to upstreams: what arrives there, what comes back, and what is said
when the upstream fails in each of its ways."""
# ctest: parallel
# ctest: timeout=600

import os
import re
import threading
import time
import unittest

from product import LONG, RawConnection, wait_until
from upstream import BAD_ANSWERS, HOST, ScriptedUpstream, behind, proxy_config

ROUTES = """
[[api.route]]
path = "/**"
connect_timeout = "500ms"
head_timeout = "1s"
body_timeout = "1s"
retries = 0
body_bytes = 1000000000

[[api.route]]
path = "/retry/**"
head_timeout = "2s"
retries = 1

[[api.route]]
path = "/moved/**"
strip_prefix = "/moved"
add_prefix = "/v2/new"

[[api.route]]
path = "/bare/**"
strip_prefix = "/bare"

[[api.route]]
path = "/open/**"
forward_authorization = true
forward_key = true
trailers = true
set_headers = ["X-Region: eu"]
remove_headers = ["Cookie"]
set_response_headers = ["X-Frame-Options: DENY"]
remove_response_headers = ["X-Own"]

[[api.route]]
path = "/small/**"
body_bytes = 1000
"""


class ProxyCase(unittest.TestCase):
    extra = ""
    routes = ROUTES
    api = ""

    @classmethod
    def setUpClass(cls):
        cls.upstream = ScriptedUpstream()
        cls.addClassCleanup(cls.upstream.close)
        toml = f'[[upstream]]\nname = "orders"\nendpoints = ["{cls.upstream.url}"]\n{cls.extra}'
        cls.product = behind(proxy_config(toml, cls.routes, cls.api))
        cls.addClassCleanup(cls.product.close)

    def ask(self, target, method="GET", body=b"", connection=None, **fields):
        fields = self.product.headers(**fields)
        return self.product.request(method, target, fields, body, connection, host=HOST)

    def seen(self):
        with self.upstream.lock:
            return self.upstream.seen[-1]

    def reason(self, answer):
        return self.product.access_entry(answer["x-request-id"])["reason"]


class WhatArrives(ProxyCase):
    def test_a_request_goes_up_and_its_answer_comes_down(self):
        answer = self.ask("/a/b?x=1&y=%2F", X_Tag="t1")
        self.assertEqual((answer.status, answer.body), (200, b"tag=t1;body="))
        seen = self.seen()
        self.assertEqual(
            (seen.method, seen.target, seen.version), ("GET", "/a/b?x=1&y=%2F", "HTTP/1.1")
        )
        self.assertEqual(seen.all("host"), [HOST])
        entry = self.product.access_entry(answer["x-request-id"])
        self.assertEqual((entry["reason"], entry["api"], entry["route"]), ("ok", "orders", "/**"))
        self.assertEqual(answer["cache-control"], "private, no-store")
        self.assertEqual(answer["x-content-type-options"], "nosniff")

    def test_bodies_in_both_framings(self):
        for body in (b"", b"x", b"y" * 100_000):
            answer = self.ask("/echo", "POST", body, X_Tag="t2")
            self.assertEqual(answer.body, b"tag=t2;body=" + body)
            self.assertEqual(self.seen()["content-length"], str(len(body)))
        with self.product.connect() as c:
            head = self.head("POST", "/echo", "Transfer-Encoding: chunked\r\n")
            c.send(head + b"3;ext=1\r\nabc\r\n4\r\ndefg\r\n0\r\nX-Trail: 1\r\n\r\n")
            self.assertEqual(c.read_answer().body, b"tag=;body=abcdefg")
            seen = self.seen()
            self.assertEqual(seen["transfer-encoding"], "chunked")
            self.assertIsNone(seen["content-length"])
            self.assertEqual(seen.trailers, b"", "trailers are dropped")
            c.send(self.head("GET", "/after", ""))
            self.assertEqual(c.read_answer().status, 200, "the connection goes on behind it")

    def head(self, method, target, more, **fields):
        lines = "".join(f"{k}: {v}\r\n" for k, v in self.product.headers(**fields).items())
        return f"{method} {target} HTTP/1.1\r\nHost: {HOST}\r\n{lines}{more}\r\n".encode()

    def test_trailers_where_the_route_allows_them(self):
        with self.product.connect() as c:
            c.send(self.head("POST", "/open/chunked", "Transfer-Encoding: chunked\r\n"))
            c.send(
                b"1\r\nh\r\n0\r\nX-Trail: 1\r\nAuthorization: Basic x\r\n"
                b"X-Sallyport-User: a\r\n\r\n"
            )
            while b"0\r\nX-Sum: 7\r\n\r\n" not in c.buffer:
                self.assertTrue(c.fill(), c.buffer)
            self.assertNotIn(b"X-Error-Code", c.buffer)
        self.assertEqual(self.seen().trailers, b"x-trail: 1\r\n".replace(b"x-trail", b"X-Trail"))

    def test_identity_is_ours_alone(self):
        lies = {
            "X-Sallyport-User": "root",
            "x_sallyport_user": "root",
            "X.Sallyport.User": "root",
            "X-SALLYPORT-ROLES": "admin",
            "X-Sallyport-Anything": "1",
            "X-Sallyport_Account": "1",
            "X-Forwarded-For": "6.6.6.6",
            "X_Forwarded_For": "6.6.6.6",
            "Forwarded": "for=6.6.6.6",
            "X-Forwarded-Proto": "http",
            "X-Forwarded-Host": "evil",
            "X-Real-IP": "6.6.6.6",
            "Proxy-Authorization": "Basic x",
            "TE": "trailers",
            "Upgrade": "h2c",
            "X-HTTP-Method-Override": "DELETE",
            "X_Original_URL": "/admin",
            "Keep-Alive": "1",
            "Connection": "X-Sallyport-User, X-Request-Id, Host, Content-Length, X-Hop, close",
            "X-Hop": "1",
            "X-Kept": "1",
        }
        fields = dict(self.product.headers(), **lies)
        answer = self.product.request("POST", "/echo", fields, b"abc", host=HOST)
        self.assertEqual(answer.status, 200, answer)
        seen = self.seen()
        users = self.product.run_json("user", "list")
        users = users if isinstance(users, list) else users["users"]
        own = [u for u in users if u["username"] == self.product.demo["username"]][0]["id"]
        by_loose_name = {}
        for name, value in seen.fields:
            by_loose_name.setdefault(re.sub("[^a-z0-9]", "-", name.lower()), []).append(value)
        self.assertEqual(by_loose_name["x-sallyport-user"], [own])
        self.assertEqual(by_loose_name["x-sallyport-environment"], ["live"])
        self.assertEqual(by_loose_name["x-sallyport-roles"], ['"sender"'])
        self.assertRegex(by_loose_name["x-sallyport-account"][0], "^[0-9A-F]{16}$")
        self.assertEqual(len(by_loose_name["x-sallyport-account"]), 1)
        self.assertEqual(by_loose_name["x-forwarded-for"], ["127.0.0.1"])
        self.assertEqual(by_loose_name["x-forwarded-proto"], ["https"])
        self.assertEqual(by_loose_name["x-forwarded-host"], [HOST])
        self.assertEqual(by_loose_name["forwarded"], [f'for=127.0.0.1;host="{HOST}";proto=https'])
        self.assertEqual(by_loose_name["x-request-id"], [answer["x-request-id"]])
        self.assertEqual(by_loose_name["host"], [HOST])
        self.assertEqual(by_loose_name["content-length"], ["3"])
        self.assertEqual(by_loose_name["x-kept"], ["1"])
        for gone in (
            "x-sallyport-anything",
            "x-real-ip",
            "proxy-authorization",
            "te",
            "upgrade",
            "x-http-method-override",
            "x-original-url",
            "connection",
            "keep-alive",
            "x-hop",
            "authorization",
            "x-api-key",
        ):
            self.assertNotIn(gone, by_loose_name)

    def test_the_key_goes_nowhere(self):
        key = self.product.demo["api_key"]
        for query, left in (
            (f"apikey={key}", ""),
            (f"a=1&apikey={key}&b=2", "?a=1&b=2"),
            (f"a=1&&%61pikey={key}&", "?a=1&&"),
            (f"APIKEY={key}&d=24%2F11%2F2026", "?d=24%2F11%2F2026"),
        ):
            answer = self.ask(f"/q?{query}", key=None)
            self.assertEqual(answer.status, 200, query)
            self.assertEqual(self.seen().target, "/q" + left)
            self.assertNotIn(key.encode(), self.seen().raw_head)
        self.ask("/q?x=" + key[:10])
        self.assertEqual(self.seen().target, "/q?x=" + key[:10])

    def test_a_route_may_say_otherwise(self):
        answer = self.ask(
            "/open/claims?apikey=" + self.product.demo["api_key"], Cookie="a=b", X_Region="us"
        )
        seen = self.seen()
        self.assertEqual(seen["authorization"], self.product.basic())
        self.assertEqual(seen["x-api-key"], self.product.demo["api_key"])
        self.assertIn("apikey=", seen.target)
        self.assertEqual(seen.all("x-region"), ["eu"])
        self.assertIsNone(seen["cookie"])
        self.assertEqual(answer["x-frame-options"], "DENY")
        self.assertIsNone(answer["x-own"])

    def test_a_prefix_is_rewritten_behind_the_doors(self):
        for asked, got in (
            ("/moved/a/b?c=d", "/v2/new/a/b?c=d"),
            ("/moved", "/v2/new"),
            ("/moved/", "/v2/new/"),
            ("/bare", "/"),
            ("/bare/", "/"),
            ("/bare/x%20y", "/x%20y"),
            ("/%6Doved/x", "/v2/new/x"),
            ("/moved/moved/x", "/v2/new/moved/x"),
            ("/movedx", "/movedx"),
        ):
            self.assertEqual(self.ask(asked).status, 200, asked)
            self.assertEqual(self.seen().target, got, asked)

    def test_what_is_not_canonical_never_arrives(self):
        before = len(self.upstream.seen)
        for target in (
            "/moved/../admin",
            "/moved/%2e%2e/admin",
            "/moved/..%2fadmin",
            "/moved/%252e%252e/x",
            "/a%5cb",
            "/a\\b",
            "//admin",
            "/a//b",
            "/a#b",
            "/a;b=c",
            "/a/..;/b",
            "/a%00b",
            "/a%0d%0ab",
            "/a?x=%0d%0aHost:%20evil",
            "/a?x=%00",
            "/%2fadmin",
            "/a%2fb",
            "/bare//evil",
            "/bare/%2e",
            "*",
            "http://evil/",
        ):
            answer = self.ask(target)
            self.assertIn(answer.status, (400, 404), target)
        for target in ("/a/", "/moved/"):  # an empty id must not delete everything
            self.assertEqual(self.ask(target, "DELETE").status, 400, target)
        self.assertEqual(len(self.upstream.seen), before)

    def test_methods(self):
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD"):
            answer = self.ask("/m", method)
            self.assertEqual(answer.status, 200, method)
            self.assertEqual(self.seen().method, method)
        self.assertEqual(self.ask("/m", "TRACE").status, 405)

    def test_a_connection_serves_many(self):
        before = self.upstream.accepted
        with self.product.connect() as c:
            for i in range(50):
                answer = self.ask("/k", "POST", b"b%d" % i, connection=c, X_Tag=f"t{i}")
                self.assertEqual(answer.body, b"tag=t%d;body=b%d" % (i, i))
        self.assertLessEqual(self.upstream.accepted - before, 2, "kept connections are used")

    def test_refused_at_the_doors_nothing_is_forwarded(self):
        before = len(self.upstream.seen)
        self.assertEqual(self.ask("/x", key="sp_live_wrong").status, 403)
        self.assertEqual(self.ask("/x", password="wrong").status, 401)
        self.assertEqual(
            self.ask("/x", user="restricted_username", password="restricted_password").status, 403
        )
        self.assertEqual(len(self.upstream.seen), before)

    def test_a_body_over_the_routes_limit(self):
        answer = self.ask("/small/echo", "POST", b"x" * 1001)
        self.assertEqual((answer.status, self.reason(answer)), (413, "body_too_large"))
        with self.product.connect() as c:
            c.send(self.head("POST", "/small/echo", "Transfer-Encoding: chunked\r\n"))
            c.send(b"258\r\n" + b"x" * 600 + b"\r\n")
            threading.Event().wait(0.1)  # so that it is more than what came with the head
            c.send(b"258\r\n" + b"x" * 600 + b"\r\n0\r\n\r\n")
            self.assertEqual(c.read_answer().status, 413)

    def test_expect_continue(self):
        with self.product.connect() as c:
            c.send(
                self.head(
                    "POST", "/echo", "Content-Length: 3\r\nExpect: 100-continue\r\n", X_Tag="e"
                )
            )
            self.assertEqual(c.read_answer().status, 100)
            c.send(b"abc")
            self.assertEqual(c.read_answer().body, b"tag=e;body=abc")
            self.assertEqual(self.seen()["expect"], "100-continue")
        with self.product.connect() as c:
            c.send(
                self.head(
                    "POST", "/refuse-continue", "Content-Length: 3\r\nExpect: 100-continue\r\n"
                )
            )
            answer = c.read_answer()
            self.assertEqual((answer.status, answer["connection"]), (417, "close"))
        # An upstream that says nothing gets the body after a second.
        with self.product.connect() as c:
            c.send(self.head("POST", "/silent", "Content-Length: 3\r\nExpect: 100-continue\r\n"))
            self.assertEqual(c.read_answer().status, 100)
            c.send(b"abc")
            self.assertEqual(c.read_answer().body, b"tag=;body=abc")


class WhatComesBack(ProxyCase):
    def test_what_a_client_may_trust(self):
        answer = self.ask("/claims")
        self.assertEqual(answer.status, 200)
        for gone in (
            "x-error-code",
            "x-mashery-error-code",
            "x-plan-qps-current",
            "ratelimit",
            "ratelimit-policy",
            "x-sallyport-user",
            "x-hop",
            "access-control-allow-credentials",
        ):
            self.assertNotIn(gone, answer.fields)
        self.assertEqual(answer["x-own"], "1")
        self.assertRegex(answer["x-request-id"], "^[0-9a-f]{32}$")

    def test_framings(self):
        with self.product.connect() as c:
            c.send(b"GET /chunked HTTP/1.1\r\nHost: %s\r\n" % HOST.encode())
            for name, value in self.product.headers().items():
                c.send(f"{name}: {value}\r\n".encode())
            c.send(b"\r\n")
            while not c.buffer.endswith(b"0\r\n\r\n"):
                self.assertTrue(c.fill(), c.buffer)
            self.assertIn(b"Transfer-Encoding: chunked", c.buffer)
            self.assertNotIn(b"X-Sum", c.buffer.partition(b"\r\n\r\n")[2])
        self.assertEqual(self.ask("/empty").status, 204)
        self.assertEqual(self.ask("/interim").body, b"ok")
        head = self.ask("/m", "HEAD", X_Tag="abc")
        self.assertEqual((head.status, head.body, head["content-length"]), (200, b"", "13"))

    def test_an_answer_until_close(self):
        with self.product.connect() as c:
            head = f"GET /until-close HTTP/1.1\r\nHost: {HOST}\r\n"
            for name, value in self.product.headers(X_Tag="tt").items():
                head += f"{name}: {value}\r\n"
            c.send(head.encode() + b"\r\n")
            while not c.buffer.endswith(b"0\r\n\r\n"):
                self.assertTrue(c.fill(), c.buffer)
            self.assertIn(b"2\r\ntt\r\n", c.buffer)

    def test_statuses_pass(self):
        for status, reason in (
            (201, "ok"),
            (302, "ok"),
            (404, "upstream_client_error"),
            (500, "upstream_server_error"),
            (429, "upstream_client_error"),
        ):
            answer = self.ask(f"/{status}")
            self.assertEqual((answer.status, answer.body), (status, b"no"))
            self.assertEqual(self.reason(answer), reason)

    def test_each_failure_has_its_reason(self):
        for action, status, reason in (
            ("kill", 502, "upstream_reset"),
            ("cut-head", 502, "upstream_reset"),
            ("garbage", 502, "upstream_unparsable"),
            ("hang", 504, "upstream_too_slow"),
            ("slow-head", 504, "upstream_too_slow"),
        ):
            answer = self.ask(f"/{action}")
            self.assertEqual(answer.status, status, action)
            code = {502: "ERR_502_BAD_GATEWAY", 504: "ERR_504_GATEWAY_TIMEOUT"}[status]
            self.assertEqual(answer["x-error-code"], code)
            text = {502: b"<h1>Bad Gateway</h1>", 504: b"<h1>Gateway Timeout</h1>"}[status]
            self.assertEqual(answer.body, text)
            self.assertEqual(self.reason(answer), reason, action)
            self.assertGreaterEqual(
                self.product.metric("sallyport_requests_total", api="orders", reason=reason), 1
            )
            self.assertEqual(self.ask("/well").status, 200, "and the next one is served")

    def test_answers_that_two_could_read_differently(self):
        for action in BAD_ANSWERS:
            answer = self.ask(f"/{action}")
            self.assertEqual(
                (answer.status, self.reason(answer)), (502, "upstream_unparsable"), action
            )

    def test_a_body_that_is_cut_off_is_seen_to_be(self):
        for action, reason in (
            ("only-head", "upstream_cut"),
            ("cut-chunk", "upstream_cut"),
            ("stall", "upstream_too_slow"),
        ):
            with self.product.connect() as c:
                with self.assertRaises(AssertionError) as caught:
                    answer = self.ask(f"/{action}", connection=c)
                    if answer.body.endswith(b"0\r\n\r\n") or action != "cut-chunk":
                        self.fail(f"a whole answer: {answer}")
                    while c.fill():
                        pass
                    raise AssertionError("closed within a body")
                self.assertIn("closed within a body", str(caught.exception))
            wait_until(
                reason,
                lambda: any(
                    e["reason"] == reason and e["path"] == f"/{action}"
                    for e in self.product.access_entries()
                ),
            )

    def test_an_early_answer(self):
        with self.product.connect() as c:
            fields = self.product.headers()
            head = f"POST /early HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 50000000\r\n"
            head += "".join(f"{k}: {v}\r\n" for k, v in fields.items())
            c.send(head.encode() + b"\r\n" + b"x" * 100_000)
            answer = c.read_answer()
            self.assertEqual((answer.status, answer.body), (413, b"early"))
        answer = self.ask("/early-keep", "POST", b"y" * 1000)
        self.assertEqual(answer.body, b"early")

    def test_the_answer_is_read_while_the_body_is_sent(self):
        with self.product.connect() as c:
            head = f"POST /echo-stream HTTP/1.1\r\nHost: {HOST}\r\nTransfer-Encoding: chunked\r\n"
            head += "".join(f"{k}: {v}\r\n" for k, v in self.product.headers().items())
            c.send(head.encode() + b"\r\n")
            for i in range(20):
                part = b"part%03d" % i
                c.send(b"7\r\n" + part + b"\r\n")
                while part not in c.buffer:
                    self.assertTrue(c.fill())
            c.send(b"0\r\n\r\n")
            while not c.buffer.endswith(b"0\r\n\r\n"):
                self.assertTrue(c.fill())

    def test_an_upstream_that_does_not_read(self):
        with self.product.connect() as c:
            head = f"POST /deaf HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 900000000\r\n"
            head += "".join(f"{k}: {v}\r\n" for k, v in self.product.headers().items())
            c.send(head.encode() + b"\r\n")
            stop = threading.Event()

            def send():
                try:
                    while not stop.is_set():
                        c.socket.sendall(b"x" * 65536)
                except OSError:
                    pass

            sender = threading.Thread(target=send, daemon=True)
            sender.start()
            answer = c.read_answer()
            stop.set()
            self.assertEqual(answer.status, 504)
            c.close()
            sender.join(20)

    def test_two_answers_to_one_request_are_never_mixed_up(self):
        for action in ("twice", "twice-later"):
            with self.product.connect() as c:
                for i in range(20):
                    answer = self.ask(f"/{action}", connection=c, X_Tag=f"{action}{i}")
                    self.assertEqual(answer.body, f"{action}{i}".encode())
                    if action == "twice-later":
                        threading.Event().wait(0.04)

    def test_the_idempotent_is_tried_again_the_rest_never(self):
        self.upstream.failing = False
        self.assertEqual(self.ask("/retry/well").status, 200)
        before = len(self.upstream.seen)
        self.assertEqual(self.ask("/retry/kill").status, 502)
        # A kept connection that is closed is not told from a dead one, which costs no try.
        self.assertIn(len(self.upstream.seen) - before, (2, 3), "GET: once more")
        before = len(self.upstream.seen)
        self.assertEqual(self.ask("/retry/kill", "POST", b"pay").status, 502)
        self.assertEqual(len(self.upstream.seen) - before, 1, "POST: never")
        before = len(self.upstream.seen)
        self.assertEqual(self.ask("/retry/cut-head").status, 502)
        self.assertEqual(len(self.upstream.seen) - before, 1, "something was answered")

    def test_kept_connections_that_died_cost_nobody_a_request(self):
        for _ in range(10):
            self.assertEqual(self.ask("/well").status, 200)
            self.upstream.drop_connections()
            threading.Event().wait(0.05)  # until the close has arrived
            answer = self.ask("/well", "POST", b"x")
            self.assertEqual(answer.status, 200)

    def test_an_http_10_client(self):
        with self.product.connect() as c:
            head = f"GET /chunked HTTP/1.0\r\nHost: {HOST}\r\n"
            head += "".join(f"{k}: {v}\r\n" for k, v in self.product.headers().items())
            c.send(head.encode() + b"\r\n")
            while c.fill():
                pass
            self.assertTrue(c.buffer.endswith(b"\r\n\r\nabcdefg"), c.buffer)


class Resident(ProxyCase):
    def resident_kib(self):
        with open(f"/proc/{self.product.process.pid}/status") as file:
            return int(re.search(r"VmHWM:\s+(\d+)", file.read()).group(1))

    def reset_peak(self):
        with open(f"/proc/{self.product.process.pid}/clear_refs", "w") as file:
            file.write("5")
        with open(f"/proc/{self.product.process.pid}/status") as file:
            return int(re.search(r"VmRSS:\s+(\d+)", file.read()).group(1))

    # The sanitizer keeps what was freed; its quarantine is no growth of ours.
    sanitized = b"__asan_init" in open(os.environ["SALLYPORT_BINARY"], "rb").read()
    allowed_kib = (300 if sanitized else 8) * 1024

    def test_a_hundred_megabytes_up(self):
        self.ask("/well")
        before = self.reset_peak()
        with self.product.connect() as c:
            size = 100 * 1024 * 1024
            head = f"PUT /count HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: {size}\r\n"
            head += "".join(f"{k}: {v}\r\n" for k, v in self.product.headers().items())
            c.send(head.encode() + b"\r\n")
            block = b"z" * (1 << 20)
            for _ in range(100):
                c.send(block)
            self.assertEqual(c.read_answer().body, b"ok")
        self.assertLess(self.resident_kib() - before, self.allowed_kib)

    def test_a_hundred_megabytes_down_and_a_slow_reader(self):
        self.ask("/well")
        before = self.reset_peak()
        with self.product.connect() as c:
            head = f"GET /flood HTTP/1.1\r\nHost: {HOST}\r\n"
            head += "".join(f"{k}: {v}\r\n" for k, v in self.product.headers().items())
            c.send(head.encode() + b"\r\n")
            while len(c.buffer) < 1000:
                c.fill()
            # Nobody reads: what the upstream could get rid of stays in the sockets' buffers.
            threading.Event().wait(0.7)
            stuck = self.upstream.sent
            threading.Event().wait(0.3)
            self.assertEqual(self.upstream.sent, stuck, "the upstream is held up")
            self.assertLess(stuck, 30 * 1024 * 1024)
            total = len(c.buffer)
            while total < 100 * 1024 * 1024:
                more = c.socket.recv(1 << 18)
                self.assertTrue(more)
                total += len(more)
        self.assertLess(self.resident_kib() - before, self.allowed_kib)


class NoCrossTalk(ProxyCase):
    """Every request and every answer carries a tag, while the upstream fails in all its ways."""

    routes = ROUTES.replace("retries = 0", "retries = 1").replace('"1s"', '"300ms"')
    extra = "kept_timeout = \"1s\"\n"

    def test_tags(self):
        actions = ["echo"] * 40 + [
            "kill",
            "cut-head",
            "only-head",
            "garbage",
            "early",
            "until-close",
            "503",
        ]
        self.run_tags(actions, 100_000 if LONG else 3_000)

    def test_tags_while_it_answers_twice(self):
        self.run_tags(["echo"] * 5 + ["twice"], 10_000 if LONG else 1_000)

    def run_tags(self, actions, requests):
        threads = 16
        wrong = []
        done = [0] * threads
        ok = [0] * threads

        def client(number):
            connection = None
            for i in range(requests // threads):
                tag = f"c{number}n{i}x"
                action = actions[(i * 7 + number * 3) % len(actions)]
                method = "POST" if i % 3 else "GET"
                body = (b"<%s>" % tag.encode()) * (1 + i % 50) if method == "POST" else b""
                try:
                    if connection is None:
                        connection = self.product.connect()
                    answer = self.ask(f"/{action}", method, body, connection, X_Tag=tag)
                except (AssertionError, OSError):
                    answer = None
                done[number] += 1
                if answer is None or (answer["connection"] or "") == "close":
                    connection.close()
                    connection = None
                if answer is None:
                    if action != "only-head":
                        wrong.append((action, "no answer"))
                    continue
                if action == "echo":
                    ok[number] += answer.status == 200
                    if answer.status == 200 and answer.body != b"tag=%s;body=%s" % (
                        tag.encode(),
                        body,
                    ):
                        wrong.append((action, tag, answer.body[:100]))
                elif action in ("twice", "twice-later") and answer.status == 200:
                    if answer.body != tag.encode():
                        wrong.append((action, tag, answer.body[:100]))
                elif b"tag=" in answer.body:
                    wrong.append((action, tag, answer.body[:100]))
                elif action == "until-close":
                    # Chunked, which this reader does not decode: a new connection.
                    connection.close()
                    connection = None

        running = [threading.Thread(target=client, args=(n,)) for n in range(threads)]
        for one in running:
            one.start()
        for one in running:
            one.join()
        self.assertEqual(wrong[:5], [])
        self.assertEqual(sum(done), requests // threads * threads)
        self.assertGreater(sum(ok), requests * 0.5, "most echoes were answered")


if __name__ == "__main__":
    unittest.main()
