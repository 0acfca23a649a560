# ctest: long
# ctest: timeout=600
"""A new configuration comes in force whole or not at all, and nobody notices the change."""

import os
import shutil
import signal
import ssl
import subprocess
import threading
import unittest

from product import Product, wait_until


def certificate_for(folder, name, names=("localhost", "api.local.test")):
    """A self-signed certificate that tests trust by name; returns both paths."""
    certificate, key = os.path.join(folder, name + ".pem"), os.path.join(folder, name + ".key")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
         "-nodes", "-days", "2", "-subj", f"/CN={name}", "-keyout", key, "-out", certificate,
         "-addext", "subjectAltName=" + ",".join("DNS:" + one for one in names)],
        check=True, capture_output=True)
    os.chmod(key, 0o600)
    return certificate, key


def served_subject(port, server_name="localhost"):
    """The common name of the certificate that a new connection is shown."""
    pem = ssl.get_server_certificate(("127.0.0.1", port))
    done = subprocess.run(["openssl", "x509", "-noout", "-subject"], input=pem, text=True,
                          capture_output=True, check=True)
    return done.stdout.strip().split("CN = ")[-1]


class Load:
    """Clients that ask one after the other until told to stop; every answer must be a 200."""

    def __init__(self, product, clients=4):
        self.product, self.stopping, self.asked, self.failures = product, False, 0, []
        self.threads = [threading.Thread(target=self._run, args=(i,)) for i in range(clients)]
        for thread in self.threads:
            thread.start()

    def _run(self, number):
        connection = None
        while not self.stopping:
            try:
                if connection is None:
                    connection = self.product.connect()
                answer = self.product.request("GET", "/messages", connection=connection)
                if answer is None or answer.status != 200:
                    self.failures.append(repr(answer))
                    connection = None
                self.asked += 1
                if number % 2 and self.asked % 7 == 0 and connection is not None:
                    connection.close()  # half of them come anew now and then
                    connection = None
            except Exception as error:  # noqa: BLE001: whatever it is, it is a failed request
                self.failures.append(repr(error))
                connection = None
        if connection is not None:
            connection.close()

    def stop(self):
        self.stopping = True
        for thread in self.threads:
            thread.join()


class Reload(unittest.TestCase):
    def setUp(self):
        self.product = Product()
        self.addCleanup(self.product.close)
        self.product.start()
        self.file = os.path.join(self.product.dir, "sallyport.toml")

    def append(self, text):
        with open(self.file, "a") as file:
            file.write(text)

    def reload(self, exit_code=0):
        done = self.product.run("reload")
        self.assertEqual(done.returncode, exit_code, done.stdout + done.stderr)
        return done

    def test_a_new_api_is_there_when_the_command_returns(self):
        answer = self.product.request("GET", "/messages", host="new.example.com")
        self.assertEqual(answer.status, 421)
        self.append('\n[[api]]\nname = "second"\nmaintenance = true\n'
                    '[[api.host]]\nhost = "new.example.com"\n')
        self.assertEqual(self.reload().stdout, "generation 2 is in force\n")
        answer = self.product.request("GET", "/messages", host="new.example.com")
        self.assertEqual((answer.status, self.product.access_entry(answer["X-Request-Id"])["api"]),
                         (503, "second"))
        self.assertEqual(self.product.metric("sallyport_config_generation"), 2)
        self.assertEqual(
            self.product.metric("sallyport_requests_total", api="second", reason="maintenance"), 1)
        # A plan may name it from now on, and a role; the first API goes on as it was.
        self.product.run("plan", "create", "P", "--rate", "1", "--open", "second:*", check=True)
        self.assertEqual(self.product.get("/messages").status, 200)
        self.assertIn("generation 2 is in force", self.product.log())

    def test_a_bad_file_changes_nothing_and_every_problem_is_told(self):
        with open(self.file) as file:
            good = file.read()
        self.append('\n[[api]]\nname = "second"\nprofil = "classic"\n'
                    '[[api.host]]\nhost = "new.example.com"\n[limits]\nhead_bytes = 7\n')
        done = self.reload(exit_code=1)
        for word in ("nothing was changed", "profil", "limits.head_bytes", "sallyport.toml:"):
            self.assertIn(word, done.stderr)
        self.assertEqual(self.product.request("GET", "/", host="new.example.com").status, 421)
        self.assertEqual(self.product.get("/messages").status, 200)
        self.assertEqual(self.product.metric("sallyport_config_generation"), 1)
        self.assertEqual(self.product.metric("sallyport_config_reloads_total", result="refused"), 1)
        with open(self.file, "w") as file:
            file.write(good)
        self.reload()

    def test_certificates_come_with_it_or_not_at_all(self):
        before = served_subject(self.product.port)
        certificate, key = certificate_for(self.product.home, "renewed")
        tls = os.path.join(self.product.dir, "tls")
        with self.product.connect() as kept:
            shutil.copy(key, os.path.join(tls, "server.key"))
            done = self.reload(exit_code=1)
            self.assertIn("server.key", done.stderr)
            self.assertEqual(served_subject(self.product.port), before)
            shutil.copy(certificate, os.path.join(tls, "server.pem"))
            self.reload()
            self.assertEqual(served_subject(self.product.port), "renewed")
            answer = self.product.request("GET", "/messages", connection=kept)
            self.assertEqual(answer.status, 200, "a connection goes on with what it has")

    def test_sighup_opens_the_log_anew(self):
        log = self.product.demo["access_log"]
        self.assertEqual(self.product.get("/messages").status, 200)
        os.rename(log, log + ".1")
        self.product.process.send_signal(signal.SIGHUP)
        wait_until("a new access log", lambda: os.path.exists(log))
        answer = self.product.get("/messages")
        self.product.access_entry(answer["X-Request-Id"])
        # Also when the configuration is bad: logrotate must not keep writing to the old file.
        self.append("\n[nonsense]\nx = 1\n")
        os.rename(log, log + ".2")
        self.product.process.send_signal(signal.SIGHUP)
        wait_until("a new access log", lambda: os.path.exists(log))
        wait_until("the reason", lambda: "nonsense" in self.product.log())
        answer = self.product.get("/messages")
        self.product.access_entry(answer["X-Request-Id"])

    def test_limits_are_taken_over_and_what_takes_a_restart_is_said(self):
        self.product.edit_config([(r"^port = 8443", "port = 9443"),
                                  (r"^\[server\]$", "[server]\nworkers = 1"),
                                  (None, "\n[limits]\nhead_fields = 8\n")])
        out = self.reload().stdout
        self.assertIn("takes a restart: server.workers: ", out)
        self.assertIn(" -> 1\n", out)
        self.assertIn("takes a restart: listener[0].port: 8443 -> 9443\n", out)
        many = {f"x-{i}": "y" for i in range(9)}
        self.assertEqual(self.product.request("GET", "/", many).status, 431)

    def test_without_a_server_there_is_nothing_to_reload(self):
        self.product.stop()
        done = self.product.run("reload")
        self.assertEqual(done.returncode, 1)
        self.assertIn("no server runs", done.stderr)

    def test_a_hundred_reloads_under_load_fail_nobody(self):
        self.product.open_plan()
        pair = [certificate_for(self.product.home, name) for name in ("one", "two")]
        bundle = os.path.join(self.product.home, "both.pem")
        tls = os.path.join(self.product.dir, "tls")
        with open(bundle, "w") as both:
            for path in (pair[0][0], pair[1][0], self.product.ca):
                with open(path) as file:
                    both.write(file.read())
        self.product.ca = bundle
        with open(self.file) as file:
            text = file.read()
        sockets = self.listening_sockets()
        load = Load(self.product)
        try:
            for i in range(100):
                certificate, key = pair[i % 2]
                # As renewal tools do it: each file whole, and a reload when both are there.
                shutil.copy(certificate, os.path.join(tls, "server.pem"))
                shutil.copy(key, os.path.join(tls, "server.key"))
                with open(self.file, "w") as file:
                    file.write(text + f"\n[[api]]\nname = \"api-{i % 5}\"\n[[api.host]]\n"
                               f"host = \"host-{i}.example.com\"\n")
                self.reload()
            wait_until("some load", lambda: load.asked > 200, seconds=60)
        finally:
            load.stop()
        self.assertEqual(load.failures, [])
        self.assertEqual(self.product.metric("sallyport_config_generation"), 101)
        self.assertEqual(self.listening_sockets(), sockets, "listening sockets keep their number")

    def listening_sockets(self):
        with open(f"/proc/{self.product.process.pid}/net/tcp") as file:
            lines = [line.split() for line in file.readlines()[1:]]
        wanted = f"{self.product.port:04X}"
        return sorted(one[9] for one in lines if one[1].endswith(":" + wanted) and one[3] == "0A")


if __name__ == "__main__":
    unittest.main()
