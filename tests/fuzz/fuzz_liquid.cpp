// Any bytes as a template, once in its own right and once as a partial that may include itself: it must end in an answer or
// an error, within its limits.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "liquid/liquid.h"

using namespace gatehouse;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const json::object variables{{"user", json::object{{"name", "<Ada>"}, {"roles", json::array{"a", "b", nullptr, 1.5}}}}, {"n", 3}, {"text", "a,b\nc"}};
  const std::string_view source(reinterpret_cast<const char*>(data), size);
  const auto parsed = liquid::Template::parse(source, {.inserts = {"auth0:head"}});
  if (!parsed) return 0;
  liquid::RenderOptions options;
  options.partial = [&](std::string_view) { return &*parsed; };
  options.max_output = 64 * 1024;
  options.max_work = 1'000'000;
  options.max_includes = 4;
  const auto out = parsed->render(variables, options);
  if (out && out->size() > options.max_output) abort();
  return 0;
}
