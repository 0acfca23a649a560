"""No key, password or Authorization header in any file that a run leaves behind."""
# ctest: parallel

import base64
import os
import signal
import unittest

from product import Product


class Secrets(unittest.TestCase):
    def test_canaries(self):
        product = Product(plain=True)
        self.addCleanup(product.close)
        product.start()
        demo = product.demo
        canary_key = "canary-key-4d1b9a7c5e3f2a1b0c9d8e7f"
        canary_password = "canary-password-77aa55"
        canary_user = "canary-user-51"
        product.get("/")
        product.get("/", key=canary_key)
        product.get("/", password=canary_password)
        product.get("/", user=canary_user, password=canary_password)
        product.request("GET", f"/?apikey={canary_key}", product.headers(key=None))
        product.request("GET", f"/nothing/{canary_key}/..?apikey={canary_key}")
        product.request("GET", f"/messages?apikey={demo['api_key']}", product.headers(key=None))
        product.post_message({"to": "a@example.com", "subject": "s", "body": "b"})
        for argument in ("disable", "show"):
            product.run("key", argument, demo["api_key"])
        product.run("user", "password", demo["username"], stdin=canary_password + "-new\n")
        made = product.run("user", "add", "newcomer", "--account", "Demo",
                           stdin=canary_password + "-fresh\n")
        self.assertEqual(made.returncode, 0, made.stderr)
        product.run("explain", "--method", "GET", "--host", "localhost", "--path", "/",
                    "--key-stdin", stdin=canary_key + "\n")
        metrics = product.metrics()
        shown = [metrics]
        for command in (["export"], ["export", "--with-verifiers"], ["audit", "list", "--json"],
                        ["key", "list", "--json"], ["user", "list", "--json"]):
            shown.append(product.run(*command, check=True).stdout)
        with open(os.path.join(product.home, "exported.toml"), "w") as file:
            file.write(shown[2])
        refused = product.run("apply", os.path.join(product.home, "exported.toml"), "--dry-run")
        shown += [refused.stdout, refused.stderr]
        product.run("backup", os.path.join(product.home, "backup.db"), check=True)
        # A crash leaves no core: none may be written, and nobody may attach to take one.
        with open(f"/proc/{product.process.pid}/limits") as file:
            core = next(line for line in file if line.startswith("Max core file size"))
        self.assertEqual(core.split()[4:6], ["0", "0"])
        product.process.send_signal(signal.SIGABRT)
        product.process.wait()
        product.process = None
        product.start()
        product.stop()
        secrets = {
            "api key": demo["api_key"],
            "inactive api key": demo["inactive_api_key"],
            "password": demo["password"],
            "restricted password": demo["restricted_password"],
            "canary key": canary_key,
            "canary password": canary_password,
            "mistyped user name": canary_user,
            "basic": base64.b64encode(
                f"{demo['username']}:{demo['password']}".encode()).decode(),
            "basic of the canary": base64.b64encode(
                f"{demo['username']}:{canary_password}".encode()).decode(),
        }
        looked_at = 0
        for folder, _, names in os.walk(product.home):
            for name in names:
                path = os.path.join(folder, name)
                inside = os.path.relpath(path, product.dir)
                if inside == "demo.json" or inside.startswith("demo/"):
                    continue
                if inside == "secrets/demo.json":  # demo.json is written from it at each start
                    self.assertEqual(os.stat(path).st_mode & 0o777, 0o600)
                    continue
                with open(path, "rb") as file:
                    content = file.read()
                looked_at += 1
                for what, secret in secrets.items():
                    self.assertNotIn(secret.encode(), content, f"{what} in {inside}")
        self.assertGreater(looked_at, 8)
        for what, secret in secrets.items():
            for text in shown:
                self.assertNotIn(secret, text, what)
        self.assertEqual([name for name in os.listdir(product.home) if "core" in name], [])


if __name__ == "__main__":
    unittest.main()
