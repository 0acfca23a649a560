#include "messaging/call.h"

#include <fmt/core.h>

#include <charconv>

#include "base/encoding.h"

namespace sallyport::messaging {
namespace {

std::vector<std::string_view> names_of(ResourceKind kind) {
  switch (kind) {
    case ResourceKind::Root: return {"company"};
    case ResourceKind::Workspaces:
    case ResourceKind::Workspace: return {"workspace"};
    case ResourceKind::Messages:
    case ResourceKind::Message: return {"message"};
    // Clients ask for a status with either name.
    case ResourceKind::Status: return {"messagestatus", "message"};
  }
  return {"message"};
}

// "https://api.example.com:8443/v1" -> "api.example.com"
std::string_view host_of(std::string_view url) {
  const std::size_t scheme = url.find("://");
  if (scheme != std::string_view::npos) url.remove_prefix(scheme + 3);
  url = url.substr(0, url.find('/'));
  if (url.starts_with('[')) return url.substr(0, url.find(']') + 1);
  return url.substr(0, url.find(':'));
}

std::string summary_of(int status, const std::string& contact) {
  switch (status) {
    case 400:
      return "Your request was malformed and could not be processed by the server. Please try "
             "again";
    case 404:
      return "The resource that you have requested does not exist. Please check the identifier "
             "and try again";
    case 405: return "The method that you have tried to use is not allowed for this resource";
    case 406:
      return "The media type you have asked for in the Accept header does not match any that is "
             "available for this resource. Please check the documentation for the correct "
             "media-type definitions, or contact " +
             contact + " to determine what media-type you should be using";
    case 408: return "Your request did not arrive in time. Please try again";
    case 413:
      return "Your request is larger than this resource allows. Please make it smaller and try "
             "again";
    case 415:
      return "The media type you have supplied in the request does not match any of the available "
             "on the server. Please check the documentation for the correct media-type "
             "definitions, or contact " +
             contact + " to determine what media-type you should be using";
    case 422:
      return "Your request did not contain all of the information required to perform this "
             "method. Please check your request for the required fields to be passed in and try "
             "again. Alternatively, contact your administrator or " +
             contact + " for more information";
    case 429: return "Your account has sent as much as it may for now. Please try again later";
    default: return {};
  }
}

std::string encoded(const QueryParts& query) {
  std::string text;
  for (const auto& [name, value] : query) {
    if (!text.empty()) text += '&';
    text.append(name).append("=").append(percent_encode_query(value));
  }
  return text;
}

Reason reason_of(int status) {
  switch (status) {
    case 408: return Reason::BodyTimeout;
    case 413: return Reason::BodyTooLarge;
    default: return Reason::EngineRefused;
  }
}

}  // namespace

Call::Call(const config::Config& config, const http::Request& request, Caller caller,
           ResourcePath path, std::string time_zone)
    : config_(config),
      request_(request),
      caller_(std::move(caller)),
      path_(path),
      time_zone_(std::move(time_zone)),
      media_(media_fields(request)),
      rules_{config.messaging.vendor, names_of(path.kind)} {}

http::Response Call::answer(const MediaType& type, const Document& document) const {
  http::Response response;
  response.head.add("Content-Type", type.text);
  response.body = render(document, type.format);
  return response;
}

http::Response Call::refuse(int status, std::string reason, std::string detail) const {
  if (reason.empty()) reason = http::reason_phrase(status);
  Document document{.xml_root = "error"};
  document.root.members.push_back(
      text("errorSummary", summary_of(status, config_.messaging.support_contact)));
  document.root.members.push_back(text("errorText", std::move(reason)));
  document.root.members.push_back(text("errorDetail", std::move(detail)));
  if (status == 422) document.root.members.push_back(links({}));
  http::Response response = answer(negotiate_error(media_, rules_), document);
  response.head.set_status(status);
  response.reason = reason_of(status);
  return response;
}

http::Response Call::refuse_body(http::BodyFault fault) const {
  http::Response response;
  switch (fault) {
    case http::BodyFault::TooLarge:
      response =
          refuse(413, {}, fmt::format("The body may have {} bytes", config_.limits.body_bytes));
      break;
    case http::BodyFault::Timeout: response = refuse(408); break;
    case http::BodyFault::Malformed:
      response = refuse(400, {}, "The body's chunks are malformed");
      response.reason = Reason::BadFraming;
      break;
    case http::BodyFault::Gone:
      response = refuse(400, {}, "The body ended early");
      response.reason = Reason::ClientGone;
      break;
  }
  response.close = true;  // nobody knows where the next request would begin
  return response;
}

std::string Call::uri(std::string_view below, const QueryParts& query) const {
  return with_query(resource(below), {}, encoded(query));
}

std::string Call::uri_from_root(std::string_view path, const QueryParts& query) const {
  return with_query(caller_.public_url + "/" + std::string(path), {}, encoded(query));
}

std::string Call::resource(std::string_view below) const {
  std::string uri = caller_.public_url + "/";
  if (path_.workspace) uri.append("workspaces/").append(*path_.workspace).append("/");
  uri += below;
  return uri;
}

std::string Call::with_query(std::string_view uri, std::string_view below,
                             std::string_view query) const {
  std::string whole;
  whole.reserve(uri.size() + below.size() + query.size() + 1);
  whole.append(uri).append(below);
  if (!query.empty()) whole.append("?").append(query);
  if (!caller_.echo_apikey.empty()) {
    whole += query.empty() ? '?' : '&';
    whole += caller_.echo_name;
    whole += '=';
    whole += percent_encode_query(caller_.echo_apikey);
  }
  return whole;
}

Link Call::link(std::string uri, std::string_view rel, std::string_view method,
                std::string_view writes) const {
  Link link{.uri = std::move(uri), .rel = rel, .method = method};
  if (!writes.empty()) link.type = vendor_types(config_.messaging.vendor, writes);
  // Newer clients send the key in a header only, and want to be told host and port apart.
  if (caller_.echo_apikey.empty()) link.host = host_of(caller_.public_url);
  return link;
}

std::optional<Page> page_of(const http::Request& request) {
  Page page;
  const auto read = [&request](std::string_view name, std::int64_t& out) {
    const auto value = request.query_value(name);
    if (!value || value->empty()) return true;
    const auto [end, error] = std::from_chars(value->data(), value->data() + value->size(), out);
    return error == std::errc() && end == value->data() + value->size() && out >= 0 &&
           out <= 1'000'000'000;
  };
  if (!read("limit", page.limit) || !read("offset", page.offset)) return std::nullopt;
  if (page.limit == 0 || page.limit > kMaxPage) page.limit = kMaxPage;
  return page;
}

Document no_records() {
  Document document{.xml_root = "return", .xml_root_in_dap = true};
  document.root.members.push_back(text("status", "No records found"));
  return document;
}

void add_list_status(Object& object, const Page& page, std::size_t shown, std::size_t total) {
  const auto first = static_cast<std::size_t>(page.offset) + 1;
  const std::string status = fmt::format("{} to {} of {}", first, first + shown - 1, total);
  object.members.push_back(text("status", status + "    ", Shown::JsonOnly));
  object.members.push_back(text("status", status, Shown::XmlOnly));
}

}  // namespace sallyport::messaging
