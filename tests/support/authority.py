"""A certificate authority of a test's own, made with the openssl command."""

import os
import subprocess


def openssl(*arguments, **more):
    return subprocess.run(["openssl", *arguments], check=True, capture_output=True, **more)


class Authority:
    """Signs certificates for servers and clients; its own lies in `ca`."""

    def __init__(self, home, name="authority"):
        self.home = os.path.join(home, name)
        os.makedirs(self.home)
        self.ca, self.key = self.path("ca.pem"), self.path("ca.key")
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                "-days", "2", "-subj", f"/CN={name}", "-keyout", self.key, "-out", self.ca)
        self.serial = 0

    def path(self, name):
        return os.path.join(self.home, name)

    def issue(self, name, subject=None, alternative=None, key="ec", client=False, digest="sha256"):
        """Paths of certificate and key; `alternative` as openssl writes it: DNS:a,email:b@c."""
        certificate, private = self.path(name + ".pem"), self.path(name + ".key")
        request, more = self.path(name + ".csr"), self.path(name + ".ext")
        kind = (["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"] if key == "ec"
                else ["-newkey", key])
        openssl("req", "-new", *kind, "-nodes", "-subj", subject or f"/CN={name}",
                "-keyout", private, "-out", request)
        with open(more, "w") as file:
            file.write("basicConstraints=CA:FALSE\n")
            file.write(f"extendedKeyUsage={'clientAuth' if client else 'serverAuth'}\n")
            if alternative:
                file.write(f"subjectAltName={alternative}\n")
        self.serial += 1
        openssl("x509", "-req", "-in", request, "-CA", self.ca, "-CAkey", self.key, "-days", "2",
                "-set_serial", str(self.serial), f"-{digest}", "-extfile", more,
                "-out", certificate)
        os.chmod(private, 0o600)
        return certificate, private

    def ocsp(self, certificate, name="ocsp.der", minutes=60):
        """A good answer about a certificate of ours, in DER."""
        serial = openssl("x509", "-noout", "-serial", "-in", certificate, text=True)
        index, out = self.path("index.txt"), self.path(name)
        with open(index, "w") as file:
            file.write("V\t401231235959Z\t\t"
                       f"{serial.stdout.strip().split('=')[1]}\tunknown\t/CN=x\n")
        openssl("ocsp", "-index", index, "-CA", self.ca, "-rsigner", self.ca, "-rkey", self.key,
                "-issuer", self.ca, "-cert", certificate, "-nmin", str(minutes), "-respout", out)
        return out
