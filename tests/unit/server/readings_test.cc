#include "server/readings.h"

#include <gtest/gtest.h>

namespace sallyport::server {
namespace {

TEST(Readings, AreReadAtEachScrape) {
  telemetry::Metrics metrics({}, 1);
  ReloadCounters reloads;
  messaging::DeliveryCounters deliveries;
  register_reloads(metrics, reloads);
  register_deliveries(metrics, deliveries);
  EXPECT_NE(metrics.render().find("sallyport_config_generation 1\n"), std::string::npos);
  reloads.generation = 3;
  reloads.refused = 2;
  deliveries.in_doubt = 4;
  const std::string text = metrics.render();
  for (const char* line :
       {"sallyport_config_generation 3\n", "sallyport_config_reloads_total{result=\"done\"} 0\n",
        "sallyport_config_reloads_total{result=\"refused\"} 2\n",
        "sallyport_deliveries_total{result=\"in_doubt\"} 4\n"}) {
    EXPECT_NE(text.find(line), std::string::npos) << line << "in\n" << text;
  }
}

TEST(Readings, EachBindHasItsOwn) {
  telemetry::Metrics metrics({}, 1);
  config::SmsChannel settings;
  settings.binds.resize(2);
  settings.binds[0].name = "north";
  settings.binds[1].name = "so\"uth\\";
  std::deque<messaging::SmppCounters> counters(2);
  register_binds(metrics, settings, counters);
  counters[0].bound = 1;
  counters[1].throttled = 3;
  counters[1].receipts = 2;
  const std::string text = metrics.render();
  for (const char* line :
       {"sallyport_smpp_bound{bind=\"north\"} 1\n",
        "sallyport_smpp_bound{bind=\"so\\\"uth\\\\\"} 0\n",
        "sallyport_smpp_submits_total{bind=\"so\\\"uth\\\\\",result=\"throttled\"} 3\n",
        "sallyport_smpp_delivers_total{bind=\"so\\\"uth\\\\\",kind=\"receipt\"} 2\n"}) {
    EXPECT_NE(text.find(line), std::string::npos) << line << "in\n" << text;
  }
  const std::string family = "# TYPE sallyport_smpp_submits_total";
  EXPECT_EQ(text.find(family), text.rfind(family)) << "announced once";
}

}  // namespace
}  // namespace sallyport::server
