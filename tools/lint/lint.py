#!/usr/bin/python3
"""The house rules that neither the compiler nor clang-format checks.

Reads the tree, prints one line per finding, exits 1 if there is any. Needs no build and nothing but
Debian's Python. Each rule is a generator in RULES; lint_test.py shows each of them failing. Where a
rule rightly does not hold, tools/lint/exceptions says so with a reason, and may only shrink.
"""

import os
import re
import sys
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from tree import CPP, Tree, blank

EXCEPTIONS = "tools/lint/exceptions"
FOLDERS = "cmake/folders.txt"
CONFIGURATION = "docs/configuration.md"
OPERATIONS = "docs/operations.md"

WIDTH = 100
HEADER_LINES = 150
SOURCE_LINES = 400
END_LINES = 600  # for headers and sources, without exception
TEST_LINES = 900


class Finding(NamedTuple):
    rule: str
    path: str
    line: int
    text: str
    size: int = 0  # of the rule `size`: what an exception's limit is compared with

    def __str__(self):
        return f"{self.path}:{self.line}: {self.text} [{self.rule}]"


# ---- layout -------------------------------------------------------------------------------------
def folder_table(tree):
    """{folder of src/: the folders it may include}, from the table that CMake links by."""
    table = {}
    for _, line in tree.lines(FOLDERS):
        match = re.match(r"([a-z]+):(.*)$", line)
        if match:
            table[match[1]] = {match[1], *match[2].split()}
    return table


def include_direction(tree):
    table = folder_table(tree)
    for path in tree.select("src/", ends=CPP):
        parts = PurePosixPath(path).parts
        folder = parts[1] if len(parts) > 2 else None
        if folder is not None and folder not in table:
            yield Finding("include-direction", path, 1,
                          f"src/{folder}/ is not in {FOLDERS}: say what it may include")
            continue
        code = blank(tree.text(path) or "", {"raw", "comment"})
        for number, line in enumerate(code.splitlines(), 1):
            match = re.match(r'\s*#\s*include\s+"([^"]+)"', line)
            if not match:
                continue
            wanted = match[1]
            other = wanted.split("/")[0]
            if f"src/{wanted}" not in tree.paths:
                yield Finding("include-direction", path, number,
                              f'"{wanted}" is no file of src/ (names start there: "base/id.h")')
            elif folder is not None and other not in table[folder]:
                allowed = " ".join(sorted(table[folder] - {folder})) or "nothing"
                yield Finding("include-direction", path, number,
                              f"{folder} may not include {other} (it may: {allowed})")


def mirrored_test(tree):
    for path in tree.select("src/", ends=(".cc",)):
        inside = PurePosixPath(path).relative_to("src")
        if len(inside.parts) == 1:
            continue  # main.cc has no logic of its own; the integration tests run it
        test = PurePosixPath("tests/unit") / inside.with_name(inside.stem + "_test.cc")
        if str(test) not in tree.paths:
            yield Finding("mirrored-test", path, 1, f"has no {test}")


def size(tree):
    for path in tree.select("src/", "tests/", "fuzz/", "bench/", "tools/", ends=(*CPP, ".py")):
        is_test = path.startswith("tests/") or path.endswith("_test.py")
        limit = TEST_LINES if is_test else HEADER_LINES if path.endswith(".h") else SOURCE_LINES
        count = len(tree.lines(path))
        if not is_test and count > END_LINES:
            yield Finding("size-end", path, count, f"{count} lines; {END_LINES} is the end: split")
        elif count > limit:
            yield Finding("size", path, count, f"{count} lines, over {limit}: split it", count)


def width(tree):
    for path in tree.paths:
        name = PurePosixPath(path).name
        if not path.endswith((*CPP, ".py", ".cmake", ".sh")) and name not in (
                "CMakeLists.txt", "dev", "run"):
            continue
        for number, line in tree.lines(path):
            if len(line) > WIDTH:
                yield Finding("width", path, number, f"{len(line)} columns, over {WIDTH}")


def header(tree):
    for path in tree.select("src/", "tests/", ends=(".h",)):
        text = tree.text(path) or ""
        if not text.startswith("//"):
            yield Finding("header", path, 1, "a header opens with a comment: what it is, who owns "
                          "it, which thread calls it, how it fails")
        if not re.search(r"^#pragma once$", text, re.MULTILINE):
            yield Finding("header", path, 1, "no #pragma once")


def boost_header(tree):
    for path in tree.select("src/", ends=(".h",)):
        for number, line in tree.code(path):
            if re.match(r"\s*#\s*include\s*<boost/", line):
                yield Finding("boost-header", path, number,
                              "Boost costs seconds in every file that includes this header: "
                              "forward-declare, and include it in the source")


# ---- banned calls -------------------------------------------------------------------------------
class Banned(NamedTuple):
    rule: str
    pattern: str
    instead: str
    places: tuple  # where it is banned: beginnings of paths
    home: tuple = ()  # the files whose purpose it is
    ends: tuple = CPP


BANNED = (
    Banned("clock", r"\b(?:system_clock|steady_clock|high_resolution_clock)::now\b"
           r"|\btime\s*\(\s*(?:nullptr|NULL|0|&\s*\w+)\s*\)|\b(?:gettimeofday|clock_gettime)\s*\(",
           "ask a Clock (base/clock.h)", ("src/",), ("src/base/clock.cc",)),
    Banned("memcmp", r"\bmemcmp\s*\(", "secrets compare with equal_constant_time",
           ("src/auth/", "src/base/secret")),
    Banned("raw-new", r"(?<!operator )\bnew\s+[A-Za-z_:]", "use std::make_unique", ("src/",)),
    Banned("placement-new", r"(?<!operator )\bnew\s*\(", "placement new only in listed files",
           ("src/",)),
    Banned("regex", r"\bstd::w?s?regex\b|#\s*include\s*<regex>",
           "std::regex recurses by input length: parse by hand", ("src/", "tests/", "fuzz/")),
    Banned("random", r"(?<![\w.>:])(?:std::|::)?s?rand\s*\(|\brandom_device\b",
           "ask a Random (base/random.h)", ("src/", "tests/", "fuzz/"), ("src/base/random.cc",)),
    Banned("one-shot", r"(?<![\w.>])(?:SHA(?:1|224|256|384|512)|MD5|HMAC)\s*\(",
           "one-shot digests fetch on every call: use base/crypto.h", ("src/",)),
    Banned("unsafe", r"(?<![\w.>:])(?:std::)?(?:sprintf|strcpy|strcat|strncpy|gets|atoi|atol)\s*\(",
           "has no bound or no error: use fmt, std::string, std::from_chars",
           ("src/", "tests/", "fuzz/", "bench/")),
    Banned("sleep", r"\b(?:sleep_for|sleep_until|usleep|nanosleep|sleep)\s*\(",
           "do not sleep to wait: poll with a deadline (tests/support)",
           ("tests/",), ("tests/support/",), (*CPP, ".py")),
)


def banned(tree):
    for ban in BANNED:
        pattern = re.compile(ban.pattern)
        for path in tree.select(*ban.places, ends=ban.ends):
            if ban.home and path.startswith(ban.home):
                continue
            lines = tree.lines(path) if path.endswith(".py") else tree.code(path)
            for number, line in lines:
                match = pattern.search(line)
                if match:
                    yield Finding(ban.rule, path, number, f"`{match[0].strip()}`: {ban.instead}")


# ---- documentation ------------------------------------------------------------------------------
def is_named(name, text):
    return re.search(rf"(?<![\w.\]]){re.escape(name)}(?![\w\[]|\.\w)", text) is not None


def configuration_keys(tree):
    keys, defined = [], None
    for path in tree.select("src/config/"):
        text = blank(tree.text(path) or "", {"comment"})
        for number, line in enumerate(text.splitlines(), 1):
            if path.endswith(".cc") and re.search(r"\bknown_keys\(\)\s*\{", line):
                defined = (path, number)
        for match in re.finditer(r'\bKEY\(\s*"([^"]+)"', text):
            keys.append((path, text.count("\n", 0, match.start()) + 1, match[1]))
    if defined and not keys:
        yield Finding("configuration-key", *defined,
                      'no KEY("a.b.c", ...) in src/config/: lint cannot see which keys there are')
    documentation = tree.text(CONFIGURATION) or ""
    for path, number, key in keys:
        if not is_named(key, documentation):
            yield Finding("configuration-key", path, number, f"{key} is not in {CONFIGURATION}")


def reason_codes(tree):
    path = "src/base/reason.h"
    code = blank(tree.text(path) or "", {"raw", "text", "char", "comment"})
    body = re.search(r"enum\s+class\s+Reason\b[^{]*\{([^}]*)\}", code)
    if not body:
        if path in tree.paths:
            yield Finding("reason-code", path, 1, "no `enum class Reason {` in it")
        return
    text = tree.text("src/base/reason.cc") or ""
    names = dict(re.findall(r'Reason::(\w+)\s*,\s*"([^"]+)"', text))
    documentation = tree.text(OPERATIONS) or ""
    for match in re.finditer(r"\b([A-Z]\w*)\b", body[1]):
        snake = re.sub(r"(?<!^)([A-Z])", r"_\1", match[1]).lower()
        name = names.get(match[1], snake)
        if not is_named(name, documentation):
            number = code.count("\n", 0, body.start(1) + match.start()) + 1
            yield Finding("reason-code", path, number, f"{name} is not in {OPERATIONS}")


def without_code(text):
    """Markdown without fenced blocks and code spans; every line keeps its number."""
    def spaces(match):
        return re.sub(r"[^\n]", " ", match[0])
    text = re.sub(r"(?m)^( *)(```+|~~~+)[^\n]*\n(?:.*\n)*?\1\2[^\n]*$", spaces, text)
    return re.sub(r"(`+)(?!`)[^\n]*?(?<!`)\1(?!`)", spaces, text)


def anchors(text):
    """The anchors that a Markdown file's headings make, by the rule of the usual hosts."""
    found = set(re.findall(r'<a (?:id|name)="([^"]+)"', text))
    fenceless = re.sub(r"^ *```.*?^ *```", "", text, flags=re.MULTILINE | re.DOTALL)
    for title in re.findall(r"^#{1,6}\s+(.*?)\s*#*$", fenceless, re.MULTILINE):
        title = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", title)
        slug = re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")
        number = 0
        while (slug if number == 0 else f"{slug}-{number}") in found:
            number += 1
        found.add(slug if number == 0 else f"{slug}-{number}")
    return found


def metrics(tree):
    """Every metric that the source names stands in the table of the operator's documentation."""
    documented = set(re.findall(r"sallyport_[a-z_]+", tree.text(OPERATIONS) or ""))
    for path in tree.select("src/", ends=CPP):
        for number, line in tree.lines(path):
            for name in re.findall(r'"(sallyport_[a-z_]+)', line):
                name = re.sub(r"_(bucket|sum|count)$", "", name)
                if name not in documented:
                    yield Finding("metric", path, number, f"{name} is not in {OPERATIONS}")


def links(tree):
    for path in tree.select(ends=(".md",)):
        for number, line in enumerate(without_code(tree.text(path) or "").splitlines(), 1):
            targets = re.findall(r"\]\(<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\)", line)
            targets += re.findall(r"^\s*\[[^\]]+\]:\s+<?([^\s>]+)", line)
            for target in targets:
                if re.match(r"[a-z][a-z0-9+.-]*:", target):
                    continue
                name, _, anchor = target.partition("#")
                folder = os.path.dirname(path)
                place = os.path.normpath(os.path.join(folder, name)) if name else path
                if place.startswith(("..", "/")) or not (tree.root / place).exists():
                    yield Finding("link", path, number, f"{target} leads nowhere")
                elif anchor and place.endswith(".md"):
                    if anchor not in anchors(tree.text(place) or ""):
                        yield Finding("link", path, number, f"{place} has no heading #{anchor}")


# ---- words --------------------------------------------------------------------------------------
# Put together from pieces, so that this file does not find itself.
MACHINE_PATH = re.compile(
    r"(?<![\w.~-])/(?:wo" r"rk/|ro" r"ot/|ho" r"me/\w|Us" r"ers/\w)"
    r"|\bsha" r"red/(?:design|style|hostile-input|benchmarks|contract)\b"
    r"|\bcontract/(?:security|messaging-api|gateway-model)\b")
OPEN_TASK = re.compile(r"\b(?:TO" r"DO|FIX" r"ME|X" r"XX)\b(?!\(#\d+\)| #\d+)")


def machine_path(tree):
    for path in tree.paths:
        for number, line in tree.lines(path):
            match = MACHINE_PATH.search(line)
            if match:
                yield Finding("machine-path", path, number,
                              f"`{match[0]}` names a place that only one machine has")


def open_task(tree):
    for path in tree.paths:
        if not path.endswith((*CPP, ".py", ".cmake", ".txt", ".sh", ".toml", ".sql", "dev")):
            continue
        for number, line in tree.lines(path):
            match = OPEN_TASK.search(line)
            if match:
                yield Finding("open-task", path, number,
                              f"{match[0]} without the number of its issue: {match[0]}(#123)")


RULES = (include_direction, mirrored_test, size, width, header, boost_header, banned,
         configuration_keys, reason_codes, metrics, links, machine_path, open_task)

# The rules that take exceptions. The others hold everywhere.
EXCEPTABLE = {"mirrored-test", "size", "width", "boost-header", "machine-path",
              *(ban.rule for ban in BANNED)}


# ---- exceptions ---------------------------------------------------------------------------------
class Exceptions:
    """What the exceptions file allows, and what is wrong with the file itself."""

    def __init__(self, tree):
        self.problems = []
        self._limits = {}  # (rule, path) -> largest size, or None
        self._lines = {}
        self._used = set()
        count = None
        for number, line in tree.lines(EXCEPTIONS):
            words = line.split()
            if not words or words[0].startswith("#"):
                continue
            if words[0] == "count" and len(words) == 2 and words[1].isdigit():
                count = (number, int(words[1]))
                continue
            limit = None
            if words[0] == "size" and len(words) > 2 and words[2].isdigit():
                limit = int(words.pop(2))
            if words[0] not in EXCEPTABLE:
                self._problem(number, f"'{words[0]}' is no rule that takes exceptions")
            elif len(words) < 3 or (words[0] == "size" and limit is None):
                self._problem(number, "expected RULE PATH REASON, for size RULE PATH LINES REASON")
            else:
                self._limits[words[0], words[1]] = limit
                self._lines[words[0], words[1]] = number
        if count is None:
            if tree.text(EXCEPTIONS) is not None:
                self._problem(1, "no line `count N`")
        elif len(self._lines) > count[1]:
            self._problem(count[0], f"{len(self._lines)} exceptions, over the count of {count[1]}: "
                          "this list may only shrink")
        elif len(self._lines) < count[1]:
            self._problem(count[0], f"only {len(self._lines)} exceptions left: lower the count")

    def _problem(self, number, text):
        self.problems.append(Finding("exceptions", EXCEPTIONS, number, text))

    def allow(self, finding):
        key = (finding.rule, finding.path)
        if key not in self._limits:
            return False
        self._used.add(key)
        limit = self._limits[key]
        return limit is None or finding.size <= limit

    def unused(self):
        for key in sorted(self._limits.keys() - self._used):
            yield Finding("exceptions", EXCEPTIONS, self._lines[key],
                          f"{key[0]} {key[1]}: no longer needed, remove it and lower the count")


def lint(root):
    tree = Tree(root)
    exceptions = Exceptions(tree)
    findings = [finding for rule in RULES for finding in rule(tree)
                if not exceptions.allow(finding)]
    return sorted([*findings, *exceptions.problems, *exceptions.unused()],
                  key=lambda finding: (finding.path, finding.line, finding.rule))


def main():
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parents[2]
    findings = lint(root)
    for finding in findings:
        print(finding)
    if findings:
        print(f"lint: {len(findings)} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
