#include "proxy/answer.h"

#include "base/json_writer.h"

namespace sonde::proxy {
namespace {

std::string_view reason_of(int status) noexcept {
  switch (status) {
    case 200:
      return "OK";
    case 400:
      return "Bad Request";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 407:
      return "Proxy Authentication Required";
    case 408:
      return "Request Timeout";
    case 411:
      return "Length Required";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 415:
      return "Unsupported Media Type";
    case 417:
      return "Expectation Failed";
    case 431:
      return "Request Header Fields Too Large";
    case 501:
      return "Not Implemented";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return "Refused";
  }
}

}  // namespace

Answer plain_answer(int status, std::string_view sentence) {
  return {.status = status, .body = "sonde proxy: " + std::string(sentence) + '\n'};
}

Answer refuse(http::Refusal refusal) {
  return plain_answer(http::status_of(refusal), http::sentence_of(refusal));
}

Answer rpc_error(int status, std::string_view id, int code, std::string_view message) {
  std::string body = R"({"jsonrpc":"2.0","id":)";
  body += id.empty() ? std::string_view("null") : id;
  body += R"(,"error":{"code":)" + std::to_string(code) + R"(,"message":)";
  append_json_string(body, message);
  body += "}}";
  return {.status = status, .content_type = "application/json", .body = std::move(body)};
}

std::string to_bytes(const Answer& answer, bool close, bool without_body) {
  std::string out = "HTTP/1.1 " + std::to_string(answer.status) + ' ';
  out.append(reason_of(answer.status)).append("\r\nContent-Type: ").append(answer.content_type);
  out += "\r\nContent-Length: " + std::to_string(answer.body.size()) + "\r\n";
  out += answer.fields;
  if (close) out += "Connection: close\r\n";
  out += "\r\n";
  if (!without_body) out += answer.body;
  return out;
}

}  // namespace sonde::proxy
