"""What a million keys and users cost: to import, in memory (B10), at a start (B11), and in what a
proxied request costs beside a thousand (B8)."""

import itertools
import os
import random
import string
import time

KEY_BYTES = 32
# Of a password that nobody uses; import takes bcrypt as it is.
VERIFIER = "$2y$10$abcdefghijklmnopqrstuuHNbAKRhpaujgo33bRWs.NLUTJO3lOy2"


def made_up_keys(count):
    chosen = random.Random(1)
    alphabet = string.ascii_letters + string.digits
    return ["".join(chosen.choices(alphabet, k=KEY_BYTES)) for _ in range(count)]


def written(product, name, lines):
    path = os.path.join(product.dir, name)
    with open(path, "w") as file:
        os.chmod(path, 0o600)
        file.writelines(line + "\n" for line in lines)
    return path


def timed(call, *arguments):
    begun = time.monotonic()
    call(*arguments)
    return time.monotonic() - begun


def fill(product, keys, users):
    """Seconds that each import took."""
    keys_file = written(product, "keys.txt", keys)
    users_file = written(product, "users.txt", (f"user{n:07}:{VERIFIER}" for n in range(users)))
    return (timed(product.run, "key", "import", keys_file, "--subscription", product.subscription),
            timed(product.run, "user", "import", users_file, "--account", "Demo", "--role",
                  "sender"))


def zipf_script(bench, home, name, product, keys):
    """Keys drawn as in life: the second half as often as the first, and so on."""
    chosen = random.Random(2)
    weights = list(itertools.accumulate(1 / rank for rank in range(1, len(keys) + 1)))
    drawn = written(product, name + ".keys", chosen.choices(keys, cum_weights=weights, k=100_000))
    headers = {name: value for name, value in bench.forwarded_headers(product).items()
               if name != "x-api-key"}
    path = bench.wrk_script(home, name, headers)
    with open(path, "a") as file:
        file.write(f"""
local requests, at = {{}}, 0
function init()
  for key in io.lines("{drawn}") do
    wrk.headers["x-api-key"] = key
    requests[#requests + 1] = wrk.format()
  end
end
function request()
  at = at % #requests + 1
  return requests[at]
end
""")
    return path


def resident_kib(pid):
    with open(f"/proc/{pid}/status") as file:
        return int(next(line for line in file if line.startswith("VmRSS")).split()[1])


def b8(bench, home, seconds, rounds):
    count = 1_000_000 if rounds > 2 else 20_000
    keys = made_up_keys(count)
    upstream = bench.fast_upstream(home)
    os.makedirs(os.path.join(home, "few"))
    many = bench.sallyport_in_front(home, upstream)
    few = bench.sallyport_in_front(os.path.join(home, "few"), upstream)
    try:
        many.restart()
        empty = resident_kib(many.process.pid)
        keys_s, users_s = fill(many, keys, count)
        many.stop()
        start_s = timed(many.start)
        pair_bytes = (resident_kib(many.process.pid) - empty) * 1024 / count
        fill(few, keys[:1_000], 1_000)
        scripts = [zipf_script(bench, home, "many", many, keys),
                   zipf_script(bench, home, "few", few, keys[:1_000])]
        sides = [lambda _, product=product, script=script: bench.load(
            f"http://127.0.0.1:{product.plain}/a/b", script, seconds, product)
            for product, script in zip((many, few), scripts)]
        result = bench.versus(f"proxied, all doors on, {count} keys (Zipf) / 1,000", "<= 1.05",
                              *sides, rounds)
        result["lines"] = [
            f"import of {count}: keys in {keys_s:.1f} s, users in {users_s:.1f} s",
            f"B10 resident memory per key and user: {pair_bytes:.0f} bytes (to reach <= 400)",
            f"B11 start to ready: {start_s:.2f} s (to reach <= 3)"]
        return result
    finally:
        many.stop()
        few.stop()
        upstream.stop()
