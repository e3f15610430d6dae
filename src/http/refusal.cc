#include "http/refusal.h"

#include <array>
#include <cstddef>

namespace sonde::http {
namespace {

struct Row {
  std::string_view name;
  int status;
  std::string_view sentence;
};

constexpr std::array<Row, static_cast<std::size_t>(Refusal::kCount)> kRows{{
#define SONDE_ROW(id, name, status, sentence) {name, status, sentence},
    SONDE_HTTP_REFUSALS(SONDE_ROW)
#undef SONDE_ROW
}};

const Row& row(Refusal refusal) noexcept { return kRows[static_cast<std::size_t>(refusal)]; }

}  // namespace

std::string_view name_of(Refusal refusal) noexcept { return row(refusal).name; }
int status_of(Refusal refusal) noexcept { return row(refusal).status; }
std::string_view sentence_of(Refusal refusal) noexcept { return row(refusal).sentence; }

}  // namespace sonde::http
