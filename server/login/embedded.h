#pragma once
#include <span>
#include <string_view>

namespace gatehouse::login {

/// A file of this folder that is compiled into the binary (embed.cmake): templates/login.liquid, assets/login.css, i18n/en.json.
struct EmbeddedFile {
  std::string_view name;
  std::string_view content;
};
std::span<const EmbeddedFile> embedded_files();
/// The content; empty when there is no such file.
std::string_view embedded_file(std::string_view name);

}  // namespace gatehouse::login
