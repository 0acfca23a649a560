"""Bearer tokens as clients and operators meet them: issued, verified, ended; of outside issuers;
and which doors an API has."""

# ctest: parallel

import base64
import hashlib
import hmac
import http.server
import json
import os
import ssl
import stat
import subprocess
import tempfile
import threading
import time
import unittest

from product import Product, wait_until
from tokens import Signer, b64url, claims, jwks, parts

ISSUER = """
[[issuer]]
name = "login"
issuer = "https://login.test"
audience = ["sallyport"]
algorithms = ["RS256", "ES256", "EdDSA"]
accounts = ["{account}"]
leeway = "5s"
refresh = "1s"
"""


def account_of(product):
    return product.run_json("account", "list")[0]["name"]


def issue(product, **more):
    answer = product.request("POST", "/auth", product.headers(**more))
    assert answer.status == 200, answer
    return answer.json()["token"]


def bearer(
    product, token, target="/messages", method="GET", key="api_key", connection=None, **more
):
    fields = product.headers(key=key, user=None, **more)
    fields["Authorization"] = "Bearer " + token
    return product.request(method, target, fields, connection=connection)


class Issued(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.product = Product().start()

    @classmethod
    def tearDownClass(cls):
        cls.product.close()

    def reason(self, answer):
        return self.product.access_entry(answer["X-Request-Id"])["reason"]

    def test_a_token_replaces_the_password_and_not_the_key(self):
        p = self.product
        answer = p.request("POST", "/auth", p.headers())
        self.assertEqual(answer.status, 200)
        self.assertEqual(answer["Content-Type"], "application/json")
        self.assertEqual(answer["Location"], p.url + "/auth/verify")
        self.assertEqual(answer["Cache-Control"], "private, no-store")
        self.assertEqual(list(answer.json()), ["token"])
        token = answer.json()["token"]
        header, body = parts(token)
        self.assertEqual((header["alg"], header["typ"]), ("EdDSA", "JWT"))
        self.assertEqual(body["exp"] - body["iat"], 1800)
        self.assertEqual(bearer(p, token).status, 200)
        self.assertEqual(bearer(p, token, key=None).status, 403)
        self.assertEqual(bearer(p, token, key="inactive_api_key").status, 403)
        self.assertEqual(bearer(p, token + "x").status, 401)
        entry = p.access_entry(bearer(p, token)["X-Request-Id"])
        self.assertEqual(entry["user"], body["sub"])

    def test_it_comes_as_json_or_xml(self):
        p = self.product
        xml = p.request("POST", "/auth", p.headers(Accept="application/vnd.whispir.auth-v1+xml"))
        self.assertEqual(xml["Content-Type"], "application/vnd.whispir.auth-v1+xml")
        self.assertIn("<token>ey", xml.text)
        media = "application/vnd.whispir.auth-v1+json"
        vendor = p.request("POST", "/auth", p.headers(Accept=media))
        self.assertEqual(vendor["Content-Type"], "application/vnd.whispir.auth-v1+json")
        self.assertIn("token", vendor.json())

    def test_it_is_issued_for_a_password_alone(self):
        p = self.product
        token = issue(p)
        again = bearer(p, token, "/auth", "POST")
        self.assertEqual(again.status, 401)
        self.assertEqual(again["WWW-Authenticate"].split()[0], "Basic")
        self.assertEqual(p.request("POST", "/auth", p.headers(password="wrong")).status, 401)
        self.assertEqual(p.request("POST", "/auth", p.headers(user=None)).status, 401)
        self.assertEqual(p.request("POST", "/auth", p.headers(key=None)).status, 403)
        self.assertEqual(p.get("/auth").status, 405)

    def test_verify_tells_whose_it_is(self):
        p = self.product
        answer = bearer(p, issue(p), "/auth/verify", Accept="application/json")
        self.assertEqual(answer.status, 200)
        self.assertEqual(answer.json()["valid"], True)
        self.assertEqual(answer.json()["username"], p.demo["username"])
        self.assertRegex(answer.json()["expires"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
        refused = p.get("/auth/verify")
        self.assertEqual(refused.status, 401)
        self.assertTrue(refused["WWW-Authenticate"].startswith("Bearer realm="), refused)
        self.assertEqual(bearer(p, "a.b.c", "/auth/verify").status, 401)

    def test_anybody_can_verify_it_with_the_published_keys(self):
        p = self.product
        token = issue(p)
        answer = p.request("GET", "/.well-known/jwks.json", {})
        self.assertEqual(answer.status, 200)
        key = next(k for k in answer.json()["keys"] if k["kid"] == parts(token)[0]["kid"])
        self.assertEqual((key["kty"], key["crv"]), ("OKP", "Ed25519"))
        self.assertNotIn("d", key)
        raw = base64.urlsafe_b64decode(key["x"] + "=")
        der = bytes.fromhex("302a300506032b6570032100") + raw
        text, signature = token.rsplit(".", 1)
        with tempfile.TemporaryDirectory() as folder:
            for name, data in (
                ("key", der),
                ("text", text.encode()),
                ("signature", base64.urlsafe_b64decode(signature + "==")),
            ):
                with open(os.path.join(folder, name), "wb") as file:
                    file.write(data)
            subprocess.run(
                ["openssl", "pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", "key",
                 "-rawin", "-in", "text", "-sigfile", "signature"],
                cwd=folder, check=True, capture_output=True,
            )  # fmt: skip

    def test_roles_are_read_live(self):
        p = self.product
        user = p.demo["restricted_username"]
        token = issue(p, user="restricted_username", password="restricted_password")
        self.assertEqual(bearer(p, token).status, 200)
        self.assertEqual(bearer(p, token, method="POST").status, 403)
        name = p.run_json("user", "roles", user)["roles"][0]["name"]
        p.run("user", "roles", user, "--remove", name, check=True)
        self.assertEqual(bearer(p, token).status, 403)
        p.run("user", "roles", user, "--add", name, check=True)
        self.assertEqual(bearer(p, token).status, 200)

    # The alg that the token names is compared and never obeyed (49, 50).
    def test_forged_tokens(self):
        p = self.product
        token = issue(p)
        header, body = parts(token)
        public = p.request("GET", "/.well-known/jwks.json", {})
        secret = public.json()["keys"][0]["x"].encode()

        def made(header_over, body_over=None, key=secret):
            head = {k: v for k, v in {**header, **header_over}.items() if v is not None}
            claim = {k: v for k, v in {**body, **(body_over or {})}.items() if v is not None}
            text = b64url(json.dumps(head)) + "." + b64url(json.dumps(claim))
            return text + "." + b64url(hmac.new(key, text.encode(), hashlib.sha256).digest())

        unsigned = token.rsplit(".", 1)[0] + "."
        old_signature = token.rsplit(".", 1)[1]
        rows = [
            ("none", made({"alg": "none"}), "token_algorithm"),
            ("None", made({"alg": "None"}), "token_algorithm"),
            ("none, unsigned", made({"alg": "none"}).rsplit(".", 1)[0] + ".", "token_algorithm"),
            ("unsigned", unsigned, "token_signature"),
            ("HS256 with the public key", made({"alg": "HS256"}), "token_algorithm"),
            ("ES256", made({"alg": "ES256"}), "token_algorithm"),
            ("no alg", made({"alg": None}), "token_malformed"),
            ("no kid", made({"kid": None}), "token_key"),
            ("kid traversal", made({"kid": "../../../../dev/null"}), "token_key"),
            ("kid injection", made({"kid": "x' UNION SELECT 'k"}), "token_key"),
            ("endless kid", made({"kid": "k" * 3000}), "token_malformed"),
            ("embedded key", made({"jwk": public.json()["keys"][0]}), "token_signature"),
            ("critical", made({"crit": ["exp"]}), "token_malformed"),
            ("no iss", made({}, {"iss": None}), "token_issuer"),
            ("wrong iss", made({}, {"iss": "https://evil.test"}), "token_issuer"),
            ("no aud", made({}, {"aud": None}), "token_audience"),
            ("wrong aud", made({}, {"aud": "other"}), "token_audience"),
            ("no exp", made({}, {"exp": None}), "token_expired"),
            ("past exp", made({}, {"exp": int(time.time()) - 1}), "token_expired"),
            ("future nbf", made({}, {"nbf": int(time.time()) + 60}), "token_not_yet_valid"),
            ("other user", made({}, {"sub": "00000000000000FF"}), "user_unknown"),
            ("longer", made({}, {"exp": body["exp"] + 999}).rsplit(".", 1)[0] + "." + old_signature,
             "token_signature"),
            ("oversized", "a" * 6000, "token_malformed"),
            ("oversized signature", token + "A" * 5000, "token_malformed"),
            ("no parts", "abc", "token_malformed"),
            ("two credentials", token + ", Basic YTpi", "token_malformed"),
        ]  # fmt: skip
        for name, forged, reason in rows:
            answer = bearer(p, forged)
            self.assertEqual((answer.status, self.reason(answer)), (401, reason), name)
            self.assertEqual(
                [one.split()[0] for one in answer.fields["www-authenticate"]], ["Basic", "Bearer"]
            )
        fields = p.headers(user=None)
        doubled = p.request(
            "GET", "/messages", {**fields, "Authorization": "Bearer " + token,
                                 "authorization": "Bearer " + token}
        )  # fmt: skip
        self.assertEqual(doubled.status, 401)
        self.assertEqual(bearer(p, token).status, 200)

    def test_the_log_has_no_token(self):
        p = self.product
        token = issue(p)
        bearer(p, token)
        entry = p.access_entry(bearer(p, token, "/messages?x=1")["X-Request-Id"])
        self.assertNotIn(token.rsplit(".", 1)[1], json.dumps(p.access_entries()))
        self.assertNotIn(token.rsplit(".", 1)[1], p.log() + p.metrics())
        self.assertEqual(entry["reason"], "ok")


class Ended(unittest.TestCase):
    """Each on a product of its own: what ends a token leaves the installation changed."""

    def setUp(self):
        self.product = Product(config=[(r"^# workers = 0.*$", "workers = 4")])
        self.product.start()
        self.addCleanup(self.product.close)
        self.token = issue(self.product)
        # Proven on every worker, on connections that stay open.
        self.connections = [self.product.connect() for _ in range(16)]
        for one in self.connections:
            self.addCleanup(one.close)
        self.expect(200)

    def expect(self, status, key="api_key"):
        for one in self.connections:
            answer = bearer(self.product, self.token, key=key, connection=one)
            self.assertEqual(answer.status, status)

    def run_verb(self, *words):
        self.product.run(*words, check=True)

    def test_signed_out_everywhere(self):
        self.run_verb("user", "sign-out", self.product.demo["username"])
        self.expect(401)
        self.assertEqual(self.product.get("/messages").status, 200, "the password stays")
        self.token = issue(self.product)
        self.expect(200)

    def test_password_changed(self):
        name = self.product.demo["username"]
        self.product.run("user", "password", name, stdin="another long password\n", check=True)
        self.expect(401)

    def test_user_blocked(self):
        self.run_verb("user", "block", self.product.demo["username"])
        self.expect(401)

    def test_key_revoked(self):
        p = self.product
        keys = p.run_json("key", "list")
        key = next(k for k in keys if p.demo["api_key"].startswith(k["hint"].split("...")[0]))
        made = p.run_json("key", "create", "--subscription", key["subscription"])
        self.expect(200, key=made["key"])
        self.run_verb("key", "revoke", key["id"])
        self.expect(403)
        self.expect(401, key=made["key"])

    def test_application_disabled(self):
        name = self.product.run_json("application", "list")[0]["id"]
        self.run_verb("application", "disable", name)
        self.expect(403)

    def test_account_suspended(self):
        self.run_verb("account", "suspend", account_of(self.product))
        self.expect(403)

    def test_signing_key_rotated(self):
        p = self.product
        before = p.run_json("secrets", "list")
        self.assertEqual([k["state"] for k in before], ["signs"])
        done = p.run_json("secrets", "rotate-signing-key")
        self.assertEqual([k["state"] for k in done], ["signs", "verifies"])
        self.expect(200)
        newer = issue(p)
        self.assertEqual(parts(newer)[0]["kid"], done[0]["kid"])
        self.assertEqual(len(p.request("GET", "/.well-known/jwks.json", {}).json()["keys"]), 2)
        self.run_verb("secrets", "rotate-signing-key", "--overlap", "0s")
        self.expect(401)
        self.assertEqual(bearer(p, newer).status, 401)
        path = os.path.join(p.dir, "secrets", "signing.keys")
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
        actions = [row["action"] for row in p.run_json("audit", "list")]
        self.assertEqual(actions.count("secrets.rotate-signing-key"), 2)
        self.assertNotEqual(p.run("secrets", "rotate-signing-key", "--overlap", "x").returncode, 0)

    def test_keys_outlive_a_restart_and_rotate_without_a_server(self):
        p = self.product
        for one in self.connections:
            one.close()
        p.stop()
        p.start()
        self.assertEqual(bearer(p, self.token).status, 200)
        p.stop()
        p.run("secrets", "rotate-signing-key", "--overlap", "0s", check=True)
        p.start()
        self.assertEqual(bearer(p, self.token).status, 401)


class Outside(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        kinds = ("RS256", "ES256", "EdDSA")
        cls.signers = {kind: Signer(cls.folder.name, kind, f"key-{kind}") for kind in kinds}
        cls.product = Product()
        cls.path = os.path.join(cls.product.dir, "login.json")
        cls.publish(*cls.signers.values())
        account = cls.product.run_json("account", "list")[0]["name"]
        text = ISSUER.format(account=account) + f'jwks_file = "{cls.path}"\n'
        cls.product.edit_config([(r"\[\[api\]\]", text.replace("\\", r"\\") + "\n[[api]]")])
        cls.product.start()
        cls.user = cls.product.demo["username"]

    @classmethod
    def tearDownClass(cls):
        cls.product.close()
        cls.folder.cleanup()

    @classmethod
    def publish(cls, *signers):
        with open(cls.path + ".new", "w") as file:
            file.write(jwks(*signers))
        os.replace(cls.path + ".new", cls.path)

    def test_each_algorithm(self):
        for algorithm, signer in self.signers.items():
            answer = bearer(self.product, signer.token(claims(self.user)))
            self.assertEqual(answer.status, 200, algorithm)
        token = self.signers["EdDSA"].token(claims(self.user))
        self.assertEqual(bearer(self.product, token, "/auth/verify").status, 200)

    def test_what_is_wrong_with_a_token(self):
        p, now = self.product, int(time.time())
        ed, rsa = self.signers["EdDSA"], self.signers["RS256"]
        hs = json.dumps({"alg": "HS256", "kid": rsa.kid})
        text = b64url(hs) + "." + b64url(json.dumps(claims(self.user)))
        confused = hmac.new(rsa.public_pem, text.encode(), hashlib.sha256).digest()
        other = Signer(self.folder.name, "EdDSA", "other")
        other.kid = ed.kid
        rows = [
            ("HS256 with the public key", text + "." + b64url(confused), "token_algorithm"),
            ("another algorithm", ed.token(claims(self.user), alg="RS256"), "token_algorithm"),
            ("another key's name", ed.token(claims(self.user), kid=rsa.kid, alg="RS256"),
             "token_signature"),
            ("another key", other.token(claims(self.user)), "token_signature"),
            ("unknown kid", ed.token(claims(self.user), kid="nobody"), "token_key"),
            ("no kid", ed.token(claims(self.user), kid=None), "token_key"),
            ("no aud", ed.token(claims(self.user, audience=None)), "token_audience"),
            ("wrong aud", ed.token(claims(self.user, audience=["a", "b"])), "token_audience"),
            ("wrong iss", ed.token(claims(self.user, issuer="https://login")), "token_issuer"),
            ("our iss", ed.token(claims(self.user, issuer="sallyport")), "token_key"),
            ("expired", ed.token(claims(self.user, exp=now - 6)), "token_expired"),
            ("no exp", ed.token(claims(self.user, exp=None)), "token_expired"),
            ("not yet", ed.token(claims(self.user, nbf=now + 60)), "token_not_yet_valid"),
            ("nobody", ed.token(claims("nobody")), "user_unknown"),
            ("no name", ed.token(claims(None)), "token_malformed"),
            ("of a logout", ed.token(claims(self.user), typ="logout+jwt"), "token_malformed"),
        ]  # fmt: skip
        for name, token, reason in rows:
            answer = bearer(p, token)
            entry = p.access_entry(answer["X-Request-Id"])
            self.assertEqual((answer.status, entry["reason"]), (401, reason), name)
        now = int(time.time())
        leeway = ed.token(claims(self.user, exp=now - 1, nbf=now + 2))
        self.assertEqual(bearer(p, leeway).status, 200)

    def test_rotation_at_the_issuer(self):
        newer = Signer(self.folder.name, "EdDSA", "newer")
        token = newer.token(claims(self.user))
        self.assertEqual(bearer(self.product, token).status, 401)
        self.publish(*self.signers.values(), newer)
        wait_until("the new key", lambda: bearer(self.product, token).status == 200)
        self.publish(*self.signers.values())
        wait_until("the new key is gone", lambda: bearer(self.product, token).status == 401)


class FetchedKeys(unittest.TestCase):
    """jwks_url, against a real https server with a certificate of a private authority."""

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.product = Product()
        self.addCleanup(self.product.close)
        self.signer = Signer(self.folder.name, "ES256", "fetched")
        self.answers = {"/jwks.json": (200, jwks(self.signer), {})}
        self.asked = []
        self.server = self.serve()

    def serve(self):
        test = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                test.asked.append(self.path)
                status, body, fields = test.answers.get(self.path, (404, "", {}))
                self.send_response(status)
                for name, value in fields.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body.encode())

            def log_message(self, *_):
                pass

        tls = os.path.join(self.product.dir, "tls")
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(os.path.join(tls, "server.pem"), os.path.join(tls, "server.key"))
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.shutdown)
        return server

    def configure(self, path="/jwks.json", ca=True):
        port = self.server.server_address[1]
        account = self.product.run_json("account", "list")[0]["name"]
        text = ISSUER.format(account=account)
        text += f'jwks_url = "https://localhost:{port}{path}"\n'
        if ca:
            text += 'ca_file = "tls/ca.pem"\n'
        self.product.edit_config([(r"\[\[api\]\]", text + "\n[[api]]")])
        self.product.env["https_proxy"] = "http://127.0.0.1:1"  # not used
        self.product.start()

    def status(self):
        token = self.signer.token(claims(self.product.demo["username"]))
        return bearer(self.product, token).status

    def test_keys_are_fetched_and_kept_while_the_issuer_is_away(self):
        self.configure()
        wait_until("the keys", lambda: self.status() == 200)
        self.answers["/jwks.json"] = (500, "", {})
        before = len(self.asked)
        wait_until("asked again", lambda: len(self.asked) > before + 1)
        self.assertEqual(self.status(), 200)
        self.assertGreater(self.product.metric("sallyport_issuer_failures_total"), 0)

    def test_redirects_are_not_followed(self):
        self.answers["/moved"] = (302, "", {"Location": "/jwks.json"})
        self.configure("/moved")
        wait_until("asked", lambda: "/moved" in self.asked)
        wait_until("asked again", lambda: self.asked.count("/moved") > 1, seconds=30)
        self.assertNotIn("/jwks.json", self.asked)
        self.assertEqual(self.status(), 503, "our failure is not the client's")

    def test_the_certificate_is_verified(self):
        self.configure(ca=False)
        wait_until("tried", lambda: "keys of issuer login" in self.product.log())
        self.assertEqual(self.status(), 503)
        self.assertEqual(self.asked, [])


class Doors(unittest.TestCase):
    """One API for each kind of doors, all on the messaging engine."""

    @classmethod
    def setUpClass(cls):
        cls.product = Product()
        account = cls.product.run_json("account", "list")[0]["name"]
        apis = ""
        for name, lines in {
            "keyonly": 'doors = "key only"',
            "useronly": f'doors = "user only"\naccounts = ["{account}"]',
            "basiconly": 'auth = ["basic"]',
            "beareronly": 'auth = ["bearer"]',
        }.items():
            apis += f'\n[[api]]\nname = "{name}"\n{lines}\n'
            apis += f'[[api.host]]\nhost = "{name}.local.test"\n'
        cls.product.edit_config([(None, apis)])
        cls.product.start()
        opened = ["messaging", "keyonly", "useronly", "basiconly", "beareronly"]
        cls.product.run("plan", "update", cls.product.run_json("plan", "list")[0]["name"],
                        *[word for name in opened for word in ("--open", name + ":*")],
                        check=True)
        cls.product.run("role", "create", "everywhere",
                        *[word for name in opened for word in ("--allow", name + ":*")],
                        check=True)
        cls.product.run("user", "roles", cls.product.demo["username"], "--add", "everywhere",
                        check=True)

    @classmethod
    def tearDownClass(cls):
        cls.product.close()

    def status(self, host, **fields):
        fields = self.product.headers(**fields)
        return self.product.request("GET", "/messages", fields, host=host + ".local.test").status

    def test_each_api_asks_for_what_it_says(self):
        p = self.product
        token = {"user": None, "Authorization": "Bearer " + issue(p)}
        rows = [
            ("keyonly", {"user": None}, 200),
            ("keyonly", {"password": "wrong"}, 200),
            ("keyonly", {"key": None}, 403),
            ("keyonly", {"key": None, "user": None}, 403),
            ("useronly", {"key": None}, 200),
            ("useronly", {"key": "sp_live_nonsense"}, 200),
            ("useronly", {"key": None, "password": "wrong"}, 401),
            ("useronly", {"key": None, "user": None}, 401),
            ("basiconly", {}, 200),
            ("basiconly", token, 401),
            ("basiconly", {"user": None}, 401),
            ("beareronly", {}, 401),
            ("beareronly", token, 401),
        ]
        for host, fields, expected in rows:
            self.assertEqual(self.status(host, **fields), expected, (host, fields))

    def test_check_refuses_what_is_open_by_omission(self):
        for lines in ("auth = []", 'doors = "none"', 'doors = "user only"',
                      'doors = "key only"\nauth = ["basic"]'):  # fmt: skip
            with tempfile.NamedTemporaryFile("w", suffix=".toml", dir=self.product.dir) as file:
                with open(os.path.join(self.product.dir, "sallyport.toml")) as own:
                    text = own.read()
                file.write(text.replace("[[api]]\n", f"[[api]]\n{lines}\n", 1))
                file.flush()
                done = self.product.run("check", "-c", file.name)
                self.assertEqual(done.returncode, 1, lines)
                self.assertIn("api[].", done.stderr, lines)


class Administration(unittest.TestCase):
    """53: nobody administers without authority; asked of every verb that there is."""

    def test_the_socket_listens_to_its_owner_alone(self):
        if os.geteuid() != 0:
            self.skipTest("needs to become somebody else")
        with Product() as p:
            self.assertEqual(stat.S_IMODE(os.stat(p.demo["admin_socket"]).st_mode), 0o600)
            for folder in (p.home, p.dir):
                os.chmod(folder, 0o755)
            os.chmod(p.demo["admin_socket"], 0o666)  # so that only the peer's uid decides
            help_text = p.run("--help").stdout
            verbs = [v for v in ("account", "application", "audit", "developer", "explain", "grant",
                                 "key", "plan", "role", "secrets", "subscription", "user",
                                 "workspace") if v in help_text]  # fmt: skip
            self.assertEqual(len(verbs), 13)
            for verb in verbs:
                request = json.dumps({"words": [verb, "list"], "options": {}}) + "\n"
                done = subprocess.run(
                    ["/usr/bin/python3", "-c",
                     "import socket,sys,os\n"
                     "os.setgid(65534); os.setuid(65534)\n"
                     "s=socket.socket(socket.AF_UNIX); s.connect(sys.argv[1])\n"
                     "s.settimeout(10)\n"
                     "try:\n  s.sendall(sys.argv[2].encode()); print(s.recv(65536).decode())\n"
                     "except OSError as e: print('closed', e)\n",
                     p.demo["admin_socket"], request],
                    capture_output=True, text=True, timeout=30,
                )  # fmt: skip
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertNotIn('"exit_code":0', done.stdout.replace(" ", ""), verb)


if __name__ == "__main__":
    unittest.main()
