#include "net/tls.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <array>
#include <utility>

namespace sonde::net {
namespace {

std::string text_of(unsigned long error) {
  if (error == 0) return "the connection was closed";
  const char* const reason = ERR_reason_error_string(error);
  return reason == nullptr ? "error " + std::to_string(error) : reason;
}

std::unexpected<Error> failed(std::string what) {
  const unsigned long error = ERR_get_error();
  ERR_clear_error();
  return fail(Errc::kInvalidInput, what.append(": ").append(text_of(error)));
}

Status use_certificate(SSL_CTX* context, const std::string& certificate, const std::string& key) {
  if (SSL_CTX_use_certificate_chain_file(context, certificate.c_str()) != 1) {
    return failed("cannot use the certificate " + certificate);
  }
  const std::string& key_file = key.empty() ? certificate : key;
  if (SSL_CTX_use_PrivateKey_file(context, key_file.c_str(), SSL_FILETYPE_PEM) != 1) {
    return failed("cannot use the key " + key_file);
  }
  if (SSL_CTX_check_private_key(context) != 1) {
    return failed("the key " + key_file + " is not that of " + certificate);
  }
  return {};
}

/// Takes HTTP/1.1, which is all that is spoken here, if the client offers it.
int choose_protocol(SSL*, const unsigned char** out, unsigned char* out_size,
                    const unsigned char* offered, unsigned offered_size, void*) {
  constexpr std::array<unsigned char, 9> kHttp11 = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  unsigned char* chosen = nullptr;
  const int found = SSL_select_next_proto(&chosen, out_size, kHttp11.data(), kHttp11.size(),
                                          offered, offered_size);
  *out = chosen;
  return found == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK;
}

void set_rules(SSL_CTX* context) {
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  // A connection that waits holds no buffers; a write that was cut goes on from another place.
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
}

}  // namespace

TlsContext::~TlsContext() { SSL_CTX_free(context_); }

Result<std::shared_ptr<const TlsContext>> TlsContext::server(const ServerOptions& options) {
  const std::shared_ptr<TlsContext> made(new TlsContext(SSL_CTX_new(TLS_server_method())));
  if (made->context_ == nullptr) return failed("TLS");
  set_rules(made->context_);
  SONDE_RETURN_IF_ERROR(
      use_certificate(made->context_, options.certificate_file, options.key_file));
  SSL_CTX_set_alpn_select_cb(made->context_, choose_protocol, nullptr);
  if (!options.client_ca_file.empty()) {
    if (SSL_CTX_load_verify_file(made->context_, options.client_ca_file.c_str()) != 1) {
      return failed("cannot use the certificates in " + options.client_ca_file);
    }
    SSL_CTX_set_client_CA_list(made->context_,
                               SSL_load_client_CA_file(options.client_ca_file.c_str()));
    SSL_CTX_set_verify(made->context_, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    made->verifies_ = true;
  }
  constexpr std::string_view kSessions = "sonde";
  SSL_CTX_set_session_id_context(
      made->context_, reinterpret_cast<const unsigned char*>(kSessions.data()), kSessions.size());
  return std::shared_ptr<const TlsContext>(made);
}

Result<std::shared_ptr<const TlsContext>> TlsContext::client(const ClientOptions& options) {
  const std::shared_ptr<TlsContext> made(new TlsContext(SSL_CTX_new(TLS_client_method())));
  if (made->context_ == nullptr) return failed("TLS");
  set_rules(made->context_);
  if (!options.certificate_file.empty()) {
    SONDE_RETURN_IF_ERROR(
        use_certificate(made->context_, options.certificate_file, options.key_file));
  }
  made->verifies_ = options.verify;
  if (!options.verify) return std::shared_ptr<const TlsContext>(made);
  const bool trusted = options.ca_file.empty()
                           ? SSL_CTX_set_default_verify_paths(made->context_) == 1
                           : SSL_CTX_load_verify_file(made->context_, options.ca_file.c_str()) == 1;
  if (!trusted) return failed("cannot use the certificates in " + options.ca_file);
  SSL_CTX_set_verify(made->context_, SSL_VERIFY_PEER, nullptr);
  return std::shared_ptr<const TlsContext>(made);
}

Result<std::unique_ptr<TlsTransport>> TlsTransport::make(
    const std::shared_ptr<const TlsContext>& context, int fd) {
  SSL* const ssl = SSL_new(context->get());
  if (ssl == nullptr) return failed("TLS");
  std::unique_ptr<TlsTransport> made(new TlsTransport(context, ssl));
  if (SSL_set_fd(ssl, fd) != 1) return failed("TLS");
  return made;
}

Result<std::unique_ptr<TlsTransport>> TlsTransport::accepted(
    const std::shared_ptr<const TlsContext>& context, int fd) {
  auto made = make(context, fd);
  if (made) SSL_set_accept_state((*made)->ssl_);
  return made;
}

Result<std::unique_ptr<TlsTransport>> TlsTransport::connected(
    const std::shared_ptr<const TlsContext>& context, int fd, const std::string& host) {
  auto made = make(context, fd);
  if (!made) return made;
  SSL* const ssl = (*made)->ssl_;
  SSL_set_connect_state(ssl);
  in6_addr address{};
  const bool numeric = inet_pton(AF_INET, host.c_str(), &address) == 1 ||
                       inet_pton(AF_INET6, host.c_str(), &address) == 1;
  if (!numeric) SSL_set_tlsext_host_name(ssl, host.c_str());
  if (context->verifies()) {
    X509_VERIFY_PARAM* const rules = SSL_get0_param(ssl);
    X509_VERIFY_PARAM_set_hostflags(rules, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    const int set = numeric ? X509_VERIFY_PARAM_set1_ip_asc(rules, host.c_str())
                            : X509_VERIFY_PARAM_set1_host(rules, host.data(), host.size());
    if (set != 1) return failed("cannot verify the certificate of " + host);
  }
  return made;
}

TlsTransport::~TlsTransport() { SSL_free(ssl_); }

IoResult TlsTransport::of(int returned, std::size_t bytes, bool reading) noexcept {
  if (returned == 1) return {.state = IoResult::State::kMoved, .bytes = bytes};
  switch (SSL_get_error(ssl_, returned)) {
    case SSL_ERROR_WANT_READ:
      return {.state = reading ? IoResult::State::kWouldBlock : IoResult::State::kOtherWay};
    case SSL_ERROR_WANT_WRITE:
      return {.state = reading ? IoResult::State::kOtherWay : IoResult::State::kWouldBlock};
    case SSL_ERROR_ZERO_RETURN:
      return {.state = IoResult::State::kEnd};
    default:
      error_ = ERR_peek_last_error();
      return {.state = IoResult::State::kBroken};
  }
}

IoResult TlsTransport::shake_hands() noexcept {
  ERR_clear_error();
  return of(SSL_do_handshake(ssl_), 0, true);
}

IoResult TlsTransport::read(std::span<char> into) noexcept {
  ERR_clear_error();
  std::size_t bytes = 0;
  const int returned = SSL_read_ex(ssl_, into.data(), into.size(), &bytes);
  return of(returned, bytes, true);
}

IoResult TlsTransport::write(std::span<const iovec> pieces) noexcept {
  std::size_t sum = 0;
  for (const iovec& piece : pieces) {
    if (piece.iov_len == 0) continue;
    ERR_clear_error();
    std::size_t bytes = 0;
    const int returned = SSL_write_ex(ssl_, piece.iov_base, piece.iov_len, &bytes);
    sum += bytes;
    if (returned != 1 && sum == 0) return of(returned, 0, false);
    if (returned != 1 || bytes < piece.iov_len) break;
  }
  return {.state = IoResult::State::kMoved, .bytes = sum};
}

bool TlsTransport::holds_input() const noexcept { return SSL_has_pending(ssl_) == 1; }

void TlsTransport::finish() noexcept {
  ERR_clear_error();
  if (SSL_is_init_finished(ssl_) == 1) SSL_shutdown(ssl_);
}

std::string TlsTransport::fault() const {
  const long verdict = SSL_get_verify_result(ssl_);
  if (verdict != X509_V_OK) return X509_verify_cert_error_string(verdict);
  return text_of(error_);
}

}  // namespace sonde::net
