#include "storage/errors.h"

#include "base/encoding.h"

namespace gatehouse::storage {
namespace {

std::string_view public_sentence(Errc code) {
  switch (code) {
    case Errc::invalid_argument:
      return "A text is not valid UTF-8 or contains NUL.";
    case Errc::not_found:
      return "Not found.";
    case Errc::unique_violation:
      return "Already exists.";
    case Errc::reference_violation:
      return "Refers to something that does not exist, or is still referred to.";
    case Errc::overloaded:
      return "The server is busy.";
    case Errc::unavailable:
      return "The database is not available.";
    case Errc::storage_full:
      return "The storage is full.";
    case Errc::timeout:
      return "The database took too long.";
    case Errc::internal:
      return "Internal error.";
  }
  return "Internal error.";
}

thread_local std::vector<const Database*> units_of_work;

}  // namespace

Error database_error(Errc code, std::string detail) { return Error{code, std::string(public_sentence(code)), std::move(detail)}; }

Result<void> check_arguments(const std::vector<Value>& arguments) {
  for (size_t i = 0; i < arguments.size(); ++i) {
    const auto* text = std::get_if<std::string>(&arguments[i].get());
    if (text && (text->find('\0') != std::string::npos || !is_valid_utf8(*text))) {
      return database_error(Errc::invalid_argument, "argument $" + std::to_string(i + 1) + " is not UTF-8 or contains NUL");
    }
  }
  return {};
}

NestingGuard::NestingGuard(const Database& database) {
  nested_ = std::find(units_of_work.begin(), units_of_work.end(), &database) != units_of_work.end();
  units_of_work.push_back(&database);
}

NestingGuard::~NestingGuard() { units_of_work.pop_back(); }

Result<void> NestingGuard::allowed() const {
  if (!nested_) return {};
  return database_error(Errc::internal,
                        "a unit of work inside another one on the same thread: pass the Transaction or Reader down instead");
}

}  // namespace gatehouse::storage
