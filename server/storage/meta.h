#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "storage/database.h"

/// Facts about the whole deployment: the master key's canary, the issuer it was made for.
namespace gatehouse::storage::meta {

Result<std::optional<std::string>> get(Reader& reader, std::string_view name);
Result<void> set(Transaction& tx, std::string_view name, std::string_view value);

}  // namespace gatehouse::storage::meta
