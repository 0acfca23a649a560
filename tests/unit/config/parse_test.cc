#include "config/parse.h"

#include <gtest/gtest.h>

#include <set>

#include "config/reading.h"
#include "support/golden.h"

namespace sallyport::config {
namespace {

using std::chrono::milliseconds;

Parsed parse_golden(const std::string& name) {
  return parse(test::read_text(test::golden_path("config/" + name + ".toml")), name + ".toml");
}

// Each file of tests/golden/config is a configuration; beside it, what is said about it.
class GoldenProblems : public testing::TestWithParam<const char*> {};

TEST_P(GoldenProblems, AreReportedWordForWord) {
  const Parsed parsed = parse_golden(GetParam());
  std::string text;
  for (const Problem& problem : parsed.problems) text += problem.to_string() + "\n";
  test::expect_golden(std::string("config/") + GetParam() + ".expected", text);
}

INSTANTIATE_TEST_SUITE_P(All, GoldenProblems,
                         testing::Values("full", "unknown", "types", "ranges", "listeners", "apis",
                                         "doors", "upstreams", "channels", "shapes", "syntax",
                                         "empty", "warnings"),
                         [](const auto& instance) { return std::string(instance.param); });

TEST(Parse, BrokenSyntaxIsAProblemWhateverItIs) {
  for (const char* text :
       {"[[[", "[.a]", "[=]", "[[#]]", "[", "[[", "a = [", "[[api]\n", "a.b.[c] = 1"}) {
    const Parsed parsed = parse(text, "broken.toml");
    ASSERT_EQ(parsed.problems.size(), 1U) << text;
    EXPECT_NE(parsed.problems[0].to_string().find("syntax: "), std::string::npos) << text;
  }
}

TEST(Parse, EveryKeyReachesItsField) {
  const Parsed parsed = parse(test::read_text(test::golden_path("config/full.toml")),
                              "/etc/sallyport/sallyport.toml");
  ASSERT_TRUE(parsed.usable());
  const Config& config = parsed.config;
  EXPECT_EQ(config.base_directory, "/etc/sallyport");
  EXPECT_EQ(config.server.workers, 4U);
  EXPECT_EQ(config.server.max_connections, 1'000U);
  EXPECT_EQ(config.server.drain_timeout, milliseconds(10'000));
  EXPECT_EQ(config.limits.head_bytes, 8'192U);
  EXPECT_EQ(config.limits.head_fields, 50U);
  EXPECT_EQ(config.limits.target_bytes, 4'096U);
  EXPECT_EQ(config.limits.body_bytes, 1'048'576U);
  EXPECT_EQ(config.limits.handshake_timeout, milliseconds(5'000));
  EXPECT_EQ(config.limits.head_timeout, milliseconds(4'000));
  EXPECT_EQ(config.limits.idle_timeout, milliseconds(60'000));
  EXPECT_EQ(config.limits.body_timeout, milliseconds(20'000));
  EXPECT_EQ(config.limits.body_total_timeout, milliseconds(120'000));
  EXPECT_EQ(config.limits.write_timeout, milliseconds(15'000));
  ASSERT_EQ(config.listeners.size(), 4U);
  EXPECT_EQ(config.listeners[0].kind, ListenerKind::Tls);
  EXPECT_EQ(config.listeners[0].address, "0.0.0.0");
  EXPECT_EQ(config.listeners[0].port, 8443);
  EXPECT_EQ(config.listeners[0].certificate, "/etc/sallyport/tls/server.pem");
  EXPECT_EQ(config.listeners[0].key, "/etc/sallyport/server.key");
  EXPECT_EQ(config.listeners[1].kind, ListenerKind::Refuse);
  EXPECT_EQ(config.listeners[1].address, "127.0.0.1");
  EXPECT_EQ(config.listeners[2].kind, ListenerKind::Trusted);
  ASSERT_EQ(config.listeners[2].trusted_networks.size(), 2U);
  EXPECT_EQ(config.listeners[2].trusted_networks[1].text(), "fd00::/8");
  EXPECT_EQ(config.listeners[3].address, "unix:/etc/sallyport/plain.sock");
  EXPECT_FALSE(config.telemetry.enabled);
  EXPECT_EQ(config.telemetry.address, "::1");
  EXPECT_EQ(config.telemetry.port, 9100);
  EXPECT_EQ(config.telemetry.hosts, std::vector<std::string>{"metrics.example.com"});
  EXPECT_EQ(config.access_log.path, "/etc/sallyport/log/access.log");
  EXPECT_TRUE(config.access_log.require_log);
  EXPECT_EQ(config.auth.argon2_memory_kib, 65'536U);
  EXPECT_EQ(config.auth.argon2_passes, 3U);
  EXPECT_EQ(config.auth.argon2_lanes, 2U);
  EXPECT_EQ(config.auth.hash_threads, 2U);
  EXPECT_EQ(config.auth.hash_queue, 128U);
  EXPECT_EQ(config.auth.unproven_cpu_percent, 25U);
  EXPECT_EQ(config.auth.refusals_per_second, 2U);
  EXPECT_EQ(config.auth.refusals_burst, 10U);
  EXPECT_EQ(config.auth.failures_per_pair, 5U);
  EXPECT_EQ(config.auth.failures_per_source, 50U);
  EXPECT_EQ(config.auth.failures_per_name, 20U);
}

TEST(Parse, EveryKeyOfAnApiAndBehindItReachesItsField) {
  const Config config =
      parse(test::read_text(test::golden_path("config/full.toml")), "/etc/x.toml").config;
  ASSERT_EQ(config.apis.size(), 3U);
  const Api& api = config.apis[0];
  EXPECT_EQ(api.name, "messaging");
  EXPECT_EQ(api.profile, Profile::Modern);
  EXPECT_EQ(api.realm, "Messages");
  EXPECT_EQ(api.engine, "messaging");
  EXPECT_EQ(api.total.rate_per_second, 500U);
  EXPECT_EQ(api.total.burst, 600U);
  EXPECT_TRUE(api.maintenance);
  EXPECT_TRUE(api.compat_596);
  EXPECT_EQ(api.allowed_origins, std::vector<std::string>{"https://app.example.com"});
  ASSERT_EQ(api.hosts.size(), 2U);
  EXPECT_EQ(api.hosts[0].host, "api.example.com") << "compared in lower case, without the dot";
  EXPECT_EQ(api.hosts[0].public_url, "https://api.example.com/v1");
  EXPECT_EQ(api.key.headers, std::vector<std::string>{"x-programme-key"});
  EXPECT_EQ(api.key.queries, std::vector<std::string>{"key"});
  EXPECT_EQ(config.file_channel.directory, "/etc/mail");
  EXPECT_EQ(config.smtp_channel.host, "mail.example.com");
  EXPECT_EQ(config.smtp_channel.port, 587);
  EXPECT_EQ(config.smtp_channel.security, SmtpSecurity::StartTls);
  EXPECT_EQ(config.smtp_channel.ca_file, "/etc/tls/relay.pem");
  EXPECT_EQ(config.smtp_channel.helo, "sallyport.example.com");
  EXPECT_EQ(config.smtp_channel.timeout, milliseconds(90'000));
  EXPECT_EQ(config.smtp_channel.connections, 8U);
  EXPECT_EQ(config.smtp_channel.mails_per_connection, 50U);
  EXPECT_EQ(config.smtp_channel.idle_timeout, milliseconds(5'000));
  EXPECT_EQ(config.smtp_channel.in_doubt, InDoubt::Stop);
  EXPECT_TRUE(config.smtp_channel.verify);
  EXPECT_EQ(config.smtp_channel.username, "user");
  EXPECT_EQ(config.smtp_channel.password_file, "/etc/secrets/relay");
  ASSERT_EQ(config.smtp_channel.more.size(), 1U);
  EXPECT_EQ(config.smtp_channel.more[0].host, "mail2.example.com");
  EXPECT_EQ(config.smtp_channel.more[0].security, SmtpSecurity::Tls);
  EXPECT_EQ(config.smtp_channel.more[0].ca_file, "/etc/tls/relay2.pem");
  EXPECT_EQ(config.sms_channel.sender, "Example");
  EXPECT_EQ(config.sms_channel.in_doubt, InDoubt::Again);
  ASSERT_EQ(config.sms_channel.binds.size(), 1U);
  const SmppBind& bind = config.sms_channel.binds[0];
  EXPECT_EQ(bind.name, "north");
  EXPECT_EQ(bind.host, "smsc.example.com");
  EXPECT_EQ(bind.port, 3550);
  EXPECT_EQ(bind.smsc, "carrier");
  EXPECT_EQ(bind.system_id, "sallyport");
  EXPECT_EQ(bind.system_type, "VMA");
  EXPECT_EQ(bind.password_file, "/etc/secrets/smsc.password");
  EXPECT_TRUE(bind.tls);
  EXPECT_EQ(bind.ca_file, "/etc/tls/smsc-ca.pem");
  EXPECT_EQ(bind.window, 10U);
  EXPECT_EQ(bind.per_second, 20U);
  EXPECT_EQ(bind.enquire_interval, milliseconds(30'000));
  EXPECT_EQ(bind.timeout, milliseconds(30'000));
  EXPECT_EQ(config.bounces.domain, "bounces.example.com");
  EXPECT_EQ(config.bounces.port, 2424);
  EXPECT_EQ(config.messaging.vendor, "example");
  EXPECT_EQ(config.messaging.support_contact, "help@example.com");
  EXPECT_EQ(config.messaging.mail_from, "news@example.com");
  EXPECT_EQ(config.messaging.mri_domain_user, "user.example.com");
  EXPECT_EQ(config.messaging.message_bytes, 65'536U);
  EXPECT_EQ(config.messaging.retry_delays, (std::vector{milliseconds(500), milliseconds(2'000)}));
  EXPECT_EQ(config.messaging.give_up_after, std::chrono::hours(24));
  EXPECT_EQ(config.messaging.active_window, 10U);
}

TEST(Parse, TheKeyMayStandInSeveralPlaces) {
  const Api api = parse(
                      "[[api]]\nname='a'\ndisclose_key_state=true\nwhoami=false\n"
                      "[[api.host]]\nhost='sandbox.test'\nenvironment='test'\n"
                      "[api.key]\nlocations=['header:X-Api-Key','query:ApiKey','header:x-key']\n",
                      "x.toml")
                      .config.apis.at(0);
  EXPECT_EQ(api.key.headers, (std::vector<std::string>{"x-api-key", "x-key"}));
  EXPECT_EQ(api.key.queries, std::vector<std::string>{"apikey"});
  EXPECT_TRUE(api.disclose_key_state);
  EXPECT_FALSE(api.whoami);
  EXPECT_EQ(api.hosts.at(0).environment, Environment::Test);
}

TEST(Parse, DefaultsOfAnApiFollowItsProfile) {
  const Config config = parse(
                            "[[api]]\nname='a'\n[[api]]\nname='b'\nprofile='modern'\n"
                            "[[api]]\nname='c'\n[api.key]\nquery=''\n",
                            "x.toml")
                            .config;
  ASSERT_EQ(config.apis.size(), 3U);
  const std::vector<std::string> none;
  EXPECT_EQ(config.apis[0].key.queries, std::vector<std::string>{"apikey"}) << "on in classic";
  EXPECT_EQ(config.apis[1].key.queries, none) << "off in modern";
  EXPECT_EQ(config.apis[2].key.queries, none) << "switched off";
  EXPECT_EQ(config.apis[0].key.headers, std::vector<std::string>{"x-api-key"});
  EXPECT_FALSE(config.apis[0].disclose_key_state);
  EXPECT_TRUE(config.apis[0].whoami);
  EXPECT_EQ(config.apis[0].realm, "a");
}

TEST(Parse, PlacesTellWhereAKeyStands) {
  const Parsed parsed = parse_golden("full");
  ASSERT_TRUE(parsed.places.contains("listener[0].certificate"));
  EXPECT_EQ(parsed.places.at("listener[0].certificate").line, 23U);
  EXPECT_EQ(parsed.places.at("listener[0].certificate").column, 1U);
}

TEST(Parse, ProblemsComeInTheOrderOfTheFile) {
  const Parsed parsed = parse_golden("listeners");
  for (std::size_t i = 1; i < parsed.problems.size(); ++i) {
    EXPECT_LE(parsed.problems[i - 1].line, parsed.problems[i].line);
  }
}

TEST(Parse, WarningsLeaveItUsable) {
  EXPECT_TRUE(parse_golden("warnings").usable());
  EXPECT_FALSE(parse_golden("unknown").usable());
  EXPECT_FALSE(parse_golden("empty").usable());
}

// The last block of TOML in docs/configuration.md.
std::string documented_example() {
  const std::string text =
      test::read_text(std::string(SALLYPORT_TEST_SOURCE_DIR) + "/docs/configuration.md");
  const std::size_t start = text.rfind("```toml\n") + 8;
  return text.substr(start, text.find("```", start) - start);
}

TEST(Documentation, ItsExampleIsRightAndHasEveryKey) {
  const Parsed parsed = parse(documented_example(), "/etc/sallyport/sallyport.toml");
  EXPECT_TRUE(parsed.usable());
  for (const Problem& problem : parsed.problems) {
    EXPECT_TRUE(problem.warning) << problem.to_string();
  }
  std::set<std::string> used;
  for (const auto& [name, place] : parsed.places) used.insert(without_indices(name));
  for (const KeyInfo& key : known_keys()) {
    EXPECT_TRUE(used.contains(std::string(key.name))) << key.name;
  }
}

TEST(Documentation, TheManPageNamesEveryKey) {
  const std::string page =
      test::read_text(std::string(SALLYPORT_TEST_SOURCE_DIR) + "/docs/man/sallyport.toml.5");
  for (const KeyInfo& key : known_keys()) {
    EXPECT_NE(page.find(".B " + std::string(key.name) + "\n"), std::string::npos) << key.name;
  }
}

TEST(Load, AFileThatCannotBeReadIsAProblem) {
  const Parsed parsed = load("/nowhere/sallyport.toml");
  ASSERT_EQ(parsed.problems.size(), 1U);
  EXPECT_EQ(parsed.problems[0].to_string(),
            "/nowhere/sallyport.toml: cannot be read: No such file or directory");
  EXPECT_FALSE(parsed.usable());
}

}  // namespace
}  // namespace sallyport::config
