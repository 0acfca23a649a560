// Keys chosen by whose they are: what `key list` shows and `key revoke` ends. Control thread.
#pragma once

#include <optional>
#include <vector>

#include "admin/run.h"
#include "admin/verbs.h"

namespace sallyport::admin {

struct KeyChoice {
  SubscriptionId subscription;  // none: of any
  ApplicationId application;
  AccountId account;
  std::optional<Status> status;
  std::int64_t unused_since_us = 0;  // 0: used or not

  bool narrows_owner() const { return subscription || application || account; }
};

// --subscription, --application, --account, --status, --unused-since; refuses what is not there.
KeyChoice read_choice(Run& run);
Selection<ApiKey> chosen_keys(const Model& model, const KeyChoice& choice);

std::vector<OptionInfo> list_options();
std::vector<OptionInfo> revoke_options();

// Revokes all that the options choose, or the ids in the rows. Says how many.
CommandReply revoke_chosen(Run& run);

}  // namespace sallyport::admin
