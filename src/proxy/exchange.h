#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/head_reader.h"
#include "net/connection.h"
#include "proxy/answer.h"
#include "proxy/dial.h"
#include "proxy/exchange_buffers.h"
#include "proxy/exchange_tap.h"
#include "proxy/request_body.h"
#include "proxy/resource_metadata.h"
#include "proxy/response_body.h"
#include "proxy/settings.h"

namespace sonde::proxy {

class Client;
class Worker;

/// One request and its response.
///
/// Purpose.  Two lanes between the client's connection and an upstream's: advance() moves what can
/// be moved in either, and asks to be woken by a socket or a deadline for the rest.  So an
/// answer may begin, and end, before the request has been sent.  Bytes are forwarded first and
/// looked at afterwards.
/// Limits.  Of bytes that one side does not take, what one read gave is kept; then the other side
/// is not read.  Every wait has its deadline in ProxyConfig.
/// Threads.  That of its worker.  Lifetime.  Worker and client outlive it.
/// Failure.  An answer of ours where the response has not begun, else the end of the connection.
class Exchange {
 public:
  /// What becomes of the client's connection.
  enum class After : std::uint8_t {
    kKeep,    ///< The next request may follow.
    kClose,   ///< All is said.
    kLinger,  ///< All is said, but the client may still be sending.
    kBreak,   ///< What the client got is not all.
  };

  Exchange(Worker& worker, Client& client, std::unique_ptr<http::HeadReader> head);
  ~Exchange();

  /// Moves on as far as it goes.  False: the client's wakeup will tell when to call again.
  bool advance();
  // Once advance() was true.
  After after() const noexcept { return after_; }
  bool has_own_answer() const noexcept { return !own_answer_.empty(); }
  std::string take_own_answer() noexcept { return std::move(own_answer_); }

 private:
  using How = mcp::ExchangeEnded::How;
  enum class Sending : std::uint8_t { kCollecting, kConnecting, kSending, kSent };
  enum class Receiving : std::uint8_t { kNothing, kHead, kBody, kDone };

  // Made by begin(), before anything asks for them.
  ExchangeTap& tap() noexcept { return *tap_; }    // NOLINT(bugprone-unchecked-optional-access)
  RequestBody& body() noexcept { return *body_; }  // NOLINT(bugprone-unchecked-optional-access)

  // exchange.cc: the beginning and the end.
  bool begin();
  bool refuse_access();
  bool answer_own_path(std::string_view path);
  void move();
  void ask();
  void on_timeout();
  void answer(Answer answer, How how);
  void break_off(How how);
  void finish();
  void drop_upstream() noexcept;

  // exchange_request.cc: from the client to the upstream.
  bool advance_request();
  bool collect();
  bool read_client(std::string_view& bytes);
  void take_body(std::string_view wire);
  void send_continue();
  void depart();
  bool object();
  void answer_circling();
  void compose_request();
  void connect();
  bool on_dialled();
  void use(std::shared_ptr<net::Connection> connection, bool used_before);
  bool send();
  bool wait_for_upstream();
  void go_on_sending();
  bool watch_client();
  void move_body_deadline();

  // exchange_response.cc: from the upstream to the client.
  bool advance_response();
  bool write_rest();
  void receive(std::string_view wire, Moment read_at);
  std::string_view receive_head(std::string_view wire, Moment read_at);
  void begin_response(const http::Head& head, Moment read_at);
  void compose_response(const http::Head& head, std::optional<http::Framing> framing,
                        std::uint64_t length);
  Origins origins() const noexcept;
  bool hold_metadata();
  void forward(Moment read_at);
  void observe(Moment read_at, std::chrono::nanoseconds written_at);
  void on_upstream_end();
  bool try_again();

  Worker& worker_;
  Client& client_;
  const std::shared_ptr<const Settings> settings_;
  std::unique_ptr<http::HeadReader> head_;  ///< Of the request, until it has been written anew.
  const Upstream* upstream_ = nullptr;
  std::optional<ExchangeTap> tap_;
  std::optional<RequestBody> body_;
  bool old_version_ = false;  ///< HTTP/1.0
  bool persistent_ = false;
  bool idempotent_ = false;
  bool head_only_ = false;
  bool expects_continue_ = false;

  Sending sending_ = Sending::kCollecting;
  std::uint64_t body_bytes_ = 0;
  std::chrono::nanoseconds body_began_{};
  std::chrono::nanoseconds blocked_at_{};  ///< Since when the upstream takes nothing; 0: it does.
  std::unique_ptr<ExchangeBuffers> buffers_;
  std::string& request_;  ///< Its head, as the upstream gets it.
  std::size_t request_sent_ = 0;
  bool anything_sent_ = false;
  bool send_failed_ = false;
  std::shared_ptr<Dial> dial_;
  std::shared_ptr<net::Connection> connection_;  ///< To the upstream.
  bool used_before_ = false;
  bool tried_again_ = false;

  Receiving receiving_ = Receiving::kNothing;
  std::unique_ptr<http::HeadReader> answer_head_;
  ResponseBody& answer_;
  bool answer_persistent_ = false;
  bool extra_bytes_ = false;
  bool payload_seen_ = false;
  bool metadata_ = false;  ///< The answer may be metadata that name another origin.
  std::string& response_;  ///< Its head, until it has been written.
  std::string host_;       ///< That the client asked for; only with a public origin.
  std::string held_;       ///< Of metadata.
  std::vector<iovec>& pieces_;
  std::string unwritten_;  ///< What the client did not take.

  bool begun_ = false;
  bool over_ = false;
  After after_ = After::kClose;
  std::string own_answer_;
  How how_ = How::kComplete;
};

}  // namespace sonde::proxy
