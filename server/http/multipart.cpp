#include "http/multipart.h"

#include "base/encoding.h"
#include "base/text.h"

namespace gatehouse::http {
namespace {

constexpr size_t most_parts = 50;
constexpr size_t longest_head = 8 * 1024;      // bytes of a part's header fields
constexpr size_t longest_preamble = 4 * 1024;  // browsers and libraries send none

Error malformed(const char* what) { return Error{Errc::invalid_argument, std::string("The multipart body is malformed: ") + what}; }

/// A parameter such as name="users" of a header field's value. Quoted values end at the next quote: form-data escapes it as %22.
std::optional<std::string_view> parameter(std::string_view value, std::string_view name) {
  size_t at = value.find(';');
  while (at != std::string_view::npos) {
    std::string_view rest = trim(value.substr(at + 1));
    const size_t equals = rest.find('=');
    if (equals == std::string_view::npos) return std::nullopt;
    const std::string_view key = trim(rest.substr(0, equals));
    rest.remove_prefix(equals + 1);
    const bool quoted = rest.starts_with('"');
    const size_t end = quoted ? rest.find('"', 1) : rest.find(';');
    if (quoted && end == std::string_view::npos) return std::nullopt;
    if (to_lower_ascii(key) == name) return quoted ? rest.substr(1, end - 1) : trim(rest.substr(0, end));
    const size_t next = rest.find(';', quoted ? end : 0);
    if (next == std::string_view::npos) return std::nullopt;
    value = rest;
    at = next;
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> MultipartReader::boundary_of(std::string_view content_type) {
  const std::string_view type = trim(content_type.substr(0, content_type.find(';')));
  if (to_lower_ascii(type) != "multipart/form-data") return std::nullopt;
  const auto boundary = parameter(content_type, "boundary");
  if (!boundary || boundary->empty() || boundary->size() > 70) return std::nullopt;
  return std::string(*boundary);
}

MultipartReader::MultipartReader(std::string_view boundary, Receiver& receiver)
    : delimiter_("\r\n--" + std::string(boundary)), receiver_(receiver) {}

Result<void> MultipartReader::feed(std::string_view data) {
  if (stage_ == Stage::over) return {};  // the epilogue means nothing
  held_.append(data);
  for (;;) {
    TRY(const bool more, step());
    if (!more) return {};
  }
}

/// One move of the state machine; false when it needs more bytes.
Result<bool> MultipartReader::step() {
  switch (stage_) {
    case Stage::preamble:
    case Stage::data: {
      const size_t found = held_.find(delimiter_);
      const size_t safe = found != held_.npos ? found : held_.size() - std::min(held_.size(), delimiter_.size() - 1);
      if (stage_ == Stage::data) {
        if (safe > 0) TRY_VOID(receiver_.part_data(std::string_view(held_).substr(0, safe)));
        held_.erase(0, safe);
      } else if (safe > longest_preamble) {
        return malformed("it does not begin with its boundary");
      }
      if (found == held_.npos) return false;
      held_.erase(0, (stage_ == Stage::data ? 0 : found) + delimiter_.size());
      stage_ = Stage::after_boundary;
      return true;
    }
    case Stage::after_boundary:
      if (held_.size() < 2) return false;
      if (held_.starts_with("--")) {
        stage_ = Stage::over;
        held_.clear();
        return false;
      }
      if (!held_.starts_with("\r\n")) return malformed("something follows a boundary on its line");
      if (++parts_ > most_parts) return malformed("too many parts");
      stage_ = Stage::head;
      return true;
    case Stage::head: {  // held_ begins with the line end after the boundary, so that a head without fields ends like any other
      const size_t end = held_.find("\r\n\r\n");
      constexpr size_t cut = 3;  // of the blank line that may be in the next piece
      if (end == held_.npos ? held_.size() > longest_head + cut : end > longest_head) return malformed("the head of a part is too long");
      if (end == held_.npos) return false;
      TRY_VOID(begin(std::string_view(held_).substr(0, end)));
      held_.erase(0, end + 4);
      stage_ = Stage::data;
      return true;
    }
    case Stage::over:
      return false;
  }
  return false;
}

Result<void> MultipartReader::begin(std::string_view head) {
  while (!head.empty()) {
    const size_t end = std::min(head.find("\r\n"), head.size());
    const std::string_view line = head.substr(0, end);
    head.remove_prefix(std::min(end + 2, head.size()));
    const size_t colon = line.find(':');
    if (colon == std::string_view::npos || to_lower_ascii(line.substr(0, colon)) != "content-disposition") continue;
    const std::string_view value = trim(line.substr(colon + 1));
    const auto name = parameter(value, "name");
    if (!name || to_lower_ascii(value.substr(0, 9)) != "form-data") return malformed("a part has no name");
    return receiver_.begin_part(*name, parameter(value, "filename"));
  }
  return malformed("a part has no Content-Disposition");
}

}  // namespace gatehouse::http
