#include "thrash/denial.h"

#include "base/json_writer.h"

namespace sonde::thrash {

std::string denial_text(std::string_view tool, const DenyTable::Denial& denial,
                        DenyTable::Time now) {
  const auto left = std::chrono::ceil<std::chrono::seconds>(denial.until - now);
  return "Denied by sonde: `" + std::string(tool) + "` has been called " +
         std::to_string(denial.calls) +
         " times in the same way without getting any further, so the server was not asked again. "
         "Repeating this call will not help: use the result you already have, change the "
         "arguments, or try another way. It will be passed on again once it has not been made "
         "for " +
         std::to_string(left.count()) + " s.";
}

std::string denial_response(std::string_view id, std::string_view text, bool modern) {
  std::string message = R"({"jsonrpc":"2.0","id":)";
  message += id;
  message += R"(,"result":{)";
  if (modern) message += R"("resultType":"complete",)";
  message += R"("content":[{"type":"text","text":)";
  append_json_string(message, text);
  message += R"(}],"isError":true}})";
  return message;
}

}  // namespace sonde::thrash
