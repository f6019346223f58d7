#include "cli/management_client.h"

#include "base/files.h"
#include "http/client.h"

namespace gatehouse::cli {
namespace {

/// The administrator's own server, wherever it is: the rules for calls that strangers cause do not hold.
http::OutboundPolicy anywhere(const std::string& ca_file) {
  return {.allow_loopback = true,
          .allow_plain_http = true,
          .allow = {*http::Cidr::parse("0.0.0.0/0"), *http::Cidr::parse("::/0")},
          .extra_ca_file = ca_file};
}

constexpr size_t kMaxAnswer = 8u << 20;  // bytes

}  // namespace

Result<ManagementClient> ManagementClient::connect(const config::Settings& settings) {
  const std::string file = settings.data + "/bootstrap.json";
  Result<std::string> content = read_file(file);
  if (!content) return Error{Errc::not_found, "There is no " + file + ": start the server once (./run), or name its folder with --data"};
  TRY(const json::value bootstrap, parse_json(*content));
  const json::object* management = bootstrap.is_object() ? get_object(bootstrap.get_object(), "management") : nullptr;
  if (!management) return Error{Errc::invalid_argument, file + " is not a bootstrap file"};
  ManagementClient client;
  const json::object& b = bootstrap.get_object();
  client.issuer_ = get_string(b, "issuer").value_or("");
  client.domain_ = get_string(b, "domain").value_or("");
  client.ca_file_ = get_string(b, "ca_file").value_or("");
  const json::value request{{"grant_type", "client_credentials"},
                            {"client_id", get_string(*management, "client_id").value_or("")},
                            {"client_secret", get_string(*management, "client_secret").value_or("")},
                            {"audience", get_string(*management, "audience").value_or("")}};
  TRY(const Answer answer, client.send("POST", client.issuer_ + "oauth/token", request, false));
  const auto token = answer.body.is_object() ? get_string(answer.body.get_object(), "access_token") : std::nullopt;
  if (!token) return Error{Errc::unavailable, "The server gave no Management API token (HTTP " + std::to_string(answer.status) + ")"};
  client.token_ = SecretString(std::string(*token));
  return client;
}

Result<ManagementClient::Answer> ManagementClient::send(const std::string& method, const std::string& url, const json::value& body,
                                                        bool with_token) {
  http::OutboundRequest request{
      .method = method, .url = url, .headers = {{"content-type", "application/json"}}, .timeout = seconds(30), .max_response = kMaxAnswer};
  if (with_token) request.headers.emplace_back("authorization", "Bearer " + std::string(token_.reveal()));
  if (!body.is_null()) request.body = json::serialize(body);
  const Result<http::OutboundResponse> response = http::make_client(anywhere(ca_file_))->send(request);
  if (!response) return Error{Errc::unavailable, "No server answers at " + issuer_, response.error().detail};
  Answer out{response->status, nullptr};
  if (!response->body.empty())
    if (Result<json::value> parsed = parse_json(response->body, {.max_bytes = kMaxAnswer})) out.body = std::move(*parsed);
  return out;
}

Result<ManagementClient::Answer> ManagementClient::call(const std::string& method, const std::string& path, const json::value& body) {
  return send(method, issuer_ + "api/v2" + path, body, true);
}

Result<json::value> ManagementClient::expect(const std::string& method, const std::string& path, const json::value& body) {
  TRY(Answer answer, call(method, path, body));
  if (answer.status >= 200 && answer.status < 300) return std::move(answer.body);
  std::string message = method + " " + path + ": HTTP " + std::to_string(answer.status);
  if (answer.body.is_object()) message += " " + std::string(get_string(answer.body.get_object(), "message").value_or(""));
  return Error{answer.status == 404 ? Errc::not_found : Errc::invalid_argument, std::move(message)};
}

}  // namespace gatehouse::cli
