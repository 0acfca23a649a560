#include "config/key_locations.h"

#include <gtest/gtest.h>

namespace sallyport::config {
namespace {

TEST(KeyLocations, NamesAreComparedAsTheyAreLookedUp) {
  KeyLocations places;
  places.headers = {"x-api-key", "x-programme-key"};
  places.queries = {"apikey"};
  EXPECT_TRUE(places.has_header("x-api-key"));
  EXPECT_TRUE(places.has_header("x-programme-key"));
  EXPECT_FALSE(places.has_header("x-api-keys"));
  EXPECT_FALSE(places.has_header(""));
  EXPECT_TRUE(places.has_query("apikey"));
  EXPECT_TRUE(places.has_query("ApiKey"));
  EXPECT_FALSE(places.has_query("api_key"));
}

}  // namespace
}  // namespace sallyport::config
