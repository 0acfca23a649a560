#include "admin/wire.h"

#include <exception>

#include <boost/json.hpp>

#include "admin/json_text.h"

namespace sallyport::admin {
namespace {

namespace json = boost::json;

std::string array_of(const std::vector<std::string>& texts) {
  std::vector<std::string> elements;
  elements.reserve(texts.size());
  for (const std::string& text : texts) elements.push_back(json_string(text));
  return json_array(elements);
}

std::string text_of(const json::value& value) { return json::value_to<std::string>(value); }

std::vector<std::string> texts_of(const json::value& value) {
  std::vector<std::string> texts;
  for (const json::value& one : value.as_array()) texts.push_back(text_of(one));
  return texts;
}

}  // namespace

std::string request_line(const CommandRequest& request) {
  JsonObject options;
  for (const auto& [name, values] : request.options) options.raw(name, array_of(values));
  JsonObject secrets;
  for (const auto& [name, value] : request.secrets) secrets.text(name, value);
  return JsonObject()
             .raw("words", array_of(request.words))
             .raw("options", options.str())
             .raw("secrets", secrets.str())
             .str() +
         "\n";
}

Result<CommandRequest> parse_request(std::string_view line) {
  try {
    const json::value document = json::parse({line.data(), line.size()});
    const json::object& object = document.as_object();
    CommandRequest request;
    request.words = texts_of(object.at("words"));
    for (const auto& [name, values] : object.at("options").as_object()) {
      request.options[std::string(name)] = texts_of(values);
    }
    for (const auto& [name, value] : object.at("secrets").as_object()) {
      request.secrets[std::string(name)] = text_of(value);
    }
    return request;
  } catch (const std::exception&) {
    return fail(ErrorKind::Invalid, "the request is not what this version understands");
  }
}

std::string reply_line(const CommandReply& reply) {
  return JsonObject()
             .number("exit_code", reply.exit_code)
             .text("text", reply.text)
             .text("json", reply.json)
             .text("error", reply.error)
             .str() +
         "\n";
}

Result<CommandReply> parse_reply(std::string_view line) {
  try {
    const json::value document = json::parse({line.data(), line.size()});
    const json::object& object = document.as_object();
    CommandReply reply;
    reply.exit_code = json::value_to<int>(object.at("exit_code"));
    reply.text = text_of(object.at("text"));
    reply.json = text_of(object.at("json"));
    reply.error = text_of(object.at("error"));
    return reply;
  } catch (const std::exception&) {
    return fail(ErrorKind::Invalid, "the server's answer is not what this version understands");
  }
}

}  // namespace sallyport::admin
