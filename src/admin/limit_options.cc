#include "admin/limit_options.h"

namespace sallyport::admin {

std::vector<OptionInfo> rate_options(std::string_view rate, std::string_view burst) {
  return {{"rate", "NUMBER", rate},
          {"burst", "NUMBER", burst},
          {"window", "COUNT/LENGTH",
           "At most COUNT in any LENGTH of 1s to 1h, beside the rate: 500/10m. Twice at most.",
           false, true}};
}

std::vector<OptionInfo> limit_options(std::string_view rate, std::string_view burst,
                                      std::string_view quota) {
  std::vector<OptionInfo> options = rate_options(rate, burst);
  options.push_back({"quota", "NUMBER", quota});
  options.push_back({"quota-period", "PERIOD", "minute, hour, day or month. Default: day."});
  options.push_back({"quota-anchor", "DAY",
                     "The day on which a month begins, 1 to 31; 31 is the last. Default: 1."});
  options.push_back({"quota-zone", "ZONE",
                     "Time zone of the periods, or \"account\" for the account's, the default."});
  options.push_back({"concurrency", "NUMBER", "Requests in flight at the same time."});
  return options;
}

}  // namespace sallyport::admin
