// Query strings and form bodies: what is accepted survives encoding and parsing again.
#include "base/encoding.h"
#include "http/request.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  using gatehouse::http::Parameters;
  const auto parsed = Parameters::parse({reinterpret_cast<const char*>(bytes), size});
  if (!parsed) return 0;
  for (const auto& [name, value] : parsed->pairs()) {
    if (!gatehouse::is_valid_utf8(name) || !gatehouse::is_valid_utf8(value)) __builtin_trap();
    if (!parsed->get(name) || parsed->all(name).empty()) __builtin_trap();
  }
  (void)parsed->repeated();
  const auto again = Parameters::parse(parsed->encode());
  if (!again || again->pairs() != parsed->pairs()) __builtin_trap();
  return 0;
}
