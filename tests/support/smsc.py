"""An SMSC that the tests start: the npm package "smpp", in a Node process of its own.

The package is fetched once, by npm, into build/npm of the source tree. Where that is not possible
the tests that need it are skipped.
"""

import fcntl
import json
import os
import shutil
import subprocess
import threading
import unittest

from product import Product, SOURCE, wait_until

PACKAGE = "smpp@0.5.1"
FOLDER = os.path.join(SOURCE, "build", "npm")
NUMBER = "+61400400400"
LONG = "long text {with escapes} and more of it, again and again; " * 6


def need_package():
    """Fetches the package when it is not there; skips the test when it cannot be had."""
    if not shutil.which("node"):
        raise unittest.SkipTest("there is no node: the SMSC of these tests needs it")
    os.makedirs(FOLDER, exist_ok=True)
    with open(os.path.join(FOLDER, "lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if os.path.isdir(os.path.join(FOLDER, "node_modules", "smpp")):
            return
        if not shutil.which("npm"):
            raise unittest.SkipTest(f"there is no npm to fetch {PACKAGE} with")
        done = subprocess.run(["npm", "install", "--prefix", FOLDER, "--no-save", "--no-audit",
                               "--no-fund", "--ignore-scripts", PACKAGE],
                              capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL)
        if done.returncode != 0:
            raise unittest.SkipTest(f"npm cannot fetch {PACKAGE}: {done.stderr[-300:]}")


class Smsc:
    """events: what it told, in order. say(): what it shall do."""

    def __init__(self, **options):
        need_package()
        self.events = []
        script = os.path.join(SOURCE, "tests", "support", "smsc.js")
        self.process = subprocess.Popen(
            ["node", script, json.dumps(options)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            text=True, env=dict(os.environ, NODE_PATH=os.path.join(FOLDER, "node_modules")))
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()
        self.port = wait_until("the SMSC", lambda: self.all("listening"))[0]["port"]

    def _read(self):
        for line in self.process.stdout:
            self.events.append(json.loads(line))

    def all(self, event):
        return [one for one in self.events if one["event"] == event]

    def wait(self, event, count=1, seconds=20):
        wait_until(f"{count} of {event}", lambda: len(self.all(event)) >= count, seconds=seconds)
        return self.all(event)

    def say(self, command, **fields):
        before = len(self.all("done"))
        self.process.stdin.write(json.dumps({"command": command, **fields}) + "\n")
        self.process.stdin.flush()
        self.wait("done", before + 1)

    def deliver(self, **fields):
        """A deliver_sm; the command_status of its answer."""
        tag = len(self.all("delivered")) + 1
        self.say("deliver", tag=tag, **fields)
        wait_until("an answer", lambda: [e for e in self.all("delivered") if e["tag"] == tag])
        return [e for e in self.all("delivered") if e["tag"] == tag][0]["status"]

    def close(self):
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.reader.join()
        self.process.stdout.close()


def start(test, *smscs, bind="", sms="", opened=True):
    """The product with a bind to each of them."""
    product = Product(config=[
        (r"^\[messaging\]\n", '[messaging]\nretry_delays = ["300ms"]\n'),
        (None, f"[channels.sms]\n{sms}\n"),
    ])
    test.addCleanup(product.close)
    secret = os.path.join(product.dir, "secrets", "smsc")
    with open(os.open(secret, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
        file.write("pass\n")
    text = "".join(
        f'[[channels.smpp]]\nname = "bind{i}"\nhost = "127.0.0.1"\nport = {one.port}\n'
        f'system_id = "sally{i}"\npassword_file = "secrets/smsc"\n{bind}\n'
        for i, one in enumerate(smscs))
    product.edit_config([(None, text)])
    product.start()
    if opened:
        product.run("account", "set-sending", "Demo", "--sms-prefix", "+61", check=True)
    return product


def smsc(test, **options):
    one = Smsc(password="pass", **options)
    test.addCleanup(one.close)
    return one


def post(test, product, to=NUMBER, status=202, **fields):
    answer = product.post_message({"to": to, "subject": "Hello", "body": "there", **fields})
    test.assertEqual(answer.status, status, answer)
    return answer["location"] if status == 202 else answer.json()["errorText"]


def becomes(product, location, *words, seconds=20):
    wait_until(str(words), lambda: product.status_of(location) == list(words), seconds=seconds)
