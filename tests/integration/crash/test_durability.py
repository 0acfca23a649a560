"""What a 202 promises: the fdatasync comes before it; a disk that fails or is full says 5xx."""
# ctest: long
# ctest: timeout=300

import os
import re
import shutil
import subprocess
import tempfile
import unittest

from product import Product, RawConnection, free_port, wait_until

CONTENT = '{"to":"a@example.com","subject":"s","body":"b"}'
STRACE = shutil.which("strace")


def may_trace():
    return STRACE and subprocess.run([STRACE, "-o", "/dev/null", "true"],
                                     capture_output=True).returncode == 0


@unittest.skipUnless(may_trace(), "strace may not trace here")
class Durability(unittest.TestCase):
    def product(self, **more):
        self.port = free_port()
        made = Product(config=[
            (None, f'[[listener]]\nkind = "trusted"\naddress = "127.0.0.1"\nport = {self.port}\n')],
            **more)
        self.addCleanup(made.close)
        return made

    def post(self, product, connection=None):
        with RawConnection(self.port) as own:
            return product.request(
                "POST", "/messages",
                product.headers(Content_Type="application/json", Accept="application/json"),
                CONTENT, connection or own, host="localhost")

    def test_each_202_follows_the_fdatasync_that_covers_it(self):
        folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, folder)
        trace = os.path.join(folder, "trace")
        product = self.product(env={"ASAN_OPTIONS": "detect_leaks=0"}, wrapper=[
            STRACE, "-f", "-ttt", "-s", "120", "-o", trace, "-e",
            "trace=fdatasync,recvfrom,read,sendto,sendmsg,write,writev"])
        product.start()
        with RawConnection(self.port) as connection:
            for _ in range(20):
                self.assertEqual(self.post(product, connection).status, 202)
        product.stop()
        syncs = []  # (begun, ended)
        open_syncs = {}
        asked = None
        answered = 0
        with open(trace, errors="replace") as file:
            for line in file:
                match = re.match(r"(\d+)\s+([\d.]+) (.*)", line)
                if not match:
                    continue
                thread, when, call = match[1], float(match[2]), match[3]
                if call.startswith("fdatasync("):
                    if "unfinished" in call:
                        open_syncs[thread] = when
                    else:
                        syncs.append((when, when))
                elif "fdatasync resumed" in call and thread in open_syncs:
                    syncs.append((open_syncs.pop(thread), when))
                elif "POST /messages" in call:
                    asked = when
                elif "HTTP/1.1 202" in call:
                    covered = [s for s in syncs if asked <= s[0] and s[1] <= when]
                    self.assertTrue(covered, f"a 202 at {when} without a sync since {asked}")
                    answered += 1
        self.assertEqual(answered, 20)

    def test_a_disk_that_fails_is_never_a_202(self):
        product = self.product(env={"ASAN_OPTIONS": "detect_leaks=0"}, wrapper=[
            STRACE, "-f", "-qq", "-o", "/dev/null", "-e", "trace=fdatasync", "-e",
            "inject=fdatasync:error=EIO:when=12..40"])
        product.start()
        before = []
        failed = 0
        for _ in range(400):
            answer = self.post(product)
            self.assertIn(answer.status, (202, 503, 507))
            if answer.status == 202:
                before.append(answer["location"].rsplit("/", 1)[1])
                if failed:
                    break
            else:
                failed += 1
        else:
            self.fail("it never recovered")
        self.assertGreater(failed, 0, "nothing was injected")
        product.stop()
        product.wrapper = []
        product.start()
        for message in before:
            self.assertEqual(product.request("GET", f"/messages/{message}").status, 200)

    @unittest.skipUnless(os.geteuid() == 0, "mounting needs root")
    def test_a_full_disk_is_never_a_202(self):
        product = self.product()
        copy = product.dir + ".copy"
        os.rename(product.dir, copy)
        os.mkdir(product.dir)
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=6m,mode=0700", "tmpfs",
                                  product.dir], capture_output=True)
        if mounted.returncode != 0:
            os.rmdir(product.dir)
            os.rename(copy, product.dir)
            self.skipTest("tmpfs cannot be mounted here")
        self.addCleanup(subprocess.run, ["umount", "-l", product.dir])
        subprocess.run(["cp", "-a", copy + "/.", product.dir], check=True)
        product.start()
        filler = os.path.join(product.dir, "filler")
        with open(filler, "wb", buffering=0) as file:
            try:
                while True:
                    file.write(b"x" * 4096)
            except OSError:
                pass
        stored = []

        def full():
            answer = self.post(product)
            self.assertIn(answer.status, (202, 503, 507))
            if answer.status == 202:
                stored.append(answer["location"].rsplit("/", 1)[1])
            return answer.status != 202
        wait_until("a refusal", full, seconds=60)
        os.remove(filler)
        wait_until("recovery", lambda: self.post(product).status == 202, seconds=30)
        for message in stored:
            self.assertEqual(product.request("GET", f"/messages/{message}").status, 200)
        product.stop()


if __name__ == "__main__":
    unittest.main()
