#include "messaging/outbox.h"

#include <sys/stat.h>

#include <cerrno>

#include "base/files.h"

namespace gatehouse::messaging {
namespace {

/// 20260423T073913.465123Z
std::string stamp(Timestamp t) {
  const auto day = std::chrono::floor<std::chrono::days>(t);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(t - day);
  char out[64];
  std::snprintf(out, sizeof out, "%04d%02u%02uT%02d%02d%02d.%06dZ", int(date.year()), unsigned(date.month()), unsigned(date.day()),
                int(time.hours().count()), int(time.minutes().count()), int(time.seconds().count()), int(time.subseconds().count()));
  return out;
}

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
  if (mkdir(folder_.c_str(), 0700) != 0 && errno != EEXIST)
    return Error{Errc::unavailable, "The message could not be written.", folder_ + ": " + std::strerror(errno)};
  return write_file(folder_ + "/" + name, content, 0600);
}

}  // namespace gatehouse::messaging
