#include "gateway/request_log.h"

#include <fstream>
#include <sstream>

#include "doors_fixture.h"

namespace sallyport::gateway {
namespace {

class RequestLogTest : public DoorsFixture {
 protected:
  RequestLogTest() { std::ofstream(log_path_, std::ios::trunc).close(); }
  std::string last_line() {
    log_.flush();
    std::ifstream file(log_path_);
    std::string line;
    std::string last;
    while (std::getline(file, line)) last = line;
    return last;
  }
  std::string everything() {
    log_.flush();
    std::stringstream text;
    text << std::ifstream(log_path_).rdbuf();
    return text.str();
  }
  static bool has(const std::string& line, const std::string& part) {
    return line.find(part) != std::string::npos;
  }
};

TEST_F(RequestLogTest, ARightRequest) {
  answer(good(http::Method::Get, "/messages?label=secret&x=y"));
  const std::string line = last_line();
  EXPECT_TRUE(has(line, "\"reason\":\"ok\"")) << line;
  EXPECT_TRUE(has(line, "\"path\":\"/messages?label&x\"")) << line;
  EXPECT_TRUE(has(line, "\"account\":\"00000000000000A1\"")) << line;
  EXPECT_TRUE(has(line, "\"key_id\":\"" + auth::key_id_text(handler_.last.key) + "\"")) << line;
  EXPECT_TRUE(has(line, "\"user\":\"" + handler_.last.user.hex() + "\"")) << line;
  EXPECT_TRUE(has(line, "\"route\":\"/messages\"")) << line;
  EXPECT_TRUE(has(line, "\"api\":\"messaging\"")) << line;
  EXPECT_FALSE(has(line, "credentials_in_clear")) << line;
}

TEST_F(RequestLogTest, AUserAppearsOnlyOnceProven) {
  Sent wrong = good();
  wrong.fields[1].second = basic("john.smith", "wrong");
  answer(wrong);
  EXPECT_TRUE(has(last_line(), "\"reason\":\"password_wrong\"")) << last_line();
  EXPECT_TRUE(has(last_line(), "\"user\":\"\"")) << last_line();
  EXPECT_TRUE(has(last_line(), "\"application\":\"00000000000000B1\"")) << "the key was right";
}

TEST_F(RequestLogTest, NoSecretEverArrives) {
  Sent sent = good(http::Method::Get, "/messages?apikey=" + key_ + "&other=value");
  answer(sent);
  sent.target = "/messages?" + key_;  // the name was forgotten
  answer(sent);
  sent.target = "/messages?" + key_ + "=1";
  answer(sent);
  sent.fields[1].second = basic("john.smith", "canary-password");
  answer(sent);
  sent.transport = http::Transport::Refused;
  answer(sent);
  const std::string log = everything();
  EXPECT_FALSE(has(log, key_));
  EXPECT_FALSE(has(log, "canary-password"));
  EXPECT_FALSE(has(log, "john.smith"));
  EXPECT_FALSE(has(log, sent.fields[1].second));
  EXPECT_TRUE(has(log, "\"path\":\"/messages?apikey&other\""));
  EXPECT_TRUE(has(log, "\"path\":\"/messages?_\""));
}

TEST_F(RequestLogTest, CredentialsInClearAreFlagged) {
  Sent sent = good();
  sent.transport = http::Transport::Refused;
  answer(sent);
  EXPECT_TRUE(has(last_line(), "\"credentials_in_clear\":true")) << last_line();
  sent.fields.clear();
  answer(sent);
  EXPECT_FALSE(has(last_line(), "credentials_in_clear")) << last_line();
  sent.target = "/messages?apikey=x";
  answer(sent);
  EXPECT_TRUE(has(last_line(), "\"credentials_in_clear\":true")) << last_line();
}

TEST_F(RequestLogTest, ATargetThatIsNotCanonicalIsItsLength) {
  http::BrokenHead broken;
  broken.reason = Reason::NotCanonical;
  broken.request_id = "0123";
  broken.target_length = 17;
  const http::Response response = exchange_->refuse(broken);
  exchange_->finish({400, response.reason, 40, 200, clock_.monotonic_us()});
  const std::string line = last_line();
  EXPECT_TRUE(has(line, "\"target_length\":17")) << line;
  EXPECT_TRUE(has(line, "\"reason\":\"not_canonical\"")) << line;
  EXPECT_TRUE(has(line, "\"request_id\":\"0123\"")) << line;
  EXPECT_FALSE(has(line, "\"path\"")) << line;
}

TEST_F(RequestLogTest, NothingOfOneRequestStaysInTheNext) {
  answer(good());
  Sent sent;
  sent.host = "other.test";
  answer(sent);
  const std::string line = last_line();
  EXPECT_TRUE(has(line, "\"reason\":\"misdirected\"")) << line;
  EXPECT_TRUE(has(line, "\"key_id\":\"\"")) << line;
  EXPECT_TRUE(has(line, "\"user\":\"\"")) << line;
  EXPECT_TRUE(has(line, "\"api\":\"\"")) << line;
}

}  // namespace
}  // namespace sallyport::gateway
