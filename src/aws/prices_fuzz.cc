// What was read is written so that it is read again to the same; what was refused as a whole
// list of settings never leaves a price that is no finite number of dollars.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "aws/prices.h"
#include "base/check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using sonde::aws::Prices;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  Prices prices;
  (void)prices.set(text);   // Refused or not: what counts is what it leaves.
  (void)prices.read(text);  // Likewise.
  for (const sonde::aws::Price& price : sonde::aws::list_prices()) {
    SONDE_CHECK(std::isfinite(prices.of(price.what)) && prices.of(price.what) >= 0);
  }
  Prices again;
  SONDE_CHECK(again.read(prices.to_json()).has_value());
  for (const sonde::aws::Price& price : sonde::aws::list_prices()) {
    SONDE_CHECK(again.of(price.what) == prices.of(price.what));
  }
  return 0;
}
