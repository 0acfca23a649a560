#include "http/proxy_protocol.h"

#include <gtest/gtest.h>

#include <string>

namespace sallyport::http {
namespace {

using State = ProxyHeaderReader::State;

// Version 2: command and family, addresses and what is behind them.
std::string binary(unsigned char command, unsigned char family, const std::string& body) {
  std::string bytes("\r\n\r\n\0\r\nQUIT\n", 12);
  bytes += static_cast<char>(command);
  bytes += static_cast<char>(family);
  bytes += static_cast<char>(body.size() >> 8U);
  bytes += static_cast<char>(body.size() & 0xFFU);
  return bytes + body;
}

const std::string kV4("\xC0\x00\x02\x01\xC0\x00\x02\x09\xDC\x04\x01\xBB", 12);
const std::string kSslYes("\x20\x00\x05\x01\x00\x00\x00\x00", 8);
const std::string kSslNo("\x20\x00\x05\x00\x00\x00\x00\x00", 8);

struct Read {
  State state = State::More;
  std::string left;
  ProxyHeader header;
};

// In pieces of `step` bytes.
Read read(const std::string& bytes, std::size_t step) {
  ProxyHeaderReader reader;
  Read result;
  result.left = bytes;
  while (!result.left.empty() && result.state == State::More) {
    std::size_t taken = 0;
    result.state = reader.feed(std::string_view(result.left).substr(0, step), taken);
    result.left.erase(0, taken);
    if (taken == 0 && result.state == State::More) break;
  }
  result.header = reader.header();
  return result;
}

TEST(ProxyProtocol, SaysWhoTheClientIsAndTakesNotAByteMore) {
  struct Row {
    const char* what;
    std::string bytes;
    const char* client;  // "" = none
    int port;
    int tls;  // -1 = not said
  };
  const Row rows[] = {
      {"TCP4", "PROXY TCP4 192.0.2.1 192.0.2.9 56324 443\r\n", "192.0.2.1", 56324, -1},
      {"TCP6", "PROXY TCP6 2001:db8::1 2001:db8::2 1 65535\r\n", "2001:db8::1", 1, -1},
      {"unknown", "PROXY UNKNOWN\r\n", "", 0, -1},
      {"unknown with words", "PROXY UNKNOWN ffff:: ffff:: 65535 65535\r\n", "", 0, -1},
      {"binary", binary(0x21, 0x11, kV4), "192.0.2.1", 56324, -1},
      {"binary, over TLS", binary(0x21, 0x11, kV4 + kSslYes), "192.0.2.1", 56324, 1},
      {"binary, not over TLS", binary(0x21, 0x11, kV4 + kSslNo), "192.0.2.1", 56324, 0},
      {"with a TLV that we do not know", binary(0x21, 0x11, kV4 + std::string("\xEE\0\1x", 4)),
       "192.0.2.1", 56324, -1},
      {"mapped IPv4",
       binary(0x21, 0x21,
              std::string(10, '\0') + "\xFF\xFF\xC0" + std::string("\0\2\7", 3) +
                  std::string(16, '\1') + "\1\2\3\4"),
       "192.0.2.7", 258, -1},
      {"LOCAL", binary(0x20, 0x00, ""), "", 0, -1},
      {"LOCAL with addresses", binary(0x20, 0x11, kV4), "", 0, -1},
      {"UNSPEC", binary(0x21, 0x00, "whatever"), "", 0, -1},
  };
  for (const Row& row : rows) {
    for (const std::size_t step : {std::size_t{1}, std::size_t{7}, std::size_t{4096}}) {
      const Read got = read(row.bytes + "GET / HTTP/1.1\r\n", step);
      EXPECT_EQ(got.state, State::Done) << row.what << ", by " << step;
      EXPECT_EQ(got.left, "GET / HTTP/1.1\r\n") << row.what << ", by " << step;
      EXPECT_EQ(got.header.client ? got.header.client->text() : "", row.client) << row.what;
      EXPECT_EQ(got.header.client_port, row.port) << row.what;
      EXPECT_EQ(got.header.tls ? static_cast<int>(*got.header.tls) : -1, row.tls) << row.what;
    }
  }
}

TEST(ProxyProtocol, WhatIsNoHeaderIsAnEnd) {
  const std::string rows[] = {
      "GET / HTTP/1.1\r\n",
      "\x16\x03\x01",
      "PROXX",
      "PROXY TCP4 192.0.2.1 192.0.2.9 56324 443\n",
      "PROXY TCP4 192.0.2.1 192.0.2.9 56324\r\n",
      "PROXY TCP4 192.0.2.1 192.0.2.9 56324 443 \r\n",
      "PROXY TCP4  192.0.2.1 192.0.2.9 56324 443\r\n",
      "PROXY TCP4 192.0.2.1 192.0.2.9 056324 443\r\n",
      "PROXY TCP4 192.0.2.1 192.0.2.9 65536 443\r\n",
      "PROXY TCP4 192.0.2.1 192.0.2.9 -1 443\r\n",
      "PROXY TCP4 2001:db8::1 2001:db8::2 1 2\r\n",
      "PROXY TCP6 192.0.2.1 192.0.2.9 1 2\r\n",
      "PROXY TCP4 192.0.2 192.0.2.9 1 2\r\n",
      "PROXY UDP4 192.0.2.1 192.0.2.9 1 2\r\n",
      "PROXY UNKNOWNX\r\n",
      "PROXY " + std::string(200, 'x'),
      std::string("\r\n\r\n\0\r\nQUIX", 12),
      binary(0x11, 0x11, kV4),
      binary(0x22, 0x11, kV4),
      binary(0x21, 0x12, kV4),
      binary(0x21, 0x11, kV4.substr(1)),
      binary(0x21, 0x11, kV4 + "\x20"),
      binary(0x21, 0x11, kV4 + std::string("\x20\x00\x09\x01", 4)),
      binary(0x21, 0x11, kV4 + kSslNo + kSslYes),
      binary(0x21, 0x11, kV4 + std::string(5'000, 'x')),
  };
  for (const std::string& row : rows) {
    for (const std::size_t step : {std::size_t{1}, std::size_t{4096}}) {
      EXPECT_EQ(read(row, step).state, State::Malformed) << row.substr(0, 60) << ", by " << step;
    }
  }
}

TEST(ProxyProtocol, HalfAHeaderIsWaitedFor) {
  EXPECT_EQ(read("PROXY TCP4 192.0", 4096).state, State::More);
  EXPECT_EQ(read(binary(0x21, 0x11, kV4).substr(0, 20), 3).state, State::More);
}

}  // namespace
}  // namespace sallyport::http
