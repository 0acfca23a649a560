# ctest: parallel
"""The signed statement of who is calling that an upstream can verify for itself."""

import base64
import hashlib
import json
import os
import tempfile
import time
import unittest

from tokens import openssl
from upstream import HOST, ScriptedUpstream, behind, proxy_config

ROUTES = """
[[api.route]]
path = "/moved/**"
strip_prefix = "/moved"
add_prefix = "/v2"

[[api.route]]
path = "/open/**"
doors = "key only"

[[api.route]]
path = "/**"
"""
# The front of a SubjectPublicKeyInfo with an Ed25519 key (RFC 8410 4).
ED25519 = bytes.fromhex("302a300506032b6570032100")


def decoded(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def verified(token, key_set):
    """Header and claims, by the openssl command and the public keys alone."""
    head, claims, signature = token.split(".")
    header = json.loads(decoded(head))
    (key,) = [one for one in key_set["keys"] if one["kid"] == header["kid"]]
    with tempfile.TemporaryDirectory() as folder:
        paths = [os.path.join(folder, name) for name in ("key", "signature", "text")]
        for path, content in zip(paths, (ED25519 + decoded(key["x"]), decoded(signature),
                                         f"{head}.{claims}".encode())):
            with open(path, "wb") as file:
                file.write(content)
        openssl("pkeyutl", "-verify", "-rawin", "-pubin", "-keyform", "DER", "-inkey", paths[0],
                "-sigfile", paths[1], "-in", paths[2])
    return header, json.loads(decoded(claims))


class Assertions(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.upstream = ScriptedUpstream()
        cls.addClassCleanup(cls.upstream.close)
        toml = (f'[[upstream]]\nname = "orders"\nendpoints = ["{cls.upstream.url}"]\n'
                '[upstream.assertion]\naudience = "orders.internal"\n')
        cls.product = behind(proxy_config(toml, ROUTES))
        cls.addClassCleanup(cls.product.close)

    def ask(self, target, method="GET", **fields):
        answer = self.product.request(method, target, self.product.headers(**fields), host=HOST)
        self.assertEqual(answer.status, 200, answer)
        with self.upstream.lock:
            return answer, self.upstream.seen[-1]

    def keys(self):
        answer = self.product.request("GET", "/.well-known/jwks.json", {}, host=HOST)
        self.assertEqual(answer.status, 200, answer)
        return answer.json()

    def test_it_says_who_calls_how_and_for_what(self):
        key = self.product.demo["api_key"]
        before = int(time.time())
        answer, seen = self.ask(f"/moved/a?apikey={key}&x=%2F", "PUT", key=None)
        header, claims = verified(seen["x-sallyport-assertion"], self.keys())
        self.assertEqual((header["alg"], header["typ"]), ("EdDSA", "sallyport-assertion+jwt"))
        self.assertEqual(seen.target, "/v2/a?x=%2F")
        digest = hashlib.sha256(seen.target.encode()).digest()
        self.assertEqual(decoded(claims.pop("target_hash")), digest)
        issued = claims.pop("iat")
        self.assertTrue(before <= issued <= int(time.time()))
        self.assertEqual(claims, {
            "iss": "sallyport", "aud": "orders.internal", "jti": answer["x-request-id"],
            "exp": issued + 60, "sub": seen["x-sallyport-user"],
            "account": seen["x-sallyport-account"],
            "application": seen["x-sallyport-application"],
            "environment": seen["x-sallyport-environment"], "method": "PUT",
            "roles": [one.strip('" ') for one in seen["x-sallyport-roles"].split(",")]})

    def test_each_request_has_its_own(self):
        (_, first), (_, second) = self.ask("/a"), self.ask("/a")
        self.assertNotEqual(first["x-sallyport-assertion"], second["x-sallyport-assertion"])

    def test_without_a_user_it_names_none(self):
        _, seen = self.ask("/open/a", user=None)
        self.assertNotIn("sub", verified(seen["x-sallyport-assertion"], self.keys())[1])

    def test_a_client_can_neither_write_nor_remove_it(self):
        for lie in ({"X-Sallyport-Assertion": "x"}, {"x_sallyport_assertion": "x"},
                    {"Connection": "X-Sallyport-Assertion"}):
            fields = {**self.product.headers(), **lie}
            self.product.request("GET", "/a", fields, host=HOST)
            with self.upstream.lock:
                seen = self.upstream.seen[-1]
            self.assertEqual(len(seen.all("x-sallyport-assertion")), 1)
            self.assertEqual(seen.all("x_sallyport_assertion"), [])
            verified(seen["x-sallyport-assertion"], self.keys())

    def test_it_is_no_token_at_our_doors(self):
        _, seen = self.ask("/a")
        fields = self.product.headers(user=None)
        fields["Authorization"] = "Bearer " + seen["x-sallyport-assertion"]
        for host in (HOST, None):
            answer = self.product.request("GET", "/a", fields, host=host)
            self.assertIn(answer.status, (401, 404))
        answer = self.product.request("GET", "/messages", fields)
        self.assertEqual(answer.status, 401)
        self.assertEqual(self.product.access_entry(answer["x-request-id"])["reason"],
                         "token_malformed")

    def test_it_is_good_after_a_rotation_too(self):
        self.product.run("secrets", "rotate-signing-key", check=True)
        _, seen = self.ask("/a")
        verified(seen["x-sallyport-assertion"], self.keys())


if __name__ == "__main__":
    unittest.main()
