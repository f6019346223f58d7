#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "base/files.h"
#include "cli/commands.h"

namespace gatehouse::cli {
namespace {

namespace fs = std::filesystem;

/// NSS databases of Chromium and Firefox in the user's home.
std::vector<fs::path> browser_stores() {
  std::vector<fs::path> out;
  const char* home = std::getenv("HOME");
  if (!home) return out;
  out.push_back(fs::path(home) / ".pki/nssdb");
  std::error_code ignored;
  for (const fs::path& root : {fs::path(home) / ".mozilla/firefox", fs::path(home) / "snap/firefox/common/.mozilla/firefox"})
    for (const auto& entry : fs::directory_iterator(root, ignored))
      if (fs::exists(entry.path() / "cert9.db", ignored)) out.push_back(entry.path());
  return out;
}

std::string quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

bool shell(const std::string& command) { return std::system(command.c_str()) == 0; }

}  // namespace

int trust(const config::Settings& settings, bool assume_yes) {
  const std::string ca = fs::absolute(settings.data).lexically_normal().string() + "/ca.pem";
  if (!read_file(ca)) {
    std::fprintf(stderr, "gatehouse: there is no %s yet; it is made when the server first starts\n", ca.c_str());
    return 1;
  }
  const std::string system_store = "/usr/local/share/ca-certificates/gatehouse-local-ca.crt";
  const bool root = ::geteuid() == 0;
  const std::string sudo = root ? "" : "sudo ";
  std::fprintf(stderr, "This puts %s into\n  %s\n", ca.c_str(), system_store.c_str());
  for (const fs::path& store : browser_stores()) std::fprintf(stderr, "  %s\n", store.c_str());
  std::fprintf(stderr, "so that this machine's programs and browsers accept certificates it signs. Keep %s/ca-key.pem to yourself.\n",
               settings.data.c_str());
  if (!assume_yes) {
    std::fprintf(stderr, "Go on? [y/N] ");
    const int answer = std::getchar();
    if (answer != 'y' && answer != 'Y') return 1;
  }
  bool fine = shell(sudo + "install -m 0644 " + quoted(ca) + " " + system_store + " && " + sudo + "update-ca-certificates >/dev/null");
  if (!fine) std::fprintf(stderr, "gatehouse: the system's store could not be changed\n");
  if (!shell("command -v certutil >/dev/null 2>&1")) {
    std::fprintf(stderr, "gatehouse: browsers keep stores of their own; install certutil (Debian: libnss3-tools) and run this again\n");
    return 1;
  }
  for (const fs::path& store : browser_stores()) {
    const std::string db = "sql:" + store.string();
    std::error_code ignored;
    if (!fs::exists(store / "cert9.db", ignored)) {
      fs::create_directories(store, ignored);
      shell("certutil -N --empty-password -d " + quoted(db));
    }
    shell("certutil -D -n gatehouse-local-ca -d " + quoted(db) + " >/dev/null 2>&1");
    if (!shell("certutil -A -t C,, -n gatehouse-local-ca -i " + quoted(ca) + " -d " + quoted(db))) {
      std::fprintf(stderr, "gatehouse: %s could not be changed\n", store.c_str());
      fine = false;
    }
  }
  std::fprintf(stderr, "Node.js keeps its own list: start applications with NODE_EXTRA_CA_CERTS=%s\n", ca.c_str());
  return fine ? 0 : 1;
}

}  // namespace gatehouse::cli
