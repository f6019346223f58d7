#pragma once
#include <string>

#include "config/settings.h"

namespace gatehouse::cli {

int run(int argc, char** argv);  ///< parses and dispatches; the exit code

int fail(const Error& error);  ///< says on standard error what went wrong, detail and all; the exit code

int serve(const config::Settings& settings);
int backup(const config::Settings& settings, const std::string& file);
int rekey(const config::Settings& settings);
int routes(bool markdown);
int docs(const std::string& page);  ///< "settings", "properties" or "routes", as docs/reference has them
int trust(const config::Settings& settings, bool assume_yes);
int quickstart(const config::Settings& settings, const std::string& kind);
int admin_reset_password(const config::Settings& settings, const std::string& email);

}  // namespace gatehouse::cli
