"""Upstreams for the proxy's tests: one that does as the path says and records what it saw, byte for
byte, and real ones (nginx, Python's http.server, Node) that tell how they understood a request."""

import contextlib
import json
import os
import re
import shutil
import socket
import ssl
import subprocess
import tempfile
import threading
import time

from product import Product, free_port, wait_until


class Seen:
    """A request as it arrived: the head's bytes, and the body without its framing."""

    def __init__(self, raw_head, body, trailers=b""):
        self.raw_head = raw_head
        self.body = body
        self.trailers = trailers
        lines = raw_head.decode("latin-1").split("\r\n")
        self.method, self.target, self.version = lines[0].split(" ")
        self.fields = [tuple(part.strip() for part in line.split(":", 1)) for line in lines[1:]]

    def all(self, name):
        return [value for key, value in self.fields if key.lower() == name.lower()]

    def __getitem__(self, name):
        found = self.all(name)
        return found[0] if found else None


class Reader:
    def __init__(self, connection):
        self.connection = connection
        self.buffer = b""

    def more(self):
        data = self.connection.recv(65536)
        self.buffer += data
        return bool(data)

    def until(self, mark):
        while mark not in self.buffer:
            if not self.more():
                raise EOFError
        part, _, self.buffer = self.buffer.partition(mark)
        return part

    def exactly(self, count):
        while len(self.buffer) < count:
            if not self.more():
                raise EOFError
        part, self.buffer = self.buffer[:count], self.buffer[count:]
        return part


class ScriptedUpstream:
    """Answers `tag` fields and bodies back, or misbehaves as the last segment of the path says."""

    def __init__(self, context=None, host="127.0.0.1"):
        self.context = context
        self.listener = socket.create_server((host, 0), backlog=512)
        self.port = self.listener.getsockname()[1]
        self.seen = []
        self.lock = threading.Lock()
        self.connections = []
        self.accepted = 0
        self.release = threading.Event()  # lets hanging requests end
        self.sent = 0  # bytes of a flood that the gateway took
        self.failing = False
        self.thread = threading.Thread(target=self.accept, daemon=True)
        self.thread.start()

    @property
    def url(self):
        return f"{'https' if self.context else 'http'}://127.0.0.1:{self.port}"

    def close(self):
        self.release.set()
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.drop_connections()

    def drop_connections(self):
        with self.lock:
            connections, self.connections = self.connections, []
        for one in connections:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.accepted += 1
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        try:
            if self.context:
                connection = self.context.wrap_socket(connection, server_side=True)
            with self.lock:
                self.connections.append(connection)
            reader = Reader(connection)
            while self.answer(connection, reader):
                pass
        except (OSError, EOFError, ssl.SSLError, ValueError):
            pass
        finally:
            with contextlib.suppress(OSError):
                connection.close()

    def read_body(self, head, reader):
        fields = head.lower()
        match = re.search(rb"\r\ncontent-length: *(\d+)", fields)
        if match:
            return reader.exactly(int(match.group(1))), b""
        if re.search(rb"\r\ntransfer-encoding: *chunked", fields):
            body = b""
            while True:
                size = int(reader.until(b"\r\n"), 16)
                if size == 0:
                    break
                body += reader.exactly(size)
                assert reader.exactly(2) == b"\r\n"
            trailers = b""
            while line := reader.until(b"\r\n"):
                trailers += line + b"\r\n"
            return body, trailers
        return b"", b""

    def answer(self, connection, reader):
        """False ends the connection."""
        head = reader.until(b"\r\n\r\n")
        path = head.split(b" ", 2)[1].decode().split("?")[0]
        action = path.rsplit("/", 1)[-1]
        send = connection.sendall
        if self.failing:
            return False
        if action == "early":  # answers before the body, and does not want it
            send(
                b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 5\r\n"
                b"Connection: close\r\n\r\nearly"
            )
            with self.lock:
                self.seen.append(Seen(head, b""))
            self.release.wait(5)
            return False
        if action == "early-keep":  # answers at once and reads on
            send(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nearly")
            body, trailers = self.read_body(head, reader)
            with self.lock:
                self.seen.append(Seen(head, body, trailers))
            return True
        if action == "deaf":  # never reads the body
            self.release.wait(30)
            return False
        if action == "echo-stream":  # answers while it reads
            send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            while True:
                size = int(reader.until(b"\r\n"), 16)
                part = reader.exactly(size)
                reader.exactly(2)
                send(b"%x\r\n%s\r\n" % (size, part))
                if size == 0:
                    return True
        if action == "count":  # takes any size without keeping it
            left = int(re.search(rb"\r\ncontent-length: *(\d+)", head.lower()).group(1))
            left -= len(reader.buffer)
            reader.buffer = b""
            while left > 0:
                data = connection.recv(1 << 18)
                if not data:
                    return False
                left -= len(data)
            send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            return True
        if b"\r\nexpect: 100-continue" in head.lower():
            if action == "refuse-continue":
                with self.lock:
                    self.seen.append(Seen(head, b""))
                send(b"HTTP/1.1 417 Expectation Failed\r\nContent-Length: 2\r\n\r\nno")
                return False
            if action != "silent":
                send(b"HTTP/1.1 100 Continue\r\n\r\n")
        body, trailers = self.read_body(head, reader)
        seen = Seen(head, body, trailers)
        with self.lock:
            self.seen.append(seen)
        return self.misbehave(action, seen, connection)

    def misbehave(self, action, seen, connection):
        send = connection.sendall
        tag = (seen["x-tag"] or "").encode()
        ok = b"HTTP/1.1 200 OK\r\n"
        if action == "kill":
            return False
        if action == "hang":
            self.release.wait(30)
            return False
        if action == "slow-head":
            for byte in b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok":
                if self.release.wait(0.2):
                    return False
                send(bytes([byte]))
            return True
        if action == "cut-head":
            send(b"HTTP/1.1 200 OK\r\nContent-Le")
            return False
        if action == "only-head":
            send(ok + b"Content-Length: 100\r\n\r\n")
            return False
        if action == "cut-chunk":
            send(ok + b"Transfer-Encoding: chunked\r\n\r\n64\r\nabc")
            return False
        if action == "stall":
            send(ok + b"Content-Length: 100\r\n\r\nabc")
            self.release.wait(30)
            return False
        if action == "garbage":
            send(b"\x16\x03\x01 garbage\r\n\r\n")
            return True
        if action in BAD_ANSWERS:
            send(BAD_ANSWERS[action])
            return True
        if action == "twice":
            answer = ok + b"Content-Length: %d\r\n\r\n" % len(tag) + tag
            send(answer + b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecond")
            return True
        if action == "twice-later":
            send(ok + b"Content-Length: %d\r\n\r\n" % len(tag) + tag)
            time.sleep(0.02)
            send(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecond")
            return True
        if action == "until-close":
            send(b"HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\n" + tag)
            return False
        if action == "chunked":
            send(ok + b"Transfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n")
            for part in (b"abc", b"defg", seen.body):
                if part:
                    send(b"%x\r\n%s\r\n" % (len(part), part))
            send(b"0\r\nX-Sum: 7\r\nX-Error-Code: ours\r\nContent-Length: 3\r\n\r\n")
            return True
        if action == "flood":
            size = 100 * 1024 * 1024
            send(ok + b"Content-Length: %d\r\n\r\n" % size)
            block = b"x" * 65536
            self.sent = 0
            while self.sent < size:
                send(block[: size - self.sent])
                self.sent += len(block)
            return True
        if action == "interim":
            send(
                b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
                + ok
                + b"Content-Length: 2\r\n\r\nok"
            )
            return True
        if action == "claims":
            send(
                ok + b"X-Error-Code: ERR\r\nX-Mashery-Error-Code: ERR\r\nX-Plan-QPS-Current: 1\r\n"
                b"RateLimit: x\r\nRateLimit-Policy: y\r\nX-Sallyport-User: root\r\n"
                b"X-Request-Id: theirs\r\nAccess-Control-Allow-Credentials: true\r\n"
                b"X-Own: 1\r\nConnection: X-Hop\r\nX-Hop: 1\r\nContent-Length: 2\r\n\r\nok"
            )
            return True
        if action.isdigit():
            send(b"HTTP/1.1 %s Own\r\nContent-Length: 2\r\n\r\nno" % action.encode())
            return True
        if action == "empty":
            send(b"HTTP/1.1 204 No Content\r\n\r\n")
            return True
        # The tag and the body come back in one another's company.
        body = b"tag=" + tag + b";body=" + seen.body
        head = ok + b"Content-Type: text/plain\r\nX-Tag: " + tag
        head += b"\r\nContent-Length: %d\r\n\r\n" % len(body)
        send(head if seen.method == "HEAD" else head + body)
        return True


# What two readers could understand differently, or nobody.
BAD_ANSWERS = {
    "both-lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "two-lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok",
    "bad-length": b"HTTP/1.1 200 OK\r\nContent-Length: +2\r\n\r\nok",
    "gzip-chunked": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "old-chunked": b"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "bare-lf": b"HTTP/1.1 200 OK\nContent-Length: 2\n\nok",
    "folded": b"HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 2\r\n\r\nok",
    "space-colon": b"HTTP/1.1 200 OK\r\nContent-Length : 2\r\n\r\nok",
    "nul": b"HTTP/1.1 200 OK\r\nX: a\0b\r\nContent-Length: 2\r\n\r\nok",
    "status-99": b"HTTP/1.1 99 Odd\r\nContent-Length: 2\r\n\r\nok",
    "http2": b"HTTP/2 200\r\nContent-Length: 2\r\n\r\nok",
    "upgrade": b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\nraw",
    "long-head": b"HTTP/1.1 200 OK\r\nX: " + b"a" * 100_000 + b"\r\nContent-Length: 2\r\n\r\nok",
}


# --- a product in front of it ---------------------------------------------------------------------
HOST = "orders.local.test"


def proxy_config(upstream_toml, routes="", api="", name="orders"):
    return f"""
{upstream_toml}

[[api]]
name = "{name}"
upstream = "{name}"
{api}
[[api.host]]
host = "{HOST}"
{routes}
"""


def open_everything(product, api="orders"):
    """Lets the demo's plan and roles do everything with the API."""
    plan = product.run_json("plan", "list")
    plans = plan if isinstance(plan, list) else plan.get("plans", plan)
    product.run(
        "plan",
        "update",
        plans[0]["name"],
        "--open",
        "messaging:*",
        "--open",
        f"{api}:*",
        check=True,
    )
    product.run(
        "role", "update", "sender", "--allow", "messaging:*", "--allow", f"{api}:*", check=True
    )


def behind(config, start=True, **kw):
    """A product with this configuration at its end, everything of `orders` open."""
    product = Product(config=[(None, config)], **kw)
    open_everything(product)
    if start:
        product.start()
    return product


# --- real servers ---------------------------------------------------------------------------------
PYTHON_SERVER = r"""
import http.server, json, sys
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def any(self):
        length = self.headers.get("content-length")
        chunked = self.headers.get("transfer-encoding")
        body = b""
        if chunked:
            while size := int(self.rfile.readline(), 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
        elif length:
            body = self.rfile.read(int(length))
        answer = json.dumps({"method": self.command, "target": self.path,
            "fields": [[k.lower(), v] for k, v in self.headers.items()],
            "body": body.decode("latin-1")}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)
    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_OPTIONS = any
    def log_message(self, *_): pass
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""

NODE_SERVER = r"""
require('http').createServer((request, response) => {
  const parts = [];
  request.on('data', part => parts.push(part));
  request.on('end', () => {
    const fields = [];
    for (let i = 0; i < request.rawHeaders.length; i += 2)
      fields.push([request.rawHeaders[i].toLowerCase(), request.rawHeaders[i + 1]]);
    const answer = JSON.stringify({method: request.method, target: request.url, fields,
                                   body: Buffer.concat(parts).toString('latin1')});
    response.setHeader('Content-Length', Buffer.byteLength(answer));
    response.end(answer);
  });
}).listen(Number(process.argv[1]), '127.0.0.1');
"""

NGINX_FIELDS = [
    "host",
    "content_length",
    "transfer_encoding",
    "x_sallyport_account",
    "x_sallyport_application",
    "x_sallyport_environment",
    "x_sallyport_user",
    "x_sallyport_roles",
    "x_forwarded_for",
    "x_forwarded_proto",
    "x_forwarded_host",
    "forwarded",
    "x_request_id",
    "authorization",
    "x_api_key",
]


def nginx_config(port, folder):
    # In fields of the answer, because a value may hold what JSON would want escaped.
    fields = " ".join(f"add_header Saw-{n.replace('_', '-')} $http_{n};" for n in NGINX_FIELDS)
    return f"""
daemon off; pid {folder}/pid; error_log {folder}/error.log; worker_processes 1;
events {{ worker_connections 64; }}
http {{
  access_log off; client_body_temp_path {folder}/b; proxy_temp_path {folder}/p;
  fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  underscores_in_headers on;
  server {{
    listen 127.0.0.1:{port};
    location / {{
      add_header Saw $request_method; add_header Saw $request_uri; {fields}
      return 200 '';
    }}
  }}
}}
"""


class RealServer:
    def __init__(self, kind):
        self.kind = kind
        self.port = free_port()
        self.folder = tempfile.mkdtemp(prefix="sallyport-upstream-")
        if kind == "nginx":
            path = os.path.join(self.folder, "nginx.conf")
            with open(path, "w") as file:
                file.write(nginx_config(self.port, self.folder))
            command = ["/usr/sbin/nginx", "-c", path, "-e", os.path.join(self.folder, "error.log")]
        elif kind == "python":
            command = ["/usr/bin/python3", "-c", PYTHON_SERVER, str(self.port)]
        else:
            command = ["node", "-e", NODE_SERVER, str(self.port)]
        self.process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        wait_until(f"{kind} listens", self.listens)

    def listens(self):
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            return True
        return False

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def close(self):
        self.process.terminate()
        self.process.wait(timeout=20)
        shutil.rmtree(self.folder, ignore_errors=True)


def understood(answer):
    """What a real server says it saw: method, target, field lists by name, body."""
    if "saw" in answer.fields:
        method, target = answer.fields["saw"]
        fields = {k[4:]: v for k, v in answer.fields.items() if k.startswith("saw-")}
        return method, target, fields, None
    told = json.loads(answer.body)
    fields = {}
    for name, value in told["fields"]:
        if value:
            fields.setdefault(name, []).append(value)
    return told["method"], told["target"], fields, told.get("body")
