#!/usr/bin/python3
"""Measures Sallyport beside its peers: `./dev bench [ID...] [--quick]`.

Every figure is a ratio inside one run: rounds are interleaved A B A B, and the median of the
pairwise ratios is quoted with its spread. Cost is CPU microseconds per request of the proxy's
process (user + system of all its threads, from /proc), because throughput on a shared machine says
more about the neighbours. The proxy has core 0 to itself, the load and the upstream share core 1.
Prints a table and writes build/bench.json. Nothing here gates a test.
"""

import argparse
import base64
import json
import os
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

import answered
import chain
import change_in_force
import connections
import delivery
import passwords
import proxied
import scale

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
RELEASE = os.path.join(ROOT, "build", "release")
BINARY = os.path.join(RELEASE, "sallyport")
PROXY_CORE, LOAD_CORE = "0", "1"
CONNECTIONS = 64


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(condition, what, seconds=30):
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise SystemExit(f"bench: not within {seconds} s: {what}")
        time.sleep(0.02)


def listening(port):
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
        return True
    except OSError:
        return False


def cpu_us(pids):
    """User and system time of processes with all their threads, in microseconds."""
    total = 0
    for pid in pids:
        for thread in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{thread}/schedstat") as file:
                total += int(file.read().split()[0]) // 1000
    return total


def children(pid):
    with open(f"/proc/{pid}/task/{pid}/children") as file:
        return [int(word) for word in file.read().split()]


class Nginx:
    """A master with one worker; `site` is the inside of its server block."""

    def __init__(self, home, name, core, site, more="", listen=""):
        self.port = free_port()
        self.home = os.path.join(home, name)
        os.makedirs(self.home)
        config = os.path.join(self.home, "nginx.conf")
        own_files = "user root; " if os.geteuid() == 0 else ""  # its workers read what is ours
        with open(config, "w") as file:
            file.write(f"""
{own_files}worker_processes 1; pid {self.home}/pid; error_log {self.home}/error.log;
daemon off;
events {{ worker_connections 4096; }}
http {{
  access_log off; default_type application/json; keepalive_requests 100000000;
  client_body_temp_path {self.home}/b; proxy_temp_path {self.home}/p;
  fastcgi_temp_path {self.home}/f; uwsgi_temp_path {self.home}/u; scgi_temp_path {self.home}/s;
  {more}
  server {{ listen 127.0.0.1:{self.port} backlog=4096{listen}; {site} }}
}}""")
        self.process = subprocess.Popen(["taskset", "-c", core, "/usr/sbin/nginx", "-c", config])
        wait_for(lambda: listening(self.port), f"nginx {name}")

    def pids(self):
        return [self.process.pid] + children(self.process.pid)

    def stop(self):
        self.process.terminate()
        self.process.wait()


class Haproxy:
    """One process with one thread; `checks` are http-request lines of its frontend."""

    def __init__(self, home, name, core, upstream_port, more="", checks=""):
        self.port = free_port()
        path = os.path.join(home, name + ".cfg")
        with open(path, "w") as file:
            os.chmod(path, 0o600)
            file.write(f"""
global
  nbthread 1
defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
{more}
frontend in
  bind 127.0.0.1:{self.port}
{checks}
  default_backend up
backend up
  http-reuse always
  server one 127.0.0.1:{upstream_port}
""")
        command = ["taskset", "-c", core, "/usr/sbin/haproxy", "-db", "-f", path]
        self.process = subprocess.Popen(command,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for(lambda: listening(self.port), f"haproxy {name}")

    def pids(self):
        return [self.process.pid] + children(self.process.pid)

    def stop(self):
        self.process.terminate()
        self.process.wait()


class Sallyport:
    """The product with a trusted plain listener and a plan that no load can spend."""

    def __init__(self, home, workers=1, more_config=""):
        self.dir = os.path.join(home, "data")
        subprocess.run([BINARY, "init", "--demo", "--data", self.dir], check=True,
                       stdout=subprocess.DEVNULL)
        self.plain = free_port()
        path = os.path.join(self.dir, "sallyport.toml")
        with open(path) as file:
            text = file.read()
        text = re.sub(r"^\[server\]\n", f"[server]\nworkers = {workers}\n", text, flags=re.M)
        text += (f'\n[[listener]]\nkind = "trusted"\naddress = "127.0.0.1"\nport = {self.plain}\n'
                 + more_config)
        with open(path, "w") as file:
            file.write(text)
        self.start()
        self.key = self._open_plan()

    def start(self):
        if os.path.exists(os.path.join(self.dir, "demo.json")):
            os.remove(os.path.join(self.dir, "demo.json"))
        self.process = subprocess.Popen(
            ["taskset", "-c", PROXY_CORE, BINARY, "serve", "--data", self.dir, "--port", "0",
             "--metrics-port", "0"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for(lambda: os.path.exists(os.path.join(self.dir, "demo.json")), "sallyport")
        with open(os.path.join(self.dir, "demo.json")) as file:
            self.demo = json.load(file)

    def restart(self):
        self.stop()
        self.start()

    def run(self, *arguments):
        env = dict(os.environ, SALLYPORT_DATA=self.dir)
        done = subprocess.run([BINARY, *arguments, "--json"], env=env, capture_output=True,
                              text=True)
        if done.returncode != 0:
            raise SystemExit(f"bench: {arguments}: {done.stderr}")
        return json.loads(done.stdout)

    def _open_plan(self):
        self.run("plan", "create", "Bench", "--rate", "1000000", "--quota", "1000000000000",
                 "--open", "messaging:*", "--open", "*:*")
        self.run("role", "update", "sender", "--allow", "*:*")
        application = self.run("application", "list")[0]["id"]
        self.subscription = self.run("subscription", "create", "--application", application,
                                     "--plan", "Bench")["id"]
        return self.run("key", "create", "--subscription", self.subscription)["key"]

    def headers(self):
        basic = base64.b64encode(f"{self.demo['username']}:{self.demo['password']}".encode())
        return {"x-api-key": self.key, "Authorization": "Basic " + basic.decode(),
                "Host": "localhost"}

    def pids(self):
        return [self.process.pid]

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()


def wrk_script(home, name, headers, method="GET", body=None):
    """Headers go through a file, so that no secret is an argument of a process."""
    path = os.path.join(home, name + ".lua")
    with open(path, "w") as file:
        os.chmod(path, 0o600)
        file.write(f'wrk.method = "{method}"\n')
        for field, value in headers.items():
            file.write(f'wrk.headers["{field}"] = "{value}"\n')
        if body is not None:
            file.write(f"wrk.body = [[{body}]]\n")
        file.write("""
done = function(summary, latency, requests)
  io.write(string.format("RESULT %d %d %d %d %d\\n", summary.requests, summary.duration,
    latency:percentile(50), latency:percentile(99),
    summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.write
    + summary.errors.timeout))
end
""")
    return path


def load(url, script, seconds, proxy, connections=CONNECTIONS):
    """One round: CPU per request of the proxy, requests per second, p99, idle share of its core."""
    before, started = cpu_us(proxy.pids()), time.monotonic()
    done = subprocess.run(
        ["taskset", "-c", LOAD_CORE, "wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "-s",
         script, url], capture_output=True, text=True)
    elapsed = time.monotonic() - started
    used = cpu_us(proxy.pids()) - before
    match = re.search(r"RESULT (\d+) (\d+) (\d+) (\d+) (\d+)", done.stdout)
    if not match:
        raise SystemExit(f"bench: wrk failed: {done.stdout}{done.stderr}")
    requests, duration, p50, p99, errors = map(int, match.groups())
    if requests == 0 or errors:
        raise SystemExit(f"bench: {errors} errors in {requests} requests to {url}\n{done.stdout}")
    return {"cpu_us": used / requests, "rps": requests / duration * 1e6, "p50_ms": p50 / 1000,
            "p99_ms": p99 / 1000, "idle": max(0.0, 1 - used / 1e6 / elapsed)}


def versus(title, goal, a, b, rounds):
    """Interleaved rounds of two loads; the ratio is a's CPU per request over b's."""
    a(0), b(0)  # warm
    pairs = [(a(i), b(i)) for i in range(rounds)]
    ratios = sorted(x["cpu_us"] / y["cpu_us"] for x, y in pairs)

    def middle(side):
        return {k: statistics.median(p[side][k] for p in pairs) for k in pairs[0][side]}

    return {"title": title, "goal": goal, "ratio": statistics.median(ratios),
            "spread": [ratios[0], ratios[-1]], "ours": middle(0), "peer": middle(1)}


def fast_upstream(home):
    """Small JSON answers, as fast as nginx gives them."""
    return Nginx(home, "upstream", LOAD_CORE, "location / { return 200 '" + '{"ok":true}' + "'; }")


PROXY_PASS = ("proxy_pass http://up; proxy_http_version 1.1; "
              'proxy_set_header Connection ""; proxy_set_header Host $host; ')


def nginx_in_front(home, upstream, inside="", more="", server=""):
    return Nginx(home, "proxy", PROXY_CORE, f"{server} location / {{ {inside} {PROXY_PASS} }}",
                 f"upstream up {{ server 127.0.0.1:{upstream.port}; keepalive 128; }} {more}")


def sallyport_in_front(home, upstream):
    return Sallyport(home, more_config=f"""
[[upstream]]
name = "fast"
endpoints = ["http://127.0.0.1:{upstream.port}"]
kept_timeout = "60s"

[[api]]
name = "forwarded"
upstream = "fast"

[[api.host]]
host = "forwarded.local.test"
""")


def forwarded_headers(product):
    return {**product.headers(), "Host": "forwarded.local.test"}


def of_module(module, name):
    """A benchmark that uses this file's ways to start and load things."""
    return lambda home, *terms: getattr(module, name)(sys.modules[__name__], home, *terms)


def b16(home, seconds, rounds):
    product = Sallyport(home, workers=2)
    os.sched_setaffinity(product.process.pid, {0, 1})
    try:
        return change_in_force.measure(product, seconds * rounds)
    finally:
        product.stop()


def with_product(measure):
    def bench(home, seconds, rounds):
        product = Sallyport(home)
        try:
            return measure(product, seconds, rounds)
        finally:
            product.stop()
    return bench


def b17(home, seconds, rounds):
    return passwords.b17(lambda: Sallyport(home), Sallyport.restart, seconds, rounds)


BENCHES = {"B1": of_module(proxied, "b1"), "B2": of_module(proxied, "b2"),
           "B2-haproxy": of_module(proxied, "b2_haproxy"), "B3": of_module(proxied, "b3"),
           "B5": of_module(connections, "b5"), "B6": of_module(answered, "b6"),
           "B7": of_module(chain, "b7"), "B8": of_module(scale, "b8"),
           "B9": of_module(chain, "b9"), "B12": with_product(passwords.b12),
           "B13": of_module(connections, "b13"),
           "B14": of_module(delivery, "b14"), "B15": of_module(delivery, "b15"), "B16": b16,
           "B17": b17, "HYDRA": with_product(passwords.hydra)}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("ids", nargs="*", metavar="ID", help=f"of {', '.join(BENCHES)}; all")
    parser.add_argument("--quick", action="store_true", help="short rounds: shows that it runs")
    options = parser.parse_args()
    unknown = set(options.ids) - set(BENCHES)
    if unknown:
        parser.error(f"no such benchmark: {', '.join(sorted(unknown))}")
    seconds, rounds = (1, 2) if options.quick else (4, 5)
    results = {}
    for name in options.ids or BENCHES:
        home = tempfile.mkdtemp(prefix="sallyport-bench-")
        try:
            results[name] = result = BENCHES[name](home, seconds, rounds)
        finally:
            shutil.rmtree(home, ignore_errors=True)
        print(f"{name}  {result['title']}\n      to reach {result['goal']}")
        if "ratio" in result:
            low, high = result["spread"]
            print(f"      ratio {result['ratio']:.2f} ({low:.2f} to {high:.2f})")
        for side in ("ours", "peer"):
            if side in result:
                row = result[side]
                print(f"      {side}: {row['cpu_us']:.1f} us CPU/request, {row['rps']:.0f}/s, p99 "
                      f"{row['p99_ms']:.2f} ms, core idle {row['idle']:.0%}")
        if "per_second" in result:
            low, high = result["spread"]
            print(f"      {result['per_second']:.0f}/s ({low:.0f} to {high:.0f})")
        if "bare_per_second" in result:
            print(f"      bare loop: {result['bare_per_second']:.0f} inserts/s")
        for note in result.get("notes", []):
            print(f"      {note}")
        for line in result.get("lines", []):
            print(f"      {line}")
        for row in result.get("rows", []):
            print(f"      {row['run_name']}: {row['real_time']:.0f} {row['time_unit']}, "
                  f"{row.get('allocations_per_request', 0):.4f} allocations/request")
        sys.stdout.flush()
    with open(os.path.join(ROOT, "build", "bench.json"), "w") as file:
        json.dump(results, file, indent=1)


if __name__ == "__main__":
    main()
