"""What the tests of users share: connections from other addresses, files of other programs."""

import base64
import hashlib
import socket
import ssl
import subprocess

from product import RawConnection, wait_until

CHEAP = [(r"^\[\[listener\]\]",
          "[auth]\nargon2_memory_kib = 64\nargon2_passes = 1\n\n[[listener]]")]


def from_address(product, address):
    """A connection whose client has another loopback address: another source network."""
    one = RawConnection.__new__(RawConnection)
    raw = socket.create_connection(
        ("127.0.0.1", product.port), timeout=30, source_address=(address, 0)
    )
    raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    context = ssl.create_default_context(cafile=product.ca)
    one.socket = context.wrap_socket(raw, server_hostname="localhost")
    one.buffer = b""
    return one


def ask(product, user, password, address="127.0.0.1", connection=None, method="GET",
        target="/messages", body=b"", **fields):
    """One request with this user and password."""
    basic = base64.b64encode(f"{user}:{password}".encode()).decode()
    headers = {
        "x-api-key": product.demo["api_key"],
        "Authorization": "Basic " + basic,
        "Accept": "application/json",
        **fields,
    }
    if connection is not None:
        return product.request(method, target, headers, body, connection)
    with from_address(product, address) as one:
        return product.request(method, target, headers, body, one)


def ask_patiently(product, user, password, seconds=60, **more):
    """As a client that does what Retry-After says."""

    def served():
        answer = ask(product, user, password, **more)
        return None if answer.status == 503 else answer

    return wait_until(f"{user} served", served, seconds, step=1.0)


def openssl_crypt(kind, password, salt="saltsalt"):
    done = subprocess.run(
        ["openssl", "passwd", f"-{kind}", "-salt", salt, "-stdin"],
        input=password, capture_output=True, text=True, check=True,
    )
    return done.stdout.strip()


def unpadded(raw):
    return base64.b64encode(raw).decode().rstrip("=")


def hashes_of(password):
    """Each accepted kind, made by other programs than ours."""
    secret = password.encode()
    salt = b"0123456789abcdef"
    made = {
        "sha256crypt": openssl_crypt(5, password),
        "sha512crypt": openssl_crypt(6, password),
        "pbkdf2": "$pbkdf2-sha256$2000$" + unpadded(salt).replace("+", ".") + "$"
        + unpadded(hashlib.pbkdf2_hmac("sha256", secret, salt, 2000)).replace("+", "."),
        "django": "pbkdf2_sha256$2000$NaClNaCl$"
        + base64.b64encode(hashlib.pbkdf2_hmac("sha256", secret, b"NaClNaCl", 2000)).decode(),
        "scrypt": "$scrypt$ln=10,r=8,p=1$" + unpadded(salt) + "$"
        + unpadded(hashlib.scrypt(secret, salt=salt, n=1024, r=8, p=1, dklen=32)),
        "sha": "{SHA}" + base64.b64encode(hashlib.sha1(secret).digest()).decode(),
        "ssha": "{SSHA}"
        + base64.b64encode(hashlib.sha1(secret + b"NaCl").digest() + b"NaCl").decode(),
    }
    try:
        import warnings

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import crypt
        made["bcrypt"] = crypt.crypt(password, "$2b$05$abcdefghijklmnopqrstuu")
        made["yescrypt"] = crypt.crypt(password, "$y$j75$abcdefgh")
        made["crypt_scrypt"] = crypt.crypt(password, "$7$8U..../....abcdefgh$")
    except ImportError:
        pass  # gone in Python 3.13
    return made
