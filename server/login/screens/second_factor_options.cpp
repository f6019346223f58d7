// Which factor: lists to choose from, and what is said when there is nothing to choose.
#include "login/screens/second_factor.h"

#include "base/encoding.h"

namespace gatehouse::login {
namespace {

namespace type = model::method_type;
using Place = FactorVisit::Place;

/// Part of the text keys "authenticatorNames…" and "hint…".
std::string_view key_of(const FactorVisit& visit, std::string_view of) {
  if (of == type::kTotp) return "OTP";
  if (of == type::kPhone) return !visit.settings.calls ? "SMS" : visit.settings.text_messages ? "Phone" : "Voice";
  if (of == type::kEmail) return "Email";
  if (of == type::kRecoveryCode) return "RecoveryCode";
  if (of == type::kWebAuthnRoaming) return "WebauthnRoaming";
  return "WebauthnPlatform";
}

bool contains(const std::vector<std::string>& list, std::string_view one) { return std::ranges::find(list, one) != list.end(); }

}  // namespace

json::array SecondFactor::options(const FactorVisit& visit, const std::vector<std::string>& types, const ScreenTexts& texts) const {
  json::array out;
  for (const std::string& one : types) {
    const std::string key(key_of(visit, one));
    out.push_back(json::object{{"value", one},
                               {"icon", to_lower_ascii(key)},
                               {"name", texts.get("authenticatorNames" + key, {})},
                               {"hint", texts.get("hint" + key, {})}});
  }
  return out;
}

http::Response SecondFactor::show_options(FactorVisit& visit) const {
  Page page = this->page(visit, "factors", "mfa", "mfa-login-options");
  page.variables["options"] = options(visit, challengeable(visit), texts(visit, page));
  page.variables["another"] = nullptr;
  if (const model::AuthenticationMethod* under_way = visit.available.find(visit.kept("method")))
    page.variables["back"] = link(visit, challenge_page(visit, under_way->type, get_bool(visit.state, "voice").value_or(false)));
  return render(visit, std::move(page));
}

http::Response SecondFactor::choose_option(FactorVisit& visit, const http::Parameters& form) const {
  const std::string_view wanted = form.get("action").value_or("");
  std::vector<const model::AuthenticationMethod*> of_type;
  for (const model::AuthenticationMethod& method : visit.available.methods)
    if (method.type == wanted) of_type.push_back(&method);
  if (of_type.empty() || !contains(challengeable(visit), wanted)) return Flow::see_other(link(visit, "mfa-login-options"));
  visit.state = json::object{};
  if (wanted == type::kPhone && of_type.size() > 1) return go(visit, "mfa-sms-list");
  if (wanted == type::kEmail && of_type.size() > 1) return go(visit, "mfa-email-list");
  if (wanted == type::kPhone && visit.settings.calls && visit.settings.text_messages) {
    visit.state["method"] = of_type.front()->id;
    return go(visit, "mfa-phone-challenge");
  }
  return open(visit, *of_type.front());
}

http::Response SecondFactor::show_enrolments(FactorVisit& visit) const {
  const std::vector<std::string> types = enrollable(visit);
  if (types.empty()) return show_unavailable(visit);
  Page page = this->page(visit, "factors", "mfa", "mfa-begin-enroll-options");
  page.variables["options"] = options(visit, types, texts(visit, page));
  page.variables["another"] = nullptr;
  if (const std::string notice = visit.kept("notice"); !notice.empty()) page.variables["alert"] = texts(visit, page).get(notice, {});
  return render(visit, std::move(page));
}

http::Response SecondFactor::choose_enrolment(FactorVisit& visit, const http::Parameters& form) const {
  const std::string_view wanted = form.get("action").value_or("");
  if (!contains(enrollable(visit), wanted)) return Flow::see_other(link(visit, "mfa-begin-enroll-options"));
  return begin(visit, wanted);
}

http::Response SecondFactor::show_unavailable(FactorVisit& visit) const {
  if (visit.place == Place::enrollment) return show_result(*visit.ticket, "invalidTicketTitle", "noFactors", false);
  Page page{.template_name = "message", .prompt = "mfa", .screen = "mfa-unavailable", .status = 403};
  page.variables["tone"] = "info";
  const ScreenTexts texts = kit_.pages.texts(visit.visit, "common", "common");
  page.variables["link"] = way_back_link(visit.visit, texts.get("backToAppText", Pages::placeholders(visit.visit)));
  return kit_.pages.render(visit.visit, std::move(page));
}

http::Response SecondFactor::show_result(const TicketVisit& visit, std::string_view title, std::string_view description, bool good) const {
  Page page{.template_name = "message",
            .prompt = "mfa",
            .screen = "mfa-enroll-result",
            .status = good ? 200 : 400,
            .title_key = title,
            .description_key = description};
  page.variables["tone"] = good ? "good" : "bad";
  return kit_.pages.render(visit, std::move(page));
}

}  // namespace gatehouse::login
