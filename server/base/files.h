#pragma once
#include <string>
#include <string_view>

#include "base/result.h"

namespace gatehouse {

/// Writes a file whole or not at all, with this mode: into a temporary file beside it, synced, renamed, and the folder synced. Blocks
/// for the disk. Errors: storage_full, unavailable.
Result<void> write_file(const std::string& path, std::string_view content, unsigned mode);

/// Errors: not_found.
Result<std::string> read_file(const std::string& path);

/// Makes a rename or a new name in the file's folder survive a power cut. Errors: unavailable.
Result<void> sync_folder_of(const std::string& path);

}  // namespace gatehouse
