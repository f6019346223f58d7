// Uploads: a multipart/form-data body means the same however it is cut into pieces, and a form comes out of it as it went in.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "http/multipart.h"

using namespace gatehouse;
using http::MultipartReader;

namespace {

struct Part {
  std::string name, content;
  std::optional<std::string> filename;
  bool operator==(const Part&) const = default;
};

class Parts final : public MultipartReader::Receiver {
 public:
  Result<void> begin_part(std::string_view name, std::optional<std::string_view> filename) override {
    parts.push_back({std::string(name), {}, filename ? std::optional(std::string(*filename)) : std::nullopt});
    return {};
  }
  Result<void> part_data(std::string_view data) override {
    if (parts.empty() || data.empty()) abort();
    parts.back().content.append(data);
    return {};
  }
  std::vector<Part> parts;
};

struct Outcome {
  std::vector<Part> parts;
  std::string error;
  bool complete = false;
  bool operator==(const Outcome&) const = default;
};

/// `steps`: lengths of the pieces, over and over; empty: in one.
Outcome read(std::string_view boundary, std::string_view body, std::string_view steps) {
  Parts parts;
  MultipartReader reader(boundary, parts);
  Outcome out;
  for (size_t at = 0, step = 0; at < body.size(); ++step) {
    const size_t size = steps.empty() ? body.size() : size_t(static_cast<uint8_t>(steps[step % steps.size()])) + 1;
    const std::string_view piece = body.substr(at, size);
    if (const Result<void> fed = reader.feed(piece); !fed) {
      out.error = fed.error().message;
      break;
    }
    at += piece.size();
  }
  out.complete = reader.complete();
  out.parts = std::move(parts.parts);
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (const auto boundary = MultipartReader::boundary_of(bytes); boundary && (boundary->empty() || boundary->size() > 70)) abort();
  const std::string_view steps = bytes.substr(0, 3), body = bytes.substr(steps.size());
  const std::string_view boundary = "x-7";
  const Outcome whole = read(boundary, body, {}), one_by_one = read(boundary, body, std::string_view("\0", 1));
  if (!(whole == one_by_one) || !(whole == read(boundary, body, steps))) abort();
  if (!whole.error.empty() && whole.complete) abort();

  // The same bytes as the content of a form, unless they hold its boundary.
  if (("\r\n" + std::string(body)).find("\r\n--x-7") != std::string::npos) return 0;
  std::string form;
  for (const std::string_view name : {"users\"; filename=\"u.json", "upsert"})
    form += "--x-7\r\nContent-Disposition: form-data; name=\"" + std::string(name) + "\"\r\n\r\n" + std::string(body) + "\r\n";
  const Outcome formed = read(boundary, form + "--x-7--\r\n", steps);
  const std::vector<Part> expected{{"users", std::string(body), "u.json"}, {"upsert", std::string(body), std::nullopt}};
  if (!formed.complete || !formed.error.empty() || formed.parts != expected) abort();
  return 0;
}
