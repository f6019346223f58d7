// Heads and bodies through the reader that the connection uses. The same bytes in one piece and in pieces must read the same, and
// whatever is accepted must be something no other reader can take for something else.
#include "http/router.h"
#include "http/transport/request_reader.h"

using namespace gatehouse::http;
using transport::RequestReader;

namespace {

constexpr transport::RequestLimits limits{.request_line = 512, .header = 1024, .header_fields = 20};
constexpr size_t max_body = 256;

void require(bool condition) {
  if (!condition) __builtin_trap();
}

struct Outcome {
  std::string text;
  size_t requests = 0;
};

void check(const RequestReader& reader) {
  const Request& request = reader.request();
  require(!request.path.empty() && (request.path.front() == '/' || request.path == "*"));
  require(request.target.substr(0, request.path.size()) == request.path);
  require(request.target.find_first_of(" \t\r\n#") == std::string::npos);
  require(request.body.size() <= max_body);
  require(request.headers.size() <= limits.header_fields);
  size_t hosts = 0;
  bool length = false, coding = false;
  for (const auto& [name, value] : request.headers) {
    require(!name.empty());
    for (const char c : name) require(c > ' ' && c < 0x7f && c != ':' && !(c >= 'A' && c <= 'Z'));
    for (const char c : value) require(static_cast<unsigned char>(c) >= ' ' || c == '\t');
    hosts += name == "host";
    length |= name == "content-length";
    coding |= name == "transfer-encoding";
  }
  require(hosts <= 1);
  require(!(length && coding));
  if (length) require(request.body.size() == std::stoull(std::string(*request.header("content-length"))));
}

/// Reads request after request, as a connection would, `piece` bytes at a time.
Outcome read_all(std::string_view bytes, size_t piece) {
  Outcome outcome;
  auto reader = std::make_unique<RequestReader>(limits);
  while (!bytes.empty()) {
    std::string_view data = bytes.substr(0, piece);
    bytes.remove_prefix(data.size());
    while (true) {
      RequestReader::Step step = reader->read(data);
      if (step == RequestReader::Step::head) step = reader->begin_body(max_body);
      if (step == RequestReader::Step::more) {
        if (data.empty()) break;
        continue;
      }
      if (step == RequestReader::Step::failed) {
        outcome.text += "failed " + std::to_string(reader->status()) + " " + reader->message();
        require(reader->status() >= 400 && !reader->keep_alive());
        return outcome;
      }
      check(*reader);
      const Request& request = reader->request();
      outcome.text += request.target + "|" + reader->host() + "|" + request.body + "|" + (reader->keep_alive() ? "k" : "c");
      for (const auto& [name, value] : request.headers) outcome.text += "|" + name + "=" + value;
      ++outcome.requests;
      if (!reader->keep_alive()) return outcome;
      reader = std::make_unique<RequestReader>(limits);
      if (data.empty()) break;
    }
  }
  return outcome;
}

const Router& router() {
  static const Router router = [] {
    Router routes;
    const auto nothing = [](const Request&) { return Response::empty(); };
    routes.get("/", {}, nothing);
    routes.get("/a/{id}/b", {}, nothing);
    routes.get("/a/{x}/{y}", {}, nothing);
    routes.post("/a/b/{y}", {}, nothing);
    return routes;
  }();
  return router;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(bytes) + 1, size - 1);
  const Outcome whole = read_all(text, std::string_view::npos);
  const Outcome pieces = read_all(text, bytes[0] % 16 + 1);
  require(whole.text == pieces.text);

  const size_t end = text.find(' ');
  for (const Method method : {Method::GET, Method::HEAD, Method::POST, Method::OPTIONS}) {
    const auto match = router().match(method, text.substr(0, end));
    for (const auto& parameter : match.parameters) require(parameter.second != "." && parameter.second != "..");
  }
  return 0;
}
