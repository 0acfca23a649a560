#!/usr/bin/python3
"""Shows each rule of lint.py failing on a planted fault, and silent without it."""

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import lint  # noqa: E402
import tree  # noqa: E402

# A tree with nothing to complain about. {path: text}
CLEAN = {
    "cmake/folders.txt": "# a table\nbase:\nauth: base\nlimit: base\nconfig: base\n",
    "tools/lint/exceptions": "# none\ncount 0\n",
    "src/main.cc": '#include "auth/keys.h"\n#include "limit/rate.h"\n',
    "src/base/id.h": "// Ids.\n#pragma once\n#include <string>\n",
    "src/base/id.cc": '#include "base/id.h"\n',
    "src/auth/keys.h": '// Keys.\n#pragma once\n#include "base/id.h"\n',
    "src/limit/rate.h": "// Rates.\n#pragma once\n",
    "src/base/reason.h": "// Why.\n#pragma once\n"
                         "enum class Reason : int {\n  Ok,  // fine\n  OverRate,\n  kCount,\n};\n",
    "src/config/keys.cc": 'const Keys& known_keys() {\n  KEY("limits.head_bytes", "size")\n}\n',
    "tests/unit/base/id_test.cc": '#include "base/id.h"\n',
    "tests/unit/config/keys_test.cc": "\n",
    "docs/configuration.md": "# Keys\n\n- `limits.head_bytes`: the size\n",
    "docs/operations.md": "# Reasons\n\n| `ok` | fine |\n| `over_rate` | too fast |\n",
    "README.md": "# Hello\n\n[keys](docs/configuration.md#keys), [out](https://example.org/x)\n",
}


class LintTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        for path, text in CLEAN.items():
            self.write(path, text)

    def write(self, path, text):
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text)

    def add(self, path, text):
        self.write(path, (self.root / path).read_text() + text)

    def findings(self):
        return [(finding.rule, finding.path, finding.line) for finding in lint.lint(self.root)]

    def assertOnly(self, *expected):
        self.assertEqual(self.findings(), sorted(expected, key=lambda item: (item[1], item[2])))

    def assertFaults(self, rule, path, cases, place=CLEAN):
        """Each line alone is a finding when put at the end of the file, none of `fine` is."""
        before = place.get(path, "")
        for faulty, lines in ((True, cases[0]), (False, cases[1])):
            for line in lines:
                with self.subTest(line=line, faulty=faulty):
                    self.write(path, before + line + "\n")
                    expected = [(rule, path, before.count("\n") + 1)] if faulty else []
                    self.assertEqual(self.findings(), expected)
        self.write(path, before)

    # ---- the tree itself
    def test_the_clean_tree_has_no_findings(self):
        self.assertOnly()

    def test_a_bare_folder_is_read_without_build_and_var(self):
        self.write("build/debug/x.h", "not ours")
        self.write("var/x.h", "not ours")
        self.assertOnly()

    def test_in_a_repository_what_git_ignores_is_not_read(self):
        subprocess.run(["git", "init", "--quiet", str(self.root)], check=True)
        self.write(".gitignore", "/out/\n")
        self.write("out/x.h", "not ours")
        self.write("src/base/x.h", "ours, not tracked yet\n")
        self.assertEqual({finding[1] for finding in self.findings()}, {"src/base/x.h"})

    def test_the_program_prints_findings_and_exits_with_1(self):
        script = Path(lint.__file__)
        done = subprocess.run([sys.executable, "-B", script, self.root], capture_output=True)
        self.assertEqual((done.returncode, done.stdout), (0, b""))
        (self.root / "docs/operations.md").unlink()
        done = subprocess.run([sys.executable, "-B", script, self.root], capture_output=True)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"src/base/reason.h:4: ok is not in docs/operations.md", done.stdout)

    def test_comments_and_literals_are_blanked_and_lines_keep_their_numbers(self):
        text = 'a("x // y"); // b\n/* c\nd */ e(\'"\', 1\'000); R"x(f\n")x"; g\n'
        bare = tree.blank(text, {"raw", "text", "char", "comment"})
        self.assertEqual([line.split() for line in bare.splitlines()],
                         [["a(", ");"], [], ["e(", ",", "1'000);"], [";", "g"]])

    # ---- layout
    def test_an_include_against_the_direction(self):
        self.assertFaults("include-direction", "src/base/id.h", (
            ['#include "auth/keys.h"', '  #  include "limit/rate.h"'],
            ["#include <vector>", '// #include "auth/keys.h"', '#include "base/reason.h"']))

    def test_an_include_of_a_sibling_that_is_not_in_the_table(self):
        self.assertFaults("include-direction", "src/auth/keys.h",
                          (['#include "limit/rate.h"'], ['#include "base/reason.h"']))

    def test_an_include_that_does_not_start_at_src(self):
        self.assertFaults("include-direction", "src/base/id.h",
                          (['#include "reason.h"', '#include "../base/reason.h"'], []))

    def test_main_may_include_everything_that_exists(self):
        self.assertFaults("include-direction", "src/main.cc",
                          (['#include "auth/gone.h"'], ['#include "base/id.h"']))

    def test_a_folder_that_is_not_in_the_table(self):
        self.write("src/misc/x.h", "// X.\n#pragma once\n")
        self.assertOnly(("include-direction", "src/misc/x.h", 1))

    def test_the_real_table_keeps_the_fixed_directions(self):
        table = lint.folder_table(lint.Tree(Path(lint.__file__).resolve().parents[2]))
        self.assertEqual(table["base"], {"base"})
        self.assertEqual(table["storage"],
                         {"storage", "base", "auth", "access", "limit", "messaging"})
        self.assertNotIn("messaging", table["gateway"])
        self.assertNotIn("gateway", table["messaging"])
        siblings = {"auth", "access", "limit", "messaging", "proxy", "telemetry"}
        for folder in siblings:
            self.assertEqual(table[folder] & siblings, {folder})
        self.assertEqual(table["server"], set(table))

    def test_a_source_without_its_test(self):
        self.write("src/auth/deep/keys.cc", "\n")
        self.assertOnly(("mirrored-test", "src/auth/deep/keys.cc", 1))
        self.write("tests/unit/auth/deep/keys_test.cc", "\n")
        self.assertOnly()

    def test_files_that_are_too_long(self):
        for path, limit in (("src/base/id.h", lint.HEADER_LINES),
                            ("src/base/id.cc", lint.SOURCE_LINES),
                            ("tests/unit/base/id_test.cc", lint.TEST_LINES)):
            with self.subTest(path=path):
                self.write(path, CLEAN[path] + "//\n" * (limit - CLEAN[path].count("\n")))
                self.assertOnly()
                self.add(path, "//\n")
                self.assertOnly(("size", path, limit + 1))
                self.write(path, CLEAN[path])

    def test_the_end_of_size_takes_no_exception(self):
        self.write("src/base/id.cc", "//\n" * 601)
        self.write("tools/lint/exceptions", "count 1\nsize src/base/id.cc 700 history\n")
        self.assertIn(("size-end", "src/base/id.cc", 601), self.findings())

    def test_a_line_that_is_too_wide(self):
        self.assertFaults("width", "src/base/id.cc", (["// " + "é" * 98], ["// " + "é" * 97]))
        self.write("dev", "x" * 101 + "\n")
        self.assertOnly(("width", "dev", 1))

    def test_a_header_without_words_or_guard(self):
        self.write("src/base/bare.h", "#pragma once\n")
        self.assertOnly(("header", "src/base/bare.h", 1))
        self.write("src/base/bare.h", "// Words.\n")
        self.assertOnly(("header", "src/base/bare.h", 1))

    def test_boost_in_a_header(self):
        self.assertFaults("boost-header", "src/base/id.h", (
            ["#include <boost/asio.hpp>", "# include <boost/x/y.hpp>"],
            ["// #include <boost/asio.hpp>"]))
        self.assertFaults("boost-header", "src/base/id.cc", ([], ["#include <boost/asio.hpp>"]))

    # ---- banned calls
    def test_clocks(self):
        self.assertFaults("clock", "src/base/id.cc", (
            ["auto t = std::chrono::system_clock::now();", "steady_clock::now()",
             "x = time(nullptr);", "std::time( 0 )",
             "time(&now);", "gettimeofday(&tv, 0);", "clock_gettime(1, &t);"],
            ["// system_clock::now()", 'log("time(0)");', "row.time(zone);", "uptime(0);",
             "time(hour, minute);"]))
        self.write("src/base/clock.cc", "auto t = std::chrono::system_clock::now();\n")
        self.write("tests/unit/base/clock_test.cc", "\n")
        self.assertOnly()

    def test_memcmp_on_secrets(self):
        self.assertFaults("memcmp", "src/auth/keys.h",
                          (["std::memcmp(a, b, n);"], ["CRYPTO_memcmp(a, b, n);"]))
        self.write("src/base/secret.h", "// S.\n#pragma once\nint x = memcmp(a, b, 3);\n")
        self.assertOnly(("memcmp", "src/base/secret.h", 3))

    def test_memcmp_elsewhere_is_fine(self):
        self.assertFaults("memcmp", "src/limit/rate.h", ([], ["memcmp(a, b, n);"]))

    def test_raw_and_placement_new(self):
        self.assertFaults("raw-new", "src/base/id.cc", (
            ["auto* x = new X;", "new std::string(s)", "new ::X", "return new X[3];"],
            ["#include <new>", "// a new thing", "std::make_unique<X>()", "renew(x); new_x(1);",
             "void* operator new(size_t);"]))
        self.assertFaults("placement-new", "src/base/id.cc",
                          (["new (place) X;", "::new(place) X;"], []))

    def test_regex(self):
        self.assertFaults("regex", "src/base/id.cc",
                          (["std::regex r;", "#include <regex>"], ["my_regex r;"]))

    def test_random(self):
        self.assertFaults("random", "src/base/id.cc", (
            ["int x = rand();", "std::srand(1);", "std::random_device d;"],
            ["strand(x);", "boost::asio::strand(x)", "random.rand()"]))

    def test_one_shot_digests(self):
        self.assertFaults("one-shot", "src/auth/keys.h", (
            ["SHA256(a, n, out);", "HMAC(md, k, n, a, m, o, l);", "::SHA1 (a, n, o)"],
            ["EVP_SHA256(x);", "sha256(a);", "// SHA256(a)"]))

    def test_unsafe_functions(self):
        self.assertFaults("unsafe", "src/base/id.cc", (
            ["sprintf(b, f);", "std::strcpy(a, b);", "int x = atoi(s);"],
            ["snprintf(b, n, f);", "widgets(x);"]))

    def test_sleeping_in_tests(self):
        self.assertFaults("sleep", "tests/unit/base/id_test.cc",
                          (["std::this_thread::sleep_for(1s);", "usleep(3);"], ["asleep(1);"]))
        self.write("tests/integration/a/test_a.py", "time.sleep(1)\n")
        self.assertOnly(("sleep", "tests/integration/a/test_a.py", 1))
        (self.root / "tests/integration/a/test_a.py").unlink()
        self.write("tests/support/wait.py", "time.sleep(0.01)\n")
        self.assertOnly()

    # ---- documentation
    def test_a_configuration_key_that_is_not_documented(self):
        path = "src/config/keys.cc"
        self.assertFaults("configuration-key", path, (
            ['KEY("limits.head", "a part of another key")', 'KEY("api[].name", "")'],
            ['// KEY("limits.body", "")']))
        self.add("docs/configuration.md", "`api[].name`\n")
        self.add(path, 'KEY("api[].name", "")\n')
        self.assertOnly()

    def test_no_configuration_documentation_at_all(self):
        (self.root / "docs/configuration.md").unlink()
        self.write("README.md", "# Hello\n")
        self.assertOnly(("configuration-key", "src/config/keys.cc", 2))

    def test_keys_that_lint_cannot_see(self):
        self.write("src/config/keys.cc", "const Keys& known_keys() {\n  return kKeys;\n}\n")
        self.assertOnly(("configuration-key", "src/config/keys.cc", 1))

    def test_no_configuration_yet(self):
        (self.root / "src/config/keys.cc").unlink()
        self.assertOnly()

    def test_a_reason_that_is_not_documented(self):
        self.write("docs/operations.md", "`ok`, `over_rate_limit`\n")
        self.assertOnly(("reason-code", "src/base/reason.h", 5))

    def test_a_reason_with_a_name_of_its_own(self):
        self.write("src/base/reason.cc", '{Reason::OverRate, "too_fast", "too fast"},\n')
        self.write("tests/unit/base/reason_test.cc", "\n")
        self.assertOnly(("reason-code", "src/base/reason.h", 5))
        self.add("docs/operations.md", "`too_fast`\n")
        self.assertOnly()

    def test_a_reason_header_that_lint_cannot_read(self):
        self.write("src/base/reason.h", "// Why.\n#pragma once\n")
        self.assertOnly(("reason-code", "src/base/reason.h", 1))

    def test_metrics(self):
        self.add("docs/operations.md", "`sallyport_seen_total{api}`, `sallyport_time_seconds`\n")
        self.assertFaults("metric", "src/base/id.cc", (
            ['x("sallyport_unseen_total");', 'x("sallyport_seen");'],
            ['x("sallyport_seen_total{{api}}");', 'x("sallyport_time_seconds_bucket");']))

    def test_links(self):
        self.assertFaults("link", "README.md", (
            ["[a](docs/gone.md)", "![a](gone.png)", "[a](#nowhere)", "[a](docs/operations.md#no)",
             "[a](/docs/operations.md)", "[a](../outside.md)", '[a](gone.md "title")',
             "[a]: gone.md"],
            ["[a](docs/)", "[a](#hello)", "`[a](gone.md)`", "[a](mailto:a@example.org)",
             "```\n[a](gone.md)\n```", "[a]: docs/operations.md#reasons"]))

    def test_anchors_of_headings(self):
        self.assertEqual(lint.anchors("# A `b_c`, d!\n## Twice\n## Twice\n```\n# no\n```\n"),
                         {"a-b_c-d", "twice", "twice-1"})

    # ---- words
    def test_machine_paths(self):
        faults = ["/" + place for place in ("work/main", "root/x", "home/me/x", "Users/me")]
        faults += ["see " + "shared/" + "design.md", "(" + "contract/" + "security.md 2)"]
        self.assertFaults("machine-path", "docs/operations.md", (
            faults, ["framework/x", "https://example.org" + faults[0], "/var/lib/sallyport",
                     "~" + faults[0]]))

    def test_a_task_without_an_issue(self):
        word = "TO" + "DO"
        self.assertFaults("open-task", "src/base/id.cc", (
            [f"// {word}: later", f"// {word}(me): later", "// FIX" + "ME"],
            [f"// {word}(#12): later", f"// {word} #12", "MASTODON"]))

    # ---- exceptions
    def test_an_exception_silences_its_rule_for_its_file_only(self):
        self.add("src/base/id.cc", "new X;\n")
        self.add("src/main.cc", "new X;\n")
        self.write("tools/lint/exceptions", "count 1\nraw-new src/base/id.cc owned by C\n")
        self.assertOnly(("raw-new", "src/main.cc", 3))

    def test_more_exceptions_than_the_count(self):
        self.add("src/base/id.cc", "new X;\nstd::regex r;\n")
        self.write("tools/lint/exceptions",
                   "count 1\nraw-new src/base/id.cc owned by C\nregex src/base/id.cc old\n")
        self.assertOnly(("exceptions", "tools/lint/exceptions", 1))

    def test_fewer_exceptions_than_the_count(self):
        self.write("tools/lint/exceptions", "count 1\n")
        self.assertOnly(("exceptions", "tools/lint/exceptions", 1))

    def test_an_exception_that_is_no_longer_needed(self):
        self.write("tools/lint/exceptions", "count 1\nraw-new src/base/id.cc owned by C\n")
        self.assertOnly(("exceptions", "tools/lint/exceptions", 2))

    def test_an_exception_for_size_holds_up_to_its_own_limit(self):
        self.write("src/base/id.cc", "//\n" * 450)
        self.write("tools/lint/exceptions", "count 1\nsize src/base/id.cc 450 one table\n")
        self.assertOnly()
        self.add("src/base/id.cc", "//\n")
        self.assertOnly(("size", "src/base/id.cc", 451))

    def test_exceptions_that_are_malformed(self):
        for line in ("raw-new src/base/id.cc", "size src/base/id.cc history",
                     "include-direction src/base/id.cc wanted", "nonsense a b"):
            with self.subTest(line=line):
                self.write("tools/lint/exceptions", f"count 0\n{line}\n")
                self.assertOnly(("exceptions", "tools/lint/exceptions", 2))

    def test_exceptions_without_a_count(self):
        self.write("tools/lint/exceptions", "# nothing\n")
        self.assertOnly(("exceptions", "tools/lint/exceptions", 1))


if __name__ == "__main__":
    unittest.main()
