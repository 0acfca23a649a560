#include "server/deliveries.h"

#include <future>
#include <string>
#include <utility>

#include "base/crypto.h"
#include "messaging/channels/file.h"
#include "messaging/channels/simulator.h"

namespace sallyport::server {
namespace {

// Attempts under way at a stop may end; what does not is in doubt and made again after the start.
constexpr std::int64_t kLastAttempts_us = 10'000'000;

messaging::InDoubtPolicy policy_of(config::InDoubt policy) {
  switch (policy) {
    case config::InDoubt::ByClass: return messaging::InDoubtPolicy::ByClass;
    case config::InDoubt::Again: return messaging::InDoubtPolicy::Again;
    case config::InDoubt::Stop: return messaging::InDoubtPolicy::Stop;
  }
  return messaging::InDoubtPolicy::ByClass;
}

}  // namespace

Deliveries::Deliveries(const config::Config& config, messaging::MessageStore& store,
                       messaging::SmsStore& sms_store, const messaging::SenderDirectory& senders,
                       const Clock& clock)
    : config_(config),
      store_(store),
      sms_store_(sms_store),
      senders_(senders),
      clock_(clock),
      loop_(clock),
      mail_(config.messaging.mail_from) {}

Deliveries::~Deliveries() { loop_.stop(); }

// Messages of the test environment go to the simulator, whatever the relay: never to the wire.
Result<void> Deliveries::build(Secret store_key) {
  const Digest mac = hmac_sha256(store_key.reveal(), "bounce addresses 1");
  const std::string bounce_key(mac.begin(), mac.end());
  if (!config_.bounces.domain.empty()) {
    mail_.bounce_to(config_.bounces.domain, Secret(std::string_view(bounce_key)));
  }
  mail_.sign_for(senders_, std::move(store_key));
  files_ = std::make_unique<messaging::FileChannel>(config_.file_channel.directory, mail_);
  simulator_ = std::make_unique<messaging::SimulatorChannel>(files_.get(), loop_, clock_);
  messaging::Channels channels{.email = files_.get(), .simulator = simulator_.get()};
  messaging::InDoubtPolicies policies;
  if (!config_.smtp_channel.host.empty()) {
    relay_ = std::make_unique<messaging::SmtpChannel>(config_.smtp_channel, mail_, *connector_,
                                                      clock_, &loop_);
    if (auto read = relay_->load_passwords(); !read) return read;
    channels.email = relay_.get();
    policies.email = policy_of(config_.smtp_channel.in_doubt);
  }
  if (!config_.sms_channel.binds.empty()) {
    smsc_ = std::make_unique<messaging::SmppChannel>(config_.sms_channel, sms_store_, *connector_,
                                                     loop_, clock_);
    if (auto read = smsc_->load_passwords(); !read) return read;
    channels.sms = smsc_.get();
    policies.sms = policy_of(config_.sms_channel.in_doubt);
  }
  scheduler_ = std::make_unique<messaging::Scheduler>(config_.messaging, store_, loop_, clock_,
                                                      random_, channels, policies);
  housekeeping_ = std::make_unique<messaging::Housekeeping>(
      config_.messaging, store_, senders_, loop_, clock_, random_, [this] { scheduler_->wake(); });
  if (config_.bounces.port == 0) return {};
  return listen_for_bounces(Secret(std::string_view(bounce_key)));
}

Result<void> Deliveries::listen_for_bounces(Secret key) {
  bounces_ = std::make_unique<messaging::LmtpServer>(config_.bounces.domain, std::move(key), store_,
                                                     loop_, clock_);
  auto listening = loop_.listen(
      config_.bounces.address, config_.bounces.port,
      [this](std::unique_ptr<messaging::Stream> stream) { bounces_->take(std::move(stream)); });
  if (!listening) {
    return fail(listening.error().kind, "channels.bounces: " + listening.error().message);
  }
  acceptor_ = std::move(*listening);
  return {};
}

void Deliveries::start() {
  if (smsc_) smsc_->start();
  scheduler_->start();
  housekeeping_->start();
}

void Deliveries::stop() {
  housekeeping_->stop();
  if (smsc_) smsc_->stop();
  std::promise<void> ended;
  scheduler_->stop(kLastAttempts_us, [&ended] { ended.set_value(); });
  ended.get_future().wait();
  if (smsc_) {
    std::promise<void> closed;
    smsc_->close([&closed] { closed.set_value(); });
    closed.get_future().wait();
  }
  loop_.stop();
}

}  // namespace sallyport::server
