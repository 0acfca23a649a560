#include "auth/token/jwks_reader.h"

#include <curl/curl.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <fstream>
#include <memory>
#include <utility>

#include "auth/token/jwk.h"
#include "base/log.h"

namespace sallyport::auth {
namespace {

constexpr long kConnectTimeout_ms = 5'000;
constexpr long kWholeTimeout_ms = 10'000;
// After a token named a key that is not there, or after a failure.
constexpr std::int64_t kSoonest_us = 10'000'000;

struct FreeCurl {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};

std::size_t take_part(char* bytes, std::size_t one, std::size_t count, void* out) {
  auto& text = *static_cast<std::string*>(out);
  const std::size_t size = one * count;
  if (text.size() + size > kMaxJwksBytes) return 0;  // ends the transfer
  text.append(bytes, size);
  return size;
}

int look_up(void* stopping, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<const std::atomic<bool>*>(stopping)->load() ? 1 : 0;
}

std::unique_ptr<const KeySet> set_of(const std::vector<PublicKey>& keys) {
  auto set = std::make_unique<KeySet>();
  for (const PublicKey& key : keys) set->keys.push_back({key, 0});
  return set;
}

const std::string& place_of(const TokenIssuer& issuer) {
  const config::Issuer& settings = issuer.settings();
  return settings.jwks_file.empty() ? settings.jwks_url : settings.jwks_file;
}

}  // namespace

Result<std::string> fetch_jwks(const std::string& url, const std::string& ca_file,
                               const std::atomic<bool>& stopping) {
  static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT);
  const std::unique_ptr<CURL, FreeCurl> handle(ready == CURLE_OK ? curl_easy_init() : nullptr);
  if (handle == nullptr) return fail(ErrorKind::Unavailable, "libcurl cannot be used");
  CURL* curl = handle.get();
  std::string text;
  char why[CURL_ERROR_SIZE] = "";
  curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "https");
  curl_easy_setopt(curl, CURLOPT_PROXY, "");  // also not from the environment
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(curl, CURLOPT_FAILONERROR, 1L);
  curl_easy_setopt(curl, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2);
  if (!ca_file.empty()) curl_easy_setopt(curl, CURLOPT_CAINFO, ca_file.c_str());
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, kConnectTimeout_ms);
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, kWholeTimeout_ms);
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_USERAGENT, "sallyport");
  curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, why);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_part);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &text);
  curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, look_up);
  curl_easy_setopt(curl, CURLOPT_XFERINFODATA, &stopping);
  const CURLcode code = curl_easy_perform(curl);
  if (code != CURLE_OK) {
    return fail(ErrorKind::Unavailable, why[0] != '\0' ? why : curl_easy_strerror(code));
  }
  long status = 0;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
  if (status != 200) {
    return fail(ErrorKind::Unavailable, "answered " + std::to_string(status) + ", not 200");
  }
  return text;
}

Result<std::string> read_jwks_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text(kMaxJwksBytes + 1, '\0');
  if (!file || !file.read(text.data(), static_cast<std::streamsize>(text.size())).eof()) {
    return fail(ErrorKind::Unavailable,
                file ? "larger than 256 KiB" : std::string(std::strerror(errno)));
  }
  text.resize(static_cast<std::size_t>(file.gcount()));
  return text;
}

JwksReader::~JwksReader() { stop(); }

Result<void> JwksReader::add(TokenIssuer& issuer) {
  Source& source = sources_.emplace_back();
  source.issuer = &issuer;
  if (issuer.settings().jwks_file.empty()) return {};
  if (auto done = read(source); !done) {
    return fail(done.error().kind, place_of(issuer) + ": " + done.error().message);
  }
  return {};
}

Result<void> JwksReader::read(Source& source) {
  const config::Issuer& settings = source.issuer->settings();
  const std::int64_t now_us = clock_.monotonic_us();
  source.earliest_us = now_us + kSoonest_us;
  source.next_us = now_us + settings.refresh.count() * 1'000;
  auto text = settings.jwks_file.empty()
                  ? fetch_jwks(settings.jwks_url, settings.ca_file, stopping_)
                  : read_jwks_file(settings.jwks_file);
  if (!text) return std::unexpected(text.error());
  const std::int64_t good_until_us = clock_.unix_us() + kKeysGoodFor_us;
  if (*text == source.text) {
    source.issuer->extend(good_until_us);
    return {};
  }
  auto keys = read_jwks(*text, settings.algorithms);
  if (!keys) return std::unexpected(keys.error());
  // A key that stays is the same one: what it has proven stays proven.
  for (PublicKey& key : *keys) {
    const auto same = std::ranges::find_if(
        source.keys, [&key](const PublicKey& old) { return is_same_key(old, key); });
    if (same != source.keys.end()) key = *same;
  }
  source.issuer->replace(set_of(*keys), good_until_us);
  source.text = std::move(*text);
  source.keys = std::move(*keys);
  return {};
}

void JwksReader::tick() {
  for (Source& source : sources_) {
    const std::int64_t now_us = clock_.monotonic_us();
    const bool early = now_us >= source.earliest_us && source.issuer->take_miss();
    if (!early && now_us < source.next_us) continue;
    const auto done = read(source);
    if (stopping_) return;
    if (!done) {
      failures_.fetch_add(1, std::memory_order_relaxed);
      source.next_us = std::min(source.next_us, source.earliest_us);
    }
    // Told when it begins and when it ends, not each time.
    if (std::exchange(source.failing, !done) == !done) continue;
    const std::string what =
        "keys of issuer " + source.issuer->settings().name + ", " + place_of(*source.issuer) + ": ";
    done ? log::info(what + "there again") : log::warn(what + done.error().message);
  }
}

void JwksReader::start() {
  if (!sources_.empty()) thread_ = std::thread(&JwksReader::run, this);
}

void JwksReader::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void JwksReader::run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    lock.unlock();
    tick();
    lock.lock();
    wake_.wait_for(lock, std::chrono::seconds(1), [this] { return stopping_.load(); });
  }
}

}  // namespace sallyport::auth
