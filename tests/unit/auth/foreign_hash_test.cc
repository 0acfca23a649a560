#include "auth/foreign_hash.h"

#include <gtest/gtest.h>

namespace sallyport::auth {
namespace {

// Made by Python's crypt and hashlib.
TEST(ForeignHash, AgreesWithOtherImplementations) {
  for (const char* verifier : {
           "$2b$05$abcdefghijklmnopqrstuuHNbAKRhpaujgo33bRWs.NLUTJO3lOy2",
           "$2y$05$abcdefghijklmnopqrstuuHNbAKRhpaujgo33bRWs.NLUTJO3lOy2",
           "$2a$05$abcdefghijklmnopqrstuuHNbAKRhpaujgo33bRWs.NLUTJO3lOy2",
           "$5$saltsalt$myjXcpMpE2Ofk7fj9hqyNYSn6lmWG4Mqnjx.KIRRr4/",
           "$5$rounds=1000$saltsalt$R6e4P8ccT9iMqkYg7Z8YtpId/lfsIfnuPkp8WXposU8",
           "$6$rounds=1000$saltsalt$4GMtaIz3E1AdDi2SmCokEW0ehi.HdxNDcL3fGE1XXuzvo6kbx7UOloZKONqEk5"
           "H3JrQA4NOfU8BmqFPrpGqwA1",
           "$6$saltsalt$hRM5XZ86KXEw9UOmjigeVqFgULtFB2sgpC9lXQDfMib3Zgw7mEiUvBJI2EplzfAqxL5Vvwp2sc"
           "Ftv/uamSo5z0",
           "$y$j75$abcdefgh$Jakf0CHhzdQOivqISxvBXCIRIaxY0Fs1wJGsJSurry/",
           "$y$j9T$abcdefghijkl$mgJuY4gMXijl7wcJZVq47c5gOPi/i3xTgQt/6zXaLs/",
           "$7$8U..../....abcdefgh$3Uxoc7cyXqa.OIDHpNtLPDS1t0XC5sH4yiFOi6OHA50",
           "$pbkdf2$1000$8PHy8/T19vf4.fr7/P3./w$.5QX0J046SbyM4zUrpWK1an1PdA",
           "$pbkdf2-sha256$1000$8PHy8/T19vf4.fr7/P3./w$JwgcbJZlHBoE0uPBMy9SZsCsIJXsYLx/"
           "8XwH97PVwMU",
           "$pbkdf2-sha512$1000$8PHy8/T19vf4.fr7/P3./w$xqu1f3FSdHbs02z9AocIk0UpBf6S9uqlRTfcS56zkPq"
           "TxPMhm.kj4D.e8E9DRlH/uXf/Pe1g59vHIM0MwcvtiA",
           "$pbkdf2-sha256$i=1000,l=32$8PHy8/T19vf4+fr7/P3+/w$JwgcbJZlHBoE0uPBMy9SZsCsIJXsYLx/"
           "8XwH97PVwMU",
           "pbkdf2_sha256$1000$NaClNaCl$DFRHyP75NhhP9KfmBQVw3DRMTlplRxD2m0/X6CUIpWg=",
           "$scrypt$ln=10,r=8,p=1$8PHy8/T19vf4+fr7/P3+/w$2rA3VVxBi7JUdeKlENqV7JZ3kUPnS38wnsDB+"
           "xWehuw",
           "scrypt$NaClNaCl$1024$8$1$BFctiq11ddsFA7tHnJbQjJVtW8PnXTZ+BDwThlBIK3ifpjP46lLBBQqNEdo5J"
           "AUpXjswbLDT1X9WoPj6O0clbQ==",
       }) {
    const auto format = read_format(verifier);
    ASSERT_TRUE(format) << verifier << ": " << format.error().message;
    const auto right = fits_foreign(verifier, *format, "correct horse");
    ASSERT_TRUE(right) << verifier;
    EXPECT_TRUE(*right) << verifier;
    const auto wrong = fits_foreign(verifier, *format, "correct horsf");
    ASSERT_TRUE(wrong) << verifier;
    EXPECT_FALSE(*wrong) << verifier;
  }
}

TEST(ForeignHash, Sha1OverPasswordAndSalt) {
  EXPECT_EQ(sha1_hex("abc", ""), "a9993e364706816aba3e25717850c26c9cd0d89d");  // FIPS 180-4
  EXPECT_EQ(sha1_hex("ab", "c"), "a9993e364706816aba3e25717850c26c9cd0d89d");
}

}  // namespace
}  // namespace sallyport::auth
