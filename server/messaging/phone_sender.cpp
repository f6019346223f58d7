#include "messaging/phone_sender.h"

#include "base/encoding.h"
#include "http/request.h"
#include "jose/jwt.h"
#include "liquid/liquid.h"

namespace gatehouse::messaging {
namespace {

std::string form(const std::vector<std::pair<std::string_view, std::string>>& fields) {
  std::string out;
  for (const auto& [name, value] : fields) {
    if (value.empty()) continue;
    if (!out.empty()) out += '&';
    out += http::percent_encode(name) + "=" + http::percent_encode(value);
  }
  return out;
}

/// Twilio's words for what went wrong, for the tenant log.
std::string reason(const http::OutboundResponse& answer, std::string_view who) {
  std::string why = std::string(who) + " answered " + std::to_string(answer.status);
  if (const auto body = parse_json(answer.body); body && body->is_object())
    if (const auto message = get_string(body->get_object(), "message")) why += ": " + std::string(message->substr(0, 300));
  return why;
}

Result<void> judge(const http::OutboundResponse& answer, std::string_view who) {
  if (answer.status >= 200 && answer.status < 300) return {};
  const bool later = answer.status >= 500 || answer.status == 408 || answer.status == 429;
  return Error{later ? Errc::unavailable : Errc::invalid_argument, reason(answer, who)};
}

http::OutboundRequest twilio(const PhoneRoute& route, const Sms& sms) {
  http::OutboundRequest request{.method = "POST"};
  request.url = route.url + "/2010-04-01/Accounts/" + http::percent_encode(route.account) + (sms.voice ? "/Calls.json" : "/Messages.json");
  request.headers = {{"authorization", "Basic " + base64_encode(route.account + ":" + std::string(route.secret.reveal()))},
                     {"content-type", "application/x-www-form-urlencoded"},
                     {"accept", "application/json"}};
  if (sms.voice)
    request.body = form({{"To", sms.to},
                         {"From", route.from},
                         {"Twiml", "<Response><Say>" + liquid::escape_html(sms.body) + "</Say></Response>"}});
  else
    request.body = form({{"To", sms.to},
                         {"MessagingServiceSid", route.messaging_service},
                         {"From", route.messaging_service.empty() ? route.from : ""},
                         {"Body", sms.body}});
  return request;
}

http::OutboundRequest webhook(const PhoneRoute& route, const Sms& sms, const std::string& issuer, Timestamp now) {
  http::OutboundRequest request{.method = "POST"};
  request.url = route.url;
  json::object body{{"recipient", sms.to}, {"body", sms.body}, {"sender", route.from}, {"delivery_method", sms.voice ? "voice" : "text"}};
  for (const auto& [name, value] : sms.details)
    if (!body.contains(name)) body[name] = value;
  request.body = json::serialize(body);
  request.headers = {{"content-type", "application/json"}};
  if (!route.secret.reveal().empty()) {
    json::object claims{{"iss", issuer}, {"iat", to_unix_seconds(now)}, {"exp", to_unix_seconds(now) + 300}};
    if (!route.subject.empty()) claims["sub"] = route.subject;
    if (!route.audience.empty()) claims["aud"] = route.audience;
    request.headers.emplace_back("authorization",
                                 "Bearer " + jose::sign_jwt_hs(jose::Algorithm::HS256, route.secret.reveal(), "JWT", claims));
  }
  return request;
}

}  // namespace

Result<void> send_phone(http::Client& client, const PhoneRoute& route, const Sms& sms, const std::string& issuer, Timestamp now) {
  const bool to_twilio = route.kind == PhoneRoute::Kind::twilio;
  http::OutboundRequest request = to_twilio ? twilio(route, sms) : webhook(route, sms, issuer, now);
  request.max_response = 64 * 1024;
  TRY(const http::OutboundResponse answer, client.send(request));
  return judge(answer, to_twilio ? "Twilio" : "The webhook");
}

}  // namespace gatehouse::messaging
