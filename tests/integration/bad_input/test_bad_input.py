"""Bad input, each with its own answer and nothing half done."""
# ctest: parallel

import json
import unittest

from product import Product, RawConnection, wait_until

GOOD = {"to": "a@example.com", "subject": "s", "body": "b"}
JSON = "application/vnd.whispir.message-v1+json"
XML = "application/vnd.whispir.message-v1+xml"


class BadInput(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.product = Product()
        cls.addClassCleanup(cls.product.close)
        cls.product.start()

    def post(self, body, content_type=JSON, accept=JSON):
        body = body if isinstance(body, (str, bytes)) else json.dumps(body)
        fields = self.product.headers(Accept=accept)
        if content_type:
            fields["Content-Type"] = content_type
        return self.product.request("POST", "/messages", fields, body)

    def count(self):
        listed = self.product.get("/messages?limit=20", Accept="application/json").json()
        return len(listed.get("messages", []))

    def test_bodies(self):
        xml = (
            '<ns2:message xmlns:ns2="http://schemas.api.whispir.com"><to>a@example.com</to>'
            "<subject>s</subject><body>b</body></ns2:message>"
        )
        cases = [
            ("broken JSON", '{"to": "a@example.com",', JSON, 400),
            ("text after the JSON", json.dumps(GOOD) + "x", JSON, 400),
            ("an array", "[]", JSON, 400),
            ("empty body", "", JSON, 400),
            ("duplicate keys", '{"to":"a@b.com","to":"c@d.com","subject":"s","body":"b"}', JSON,
             400),
            ("lone surrogate", '{"to":"a@b.com","subject":"\\ud800","body":"b"}', JSON, 400),
            ("a huge number", '{"to":"a@b.com","subject":"s","body":"b","x":1e999999999}', JSON,
             400),
            ("deep JSON", '{"x":' + "[" * 5000 + "]" * 5000 + "}", JSON, 400),
            ("not UTF-8", b'{"to":"a@b.com","subject":"\xff","body":"b"}', JSON, 400),
            ("broken XML", xml.replace("</to>", ""), XML, 400),
            ("DOCTYPE", '<!DOCTYPE x [<!ENTITY e "v">]>' + xml, XML, 400),
            ("unknown entity", xml.replace(">s<", ">&e;<"), XML, 400),
            ("deep XML", "<a>" * 5000 + "</a>" * 5000, XML, 400),
            ("second root", xml + xml, XML, 400),
            ("UTF-16 XML", ("\ufeff" + xml).encode("utf-16-le"), XML, 400),
            ("UTF-16 JSON", json.dumps(GOOD).encode("utf-16"), JSON, 400),
            ("unknown media type", json.dumps(GOOD), "text/csv", 415),
            ("no media type", json.dumps(GOOD), None, 415),
            ("no recipient", {"subject": "s", "body": "b"}, JSON, 422),
            ("empty recipient", {**GOOD, "to": ""}, JSON, 422),
            ("invalid recipient", {**GOOD, "to": "not an address"}, JSON, 422),
            ("one of two invalid", {**GOOD, "to": "a@example.com,@example.com"}, JSON, 422),
            ("recipient with CR LF", {**GOOD, "to": "a@example.com\r\nBcc: x@y.com"}, JSON, 422),
            ("no subject", {"to": "a@example.com", "body": "b"}, JSON, 422),
            ("no content", {"to": "a@example.com", "subject": "s"}, JSON, 422),
            ("CR LF in the subject", {**GOOD, "subject": "s\r\nBcc: x@example.com"}, JSON, 422),
            ("LF in the subject", {**GOOD, "subject": "s\nx"}, JSON, 422),
            ("too long", {**GOOD, "body": "x" * 1600}, JSON, 422),
            ("wrong type of a field", {**GOOD, "subject": {"a": 1}}, JSON, 422),
        ]
        before = self.count()
        texts = set()
        for what, body, content_type, status in cases:
            with self.subTest(what):
                answer = self.post(body, content_type)
                self.assertEqual(answer.status, status, f"{what}: {answer}")
                error = answer.json()
                for name in ("errorSummary", "errorText", "errorDetail"):
                    if status != 422 or name != "errorDetail":
                        self.assertIn(name, error, what)
                self.assertEqual(answer["content-type"], JSON, what)
                texts.add(error["errorText"] + error.get("errorDetail", ""))
        self.assertGreater(len(texts), 20, "each has its own answer")
        self.assertEqual(self.count(), before, "nothing half done")
        self.assertEqual(self.product.outbox(), [])

    def test_not_acceptable(self):
        answer = self.post(GOOD, accept="image/png")
        self.assertEqual(answer.status, 406)
        self.assertTrue(answer.body)

    def test_unknown_things(self):
        unknown = "0123456789ABCDEF"
        for target in (f"/workspaces/{unknown}", f"/workspaces/{unknown}/messages",
                       f"/messages/{unknown}", "/messages/" + unknown * 2, "/messages/x",
                       f"/messages/{unknown * 2}/messagestatus"):
            answer = self.product.get(target, Accept="application/json")
            self.assertEqual(answer.status, 404, target)
            self.assertIn("does not exist", answer.json()["errorSummary"], target)
        answer = self.product.post_message(GOOD, target=f"/workspaces/{unknown}/messages")
        self.assertEqual(answer.status, 404)

    def test_17_mib_body(self):
        body = json.dumps({**GOOD, "body": "x" * (17 * 1024 * 1024)})
        self.assertEqual(self.post(body).status, 413)

    def raw(self, data, answers=1):
        with self.product.connect() as connection:
            connection.send(data)
            return [connection.read_answer() for _ in range(answers)]

    def fields(self):
        return "".join(f"{k}: {v}\r\n" for k, v in self.product.headers().items())

    def test_heads(self):
        host = f"Host: localhost:{self.product.port}\r\n"
        ok = host + self.fields()
        cases = [
            ("20 kB head", f"GET / HTTP/1.1\r\n{ok}X-A: {'a' * 20000}\r\n\r\n", 431),
            ("200 fields", f"GET / HTTP/1.1\r\n{ok}" + "a: b\r\n" * 200 + "\r\n", 431),
            ("9,000-byte target", f"GET /{'a' * 9000} HTTP/1.1\r\n{ok}\r\n", 414),
            ("length and chunked", f"POST /messages HTTP/1.1\r\n{ok}Content-Length: 3\r\n"
             "Transfer-Encoding: chunked\r\n\r\nabc", 400),
            ("folded", f"GET / HTTP/1.1\r\n{ok}X-A: b\r\n c\r\n\r\n", 400),
            ("blank before colon", f"GET / HTTP/1.1\r\n{ok}X-A : b\r\n\r\n", 400),
            ("bare LF", f"GET / HTTP/1.1\n{ok}\r\n", 400),
            ("two hosts", f"GET / HTTP/1.1\r\n{host}{ok}\r\n", 400),
            ("no host", f"GET / HTTP/1.1\r\n{self.fields()}\r\n", 400),
            ("two lengths", f"POST / HTTP/1.1\r\n{ok}Content-Length: 1\r\nContent-Length: 1\r\n"
             "\r\nx", 400),
            ("length +1", f"POST / HTTP/1.1\r\n{ok}Content-Length: +1\r\n\r\nx", 400),
            ("2^64 length", f"POST / HTTP/1.1\r\n{ok}Content-Length: 18446744073709551616\r\n\r\n",
             400),
            ("gzip, chunked", f"POST / HTTP/1.1\r\n{ok}Transfer-Encoding: gzip, chunked\r\n\r\n",
             400),
            ("HTTP/2.0", f"GET / HTTP/2.0\r\n{ok}\r\n", 505),
            ("unknown method", f"FROB / HTTP/1.1\r\n{ok}\r\n", 501),
            ("TRACE", f"TRACE / HTTP/1.1\r\n{ok}\r\n", 405),
            ("expectation", f"POST /messages HTTP/1.1\r\n{ok}Expect: magic\r\n"
             "Content-Length: 1\r\n\r\nx", 417),
        ]
        for what, data, status in cases:
            with self.subTest(what):
                [answer] = self.raw(data.encode())
                self.assertEqual(answer.status, status, f"{what}: {answer}")
                self.assertIn(b"<h1>", answer.body, what)
                self.assertIn("x-error-code", answer.fields, what)

    def test_targets(self):
        for target in ("/public/../messages", "/public/%2e%2e/messages", "/public/..%2fmessages",
                       "/public/%252e%252e/messages", "//messages", "/messages//x",
                       "/messages\\x", "/messages%5cx", "/messages%00", "/messages#x",
                       "/messages;a=b", "/messages/%c0%af", "/%2Fmessages", "/./messages",
                       "/messages?a=%00", "/messages?a=%0d%0ab", "/messages%zz"):
            with self.subTest(target):
                answer = self.product.request("GET", target)
                self.assertEqual(answer.status, 400, target)
                self.assertEqual(answer.body, b"<h1>Bad Request</h1>")
                entry = self.product.access_entry(answer["x-request-id"])
                self.assertEqual(entry["reason"], "not_canonical")
                self.assertFalse(entry.get("path"), "a refused target is not in the log")

    def test_method_override_is_ignored(self):
        answer = self.product.get("/messages", X_HTTP_Method_Override="DELETE")
        self.assertEqual(answer.status, 200)

    def test_pipelining_and_single_bytes(self):
        one = f"GET / HTTP/1.1\r\nHost: localhost:{self.product.port}\r\n{self.fields()}\r\n"
        answers = self.raw((one * 5).encode(), answers=5)
        self.assertEqual([a.status for a in answers], [200] * 5)
        with self.product.connect() as connection:
            for byte in one.encode():
                connection.send(bytes([byte]))
            self.assertEqual(connection.read_answer().status, 200)

    def test_early_refusal_then_a_second_request(self):
        with self.product.connect() as connection:
            body = json.dumps(GOOD)
            for key, status in (("wrong", 403), ("api_key", 202)):
                answer = self.product.post_message(GOOD, connection=connection, key=key)
                self.assertEqual(answer.status, status)
            self.assertTrue(body)

    def test_chunked_and_continue(self):
        body = json.dumps(GOOD).encode()
        head = (f"POST /messages HTTP/1.1\r\nHost: localhost:{self.product.port}\r\n"
                f"{self.fields()}Content-Type: {JSON}\r\nAccept: {JSON}\r\n")
        chunked = head + "Transfer-Encoding: chunked\r\n\r\n"
        chunks = b"%x\r\n%s\r\n5\r\n%s\r\n0\r\n\r\n" % (len(body) - 5, body[:-5], body[-5:])
        [answer] = self.raw(chunked.encode() + chunks)
        self.assertEqual(answer.status, 202, answer)
        with self.product.connect() as connection:
            connection.send((head + f"Expect: 100-continue\r\nContent-Length: {len(body)}\r\n\r\n"
                             ).encode())
            self.assertEqual(connection.read_answer().status, 100)
            connection.send(body)
            self.assertEqual(connection.read_answer().status, 202)

    def test_plain_http_on_the_tls_port(self):
        with RawConnection(self.product.port) as connection:
            connection.send(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            answer = connection.read_answer()
            self.assertIn(answer.status, (400, 403))


class Silence(unittest.TestCase):
    def test_half_a_request_and_silence(self):
        config = [(None, '[limits]\nhead_timeout = "1s"\nidle_timeout = "1s"\nbody_timeout = "1s"')]
        p = Product()
        self.addCleanup(p.close)
        with open(p.dir + "/sallyport.toml") as file:
            if "\n[limits]" in file.read():
                config = [(r"^\[limits\]$", config[0][1])]
        p.edit_config(config)
        p.start()
        with p.connect() as connection:
            connection.send(b"GET / HTTP/1.1\r\nHost: local")
            answer = connection.read_answer()
            self.assertEqual(answer.status, 408)
            self.assertEqual(answer["x-error-code"], "ERR_408_REQUEST_TIMEOUT")
            self.assertTrue(connection.is_closed())
        with p.connect() as connection:
            head = (f"POST /messages HTTP/1.1\r\nHost: localhost:{p.port}\r\n"
                    + "".join(f"{k}: {v}\r\n" for k, v in p.headers().items())
                    + f"Content-Type: {JSON}\r\nContent-Length: 10\r\n\r\n12345")
            connection.send(head.encode())
            self.assertEqual(connection.read_answer().status, 408)
        with p.connect() as connection:
            self.assertEqual(p.request("GET", "/", connection=connection).status, 200)
            self.assertTrue(connection.is_closed(), "idle keep-alive ends")
        self.assertTrue(wait_until("log", lambda: any(
            e["reason"] == "head_timeout" for e in p.access_entries())))


if __name__ == "__main__":
    unittest.main()
