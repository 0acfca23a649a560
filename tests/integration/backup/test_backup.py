"""A backup beside a running server, and a restore that brings nothing back that has ended."""
# ctest: parallel

import json
import os
import re
import shutil
import sqlite3
import stat
import threading
import unittest

from product import Product


class Backup(unittest.TestCase):
    def setUp(self):
        self.product = Product()
        self.addCleanup(self.product.close)

    def path(self, name):
        return os.path.join(self.product.home, name)

    def new_key(self):
        product = self.product
        subscriptions = product.run_json("subscription", "list")
        live = next(one["id"] for one in subscriptions if one["environment"] == "live")
        made = product.run_json("key", "create", "--subscription", live)
        return made["id"], made["key"]

    def status(self, key):
        return self.product.request("GET", "/", self.product.headers(key=key)).status

    def test_what_was_revoked_stays_revoked(self):
        product = self.product.start()
        old_id, old_key = self.new_key()
        gone_id, gone_key = self.new_key()
        product.run("user", "add", "leaver", "--account", "Demo", "--generate", check=True)
        done = product.run("backup", self.path("b.db"), check=True)
        self.assertIn("b.db", done.stdout)
        self.assertEqual(stat.S_IMODE(os.stat(self.path("b.db")).st_mode), 0o600)
        new_id, new_key = self.new_key()
        product.run("key", "revoke", gone_id, check=True)
        product.run("user", "delete", "leaver", "--account", "Demo", check=True)
        self.assertEqual(self.status(gone_key), 403)
        refused = product.run("restore", self.path("b.db"))
        self.assertEqual(refused.returncode, 1)
        self.assertIn("stop it first", refused.stderr)
        self.assertEqual(self.status(new_key), 200, "nothing has changed")
        product.stop()

        restored = json.loads(product.run("restore", self.path("b.db"), "--json",
                                          check=True).stdout)
        self.assertEqual(restored["kept_ended"], 2)
        self.assertTrue(os.path.exists(restored["replaced"]))
        product.start()
        self.assertEqual(self.status(old_key), 200)
        self.assertEqual(self.status(gone_key), 403)
        self.assertEqual(self.status(new_key), 403, "made since: unknown again")
        self.assertEqual(product.run_json("key", "show", gone_id)["status"], "revoked")
        self.assertEqual(product.run_json("user", "show", "leaver")["status"], "deleted")
        self.assertEqual(product.run("audit", "verify").returncode, 0)
        self.assertIn("store.restore", product.run("audit", "list").stdout)

    def test_also_when_only_the_log_remembers(self):
        product = self.product
        gone_id, gone_key = self.new_key()
        product.run("backup", self.path("b.db"), check=True)
        product.run("key", "revoke", gone_id, check=True)
        os.remove(os.path.join(product.dir, "sallyport.db"))
        product.run("restore", self.path("b.db"), check=True)
        product.start()
        self.assertEqual(self.status(gone_key), 403)
        # Nor by putting the file back by hand.
        product.stop()
        shutil.copyfile(self.path("b.db"), os.path.join(product.dir, "sallyport.db"))
        product.start()
        self.assertEqual(self.status(gone_key), 403)
        verify = product.run("audit", "verify")
        self.assertEqual(verify.returncode, 1, "that the log was cut is noticed")
        self.assertIn("was signed at", verify.stderr)

    def test_what_is_no_backup_is_refused(self):
        product = self.product
        other = Product()
        self.addCleanup(other.close)
        other.run("backup", self.path("other.db"), check=True)
        with open(self.path("text"), "w") as file:
            file.write("no database at all\n" * 100)
        before = product.run("export").stdout
        for file, text in ((self.path("other.db"), "another installation"),
                           (self.path("text"), "text"), (self.path("none"), "none")):
            done = product.run("restore", file)
            self.assertEqual(done.returncode, 1, file)
            self.assertIn(text, done.stderr)
        product.run("backup", self.path("b.db"), check=True)
        done = product.run("backup", self.path("b.db"))
        self.assertEqual(done.returncode, 1)
        self.assertIn("already", done.stderr)
        self.assertEqual(product.run("export").stdout, before)

    def test_a_backup_under_writes_is_one_moment(self):
        product = self.product.start()
        stop = threading.Event()

        def send():
            while not stop.is_set():
                product.post_message({"to": "a@example.com", "subject": "s", "body": "b"})

        senders = [threading.Thread(target=send) for _ in range(3)]
        for sender in senders:
            sender.start()
        try:
            for i in range(5):
                product.run("role", "create", f"r{i}", check=True)
                product.run("backup", self.path(f"{i}.db"), check=True)
        finally:
            stop.set()
            for sender in senders:
                sender.join()
        counts = []
        for i in range(5):
            with sqlite3.connect(f"file:{self.path(f'{i}.db')}?mode=ro", uri=True) as copy:
                self.assertEqual(copy.execute("PRAGMA integrity_check").fetchone(), ("ok",))
                self.assertEqual(copy.execute("PRAGMA foreign_key_check").fetchall(), [])
                self.assertEqual(copy.execute("SELECT count(*) FROM role WHERE name LIKE 'r_'")
                                 .fetchone(), (i + 1,), "what was acknowledged is in it")
                counts.append(copy.execute("SELECT count(*) FROM message").fetchone()[0])
        self.assertEqual(counts, sorted(counts))

    def test_the_audit_logs_end_is_signed_outside_the_store(self):
        product = self.product
        heads = os.path.join(product.dir, "audit.heads")
        product.run("role", "create", "one", check=True)
        with open(heads) as file:
            head = file.read().split()[-1]
        self.assertEqual(stat.S_IMODE(os.stat(heads).st_mode), 0o600)
        product.start()
        product.run("role", "create", "two", check=True)
        product.stop()
        with open(heads) as file:
            lines = file.read().split()
        self.assertNotEqual(lines[-1], head, "signed at shutdown")
        for since in (head, lines[-1]):
            done = product.run("audit", "verify", "--since", since)
            self.assertEqual(done.returncode, 0, done.stderr)
        forged = re.sub(r"-\d+-", "-1-", head, count=1)
        self.assertEqual(product.run("audit", "verify", "--since", forged + "0").returncode, 1)
        # The last row taken out, and the store's own head with it: only the signed heads know.
        store = sqlite3.connect(os.path.join(product.dir, "sallyport.db"))
        with store:
            store.execute("DELETE FROM audit WHERE sequence = (SELECT max(sequence) FROM audit)")
        store.close()
        done = product.run("audit", "verify")
        self.assertEqual(done.returncode, 1)
        self.assertIn("the audit log was changed", done.stderr)


if __name__ == "__main__":
    unittest.main()
