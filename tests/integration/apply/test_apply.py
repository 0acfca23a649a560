"""`export` and `apply`: all entities as one document, there and back, all of it or nothing."""
# ctest: parallel

import json
import os
import tomllib
import unittest

from product import Product


class Apply(unittest.TestCase):
    def setUp(self):
        self.product = Product()
        self.addCleanup(self.product.close)

    def write(self, text, name="document.toml"):
        path = os.path.join(self.product.home, name)
        with open(path, "w") as file:
            file.write(text)
        return path

    def apply(self, text, *options):
        return self.product.run("apply", self.write(text), *options)

    def applied(self, text, *options):
        done = self.apply(text, *options)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def test_there_and_back_with_and_without_a_server(self):
        product = self.product
        document = product.run("export", check=True).stdout
        tomllib.loads(document)
        self.assertEqual(self.applied(document), "0 created, 0 changed, 0 deleted\n")
        product.start()
        self.assertEqual(product.run("export", check=True).stdout, document)
        self.assertEqual(self.applied(document, "--prune"), "0 created, 0 changed, 0 deleted\n")
        audit = product.run("audit", "list").stdout
        self.assertNotIn("apply", audit, "nothing to do is no change")
        for secret in ("digest", "verifier"):
            self.assertNotIn(secret, document)
        self.assertIn("verifier = ", product.run("export", "--with-verifiers").stdout)

    def test_a_second_installation_made_from_the_first(self):
        product = self.product.start()
        whole = product.run("export", "--with-verifiers", check=True).stdout
        copy = Product()
        self.addCleanup(copy.close)
        empty = copy.run("export", check=True).stdout
        self.assertNotEqual(empty, whole)
        # Its own demo makes way: the same names with other ids would be others.
        fresh = os.path.join(copy.home, "fresh")
        copy.dir = fresh
        copy.run("init", check=True)
        path = self.write(whole, "whole.toml")
        copy.run("apply", path, check=True)
        self.assertEqual(copy.run("export", "--with-verifiers", check=True).stdout, whole)
        rows = copy.run_json("audit", "list")
        self.assertEqual([row["action"] for row in rows], ["apply"])
        self.assertNotIn("argon2", json.dumps(rows))
        self.assertEqual(copy.run("audit", "verify").returncode, 0)

    def test_a_change_is_in_force_when_it_is_acknowledged(self):
        product = self.product.start()
        document = product.run("export", check=True).stdout
        user = product.demo["username"]
        with product.connect() as connection:
            def ask():
                return product.request("GET", "/", product.headers(), connection=connection).status
            self.assertEqual(ask(), 200)
            blocked = document.replace(f'username = "{user}"\nstatus = "active"',
                                       f'username = "{user}"\nstatus = "blocked"')
            self.assertNotEqual(blocked, document)
            dry = self.applied(blocked, "--dry-run")
            self.assertIn(f'~ user "{user}": status "active" -> "blocked"', dry)
            self.assertIn("nothing was changed", dry)
            self.assertEqual(ask(), 200)
            self.applied(blocked)
            self.assertEqual(ask(), 401)
            self.applied(document)
            self.assertEqual(ask(), 200)

    def test_every_problem_with_its_place_and_nothing_changed(self):
        product = self.product.start()
        before = product.run("export").stdout
        done = self.apply('[[role]]\nname = "fine"\n[[role]]\nname = "bad"\n'
                          'allow = ["messaging:no.such"]\n[[user]]\nusername = "x"\nrank = 1\n')
        self.assertEqual(done.returncode, 1)
        path = os.path.join(product.home, "document.toml")
        for line in (f"{path}:5:10: allow: there is no operation",
                     f"{path}:8:1: there is no field"):
            self.assertIn(line, done.stderr)
        self.assertEqual(product.run("export").stdout, before)
        self.assertEqual(product.run("apply", "/no/such/file").returncode, 1)

    def test_a_revoked_key_stays_revoked_and_pruning_is_asked_for(self):
        product = self.product.start()
        whole = product.run("export", "--with-verifiers", check=True).stdout
        key_id = product.access_entry(product.get("/")["x-request-id"])["key_id"]
        product.run("key", "revoke", key_id, check=True)
        self.assertIn("is revoked, and that is final", self.applied(whole))
        self.assertEqual(product.get("/").status, 403)
        # Nor under another id.
        shown = product.run_json("key", "show", key_id)["id"]
        other = "0123456789ABCDEF"
        done = self.apply(whole.replace(f'id = "{shown}"', f'id = "{other}"'))
        self.assertEqual(done.returncode, 1)
        product.run("role", "create", "surplus", check=True)
        self.assertIn("0 deleted", self.applied(whole))
        dry = self.applied(whole, "--prune", "--dry-run")
        self.assertIn('- role "surplus"', dry)
        self.assertIn("surplus", product.run("role", "list").stdout)
        self.applied(whole, "--prune")
        self.assertNotIn("surplus", product.run("role", "list").stdout)


if __name__ == "__main__":
    unittest.main()
