#include "telemetry/metrics.h"

#include <gtest/gtest.h>

namespace sallyport::telemetry {
namespace {

TEST(Metrics, AddsUpTheShards) {
  Metrics metrics({"messaging"}, 2);
  metrics.shard(0).count_request(1, Reason::Ok, 90);
  metrics.shard(1).count_request(1, Reason::Ok, 300);
  metrics.shard(1).count_request(0, Reason::MalformedHead, 9'000'000);
  metrics.add_gauge("sallyport_queue", "Waiting.", [] { return 7.0; });
  const std::string text = metrics.render();
  for (const char* line : {"sallyport_requests_total{api=\"messaging\",reason=\"ok\"} 2\n",
                           "sallyport_requests_total{api=\"none\",reason=\"malformed_head\"} 1\n",
                           "sallyport_request_duration_seconds_bucket{le=\"0.0001\"} 1\n",
                           "sallyport_request_duration_seconds_bucket{le=\"0.0005\"} 2\n",
                           "sallyport_request_duration_seconds_bucket{le=\"+Inf\"} 3\n",
                           "sallyport_request_duration_seconds_count 3\n",
                           "# TYPE sallyport_queue gauge\n", "sallyport_queue 7\n"}) {
    EXPECT_NE(text.find(line), std::string::npos) << line << "in\n" << text;
  }
}

TEST(Metrics, NamesOfApisMayComeIn) {
  Metrics metrics({"messaging"}, 1);
  metrics.name_apis({"messaging", "later"});
  metrics.shard(0).count_request(2, Reason::Ok, 1);
  EXPECT_NE(metrics.render().find("{api=\"later\",reason=\"ok\"} 1\n"), std::string::npos);
  EXPECT_TRUE(metrics.has_room_for(1 + Metrics::kRoomForApis));
  EXPECT_FALSE(metrics.has_room_for(2 + Metrics::kRoomForApis));
}

TEST(Metrics, CountsWhatCandidatesWouldHaveSaid) {
  Metrics metrics({"messaging"}, 2);
  metrics.shard(0).count_shadow(1, Shadow::None);
  metrics.shard(0).count_shadow(1, Shadow::WouldDeny);
  metrics.shard(1).count_shadow(1, Shadow::WouldDeny);
  const std::string text = metrics.render();
  EXPECT_NE(text.find("sallyport_shadow_decisions_total{api=\"messaging\","
                      "result=\"would_deny\"} 2\n"),
            std::string::npos)
      << text;
  EXPECT_EQ(text.find("result=\"\""), std::string::npos);
}

TEST(Metrics, AnnouncesAFamilyOfLabelledReadingsOnce) {
  Metrics metrics({}, 1);
  metrics.add_counter("x_total{result=\"a\"}", "X.", [] { return 1.0; });
  metrics.add_counter("x_total{result=\"b\"}", "X.", [] { return 2.0; });
  const std::string text = metrics.render();
  EXPECT_EQ(text.find("# TYPE x_total counter"), text.rfind("# TYPE x_total counter"));
  EXPECT_NE(text.find("x_total{result=\"b\"} 2\n"), std::string::npos);
}

}  // namespace
}  // namespace sallyport::telemetry
