#include "http/transport/request_reader.h"

#include <boost/beast/http/basic_parser.hpp>

#include "base/encoding.h"

namespace gatehouse::http::transport {
namespace {

namespace beast = boost::beast;

constexpr size_t max_chunk_digits = 8;
constexpr size_t max_chunk_extra = 4 * 1024;  // extensions and trailers of one request together

/// Beast reads the start line and the fields; what they mean is decided below, on the values it hands over.
class HeadParser final : public beast::http::basic_parser<true> {
 public:
  HeadParser(Request& request, const RequestLimits& limits) : request_(request) {
    header_limit(static_cast<uint32_t>(limits.request_line + limits.header + 256));
    body_limit(boost::none);
    skip(true);
  }
  std::string_view target() const { return target_; }
  std::string_view method() const { return method_; }
  int version() const { return version_; }

 private:
  using error_code = beast::error_code;
  using sv = beast::string_view;
  void on_request_impl(beast::http::verb, sv method, sv target, int version, error_code&) override {
    method_ = {method.data(), method.size()};
    target_ = {target.data(), target.size()};
    version_ = version;
  }
  void on_field_impl(beast::http::field, sv name, sv value, error_code&) override {
    request_.headers.emplace_back(to_lower_ascii({name.data(), name.size()}), std::string(value.data(), value.size()));
  }
  void on_response_impl(int, sv, int, error_code&) override {}
  void on_header_impl(error_code&) override {}
  void on_body_init_impl(const boost::optional<uint64_t>&, error_code&) override {}
  size_t on_body_impl(sv, error_code&) override { return 0; }
  void on_chunk_header_impl(uint64_t, sv, error_code&) override {}
  size_t on_chunk_body_impl(uint64_t, sv, error_code&) override { return 0; }
  void on_finish_impl(error_code&) override {}

  Request& request_;
  std::string_view method_, target_;
  int version_ = 0;
};

Method parse_method(std::string_view name) {
  for (const Method method : {Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS})
    if (to_string(method) == name) return method;
  return Method::other;
}

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && byte != '\t') || byte == 0x7f;
}

/// How many bytes from the start on are no control characters, in steps of eight: long tokens are most of what a head is made of.
size_t plain_run(std::string_view text) {
  constexpr uint64_t each = 0x0101010101010101, high = 0x8080808080808080;
  size_t run = 0;
  for (uint64_t eight; run + sizeof eight <= text.size(); run += sizeof eight) {
    std::memcpy(&eight, text.data() + run, sizeof eight);
    const uint64_t no_delete = eight ^ (each * 0x7f);
    if ((((eight - each * 0x20) & ~eight) | ((no_delete - each) & ~no_delete)) & high) break;
  }
  return run;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_alphanumeric(char c) { return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/// Whether a request line ends with a well-formed HTTP version (RFC 9112 §2.3), known or not.
bool names_version(std::string_view line) {
  if (line.size() < 9) return false;
  const std::string_view end = line.substr(line.size() - 9);
  return end.starts_with(" HTTP/") && is_digit(end[6]) && end[7] == '.' && is_digit(end[8]);
}

/// host [ ":" port ] (RFC 9110 §7.2): a name, an IPv4 address or a bracketed IPv6 address; no userinfo, nothing else.
bool is_authority(std::string_view text) {
  if (text.empty() || text.size() > 255 + 6) return false;
  size_t end = 0;
  if (text.front() == '[') {
    end = text.find(']');
    if (end == std::string_view::npos || end < 3) return false;
    for (const char c : text.substr(1, end - 1))
      if (!is_alphanumeric(c) && c != ':' && c != '.') return false;
    ++end;
  } else {
    while (end < text.size() && (is_alphanumeric(text[end]) || text[end] == '-' || text[end] == '.' || text[end] == '_')) ++end;
    if (end == 0) return false;
  }
  if (end == text.size()) return true;
  const std::string_view port = text.substr(end + 1);
  return text[end] == ':' && !port.empty() && port.size() <= 5 && std::all_of(port.begin(), port.end(), is_digit) &&
         std::stoi(std::string(port)) <= 65'535;
}

/// Every element of a comma-separated field, in lower case and without blanks.
std::vector<std::string> list_elements(std::string_view value) {
  std::vector<std::string> elements;
  while (true) {
    const size_t comma = value.find(',');
    std::string_view element = value.substr(0, comma);
    while (!element.empty() && (element.front() == ' ' || element.front() == '\t')) element.remove_prefix(1);
    while (!element.empty() && (element.back() == ' ' || element.back() == '\t')) element.remove_suffix(1);
    elements.push_back(to_lower_ascii(element));
    if (comma == std::string_view::npos) return elements;
    value.remove_prefix(comma + 1);
  }
}

int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

RequestReader::Step RequestReader::fail(int status, std::string message) {
  stage_ = Stage::failed;
  keep_alive_ = false;
  status_ = status;
  message_ = std::move(message);
  return Step::failed;
}

RequestReader::Step RequestReader::read(std::string_view& data) {
  switch (stage_) {
    case Stage::head:
      return read_head(data);
    case Stage::between:
      return Step::head;
    case Stage::sized_body:
      return read_sized(data);
    case Stage::chunked_body:
      return read_chunked(data);
    case Stage::complete:
      return Step::complete;
    case Stage::failed:
      return Step::failed;
  }
  return Step::failed;
}

RequestReader::Step RequestReader::read_head(std::string_view& data) {
  size_t end = std::string_view::npos;
  if (!scan(data, end)) return Step::failed;
  if (end == std::string_view::npos) {
    head_.append(data);
    data = {};
    return Step::more;
  }
  Step step;
  if (head_.empty()) {  // the usual case: all of it came at once, and is parsed where it lies
    step = parse_head(data.substr(0, end));
  } else {
    head_.append(data.substr(0, end));
    step = parse_head(head_);
    std::string().swap(head_);
  }
  data.remove_prefix(end);
  return step;
}

/// Looks at every byte of the head once, whatever the pieces it comes in, and refuses what Beast would let pass: bare CR or LF,
/// control characters, folded lines. `end` becomes the length of the head's last piece.
bool RequestReader::scan(std::string_view data, size_t& end) {
  for (size_t i = 0; i < data.size(); ++i) {
    if (!first_line_ && !after_cr_ && line_ != 0) {
      const size_t run = plain_run(data.substr(i));
      line_ += run;
      header_bytes_ += run;
      i += run;
      if (header_bytes_ > limits_.header) return fail(431, "The header fields are too large."), false;
      if (i == data.size()) break;
    }
    const char c = data[i];
    if (after_cr_) {
      if (c != '\n') return fail(400, "A carriage return must be followed by a line feed."), false;
      after_cr_ = false;
      if (line_ == 0) {
        if (!first_line_) {
          end = i + 1;
          return true;
        }
        // RFC 9112 §2.2: an empty line before the request line is left over from the body before; one is forgiven.
        if (leading_ != 0) return fail(400, "The request line is missing."), false;
        leading_ = 2;
      } else if (first_line_) {
        first_line_ = false;
      } else if (++fields_ > limits_.header_fields) {
        return fail(431, "Too many header fields."), false;
      }
      line_ = 0;
      continue;
    }
    if (c == '\r') {
      after_cr_ = true;
      continue;
    }
    if (is_control(c)) return fail(400, "Control characters are not allowed in a request's head."), false;
    if (first_line_) {
      if (++line_ > limits_.request_line) return fail(414, "The request line is too long."), false;
    } else {
      if (line_ == 0) {
        if (c == ' ' || c == '\t') return fail(400, "Folded header lines are not allowed."), false;
        header_bytes_ += 2;
      }
      ++line_;
      if (++header_bytes_ > limits_.header) return fail(431, "The header fields are too large."), false;
    }
  }
  return true;
}

RequestReader::Step RequestReader::parse_head(std::string_view head) {
  head.remove_prefix(leading_);
  HeadParser parser(request_, limits_);
  beast::error_code error;
  const size_t used = parser.put(boost::asio::buffer(head.data(), head.size()), error);
  version_ = parser.version();
  request_.method = parse_method(parser.method());
  const bool other_version = version_ != 0 ? version_ != 10 && version_ != 11
                                           : error == beast::http::error::bad_version && names_version(head.substr(0, head.find('\r')));
  if (other_version) return fail(505, "Only HTTP/1.1 is spoken here.");
  if (error || used != head.size() || !parser.is_done()) return fail(400, "The request's head is malformed.");
  keep_alive_ = version_ == 11;
  if (parser.method() == "TRACE" || parser.method() == "CONNECT") return fail(405, "This method is not allowed.");

  for (const auto& [name, value] : request_.headers)
    if (!is_valid_utf8(value)) return fail(400, "The header field '" + name + "' is not valid UTF-8.");
  for (const auto take : {&RequestReader::take_host, &RequestReader::take_framing})
    if ((this->*take)() == Step::failed) return Step::failed;
  if (take_target(parser.target()) == Step::failed) return Step::failed;
  if (absolute_form_ == false && version_ == 11 && host_.empty()) return fail(400, "A Host header is required.");
  stage_ = Stage::between;
  return Step::head;
}

/// RFC 9112 §3.2: origin-form, absolute-form (its authority replaces Host), or * for OPTIONS.
RequestReader::Step RequestReader::take_target(std::string_view target) {
  for (const char c : target)
    if (static_cast<unsigned char>(c) <= 0x20 || static_cast<unsigned char>(c) >= 0x7f || c == '#')
      return fail(400, "The request target is malformed.");
  const std::string scheme = to_lower_ascii(target.substr(0, 8));
  if (const size_t skip = scheme == "https://" ? 8 : scheme.starts_with("http://") ? 7 : 0; skip != 0) {
    target.remove_prefix(skip);
    const size_t slash = target.find_first_of("/?");
    const std::string_view authority = target.substr(0, slash);
    if (!is_authority(authority)) return fail(400, "The request target is malformed.");
    host_ = to_lower_ascii(authority);
    absolute_form_ = true;
    request_.target = slash == std::string_view::npos ? "/" : std::string(target[slash] == '?' ? "/" : "").append(target.substr(slash));
  } else {
    if (target.empty() || (target.front() != '/' && !(target == "*" && request_.method == Method::OPTIONS)))
      return fail(400, "The request target is malformed.");
    request_.target = target;
  }

  const size_t mark = request_.target.find('?');
  request_.path = request_.target.substr(0, mark);
  const std::optional<std::string> decoded = percent_decode(request_.path);
  if (!decoded || decoded->find('\0') != std::string::npos) return fail(400, "The path's percent-encoding is malformed.");
  if (mark != std::string::npos) {
    Result<Parameters> query = Parameters::parse(std::string_view(request_.target).substr(mark + 1));
    if (!query) return fail(400, query.error().message);
    request_.query = std::move(query).value();
  }
  return Step::head;
}

RequestReader::Step RequestReader::take_host() {
  // Fields of which a second one could make two readers see two different requests.
  for (const std::string_view single :
       {"host", "content-length", "transfer-encoding", "content-type", "authorization", "origin", "expect"}) {
    const auto named = [&](const auto& header) { return header.first == single; };
    if (std::count_if(request_.headers.begin(), request_.headers.end(), named) > 1)
      return fail(400, "The header field '" + std::string(single) + "' is given more than once.");
  }
  if (const auto host = request_.header("host")) {
    if (!is_authority(*host)) return fail(400, "The Host header is malformed.");
    host_ = to_lower_ascii(*host);
  }
  return Step::head;
}

/// RFC 9112 §6: how long the body is. Anything ambiguous is refused, because a proxy in front might have read it the other way.
RequestReader::Step RequestReader::take_framing() {
  const auto length = request_.header("content-length");
  const auto coding = request_.header("transfer-encoding");
  if (length && coding) return fail(400, "Content-Length and Transfer-Encoding exclude each other.");
  if (length) {
    if (length->empty() || length->size() > 18 || !std::all_of(length->begin(), length->end(), is_digit))
      return fail(400, "The Content-Length header is malformed.");
    declared_ = std::stoull(std::string(*length));
  }
  if (coding) {
    if (version_ != 11) return fail(400, "HTTP/1.0 has no Transfer-Encoding.");
    if (to_lower_ascii(*coding) != "chunked") return fail(400, "The only Transfer-Encoding understood is chunked.");
    chunked_ = true;
  }
  if (const auto encoding = request_.header("content-encoding"); encoding && to_lower_ascii(*encoding) != "identity")
    return fail(415, "Compressed bodies are not accepted.");
  for (const auto& [name, value] : request_.headers) {
    if (name != "connection") continue;
    for (const std::string& option : list_elements(value))
      if (option == "close") keep_alive_ = false;
  }
  if (const auto expect = request_.header("expect"); expect && version_ == 11) {
    if (to_lower_ascii(*expect) != "100-continue") return fail(417, "The only expectation understood is 100-continue.");
    expects_continue_ = chunked_ || declared_ != 0;
  }
  return Step::head;
}

RequestReader::Step RequestReader::begin_body(size_t max_body) {
  if (stage_ != Stage::between) return Step::failed;
  max_body_ = max_body;
  if (declared_ > max_body_) return fail(413, "The request body is too large.");
  remaining_ = declared_;
  stage_ = chunked_ ? Stage::chunked_body : declared_ != 0 ? Stage::sized_body : Stage::complete;
  if (stage_ == Stage::sized_body) request_.body.reserve(std::min<uint64_t>(declared_, 16 * 1024));  // more only as it comes
  return stage_ == Stage::complete ? Step::complete : Step::more;
}

void RequestReader::take_body(std::string_view& data, size_t size) {
  request_.body.append(data.substr(0, size));
  data.remove_prefix(size);
  remaining_ -= size;
  body_received_ += size;
}

RequestReader::Step RequestReader::read_sized(std::string_view& data) {
  const size_t taken = std::min<uint64_t>(remaining_, data.size());
  take_body(data, taken);
  if (remaining_ != 0) return Step::more;
  stage_ = Stage::complete;
  return Step::complete;
}

/// RFC 9112 §7.1. Extensions are skipped and trailer fields dropped, both within bounds; line ends are CR LF and nothing else.
RequestReader::Step RequestReader::read_chunked(std::string_view& data) {
  const auto malformed = [this] { return fail(400, "The chunked body is malformed."); };
  while (!data.empty()) {
    if (chunk_ == Chunk::data) {
      const size_t taken = std::min<uint64_t>(remaining_, data.size());
      take_body(data, taken);
      if (remaining_ == 0) chunk_ = Chunk::data_end;
      continue;
    }
    const char c = data.front();
    data.remove_prefix(1);
    switch (chunk_) {
      case Chunk::size:
        if (const int digit = hex_value(c); digit >= 0) {
          if (++chunk_digits_ > max_chunk_digits) return malformed();
          remaining_ = remaining_ << 4 | static_cast<unsigned>(digit);
        } else if (chunk_digits_ != 0 && (c == ';' || c == '\r')) {
          chunk_ = c == ';' ? Chunk::extension : Chunk::size_end;
        } else {
          return malformed();
        }
        break;
      case Chunk::extension:
        if (c == '\r')
          chunk_ = Chunk::size_end;
        else if (is_control(c) || ++chunk_extra_ > max_chunk_extra)
          return malformed();
        break;
      case Chunk::size_end:
        if (c != '\n') return malformed();
        if (remaining_ > max_body_ - body_received_) return fail(413, "The request body is too large.");
        chunk_ = remaining_ == 0 ? Chunk::trailer : Chunk::data;
        line_ = 0;
        break;
      case Chunk::data:
        break;
      case Chunk::data_end:
        if (c != '\r') return malformed();
        chunk_ = Chunk::data_end_lf;
        break;
      case Chunk::data_end_lf:
        if (c != '\n') return malformed();
        chunk_ = Chunk::size;
        chunk_digits_ = 0;
        break;
      case Chunk::trailer:
        if (c == '\r')
          chunk_ = Chunk::trailer_lf;
        else if (is_control(c) || ++chunk_extra_ > max_chunk_extra || (line_++ == 0 && (c == ' ' || c == '\t')))
          return malformed();
        break;
      case Chunk::trailer_lf:
        if (c != '\n') return malformed();
        if (line_ == 0) {
          stage_ = Stage::complete;
          return Step::complete;
        }
        line_ = 0;
        chunk_ = Chunk::trailer;
        break;
    }
  }
  return Step::more;
}

}  // namespace gatehouse::http::transport
