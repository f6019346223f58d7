// Requests that two readers could read in two ways, byte for byte. Each is followed by a second request on the same connection:
// what was refused must end the connection, or the rest of it would be taken for a request of its own.
#include "http/transport/test_server.h"

namespace gatehouse::http::transport {
namespace {

struct Attack {
  const char* name;
  std::string bytes;
  int status;  ///< expected; 200 rows show that the strictness does not hit honest clients
};

class Smuggling : public ServerTest, public testing::WithParamInterface<Attack> {};

std::string post(const std::string& fields, const std::string& body = "") { return "POST /echo HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n" + body; }
std::string get(const std::string& fields) { return "GET /hello HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n"; }
std::string line(const std::string& request_line, const std::string& fields = "Host: a\r\n") { return request_line + "\r\n" + fields + "\r\n"; }
std::string chunked(const std::string& body) { return post("Transfer-Encoding: chunked\r\n", body); }

TEST_P(Smuggling, IsAnsweredAsItShould) {
  start();
  TestClient client(port());
  client.send(GetParam().bytes + "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n");
  const auto answer = client.receive();
  EXPECT_EQ(answer.status, GetParam().status);
  if (GetParam().status == 200) {
    EXPECT_EQ(client.receive().body, "ok");
  } else {
    EXPECT_EQ(answer.header("connection"), "close");
    EXPECT_EQ(client.receive_all(), "") << "nothing after a refused request may be answered";
  }
}

const Attack attacks[] = {
    {"plain_get", get(""), 200},
    {"sized_post", post("Content-Length: 3\r\n", "abc"), 200},
    {"chunked_post", chunked("3\r\nabc\r\n0\r\n\r\n"), 200},
    {"chunk_extension", chunked("3;a=b\r\nabc\r\n0;c\r\n\r\n"), 200},
    {"trailer", chunked("3\r\nabc\r\n0\r\nX: y\r\n\r\n"), 200},
    {"chunk_size_with_zeros", chunked("0003\r\nabc\r\n0\r\n\r\n"), 200},
    {"transfer_encoding_in_capitals", post("Transfer-Encoding: CHUNKED\r\n", "0\r\n\r\n"), 200},
    {"one_empty_line_first", "\r\n" + get(""), 200},
    {"absolute_form", line("GET http://b.example/hello HTTP/1.1"), 200},
    {"get_with_body", get("Content-Length: 3\r\n") + "abc", 200},
    {"empty_field_value", get("X:\r\n"), 200},
    {"host_with_port", line("GET /hello HTTP/1.1", "Host: LOCALHOST:8443\r\n"), 200},
    {"host_ipv6", line("GET /hello HTTP/1.1", "Host: [::1]:8443\r\n"), 200},
    {"identity_encoding", post("Content-Encoding: identity\r\nContent-Length: 1\r\n", "a"), 200},

    {"length_and_chunked", post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), 400},
    {"chunked_and_length", post("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", "0\r\n\r\n"), 400},
    {"two_lengths", post("Content-Length: 3\r\nContent-Length: 4\r\n", "abcd"), 400},
    {"two_equal_lengths", post("Content-Length: 3\r\nContent-Length: 3\r\n", "abc"), 400},
    {"length_list", post("Content-Length: 3, 3\r\n", "abc"), 400},
    {"negative_length", post("Content-Length: -1\r\n"), 400},
    {"signed_length", post("Content-Length: +3\r\n", "abc"), 400},
    {"hex_length", post("Content-Length: 0x3\r\n", "abc"), 400},
    {"empty_length", post("Content-Length:\r\n"), 400},
    {"length_with_blank_inside", post("Content-Length: 1 0\r\n", "abc"), 400},
    {"length_overflow", post("Content-Length: 18446744073709551619\r\n", "abc"), 400},
    {"length_not_a_number", post("Content-Length: abc\r\n"), 400},
    {"gzip_then_chunked", post("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"), 400},
    {"chunked_twice", post("Transfer-Encoding: chunked, chunked\r\n", "0\r\n\r\n"), 400},
    {"two_transfer_encodings", post("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", "0\r\n\r\n"), 400},
    {"identity_transfer", post("Transfer-Encoding: identity\r\n"), 400},
    {"xchunked", post("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n"), 400},
    {"chunked_with_vertical_tab", post("Transfer-Encoding: \x0b" "chunked\r\n", "0\r\n\r\n"), 400},
    {"chunked_in_quotes", post("Transfer-Encoding: \"chunked\"\r\n", "0\r\n\r\n"), 400},
    {"chunked_with_parameter", post("Transfer-Encoding: chunked;q=1\r\n", "0\r\n\r\n"), 400},
    {"empty_transfer_encoding", post("Transfer-Encoding:\r\n", "0\r\n\r\n"), 400},
    {"chunked_in_http_1_0", "POST /echo HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},

    {"blank_before_colon", post("Content-Length : 3\r\n", "abc"), 400},
    {"tab_before_colon", post("Transfer-Encoding\t: chunked\r\n", "0\r\n\r\n"), 400},
    {"folded_line", get("X: a\r\n b\r\n"), 400},
    {"folded_first_line", "GET /hello HTTP/1.1\r\n Host: a\r\nHost: a\r\n\r\n", 400},
    {"folded_transfer_encoding", post("Transfer-Encoding:\r\n\tchunked\r\n", "0\r\n\r\n"), 400},
    {"field_without_colon", get("X\r\n"), 400},
    {"field_without_name", get(": x\r\n"), 400},
    {"blank_in_name", get("X Y: a\r\n"), 400},
    {"quote_in_name", get("X\"Y: a\r\n"), 400},
    {"nul_in_name", get(std::string("X\0Y: a\r\n", 8)), 400},
    {"nul_in_value", get(std::string("X: a\0b\r\n", 8)), 400},
    {"bare_cr_in_value", get("X: a\rb\r\n"), 400},
    {"bare_lf_in_value", get("X: a\nTransfer-Encoding: chunked\r\n"), 400},
    {"bare_lf_line_ends", "GET /hello HTTP/1.1\nHost: a\n\n", 400},
    {"delete_in_value", get("X: a\x7f\r\n"), 400},
    {"invalid_utf8_in_value", get("X: \xff\r\n"), 400},

    {"no_host", "GET /hello HTTP/1.1\r\n\r\n", 400},
    {"two_hosts", line("GET /hello HTTP/1.1", "Host: a\r\nHost: b\r\n"), 400},
    {"empty_host", line("GET /hello HTTP/1.1", "Host:\r\n"), 400},
    {"host_with_path", line("GET /hello HTTP/1.1", "Host: a/b\r\n"), 400},
    {"host_with_user", line("GET /hello HTTP/1.1", "Host: a@b\r\n"), 400},
    {"host_with_blank", line("GET /hello HTTP/1.1", "Host: a b\r\n"), 400},
    {"host_list", line("GET /hello HTTP/1.1", "Host: a, b\r\n"), 400},
    {"host_with_odd_port", line("GET /hello HTTP/1.1", "Host: a:8o\r\n"), 400},
    {"host_with_huge_port", line("GET /hello HTTP/1.1", "Host: a:65536\r\n"), 400},
    {"host_with_empty_port", line("GET /hello HTTP/1.1", "Host: a:\r\n"), 400},
    {"host_bad_ipv6", line("GET /hello HTTP/1.1", "Host: [::1\r\n"), 400},

    {"no_version", "GET /hello\r\nHost: a\r\n\r\n", 400},
    {"http_0_9", line("GET /hello HTTP/0.9"), 505},
    {"http_2_0", line("GET /hello HTTP/2.0"), 505},
    {"http_1_2", line("GET /hello HTTP/1.2"), 505},
    {"lower_case_version", line("GET /hello http/1.1"), 400},
    {"blank_after_version", line("GET /hello HTTP/1.1 "), 400},
    {"two_blanks_in_request_line", line("GET  /hello HTTP/1.1"), 400},
    {"tab_in_request_line", line("GET\t/hello HTTP/1.1"), 400},
    {"blank_first", " " + get(""), 400},
    {"two_empty_lines_first", "\r\n\r\n" + get(""), 400},
    {"method_with_brackets", line("G(T /hello HTTP/1.1"), 400},
    {"fragment_in_target", line("GET /hello#x HTTP/1.1"), 400},
    {"relative_target", line("GET hello HTTP/1.1"), 400},
    {"star_for_get", line("GET * HTTP/1.1"), 400},
    {"high_bytes_in_target", line("GET /h\xc3\xa4 HTTP/1.1"), 400},
    {"bad_escape_in_path", line("GET /hello%zz HTTP/1.1"), 400},
    {"nul_escape_in_path", line("GET /hello%00 HTTP/1.1"), 400},
    {"bad_escape_in_query", line("GET /hello?a=%f HTTP/1.1"), 400},
    {"invalid_utf8_in_query", line("GET /hello?a=%ff HTTP/1.1"), 400},
    {"absolute_form_with_user", line("GET http://u@b.example/hello HTTP/1.1"), 400},
    {"absolute_form_of_another_scheme", line("GET ftp://b.example/hello HTTP/1.1"), 400},
    {"trace", line("TRACE /hello HTTP/1.1"), 405},
    {"connect", line("CONNECT a:443 HTTP/1.1"), 405},

    {"chunk_size_signed", chunked("+3\r\nabc\r\n0\r\n\r\n"), 400},
    {"chunk_size_hex_prefix", chunked("0x3\r\nabc\r\n0\r\n\r\n"), 400},
    {"chunk_size_empty", chunked("\r\nabc\r\n0\r\n\r\n"), 400},
    {"chunk_size_blank_first", chunked(" 3\r\nabc\r\n0\r\n\r\n"), 400},
    {"chunk_size_blank_last", chunked("3 \r\nabc\r\n0\r\n\r\n"), 400},
    {"chunk_size_overflow", chunked("10000000000000003\r\nabc\r\n0\r\n\r\n"), 400},
    {"chunk_size_huge", chunked("fffffff0\r\nabc\r\n0\r\n\r\n"), 413},
    {"chunk_bare_lf", chunked("3\nabc\r\n0\r\n\r\n"), 400},
    {"chunk_extension_bare_lf", chunked("3;\nabc\r\n0\r\n\r\n"), 400},
    {"chunk_extension_endless", chunked("3;" + std::string(5'000, 'a') + "\r\nabc\r\n0\r\n\r\n"), 400},
    {"chunk_longer_than_said", chunked("3\r\nabcd\r\n0\r\n\r\n"), 400},
    {"chunk_without_end", chunked("3\r\nabc0\r\n\r\n"), 400},
    {"chunk_end_bare_cr", chunked("3\r\nabc\r0\r\n\r\n"), 400},
    {"last_chunk_bare_lf", chunked("3\r\nabc\r\n0\n\n"), 400},
    {"trailer_folded", chunked("0\r\nX: y\r\n z\r\n\r\n"), 400},
    {"trailer_bare_lf", chunked("0\r\nX: y\n\r\n"), 400},

    {"gzip_body", post("Content-Encoding: gzip\r\nContent-Length: 3\r\n", "abc"), 415},
    {"unknown_expectation", post("Expect: 200-ok\r\nContent-Length: 3\r\n", "abc"), 417},
    {"two_authorizations", get("Authorization: Bearer a\r\nAuthorization: Bearer b\r\n"), 400},
    {"two_content_types", post("Content-Type: text/plain\r\nContent-Type: text/html\r\nContent-Length: 1\r\n", "a"), 400},

    {"request_line_too_long", line("GET /" + std::string(17'000, 'a') + " HTTP/1.1"), 414},
    {"request_line_endless", "GET /" + std::string(100'000, 'a'), 414},
    {"header_too_large", get("X: " + std::string(33'000, 'a') + "\r\n"), 431},
    {"header_endless", "GET /hello HTTP/1.1\r\nX: " + std::string(100'000, 'a'), 431},
    {"too_many_fields", get([] {
       std::string fields;
       for (int i = 0; i < 100; ++i) fields += "X: a\r\n";
       return fields;
     }()), 431},
    {"body_declared_too_large", post("Content-Length: 1048577\r\n"), 413},
    {"body_declared_absurd", post("Content-Length: 999999999999999999\r\n"), 413},
    {"chunked_body_too_large", "POST /small HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n6\r\nfghijk\r\n0\r\n\r\n", 413},
    {"larger_than_its_route_takes", "POST /small HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\nabcdefghijk", 413},
};

INSTANTIATE_TEST_SUITE_P(Table, Smuggling, testing::ValuesIn(attacks), [](const auto& row) { return std::string(row.param.name); });

class EveryCut : public ServerTest {};

TEST_F(EveryCut, OfARequestIntoTwoPiecesReadsTheSame) {
  start();
  const std::string bytes = "POST /echo?a=b HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n4;x=y\r\nabcd\r\n3\r\nefg\r\n0\r\nT: t\r\n\r\n";
  TestClient client(port());
  for (size_t cut = 1; cut < bytes.size(); ++cut) {
    client.send(bytes.substr(0, cut));
    std::this_thread::sleep_for(milliseconds(1));
    ASSERT_EQ(client.ask(bytes.substr(cut)).body, "abcdefg") << cut;
  }
}

}  // namespace
}  // namespace gatehouse::http::transport
