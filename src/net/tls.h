#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "net/transport.h"

struct ssl_ctx_st;
struct ssl_st;

namespace sonde::net {

/// Certificates, keys and rules for one side of TLS, read once and shared by its connections.
///
/// Limits.  TLS 1.2 and 1.3.  Threads.  Any number may use one; it never changes.
/// Blocking.  Making one reads files.
class TlsContext {
 public:
  struct ServerOptions {
    std::string certificate_file;  ///< PEM, with its chain.
    std::string key_file;          ///< PEM.
    std::string client_ca_file;    ///< Not empty: clients must show a certificate of it.
  };
  struct ClientOptions {
    std::string ca_file;           ///< Empty: what the system trusts.
    std::string certificate_file;  ///< Not empty: shown to the server.
    std::string key_file;
    bool verify = true;
  };

  static Result<std::shared_ptr<const TlsContext>> server(const ServerOptions& options);
  static Result<std::shared_ptr<const TlsContext>> client(const ClientOptions& options);
  ~TlsContext();
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;

  ssl_ctx_st* get() const noexcept { return context_; }
  bool verifies() const noexcept { return verifies_; }

 private:
  explicit TlsContext(ssl_ctx_st* context) noexcept : context_(context) {}
  ssl_ctx_st* context_;
  bool verifies_ = false;
};

/// TLS over a socket that does not block.  The handshake happens within the first reads and writes.
class TlsTransport final : public Transport {
 public:
  /// For an accepted socket.
  static Result<std::unique_ptr<TlsTransport>> accepted(
      const std::shared_ptr<const TlsContext>& context, int fd);
  /// For a connected one; `host` is what the certificate must be for: a name, or an address
  /// without brackets.
  static Result<std::unique_ptr<TlsTransport>> connected(
      const std::shared_ptr<const TlsContext>& context, int fd, const std::string& host);
  ~TlsTransport() override;
  TlsTransport(const TlsTransport&) = delete;
  TlsTransport& operator=(const TlsTransport&) = delete;

  IoResult read(std::span<char> into) noexcept override;
  IoResult write(std::span<const iovec> pieces) noexcept override;
  bool holds_input() const noexcept override;
  void finish() noexcept override;

  /// Goes on with the handshake: kMoved when it is done.
  IoResult shake_hands() noexcept;
  /// Why it is broken, for a person.
  std::string fault() const;

 private:
  TlsTransport(std::shared_ptr<const TlsContext> context, ssl_st* ssl) noexcept
      : context_(std::move(context)), ssl_(ssl) {}
  static Result<std::unique_ptr<TlsTransport>> make(
      const std::shared_ptr<const TlsContext>& context, int fd);
  IoResult of(int returned, std::size_t bytes, bool reading) noexcept;

  std::shared_ptr<const TlsContext> context_;
  ssl_st* ssl_;
  unsigned long error_ = 0;  ///< Of OpenSSL's queue, when the connection broke.
};

}  // namespace sonde::net
