"""What a connection costs: a full handshake (B5), and being there without a word (B13)."""

import os
import re
import resource
import socket
import ssl
import statistics
import subprocess
import time


def handshakes(bench, port, seconds, proxy):
    """CPU microseconds of the proxy per full TLS 1.3 handshake, from one round of s_time."""
    before = bench.cpu_us(proxy.pids())
    done = subprocess.run(
        ["taskset", "-c", bench.LOAD_CORE, "openssl", "s_time", "-connect", f"127.0.0.1:{port}",
         "-new", "-tls1_3", "-time", str(max(1, seconds))], capture_output=True, text=True)
    used = bench.cpu_us(proxy.pids()) - before
    match = re.search(r"(\d+) connections in (\d+) real seconds", done.stdout)
    if not match or int(match.group(1)) == 0:
        raise SystemExit(f"bench: openssl s_time failed: {done.stdout}{done.stderr}")
    return used / int(match.group(1))


def b5(bench, home, seconds, rounds):
    product = bench.Sallyport(home)
    tls = os.path.join(product.dir, "tls")
    peer = bench.Nginx(home, "tls", bench.PROXY_CORE, "location / { return 200 'x'; }",
                       listen=" ssl", more=f"ssl_certificate {tls}/server.pem; "
                       f"ssl_certificate_key {tls}/server.key; ssl_protocols TLSv1.3;")
    port = int(product.demo["url"].rsplit(":", 1)[1])
    try:
        pairs = []
        for index in range(rounds + 1):
            pair = (handshakes(bench, port, seconds, product),
                    handshakes(bench, peer.port, seconds, peer))
            if index:
                pairs.append(pair)
        ratios = sorted(theirs / ours for ours, theirs in pairs)
        ours, theirs = (statistics.median(pair[side] for pair in pairs) for side in (0, 1))
        return {"title": "TLS 1.3 full handshakes per CPU-second / nginx", "goal": ">= 1.00",
                "ratio": statistics.median(ratios), "spread": [ratios[0], ratios[-1]],
                "notes": [f"{ours:.0f} us CPU a handshake, nginx {theirs:.0f}"]}
    finally:
        product.stop()
        peer.stop()


def resident_kib(pid):
    with open(f"/proc/{pid}/status") as file:
        return int(re.search(r"VmRSS:\s+(\d+)", file.read()).group(1))


def hold(bench, product, port, count, context):
    """KiB of resident memory for each of so many connections that have asked once and are idle."""
    request = "".join(f"{name}: {value}\r\n" for name, value in product.headers().items())
    request = f"GET /messages HTTP/1.1\r\n{request}\r\n".encode()

    def open_one():
        one = socket.create_connection(("127.0.0.1", port), timeout=20)
        if context:
            one = context.wrap_socket(one, server_hostname="localhost")
        one.sendall(request)
        if not one.recv(65536).startswith(b"HTTP/1.1 200"):
            raise SystemExit("bench: a connection was refused")
        return one

    warm = [open_one() for _ in range(50)]
    time.sleep(0.5)
    before = resident_kib(product.process.pid)
    held = [open_one() for _ in range(count)]
    time.sleep(1)  # the tick frees the buffers of idle connections
    grown = resident_kib(product.process.pid) - before
    for one in warm + held:
        one.close()
    return grown / count


def b13(bench, home, seconds, rounds):
    count = 500 if seconds <= 1 else 10_000
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    count = min(count, hard - 200)
    rows = []
    try:
        for what, goal in (("plain", 4), ("TLS", 24)):
            product = bench.Sallyport(os.path.join(home, what))
            context = None
            port = product.plain
            if what == "TLS":
                context = ssl.create_default_context(cafile=product.demo["ca"])
                port = int(product.demo["url"].rsplit(":", 1)[1])
            try:
                kib = hold(bench, product, port, count, context)
            finally:
                product.stop()
            rows.append(f"{what}: {kib:.1f} KiB each, to reach {goal}")
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return {"title": f"{count} idle connections", "goal": "<= 4 KiB plain, <= 24 KiB TLS",
            "notes": rows}
