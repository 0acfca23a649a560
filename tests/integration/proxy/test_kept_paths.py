# ctest: parallel
"""Encoded slashes, parameters and method overrides: refused or dropped, but on routes that say so;
what is authorised there is what the upstream sees."""

import unittest

from upstream import HOST, ScriptedUpstream, behind, proxy_config

ROUTES = """
[[api.route]]
path = "/files/**"
keep = ["encoded slashes"]
overrides = ["X-HTTP-Method-Override"]

[[api.route]]
path = "/matrix/**"
keep = ["parameters"]
strip_prefix = "/matrix"

[[api.route]]
path = "/**"
"""


class KeptPaths(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.upstream = ScriptedUpstream()
        cls.addClassCleanup(cls.upstream.close)
        toml = f'[[upstream]]\nname = "orders"\nendpoints = ["{cls.upstream.url}"]\n'
        cls.product = behind(proxy_config(toml, ROUTES))
        cls.addClassCleanup(cls.product.close)
        run = cls.product.run
        run("role", "create", "kept", "--account", "Demo", "--allow", "orders GET /files/{x}",
            "--allow", "orders GET /matrix/**", "--deny", "orders GET /matrix/secret", check=True)
        run("user", "add", "rita", "--account", "Demo", "--role", "kept", stdin="some long words\n",
            check=True)

    def ask(self, target, method="GET", fields=None, user="username", password="password"):
        with self.upstream.lock:
            before = len(self.upstream.seen)
        answer = self.product.request(
            method, target, {**self.product.headers(user=user, password=password),
                             **(fields or {})}, host=HOST)
        with self.upstream.lock:
            seen = self.upstream.seen[before:]
        return answer, seen[0] if seen else None

    def reader(self, target, method="GET", fields=None):
        return self.ask(target, method, fields, "rita", "some long words")

    def test_what_a_route_keeps_arrives_as_it_came(self):
        for target, forwarded in (("/files/a%2fb", "/files/a%2Fb"),
                                  ("/files/a%2Fb/c?x=%2F;y", "/files/a%2Fb/c?x=%2F;y"),
                                  ("/matrix/a;v=1/b;w", "/a;v=1/b;w"),
                                  ("/matrix/a;v=%C3%A4", "/a;v=%C3%A4")):
            with self.subTest(target):
                answer, seen = self.ask(target)
                self.assertEqual(answer.status, 200, answer)
                self.assertEqual(seen.target, forwarded)

    def test_everything_else_is_a_400_and_nothing_is_forwarded(self):
        for target in ("/a%2Fb", "/a;v", "/files/a;v", "/matrix/a%2Fb", "/matrix;v/a",
                       "/files/..%2Fadmin", "/files/a%2F..%2F..%2Fadmin", "/files/%2Fb",
                       "/files/a%2F%2Fb", "/files/a%2F", "/files/%2e%2e%2fb", "/files/a%252Fb",
                       "/matrix/..;/a", "/matrix/.;v/a", "/matrix/;v/a", "/matrix/%2e%2e;v/a",
                       "/files%2F..%2Fmatrix/a", "/%2Ffiles/a"):
            with self.subTest(target):
                answer, seen = self.ask(target)
                self.assertEqual(answer.status, 400, answer)
                self.assertIsNone(seen)
                entry = self.product.access_entry(answer["x-request-id"])
                self.assertEqual(entry["reason"], "not_canonical")
                self.assertNotIn(target, str(entry))

    def test_permissions_see_what_the_pattern_sees(self):
        rows = [("/files/a%2Fb", 200, "one segment"), ("/files/a/b", 403, "two"),
                ("/matrix/a;v", 200, "allowed"), ("/matrix/secret", 403, "denied"),
                ("/matrix/secret;v=1", 403, "denied with parameters too")]
        for target, status, why in rows:
            with self.subTest(target, why=why):
                self.assertEqual(self.reader(target)[0].status, status)

    def test_an_override_is_the_method_where_it_is_listed(self):
        claim = {"X-HTTP-Method-Override": "DELETE"}
        for method in ("POST", "GET"):
            answer, seen = self.ask("/files/a", method, claim)
            self.assertEqual((answer.status, seen.method), (200, "DELETE"))
            self.assertEqual(seen.all("x-http-method-override"), ["DELETE"])
            entry = self.product.access_entry(answer["x-request-id"])
            self.assertEqual(entry["method"], "DELETE")
        answer, seen = self.reader("/files/a", "GET", claim)
        self.assertEqual(answer.status, 403, "who may only GET")
        self.assertIsNone(seen)
        answer, seen = self.reader("/files/a", "POST", {"X-HTTP-Method-Override": "GET"})
        self.assertEqual((answer.status, seen.method), (200, "GET"))

    def test_an_override_is_dropped_elsewhere(self):
        for target, name in (("/x", "X-HTTP-Method-Override"),
                             ("/files/a", "X-Method-Override"),
                             ("/files/a", "X_HTTP_Method_Override"),
                             ("/files/a", "X-Original-URL")):
            answer, seen = self.ask(target, "POST", {name: "DELETE"})
            self.assertEqual((answer.status, seen.method), (200, "POST"))
            self.assertEqual([one for one, _ in seen.fields if "verride" in one or "rigin" in one],
                             [])

    def test_what_cannot_be_told_is_a_400(self):
        name = "X-HTTP-Method-Override"
        for method, value in (("POST", ""), ("POST", "delete"), ("POST", "HEAD"),
                              ("POST", "CONNECT"), ("POST", "DELETE, GET"), ("POST", "BREW"),
                              ("HEAD", "DELETE")):
            with self.subTest(value):
                with self.product.connect() as connection:
                    head = "".join(f"{k}: {v}\r\n" for k, v in self.product.headers().items())
                    connection.send((f"{method} /files/a HTTP/1.1\r\nHost: {HOST}\r\n{head}"
                                     f"{name}: {value}\r\nContent-Length: 0\r\n\r\n").encode())
                    answer = connection.read_answer(head_only=method == "HEAD")
                    self.assertEqual(answer.status, 400)


if __name__ == "__main__":
    unittest.main()
