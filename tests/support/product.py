"""Starts the real binary as a newcomer would and talks to it with real clients.

`Product` owns a data directory and a server process. Nothing here knows how the server is built
inside; it uses the command line, demo.json and sockets.
"""

import base64
import contextlib
import json
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import time

BINARY = os.environ["SALLYPORT_BINARY"]
SOURCE = os.environ.get("SALLYPORT_SOURCE_DIR", os.getcwd())
LONG = os.environ.get("SALLYPORT_LONG") == "1"


def wait_until(what, condition, seconds=20.0, step=0.02):
    """Polls `condition` until it gives something true, which is returned."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(step)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Answer:
    """A parsed HTTP answer: status, lower-case header names -> list of values, body."""

    def __init__(self, status, fields, body, raw_head=b""):
        self.status = status
        self.fields = fields
        self.body = body
        self.raw_head = raw_head

    def __getitem__(self, name):
        values = self.fields.get(name.lower(), [])
        return values[0] if values else None

    @property
    def text(self):
        return self.body.decode()

    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"<{self.status} {self.fields} {self.body[:200]!r}>"


def parse_head(head):
    lines = head.split(b"\r\n")
    status = int(lines[0].split(b" ")[1])
    fields = {}
    for line in lines[1:]:
        name, _, value = line.partition(b":")
        fields.setdefault(name.decode().lower(), []).append(value.strip().decode())
    return status, fields


class RawConnection:
    """A socket that sends bytes as they are and reads whole answers."""

    def __init__(self, port, ca=None, host="localhost", timeout=20):
        raw = socket.create_connection(("127.0.0.1", port), timeout=timeout)
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if ca:
            context = ssl.create_default_context(cafile=ca)
            raw = context.wrap_socket(raw, server_hostname=host)
        self.socket = raw
        self.buffer = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)

    def fill(self):
        """False when the peer has closed."""
        try:
            more = self.socket.recv(65536)
        except (ConnectionResetError, ssl.SSLEOFError):
            return False
        self.buffer += more
        return bool(more)

    def read_answer(self, head_only=False):
        """The next answer, None when the peer closes before one begins."""
        while b"\r\n\r\n" not in self.buffer:
            if not self.fill():
                if self.buffer:
                    raise AssertionError(f"closed within an answer: {self.buffer[:200]!r}")
                return None
        head, _, self.buffer = self.buffer.partition(b"\r\n\r\n")
        status, fields = parse_head(head)
        if status == 100:
            return Answer(status, fields, b"", head)
        length = int(fields.get("content-length", ["0"])[0])
        if head_only or status in (204, 304):
            length = 0
        while len(self.buffer) < length:
            if not self.fill():
                raise AssertionError(f"closed within a body: {head!r}")
        body, self.buffer = self.buffer[:length], self.buffer[length:]
        return Answer(status, fields, body, head)

    def is_closed(self, seconds=10):
        self.socket.settimeout(seconds)
        try:
            return self.buffer == b"" and not self.fill()
        except TimeoutError:
            return False


class Product:
    """One data directory with demo entities, and the server on it."""

    def __init__(self, plain=False, config=None, env=None, wrapper=()):
        self.home = tempfile.mkdtemp(prefix="sallyport-test-")
        self.dir = os.path.join(self.home, "data")
        self.plain_port = free_port() if plain else None
        self.process = None
        self.stderr_path = os.path.join(self.home, "stderr.log")
        self.env = dict(os.environ, **(env or {}))
        self.wrapper = list(wrapper)  # a command that runs the server: strace
        self.run("init", "--demo", check=True)
        if config:
            self.edit_config(config)

    # --- life -----------------------------------------------------------------------------------
    def start(self):
        with contextlib.suppress(FileNotFoundError):
            os.remove(os.path.join(self.dir, "demo.json"))
        command = [*self.wrapper, BINARY, "serve", "--data", self.dir, "--port", "0",
                   "--metrics-port", "0"]
        if self.plain_port:
            command += ["--plain-port", str(self.plain_port)]
        self.stderr = open(self.stderr_path, "ab")
        self.stdout_path = os.path.join(self.home, "stdout.log")
        self.stdout = open(self.stdout_path, "ab")
        self.process = subprocess.Popen(
            command, stdout=self.stdout, stderr=self.stderr, env=self.env
        )
        wait_until("demo.json", self._ready, seconds=60)
        with open(os.path.join(self.dir, "demo.json")) as file:
            self.demo = json.load(file)
        self.url = self.demo["url"]
        self.port = int(self.url.rsplit(":", 1)[1])
        self.ca = self.demo["ca"]
        return self

    def _ready(self):
        if self.process.poll() is not None:
            raise AssertionError(f"the server ended: {self.process.returncode}\n{self.log()}")
        return os.path.exists(os.path.join(self.dir, "demo.json"))

    def log(self):
        with open(self.stderr_path, errors="replace") as file:
            return file.read()

    def stop(self, expect=0):
        if self.process is None:
            return
        process, self.process = self.process, None
        if self.wrapper:
            with open(f"/proc/{process.pid}/task/{process.pid}/children") as file:
                os.kill(int(file.read().split()[0]), signal.SIGTERM)
        else:
            process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise AssertionError("did not stop within 60 s of SIGTERM\n" + self.log())
        self.stdout.close()
        self.stderr.close()
        if process.returncode != expect:
            raise AssertionError(f"exit {process.returncode}, not {expect}\n{self.log()}")

    def kill(self):
        process, self.process = self.process, None
        process.kill()
        process.wait()
        self.stdout.close()
        self.stderr.close()

    def close(self):
        try:
            self.stop()
        finally:
            if not os.environ.get("SALLYPORT_KEEP"):
                shutil.rmtree(self.home, ignore_errors=True)

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.close()

    # --- the command line -----------------------------------------------------------------------
    def run(self, *arguments, stdin=None, check=False, data=True):
        """Runs a verb; the data directory comes from the environment."""
        env = dict(self.env, SALLYPORT_DATA=self.dir) if data else self.env
        command = [BINARY, *arguments]
        if arguments[0] in ("init", "serve"):
            command += ["--data", self.dir]
        done = subprocess.run(
            command, input=stdin, capture_output=True, text=True, env=env, timeout=120
        )
        if check and done.returncode != 0:
            raise AssertionError(
                f"{arguments}: exit {done.returncode}\n{done.stdout}\n{done.stderr}"
            )
        return done

    def run_json(self, *arguments):
        return json.loads(self.run(*arguments, "--json", check=True).stdout)

    def open_plan(self):
        """Instead of the demo's key one whose plan no load can spend."""
        self.run_json("plan", "create", "Wide", "--rate", "1000000", "--quota", "1000000000000",
                      "--open", "messaging:*")
        application = self.run_json("application", "list")[0]["id"]
        subscription = self.run_json("subscription", "create", "--application", application,
                                     "--plan", "Wide")["id"]
        self.demo["api_key"] = self.run_json("key", "create", "--subscription",
                                             subscription)["key"]

    def edit_config(self, replacements):
        """Each (pattern, text): the pattern is replaced; without one, the text is appended."""
        path = os.path.join(self.dir, "sallyport.toml")
        with open(path) as file:
            text = file.read()
        for pattern, replacement in replacements:
            if pattern is None:
                text += "\n" + replacement + "\n"
            else:
                text, count = re.subn(pattern, replacement, text, flags=re.M)
                if count == 0:
                    raise AssertionError(f"nothing in the configuration matches {pattern}")
        with open(path, "w") as file:
            file.write(text)

    # --- requests -------------------------------------------------------------------------------
    def basic(self, user=None, password=None):
        user = self.demo["username"] if user is None else user
        password = self.demo["password"] if password is None else password
        return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()

    def headers(self, key="api_key", user="username", password="password", **more):
        """Header lines of a request; names of demo.json's fields, literal text, or None."""
        fields = {}
        if key is not None:
            fields["x-api-key"] = self.demo.get(key, key)
        if user is not None:
            fields["Authorization"] = self.basic(
                self.demo.get(user, user), self.demo.get(password, password)
            )
        for name, value in more.items():
            fields[name.replace("_", "-")] = value
        return fields

    def connect(self):
        return RawConnection(self.port, self.ca)

    def request(self, method, target, fields=None, body=b"", connection=None, host=None):
        fields = self.headers() if fields is None else fields
        body = body.encode() if isinstance(body, str) else body
        head = f"{method} {target} HTTP/1.1\r\nHost: {host or f'localhost:{self.port}'}\r\n"
        for name, value in fields.items():
            head += f"{name}: {value}\r\n"
        if body or method in ("POST", "PUT", "PATCH"):
            head += f"Content-Length: {len(body)}\r\n"
        data = head.encode() + b"\r\n" + body
        if connection is not None:
            connection.send(data)
            return connection.read_answer(head_only=method == "HEAD")
        with self.connect() as one:
            one.send(data)
            return one.read_answer(head_only=method == "HEAD")

    def get(self, target, **kw):
        return self.request("GET", target, self.headers(**kw))

    def post_message(self, content, connection=None, target="/messages", kind="json", **kw):
        body = content if isinstance(content, (str, bytes)) else json.dumps(content)
        media = f"application/vnd.whispir.message-v1+{kind}"
        fields = self.headers(**{"Content_Type": media, "Accept": media, **kw})
        return self.request("POST", target, fields, body, connection)

    # --- what it leaves behind ------------------------------------------------------------------
    def access_entries(self):
        with open(self.demo["access_log"]) as file:
            return [json.loads(line) for line in file if line.endswith("\n")]

    def access_entry(self, request_id):
        def find():
            for entry in self.access_entries():
                if entry["request_id"] == request_id:
                    return entry
            return None

        return wait_until(f"access log entry {request_id}", find)

    def metrics(self):
        import urllib.request

        with urllib.request.urlopen(self.demo["metrics_url"], timeout=10) as answer:
            return answer.read().decode()

    def metric(self, name, **labels):
        """The sum of all samples of that name that carry these labels."""
        total = 0.0
        for line in self.metrics().splitlines():
            match = re.match(r"^(\w+)(?:\{(.*)\})? (\S+)$", line)
            if not match or match.group(1) != name:
                continue
            found = dict(re.findall(r'(\w+)="([^"]*)"', match.group(2) or ""))
            if all(found.get(key) == value for key, value in labels.items()):
                total += float(match.group(3))
        return total

    def outbox(self):
        folder = self.demo["outbox"]
        return sorted(os.listdir(folder)) if os.path.isdir(folder) else []

    def status_of(self, location):
        """The words of all recipients' statuses of a message, in order."""
        path = location.split(str(self.port), 1)[1].split("?")[0]
        answer = self.request(
            "GET",
            path + "/messagestatus?view=detailed",
            self.headers(Accept="application/json"),
        )
        if answer.status != 200:
            raise AssertionError(answer)
        words = []
        for one in answer.json()["messageStatuses"]:
            words += [s["status"] for s in one["status"] if s["status"]]
        return words
