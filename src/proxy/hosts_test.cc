#include "proxy/hosts.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

using namespace sonde::proxy;

TEST_CASE("only names that can mean nothing but this machine are loopback", "[proxy][hosts]") {
  for (const char* const host : {"localhost", "LOCALHOST", "localhost.", "a.localhost", "127.0.0.1",
                                 "127.255.0.9", "[::1]"}) {
    CAPTURE(host);
    CHECK(is_loopback(host));
  }
  // What a name server can be made to answer, and what other programs read as another address.
  for (const char* const host :
       {"", "evil.test", "127.0.0.1.nip.io", "localhost.evil.test", "127.1", "127.0.0.01",
        "0127.0.0.1", "0x7f000001", "2130706433", "127.0.0.256", "127.0.0.1.", "[::1]%0", "::1",
        "0.0.0.0", "[::]", "notlocalhost", ".localhost", "127.0.0.1@evil.test"}) {
    CAPTURE(host);
    // A full name's dot is allowed, but not behind an address that is then none.
    CHECK((is_loopback(host) == (std::string_view(host) == "127.0.0.1.")));
  }
}

TEST_CASE("a Host is split where its port begins", "[proxy][hosts]") {
  CHECK(split_host("a.test:80").host == "a.test");
  CHECK(split_host("a.test:80").port == "80");
  CHECK(split_host("[::1]:80").host == "[::1]");
  CHECK(split_host("[::1]:80").port == "80");
  CHECK(split_host("[::1]").port.empty());
  CHECK(split_host("a.test").port.empty());
  CHECK(without_brackets("[::1]") == "::1");
}

TEST_CASE("an origin has a host, or it is none", "[proxy][hosts]") {
  CHECK(host_of_origin("http://localhost:3000") == "localhost");
  CHECK(host_of_origin("https://[::1]") == "[::1]");
  CHECK(host_of_origin("null").empty());
  CHECK(host_of_origin("http://localhost@evil.test").empty());
  CHECK(host_of_origin("http://evil.test/localhost").empty());
}
