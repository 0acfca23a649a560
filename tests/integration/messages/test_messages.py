"""A message from POST to the outbox, and everything that can be read about it."""
# ctest: parallel

import email
import email.policy
import json
import os
import unittest
import xml.etree.ElementTree as ElementTree

from product import Product, wait_until

ACCEPTED = b"Your request has been accepted for processing"
CONTENT = {"to": "ann@example.com", "subject": "Hello", "body": "This is the body"}
API = "{http://schemas.api.whispir.com}"


class Messages(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.product = Product()
        cls.addClassCleanup(cls.product.close)
        cls.product.start()

    def path(self, location):
        self.assertTrue(location.startswith(self.product.url + "/"), location)
        return location[len(self.product.url):].split("?")[0]

    def sent(self, location):
        wait_until("SENT", lambda: set(self.product.status_of(location)) == {"SENT"})

    def test_json_message_arrives(self):
        answer = self.product.post_message(CONTENT)
        self.assertEqual(answer.status, 202)
        self.assertEqual(answer.body, ACCEPTED)
        self.assertEqual(answer["content-type"], "application/vnd.whispir.message-v1+json")
        location = answer["location"]
        self.sent(location)
        message_id = location.rsplit("/", 1)[1]
        self.assertRegex(message_id, "^[0-9A-F]{32}$")
        path = os.path.join(self.product.demo["outbox"], f"{message_id}-1.eml")
        with open(path, "rb") as file:
            mail = email.message_from_binary_file(file, policy=email.policy.default)
        self.assertEqual(mail["to"], "ann@example.com")
        self.assertEqual(mail["subject"], "Hello")
        self.assertEqual(mail.get_content().strip(), "This is the body")
        self.assertIn(message_id, mail["message-id"])

    def test_xml_message_arrives(self):
        body = (
            '<?xml version="1.0" encoding="UTF-8"?>'
            '<ns2:message xmlns:ns2="http://schemas.api.whispir.com"><to>b@example.com</to>'
            "<subject>Gr\u00fc\u00dfe &amp; more</subject><body>x</body></ns2:message>"
        )
        answer = self.product.post_message(body, kind="xml")
        self.assertEqual((answer.status, answer.body), (202, ACCEPTED))
        self.assertEqual(answer["content-type"], "application/vnd.whispir.message-v1+xml")
        self.sent(answer["location"])
        shown = self.product.get(self.path(answer["location"]), Accept="application/json").json()
        self.assertEqual(shown["subject"], "Gr\u00fc\u00dfe & more")

    def test_two_recipients_and_an_attachment(self):
        import base64

        content = {
            "to": "c@example.com; d@example.com",
            "subject": "With a file",
            "email": {
                "body": "<p>hi</p>",
                "type": "text/html",
                "resources": {"attachment": [{
                    "attachmentName": "a.txt", "attachmentDesc": "text",
                    "derefUri": base64.b64encode(b"file content").decode()}]},
            },
        }
        answer = self.product.post_message(content)
        self.assertEqual(answer.status, 202, answer)
        self.sent(answer["location"])
        message_id = answer["location"].rsplit("/", 1)[1]
        for number, to in ((1, "c@example.com"), (2, "d@example.com")):
            path = os.path.join(self.product.demo["outbox"], f"{message_id}-{number}.eml")
            with open(path, "rb") as file:
                mail = email.message_from_binary_file(file, policy=email.policy.default)
            self.assertEqual(mail["to"], to)
            [attachment] = list(mail.iter_attachments())
            self.assertEqual(attachment.get_filename(), "a.txt")
            self.assertIn(b"file content", attachment.get_payload(decode=True))

    def test_location_echoes_the_key_only_from_the_query(self):
        p = self.product
        key = p.demo["api_key"]
        media = "application/vnd.whispir.message-v1+json"
        fields = p.headers(key=None, Content_Type=media, Accept=media)
        answer = p.request("POST", f"/messages?apikey={key}", fields, json.dumps(CONTENT))
        self.assertEqual(answer.status, 202)
        self.assertRegex(answer["location"], r"/messages/[0-9A-F]{32}\?apikey=" + key + "$")
        self.assertNotIn("?", self.product.post_message(CONTENT)["location"])

    def test_show_in_json_and_xml(self):
        answer = self.product.post_message({**CONTENT, "label": "blue"})
        path = self.path(answer["location"])
        shown = self.product.get(path, Accept="application/vnd.whispir.message-v1+json")
        self.assertEqual(shown.status, 200)
        message = shown.json()
        for name in ("to", "subject", "body"):
            self.assertEqual(message[name], CONTENT[name])
        self.assertEqual(message["label"], "blue")
        self.assertEqual(message["direction"], "OUTGOING")
        self.assertEqual(message["responseCount"], "0")
        self.assertIsInstance(message["createdTime"], int)
        self.assertEqual(
            [link["rel"] for link in message["link"]],
            ["self", "summaryStatus", "detailedStatus", "summaryResponses", "detailedResponses",
             "summaryResponsesWithResponseRule", "detailedResponsesWithResponseRule"],
        )
        xml = self.product.get(path, Accept="application/vnd.whispir.message-v1+xml")
        root = ElementTree.fromstring(xml.body)
        self.assertEqual(root.tag, API + "message")
        self.assertEqual(root.find("subject").text, CONTENT["subject"])

    def test_list_has_mine_and_filters_by_label(self):
        label = "only-this-one"
        answer = self.product.post_message({**CONTENT, "label": label})
        listed = self.product.get(f"/messages?label={label}", Accept="application/json").json()
        self.assertEqual(len(listed["messages"]), 1)
        self.assertIn(self.path(answer["location"]), listed["messages"][0]["link"][0]["uri"])
        self.assertNotIn("id", listed["messages"][0])
        empty = self.product.get("/messages?label=none", Accept="application/json")
        self.assertEqual(empty.status, 200)
        self.assertEqual(empty.json()["status"], "No records found")

    def test_status_summary(self):
        answer = self.product.post_message(CONTENT)
        self.sent(answer["location"])
        summary = self.product.get(
            self.path(answer["location"]) + "/messagestatus?view=summary",
            Accept="application/vnd.whispir.messagestatus-v1+json",
        ).json()
        categories = {
            c["name"]: c for c in summary["messageStatuses"][0]["categories"]
        }
        self.assertEqual(
            list(categories), ["Sent", "Pending", "Received", "Acknowledged", "Undeliverable"]
        )
        self.assertEqual(categories["Sent"]["recipientCount"], 1)
        self.assertEqual(categories["Sent"]["percentageTotal"], "100.0%")

    def test_workspace_form(self):
        p = self.product
        listed = p.get("/workspaces", Accept="application/json").json()
        workspace = listed["workspaces"][0]
        base = f"/workspaces/{workspace['id']}"
        self.assertEqual(p.get(base, Accept="application/json").status, 200)
        answer = p.post_message(CONTENT, target=base + "/messages")
        self.assertEqual(answer.status, 202)
        self.assertIn(base + "/messages/", answer["location"])
        self.assertEqual(p.get(self.path(answer["location"])).status, 200)

    def test_idempotency_key(self):
        p = self.product
        first = p.post_message(CONTENT, Idempotency_Key="order-17")
        again = p.post_message(CONTENT, Idempotency_Key="order-17")
        self.assertEqual((first.status, again.status), (202, 202))
        self.assertEqual(first["location"], again["location"])
        self.assertEqual(again["idempotency-replay"], "true")
        self.assertIsNone(first["idempotency-replay"])
        other = p.post_message({**CONTENT, "body": "other"}, Idempotency_Key="order-17")
        self.assertEqual(other.status, 422)

    def test_another_accounts_message_is_unknown(self):
        p = self.product
        mine = self.path(p.post_message(CONTENT)["location"])
        p.run("account", "create", "Other", check=True)
        p.run("application", "create", "App", "--account", "Other", check=True)
        p.run("plan", "create", "Open", "--open", "messaging:*", check=True)
        made = p.run("subscription", "create", "--application", "App", "--plan", "Open", "--json",
                     check=True)
        subscription = json.loads(made.stdout)["id"]
        made = p.run("key", "create", "--subscription", subscription, "--json", check=True)
        key = json.loads(made.stdout)["key"]
        p.run("workspace", "create", "Default", "--account", "Other")
        p.run("role", "create", "everything", "--account", "Other", "--allow", "messaging:*",
              check=True)
        p.run("user", "add", "eve", "--account", "Other", "--role", "everything",
              stdin="a long enough password\n", check=True)
        theirs = {"key": key, "user": "eve", "password": "a long enough password",
                  "Accept": "application/json"}
        self.assertEqual(p.get("/messages", **theirs).status, 200)
        seen = p.get(mine, **theirs)
        unknown = p.get(mine[:-4] + "0000", **theirs)
        self.assertEqual(seen.status, 404)
        self.assertEqual(seen.body, unknown.body)
        status = p.get(mine + "/messagestatus?view=detailed", **theirs)
        self.assertEqual(status.status, 404)
        # The other account's user is simply unknown to our key.
        self.assertEqual(p.get("/", user="eve", password="a long enough password").status, 401)

    def test_phone_recipient_needs_a_channel(self):
        answer = self.product.post_message({**CONTENT, "to": "61400400400"})
        self.assertEqual(answer.status, 422)
        self.assertIn("SMS", answer.json()["errorText"])
        self.assertEqual(answer.json()["link"], [])


if __name__ == "__main__":
    unittest.main()
