#pragma once

#include <string>
#include <string_view>

#include "http/refusal.h"

namespace sonde::proxy {

/// A response of the proxy itself.
struct Answer {
  int status = 0;
  std::string_view content_type = "text/plain; charset=utf-8";
  std::string body;
  std::string fields{};  ///< More field lines, each with its CRLF.
};

/// "400 Bad Request" and so on, with a sentence that says what to do.
Answer refuse(http::Refusal refusal);
Answer plain_answer(int status, std::string_view sentence);
/// A JSON-RPC error; `id` is raw JSON, empty where the request had none that could be read.
Answer rpc_error(int status, std::string_view id, int code, std::string_view message);

/// As bytes.  `without_body`: it answers HEAD.
std::string to_bytes(const Answer& answer, bool close, bool without_body);

}  // namespace sonde::proxy
