// How messages leave, as config.h has it: relays, bounces, files. Values with every default.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace sallyport::config {

using std::chrono::milliseconds;

enum class SmtpSecurity : std::uint8_t { None, Opportunistic, StartTls, Tls };

// What becomes of an attempt in doubt: by the message's class (transactional again, marketing not).
enum class InDoubt : std::uint8_t { ByClass, Again, Stop };

struct SmtpRelay {
  std::string host;  // empty = the file channel is used
  std::uint16_t port = 25;
  SmtpSecurity security = SmtpSecurity::Opportunistic;
  bool verify = true;         // the certificate, of StartTls and Tls
  std::string ca_file;        // what it is verified with; empty = the system's authorities
  std::string username;       // of AUTH, which needs TLS; empty = none
  std::string password_file;  // its only line
};

// The first relay, what holds for all of them, and those that are tried when it is away.
struct SmtpChannel : SmtpRelay {
  std::string helo;              // default: the machine's name
  milliseconds timeout{60'000};  // for each step; RFC 5321 4.5.3.2 allows more
  std::uint32_t connections = 4;
  std::uint32_t mails_per_connection = 100;
  milliseconds idle_timeout{20'000};  // a connection waits so long for the next mail
  InDoubt in_doubt = InDoubt::ByClass;
  std::vector<SmtpRelay> more;
};

// One connection to an SMSC (SMPP 3.4, as a transceiver). Those to the same `smsc` share its ids.
struct SmppBind {
  std::string name;  // in logs and statuses
  std::string host;
  std::uint16_t port = 2775;
  std::string smsc;  // who makes the ids of messages; default: the host
  std::string system_id;
  std::string system_type;
  std::string password_file;  // its only line; empty = no password
  bool tls = false;
  bool verify = true;            // the SMSC's certificate
  std::string ca_file;           // empty = the system's authorities
  std::uint32_t window = 10;     // submissions without a response
  std::uint32_t per_second = 0;  // 0 = as fast as the window allows
  milliseconds enquire_interval{30'000};
  milliseconds timeout{30'000};  // to connect and bind, and for a response
};

// Of all binds together; without one there is no channel for SMS.
struct SmsChannel {
  std::string sender;  // of messages that name none; empty = the SMSC's choice
  InDoubt in_doubt = InDoubt::ByClass;
  std::vector<SmppBind> binds;
};

// Where bounces come back to: an address of its own for each mail, and a listener for LMTP.
struct Bounces {
  std::string domain;  // empty = bounces go to the sender
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;  // 0 = no listener
};

struct FileChannel {
  std::string directory = "outbox";
};

struct Messaging {
  std::string vendor = "whispir";  // application/vnd.<vendor>.message-v1+json
  std::string support_contact = "your administrator";
  std::string mail_from = "no-reply@localhost.local.test";  // envelope and From
  std::string mri_domain_user = "";           // reserved MRI domain; default user.<account>.invalid
  std::uint64_t message_bytes = 1024 * 1024;  // of a message without attachments
  std::vector<milliseconds> retry_delays{milliseconds{60'000}, milliseconds{300'000},
                                         milliseconds{900'000}, milliseconds{3'600'000}};
  milliseconds give_up_after{48LL * 3600 * 1000};
  std::uint32_t active_window = 100;                // attempts in flight
  std::uint32_t destination_window = 20;            // of them, to one destination
  milliseconds retention{90LL * 24 * 3600 * 1000};  // of messages that are at their end
};

}  // namespace sallyport::config
