#include "login/embedded.h"

namespace gatehouse::login {

std::string_view embedded_file(std::string_view name) {
  for (const EmbeddedFile& file : embedded_files())
    if (file.name == name) return file.content;
  return {};
}

}  // namespace gatehouse::login
