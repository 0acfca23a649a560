#include "admin/giver.h"

#include "support/command_fixture.h"

namespace sallyport::admin {
namespace {

class Giver : public test::CommandFixture {
 protected:
  Giver() {
    done("account create", "Acme");
    done("account create", "Other");
    done("workspace create", "North", {{"account", {"Acme"}}});
    done("workspace create", "South", {{"account", {"Acme"}}});
    done("role create", "list", {{"allow", {"messaging:messages.list"}}});
    done("role create", "send", {{"allow", {"messaging:messages.create"}}});
    done("role create", "all", {{"allow", {"messaging:*"}}});
    done("role create", "mute",
         {{"allow", {"messaging:*"}}, {"deny", {"messaging:messages.create"}}});
    add("boss", "Acme", {"list", "send@North"});
    add("muted", "Acme", {"all", "mute@South"});
    add("stranger", "Other", {"all"});
    add("jane", "Acme", {});
  }
  void add(const std::string& name, const std::string& account, std::vector<std::string> roles) {
    done("user add", name, {{"account", {account}}, {"role", std::move(roles)}},
         {{"password", "correct horse"}});
  }
};

TEST_F(Giver, NobodyGivesARoleBeyondTheirOwn) {
  const struct {
    const char *by, *role, *error, *why;
  } rows[] = {
      {"boss", "list", "", "what they have everywhere"},
      {"boss", "list@North", "", "and so anywhere"},
      {"boss", "send@North", "", "what they have there"},
      {"boss", "send",
       "role \"send\" grants more than user \"boss\" has account-wide: "
       "messaging:messages.create",
       "but not elsewhere"},
      {"boss", "send@South",
       "role \"send\" grants more than user \"boss\" has in workspace "
       "South: messaging:messages.create",
       "nor in another workspace"},
      {"boss", "all", "role \"all\" grants more than user \"boss\" has account-wide: messaging:*",
       "nor everything"},
      {"muted", "all@North", "", "where nothing is denied"},
      {"muted", "all@South",
       "role \"all\" grants more than user \"muted\" has in workspace South: "
       "messaging:* without denying messaging:messages.create",
       "a denial is not given away"},
      {"muted", "all",
       "role \"all\" grants more than user \"muted\" has account-wide: "
       "messaging:* without denying messaging:messages.create",
       "account-wide holds the workspace in which it is denied"},
      {"muted", "mute", "", "together with the denial it may be given"},
      {"jane", "list",
       "role \"list\" grants more than user \"jane\" has account-wide: "
       "messaging:messages.list",
       "whoever has nothing gives nothing"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.why);
    const Options options = {{"account", {"Acme"}}, {"add", {row.role}}, {"by", {row.by}}};
    if (*row.error == '\0') {
      done("user roles", "jane", options);
      EXPECT_EQ(store.changes.back().audit.actor, std::string("uid 7 for user ") + row.by);
      done("user roles", "jane", {{"remove", {row.role}}});
    } else {
      refused("user roles", "jane", options, row.error);
    }
  }
}

TEST_F(Giver, NorToANewUserNorFromAnotherAccount) {
  refused("user add", "new",
          {{"account", {"Acme"}}, {"role", {"all"}}, {"by", {"boss"}}, {"generate", {""}}},
          "role \"all\" grants more than user \"boss\" has account-wide: messaging:*");
  const std::string stranger = commands->model().user("stranger")->id.hex();
  refused("user roles", "jane", {{"add", {"list"}}, {"by", {stranger}}},
          "user \"stranger\" is of another account and gives nothing here");
  done("user block", "boss");
  refused("user roles", "jane", {{"add", {"list"}}, {"by", {"boss"}}},
          "user \"boss\" is blocked and gives nothing");
  refused("user roles", "jane", {{"add", {"list"}}, {"by", {"nobody"}}},
          "there is no user \"nobody\"");
}

TEST_F(Giver, NobodyMakesARoleBeyondTheirOwn) {
  refused("role create", "x", {{"allow", {"messaging:messages.list"}}, {"by", {"boss"}}},
          "role \"x\" is of the whole installation: only the operator changes it, without --by");
  refused("role create", "x",
          {{"account", {"Acme"}}, {"allow", {"messaging:messages.create"}}, {"by", {"boss"}}},
          "role \"x\" would grant more than user \"boss\" has account-wide: "
          "messaging:messages.create");
  done("role create", "x",
       {{"account", {"Acme"}}, {"allow", {"messaging:messages.list"}}, {"by", {"boss"}}});
  refused("role update", "x", {{"allow", {"messaging:*"}}, {"by", {"boss"}}},
          "role \"x\" would grant more than user \"boss\" has account-wide: messaging:*");
  done("role shadow", "x", {{"allow", {"messaging:*"}}});
  refused("role shadow", "x", {{"enforce", {""}}, {"by", {"boss"}}},
          "role \"x\" would grant more than user \"boss\" has account-wide: messaging:*");
}

}  // namespace
}  // namespace sallyport::admin
