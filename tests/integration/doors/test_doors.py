"""The two doors as a client sees them, byte for byte, over TLS with curl, requests and fetch."""
# ctest: parallel

import json
import os
import subprocess
import unittest

import requests

from product import Product, RawConnection, wait_until

INACTIVE = b"<h1>Developer Inactive</h1>"
UNAUTHORIZED = (
    "Your username and password combination was incorrect. "
    "Please check your authentication details and try again"
)


class Doors(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.product = Product(plain=True)
        cls.addClassCleanup(cls.product.close)
        cls.product.start()

    def assert_developer_inactive(self, answer):
        self.assertEqual(answer.status, 403)
        self.assertEqual(answer.body, INACTIVE)
        self.assertEqual(answer["content-type"], "text/xml")
        self.assertEqual(answer["x-error-code"], "ERR_403_DEVELOPER_INACTIVE")
        self.assertEqual(answer["x-mashery-error-code"], "ERR_403_DEVELOPER_INACTIVE")
        self.assertEqual(answer["x-error-detail"], "Account Inactive")
        self.assertEqual(answer["x-error-detail-header"], "Account Inactive")

    def assert_unauthorized(self, answer):
        self.assertEqual(answer.status, 401)
        self.assertEqual(
            answer["www-authenticate"], 'Basic realm="messaging", charset="UTF-8"'
        )

    def test_right_key_and_user_in_json(self):
        answer = self.product.get("/", Accept="application/vnd.whispir.company-v1+json")
        self.assertEqual(answer.status, 200)
        self.assertEqual(answer["content-type"], "application/vnd.whispir.company-v1+json")
        company = answer.json()
        self.assertRegex(company["id"], "^[0-9A-F]{16}$")
        self.assertIsInstance(company["link"], list)
        self.assertEqual(answer["cache-control"], "private, no-store")
        self.assertEqual(answer["x-content-type-options"], "nosniff")
        self.assertEqual(answer["vary"], "Accept, Authorization, x-api-key")
        self.assertRegex(answer["x-request-id"], "^[0-9a-f]{32}$")

    def test_right_key_and_user_in_xml_by_default(self):
        answer = self.product.get("/")
        self.assertEqual(answer.status, 200)
        self.assertIn("xml", answer["content-type"])
        self.assertIn(b":company ", answer.body)

    def test_every_cause_of_the_first_row_looks_the_same(self):
        p = self.product
        for key, reason in (
            (None, "key_missing"),
            ("wrong", "key_unknown"),
            ("inactive_api_key", "key_disabled"),
            (p.demo["api_key"][:-1] + ("x" if p.demo["api_key"][-1] != "x" else "y"),
             "key_malformed"),
        ):
            before = p.metric("sallyport_requests_total", api="messaging", reason=reason)
            answer = p.get("/", key=key)
            self.assert_developer_inactive(answer)
            entry = p.access_entry(answer["x-request-id"])
            self.assertEqual(entry["reason"], reason)
            after = p.metric("sallyport_requests_total", api="messaging", reason=reason)
            self.assertEqual(after, before + 1, reason)

    def test_wrong_key_with_wrong_password_is_about_the_key(self):
        self.assert_developer_inactive(self.product.get("/", key="wrong", password="wrong"))

    def test_wrong_password(self):
        answer = self.product.get("/", password="wrong password", Accept="application/json")
        self.assert_unauthorized(answer)
        self.assertEqual(
            answer.json(),
            {"errorSummary": UNAUTHORIZED, "errorText": "Unauthorized", "errorDetail": ""},
        )
        xml = self.product.get("/", password="wrong password")
        self.assert_unauthorized(xml)
        self.assertIn(f"<errorSummary>{UNAUTHORIZED}</errorSummary>", xml.text)
        self.assertIn('xmlns:ns3="http://schemas.api.whispir.com"', xml.text)

    def test_no_user_and_unknown_user_look_like_a_wrong_password(self):
        wrong = self.product.get("/", password="wrong password", Accept="application/json")
        for fields in (
            self.product.headers(user=None, Accept="application/json"),
            self.product.headers(user="nobody", password="x", Accept="application/json"),
            dict(self.product.headers(user=None, Accept="application/json"),
                 Authorization="Basic !!!"),
            dict(self.product.headers(user=None, Accept="application/json"),
                 Authorization="Bearer abc"),
        ):
            answer = self.product.request("GET", "/", fields)
            self.assert_unauthorized(answer)
            self.assertEqual(answer.body, wrong.body)

    def test_restricted_user(self):
        answer = self.product.post_message(
            {"to": "a@example.com", "subject": "s", "body": "b"},
            user="restricted_username",
            password="restricted_password",
        )
        self.assertEqual(answer.status, 403)
        self.assertEqual(
            answer.json(), {"errorSummary": "", "errorText": "Forbidden", "errorDetail": ""}
        )
        answer = self.product.get(
            "/messages", user="restricted_username", password="restricted_password"
        )
        self.assertEqual(answer.status, 200)

    def test_plain_port_refuses_without_looking_at_credentials(self):
        with RawConnection(self.product.plain_port) as plain:
            for fields in (self.product.headers(), {}):
                lines = "".join(f"{k}: {v}\r\n" for k, v in fields.items())
                with RawConnection(self.product.plain_port) as plain:
                    plain.send(f"GET / HTTP/1.1\r\nHost: localhost\r\n{lines}\r\n".encode())
                    answer = plain.read_answer()
                self.assertEqual(answer.status, 403)
                self.assertEqual(answer.body, b"<h1>Service Requires SSL</h1>")
                self.assertEqual(answer["x-error-code"], "ERR_403_SERVICE_REQUIRES_SSL")
                entry = self.product.access_entry(answer["x-request-id"])
                self.assertEqual(entry["reason"], "tls_required")

    def test_key_in_query_and_header(self):
        p = self.product
        key = p.demo["api_key"]
        accept = {"Accept": "application/json"}
        query = p.request("GET", f"/?apikey={key}", {**p.headers(key=None), **accept})
        self.assertEqual(query.status, 200)
        self.assertTrue(all(f"apikey={key}" in link["uri"] for link in query.json()["link"]))
        both = p.request("GET", f"/?apikey={key}", {**p.headers(), **accept})
        self.assertEqual(both.status, 200)
        header = p.request("GET", "/", {**p.headers(), **accept})
        self.assertEqual(header.status, 200)
        self.assertNotIn("apikey", header.text)
        link = header.json()["link"][0]
        self.assertEqual(link["port"], -1)
        self.assertIn("host", link)
        different = p.request("GET", "/?apikey=other", p.headers())
        self.assertEqual(different.status, 400)
        self.assertEqual(different.body, b"<h1>Bad Request</h1>")
        twice = p.request("GET", f"/?apikey={key}&apikey={key}", p.headers(key=None))
        self.assertEqual(twice.status, 400)
        hidden = p.request("GET", f"/?%61piKey={key}", p.headers(key=None))
        self.assertEqual(hidden.status, 200)

    def test_log_of_a_right_request(self):
        answer = self.product.get("/messages?label=a%26b")
        entry = self.product.access_entry(answer["x-request-id"])
        self.assertEqual(entry["reason"], "ok")
        self.assertEqual(entry["status"], 200)
        self.assertEqual(entry["method"], "GET")
        self.assertTrue(entry["path"].startswith("/messages"))
        self.assertNotIn("a%26b", json.dumps(entry))
        for name in ("time", "decided_us", "request_id", "client_request_id", "client", "account",
                     "application", "subscription", "key_id", "user", "api", "route", "bytes_in",
                     "bytes_out", "duration_us"):
            self.assertIn(name, entry)
        self.assertRegex(entry["user"], "^[0-9A-F]{16}$")

    def test_wrong_password_names_no_user_in_the_log(self):
        answer = self.product.get("/", password="wrong password")
        entry = self.product.access_entry(answer["x-request-id"])
        self.assertEqual(entry["reason"], "password_wrong")
        self.assertEqual(entry["user"], "")

    def test_curl_files(self):
        p = self.product
        for name, status in (("ok", "200"), ("wrong-key", "403"), ("inactive-key", "403"),
                             ("wrong-password", "401"), ("restricted", "403"), ("send", "202"),
                             ("send-xml", "202")):
            path = os.path.join(p.dir, "demo", name + ".curl")
            self.assertEqual(os.stat(path).st_mode & 0o777, 0o600)
            done = subprocess.run(
                ["curl", "-K", path, "-s", "-o", os.path.join(p.home, "body"), "-w",
                 "%{http_code}"],
                capture_output=True, text=True, timeout=60,
            )
            self.assertEqual(done.stdout[-3:], status, f"{name}: {done.stdout} {done.stderr}")

    def test_python_requests(self):
        p = self.product
        with requests.Session() as session:
            session.trust_env = False
            session.verify = p.ca
            session.headers["x-api-key"] = p.demo["api_key"]
            session.auth = (p.demo["username"], p.demo["password"])
            for _ in range(3):
                self.assertEqual(session.get(p.url + "/").status_code, 200)
            session.headers["x-api-key"] = "wrong"
            self.assertEqual(session.get(p.url + "/").content, INACTIVE)

    def test_node_fetch(self):
        p = self.product
        script = """
          const d = JSON.parse(require('fs').readFileSync(process.argv[1]));
          const auth = 'Basic ' + Buffer.from(d.username + ':' + d.password).toString('base64');
          (async () => {
            const r = await fetch(d.url + '/workspaces', {headers: {'x-api-key': d.api_key,
              authorization: auth, accept: 'application/vnd.whispir.workspace-v1+json'}});
            const w = await r.json();
            console.log(r.status, w.workspaces[0].link[0].uri.startsWith(d.url));
          })();
        """
        done = subprocess.run(
            ["node", "-e", script, os.path.join(p.dir, "demo.json")],
            capture_output=True, text=True, timeout=60,
            env=dict(os.environ, NODE_EXTRA_CA_CERTS=p.ca),
        )
        self.assertEqual(done.stdout.strip(), "200 true", done.stderr)

    def test_unknown_host_is_misdirected(self):
        answer = self.product.request("GET", "/", host="other.example")
        self.assertEqual(answer.status, 421)
        self.assertEqual(answer.body, b"<h1>Misdirected Request</h1>")

    def test_no_route_and_wrong_method(self):
        answer = self.product.get("/nothing/here")
        self.assertEqual((answer.status, answer.body), (404, b"<h1>Not Found</h1>"))
        answer = self.product.request("DELETE", "/messages")
        self.assertEqual((answer.status, answer.body), (405, b"<h1>Method Not Allowed</h1>"))
        self.assertIn("GET", answer["allow"])
        self.assertIn("POST", answer["allow"])

    def test_head_has_no_body(self):
        with self.product.connect() as connection:
            answer = self.product.request("HEAD", "/", connection=connection)
            self.assertEqual(answer.status, 200)
            self.assertGreater(int(answer["content-length"]), 0)
            again = self.product.request("GET", "/", connection=connection)
            self.assertEqual(again.status, 200)

    def test_explain_tells_the_causes_apart(self):
        p = self.product
        done = p.run("explain", "--method", "GET", "--host", "localhost", "--path", "/messages",
                     "--key-stdin", "--user", p.demo["username"], stdin=p.demo["api_key"] + "\n")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("messages.list", done.stdout)
        done = p.run("explain", "--method", "GET", "--host", "localhost", "--path", "/messages",
                     "--key-stdin", stdin=p.demo["inactive_api_key"] + "\n")
        self.assertIn("key_disabled", done.stdout)

    def test_metrics_listener_checks_host(self):
        import urllib.request

        url = self.product.demo["metrics_url"]
        self.assertIn("sallyport_requests_total", self.product.metrics())
        base = url.rsplit("/", 1)[0]
        for path in ("/healthz", "/readyz"):
            with urllib.request.urlopen(base + path, timeout=10) as answer:
                self.assertEqual(answer.status, 200)
        request = urllib.request.Request(url, headers={"Host": "evil.example"})
        with self.assertRaises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(request, timeout=10)
        self.assertEqual(refused.exception.code, 421)


class ChangesInForce(unittest.TestCase):
    def test_a_change_is_in_force_when_the_command_returns(self):
        with Product() as p, p.connect() as connection:
            def status():
                return p.request("GET", "/", connection=connection).status

            self.assertEqual(status(), 200)
            keys = p.run_json("key", "list")
            entry = p.access_entries() or wait_until("log", p.access_entries)
            key_id = entry[-1]["key_id"]
            self.assertIn(key_id, json.dumps(keys))
            p.run("key", "disable", key_id, check=True)
            self.assertEqual(status(), 403)
            p.run("key", "enable", key_id, check=True)
            self.assertEqual(status(), 200)
            p.run("user", "block", p.demo["username"], check=True)
            self.assertEqual(status(), 401)
            p.run("user", "unblock", p.demo["username"], check=True)
            self.assertEqual(status(), 200)
            p.run("key", "revoke", key_id, check=True)
            self.assertEqual(status(), 403)
            self.assertEqual(p.run("key", "enable", key_id).returncode, 1, "revoked is final")
            audit = p.run("audit", "verify")
            self.assertEqual(audit.returncode, 0, audit.stdout + audit.stderr)


if __name__ == "__main__":
    unittest.main()
