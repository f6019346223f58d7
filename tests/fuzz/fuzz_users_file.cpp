// Files of users: elements of an array come out the same however the file is cut, wherever reading begins anew, and as a JSON parser sees
// them; the window that sorts rows returns each of them once, and goes on behind any of them.
#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "base/json.h"
#include "model/user_imports/array_reader.h"
#include "model/user_imports/import_window.h"

using namespace gatehouse;
using model::ArrayReader;
using model::ImportWindow;

namespace {

struct Elements {
  std::vector<std::string> texts;
  std::vector<int64_t> ends;
  std::string error;
  bool complete = false;
};

Elements read(std::string_view file, size_t step, int64_t offset = 0) {
  Elements out;
  ArrayReader reader(offset);
  for (size_t at = size_t(offset);; at += step) {
    for (;;) {
      const auto element = reader.next();
      if (!element) {
        out.error = element.error().message;
        return out;
      }
      if (!*element) break;
      out.texts.emplace_back(**element);
      out.ends.push_back(reader.offset());
      if (file.substr(size_t(reader.offset()) - (*element)->size(), (*element)->size()) != **element) abort();
    }
    if (at >= file.size()) break;
    reader.feed(file.substr(at, step));
  }
  out.complete = reader.complete();
  return out;
}

void same(const Elements& a, const Elements& b) {
  if (a.texts != b.texts || a.ends != b.ends || a.error != b.error || a.complete != b.complete) abort();
}

ImportWindow::Source source_of(std::string_view file, int64_t offset, size_t step) {
  return [file, at = size_t(offset), step]() mutable -> Result<std::optional<std::string>> {
    if (at >= file.size()) return std::optional<std::string>{};
    const std::string_view piece = file.substr(at, step);
    at += piece.size();
    return std::optional(std::string(piece));
  };
}

struct Place {
  int64_t window;
  size_t rows;
};

/// Rows from a place on, and the place behind each.
std::vector<std::string> rows_from(std::string_view file, Place from, size_t bytes, size_t step, std::vector<Place>& places) {
  ImportWindow window(source_of(file, from.window, step), from.window, from.rows, bytes);
  std::vector<std::string> out;
  for (;;) {
    const auto row = window.next();
    if (!row || !*row) return out;
    out.emplace_back(**row);
    places.push_back({window.begin(), window.returned()});
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  const size_t step = size_t(data[0] % 16) + 1, bytes = size_t(data[1]) + 1;
  const std::string_view file(reinterpret_cast<const char*>(data) + 2, size - 2);
  const Elements whole = read(file, file.size() + 1);
  same(whole, read(file, step));
  for (size_t i = 0; i < whole.ends.size(); i += whole.ends.size() / 8 + 1) {
    Elements rest = read(file, step, whole.ends[i]);
    if (!std::equal(rest.texts.begin(), rest.texts.end(), whole.texts.begin() + int64_t(i) + 1, whole.texts.end())) abort();
    if (rest.complete != whole.complete || rest.error != whole.error) abort();
  }

  if (const Result<json::value> parsed = parse_json(file); parsed && parsed->is_array()) {
    if (!whole.complete || whole.texts.size() != parsed->get_array().size()) abort();
    for (size_t i = 0; i < whole.texts.size(); ++i)
      if (const auto element = parse_json(whole.texts[i]); !element || *element != parsed->get_array()[i]) abort();
  }

  std::vector<Place> places, ignored;
  std::vector<std::string> rows = rows_from(file, {0, 0}, bytes, step, places);
  for (size_t i = 0; i < rows.size(); i += rows.size() / 4 + 1) {
    const std::vector<std::string> rest = rows_from(file, places[i], bytes, step, ignored);
    if (!std::equal(rest.begin(), rest.end(), rows.begin() + int64_t(i) + 1, rows.end())) abort();
  }
  if (whole.complete) {
    std::vector<std::string> expected = whole.texts;
    std::sort(expected.begin(), expected.end());
    std::sort(rows.begin(), rows.end());
    if (rows != expected) abort();
  }
  return 0;
}
