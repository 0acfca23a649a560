"""The doors' checks alone, without a connection (B7), and on two workers at once (B9)."""
import json
import os
import subprocess


def chain_rows(bench, cores, chosen, rounds):
    """The medians of the C++ benchmarks whose names fit `chosen`."""
    done = subprocess.run(
        ["taskset", "-c", cores, os.path.join(bench.RELEASE, "sallyport_bench"),
         f"--benchmark_filter={chosen}", "--benchmark_format=json",
         f"--benchmark_repetitions={rounds}", "--benchmark_report_aggregates_only=true"],
        capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"bench: sallyport_bench: {done.stderr}")
    return [row for row in json.loads(done.stdout)["benchmarks"]
            if row.get("aggregate_name") == "median"]


def b7(bench, home, seconds, rounds):
    return {"title": "the filter chain alone, warm", "goal": "<= 1.0 us, 0 allocations",
            "rows": chain_rows(bench, bench.PROXY_CORE, "-beside_another", rounds)}


def b9(bench, home, seconds, rounds):
    rows = chain_rows(bench, f"{bench.LOAD_CORE},{bench.PROXY_CORE}", "beside_another", rounds)
    cost = {row["run_name"].split("/")[1]: row["real_time"] for row in rows}
    lines = []
    for kind in ("hot_key_no_limit", "many_keys_rate", "hot_key_rate"):
        apart, shared = cost[f"{kind}_apart"], cost[f"{kind}_shared"]
        lines.append(f"{kind.replace('_', ' ')}: {shared:.0f} ns in one world, {apart:.0f} in two "
                     f"({shared / apart:.2f})")
    return {"title": "two workers at once, in one world and each in its own",
            "goal": "only the hot key's rate, its threshold's own cell, costs more in one world",
            "lines": lines}
