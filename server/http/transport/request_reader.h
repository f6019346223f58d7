#pragma once
#include <string>
#include <string_view>

#include "http/request.h"

namespace gatehouse::http::transport {

struct RequestLimits {
  size_t request_line = 16 * 1024;  ///< bytes, without the line end; 414
  size_t header = 32 * 1024;        ///< bytes of all fields with their line ends; 431
  size_t header_fields = 100;       ///< 431
};

/// Turns the bytes of one HTTP/1.1 request into a Request (RFC 9112), strictly: whatever two parsers could read in two ways is
/// refused. Knows no sockets, so that the fuzzer and the connection run the very same code.
class RequestReader {
 public:
  enum class Step {
    more,      ///< everything given was consumed, the request goes on
    head,      ///< the head is complete; call begin_body() next
    complete,  ///< request() is complete; what is left of the data belongs to the next one
    failed,    ///< see status() and message(); the connection cannot be used any further
  };

  explicit RequestReader(const RequestLimits& limits) : limits_(limits) {}

  /// Takes bytes from the front of `data`.
  Step read(std::string_view& data);
  /// After Step::head: how many bytes of body the route accepts. Fails at once (413) when more are declared.
  Step begin_body(size_t max_body);

  [[nodiscard]] Request& request() { return request_; }
  [[nodiscard]] const Request& request() const { return request_; }
  /// Authority the request is meant for, in lower case: Host, or that of an absolute-form target. Empty only in HTTP/1.0.
  [[nodiscard]] const std::string& host() const { return host_; }
  [[nodiscard]] bool keep_alive() const { return keep_alive_; }
  /// The client waits for "100 Continue" before it sends the body.
  [[nodiscard]] bool expects_continue() const { return expects_continue_; }
  [[nodiscard]] bool head_complete() const { return stage_ > Stage::head && stage_ != Stage::failed; }
  /// Bytes of body so far, also of what was taken out of request().body meanwhile.
  [[nodiscard]] uint64_t body_received() const { return body_received_; }
  [[nodiscard]] int status() const { return status_; }
  [[nodiscard]] const std::string& message() const { return message_; }

 private:
  enum class Stage { head, between, sized_body, chunked_body, complete, failed };
  enum class Chunk { size, extension, size_end, data, data_end, data_end_lf, trailer, trailer_lf };

  Step fail(int status, std::string message);
  Step read_head(std::string_view& data);
  bool scan(std::string_view data, size_t& end);
  Step parse_head(std::string_view head);
  Step take_target(std::string_view target);
  Step take_host();
  Step take_framing();
  void take_body(std::string_view& data, size_t size);
  Step read_sized(std::string_view& data);
  Step read_chunked(std::string_view& data);

  RequestLimits limits_;
  Stage stage_ = Stage::head;
  Request request_;
  std::string head_;  ///< what came of a head that is not complete yet
  std::string host_;
  bool absolute_form_ = false;
  bool keep_alive_ = true;
  bool expects_continue_ = false;
  int version_ = 11;

  // scan()
  size_t line_ = 0, header_bytes_ = 0, fields_ = 0, leading_ = 0;
  bool first_line_ = true, after_cr_ = false;

  // body
  bool chunked_ = false;
  uint64_t declared_ = 0;
  size_t max_body_ = 0;
  uint64_t body_received_ = 0;
  uint64_t remaining_ = 0;  ///< of the body or of the chunk
  Chunk chunk_ = Chunk::size;
  size_t chunk_digits_ = 0, chunk_extra_ = 0;

  int status_ = 0;
  std::string message_;
};

}  // namespace gatehouse::http::transport
