#include <string>

#include "unit/messaging/engine_fixture.h"

namespace sallyport::messaging::test {
namespace {

// Sample S3.
TEST_F(EngineTest, WorkspacesInXml) {
  caller.echo_apikey = "KEY";
  const auto response = get("/workspaces/");
  EXPECT_EQ(field(response, "Content-Type"), "application/vnd.whispir.workspace-v1+xml");
  EXPECT_TRUE(response.body.starts_with(
      R"(<?xml version="1.0" encoding="UTF-8" standalone="yes"?>)"
      R"(<ns2:return xmlns:ns2="http://schemas.api.whispir.com/dap" )"
      R"(xmlns:ns3="http://schemas.api.whispir.com"><status>1 to 3 of 3</status>)"
      R"(<ns2:workspaces><ns2:workspace><id>BB9ECBE5BA73CD81</id>)"
      R"(<projectName>My Company</projectName><projectNumber></projectNumber>)"
      R"(<status>A</status><billingcostcentre></billingcostcentre>)"
      R"(<ns2:link uri="https://api.example.com:8443/workspaces/BB9ECBE5BA73CD81?apikey=KEY" )"
      R"(rel="self" method="GET"/></ns2:workspace><ns2:workspace>)"))
      << response.body;
  EXPECT_TRUE(response.body.ends_with("</ns2:workspace></ns2:workspaces></ns2:return>"));
  EXPECT_NE(response.body.find("<status>D</status>"), std::string::npos) << "the disabled one";
}

// Sample S4.
TEST_F(EngineTest, WorkspacesInJson) {
  const auto response = get("/workspaces", "application/vnd.whispir.workspace-v1+json");
  EXPECT_TRUE(response.body.starts_with("{\"workspaces\":[{\"id\":\"BB9ECBE5BA73CD81\","));
  EXPECT_NE(
      response.body.find(
          R"({"id":"174157CA505F4142","projectName":"A Space Odessey","projectNumber":"2001",)"
          R"("status":"A","billingcostcentre":"Hollywood","link":[{"uri":)"
          R"("https://api.example.com:8443/workspaces/174157CA505F4142","rel":"self",)"
          R"("method":"GET","host":"api.example.com","port":-1}]})"),
      std::string::npos)
      << response.body;
  EXPECT_TRUE(response.body.ends_with(R"(],"status":"1 to 3 of 3    ","link":[]})"));
}

TEST_F(EngineTest, AnAccountWithoutWorkspaces) {
  caller.account = AccountId{123};
  EXPECT_EQ(get("/workspaces", "application/json").body, R"({"status":"No records found"})");
  EXPECT_NE(get("/workspaces").body.find("<status>No records found</status></ns2:return>"),
            std::string::npos);
}

TEST_F(EngineTest, OneWorkspace) {
  const auto response = get("/workspaces/174157CA505F4142", "application/json");
  EXPECT_EQ(response.head.status(), 200);
  EXPECT_NE(response.body.find(R"("rel":"self")"), std::string::npos);
  EXPECT_NE(response.body.find(
                R"({"uri":"https://api.example.com:8443/workspaces/174157CA505F4142/messages",)"
                R"("rel":"createMessage","method":"POST","host":"api.example.com","port":-1,)"
                R"("type":"application/vnd.whispir.message-v1+xml,)"
                R"(application/vnd.whispir.message-v1+json"})"),
            std::string::npos)
      << response.body;
  EXPECT_NE(get("/workspaces/174157CA505F4142").body.find("<ns2:workspace xmlns:ns2="),
            std::string::npos);
  for (const char* target : {"/workspaces/2222222222222222", "/workspaces/0123456789ABCDEF",
                             "/workspaces/174157ca505f4142", "/workspaces/x"}) {
    EXPECT_EQ(get(target).head.status(), 404) << target;
  }
}

}  // namespace
}  // namespace sallyport::messaging::test
