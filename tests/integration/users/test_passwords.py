"""Passwords: the policy, must_change, PUT /auth/password, 10,000 Basic headers, timing."""

import base64
import json
import random
import statistics
import threading
import time
import unicodedata
import unittest
import zlib

from product import LONG, Product, wait_until
from users_support import CHEAP, ask, ask_patiently, from_address, hashes_of

# ctest: long
# ctest: timeout=900


class Passwords(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.product = Product(config=CHEAP)
        cls.product.start()

    @classmethod
    def tearDownClass(cls):
        cls.product.close()

    def add(self, name, password="tulip-4242", *more):
        self.product.run("user", "add", name, "--account", "Demo", "--role", "sender", *more,
                         stdin=password + "\n", check=True)

    def test_the_policy_names_the_rule(self):
        for password, rule in (
            ("short", "8 to 256"), ("x" * 257, "8 to 256"), ("Password1!", "everybody"),
            ("12345678", "everybody"), ("xx-polly-xx", "user name"),
        ):
            done = self.product.run("user", "add", "polly", "--account", "Demo",
                                    stdin=password + "\n")
            self.assertEqual(done.returncode, 1)
            self.assertIn(rule, done.stderr)
            self.assertNotIn(password + "\n", done.stderr)

    def test_a_generated_password_is_shown_once(self):
        made = json.loads(self.product.run("user", "add", "robot", "--account", "Demo", "--role",
                                           "sender", "--generate", "--json", check=True).stdout)
        self.assertEqual(ask(self.product, "robot", made["password"]).status, 200)

    def test_must_change_opens_one_door_only(self):
        self.add("mary", "tulip-4242", "--must-change")
        refused = ask(self.product, "mary", "tulip-4242")
        self.assertEqual(refused.status, 403)
        self.assertEqual(refused.json()["errorDetail"], "Password change required")
        self.assertEqual(refused.json()["errorText"], "Forbidden")
        self.assertEqual(ask(self.product, "mary", "wrong-4242").status, 401)

        def change(password, with_password="tulip-4242", body=None):
            return ask(self.product, "mary", with_password, method="PUT", target="/auth/password",
                       body=body or json.dumps({"password": password}),
                       **{"Content-Type": "application/json"})

        for password, rule in (("short", "8 to 256"), ("mary-mary", "user name"),
                               ("letmein123", "everybody"), ("tulip-4242", "another")):
            answer = change(password)
            self.assertEqual(answer.status, 422, answer)
            self.assertIn(rule, answer.json()["errorDetail"])
        self.assertEqual(change(None, body="{}").status, 422)
        self.assertEqual(change("orchid-4242", with_password="wrong-4242").status, 401)
        changed = change("orchid-4242")
        self.assertEqual((changed.status, changed.body), (204, b""))
        self.assertEqual(ask(self.product, "mary", "tulip-4242").status, 401)
        self.assertEqual(ask(self.product, "mary", "orchid-4242").status, 200)
        audit = json.dumps(self.product.run_json("audit", "list"))
        self.assertIn("user.password", audit)
        self.assertNotIn("orchid", audit)

    def test_a_change_of_password_ends_an_open_connection_s_right(self):
        self.add("oscar")
        with from_address(self.product, "127.0.0.1") as one:
            self.assertEqual(ask(self.product, "oscar", "tulip-4242", connection=one).status, 200)
            self.product.run("user", "password", "oscar", stdin="orchid-4242\n", check=True)
            self.assertEqual(ask(self.product, "oscar", "tulip-4242", connection=one).status, 401)
            self.assertEqual(ask(self.product, "oscar", "orchid-4242", connection=one).status, 200)

    def test_composed_and_decomposed_are_one(self):
        self.add("j\u00f6rg", "t\u00fclpe-4242")
        for form in ("NFC", "NFD"):
            name = unicodedata.normalize(form, "J\u00d6RG")
            password = unicodedata.normalize(form, "t\u00fclpe-4242")
            self.assertEqual(ask(self.product, name, password).status, 200, form)


def verdict(field):
    """Whether RFC 7617 and our documentation let this Authorization field through, read anew."""
    if len(field) > 4096 or field[:5].lower() != b"basic" or field[5:6] != b" ":
        return None
    encoded = field[5:].lstrip(b" ")
    try:
        decoded = base64.b64decode(encoded, validate=True)
    except ValueError:
        return None
    if not encoded or base64.b64encode(decoded) != encoded:
        return None
    try:
        text = decoded.decode("utf-8")
    except UnicodeDecodeError:
        return None
    name, colon, password = text.partition(":")
    if not colon or not name or any(unicodedata.category(c) == "Cc" for c in text):
        return None
    name = unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())
    return name, unicodedata.normalize("NFC", password)


class BasicHeaders(unittest.TestCase):
    """10,000 made-up headers: 200 when the verdict is the user and her password, else 401."""

    NAME, PASSWORD = "zo\u00eb", "t\u00fclpe:42 42"

    def header(self, dice):
        name = dice.choice([self.NAME, "ZO\u00cb", "zoe\u0308", "zoe", "", "x" * 50, "zo\u00eb "])
        password = dice.choice([self.PASSWORD, unicodedata.normalize("NFD", self.PASSWORD),
                                "t\u00fclpe", "", self.PASSWORD.upper(), "y" * 200])
        raw = (name + dice.choice([":", ":", ":", ":", "", "::", " :"]) + password).encode()
        if dice.random() < 0.2:  # something that must not be there
            at = dice.randrange(len(raw) + 1)
            raw = raw[:at] + dice.choice([b"\0", b"\x7f", b"\t", b"\xff", b"\xc2\x85", b"\xc0\xaf",
                                          b"\xed\xa0\x80"]) + raw[at:]
        encoded = base64.b64encode(raw)
        broken = dice.random()
        if broken < 0.05:
            encoded = encoded.rstrip(b"=")
        elif broken < 0.10:
            encoded += b"="
        elif broken < 0.15 and encoded:
            at = dice.randrange(len(encoded))
            encoded = encoded[:at] + dice.choice([b"-", b"_", b" ", b"!", b"="]) + encoded[at + 1:]
        elif broken < 0.20 and encoded.endswith(b"="):
            # bits that are left over
            at = len(encoded.rstrip(b"=")) - 1
            encoded = encoded[:at] + bytes([encoded[at] + 1]) + encoded[at + 1:]
        scheme = dice.choice([b"Basic", b"Basic", b"Basic", b"basic", b"BASIC", b"bAsIc", b"Basi",
                              b"Bearer", b"Basic:", b""])
        space = dice.choice([b" ", b" ", b" ", b"  ", b"     ", b"", b"\t", b" \t"])
        field = scheme + space + encoded
        if dice.random() < 0.03:
            field += b", " + field
        if dice.random() < 0.02:
            field += b"A" * 8192
        return field.strip(b" \t")

    def test_each_has_its_verdict(self):
        product = Product(config=CHEAP[:] + [
            (r"^argon2_passes = 1$", "argon2_passes = 1\nrefusals_per_second = 0\n"
             "failures_per_pair = 0\nfailures_per_source = 0\nfailures_per_name = 0\n"
             "unproven_cpu_percent = 200")])
        self.addCleanup(product.close)
        product.start()
        product.run("user", "add", self.NAME, "--account", "Demo", "--role", "sender",
                    stdin=self.PASSWORD + "\n", check=True)
        seed = 20261124
        dice = random.Random(seed)
        headers = [self.header(dice) for _ in range(10_000 if LONG else 2_000)]
        right = (unicodedata.normalize("NFC", self.NAME.casefold()), self.PASSWORD)
        wrong, admitted, lock = [], [0], threading.Lock()

        def work(part):
            with product.connect() as one:
                for field in part:
                    one.send(b"GET /messages HTTP/1.1\r\nHost: localhost\r\nx-api-key: "
                             + product.demo["api_key"].encode() + b"\r\nAuthorization: " + field
                             + b"\r\n\r\n")
                    found = one.read_answer()
                    wanted = 200 if verdict(field) == right else 401
                    with lock:
                        admitted[0] += wanted == 200
                        if found is None or found.status != wanted:
                            # What is no header at all is refused sooner.
                            early = found is not None and found.status in (400, 431)
                            if not (early and wanted == 401):
                                wrong.append((field[:80], wanted, found))
                    if found is None or found["Connection"] == "close":
                        one.close()
                        one.__init__(product.port, product.ca)

        threads = [threading.Thread(target=work, args=(headers[i::32],)) for i in range(32)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(wrong[:5], [])
        self.assertGreater(admitted[0], len(headers) // 100)


def welch(samples, one, other):
    """How surely the two differ: Welch's |t|."""
    a, b = samples[one], samples[other]
    t = (statistics.fmean(a) - statistics.fmean(b)) / (
        statistics.variance(a) / len(a) + statistics.variance(b) / len(b)) ** 0.5
    print(f"t({one}, {other}) = {t:+.2f}  ({len(a)} and {len(b)} samples, "
          f"{statistics.fmean(a) * 1e3:.3f} and {statistics.fmean(b) * 1e3:.3f} ms)")
    return abs(t)


@unittest.skipUnless(LONG, "a timing test of some minutes")
class Timing(unittest.TestCase):
    """Known against unknown names, and hash kinds among each other: Welch's t."""

    def test_no_name_can_be_told_by_its_time(self):
        product = Product(config=[
            (r"^\[\[listener\]\]", "[auth]\nargon2_memory_kib = 1024\nargon2_passes = 1\n"
             "refusals_per_second = 0\nfailures_per_pair = 0\nfailures_per_source = 0\n"
             "failures_per_name = 0\nunproven_cpu_percent = 100\n\n[[listener]]")])
        self.addCleanup(product.close)
        product.start()
        product.run("user", "add", "known", "--account", "Demo", stdin="tulip-4242\n", check=True)
        kinds = hashes_of("tulip-4242")
        lines = "".join(f"kind-{kind}:{text}\n" for kind, text in kinds.items())
        product.run("user", "import", "-", "--account", "Demo", stdin=lines, check=True)
        names = ["known", "unknown", "nobody"] + [f"kind-{kind}" for kind in kinds]
        samples = {name: [] for name in names}
        lock = threading.Lock()
        each = 10_000 // 16

        def work(seed):
            dice = random.Random(seed)
            with product.connect() as one:
                for _ in range(each):
                    name = dice.choice(names)
                    begin = time.perf_counter()
                    answer = ask(product, name, f"wrong-{dice.random()}", connection=one)
                    took = time.perf_counter() - begin
                    self.assertEqual(answer.status, 401)
                    with lock:
                        samples[name].append(took)

        threads = [threading.Thread(target=work, args=(seed,)) for seed in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        worst = max(welch(samples, "known", name) for name in names[1:])
        self.assertLess(worst, 4.5)

    def test_no_key_can_be_told_by_its_time(self):
        """What is shown of a key (its id, its last digits) is worth nothing without the rest."""
        product = Product()
        self.addCleanup(product.close)
        product.start()
        key = product.demo["api_key"]
        dice = random.Random(4)

        base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

        def digits(count, alphabet=base62):
            return "".join(dice.choice(alphabet) for _ in range(count))

        def checked(rest):
            value, checksum = zlib.crc32(rest.encode()), ""
            for _ in range(6):
                value, digit = divmod(value, 62)
                checksum = base62[digit] + checksum
            return rest + checksum

        self.assertEqual(checked(key[:-6]), key)
        made = {
            "its id, another secret": lambda: checked(key[:21] + digits(32)),
            "no id of a key": lambda: checked(
                "sp_live_" + digits(12, "0123456789ABCDEFGHJKMNPQRSTVWXYZ") + "_" + digits(32)),
            "another's form, its last four": lambda: digits(32) + key[-4:],
            "another's form": lambda: digits(36),
        }
        names = list(made)
        samples = {name: [] for name in names}
        with product.connect() as one:
            for n in range(4 * 10_000):
                name = dice.choice(names)
                fields = {"x-api-key": made[name](), "Authorization": "Basic eDp5"}
                begin = time.perf_counter()
                answer = product.request("GET", "/messages", fields, b"", one)
                took = time.perf_counter() - begin
                self.assertEqual(answer.status, 403)
                if n >= 1_000:  # the first ones warm up
                    samples[name].append(took)
        for name, taken in samples.items():  # what the machine did meanwhile is nobody's secret
            samples[name] = sorted(taken)[:len(taken) * 9 // 10]
        worst = max(welch(samples, names[0], names[1]), welch(samples, names[2], names[3]))
        self.assertLess(worst, 4.5)


if __name__ == "__main__":
    unittest.main()
