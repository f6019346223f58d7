#pragma once
#include <string>
#include <string_view>

#include "http/request.h"
#include "http/response.h"

namespace gatehouse::http::transport {

/// Appends the head of an answer (RFC 9112 §4): status line, Date, Content-Length, Connection: close where `close`, and the
/// response's own fields. Framing fields a handler set itself are dropped; line ends and other control characters in names and
/// values become blanks, so that no value can begin a field or a response of its own.
void write_head(std::string& out, const Response& response, std::string_view date, bool close);

/// Whether the answer to this method with this status has a body on the wire (RFC 9110 §6.4.1).
bool has_body(Method method, int status);

/// The value of the Date field (RFC 9110 §5.6.7): Tue, 15 Nov 1994 08:12:31 GMT.
std::string http_date(Timestamp t);

}  // namespace gatehouse::http::transport
