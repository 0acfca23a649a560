"""Every request that is let through is read again by nginx, Python's http.server and Node: all
three must see the target, the host, the framing and the identity that were authorised."""
# ctest: long
# ctest: timeout=600

import itertools
import unittest

from upstream import HOST, RealServer, behind, understood

UNRESERVED = "aZ09-._~"
PIECES = [
    "a",
    "%61",
    "%2E",
    "%2e%2e",
    "..",
    ".",
    "%2F",
    "%5C",
    "\\",
    ";x=1",
    "%3B",
    "%25",
    "%2525",
    "%20",
    "+",
    "%C3%A4",
    "\u00e4",
    "%FF",
    "%00",
    "%0A",
    "@",
    ":",
    "!$&'()*,=",
    "%26",
    "%3F",
    "%23",
    "//",
    "~",
    "%7E",
    "a%2",
    "%zz",
    "{x}",
    "|",
    "^",
    "`",
    '"',
    "<>",
    "[1]",
    "index.php",
    ".git",
    "...",
    "..a",
]
QUERIES = [
    "",
    "?",
    "?a=b",
    "?a=%2F..%2F",
    "?a=b&c",
    "?a=//x",
    "?x=/public/health",
    "?a=%26apikey=1",
    "?%61pikey=1&b=2",
    "?a=b;c=d",
    "?a[]=1",
    "?a=?",
    "?a=%0d%0aX:1",
    "?a=%C3%A4",
    "?a=+ b",
]
IDENTITY = [
    "x-sallyport-account",
    "x-sallyport-application",
    "x-sallyport-environment",
    "x-sallyport-user",
    "x-sallyport-roles",
    "x-forwarded-for",
    "x-forwarded-proto",
    "x-forwarded-host",
    "forwarded",
    "x-request-id",
]


class Differential(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.servers = {}
        config = ""
        for kind in ("nginx", "python", "node"):
            server = cls.servers[kind] = RealServer(kind)
            cls.addClassCleanup(server.close)
            config += f"""
[[upstream]]
name = "{kind}"
endpoints = ["{server.url}"]
"""
        config += '[[api]]\nname = "orders"\n'
        for kind in cls.servers:
            config += f'[[api.host]]\nhost = "{kind}.local.test"\nupstream = "{kind}"\n'
        config += """
[[api.route]]
path = "/**"
[[api.route]]
path = "/old/**"
strip_prefix = "/old"
add_prefix = "/new"
"""
        cls.product = behind(config)
        cls.addClassCleanup(cls.product.close)

    def each(self, method, target, fields=None, body=b"", raw=None):
        """What the three say, or None when all of them were spared the request."""
        told = {}
        statuses = set()
        for kind in self.servers:
            host = f"{kind}.local.test"
            all_fields = dict(self.product.headers(), **(fields or {}))
            with self.product.connect() as c:
                head = f"{method} {target} HTTP/1.1\r\nHost: {host}\r\n"
                head += "".join(f"{k}: {v}\r\n" for k, v in all_fields.items())
                if raw is None and (body or method in ("POST", "PUT")):
                    head += f"Content-Length: {len(body)}\r\n"
                c.send(head.encode("utf-8", "surrogateescape") + (raw or b"\r\n" + body))
                answer = c.read_answer()
            statuses.add(answer.status)
            if answer.status == 200:
                told[kind] = understood(answer)
        self.assertEqual(len(statuses), 1, f"{target}: {statuses}")
        if statuses != {200}:
            self.assertEqual(told, {})
            return None
        return told

    def agree(self, told, target, **framing):
        seen = {kind: (one[0], one[1]) for kind, one in told.items()}
        self.assertEqual(len(set(seen.values())), 1, f"{target}: {seen}")
        entry = None
        for kind, (_method, got, fields, _body) in told.items():
            for name in IDENTITY:
                self.assertEqual(len(fields.get(name, [])), 1, (kind, target, name, fields))
            self.assertEqual(fields["host"], [f"{kind}.local.test"])
            self.assertEqual(fields["x-forwarded-host"], [f"{kind}.local.test"])
            self.assertEqual(fields["x-forwarded-for"], ["127.0.0.1"])
            for name in ("authorization", "x-api-key"):
                self.assertNotIn(name, fields)
            for name, value in framing.items():
                self.assertEqual(
                    fields.get(name.replace("_", "-"), [None])[0], value, (kind, target)
                )
            # The path that was authorised, which the log has, is the one that arrived.
            entry = self.product.access_entry(fields["x-request-id"][0])
            path = entry["path"].split("?")[0]
            if entry["route"] == "/old/**":
                path = "/new" + path[len("/old") :]
            self.assertEqual(got.split("?")[0], path, (kind, target))

    def test_targets(self):
        passed = refused = 0
        shapes = ["/{0}", "/a{0}b", "/old/{0}/x", "/{0}/{1}"]
        targets = [shape.format(one, one) for shape in shapes for one in PIECES]
        targets += [f"/q{query}" for query in QUERIES]
        targets += ["//host/x", "/a//b", "/a/", "/", "http://evil/x", "*", "/old", "/old/", "/oldx"]
        for target in targets:
            told = self.each("GET", target)
            if told is None:
                refused += 1
                continue
            passed += 1
            self.agree(told, target, content_length=None, transfer_encoding=None)
        self.assertGreater(passed, 60)
        self.assertGreater(refused, 40)

    def test_framings(self):
        for method, body in itertools.product(("POST", "PUT"), (b"", b"x", b"y" * 5000)):
            told = self.each(method, "/f", body=body)
            self.agree(told, "/f", content_length=str(len(body)), transfer_encoding=None)
            for kind in ("python", "node"):
                self.assertEqual(told[kind][3].encode("latin-1"), body)
        told = self.each(
            "POST", "/f", raw=b"Transfer-Encoding: chunked\r\n\r\n3;x\r\nabc\r\n0\r\nX: y\r\n\r\n"
        )
        self.agree(told, "/f", content_length=None, transfer_encoding="chunked")
        for kind in ("python", "node"):
            self.assertEqual(told[kind][3], "abc")

    def test_framings_that_two_could_read_differently(self):
        for lines in (
            b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            b"Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc",
            b"Content-Length: +3\r\n\r\nabc",
            b"Content-Length: 3, 3\r\n\r\nabc",
            b"Content-Length: 0x3\r\n\r\nabc",
            b"Content-Length:\r\n\r\n",
            b"Content-Length: 18446744073709551619\r\n\r\nabc",
            b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
            b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
            b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
            b"X: a\r\n Transfer-Encoding: chunked\r\n\r\n",
            b"X: a\rTransfer-Encoding: chunked\r\n\r\n",
            b"X: a\nTransfer-Encoding: chunked\r\n\r\n",
            b": empty\r\n\r\n",
            b"X: \0\r\n\r\n",
            b"Transfer-Encoding: chunked\r\n\r\n3\nabc\r\n0\r\n\r\n",
            b"Transfer-Encoding: chunked\r\n\r\n0x3\r\nabc\r\n0\r\n\r\n",
            b"Host: evil\r\n\r\n",
        ):
            self.assertIsNone(self.each("POST", "/f", raw=lines), lines)

    def test_identities(self):
        spellings = []
        for name in IDENTITY + ["x-sallyport-admin", "host", "content-length", "transfer-encoding"]:
            for one in (
                name.upper(),
                name.replace("-", "_"),
                name.replace("-", "."),
                "_" + name,
                name.replace("-", "_", 1),
            ):
                if one.lower() not in ("host", "content-length", "transfer-encoding"):
                    spellings.append(one)
        lies = {one: "lie" for one in spellings}
        lies["Connection"] = ", ".join(IDENTITY + ["host", "authorization", "content-length"])
        for chosen in (lies, dict(itertools.islice(lies.items(), 20))):
            told = self.each("POST", "/i", chosen, b"abc")
            if told is None:
                continue
            self.agree(told, "/i", content_length="3")
            for kind, (_, _, fields, _) in told.items():
                for name, values in fields.items():
                    plain = "".join(c if c.isalnum() else "-" for c in name)
                    if plain in IDENTITY or plain.startswith("x-sallyport"):
                        self.assertNotIn("lie", values, (kind, name))

    def test_override_fields(self):
        told = self.each(
            "GET",
            "/o",
            {
                "X-HTTP-Method-Override": "DELETE",
                "X_Original_URL": "/admin",
                "X-Rewrite-URL": "/admin",
                "X-Method-Override": "DELETE",
            },
        )
        self.agree(told, "/o")
        for _, _, fields, _ in told.values():
            for name in fields:
                self.assertNotIn("override", name)
                self.assertNotIn("url", name)


if __name__ == "__main__":
    unittest.main()
