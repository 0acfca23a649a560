"""Benchmarks of the user's door: B12 (guesses beside right passwords), B17 (everybody comes back
after a cold start) and HYDRA (a real guesser at a real user, with B12 at the same time).

Rates are open loop: a request is due at its time, whatever became of the one before, and its
latency counts from then.
"""

import asyncio
import base64
import hashlib
import json
import multiprocessing
import os
import random
import re
import shutil
import subprocess
import time


def basic(user, password):
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def request_text(key, user, password, target="/messages"):
    return (f"GET {target} HTTP/1.1\r\nHost: localhost\r\nx-api-key: {key}\r\n"
            f"Authorization: {basic(user, password)}\r\n\r\n").encode()


async def read_answer(reader):
    head = await reader.readuntil(b"\r\n\r\n")
    status = int(head[9:12])
    length = re.search(rb"(?i)content-length: (\d+)", head)
    if length:
        await reader.readexactly(int(length.group(1)))
    retry = re.search(rb"(?i)retry-after: (\d+)", head)
    return status, int(retry.group(1)) if retry else 0


async def steady(port, addresses, rate, seconds, make, connections):
    """`make(i)` gives the i-th request. Sorted latencies in seconds by status."""
    taken, next_one, begin = {}, iter(range(int(rate * seconds))), time.perf_counter() + 0.2

    async def one(n):
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", port, local_addr=(addresses[n % len(addresses)], 0))
        for i in next_one:
            due = begin + i / rate
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            writer.write(make(i))
            status, _ = await read_answer(reader)
            taken.setdefault(status, []).append(time.perf_counter() - due)
        writer.close()

    await asyncio.gather(*(one(n) for n in range(connections)))
    return {status: sorted(list_) for status, list_ in taken.items()}


def in_process(queue, port, addresses, rate, seconds, users, connections, wrong, core):
    os.sched_setaffinity(0, {int(core)})
    dice = random.Random(7)

    def make(i):
        key, name, password = users[i % len(users)]
        if wrong:
            name, password = f"{name}{dice.randrange(50)}", f"guess-{i}"
        return request_text(key, name, password)

    queue.put(asyncio.run(steady(port, addresses, rate, seconds, make, connections)))


def run_load(port, addresses, rate, seconds, users, connections, wrong=False, core="1"):
    queue = multiprocessing.Queue()
    process = multiprocessing.Process(
        target=in_process,
        args=(queue, port, addresses, rate, seconds, users, connections, wrong, core))
    process.start()
    return process, queue


def percentile(sorted_list, share):
    return sorted_list[min(len(sorted_list) - 1, int(len(sorted_list) * share))]


def import_users(product, count, password="tulip-4242"):
    """As from an old htpasswd file: SHA-1, which import puts inside an Argon2id."""
    sha = "{SHA}" + base64.b64encode(hashlib.sha1(password.encode()).digest()).decode()
    path = os.path.join(product.dir, "users.htpasswd")
    with open(path, "w") as file:
        os.chmod(path, 0o600)
        file.writelines(f"user{n}:{sha}\n" for n in range(count))
    product.run("user", "import", path, "--account", "Demo", "--role", "sender")


async def sign_in_all(port, key, users, password, deadline):
    """All at once, doing what Retry-After says. (seconds until each was served, refused 401)."""
    begin = time.perf_counter()
    served, refused = [], []

    async def one(name):
        while time.perf_counter() - begin < deadline:
            try:
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.write(request_text(key, name, password))
                status, retry = await read_answer(reader)
                writer.close()
            except (OSError, asyncio.IncompleteReadError):
                status, retry = 503, 1
            if status == 200:
                served.append(time.perf_counter() - begin)
                return
            if status == 401:
                refused.append(name)
            await asyncio.sleep(max(retry, 0.2))

    await asyncio.gather(*(one(name) for name in users))
    return sorted(served), refused


def quiet_and_busy(product, seconds, rounds, busy):
    """p99 of right passwords at 1,000/s, without and with what `busy` starts; pairs of ms."""
    users = [(product.key, product.demo["username"], product.demo["password"])]
    pairs = []
    for _ in range(rounds):
        quiet, queue = run_load(product.plain, ["127.0.0.1"], 1000, seconds, users, 16)
        alone = queue.get()
        quiet.join()
        stop = busy(seconds + 1)
        loud, queue = run_load(product.plain, ["127.0.0.1"], 1000, seconds, users, 16)
        beside = queue.get()
        loud.join()
        stop()
        if set(alone) != {200} or set(beside) != {200}:
            raise SystemExit(f"bench: not all 200: {alone.keys()} {beside.keys()}")
        pairs.append((percentile(alone[200], 0.99) * 1e3, percentile(beside[200], 0.99) * 1e3))
    return pairs


def result_of(title, goal, pairs, **more):
    ratios = sorted(busy / quiet for quiet, busy in pairs)
    return {"title": title, "goal": goal, "ratio": ratios[len(ratios) // 2],
            "spread": [ratios[0], ratios[-1]],
            "notes": [f"p99 quiet {quiet:.2f} ms, busy {busy:.2f} ms" for quiet, busy in pairs],
            **more}


def b12(product, seconds, rounds):
    def busy(how_long):
        # From 200 other networks; a 401 takes up to 100 ms, so that 500/s need many connections.
        addresses = [f"127.0.7.{n}" for n in range(1, 201)]
        users = [(product.key, product.demo["username"], "x")]
        process, queue = run_load(product.plain, addresses, 500, how_long, users, 100, wrong=True)
        time.sleep(0.5)

        def stop():
            answers = queue.get()
            process.join()
            if set(answers) - {401, 503}:
                raise SystemExit(f"bench: a guess was answered {answers.keys()}")
        return stop

    pairs = quiet_and_busy(product, seconds, rounds, busy)
    return result_of("p99 of right passwords at 1,000/s beside 500 wrong/s, over quiet", "<= 1.5",
                     pairs)


def b17(make_product, restart, seconds, rounds):
    product = make_product()
    count = 1000 if rounds > 2 else 100
    try:
        import_users(product, count)
        users = [f"user{n}" for n in range(count)]
        warm, refused = asyncio.run(
            sign_in_all(product.plain, product.key, users, "tulip-4242", 600))
        time.sleep(6)  # until where they came from is written
        restart(product)
        cold, again = asyncio.run(
            sign_in_all(product.plain, product.key, users, "tulip-4242", 300))
        last = cold[-1] if len(cold) == count else float("inf")
        return {"title": f"cold start, {count} active users return at once: seconds until in",
                "goal": "<= 60 s, nobody refused 401", "ratio": last, "spread": [cold[0], last],
                "notes": [f"first time ever: {len(warm)} in after {warm[-1]:.1f} s, "
                          f"{len(refused)} refused 401",
                          f"after the restart: {len(cold)} in, half after "
                          f"{cold[len(cold) // 2]:.1f} s, {len(again)} refused 401"]}
    finally:
        product.stop()


def hydra(product, seconds, rounds):
    """A 6-digit password, from a file of its old hash; 60 s, B12's right passwords beside it."""
    if shutil.which("hydra") is None:
        return {"title": "hydra is not installed: ./dev setup bench", "goal": ""}
    sha = "{SHA}" + base64.b64encode(hashlib.sha1(b"739154").digest()).decode()
    path = os.path.join(product.dir, "victim.htpasswd")
    with open(path, "w") as file:
        os.chmod(path, 0o600)
        file.write(f"victim:{sha}\n")
    product.run("user", "import", path, "--account", "Demo", "--role", "sender")
    how_long = 60 if rounds > 2 else 8
    guesses = os.path.join(product.dir, "guesses.txt")
    with open(guesses, "w") as file:
        file.writelines(f"{n:06}\n" for n in range(1_000_000))
    log = os.path.join(product.dir, "hydra.log")
    tries = []

    def busy(_):
        before = tried(product)
        begin = time.monotonic()
        with open(log, "w") as out:
            process = subprocess.Popen(
                ["hydra", "-I", "-l", "victim", "-P", guesses, "-t", "16", "-s", str(product.plain),
                 "127.0.0.1", "http-get", f"/messages:H=x-api-key\\: {product.key}"],
                stdout=out, stderr=subprocess.STDOUT, cwd=product.dir)

        def stop():
            process.terminate()
            process.wait()
            tries.append((tried(product) - before) / (time.monotonic() - begin))
        return stop

    pairs = quiet_and_busy(product, how_long, 1, busy)
    with open(log, errors="replace") as file:
        found = "739154" in file.read()
    result = result_of("hydra at a 6-digit password, right passwords beside it: p99 over quiet",
                       "the password is not found", pairs)
    result["notes"].append(
        f"passwords checked for hydra: {tries[0]:.2f}/s over {how_long} s; found: {found}; all "
        f"1,000,000 would take {1e6 / max(tries[0], 1e-9) / 86400:.0f} days")
    return result


def tried(product):
    """Passwords that were really checked, slowly: what guessing comes to."""
    import urllib.request

    with urllib.request.urlopen(product.demo["metrics_url"], timeout=10) as answer:
        text = answer.read().decode()
    return float(re.search(r"^sallyport_hashes_total (\S+)", text, re.M).group(1))
