#include "base/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

namespace gatehouse {
namespace {

Error file_error(const std::string& what, const std::string& path) {
  return Error{errno == ENOSPC ? Errc::storage_full : Errc::unavailable, what + " " + path + ": " + std::strerror(errno)};
}

bool write_all(int fd, std::string_view content) {
  while (!content.empty()) {
    const ssize_t count = ::write(fd, content.data(), content.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    content.remove_prefix(size_t(count));
  }
  return true;
}

}  // namespace

Result<void> write_file(const std::string& path, std::string_view content, unsigned mode) {
  const std::string temporary = path + ".new";
  const int fd = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
  if (fd < 0) return file_error("Cannot write", temporary);
  bool fine = ::fchmod(fd, mode) == 0 && write_all(fd, content) && ::fsync(fd) == 0;  // open() alone obeys the umask
  fine = ::close(fd) == 0 && fine;
  fine = fine && ::rename(temporary.c_str(), path.c_str()) == 0;
  if (fine) return sync_folder_of(path);
  Error error = file_error("Cannot write", path);
  ::unlink(temporary.c_str());
  return error;
}

Result<std::string> read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return Error{Errc::not_found, "Cannot read " + path + ": " + std::strerror(errno)};
  std::ostringstream content;
  content << in.rdbuf();
  return std::move(content).str();
}

Result<void> sync_folder_of(const std::string& path) {
  const size_t slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
  const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return file_error("Cannot open the folder", folder);
  const bool synced = ::fsync(fd) == 0;
  Error error = file_error("Cannot sync the folder", folder);
  ::close(fd);
  if (!synced) return error;
  return {};
}

}  // namespace gatehouse
