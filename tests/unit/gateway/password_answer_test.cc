#include "gateway/password_answer.h"

#include "doors_fixture.h"

namespace sallyport::gateway {
namespace {

class GivenBody final : public http::BodyReader {
 public:
  explicit GivenBody(std::string text) : text_(std::move(text)) {}
  Task<std::expected<std::string, http::BodyFault>> read_all(std::size_t limit) override {
    if (text_.size() > limit) co_return std::unexpected(http::BodyFault::TooLarge);
    co_return text_;
  }

 private:
  std::string text_;
};

class PasswordAnswerTest : public DoorsFixture {
 protected:
  http::Response change(const std::string& body, const std::string& type = "application/json") {
    Sent sent = good(http::Method::Put, "/auth/password");
    sent.fields.emplace_back("content-type", type);
    sent.fields.emplace_back("accept", "application/json");
    parse(sent);
    GivenBody given(body);
    Wearer wearer{router_->host("api.test"), &request_, "id", {}};
    Task<http::Response> task = change_password({&verifier_, &passwords_, &loop_},
                                                {UserId{1}, 7, "john.smith"}, wearer, &given);
    std::optional<http::Response> response;
    Task<void> outer = await(std::move(task), &response);
    outer.start();
    while (!response) loop_.turn();
    return std::move(*response);
  }
  static Task<void> await(Task<http::Response> task, std::optional<http::Response>* response) {
    response->emplace(co_await task);
  }
};

TEST_F(PasswordAnswerTest, ANewPasswordIsKeptThenAnswered) {
  const http::Response response = change(R"({"password":"tulip-4242"})");
  EXPECT_EQ(response.head.status(), 204);
  EXPECT_EQ(response.body, "");
  ASSERT_EQ(passwords_.kept.size(), 1U);
  EXPECT_EQ(passwords_.kept[0].user, UserId{1});
  EXPECT_EQ(passwords_.kept[0].security_version, 7U);
  EXPECT_EQ(auth::verify_password(passwords_.kept[0].verifier, "tulip-4242"), auth::Verdict::Right);
}

TEST_F(PasswordAnswerTest, WhatIsRefusedAndWhy) {
  const struct {
    std::string body;
    std::string rule;
  } kCases[] = {
      {"", "must be JSON"},
      {"null", "must be JSON"},
      {R"("tulip-4242")", "must be JSON"},
      {R"({"password":42424242})", "must be JSON"},
      {R"({"pass":"tulip-4242"})", "must be JSON"},
      {R"({"password":"tulip-4242","x":1})", "must be JSON"},
      {R"({"password":"tulip-4242","password":"tulip-4243"})", "must be JSON"},
      {R"({"password":"short"})", "it must have 8 to 256"},
      {R"({"password":"password"})", "everybody tries first"},
      {R"({"password":"xx-John.Smith"})", "user name"},
      {R"({"password":"right password"})", "another than the present one"},
  };
  for (const auto& [body, rule] : kCases) {
    const http::Response response = change(body);
    EXPECT_EQ(response.head.status(), 422) << body;
    EXPECT_EQ(response.reason, Reason::EngineRefused);
    EXPECT_NE(response.body.find(rule), std::string::npos) << response.body;
  }
  EXPECT_EQ(change(R"({"password":"tulip-4242"})", "text/plain").head.status(), 422);
  EXPECT_EQ(change(std::string(9'000, ' ')).head.status(), 413);
  EXPECT_TRUE(passwords_.kept.empty());
}

TEST_F(PasswordAnswerTest, WhatCannotBeDoneIsToldHonestly) {
  passwords_.error = Error{ErrorKind::Unavailable, "disk full"};
  EXPECT_EQ(change(R"({"password":"tulip-4242"})").head.status(), 503);
  passwords_.error = Error{ErrorKind::Conflict, "changed"};
  EXPECT_EQ(change(R"({"password":"tulip-4242"})").head.status(), 422);
  verifier_.stop();
  EXPECT_EQ(change(R"({"password":"tulip-4242"})").head.status(), 503);
}

}  // namespace
}  // namespace sallyport::gateway
