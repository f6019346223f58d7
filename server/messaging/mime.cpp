#include "messaging/mime.h"

#include "base/encoding.h"
#include "base/text.h"

namespace gatehouse::messaging {
namespace {

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x80; });
}

/// Control characters, line breaks among them, end headers: none gets into one.
std::string one_line(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool control = static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
    if (!control)
      out += c;
    else if (!out.empty() && out.back() != ' ')
      out += ' ';
  }
  while (out.ends_with(' ')) out.pop_back();
  return out.substr(0, std::min<size_t>(out.size(), 900));
}

std::string rfc5322_date(Timestamp t) {
  static constexpr const char* months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  static constexpr const char* weekdays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  const auto day = std::chrono::floor<std::chrono::days>(t);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(std::chrono::floor<seconds>(t - day));
  char out[64];
  std::snprintf(out, sizeof out, "%s, %02u %s %04d %02d:%02d:%02d +0000", weekdays[std::chrono::weekday(day).c_encoding()],
                unsigned(date.day()), months[unsigned(date.month()) - 1], int(date.year()), int(time.hours().count()),
                int(time.minutes().count()), int(time.seconds().count()));
  return out;
}

/// Name as encoded words or a quoted string (RFC 5322 §3.2.4), then the address.
std::string mailbox(const Mailbox& box, size_t already_on_line) {
  const std::string name = one_line(box.name);
  if (name.empty()) return box.address;
  std::string shown;
  if (is_ascii(name)) {
    shown = "\"";
    for (const char c : name) {
      if (c == '"' || c == '\\') shown += '\\';
      shown += c;
    }
    shown += '"';
  } else {
    shown = encode_header(name, already_on_line);
  }
  return shown + "\r\n <" + box.address + ">";
}

/// Lines that may go as they are (RFC 2045 §2.7), with CRLF; else quoted-printable.
struct Body {
  std::string encoding;
  std::string content;
};
Body encode_body(std::string_view text) {
  size_t longest = 0, line = 0;
  for (const char c : text) {
    line = c == '\n' ? 0 : line + 1;
    longest = std::max(longest, line);
  }
  if (!is_ascii(text) || longest > 900 || text.find('\0') != std::string_view::npos) return {"quoted-printable", quoted_printable(text)};
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\r') continue;
    out += text[i] == '\n' ? std::string("\r\n") : std::string(1, text[i]);
  }
  return {"7bit", out};
}

}  // namespace

bool is_mail_address(std::string_view text) {
  const size_t at = text.rfind('@');
  if (at == std::string_view::npos || at == 0 || at > 64 || at + 1 == text.size() || text.size() > 254 || !is_valid_utf8(text))
    return false;
  for (const char c : text)
    if (static_cast<unsigned char>(c) <= 0x20 || c == 0x7f || std::string_view("\"(),:;<>[\\]").find(c) != std::string_view::npos)
      return false;
  const std::string_view local = text.substr(0, at), domain = text.substr(at + 1);
  if (local.find('@') != std::string_view::npos || local.front() == '.' || local.back() == '.' || local.front() == '-') return false;
  return domain.front() != '.' && domain.back() != '.' && domain.front() != '-' && domain.find("..") == std::string_view::npos;
}

Result<Mailbox> Mailbox::parse(std::string_view text) {
  text = trim(text);
  Mailbox out;
  if (text.ends_with('>')) {
    const size_t open = text.rfind('<');
    if (open == std::string_view::npos) return Error{Errc::invalid_argument, "The sender's address is not valid."};
    std::string_view name = trim(text.substr(0, open));
    if (name.size() >= 2 && name.front() == '"' && name.back() == '"') name = name.substr(1, name.size() - 2);
    for (size_t i = 0; i < name.size(); ++i) {
      if (name[i] == '\\' && i + 1 < name.size()) ++i;
      out.name += name[i];
    }
    text = text.substr(open + 1, text.size() - open - 2);
  }
  if (!is_mail_address(text)) return Error{Errc::invalid_argument, "The sender's address is not valid."};
  out.name = one_line(out.name);
  out.address = std::string(text);
  return out;
}

std::string encode_header(std::string_view raw, size_t already_on_line) {
  const std::string text = one_line(raw);
  if (is_ascii(text) && text.find("=?") == std::string::npos && text.size() + already_on_line <= 900) {
    // Folded at blanks where a line would pass 78 characters.
    std::string out;
    size_t column = already_on_line;
    for (size_t i = 0; i < text.size();) {
      const size_t end = std::min(text.find(' ', i + 1), text.size());
      if (column + (end - i) > 76 && text[i] == ' ' && column > 1) {
        out += "\r\n";
        column = 0;
      }
      out += text.substr(i, end - i);
      column += end - i;
      i = end;
    }
    return out;
  }
  // 45 bytes make 60 characters of base64 and an encoded word of 72; a word holds whole characters only.
  std::string out;
  std::string piece;
  const auto flush = [&] {
    if (piece.empty()) return;
    out += (out.empty() ? "" : "\r\n ") + ("=?UTF-8?B?" + base64_encode(piece) + "?=");
    piece.clear();
  };
  size_t limit = already_on_line > 30 ? 15 : 30;
  for (size_t i = 0; i < text.size();) {
    size_t length = 1;
    while (i + length < text.size() && (static_cast<unsigned char>(text[i + length]) & 0xc0) == 0x80) ++length;
    if (piece.size() + length > limit) {
      flush();
      limit = 42;
    }
    piece += text.substr(i, length);
    i += length;
  }
  flush();
  return out;
}

std::string quoted_printable(std::string_view text) {
  static constexpr char hex[] = "0123456789ABCDEF";
  std::string out;
  size_t column = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c == '\r' && i + 1 < text.size() && text[i + 1] == '\n') continue;
    if (c == '\n') {
      out += "\r\n";
      column = 0;
      continue;
    }
    const bool line_ends = i + 1 == text.size() || text[i + 1] == '\n' || text[i + 1] == '\r';
    const bool plain = (c > 0x20 && c < 0x7f && c != '=') || ((c == ' ' || c == '\t') && !line_ends);
    const size_t width = plain ? 1 : 3;
    if (column + width > 75) {
      out += "=\r\n";
      column = 0;
    }
    if (plain) {
      out += char(c);
    } else {
      out += '=';
      out += hex[c >> 4];
      out += hex[c & 15];
    }
    column += width;
  }
  return out;
}

Result<std::string> write_message(const OutgoingMail& mail) {
  if (!is_mail_address(mail.to)) return Error{Errc::invalid_argument, "The recipient's address is not valid."};
  if (!is_mail_address(mail.from.address)) return Error{Errc::invalid_argument, "The sender's address is not valid."};
  const std::string domain = mail.from.address.substr(mail.from.address.rfind('@') + 1);
  // "=_" occurs in no quoted-printable text, and the id in no template.
  const std::string boundary = "=_" + mail.id;
  std::string out;
  out += "From: " + mailbox(mail.from, 6) + "\r\n";
  out += "To: " + mail.to + "\r\n";
  out += "Subject: " + encode_header(mail.subject, 9) + "\r\n";
  out += "Date: " + rfc5322_date(mail.date) + "\r\n";
  out += "Message-ID: <" + mail.id + "@" + domain + ">\r\n";
  out += "Auto-Submitted: auto-generated\r\n";
  out += "MIME-Version: 1.0\r\n";
  out += "Content-Type: multipart/alternative; boundary=\"" + boundary + "\"\r\n\r\n";
  for (const auto& [type, content] : {std::pair<const char*, const std::string&>("text/plain", mail.text), {"text/html", mail.html}}) {
    const Body body = encode_body(content);
    out += "--" + boundary + "\r\n";
    out += std::string("Content-Type: ") + type + "; charset=utf-8\r\n";
    out += "Content-Transfer-Encoding: " + body.encoding + "\r\n\r\n";
    out += body.content + "\r\n";
  }
  return out + "--" + boundary + "--\r\n";
}

}  // namespace gatehouse::messaging
