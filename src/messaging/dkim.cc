#include "messaging/dkim.h"

#include <fmt/core.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "base/crypto.h"
#include "base/encoding.h"

namespace sallyport::messaging {
namespace {

constexpr int kRsaBits = 2048;  // RFC 8301 3.2
constexpr std::size_t kFoldAt = 70;

struct FreeKey {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
struct FreeBio {
  void operator()(BIO* bio) const { BIO_free_all(bio); }
};
struct FreeDigest {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using PrivateKey = std::unique_ptr<EVP_PKEY, FreeKey>;
using Memory = std::unique_ptr<BIO, FreeBio>;

// What a reader sees, and what unsubscribing rests on. Each that is there is signed; From once
// more, so that none can be added (RFC 6376 8.15).
constexpr std::string_view kSigned[] = {"from",
                                        "to",
                                        "subject",
                                        "date",
                                        "message-id",
                                        "mime-version",
                                        "content-type",
                                        "reply-to",
                                        "list-unsubscribe",
                                        "list-unsubscribe-post"};

std::unexpected<Error> broken() {
  ERR_clear_error();
  return fail(ErrorKind::Internal, "the key of DKIM cannot be used");
}

bool is_blank(char c) { return c == ' ' || c == '\t'; }

// The fields of a header with their folding, without the CRLF at their end.
std::vector<std::string_view> fields_of(std::string_view header) {
  std::vector<std::string_view> fields;
  std::size_t start = 0;
  for (std::size_t at = 0; at < header.size();) {
    const std::size_t end = std::min(header.find("\r\n", at), header.size());
    at = end + 2;
    if (at < header.size() && is_blank(header[at])) continue;
    fields.push_back(header.substr(start, end - start));
    start = at;
  }
  return fields;
}

std::string base64_of(std::span<const std::uint8_t> bytes) {
  return base64_encode({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

// Blanks and folding inside b= mean nothing (RFC 6376 3.5).
std::string folded(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); at += kFoldAt) {
    out.append("\r\n ").append(text.substr(at, kFoldAt));
  }
  return out;
}

}  // namespace

struct DkimSigner::Key {
  PrivateKey key;
  bool rsa = false;
};

DkimSigner::DkimSigner(std::string domain, std::string selector, std::unique_ptr<Key> key)
    : domain_(std::move(domain)), selector_(std::move(selector)), key_(std::move(key)) {}
DkimSigner::~DkimSigner() = default;

Result<DkimPair> make_dkim_key(std::string_view kind) {
  PrivateKey key(kind == "rsa" ? EVP_RSA_gen(static_cast<unsigned int>(kRsaBits))
                               : EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
  if (!key) return broken();
  const Memory pem(BIO_new(BIO_s_mem()));
  if (!pem || PEM_write_bio_PKCS8PrivateKey(pem.get(), key.get(), nullptr, nullptr, 0, nullptr,
                                            nullptr) != 1) {
    return broken();
  }
  char* text = nullptr;
  const long length = BIO_get_mem_data(pem.get(), &text);
  DkimPair pair{Secret(std::string(text, static_cast<std::size_t>(length))), {}};
  if (kind == "rsa") {
    unsigned char* der = nullptr;
    const int size = i2d_PUBKEY(key.get(), &der);
    if (size <= 0) return broken();
    pair.public_key = base64_encode({reinterpret_cast<char*>(der), static_cast<std::size_t>(size)});
    OPENSSL_free(der);
    return pair;
  }
  std::array<std::uint8_t, 32> raw{};  // RFC 8463 4: the bare key
  std::size_t size = raw.size();
  if (EVP_PKEY_get_raw_public_key(key.get(), raw.data(), &size) != 1) return broken();
  pair.public_key = base64_of(raw);
  return pair;
}

std::string dkim_record(std::string_view kind, std::string_view public_key) {
  return fmt::format("v=DKIM1; k={}; p={}", kind, public_key);
}

Result<std::shared_ptr<const DkimSigner>> DkimSigner::make(std::string domain, std::string selector,
                                                           const Secret& private_key) {
  const std::string_view pem = private_key.reveal();
  const Memory bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  auto key = std::make_unique<Key>();
  key->key.reset(bio ? PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr) : nullptr);
  if (!key->key) return broken();
  key->rsa = EVP_PKEY_get_base_id(key->key.get()) == EVP_PKEY_RSA;
  return std::make_shared<const DkimSigner>(std::move(domain), std::move(selector), std::move(key));
}

std::string relaxed_header(std::string_view field) {
  const std::size_t colon = field.find(':');
  std::string name = ascii_lower(field.substr(0, colon));
  while (!name.empty() && is_blank(name.back())) name.pop_back();
  std::string out = name + ":";
  bool gap = false;
  bool any = false;
  for (const char c : colon == std::string_view::npos ? "" : field.substr(colon + 1)) {
    if (is_blank(c) || c == '\r' || c == '\n') {
      gap = true;
      continue;
    }
    if (gap && any) out += ' ';
    out += c;
    gap = false;
    any = true;
  }
  return out;
}

std::string relaxed_body(std::string_view body) {
  std::string out;
  std::size_t empty = 0;  // lines that count only when another follows
  for (std::size_t at = 0; at < body.size();) {
    const std::size_t end = std::min(body.find("\r\n", at), body.size());
    std::string line;
    bool gap = false;
    for (const char c : body.substr(at, end - at)) {
      if (is_blank(c)) {
        gap = true;
        continue;
      }
      if (gap) line += ' ';
      line += c;
      gap = false;
    }
    at = end + 2;
    if (line.empty()) {
      ++empty;
      continue;
    }
    for (; empty > 0; --empty) out += "\r\n";
    out += line + "\r\n";
  }
  return out;
}

Result<std::string> DkimSigner::sign(std::string_view mail, std::int64_t time_us) const {
  const std::size_t gap = mail.find("\r\n\r\n");
  if (gap == std::string_view::npos) return fail(ErrorKind::Invalid, "a mail without a header");
  const auto fields = fields_of(mail.substr(0, gap));
  const std::string body_hash = base64_of(sha256(relaxed_body(mail.substr(gap + 4))));
  std::string names;
  std::string signed_text;
  for (const std::string_view wanted : kSigned) {
    for (const std::string_view field : fields) {
      if (!equal_ascii_case(field.substr(0, field.find(':')), wanted)) continue;
      names.append(names.empty() ? "" : ":").append(wanted);
      signed_text += relaxed_header(field) + "\r\n";
      break;
    }
  }
  names += ":from";
  std::string field = fmt::format(
      "DKIM-Signature: v=1; a={}; c=relaxed/relaxed; d={};\r\n s={}; t={};\r\n h={};\r\n bh={};"
      "\r\n b=",
      key_->rsa ? "rsa-sha256" : "ed25519-sha256", domain_, selector_, time_us / 1'000'000, names,
      body_hash);
  signed_text += relaxed_header(field);

  std::unique_ptr<EVP_MD_CTX, FreeDigest> context(EVP_MD_CTX_new());
  // Ed25519 signs the hash (RFC 8463 3), RSA hashes by itself.
  const Digest hashed = sha256(signed_text);
  const auto* bytes =
      key_->rsa ? reinterpret_cast<const std::uint8_t*>(signed_text.data()) : hashed.data();
  const std::size_t size = key_->rsa ? signed_text.size() : hashed.size();
  std::size_t length = 0;
  if (!context ||
      EVP_DigestSignInit(context.get(), nullptr, key_->rsa ? EVP_sha256() : nullptr, nullptr,
                         key_->key.get()) != 1 ||
      EVP_DigestSign(context.get(), nullptr, &length, bytes, size) != 1) {
    return broken();
  }
  std::vector<std::uint8_t> signature(length);
  if (EVP_DigestSign(context.get(), signature.data(), &length, bytes, size) != 1) return broken();
  signature.resize(length);
  return field + folded(base64_of(signature)).substr(3) + "\r\n";
}

}  // namespace sallyport::messaging
