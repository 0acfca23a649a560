# ctest: long
# ctest: timeout=1800
"""testssl.sh and sslscan on the default configuration: nothing above low."""

import json
import os
import re
import shutil
import subprocess
import unittest

from product import LONG, Product

TESTSSL = shutil.which("testssl") or shutil.which("testssl.sh")
SSLSCAN = shutil.which("sslscan")


@unittest.skipUnless(LONG, "a long test: ./dev test --long")
class Scanners(unittest.TestCase):
    def setUp(self):
        self.product = Product()
        self.addCleanup(self.product.close)
        self.product.start()

    @unittest.skipUnless(TESTSSL, "testssl.sh is not installed: ./dev setup test")
    def test_testssl_finds_nothing_above_low(self):
        out = os.path.join(self.product.home, "testssl.json")
        done = subprocess.run(
            [TESTSSL, "--quiet", "--color", "0", "--warnings", "batch", "--nodns", "none",
             "--add-ca", self.product.ca, "--jsonfile", out, "-p", "-s", "-f", "-P", "-S", "-U",
             f"localhost:{self.product.port}"], capture_output=True, text=True, timeout=1500)
        with open(out) as file:
            findings = json.load(file)
        self.assertGreater(len(findings), 30, done.stdout[-2000:])
        # What a certificate of a test's own authority cannot have: revocation and transparency.
        about_the_authority = re.compile(
            r"cert_(revocation|crl|ocsp|mustStaple|caRecord|expiration|validity|notAfter|trust|"
            r"chain_of_trust)|DNS_CAA|certificate_transparency|OCSP_stapling", re.I)
        above = [f"{one['id']}: {one['severity']}: {one['finding']}" for one in findings
                 if one["severity"] in ("MEDIUM", "HIGH", "CRITICAL")
                 and not about_the_authority.search(one["id"])]
        self.assertEqual(above, [])

    @unittest.skipUnless(SSLSCAN, "sslscan is not installed: ./dev setup test")
    def test_sslscan_finds_only_what_is_strong(self):
        done = subprocess.run([SSLSCAN, "--no-colour", "--show-certificate",
                               f"localhost:{self.product.port}"], capture_output=True, text=True,
                              timeout=600)
        text = done.stdout
        for line in ("SSLv2     disabled", "SSLv3     disabled", "TLSv1.0   disabled",
                     "TLSv1.1   disabled", "TLSv1.2   enabled", "TLSv1.3   enabled"):
            self.assertIn(line, text)
        for word in ("not vulnerable to heartbleed", "Session renegotiation not supported"):
            self.assertIn(word, text)
        # Debian's library cannot compress, so that its sslscan cannot ask; testssl.sh does.
        self.assertRegex(text, "Compression disabled|OpenSSL version does not support compression")
        for line in text.splitlines():
            match = re.match(r"(Preferred|Accepted)\s+(\S+)\s+(\d+) bits\s+(\S+)", line)
            if match:
                self.assertGreaterEqual(int(match.group(3)), 128, line)
                self.assertRegex(match.group(4), r"GCM|CHACHA20", line)


if __name__ == "__main__":
    unittest.main()
