"""What is accepted: durable 202s a second (B14), and until the last one is delivered (B15)."""

import json
import os
import re
import statistics
import subprocess
import time
import urllib.request

import sms


def b14(bench, home, seconds, rounds):
    product = bench.Sallyport(home, workers=2, more_config="")
    loop = os.path.join(bench.RELEASE, "store_loop")
    try:
        body = json.dumps({"to": "a@example.com", "subject": "s", "body": "b" * 100})
        headers = {**product.headers(), "Content-Type": "application/json"}
        script = bench.wrk_script(home, "b14", headers, "POST", body)
        os.sched_setaffinity(product.process.pid, {0, 1})
        url = f"http://127.0.0.1:{product.plain}/messages"
        pairs = []
        for index in range(rounds + 1):
            ours = bench.load(url, script, seconds, product, connections=128)
            done = subprocess.run([loop, os.path.join(home, f"loop{index}.db"), str(seconds)],
                                  capture_output=True, text=True, check=True)
            bare = float(re.search(r"([\d.]+) inserts/s", done.stdout).group(1))
            if index:
                pairs.append((ours, bare))
        ratios = sorted(o["rps"] / bare for o, bare in pairs)
        return {"title": "durable 202s at 128 connections / bare SQLite batch loop",
                "goal": ">= 0.35; hoped for 20,000/s, p99 <= 15 ms",
                "ratio": statistics.median(ratios), "spread": [ratios[0], ratios[-1]],
                "ours": {k: statistics.median(o[k] for o, _ in pairs) for k in pairs[0][0]},
                "bare_per_second": statistics.median(bare for _, bare in pairs)}
    finally:
        product.stop()


def smtp_sink(bench):
    for path in (os.path.join(bench.ROOT, "build", "postfix", "usr", "sbin", "smtp-sink"),
                 "/usr/sbin/smtp-sink"):
        if os.access(path, os.X_OK):
            return path
    raise SystemExit("bench: Postfix's smtp-sink is not here: ./dev setup test extracts it")


def b15(bench, home, seconds, rounds):
    result = b15_smtp(bench, os.path.join(home, "smtp"), seconds, rounds)
    result["lines"] = b15_smpp(bench, os.path.join(home, "smpp"), seconds, rounds)
    return result


def widen(product):
    """All SMS are one destination: its window is the bind's."""
    path = os.path.join(product.dir, "sallyport.toml")
    with open(path) as file:
        text = file.read()
    wide = "[messaging]\nactive_window = 200\ndestination_window = 200\n"
    with open(path, "w") as file:
        file.write(text.replace("[messaging]\n", wide, 1))
    product.restart()


def b15_smpp(bench, home, seconds, rounds):
    """Until the SMSC has the last of what was accepted; Kannel, which syncs nothing, beside us."""
    os.mkdir(home)
    text = "b" * 100
    smsc = sms.Smsc(bench)
    product = bench.Sallyport(home, workers=1, more_config=(
        f'\n[[channels.smpp]]\nhost = "127.0.0.1"\nport = {smsc.port}\n'
        'system_id = "sallyport"\nwindow = 100\n'))
    kannel = None
    try:
        widen(product)
        product.run("account", "set-sending", "Demo", "--sms-prefix", "+61")
        kannel = sms.Kannel(bench, home, smsc.port)
        bench.wait_for(kannel.sends, "Kannel's sendsms")
        body = json.dumps({"to": "+61400400400", "subject": "s", "body": text})
        post = bench.wrk_script(home, "b15-ours",
                                {**product.headers(), "Content-Type": "application/json"}, "POST",
                                body)
        get = bench.wrk_script(home, "b15-kannel", {})
        os.sched_setaffinity(product.process.pid, {0, 1})

        def rate(name, url, script, proxy):
            before, begun = smsc.count(name), time.monotonic()
            posted = bench.load(url, script, seconds, proxy, connections=32)
            total = round(posted["rps"] * seconds)
            bench.wait_for(lambda: smsc.count(name) - before >= total * 0.999, "all of them", 300)
            return (smsc.count(name) - before) / (time.monotonic() - begun)

        pairs = [(rate("sallyport", f"http://127.0.0.1:{product.plain}/messages", post, product),
                  rate("kannel", kannel.url("s" + text), get, kannel)) for _ in range(rounds)]
        ratios = sorted(ours / theirs for ours, theirs in pairs)
        return [f"to an SMSC: {statistics.median(p[0] for p in pairs):.0f}/s, every 202 fsynced; "
                f"Kannel's sendsms to the same one: {statistics.median(p[1] for p in pairs):.0f}/s",
                f"ratio {statistics.median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f}), to "
                "reach >= 1.0"]
    finally:
        if kannel:
            kannel.stop()
        product.stop()
        smsc.stop()


def b15_smtp(bench, home, seconds, rounds):
    os.mkdir(home)
    port = bench.free_port()
    libraries = os.path.join(bench.ROOT, "build", "postfix", "usr", "lib", "postfix")
    who = ["-u", "nobody"] if os.geteuid() == 0 else []
    sink = subprocess.Popen(
        ["taskset", "-c", bench.LOAD_CORE, smtp_sink(bench), *who, f"127.0.0.1:{port}", "1000"],
        cwd=home,
        env=dict(os.environ, LD_LIBRARY_PATH=libraries), stderr=subprocess.DEVNULL)
    bench.wait_for(lambda: bench.listening(port), "smtp-sink")
    product = bench.Sallyport(home, workers=1, more_config=(
        f'\n[channels.smtp]\nhost = "127.0.0.1"\nport = {port}\nsecurity = "none"\n'
        'connections = 20\nmails_per_connection = 1000\n'))
    try:
        body = json.dumps({"to": "a@example.com", "subject": "s", "body": "b" * 100})
        headers = {**product.headers(), "Content-Type": "application/json"}
        script = bench.wrk_script(home, "b15", headers, "POST", body)
        os.sched_setaffinity(product.process.pid, {0, 1})
        url = f"http://127.0.0.1:{product.plain}/messages"

        def sent():
            with urllib.request.urlopen(product.demo["metrics_url"], timeout=10) as answer:
                text = answer.read().decode()
            return float(re.search(r'deliveries_total{result="sent"} (\S+)', text).group(1))

        rates = []
        for _ in range(rounds):
            before, begun = sent(), time.monotonic()
            posted = bench.load(url, script, seconds, product, connections=32)
            total = round(posted["rps"] * seconds)
            bench.wait_for(lambda: sent() - before >= total * 0.999, "all of them delivered", 300)
            rates.append((sent() - before) / (time.monotonic() - begun))
        return {"title": "POST to SMTP sink, every 202 fsynced, until the last one is there",
                "goal": ">= 1,500/s", "per_second": statistics.median(rates),
                "spread": [min(rates), max(rates)]}
    finally:
        product.stop()
        sink.terminate()
        sink.wait()
