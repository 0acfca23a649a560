#include "admin/services.h"

#include <gtest/gtest.h>

#include "admin/demo.h"
#include "auth/api_key.h"
#include "auth/password_hash.h"
#include "base/crypto.h"
#include "config/parse.h"
#include "support/memory_entity_store.h"

namespace sallyport::admin {
namespace {

class NoQuotas final : public limit::QuotaStore {
 public:
  Result<std::vector<limit::QuotaMark>> load_quota_marks() override {
    return std::vector<limit::QuotaMark>{};
  }
  void raise_quota_mark(limit::QuotaMark, std::move_only_function<void(Result<void>)>) override {
    ADD_FAILURE() << "an explanation touches no counter";
  }
  Result<void> settle_quota_marks(const std::vector<limit::QuotaMark>&) override { return {}; }
};

class ServicesTest : public testing::Test {
 protected:
  ServicesTest() : demo_(make_demo("messaging", clock_, random_)) {
    EXPECT_TRUE(store_.apply(demo_.change));
  }
  Explanation explain(ExplainRequest request) {
    auto made = explain_from_store(config_, store_, quotas_, clock_, random_, request);
    EXPECT_TRUE(made) << made.error().message;
    return made ? std::move(*made) : Explanation{};
  }
  ExplainRequest request(const Secret& key, const std::string& user,
                         const std::string& method = "GET") const {
    return {method, "localhost", "/messages", {}, std::string(key.reveal()), user};
  }

  const config::Config config_ =
      config::parse(
          "[auth]\nargon2_memory_kib = 64\nargon2_passes = 1\n"
          "[[api]]\nname = 'messaging'\n[[api.host]]\nhost = 'localhost'\n",
          "/x.toml")
          .config;
  ManualClock clock_;
  SeededRandom random_{5};
  Demo demo_;
  test::MemoryEntityStore store_;
  NoQuotas quotas_;
};

TEST_F(ServicesTest, KeysAndPasswordsAreWhatTheDoorsExpect) {
  const CommandServices services = make_services(config_, clock_, random_);
  const auto key = services.generate_key(Environment::Test);
  ASSERT_TRUE(key);
  EXPECT_TRUE(key->text.reveal().starts_with("sp_test_"));
  EXPECT_EQ(key->digest, sha256(key->text.reveal()));
  EXPECT_EQ(auth::shape_of(key->text.reveal()), auth::KeyShape::Ours);
  const auto verifier = services.hash_password("correct horse");
  ASSERT_TRUE(verifier);
  EXPECT_EQ(auth::verify_password(*verifier, "correct horse"), auth::Verdict::Right);
  EXPECT_EQ(auth::verify_password(*verifier, "wrong horse"), auth::Verdict::Wrong);
  const auto made = services.generate_password();
  ASSERT_TRUE(made);
  EXPECT_EQ(auth::verify_password(made->verifier, made->text.reveal()), auth::Verdict::Right);
  EXPECT_TRUE(services.check_pattern("/x/{id}/**"));
  EXPECT_FALSE(services.check_pattern("/x/../y"));
  EXPECT_EQ(services.apis, std::vector<std::string>{"messaging"});
  EXPECT_FALSE(services.operations.empty());
}

TEST_F(ServicesTest, ExplainLetsInWhoBelongs) {
  const Explanation told = explain(request(demo_.secrets.api_key, "john.smith"));
  EXPECT_TRUE(told.admitted) << told.text;
  EXPECT_NE(told.text.find("messages.list"), std::string::npos);
  EXPECT_NE(told.text.find("the request is let in"), std::string::npos);
  EXPECT_NE(told.json.find("\"admitted\":true"), std::string::npos);
}

TEST_F(ServicesTest, ExplainTellsTheCausesApart) {
  const struct {
    ExplainRequest request;
    const char* reason;
  } cases[] = {
      {request(demo_.secrets.inactive_api_key, "john.smith"), "key_disabled"},
      {request(Secret(std::string_view("a-key-that-nobody-has")), "john.smith"), "key_unknown"},
      {request(demo_.secrets.api_key, "nobody"), "user_unknown"},
      {request(demo_.secrets.api_key, "rita.reader", "POST"), "no_permission"},
  };
  for (const auto& one : cases) {
    const Explanation told = explain(one.request);
    EXPECT_FALSE(told.admitted) << one.reason;
    EXPECT_NE(told.text.find(one.reason), std::string::npos) << told.text;
    EXPECT_NE(told.json.find(std::string("\"reason\":\"") + one.reason), std::string::npos);
    EXPECT_EQ(told.text.find(*one.request.secret), std::string::npos) << "the key is repeated";
  }
}

TEST_F(ServicesTest, ExplainRefusesAMethodThatIsNone) {
  auto asked = request(demo_.secrets.api_key, "john.smith", "get");
  const auto told = explain_from_store(config_, store_, quotas_, clock_, random_, asked);
  ASSERT_FALSE(told);
  EXPECT_EQ(told.error().message, "\"get\" is no method; they are written like GET");
}

}  // namespace
}  // namespace sallyport::admin
