// Any bytes as the HTML, subject, sender and recipient of a mail: no header line may come out that we did not write.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "messaging/html_text.h"
#include "messaging/mime.h"

using namespace gatehouse;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  (void)messaging::html_to_text(bytes);
  messaging::OutgoingMail mail{"job_0000000000000000", {"Acme", "no-reply@acme.test"}, "ada@example.com", bytes, bytes, bytes, {}};
  if (auto sender = messaging::Mailbox::parse(bytes)) mail.from = *sender;
  if (messaging::is_mail_address(bytes)) mail.to = bytes;
  mail.from.name = bytes;
  const auto message = messaging::write_message(mail);
  if (!message) abort();
  static constexpr std::string_view known[] = {"From: ", "To: ", "Subject: ", "Date: ", "Message-ID: ", "Auto-Submitted: ", "MIME-Version: ", "Content-Type: "};
  const std::string_view head = std::string_view(*message).substr(0, message->find("\r\n\r\n") + 2);
  size_t fields = 0;
  for (size_t i = 0; i < head.size();) {
    const size_t end = head.find("\r\n", i);
    const std::string_view line = head.substr(i, end - i);
    i = end + 2;
    if (line.size() > 998 || line.find_first_of("\r\n") != std::string_view::npos) abort();
    if (line.starts_with(' ')) continue;
    if (fields >= std::size(known) || !line.starts_with(known[fields++])) abort();
  }
  if (fields != std::size(known)) abort();
  return 0;
}
