"""A request that the built-in engine answers, beside one that nginx only passes on: B6."""

import json
import urllib.request


def first_message(product):
    request = urllib.request.Request(
        f"http://127.0.0.1:{product.plain}/messages", method="POST",
        data=json.dumps({"to": "a@example.com", "subject": "s", "body": "b" * 100}).encode(),
        headers={**product.headers(), "Content-Type": "application/json"})
    with urllib.request.urlopen(request) as answer:
        location = answer.headers["Location"]
    return location.rsplit("/", 1)[1]


def b6(bench, home, seconds, rounds):
    upstream = bench.Nginx(home, "upstream", bench.LOAD_CORE,
                           "location / { return 200 '" + "x" * 1200 + "'; }")
    proxy = bench.Nginx(
        home, "proxy", bench.PROXY_CORE,
        "location / { proxy_pass http://up; proxy_http_version 1.1; "
        'proxy_set_header Connection ""; }',
        f"upstream up {{ server 127.0.0.1:{upstream.port}; keepalive 128; }}")
    product = bench.Sallyport(home)
    try:
        message = first_message(product)
        ours = bench.wrk_script(home, "b6", {**product.headers(), "Accept": "application/json"})
        peer = bench.wrk_script(home, "plain", {})
        return bench.versus(
            "GET of a message, all doors on / nginx plain proxy with no checks", "<= 0.55",
            lambda _: bench.load(f"http://127.0.0.1:{product.plain}/messages/{message}", ours,
                                 seconds, product),
            lambda _: bench.load(f"http://127.0.0.1:{proxy.port}/", peer, seconds, proxy), rounds)
    finally:
        product.stop()
        proxy.stop()
        upstream.stop()
