"""A partner's application that acts for users of an account that granted it; who am I."""
# ctest: parallel

import json
import unittest

from product import Product

VENDOR = "application/vnd.whispir.message-v1+json"


class Grants(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.product = product = Product()
        product.start()
        product.run("account", "create", "Customer", check=True)
        product.run("role", "create", "reader", "--allow", "messaging:messages.list",
                    "--allow", "messaging:messages.show", check=True)
        cls.roles = {r["name"]: r["id"] for r in product.run_json("role", "list")}
        made = product.run_json("user", "add", "carol", "--account", "Customer", "--role",
                                cls.all_of(), "--generate")
        cls.password = made["password"]
        cls.application = product.run_json("application", "list")[0]

    @classmethod
    def tearDownClass(cls):
        cls.product.close()

    @classmethod
    def all_of(cls):
        """A role that permits everything."""
        if "everything" not in cls.roles:
            cls.product.run("role", "create", "everything", "--allow", "messaging:*", check=True)
        return "everything"

    def ask(self, method="GET", target="/", user="carol", connection=None, **more):
        product = self.product
        fields = product.headers(user=user, password=self.password, **more)
        return product.request(method, target, fields, connection=connection)

    def grant(self, *options):
        return self.product.run_json("grant", "create", "--application", self.application["id"],
                                     "--account", "Customer", *options)["id"]

    def test_acts_for_a_user_until_it_is_revoked(self):
        product = self.product
        self.assertEqual(self.ask().status, 401, "a user of another account is unknown")
        grant = self.grant()
        connections = [product.connect() for _ in range(8)]
        try:
            answers = [self.ask(connection=c) for c in connections]
            self.assertEqual([a.status for a in answers], [200] * 8)
            entry = product.access_entry(answers[0]["x-request-id"])
            customer = next(a["id"] for a in product.run_json("account", "list")
                            if a["name"] == "Customer")
            self.assertEqual(entry["account"], customer)
            self.assertEqual(entry["application"], self.application["id"])
            self.assertEqual(
                self.ask(user=f"{customer.lower()}\\carol").status, 200, "named with its account")
            product.run("grant", "revoke", grant, check=True)
            self.assertEqual([self.ask(connection=c).status for c in connections], [401] * 8)
        finally:
            for connection in connections:
                connection.close()
        self.assertEqual(product.get("/").status, 200, "its own users go on")

    def test_the_ceiling(self):
        grant = self.grant("--role", "reader")
        try:
            self.assertEqual(self.ask(target="/messages").status, 200)
            answer = self.ask("POST", "/messages", Content_Type=VENDOR, Accept=VENDOR)
            self.assertEqual(answer.status, 403, answer)
            self.assertEqual(json.loads(answer.body)["errorText"], "Forbidden")
            explained = self.product.run(
                "explain", "--method", "POST", "--host", "localhost", "--path", "/messages",
                "--key", self.key_id(), "--user", "carol")
            self.assertIn("ceiling", explained.stdout)
        finally:
            self.product.run("grant", "revoke", grant, check=True)

    def key_id(self):
        return next(k["id"] for k in self.product.run_json("key", "list")
                    if k["status"] == "active")

    def test_whoami(self):
        product = self.product
        answer = product.get("/whoami", Accept="application/json")
        self.assertEqual(answer.status, 200)
        self.assertEqual(answer["content-type"], "application/json")
        told = answer.json()
        self.assertEqual(told["application"]["id"], self.application["id"])
        self.assertEqual(told["application"]["name"], self.application["name"])
        self.assertEqual(told["environment"], "live")
        self.assertEqual(told["user"]["username"], product.demo["username"])
        self.assertTrue(told["roles"])
        subscription = next(x for x in told["limits"] if x["of"] == "subscription")
        self.assertIn("ratePerSecond", subscription)
        restricted = product.get("/whoami", user="restricted_username",
                                 password="restricted_password", Accept="application/json")
        self.assertEqual(restricted.status, 200, "no right is needed to ask who one is")
        xml = product.get("/whoami")
        self.assertEqual(xml["content-type"], "application/xml")
        self.assertIn(b"<ns3:whoami ", xml.body)
        self.assertIn(f"<id>{self.application['id']}</id>".encode(), xml.body)
        self.assertEqual(product.get("/whoami", key="inactive_api_key").status, 403)
        self.assertEqual(product.get("/whoami", password="wrong password").status, 401)
        self.assertNotIn(product.demo["api_key"].encode(), xml.body)
        grant = self.grant("--role", "reader")
        try:
            told = self.ask(target="/whoami", Accept="application/json").json()
            self.assertEqual(told["grant"]["id"], grant)
            self.assertEqual([r["name"] for r in told["grant"]["ceiling"]], ["reader"])
            self.assertEqual(told["user"]["username"], "carol")
            self.assertNotEqual(told["user"]["account"], told["application"]["account"])
        finally:
            product.run("grant", "revoke", grant, check=True)


if __name__ == "__main__":
    unittest.main()
