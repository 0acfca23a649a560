"""Ids of another account or workspace: as if there were nothing of the kind, byte for byte."""
# ctest: parallel

import unittest

from product import Product, wait_until

UNKNOWN_MESSAGE = "0123456789ABCDEF0123456789ABCDEF"
UNKNOWN_WORKSPACE = "0123456789ABCDEF"


class Isolation(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.product = product = Product()
        cls.addClassCleanup(product.close)
        product.start()
        product.run("role", "create", "everything", "--allow", "messaging:*", check=True)
        cls.ids = {}
        cls.people = {}
        plan = product.run_json("plan", "create", "open", "--open", "messaging:*")["id"]
        for account in ("Red", "Blue"):
            product.run("account", "create", account, check=True)
            product.run("application", "create", f"{account} app", "--account", account, check=True)
            product.run("subscription", "create", "--application", f"{account} app", "--plan", plan,
                        check=True)
            key = product.run_json("key", "create", "--subscription", f"{account} app")["key"]
            user = product.run_json("user", "add", "ann", "--account", account, "--generate",
                                    "--role", "everything")
            cls.people[account] = {"key": key, "user": "ann", "password": user["password"]}
            workspace = product.run_json("workspace", "create", f"{account} side", "--account",
                                         account)["id"]
            messages = {}
            for place in ("", f"/workspaces/{workspace}"):
                answer = product.post_message(
                    {"to": "a@example.com", "subject": account, "body": "b"},
                    target=place + "/messages", **cls.people[account])
                assert answer.status == 202, answer
                messages[place] = answer["location"].rsplit("/", 1)[1]
            cls.ids[account] = {"workspace": workspace, "messages": messages}

    def ask(self, who, target, accept="application/json"):
        answer = self.product.request("GET", target,
                                      self.product.headers(**who, Accept=accept))
        fields = {name: values for name, values in answer.fields.items()
                  if name not in ("x-request-id", "date")}
        return answer.status, fields, answer.body

    def assert_same(self, who, target, unknown, expected=404):
        for accept in ("application/json", "application/xml", "*/*"):
            theirs = self.ask(who, target, accept)
            nothing = self.ask(who, unknown, accept)
            self.assertEqual(theirs[0], expected, target)
            self.assertEqual(theirs, nothing, target)

    def test_every_id_of_another_account(self):
        red, blue = self.people["Red"], self.ids["Blue"]
        own = self.ids["Red"]["workspace"]
        for place, message in blue["messages"].items():
            for tail in ("", "/messagestatus", "/messagestatus?view=detailed"):
                for base in ("/messages", f"/workspaces/{own}/messages"):
                    self.assert_same(red, f"{base}/{message}{tail}",
                                     f"{base}/{UNKNOWN_MESSAGE}{tail}")
                self.assert_same(
                    red, f"/workspaces/{blue['workspace']}/messages/{message}{tail}",
                    f"/workspaces/{UNKNOWN_WORKSPACE}/messages/{UNKNOWN_MESSAGE}{tail}")
        for tail in ("", "/messages"):
            self.assert_same(red, f"/workspaces/{blue['workspace']}{tail}",
                             f"/workspaces/{UNKNOWN_WORKSPACE}{tail}")
        # What is there is there for its owner.
        self.assertEqual(self.ask(self.people["Blue"],
                                  f"/messages/{blue['messages']['']}")[0], 200)
        _, _, listed = self.ask(red, "/messages")
        for message in blue["messages"].values():
            self.assertNotIn(message.encode(), listed)
        _, _, listed = self.ask(red, "/workspaces")
        self.assertNotIn(blue["workspace"].encode(), listed)

    def test_nothing_is_made_in_another_account(self):
        answer = self.product.post_message(
            {"to": "a@example.com", "subject": "s", "body": "b"},
            target=f"/workspaces/{self.ids['Blue']['workspace']}/messages", **self.people["Red"])
        unknown = self.product.post_message(
            {"to": "a@example.com", "subject": "s", "body": "b"},
            target=f"/workspaces/{UNKNOWN_WORKSPACE}/messages", **self.people["Red"])
        self.assertEqual((answer.status, answer.body), (unknown.status, unknown.body))
        self.assertEqual(answer.status, 404)

    def test_every_id_of_another_workspace(self):
        red, ids = self.people["Red"], self.ids["Red"]
        side = f"/workspaces/{ids['workspace']}"
        for tail in ("", "/messagestatus"):
            self.assert_same(red, f"/messages/{ids['messages'][side]}{tail}",
                             f"/messages/{UNKNOWN_MESSAGE}{tail}")
            self.assert_same(red, f"{side}/messages/{ids['messages']['']}{tail}",
                             f"{side}/messages/{UNKNOWN_MESSAGE}{tail}")
        self.assertEqual(self.ask(red, f"{side}/messages/{ids['messages'][side]}")[0], 200)

    def test_whoever_may_use_one_workspace_learns_of_no_other(self):
        product = self.product
        made = product.run_json("user", "add", "side", "--account", "Red", "--generate", "--role",
                                "everything@Red side")
        who = {"key": self.people["Red"]["key"], "user": "side", "password": made["password"]}
        blue = self.ids["Blue"]["workspace"]
        default = wait_until("the default workspace", lambda: [
            one["id"] for one in product.run_json("workspace", "list", "--account", "Red")
            if one["default"]])[0]
        for target in (f"/workspaces/{blue}", f"/workspaces/{default}"):
            self.assert_same(who, target, f"/workspaces/{UNKNOWN_WORKSPACE}", expected=403)
            self.assert_same(who, f"{target}/messages", f"/workspaces/{UNKNOWN_WORKSPACE}/messages",
                             expected=403)

    def test_a_key_and_a_user_of_two_accounts_open_nothing(self):
        mixed = dict(self.people["Red"], password=self.people["Blue"]["password"])
        self.assertEqual(self.ask(mixed, "/messages")[0], 401)


if __name__ == "__main__":
    unittest.main()
