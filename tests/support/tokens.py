"""Tokens and key sets as other issuers make them, with the openssl command line alone."""

import base64
import json
import os
import subprocess
import tempfile
import time


def b64url(data):
    data = data.encode() if isinstance(data, str) else data
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def openssl(*arguments, data=None):
    done = subprocess.run(["openssl", *arguments], input=data, capture_output=True, timeout=60)
    if done.returncode != 0:
        raise AssertionError(f"openssl {arguments}: {done.stderr.decode()}")
    return done.stdout


class Signer:
    """A private key with its name: RS256, ES256 or EdDSA."""

    def __init__(self, folder, algorithm, kid):
        self.algorithm, self.kid = algorithm, kid
        self.path = os.path.join(folder, f"{kid}.pem")
        options = {
            "RS256": ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
            "ES256": ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
            "EdDSA": ["-algorithm", "ED25519"],
        }[algorithm]
        openssl("genpkey", *options, "-out", self.path)
        self.public_pem = openssl("pkey", "-in", self.path, "-pubout")
        self.public_der = openssl("pkey", "-in", self.path, "-pubout", "-outform", "DER")

    def jwk(self, **more):
        if self.algorithm == "RS256":
            line = openssl("rsa", "-in", self.path, "-noout", "-modulus").decode()
            modulus = bytes.fromhex(line.strip().split("=")[1])
            key = {"kty": "RSA", "n": b64url(modulus), "e": "AQAB"}
        elif self.algorithm == "ES256":
            point = self.public_der[-64:]
            key = {"kty": "EC", "crv": "P-256", "x": b64url(point[:32]), "y": b64url(point[32:])}
        else:
            key = {"kty": "OKP", "crv": "Ed25519", "x": b64url(self.public_der[-32:])}
        return {**key, "use": "sig", "alg": self.algorithm, "kid": self.kid, **more}

    def sign(self, text):
        with tempfile.NamedTemporaryFile() as file:
            file.write(text.encode())
            file.flush()
            if self.algorithm == "EdDSA":
                return openssl(
                    "pkeyutl", "-sign", "-rawin", "-inkey", self.path, "-in", file.name
                )
            signature = openssl("dgst", "-sha256", "-sign", self.path, file.name)
        return signature if self.algorithm == "RS256" else der_to_numbers(signature)

    def token(self, claims, **header):
        header = {"alg": self.algorithm, "typ": "JWT", "kid": self.kid, **header}
        header = {name: value for name, value in header.items() if value is not None}
        text = b64url(json.dumps(header)) + "." + b64url(json.dumps(claims))
        return text + "." + b64url(self.sign(text))


def der_to_numbers(der):
    """A DER signature as its two numbers of 32 bytes (RFC 7518 3.4)."""
    numbers, at = b"", 2
    for _ in range(2):
        length = der[at + 1]
        number = der[at + 2 : at + 2 + length].lstrip(b"\0")
        numbers += number.rjust(32, b"\0")
        at += 2 + length
    return numbers


def jwks(*signers):
    return json.dumps({"keys": [one.jwk() for one in signers]})


def claims(user, audience="sallyport", issuer="https://login.test", **over):
    now = int(time.time())
    made = {"iss": issuer, "aud": audience, "sub": user, "iat": now, "exp": now + 300, **over}
    return {name: value for name, value in made.items() if value is not None}


def parts(token):
    """Header and claims of a token, unverified."""
    return [
        json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
        for part in token.split(".")[:2]
    ]
