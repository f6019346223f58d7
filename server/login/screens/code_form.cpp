#include "login/screens/code_form.h"

namespace gatehouse::login {

void keep_notice(LoginVisit& visit, std::string_view notice) {
  if (notice.empty())
    visit.transaction.flow.erase("code_notice");
  else
    visit.transaction.flow["code_notice"] = notice;
}

std::string clean_code(std::string_view typed) {
  std::string code;
  for (const char c : typed)
    if (c != ' ' && c != '-' && c != '\t') code += c;
  return code;
}

std::string_view code_complaint(std::string_view typed) {
  const std::string code = clean_code(typed);
  if (code.empty()) return "no-code";
  // What cannot be right costs no try.
  if (code.size() > 40 || code.find_first_not_of("0123456789") != std::string::npos) return "invalid-code";
  return {};
}

http::Response show_code(const Kit& kit, const LoginVisit& visit, const CodeForm& form) {
  Page page{.template_name = "code", .prompt = form.prompt, .screen = form.screen, .status = form.status};
  page.description_key = form.description_key;
  page.alert_key = form.alert;
  page.failed = form.status != 200;
  const ScreenTexts texts = kit.pages.texts(visit, page.prompt, page.screen);
  Field field{.name = "code",
              .label = texts.get("placeholder", {}),
              .autocomplete = "one-time-code",
              .error = texts.get(form.code_error, Pages::placeholders(visit)),
              .inputmode = "numeric",
              .autofocus = true,
              .maxlength = 64};
  if (!form.alert.empty()) field.describedby = "alert";
  page.variables["fields"] = json::array{field.to_json()};
  page.variables["code_size"] = "short";
  page.variables["form"] = form_of(visit, form.path);
  page.variables["sent_to"] = form.sent_to;
  page.variables["resend"] = true;
  if (!form.otherwise.empty()) page.variables["otherwise"] = form.otherwise;
  if (!form.edit.empty()) page.variables["edit"] = form.edit;
  if (!form.password.empty()) page.variables["use_password"] = form.password;
  if (!form.back.empty()) page.variables["back"] = form.back;
  if (const std::string notice = visit.learnt("code_notice"); !notice.empty() && form.alert.empty() && form.code_error.empty()) {
    const bool good = notice == "sent";
    page.variables[good ? "status" : "alert"] = texts.get(good ? "sentText" : notice, {});
    if (!good) page.failed = true;
  }
  return kit.pages.render(visit, std::move(page));
}

}  // namespace gatehouse::login
