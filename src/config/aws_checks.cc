#include "config/aws_checks_internal.h"

#include <algorithm>
#include <array>
#include <string>

namespace sonde::config {
namespace {

bool digit(char c) { return c >= '0' && c <= '9'; }
bool alphanumeric(char c) { return digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool visible(char c) { return c > 0x20 && c < 0x7f; }

/// What SNS wants to see as the endpoint of a protocol.
std::string_view check_endpoint_of(std::string_view protocol, std::string_view endpoint) {
  if (!std::ranges::all_of(endpoint, [](char c) { return c == ' ' || visible(c); })) {
    return "has an endpoint that is not printable ASCII";
  }
  if (protocol == "http" || protocol == "https") {
    const bool right = endpoint.starts_with(std::string(protocol) + "://");
    return right ? "" : "needs a URL of the protocol that it names";
  }
  if (protocol == "email" || protocol == "email-json") {
    return endpoint.contains('@') ? "" : "needs an address of mail as its endpoint";
  }
  if (protocol == "sms") {
    const bool right = endpoint.size() > 7 && endpoint.front() == '+' &&
                       std::ranges::all_of(endpoint.substr(1), digit);
    return right ? "" : "needs a telephone number as +4930123456";
  }
  if (protocol == "firehose") {
    const std::size_t blank = endpoint.find(' ');
    const bool right = blank != std::string_view::npos &&
                       check_arn(endpoint.substr(0, blank)).empty() &&
                       check_arn(endpoint.substr(blank + 1)).empty();
    return right ? "" : "needs two ARNs with a blank between: of the stream, and of the role";
  }
  return check_arn(endpoint).empty() ? "" : "needs an ARN as its endpoint";
}

}  // namespace

std::string_view check_alarm_subject(std::string_view text) {
  if (text.empty() || text.size() > 128) return "must have 1 to 128 characters";
  if (!std::ranges::all_of(text, visible)) {
    return "must be visible ASCII, because it becomes a metric dimension and a name";
  }
  // Both would end the name within a composite alarm's rule or a dashboard's search.
  if (text.find_first_of("\"\\'") != std::string_view::npos) {
    return "must hold no quote and no backslash, which the rules of alarms cannot name";
  }
  return text.contains("${") ? "must hold no ${, which CloudFormation would replace" : "";
}

std::string_view check_server_tool(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos || slash == 0 || slash + 1 == text.size()) {
    return "must be written SERVER/TOOL, as search/query";
  }
  if (const auto wrong = check_alarm_subject(text.substr(0, slash)); !wrong.empty()) return wrong;
  return check_alarm_subject(text.substr(slash + 1));
}

std::string_view check_page(std::string_view text) {
  return text == "outage" || text == "plain-and" ? "" : "is no rule; write outage or plain-and";
}

std::string_view check_suffix(std::string_view text) {
  if (text.empty()) return {};
  constexpr std::string_view kForm =
      "must be a dash and 1 to 30 letters, digits and dashes, as -staging";
  if (text.size() < 2 || text.size() > 31 || text.front() != '-') return kForm;
  return std::ranges::all_of(text, [](char c) { return c == '-' || alphanumeric(c); }) ? "" : kForm;
}

std::string_view check_subscription(std::string_view text) {
  static constexpr std::array<std::string_view, 9> kProtocols = {
      "http", "https", "email", "email-json", "sms", "sqs", "application", "lambda", "firehose"};
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos || equals + 1 == text.size()) {
    return "must be written PROTOCOL=ENDPOINT, as email=ops@example.com";
  }
  if (std::ranges::find(kProtocols, text.substr(0, equals)) == kProtocols.end()) {
    return "has no protocol of SNS: http, https, email, email-json, sms, sqs, application, "
           "lambda or firehose";
  }
  if (text.size() - equals > 1024) return "has an endpoint of more than 1023 characters";
  return check_endpoint_of(text.substr(0, equals), text.substr(equals + 1));
}

std::string_view check_log_group(std::string_view text) {
  const auto allowed = [](char c) {
    return alphanumeric(c) || std::string_view("._/#-").contains(c);
  };
  return std::ranges::all_of(text, allowed) ? "" : "may hold letters, digits and . _ / # - only";
}

std::string_view check_arn(std::string_view text) {
  const bool right = text.starts_with("arn:") && text.size() <= 1024 &&
                     std::ranges::count(text, ':') >= 5 && std::ranges::all_of(text, visible);
  return right ? "" : "is no ARN, as arn:aws:sns:eu-west-1:123456789012:pager";
}

std::string_view check_base(std::string_view text) {
  if (!std::ranges::all_of(text, visible)) return "must be visible ASCII";
  if (text.contains("${")) return "must hold no ${, which CloudFormation would replace";
  return text.ends_with('/') ? "" : "must end in a slash; names of alarms follow it";
}

}  // namespace sonde::config
