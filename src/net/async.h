#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace sonde::net {

namespace asio = boost::asio;
using Tcp = asio::ip::tcp;

template <class T>
using Task = asio::awaitable<T>;

/// The completion token of the data path: the error comes back as a value,
/// `const auto [error] = co_await timer.async_wait(kAsTuple);`
inline constexpr auto kAsTuple = asio::as_tuple(asio::use_awaitable);

}  // namespace sonde::net
