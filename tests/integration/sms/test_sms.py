"""SMS over SMPP, against an SMSC of other people's making: texts, receipts, answers."""
# ctest: parallel
# ctest: timeout=300

import unittest

from smsc import LONG, becomes, post, smsc, start


class Sending(unittest.TestCase):
    def test_a_message_is_bound_for_sent_and_received(self):
        peer = smsc(self, receipts="late")
        product = start(self, peer, bind='system_type = "vma"')
        bind = peer.wait("bind")[0]
        self.assertEqual((bind["system_id"], bind["system_type"], bind["version"], bind["good"]),
                         ("sally0", "vma", 0x34, True))
        location = post(self, product, to="61400400400")
        becomes(product, location, "DELIVRD")
        one = peer.wait("submit")[0]
        self.assertEqual(one["text"], "Hello\nthere")
        self.assertEqual((one["to"], one["to_ton"], one["to_npi"]), ("61400400400", 1, 1))
        self.assertEqual((one["esm_class"], one["data_coding"], one["registered"]), (0, 0, 1))
        self.assertEqual(len(peer.all("submit")), 1)
        self.assertEqual(peer.wait("receipt_answered")[0]["status"], 0)
        story = product.run_json("message", "show", location.rsplit("/", 1)[1])
        self.assertIn(one["id"], str(story))
        product.stop()
        self.assertEqual(len(peer.all("unbind")), 1)
        with open(product.stderr_path) as file:
            self.assertNotIn("pass\n", file.read())

    def test_texts_arrive_whole_in_as_many_parts_as_they_take(self):
        peer = smsc(self, receipts="late")
        product = start(self, peer)
        for body, coding, parts in [
            ("€uro {x} ~[y]^\\|", 0, 1),
            (LONG, 0, 3),
            ("Здравствуйте", 8, 1),
            ("😀" * 100, 8, 4),
            ("x" * 154, 0, 1),
            ("x" * 155, 0, 2),
        ]:
            with self.subTest(body[:12]):
                before = len(peer.all("submit"))
                location = post(self, product, body=body)
                becomes(product, location, "DELIVRD")
                submits = peer.all("submit")[before:]
                self.assertEqual(len(submits), parts)
                self.assertEqual({one["data_coding"] for one in submits}, {coding})
                submits.sort(key=lambda one: one["udh"])
                self.assertEqual("".join(one["text"] for one in submits), "Hello\n" + body)
                if parts == 1:
                    self.assertEqual(submits[0]["udh"], [])
                    continue
                headers = [bytes.fromhex(one["udh"][0]) for one in submits]
                self.assertEqual({one["esm_class"] for one in submits}, {0x40})
                self.assertEqual([h[:2] for h in headers], [b"\0\3"] * parts)
                self.assertEqual(len({h[2] for h in headers}), 1, "one reference")
                self.assertEqual([(h[3], h[4]) for h in headers],
                                 [(parts, n + 1) for n in range(parts)])

    def test_receipts_find_their_message(self):
        for ids, receipts in [("hex-decimal", "late"), ("decimal-hex", "late"),
                              ("hex-decimal", "early"), ("same", "early")]:
            with self.subTest(ids=ids, receipts=receipts):
                peer = smsc(self, receipts=receipts, first_id=4000)
                peer.say("mode", ids=ids)
                product = start(self, peer)
                numbers = [f"+6140040040{n}" for n in range(5)]
                location = post(self, product, to=";".join(numbers))
                becomes(product, location, *["DELIVRD"] * 5)
                peer.say("mode", state="UNDELIV", error="011")
                location = post(self, product, body=LONG)
                becomes(product, location, "FAILED")
                story = str(product.run_json("message", "show", location.rsplit("/", 1)[1]))
                self.assertIn("UNDELIV, error 11, part", story)
                product.close()

    def test_an_answer_and_its_receipt_after_the_doubt(self):
        peer = smsc(self, receipts="early")
        product = start(self, peer, bind='timeout = "1s"')
        peer.say("mode", delay=2000)
        marketing = post(self, product, messageClass="marketing")
        becomes(product, marketing, "DELIVRD")
        story = product.run_json("message", "show", marketing.rsplit("/", 1)[1])["recipients"][0]
        self.assertEqual([one["result"] for one in story["history"]], ["in_doubt"])
        self.assertEqual(len(peer.all("submit")), 1)
        self.assertEqual(product.metric("sallyport_smpp_submits_total", bind="bind0",
                                        result="in_doubt"), 1)
        self.assertEqual(product.metric("sallyport_smpp_bound", bind="bind0"), 1)
        self.assertEqual(product.metric("sallyport_smpp_delivers_total", kind="receipt"), 1)

    def test_without_receipts(self):
        peer = smsc(self)
        product = start(self, peer)
        for fields in ({"type": "noDlr"}, {"dlr": {"type": "NoDlr"}},
                       {"dlr": {"type": "ReportDelivered"}}, {"type": "defaultNoReply"}):
            location = post(self, product, **fields)
            becomes(product, location, "SENT")
            shown = product.get("/messages/" + location.rsplit("/", 1)[1],
                                Accept="application/json").json()
            self.assertEqual(shown["type"], fields.get("type", "default"))
            self.assertEqual(shown["dlr"]["type"], fields.get("dlr", {}).get("type", ""))
        self.assertEqual([one["registered"] for one in peer.all("submit")], [0, 0, 1, 1])

    def test_a_receipt_for_somebody_else_changes_nothing(self):
        peer = smsc(self)
        product = start(self, peer)
        location = post(self, product)
        becomes(product, location, "SENT")
        number = peer.all("submit")[0]["id"]
        receipt = {"esm_class": 4, "source_addr_ton": 1, "destination_addr": "1"}
        text = "id:{} sub:001 dlvrd:001 stat:DELIVRD err:000 text:"
        self.assertEqual(peer.deliver(**receipt, source_addr="61499999999",
                                      text=text.format(number)), 0)
        self.assertEqual(peer.deliver(**receipt, source_addr="61400400400",
                                      text=text.format("77")), 0)
        self.assertEqual(product.status_of(location), ["SENT"])
        self.assertEqual(peer.deliver(**receipt, source_addr="61400400400",
                                      text=text.format(number)), 0)
        becomes(product, location, "DELIVRD")

    def test_senders(self):
        peer = smsc(self)
        product = start(self, peer, sms='sender = "Owner"')
        becomes(product, post(self, product), "SENT")
        alias = {"features": {"aliasOption": {"aliasName": "Bank"}}}
        self.assertIn("no sender", post(self, product, status=422, **alias))
        product.run("sender", "add", "Bank", "--sms", "--account", "Demo", check=True)
        product.run("sender", "verify", "Bank", "--vouch", check=True)
        becomes(product, post(self, product, **alias), "SENT")
        product.run("sender", "add", "+61411222333", "--sms", "--account", "Demo", check=True)
        product.run("sender", "verify", "+61411222333", "--vouch", check=True)
        becomes(product, post(self, product, **{"from": "+61411222333"}), "SENT")
        self.assertIn("sends from", post(self, product, to="+61411222333", status=422), "a loop")
        found = [(s["source"], s["source_ton"], s["source_npi"]) for s in peer.all("submit")]
        self.assertEqual(found, [("Owner", 5, 0), ("Bank", 5, 0), ("61411222333", 1, 1)])

    def test_countries_are_closed_at_first(self):
        product = start(self, smsc(self), opened=False)
        self.assertIn("not open", post(self, product, status=422))


class Incoming(unittest.TestCase):
    HERS = {"source_addr": "61400400400", "source_addr_ton": 1, "dest_addr_ton": 1,
            "destination_addr": "61411222333"}

    def test_stop_and_start(self):
        peer = smsc(self)
        product = start(self, peer)
        becomes(product, post(self, product), "SENT")
        self.assertEqual(peer.deliver(**self.HERS, text="Stop."), 0)
        location = post(self, product)
        becomes(product, location, "FAILED")
        self.assertIn("STOP", str(product.run_json("message", "show", location.rsplit("/", 1)[1])))
        becomes(product, post(self, product, to="+61400400401"), "SENT")
        self.assertEqual(peer.deliver(**self.HERS, text="stop by at five"), 0)
        self.assertEqual(peer.deliver(**self.HERS, text=" START "), 0)
        becomes(product, post(self, product), "SENT")

    def test_what_people_write_is_kept(self):
        peer = smsc(self)
        product = start(self, peer)
        location = post(self, product)
        becomes(product, location, "SENT")
        self.assertEqual(peer.deliver(**self.HERS, text="Да!", data_coding=8), 0)
        for number, text in ((2, "at five"), (1, "See you ")):
            self.assertEqual(peer.deliver(**self.HERS, esm_class=0x40, text=text,
                                          udh=f"05000307{2:02x}{number:02x}"), 0)
        rows = product.run_json("message", "incoming", "--account", "Demo")
        self.assertEqual([row["text"] for row in rows], ["See you at five", "Да!"])
        self.assertEqual({row["source"] for row in rows}, {"+61400400400"})
        self.assertEqual({row["answers"] for row in rows}, {location.rsplit("/", 1)[1]})
        self.assertEqual(peer.deliver(**self.HERS, text="STOP"), 0)
        self.assertEqual([row["number"] for row in product.run_json("message", "stops")],
                         ["+61400400400"])
        product.run("message", "erase", "--recipient", "+61400400400", check=True)
        self.assertEqual(product.run_json("message", "incoming"), [])
        self.assertEqual(len(product.run_json("message", "stops")), 1)


if __name__ == "__main__":
    unittest.main()
