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

}  // namespace
}  // namespace sallyport::server
