#include "messaging/dkim.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <string>

#include "base/crypto.h"
#include "base/encoding.h"

namespace sallyport::messaging::test {
namespace {

constexpr const char* kMail =
    "Date: Tue, 24 Nov 2026 09:00:00 +0000\r\nFrom:  \"John\"\r\n <news@example.com>\r\n"
    "To: a@example.org\r\nSubject: Hello \t there\r\nMessage-ID: <1@example.com>\r\n"
    "MIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\nbody \t text  \r\n\r\n\r\n";

std::string without_space(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c != ' ' && c != '\t' && c != '\r' && c != '\n') out += c;
  }
  return out;
}

std::string tag(const std::string& header, const std::string& name) {
  const std::string flat = without_space(header.substr(header.find(':') + 1)) + ";";
  const std::size_t at = (";" + flat).find(";" + name + "=");
  EXPECT_NE(at, std::string::npos) << name;
  const std::size_t start = at + name.size() + 1;
  return flat.substr(start, flat.find(';', start) - start);
}

TEST(Dkim, CanonicalForms) {
  // RFC 6376 3.4.5
  EXPECT_EQ(relaxed_header("A: X"), "a:X");
  EXPECT_EQ(relaxed_header("B : Y\t\r\n\tZ  "), "b:Y Z");
  EXPECT_EQ(relaxed_body(" C \r\nD \t E\r\n\r\n\r\n"), " C\r\nD E\r\n");
  EXPECT_EQ(relaxed_body(""), "");
  EXPECT_EQ(relaxed_body("\r\n\r\n"), "");
  EXPECT_EQ(relaxed_body("x"), "x\r\n");
}

TEST(Dkim, BothKindsVerifyWithThePublicHalf) {
  for (const std::string kind : {"rsa", "ed25519"}) {
    auto pair = make_dkim_key(kind);
    ASSERT_TRUE(pair) << kind;
    auto signer = DkimSigner::make("example.com", "s1", pair->private_key);
    ASSERT_TRUE(signer);
    const auto field = (*signer)->sign(kMail, 1'700'000'000'000'000);
    ASSERT_TRUE(field) << field.error().message;
    ASSERT_TRUE(field->starts_with("DKIM-Signature: v=1; a=" + kind + "-sha256; "));
    ASSERT_TRUE(field->ends_with("\r\n"));
    EXPECT_EQ(tag(*field, "d"), "example.com");
    EXPECT_EQ(tag(*field, "t"), "1700000000");
    EXPECT_EQ(tag(*field, "h"), "from:to:subject:date:message-id:mime-version:content-type:from");
    const Digest body = sha256("body text\r\n");
    EXPECT_EQ(tag(*field, "bh"),
              base64_encode({reinterpret_cast<const char*>(body.data()), body.size()}));

    // What a verifier puts together, by hand.
    const std::string bare = field->substr(0, field->rfind("b=") + 2);
    const std::string text =
        "from:\"John\" <news@example.com>\r\nto:a@example.org\r\nsubject:Hello there\r\n"
        "date:Tue, 24 Nov 2026 09:00:00 +0000\r\nmessage-id:<1@example.com>\r\n"
        "mime-version:1.0\r\ncontent-type:text/plain\r\n" +
        relaxed_header(bare);
    const auto key_bytes = base64_decode(pair->public_key);
    ASSERT_TRUE(key_bytes);
    const auto* raw = reinterpret_cast<const unsigned char*>(key_bytes->data());
    EVP_PKEY* key = kind == "rsa" ? d2i_PUBKEY(nullptr, &raw, static_cast<long>(key_bytes->size()))
                                  : EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, raw,
                                                                key_bytes->size());
    ASSERT_NE(key, nullptr);
    const auto signature = base64_decode(tag(*field, "b"));
    ASSERT_TRUE(signature);
    const Digest hashed = sha256(text);
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    ASSERT_EQ(EVP_DigestVerifyInit(context, nullptr, kind == "rsa" ? EVP_sha256() : nullptr,
                                   nullptr, key),
              1);
    const std::string_view signed_bytes =
        kind == "rsa" ? std::string_view(text)
                      : std::string_view(reinterpret_cast<const char*>(hashed.data()), 32);
    EXPECT_EQ(EVP_DigestVerify(context, reinterpret_cast<const unsigned char*>(signature->data()),
                               signature->size(),
                               reinterpret_cast<const unsigned char*>(signed_bytes.data()),
                               signed_bytes.size()),
              1)
        << kind;
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(key);
  }
}

TEST(Dkim, WhatIsNoKeyOrNoMailIsRefused) {
  EXPECT_FALSE(DkimSigner::make("example.com", "s1", Secret(std::string("no key"))));
  auto pair = make_dkim_key("ed25519");
  ASSERT_TRUE(pair);
  auto signer = DkimSigner::make("example.com", "s1", pair->private_key);
  ASSERT_TRUE(signer);
  EXPECT_FALSE((*signer)->sign("From: a@b\r\n", 0));
  EXPECT_EQ(dkim_record("rsa", "AAAA"), "v=DKIM1; k=rsa; p=AAAA");
}

}  // namespace
}  // namespace sallyport::messaging::test
