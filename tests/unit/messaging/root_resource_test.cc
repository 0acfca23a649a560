#include <string>

#include "unit/messaging/engine_fixture.h"

namespace sallyport::messaging::test {
namespace {

// Sample S2.
TEST_F(EngineTest, RootIsTheCompanyInXmlByDefault) {
  const auto response = get("/");
  EXPECT_EQ(response.head.status(), 200);
  EXPECT_EQ(field(response, "Content-Type"), "application/vnd.whispir.company-v1+xml");
  EXPECT_EQ(response.body,
            R"(<?xml version="1.0" encoding="UTF-8" standalone="yes"?>)"
            R"(<ns3:company xmlns:ns2="http://schemas.api.whispir.com/dap" )"
            R"(xmlns:ns3="http://schemas.api.whispir.com"><id>AD4EE78A3CF84D68</id>)"
            R"(<ns2:link uri="https://api.example.com:8443/workspaces" rel="retrieveWorkspaces" )"
            R"(method="GET"/>)"
            R"(<ns2:link uri="https://api.example.com:8443/messages" rel="retrieveMessage" )"
            R"(method="GET"/>)"
            R"(<ns2:link uri="https://api.example.com:8443/messages" rel="createMessage" )"
            R"(method="POST" type="application/vnd.whispir.message-v1+xml,)"
            R"(application/vnd.whispir.message-v1+json"/></ns3:company>)");
}

TEST_F(EngineTest, RootInJsonEchoesTheKeyOnlyFromTheQuery) {
  const auto newer = get("/", "application/vnd.whispir.company-v1+json");
  EXPECT_TRUE(newer.body.starts_with(
      R"({"id":"AD4EE78A3CF84D68","link":[{"uri":"https://api.example.com:8443/workspaces",)"
      R"("rel":"retrieveWorkspaces","method":"GET","host":"api.example.com","port":-1},)"))
      << newer.body;
  caller.echo_apikey = "KEY";
  const auto classic = get("/", "application/json");
  EXPECT_EQ(field(classic, "Content-Type"), "application/json");
  EXPECT_TRUE(classic.body.starts_with(
      R"({"id":"AD4EE78A3CF84D68","link":[{"uri":)"
      R"("https://api.example.com:8443/workspaces?apikey=KEY","rel":"retrieveWorkspaces",)"
      R"("method":"GET"},)"))
      << classic.body;
  EXPECT_EQ(classic.body.find("\"host\""), std::string::npos);
}

TEST_F(EngineTest, RootHasNoOtherRepresentation) {
  const auto response = get("/", "application/vnd.whispir.message-v1+json");
  EXPECT_EQ(response.head.status(), 406);
  EXPECT_EQ(field(response, "Content-Type"), "application/vnd.whispir.message-v1+json");
  EXPECT_FALSE(response.body.empty());
}

}  // namespace
}  // namespace sallyport::messaging::test
