# ctest: parallel
"""A client's certificate is the user's credential where the API says so, and nowhere else."""

import json
import os
import shutil
import socket
import ssl
import subprocess
import unittest

from authority import Authority
from product import Product, RawConnection, wait_until

AUTH = 'auth = ["bearer", "basic", "certificate"]\n'
HOSTS = """
[[api.host]]
host = "partner.example.com"
certificate = "{server[0]}"
key = "{server[1]}"
client_certificates = "required"
client_ca = "{ca}"
[[api.host]]
host = "maybe.example.com"
certificate = "{server[0]}"
key = "{server[1]}"
client_certificates = "optional"
client_ca = "{ca}"
client_name = "san email"

[[api]]
name = "strict"
auth = ["certificate"]
[[api.host]]
host = "strict.example.com"
certificate = "{server[0]}"
key = "{server[1]}"
client_certificates = "optional"
client_ca = "{ca}"
"""
PARTNER, MAYBE, STRICT = "partner.example.com", "maybe.example.com", "strict.example.com"


class Reply:
    def __init__(self, done):
        head, _, self.body = done.stdout.partition("\n\n")
        lines = head.splitlines()
        self.status = int(lines[0].split()[1]) if lines else None
        self.fields = dict(line.lower().split(": ", 1) for line in lines[1:] if ": " in line)
        self.raw_head = head
        self.exit = done.returncode

    def __repr__(self):
        return f"<curl {self.exit}: {self.status} {self.fields} {self.body[:200]!r}>"


class ClientCertificates(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.product = Product()
        cls.addClassCleanup(cls.product.close)
        cls.authority = authority = Authority(cls.product.home)
        server = authority.issue("server", alternative="DNS:*.example.com")
        cls.product.edit_config([
            (r'^profile = "classic"', AUTH + 'profile = "classic"'),
            (None, HOSTS.format(server=server, ca=authority.ca))])
        cls.product.start()
        demo = cls.product.demo
        cls.name = demo["username"]
        cls.user = authority.issue("user", f"/O=Partner/CN={cls.name.upper()}", client=True)
        cls.restricted = authority.issue("restricted", f"/CN={demo['restricted_username']}",
                                         client=True)
        cls.nobody = authority.issue("nobody", "/CN=nobody at all", client=True)
        cls.two = authority.issue("two", f"/CN={cls.name}/CN={demo['restricted_username']}",
                                  client=True)
        cls.mail = authority.issue("mail", "/CN=nobody at all", f"email:{cls.name}", client=True)
        for plan in cls.product.run_json("plan", "list"):
            cls.product.run("plan", "update", plan["id"], "--open", "messaging:*",
                            "--open", "strict:*", check=True)

    def curl(self, host, path="/messages", client=None, key="api_key", *more):
        """What curl gets from the host over TLS, with the client's certificate."""
        port = self.product.port
        command = ["curl", "-si", "--max-time", "20", "--cacert",
                   self.product.ca if host == "localhost" else self.authority.ca,
                   "--resolve", f"{host}:{port}:127.0.0.1", f"https://{host}:{port}{path}"]
        if key:
            command += ["-H", f"x-api-key: {self.product.demo.get(key, key)}"]
        if client:
            command += ["--cert", client[0], "--key", client[1]]
        done = subprocess.run([*command, *more], capture_output=True, text=True, timeout=30)
        return Reply(done)

    def reason(self, reply):
        return self.product.access_entry(reply.fields["x-request-id"])["reason"]

    def test_a_certificate_says_who_is_calling(self):
        for host, client in ((PARTNER, self.user), (MAYBE, self.mail)):
            with self.subTest(host):
                reply = self.curl(host, "/whoami", client, "api_key", "-H",
                                  "Accept: application/json")
                self.assertEqual(reply.status, 200, reply)
                self.assertEqual(json.loads(reply.body)["user"]["username"], self.name)
                self.assertEqual(self.curl(host, client=client).status, 200)
                entry = self.product.access_entry(reply.fields["x-request-id"])
                self.assertTrue(entry["user"])

    def test_what_is_no_credential(self):
        rows = [
            # host, certificate, status, reason, why
            (MAYBE, None, 401, "user_missing", "none is shown"),
            (MAYBE, self.user, 401, "certificate_nameless", "no address in it"),
            (PARTNER, self.nobody, 401, "user_unknown", "names nobody"),
            (PARTNER, self.two, 401, "certificate_nameless", "names two"),
            ("localhost", self.user, 401, "user_missing", "a host that asks for none"),
        ]
        for host, client, status, reason, why in rows:
            with self.subTest(why):
                reply = self.curl(host, client=client)
                self.assertEqual((reply.status, self.reason(reply)), (status, reason), reply)
                self.assertIn("incorrect", reply.body)
                self.assertIn("basic realm=", reply.fields["www-authenticate"])
        self.assertNotEqual(self.curl(PARTNER).exit, 0, "required, and not there")
        stranger = Authority(self.product.home, "stranger").issue("user", f"/CN={self.name}",
                                                                  client=True)
        self.assertNotEqual(self.curl(MAYBE, client=stranger).exit, 0, "of nobody we trust")

    def test_the_other_checks_stand(self):
        reply = self.curl(PARTNER, client=self.user, key=None)
        self.assertEqual((reply.status, self.reason(reply)), (403, "key_missing"))
        content = ("-H", "Content-Type: application/vnd.whispir.message-v1+json", "-d",
                   '{"to":"a@example.com","subject":"s","body":"b"}')
        reply = self.curl(PARTNER, "/messages", self.restricted, "api_key", *content)
        self.assertEqual((reply.status, self.reason(reply)), (403, "no_permission"))
        self.assertEqual(self.curl(PARTNER, client=self.restricted).status, 200)
        reply = self.curl(PARTNER, "/messages", self.user, "api_key", *content)
        self.assertEqual(reply.status, 202, reply)

    def test_an_authorization_field_decides(self):
        demo = self.product.demo
        right = f"{demo['restricted_username']}:{demo['restricted_password']}"
        reply = self.curl(PARTNER, "/whoami", self.user, "api_key", "-u", right, "-H",
                          "Accept: application/json")
        self.assertEqual(json.loads(reply.body)["user"]["username"], demo["restricted_username"])
        reply = self.curl(PARTNER, "/messages", self.user, "api_key", "-u", "x:y")
        self.assertEqual((reply.status, self.reason(reply)), (401, "user_unknown"))

    def test_a_token_is_had_for_it(self):
        reply = self.curl(PARTNER, "/auth", self.user, "api_key", "-X", "POST")
        self.assertEqual(reply.status, 200, reply)
        bearer = ("-H", "Authorization: Bearer " + json.loads(reply.body)["token"])
        self.assertEqual(self.curl("localhost", "/messages", None, "api_key", *bearer).status, 200)
        reply = self.curl(PARTNER, "/auth", self.user, "api_key", "-X", "POST", *bearer)
        self.assertEqual((reply.status, self.reason(reply)), (401, "scheme_not_accepted"))

    def test_an_api_that_takes_nothing_else(self):
        reply = self.curl(STRICT)
        self.assertEqual(reply.status, 401)
        self.assertIn('www-authenticate: certificate realm="strict"', reply.raw_head.lower())
        demo = self.product.demo
        reply = self.curl(STRICT, "/messages", None, "api_key", "-u",
                          f"{demo['username']}:{demo['password']}")
        self.assertEqual((reply.status, self.reason(reply)), (401, "scheme_not_accepted"))
        reply = self.curl(STRICT, client=self.user)
        self.assertIn(self.reason(reply), ("ok", "no_permission"), "the user is known")

    def connect(self, host, client):
        context = ssl.create_default_context(cafile=self.authority.ca)
        context.load_cert_chain(*client)
        raw = socket.create_connection(("127.0.0.1", self.product.port), timeout=20)
        connection = RawConnection.__new__(RawConnection)
        connection.socket = context.wrap_socket(raw, server_hostname=host)
        connection.buffer = b""
        self.addCleanup(connection.close)
        return connection

    def ask(self, connection, host=PARTNER):
        return self.product.request("GET", "/messages", self.product.headers(user=None),
                                    connection=connection, host=host)

    def test_a_blocked_user_ends_on_an_open_connection(self):
        name = "jane.block"
        self.product.run("user", "add", name, "--account", "Demo", "--role", "sender",
                         "--generate", check=True)
        client = self.authority.issue("jane", f"/CN={name}", client=True)
        connection = self.connect(PARTNER, client)
        self.assertEqual(self.ask(connection).status, 200)
        self.product.run("user", "block", name, check=True)
        self.assertEqual(self.ask(connection).status, 401)

    def test_a_connection_ends_with_the_authority_that_it_was_made_under(self):
        copy = self.authority.path("copy.pem")
        shutil.copyfile(self.authority.ca, copy)
        self.product.edit_config([(r'(host = "partner[^[]*client_ca = )"[^"]*"', rf'\1"{copy}"')])
        self.product.run("reload", check=True)
        idle, plain = self.connect(PARTNER, self.user), self.product.connect()
        self.assertEqual(self.ask(idle).status, 200)
        self.assertEqual(self.product.request("GET", "/messages", connection=plain).status, 200)
        unused = self.connect(PARTNER, self.user)
        other = Authority(self.product.home, "other")
        shutil.copyfile(other.ca, copy)
        self.product.run("reload", check=True)
        self.addCleanup(self.product.run, "reload", check=True)
        self.addCleanup(self.product.edit_config, [(copy, self.authority.ca)])
        self.assertTrue(wait_until("the end of it", lambda: idle.is_closed()))
        self.assertTrue(unused.is_closed())
        self.assertEqual(self.product.request("GET", "/messages", connection=plain).status, 200,
                         "nobody else notices")
        self.assertNotEqual(self.curl(PARTNER, client=self.user).exit, 0)
        moved = other.issue("user", f"/CN={self.name}", client=True)
        self.assertEqual(self.curl(PARTNER, client=moved).status, 200)

    def test_check_tells_what_cannot_be_meant(self):
        path = os.path.join(self.product.dir, "sallyport.toml")
        with open(path) as file:
            text = file.read()
        wrong = os.path.join(self.product.dir, "wrong.toml")
        with open(wrong, "w") as file:
            file.write(text.split("[[api.host]]\nhost = \"partner")[0])
        done = self.product.run("check", "-c", wrong, data=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("takes certificates, and no api[].host[]", done.stderr)
        self.assertEqual(self.product.run("check", "-c", path, data=False).returncode, 0)


if __name__ == "__main__":
    unittest.main()
