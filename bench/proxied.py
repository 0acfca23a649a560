"""A proxied request with all doors on beside nginx and HAProxy: B1, B2, and B3 over TLS."""

import base64
import hashlib
import os
import subprocess


def against(bench, home, seconds, rounds, title, goal, make_peer, secure=False):
    """A proxied request, all doors on, beside a peer that `make_peer(upstream, product)` starts."""
    upstream = bench.fast_upstream(home)
    product = bench.sallyport_in_front(home, upstream)
    peer, peer_url, peer_headers = make_peer(upstream, product)
    try:
        ours = bench.wrk_script(home, "ours", bench.forwarded_headers(product))
        theirs = bench.wrk_script(home, "theirs", peer_headers)
        url = product.demo["url"] if secure else f"http://127.0.0.1:{product.plain}"
        return bench.versus(title, goal,
                            lambda _: bench.load(f"{url}/a/b", ours, seconds, product),
                            lambda _: bench.load(f"{peer_url}/a/b", theirs, seconds, peer), rounds)
    finally:
        peer.stop()
        product.stop()
        upstream.stop()


def b1(bench, home, seconds, rounds):
    def peer(upstream, _):
        nginx = bench.nginx_in_front(home, upstream)
        return nginx, f"http://127.0.0.1:{nginx.port}", {}

    return against(bench, home, seconds, rounds,
                   "proxied, all doors on / nginx plain proxy with no checks", "<= 1.00, then 0.90",
                   peer)


def b2(bench, home, seconds, rounds):
    def peer(upstream, product):
        digest = base64.b64encode(hashlib.sha1(product.demo["password"].encode()).digest()).decode()
        users = os.path.join(home, "users")
        with open(users, "w") as file:
            file.write(f"{product.demo['username']}:{{SHA}}{digest}\n")
        nginx = bench.nginx_in_front(
            home, upstream,
            f'if ($known = 0) {{ return 403; }} auth_basic "x"; auth_basic_user_file {users}; '
            "limit_req zone=rate burst=1000000 nodelay;",
            "map_hash_bucket_size 128; "
            f'map $http_x_api_key $known {{ default 0; "{product.key}" 1; }} '
            "limit_req_zone $http_x_api_key zone=rate:10m rate=1000000r/s;")
        return nginx, f"http://127.0.0.1:{nginx.port}", bench.forwarded_headers(product)

    return against(bench, home, seconds, rounds,
                   "proxied, all doors on / nginx with key map, auth_basic {SHA}, limit_req",
                   "<= 0.75", peer)


def b2_haproxy(bench, home, seconds, rounds):
    def peer(upstream, product):
        haproxy = bench.Haproxy(
            home, "haproxy", bench.PROXY_CORE, upstream.port,
            f"userlist people\n  user {product.demo['username']} insecure-password "
            f"{product.demo['password']}",
            f"  http-request deny unless {{ req.hdr(x-api-key) {product.key} }}\n"
            "  stick-table type string len 80 size 1m expire 10s store http_req_rate(1s)\n"
            "  http-request track-sc0 req.hdr(x-api-key)\n"
            "  http-request deny if { sc_http_req_rate(0) gt 1000000 }\n"
            "  http-request auth unless { http_auth(people) }")
        return haproxy, f"http://127.0.0.1:{haproxy.port}", bench.forwarded_headers(product)

    return against(bench, home, seconds, rounds,
                   "proxied, all doors on / HAProxy with key, http_auth, stick-table rate",
                   "<= 0.85", peer)


def b3(bench, home, seconds, rounds):
    def peer(upstream, _):
        certificate, key = os.path.join(home, "peer.pem"), os.path.join(home, "peer.key")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                        "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
                        "/CN=localhost", "-keyout", key, "-out", certificate], check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        port = bench.free_port()
        nginx = bench.nginx_in_front(
            home, upstream,
            server=f"listen 127.0.0.1:{port} ssl; ssl_certificate {certificate}; "
                   f"ssl_certificate_key {key}; ssl_protocols TLSv1.3;")
        return nginx, f"https://localhost:{port}", {}

    return against(bench, home, seconds, rounds,
                   "the same over TLS 1.3, keep-alive / nginx plain proxy over TLS", "<= 0.95",
                   peer,
                   secure=True)
