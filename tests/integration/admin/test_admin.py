"""The command line: with a server and without one, refusals, and the files it guards."""
# ctest: parallel

import json
import os
import stat
import unittest

from product import BINARY, Product


class Admin(unittest.TestCase):
    def test_the_same_verbs_with_and_without_a_server(self):
        product = Product()
        self.addCleanup(product.close)
        product.run("account", "create", "Offline", check=True)
        self.assertIn("Offline", json.dumps(product.run_json("account", "list")))
        product.start()
        self.assertIn("Offline", json.dumps(product.run_json("account", "list")))
        product.run("account", "create", "Online", check=True)
        product.stop()
        listed = json.dumps(product.run_json("account", "list"))
        self.assertIn("Online", listed)
        rows = product.run_json("audit", "list")
        self.assertIn("account.create", json.dumps(rows))
        self.assertEqual(product.run("audit", "verify").returncode, 0)

    def test_refusals_are_precise(self):
        product = Product()
        self.addCleanup(product.close)
        for arguments, code, text in (
            (["account", "create", "Demo"], 1, "Demo"),
            (["plan", "create", "P", "--rate", "10", "--burst", "5"], 1, "burst"),
            (["key", "show", "nothing"], 1, "nothing"),
            (["subscription", "create", "--application", "x", "--plan", "y"], 1, "application"),
            (["frobnicate"], 2, "frobnicate"),
            (["completion"], 1, "not built yet"),
            (["queue", "show", "x"], 1, "names nothing"),
        ):
            done = product.run(*arguments)
            self.assertEqual(done.returncode, code, f"{arguments}: {done.stderr}")
            self.assertIn(text, done.stderr + done.stdout)

    def test_the_server_guards_its_files(self):
        product = Product()
        self.addCleanup(product.close)
        for name, mode in (("secrets", 0o755), ("sallyport.db", 0o644)):
            path = os.path.join(product.dir, name)
            good = stat.S_IMODE(os.stat(path).st_mode)
            self.assertEqual(good & 0o077, 0)
            os.chmod(path, mode)
            done = product.run("serve", "--port", "0")
            self.assertEqual(done.returncode, 1, done.stderr)
            self.assertIn(name, done.stderr)
            os.chmod(path, good)
        os.rename(os.path.join(product.dir, "sallyport.db"), os.path.join(product.dir, "away.db"))
        done = product.run("serve", "--port", "0")
        self.assertEqual(done.returncode, 1)
        self.assertIn("sallyport.db", done.stderr)
        os.rename(os.path.join(product.dir, "away.db"), os.path.join(product.dir, "sallyport.db"))
        product.start()
        product.stop()

    def test_demo_entities_keep_it_on_loopback(self):
        product = Product()
        self.addCleanup(product.close)
        product.edit_config([(r'address = "127\.0\.0\.1"', 'address = "0.0.0.0"')])
        done = product.run("serve", "--port", "0")
        self.assertEqual(done.returncode, 1)
        self.assertIn("loopback", done.stderr)

    def test_check_names_every_problem(self):
        product = Product()
        self.addCleanup(product.close)
        path = os.path.join(product.dir, "sallyport.toml")
        self.assertEqual(product.run("check", "-c", path, data=False).returncode, 0)
        product.edit_config([(None, "[limts]\nhead_bytes = 1\n"),
                             (None, "[access_logg]\npath = 'x'\n")])
        done = product.run("check", "-c", path, data=False)
        self.assertEqual(done.returncode, 1)
        output = done.stdout + done.stderr
        self.assertIn("limits", output)
        self.assertIn("access_log", output)

    def test_init_does_not_overwrite(self):
        product = Product()
        self.addCleanup(product.close)
        done = product.run("init", "--demo")
        self.assertEqual(done.returncode, 1)
        self.assertTrue(BINARY)

    def test_two_servers_on_one_store(self):
        product = Product()
        self.addCleanup(product.close)
        product.start()
        done = product.run("serve", "--port", "0")
        self.assertEqual(done.returncode, 1)
        self.assertIn(f"held by process {product.process.pid}", done.stderr)


if __name__ == "__main__":
    unittest.main()
