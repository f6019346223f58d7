#include "messaging/api_mail_sender.h"

#include <ctime>

#include "base/encoding.h"
#include "crypto/crypto.h"
#include "http/request.h"

// One function a provider: the request that its documentation asks for.
namespace gatehouse::messaging {
namespace {

using http::OutboundRequest;

struct Sending {
  http::Client& client;
  const MailApi& api;
  const OutgoingMail& mail;
  Timestamp now;

  [[nodiscard]] std::string credential(std::string_view name) const { return std::string(get_string(api.credentials, name).value_or("")); }
  /// The provider's address, or the one that stands in its place.
  [[nodiscard]] std::string at(std::string_view own, std::string_view path) const {
    std::string base(get_string(api.settings, "base_url").value_or(own));
    while (base.ends_with('/')) base.pop_back();
    return base + std::string(path);
  }
  [[nodiscard]] std::string sender() const {
    return mail.from.name.empty() ? mail.from.address : "\"" + mail.from.name + "\" <" + mail.from.address + ">";
  }
};

OutboundRequest post_json(std::string url, const json::value& body, std::vector<std::pair<std::string, std::string>> headers = {}) {
  headers.emplace_back("content-type", "application/json");
  return {.method = "POST", .url = std::move(url), .headers = std::move(headers), .body = json::serialize(body), .timeout = seconds(20)};
}

OutboundRequest post_form(std::string url, const std::vector<std::pair<std::string_view, std::string>>& form,
                          std::vector<std::pair<std::string, std::string>> headers = {}) {
  headers.emplace_back("content-type", "application/x-www-form-urlencoded");
  std::string body;
  for (const auto& [name, value] : form) body += (body.empty() ? "" : "&") + http::percent_encode(name) + "=" + http::percent_encode(value);
  return {.method = "POST", .url = std::move(url), .headers = std::move(headers), .body = std::move(body), .timeout = seconds(20)};
}

json::object with_name(const Mailbox& from, std::string_view address_key) {
  json::object out{{address_key, from.address}};
  if (!from.name.empty()) out["name"] = from.name;
  return out;
}

Result<OutboundRequest> sendgrid(const Sending& s) {
  TRY(const SecretString key, s.api.secret("api_key"));
  const json::object body{{"personalizations", json::array{json::object{{"to", json::array{json::object{{"email", s.mail.to}}}}}}},
                          {"from", with_name(s.mail.from, "email")},
                          {"subject", s.mail.subject},
                          {"content",
                           json::array{json::object{{"type", "text/plain"}, {"value", s.mail.text}},
                                       json::object{{"type", "text/html"}, {"value", s.mail.html}}}}};
  return post_json(s.at("https://api.sendgrid.com", "/v3/mail/send"), body, {{"authorization", "Bearer " + std::string(key.reveal())}});
}

Result<OutboundRequest> mailgun(const Sending& s) {
  TRY(const SecretString key, s.api.secret("api_key"));
  const std::string_view own = s.credential("region") == "eu" ? "https://api.eu.mailgun.net" : "https://api.mailgun.net";
  return post_form(s.at(own, "/v3/" + http::percent_encode(s.credential("domain")) + "/messages"),
                   {{"from", s.sender()}, {"to", s.mail.to}, {"subject", s.mail.subject}, {"html", s.mail.html}, {"text", s.mail.text}},
                   {{"authorization", "Basic " + base64_encode("api:" + std::string(key.reveal()))}});
}

Result<OutboundRequest> mandrill(const Sending& s) {
  TRY(const SecretString key, s.api.secret("api_key"));
  json::object message{{"from_email", s.mail.from.address},
                       {"to", json::array{json::object{{"email", s.mail.to}, {"type", "to"}}}},
                       {"subject", s.mail.subject},
                       {"html", s.mail.html},
                       {"text", s.mail.text}};
  if (!s.mail.from.name.empty()) message["from_name"] = s.mail.from.name;
  return post_json(s.at("https://mandrillapp.com", "/api/1.0/messages/send.json"),
                   json::object{{"key", key.reveal()}, {"message", std::move(message)}});
}

Result<OutboundRequest> sparkpost(const Sending& s) {
  TRY(const SecretString key, s.api.secret("api_key"));
  const std::string_view own = s.credential("region") == "eu" ? "https://api.eu.sparkpost.com" : "https://api.sparkpost.com";
  const json::object body{{"recipients", json::array{json::object{{"address", json::object{{"email", s.mail.to}}}}}},
                          {"content",
                           {{"from", with_name(s.mail.from, "email")},
                            {"subject", s.mail.subject},
                            {"html", s.mail.html},
                            {"text", s.mail.text}}}};
  return post_json(s.at(own, "/api/v1/transmissions"), body, {{"authorization", std::string(key.reveal())}});
}

Result<OutboundRequest> resend(const Sending& s) {
  TRY(const SecretString key, s.api.secret("api_key"));
  const json::object body{{"from", s.sender()},
                          {"to", json::array{json::string(s.mail.to)}},
                          {"subject", s.mail.subject},
                          {"html", s.mail.html},
                          {"text", s.mail.text}};
  return post_json(s.at("https://api.resend.com", "/emails"), body, {{"authorization", "Bearer " + std::string(key.reveal())}});
}

std::string utc(Timestamp now, const char* form) {
  const std::time_t t = to_unix_seconds(now);
  std::tm parts{};
  ::gmtime_r(&t, &parts);
  char text[64];
  return {text, std::strftime(text, sizeof text, form, &parts)};
}

/// Scheme and host cut off: what follows the first slash after them, with it.
std::string path_of(const std::string& url) {
  const size_t host = url.find("://");
  const size_t slash = url.find('/', host == std::string::npos ? 0 : host + 3);
  return slash == std::string::npos ? "/" : url.substr(slash);
}
std::string host_of(const std::string& url) {
  const size_t scheme = url.find("://"), host = scheme == std::string::npos ? 0 : scheme + 3;
  return url.substr(host, url.find('/', host) - host);
}

/// Amazon SES v2 with a Signature Version 4.
Result<OutboundRequest> ses(const Sending& s) {
  TRY(const SecretString id, s.api.secret("accessKeyId"));
  TRY(const SecretString secret, s.api.secret("secretAccessKey"));
  TRY(const std::string message, write_message(s.mail));
  const std::string region = s.credential("region");
  const std::string url = s.at("https://email." + region + ".amazonaws.com", "/v2/email/outbound-emails");
  OutboundRequest request = post_json(url, json::object{{"FromEmailAddress", s.mail.from.address},
                                                        {"Destination", json::object{{"ToAddresses", json::array{json::string(s.mail.to)}}}},
                                                        {"Content", json::object{{"Raw", json::object{{"Data", base64_encode(message)}}}}}});
  const std::string time = utc(s.now, "%Y%m%dT%H%M%SZ"), day = time.substr(0, 8), scope = day + "/" + region + "/ses/aws4_request";
  const std::string signed_headers = "content-type;host;x-amz-date";
  const std::string canonical = "POST\n" + path_of(url) + "\n\ncontent-type:application/json\nhost:" + host_of(url) + "\nx-amz-date:" + time +
                                "\n\n" + signed_headers + "\n" + hex_encode(crypto::sha256(request.body));
  const std::string to_sign = "AWS4-HMAC-SHA256\n" + time + "\n" + scope + "\n" + hex_encode(crypto::sha256(canonical));
  std::string key = crypto::hmac_sha256("AWS4" + std::string(secret.reveal()), day);
  for (const std::string_view part : {std::string_view(region), std::string_view("ses"), std::string_view("aws4_request")})
    key = crypto::hmac_sha256(key, part);
  request.headers.emplace_back("x-amz-date", time);
  request.headers.emplace_back("authorization", "AWS4-HMAC-SHA256 Credential=" + std::string(id.reveal()) + "/" + scope + ", SignedHeaders=" +
                                                    signed_headers + ", Signature=" + hex_encode(crypto::hmac_sha256(key, to_sign)));
  return request;
}

/// Azure Communication Services, signed with the key of its connection string.
Result<OutboundRequest> azure_cs(const Sending& s) {
  TRY(const SecretString connection, s.api.secret("connectionString"));
  std::string endpoint, key;
  for (std::string_view rest = connection.reveal(); !rest.empty();) {
    const std::string_view pair = rest.substr(0, rest.find(';'));
    rest.remove_prefix(std::min(rest.size(), pair.size() + 1));
    const size_t equals = pair.find('=');
    if (equals == std::string_view::npos) continue;
    const std::string name = to_lower_ascii(pair.substr(0, equals));
    if (name == "endpoint") endpoint = pair.substr(equals + 1);
    if (name == "accesskey") key = pair.substr(equals + 1);
  }
  const auto secret = base64_decode(key);
  if (endpoint.empty() || !secret) return Error{Errc::invalid_argument, "The connection string of the e-mail provider has no endpoint or key."};
  const std::string url = s.at(endpoint, "/emails:send?api-version=2023-03-31");
  OutboundRequest request = post_json(url, json::object{{"senderAddress", s.mail.from.address},
                                                        {"content", json::object{{"subject", s.mail.subject}, {"html", s.mail.html}, {"plainText", s.mail.text}}},
                                                        {"recipients", json::object{{"to", json::array{json::object{{"address", s.mail.to}}}}}}});
  const std::string date = utc(s.now, "%a, %d %b %Y %H:%M:%S GMT"), digest = base64_encode(crypto::sha256(request.body));
  const std::string to_sign = "POST\n" + path_of(url) + "\n" + date + ";" + host_of(url) + ";" + digest;
  request.headers.emplace_back("x-ms-date", date);
  request.headers.emplace_back("x-ms-content-sha256", digest);
  request.headers.emplace_back("authorization", "HMAC-SHA256 SignedHeaders=x-ms-date;host;x-ms-content-sha256&Signature=" +
                                                    base64_encode(crypto::hmac_sha256(*secret, to_sign)));
  return request;
}

/// Microsoft Graph, with a token of the application; `base_url` stands for both of its hosts.
Result<OutboundRequest> ms365(const Sending& s) {
  TRY(const SecretString tenant, s.api.secret("tenantId"));
  TRY(const SecretString id, s.api.secret("clientId"));
  TRY(const SecretString secret, s.api.secret("clientSecret"));
  TRY(const http::OutboundResponse answer,
      s.client.send(post_form(s.at("https://login.microsoftonline.com", "/" + http::percent_encode(tenant.reveal()) + "/oauth2/v2.0/token"),
                              {{"grant_type", "client_credentials"},
                               {"client_id", std::string(id.reveal())},
                               {"client_secret", std::string(secret.reveal())},
                               {"scope", "https://graph.microsoft.com/.default"}})));
  const auto parsed = parse_json(answer.body);
  const auto token = parsed && parsed->is_object() ? get_string(parsed->get_object(), "access_token") : std::nullopt;
  if (!token)
    return Error{answer.status >= 500 ? Errc::unavailable : Errc::invalid_argument,
                 "Microsoft gave no token for sending mails (" + std::to_string(answer.status) + ")."};
  const json::object message{{"subject", s.mail.subject},
                             {"body", json::object{{"contentType", "HTML"}, {"content", s.mail.html}}},
                             {"toRecipients", json::array{json::object{{"emailAddress", json::object{{"address", s.mail.to}}}}}}};
  return post_json(s.at("https://graph.microsoft.com", "/v1.0/users/" + http::percent_encode(s.mail.from.address) + "/sendMail"),
                   json::object{{"message", message}, {"saveToSentItems", false}}, {{"authorization", "Bearer " + std::string(*token)}});
}

struct Provider {
  std::string_view name;
  Result<OutboundRequest> (*request)(const Sending&);
};
constexpr Provider kProviders[] = {{"azure_cs", azure_cs}, {"mailgun", mailgun}, {"mandrill", mandrill},   {"ms365", ms365},
                                   {"resend", resend},     {"sendgrid", sendgrid}, {"ses", ses},           {"sparkpost", sparkpost}};

/// Mandrill answers 200 to a mail that it will not send.
bool says_rejected(const std::string& body) {
  const auto parsed = parse_json(body);
  if (!parsed || !parsed->is_array() || parsed->get_array().empty() || !parsed->get_array().front().is_object()) return false;
  const auto status = get_string(parsed->get_array().front().get_object(), "status");
  return status == "rejected" || status == "invalid";
}

}  // namespace

bool has_mail_api(std::string_view provider) {
  return std::ranges::find(kProviders, provider, &Provider::name) != std::end(kProviders);
}

Result<void> send_by_api(http::Client& client, const MailApi& api, const OutgoingMail& mail, Timestamp now) {
  const auto* provider = std::ranges::find(kProviders, api.provider, &Provider::name);
  if (provider == std::end(kProviders)) return Error{Errc::invalid_argument, "There is no such e-mail provider."};
  TRY(const OutboundRequest request, provider->request({client, api, mail, now}));
  TRY(const http::OutboundResponse answer, client.send(request));
  if (answer.status >= 200 && answer.status < 300 && !says_rejected(answer.body)) return {};
  const bool again = answer.status >= 500 || answer.status == 429 || answer.status == 408;
  return Error{again ? Errc::unavailable : Errc::invalid_argument,
               "The e-mail provider " + std::string(api.provider) + " refused the mail (" + std::to_string(answer.status) + ")."};
}

}  // namespace gatehouse::messaging
