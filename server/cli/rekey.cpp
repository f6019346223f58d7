#include <cstdio>

#include "cli/commands.h"

namespace gatehouse::cli {

int rekey(const config::Settings&) {
  std::fprintf(stderr, "gatehouse: rekey is being built\n");
  return 1;
}

}  // namespace gatehouse::cli
