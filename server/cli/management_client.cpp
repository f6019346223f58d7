#include "cli/management_client.h"

#include <curl/curl.h>

#include "app/data_folder.h"

namespace gatehouse::cli {
namespace {

size_t append(char* data, size_t size, size_t count, void* out) {
  auto& text = *static_cast<std::string*>(out);
  if (text.size() + size * count > (8u << 20)) return 0;
  text.append(data, size * count);
  return size * count;
}

}  // namespace

Result<ManagementClient> ManagementClient::connect(const config::Settings& settings) {
  const std::string file = settings.data + "/bootstrap.json";
  Result<std::string> content = app::read_file(file);
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

Result<ManagementClient::Answer> ManagementClient::send(const std::string& method, const std::string& url, const json::value& body, bool with_token) {
  const std::unique_ptr<CURL, void (*)(CURL*)> curl(curl_easy_init(), curl_easy_cleanup);
  std::string answer;
  const std::string text = body.is_null() ? "" : json::serialize(body);
  curl_slist* headers = curl_slist_append(nullptr, "Content-Type: application/json");
  if (with_token) headers = curl_slist_append(headers, ("Authorization: Bearer " + std::string(token_.reveal())).c_str());
  const std::unique_ptr<curl_slist, void (*)(curl_slist*)> owned(headers, curl_slist_free_all);
  curl_easy_setopt(curl.get(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_CUSTOMREQUEST, method.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_HTTPHEADER, headers);
  if (!body.is_null()) curl_easy_setopt(curl.get(), CURLOPT_POSTFIELDS, text.c_str());
  if (!ca_file_.empty()) curl_easy_setopt(curl.get(), CURLOPT_CAINFO, ca_file_.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_TIMEOUT, 30L);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, append);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEDATA, &answer);
  curl_easy_setopt(curl.get(), CURLOPT_NOPROXY, "*");
  if (const CURLcode code = curl_easy_perform(curl.get()); code != CURLE_OK)
    return Error{Errc::unavailable, "No server answers at " + issuer_ + ": " + curl_easy_strerror(code)};
  long status = 0;
  curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &status);
  Answer out{int(status), nullptr};
  if (!answer.empty())
    if (Result<json::value> parsed = parse_json(answer, {.max_bytes = 8u << 20})) out.body = std::move(*parsed);
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
