#include "http/client_name.h"

#include <gtest/gtest.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>
#include <string_view>
#include <vector>

namespace sallyport::http {
namespace {

using config::ClientName;
using Certificate = std::unique_ptr<X509, void (*)(X509*)>;

struct Alternative {
  int type;
  std::string value;
};

Certificate make(const std::vector<std::string>& names,
                 const std::vector<Alternative>& alternatives = {}) {
  Certificate certificate(X509_new(), X509_free);
  for (const std::string& name : names) {
    X509_NAME_add_entry_by_NID(X509_get_subject_name(certificate.get()), NID_commonName,
                               MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(name.data()),
                               static_cast<int>(name.size()), -1, 0);
  }
  if (alternatives.empty()) return certificate;
  GENERAL_NAMES* list = sk_GENERAL_NAME_new_null();
  for (const Alternative& one : alternatives) {
    GENERAL_NAME* name = GENERAL_NAME_new();
    ASN1_IA5STRING* value = ASN1_IA5STRING_new();
    ASN1_STRING_set(value, one.value.data(), static_cast<int>(one.value.size()));
    GENERAL_NAME_set0_value(name, one.type, value);
    sk_GENERAL_NAME_push(list, name);
  }
  X509_add1_ext_i2d(certificate.get(), NID_subject_alt_name, list, 0, 0);
  GENERAL_NAMES_free(list);
  return certificate;
}

std::string name_of(const Certificate& certificate, ClientName kind) {
  return client_name(certificate.get(), kind).value_or("(none)");
}

TEST(ClientName, IsTheOneValueOfItsKind) {
  const Certificate jane = make({"Jané"}, {{GEN_EMAIL, "jane@example.com"},
                                           {GEN_DNS, "laptop.example.com"},
                                           {GEN_URI, "spiffe://example.com/jane"}});
  EXPECT_EQ(name_of(jane, ClientName::SubjectCn), "Jané");
  EXPECT_EQ(name_of(jane, ClientName::SanEmail), "jane@example.com");
  EXPECT_EQ(name_of(jane, ClientName::SanDns), "laptop.example.com");
  EXPECT_EQ(name_of(jane, ClientName::SanUri), "spiffe://example.com/jane");
  EXPECT_EQ(name_of(make({}), ClientName::SubjectCn), "(none)");
  EXPECT_EQ(name_of(make({"x"}), ClientName::SanEmail), "(none)");
  EXPECT_FALSE(client_name(nullptr, ClientName::SubjectCn));
}

TEST(ClientName, WhatCanMeanTwoThingsIsNobody) {
  const std::string nul("jane\0.evil", 10);
  EXPECT_EQ(name_of(make({"jane", "joe"}), ClientName::SubjectCn), "(none)");
  EXPECT_EQ(name_of(make({nul}), ClientName::SubjectCn), "(none)");
  EXPECT_EQ(name_of(make({"jane\n"}), ClientName::SubjectCn), "(none)");
  EXPECT_EQ(name_of(make({"j"}, {{GEN_EMAIL, nul}}), ClientName::SanEmail), "(none)");
  EXPECT_EQ(name_of(make({"j"}, {{GEN_EMAIL, "a@b"}, {GEN_EMAIL, "c@d"}}), ClientName::SanEmail),
            "(none)");
  EXPECT_EQ(name_of(make({"j"}, {{GEN_EMAIL, "a@b"}, {GEN_EMAIL, nul}}), ClientName::SanEmail),
            "(none)");
  EXPECT_EQ(name_of(make({"j"}, {{GEN_DNS, "\xFF\xFE"}}), ClientName::SanDns), "(none)");
}

TEST(ClientName, TellsWhenTheCertificateEnds) {
  const Certificate certificate = make({"jane"});
  ASN1_TIME_set_string(X509_getm_notAfter(certificate.get()), "20300102030405Z");
  EXPECT_EQ(certificate_end_us(certificate.get()), 1'893'553'445'000'000);
  EXPECT_EQ(certificate_end_us(nullptr), 0);
}

}  // namespace
}  // namespace sallyport::http
