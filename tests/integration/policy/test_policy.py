"""Who may do what: roles with operations and patterns, denials, workspaces, candidates beside
roles, and changes that are in force on open connections when they are acknowledged."""
# ctest: parallel

import datetime
import unittest

from product import Product, wait_until


class Policy(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.product = Product()
        cls.addClassCleanup(cls.product.close)
        cls.product.start()

    def add_user(self, name, *roles):
        arguments = [part for role in roles for part in ("--role", role)]
        made = self.product.run_json("user", "add", name, "--account", "Demo", "--generate",
                                     *arguments)
        return {"user": name, "password": made["password"]}

    def status(self, method, target, who, connection=None, **more):
        fields = self.product.headers(**who, **more)
        return self.product.request(method, target, fields, connection=connection).status

    def test_operations_and_patterns_denials_win_and_nothing_is_the_default(self):
        run = self.product.run
        run("role", "create", "p-get", "--allow", "messaging GET /messages/**", check=True)
        run("role", "create", "p-not-one", "--deny", "messaging GET /messages/{id}", check=True)
        run("role", "create", "p-list", "--allow", "messaging:messages.list", check=True)
        run("role", "create", "p-nothing", check=True)
        gets = self.add_user("gets", "p-get")
        limited = self.add_user("limited", "p-get", "p-not-one")
        lists = self.add_user("lists", "p-list")
        nobody = self.add_user("nobody", "p-nothing")
        unknown = "/messages/" + "0" * 32
        for who, method, target, expected in (
            (gets, "GET", "/messages", 200),
            (gets, "HEAD", "/messages", 200),
            (gets, "GET", "/messages/", 200),
            (gets, "GET", unknown, 404),
            (gets, "POST", "/messages", 403),
            (gets, "GET", "/workspaces", 403),
            (gets, "GET", "/messages?x=/workspaces", 200),
            (gets, "GET", "/workspaces?x=/messages", 403),
            (gets, "GET", "/MESSAGES", 404),
            (limited, "GET", "/messages", 200),
            (limited, "GET", unknown, 403),
            (limited, "GET", unknown + "/messagestatus", 404),
            (lists, "GET", "/messages", 200),
            (lists, "GET", unknown, 403),
            (nobody, "GET", "/messages", 403),
            (nobody, "GET", "/", 403),
        ):
            self.assertEqual(self.status(method, target, who), expected, (who, method, target))
        # An override may not borrow another method's permission.
        for name in ("X_HTTP_Method_Override", "X_HTTP_Method", "X_Method_Override"):
            self.assertEqual(self.status("GET", "/messages", gets, **{name: "DELETE"}), 200)
            self.assertEqual(self.status("POST", "/messages", gets, **{name: "GET"}), 403)
        for name in ("X_Original_URL", "X_Rewrite_URL"):
            self.assertEqual(self.status("GET", "/workspaces", gets, **{name: "/messages"}), 403)

    def test_a_role_for_one_workspace_opens_no_other(self):
        product = self.product
        product.run("role", "create", "w-all", "--allow", "messaging:*", check=True)
        north = product.run_json("workspace", "create", "w-north", "--account", "Demo")["id"]
        south = product.run_json("workspace", "create", "w-south", "--account", "Demo")["id"]
        who = self.add_user("northerner", "w-all@w-north")
        self.assertEqual(self.status("GET", f"/workspaces/{north}/messages", who), 200)
        for closed in (f"/workspaces/{south}/messages", "/messages", "/", "/workspaces",
                       "/workspaces/nothing/messages"):
            self.assertEqual(self.status("GET", closed, who), 403, closed)
        answer = product.run_json("role", "test", "--user", "northerner", "--account", "Demo",
                                  "--method", "GET", "--path", f"/workspaces/{south}/messages")
        self.assertFalse(answer["allowed"])
        self.assertEqual(answer["workspace"], south)
        answer = product.run_json("role", "test", "--user", "northerner", "--account", "Demo",
                                  "--operation", "messages.list", "--workspace", "w-north")
        self.assertTrue(answer["allowed"])
        self.assertIn("w-all permits messaging:*", answer["rule"])

    def test_role_test_says_which_rule(self):
        run = self.product.run
        run("role", "create", "t-mixed", "--allow", "messaging:*",
            "--deny", "messaging POST /messages", check=True)
        done = run("role", "test", "--role", "t-mixed", "--method", "POST", "--path", "/messages",
                   check=True)
        self.assertTrue(done.stdout.startswith(
            "denied: role t-mixed denies messaging:POST /messages"), done.stdout)
        done = run("role", "test", "--role", "t-mixed", "--method", "GET", "--path", "/messages/",
                   check=True)
        self.assertTrue(done.stdout.startswith("allowed: role t-mixed permits messaging:*"))
        for arguments, code, text in (
            (["--role", "t-mixed", "--method", "GET", "--path", "/nowhere"], 1, "no route"),
            (["--role", "t-mixed", "--method", "get", "--path", "/"], 1, "no method"),
            (["--role", "t-mixed", "--operation", "messages.fly"], 1, "messages.fly"),
            (["--role", "t-mixed"], 2, "--operation"),
            (["--role", "t-mixed", "--method", "GET", "--path", "/", "--shadow"], 1, "candidate"),
        ):
            done = run("role", "test", *arguments)
            self.assertEqual(done.returncode, code, (arguments, done.stderr))
            self.assertIn(text, done.stderr)

    def test_mistakes_are_named(self):
        for rules, text in (
            (["--allow", "messaging GET /a/**/b"], "can never match"),
            (["--allow", "messaging GET /%2e%2e/a"], "can never match"),
            (["--allow", "messaging GET /nowhere"], "can never match"),
            (["--allow", "messaging DELETE /messages"], "can never match"),
            (["--allow", "messaging:messages.fly"], "there is no operation"),
            (["--allow", "elsewhere:*"], "there is no API"),
            (["--allow", "messaging:*", "--allow", "messaging:*"], "twice"),
            (["--allow", "messaging:messages.list", "--deny", "messaging:*"], "in vain"),
        ):
            done = self.product.run("role", "create", "m-x", *rules)
            self.assertEqual(done.returncode, 1, rules)
            self.assertIn(text, done.stderr)
        self.product.run("role", "create", "m-y", check=True)
        done = self.product.run("role", "create", "m-y")
        self.assertEqual(done.returncode, 1)
        self.assertIn("is named \"m-y\" already", done.stderr)

    def test_nobody_gives_more_than_they_have(self):
        run = self.product.run
        run("role", "create", "g-list", "--allow", "messaging:messages.list", check=True)
        run("role", "create", "g-all", "--allow", "messaging:*", check=True)
        run("workspace", "create", "g-north", "--account", "Demo", check=True)
        self.add_user("g-boss", "g-list", "g-all@g-north")
        self.add_user("g-jane")
        give = ("user", "roles", "g-jane", "--account", "Demo", "--by", "g-boss", "--add")
        run(*give, "g-list", check=True)
        run(*give, "g-all@g-north", check=True)
        for role in ("g-all", "g-all@My Company"):
            done = run(*give, role)
            self.assertEqual(done.returncode, 1, role)
            self.assertIn("grants more than user \"g-boss\" has", done.stderr)
        done = run("role", "create", "g-new", "--account", "Demo", "--by", "g-boss",
                   "--allow", "messaging:messages.create")
        self.assertEqual(done.returncode, 1)
        self.assertIn("would grant more", done.stderr)
        actors = [row["actor"] for row in self.product.run_json("audit", "list")]
        self.assertTrue([one for one in actors if one.endswith(" for user g-boss")], actors)

    def test_a_change_is_in_force_on_open_connections(self):
        product = self.product
        product.run("role", "create", "f-list", "--allow", "messaging:messages.list", check=True)
        who = self.add_user("f-user", "f-list")
        with product.connect() as connection:
            def ask():
                return self.status("GET", "/messages", who, connection)
            self.assertEqual(ask(), 200)
            product.run("role", "update", "f-list", "--allow", "messaging:messages.create",
                        check=True)
            self.assertEqual(ask(), 403, "what the role permitted is gone")
            product.run("role", "update", "f-list", "--allow", "messaging:messages.list",
                        check=True)
            self.assertEqual(ask(), 200)
            product.run("user", "roles", "f-user", "--account", "Demo", "--remove", "f-list",
                        check=True)
            self.assertEqual(ask(), 403)
            product.run("user", "roles", "f-user", "--account", "Demo", "--add", "f-list",
                        check=True)
            self.assertEqual(ask(), 200)
            product.run("user", "block", "f-user", "--account", "Demo", check=True)
            self.assertEqual(ask(), 401)
            product.run("user", "unblock", "f-user", "--account", "Demo", check=True)
            self.assertEqual(ask(), 200)
            key_id = product.access_entry(
                product.request("GET", "/messages", product.headers(**who))["x-request-id"]
            )["key_id"]
            product.run("key", "disable", key_id, check=True)
            self.assertEqual(ask(), 403)
            product.run("key", "enable", key_id, check=True)
            self.assertEqual(ask(), 200)

    def test_a_candidate_is_seen_by_operators_only(self):
        product = self.product
        product.run("role", "create", "s-role", "--allow", "messaging:messages.list", check=True)
        who = self.add_user("s-user", "s-role")
        before = {
            method: product.request(method, "/messages", product.headers(**who))
            for method in ("GET", "POST")
        }
        product.run("role", "shadow", "s-role", "--allow", "messaging:messages.create", check=True)
        shown = product.run_json("role", "show", "s-role")
        self.assertEqual(shown["allow"], ["messaging:messages.list"])
        self.assertEqual(shown["shadow_allow"], ["messaging:messages.create"])
        for method, verdict in (("GET", "would_deny"), ("POST", "would_allow")):
            answer = product.request(method, "/messages", product.headers(**who))
            self.assertEqual(answer.status, before[method].status)
            self.assertEqual(answer.body, before[method].body)
            unequal = {name for name in {*answer.fields, *before[method].fields}
                       if answer.fields.get(name) != before[method].fields.get(name)}
            counters = {"x-plan-qps-current", "x-plan-quota-current"}
            self.assertLessEqual(unequal, {"x-request-id", "date"} | counters)
            entry = product.access_entry(answer["x-request-id"])
            self.assertEqual(entry["permission_shadow"], verdict)
            self.assertGreaterEqual(
                product.metric("sallyport_shadow_decisions_total", api="messaging",
                               result=verdict), 1)
        self.assertEqual(entry["shadow_role"], shown["id"])
        self.assertNotIn("s-role", product.metrics())
        asked = product.run("role", "test", "--role", "s-role", "--shadow", "--method", "POST",
                            "--path", "/messages", check=True)
        self.assertIn("allowed: role s-role permits messaging:messages.create", asked.stdout)
        # It ends by itself.
        soon = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=2)
        product.run("role", "shadow", "s-role", "--allow", "messaging:messages.create",
                    "--expires", soon.strftime("%Y-%m-%dT%H:%M:%SZ"), check=True)

        def ended():
            answer = product.request("GET", "/messages", product.headers(**who))
            return "permission_shadow" not in product.access_entry(answer["x-request-id"])

        wait_until("the candidate ends", ended, seconds=10, step=0.2)
        product.run("role", "shadow", "s-role", "--allow", "messaging:messages.create",
                    check=True)
        product.run("role", "shadow", "s-role", "--enforce", check=True)
        self.assertEqual(self.status("GET", "/messages", who), 403)
        self.assertEqual(product.run_json("role", "show", "s-role")["allow"],
                         ["messaging:messages.create"])


if __name__ == "__main__":
    unittest.main()
