#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "proxy/request_body.h"
#include "proxy/response_body.h"

namespace sonde::proxy {

/// Memory that an exchange works in, and that the next one finds grown.
struct ExchangeBuffers {
  std::string request;   ///< Its head, as the upstream gets it.
  std::string response;  ///< Its head, until it has been written.
  std::vector<iovec> pieces;
  RequestBody::Buffers body;
  ResponseBody answer;
};

/// Buffers are lent to exchanges under way, and given back.
///
/// Limits.  kSpareMax wait for their next use, none of them larger than kBytesMax.
/// Threads.  One owner.
class SpareBuffers {
 public:
  std::unique_ptr<ExchangeBuffers> lend() {
    if (spare_.empty()) return std::make_unique<ExchangeBuffers>();
    auto buffers = std::move(spare_.back());
    spare_.pop_back();
    return buffers;
  }
  void give_back(std::unique_ptr<ExchangeBuffers> buffers) {
    const bool large = !buffers || buffers->request.capacity() > kBytesMax ||
                       buffers->response.capacity() > kBytesMax ||
                       buffers->body.whole.capacity() > kBytesMax;
    if (!large && spare_.size() < kSpareMax) spare_.push_back(std::move(buffers));
  }

 private:
  static constexpr std::size_t kSpareMax = 64;
  static constexpr std::size_t kBytesMax = std::size_t{4} * 1024;
  std::vector<std::unique_ptr<ExchangeBuffers>> spare_;
};

}  // namespace sonde::proxy
