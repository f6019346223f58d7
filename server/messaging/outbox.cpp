#include "messaging/outbox.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace gatehouse::messaging {
namespace {

/// 20260423T073913.465123Z
std::string stamp(Timestamp t) {
  const auto day = std::chrono::floor<std::chrono::days>(t);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(t - day);
  char out[64];
  std::snprintf(out, sizeof out, "%04d%02u%02uT%02d%02d%02d.%06dZ", int(date.year()), unsigned(date.month()), unsigned(date.day()), int(time.hours().count()),
                int(time.minutes().count()), int(time.seconds().count()), int(time.subseconds().count()));
  return out;
}

Error cannot_write(const std::string& path) { return {Errc::unavailable, "The message could not be written.", path + ": " + std::strerror(errno)}; }

}  // namespace

Result<void> Outbox::send(const OutgoingMail& mail) {
  TRY(const std::string message, write_message(mail));
  return write(stamp(mail.date) + "-" + mail.id + ".eml", message);
}

Result<void> Outbox::send_sms(const Sms& sms, const std::string& id, Timestamp date) {
  json::object file{{"to", sms.to}, {"body", sms.body}, {"date", to_iso8601(date)}};
  for (const auto& [name, value] : sms.details)
    if (!file.contains(name)) file[name] = value;
  return write(stamp(date) + "-" + id + ".sms.json", json::serialize(file) + "\n");
}

Result<void> Outbox::write(const std::string& name, std::string_view content) const {
  if (mkdir(folder_.c_str(), 0700) != 0 && errno != EEXIST) return cannot_write(folder_);
  const std::string path = folder_ + "/" + name, temporary = folder_ + "/." + name + ".tmp";
  const int file = open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) return cannot_write(temporary);
  bool written = true;
  for (size_t at = 0; written && at < content.size();) {
    const ssize_t count = ::write(file, content.data() + at, content.size() - at);
    if (count > 0) at += size_t(count);
    else written = count < 0 && errno == EINTR;
  }
  written = written && fsync(file) == 0;
  if (close(file) != 0 || !written || rename(temporary.c_str(), path.c_str()) != 0) {
    Error error = cannot_write(path);
    unlink(temporary.c_str());
    return error;
  }
  return {};
}

}  // namespace gatehouse::messaging
