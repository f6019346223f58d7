#include "login/screens/result_url.h"

#include "login/theme.h"

namespace gatehouse::login {

std::optional<std::string> result_url(const TicketVisit& visit, bool success, std::string_view message) {
  if (!visit.found.ticket) return std::nullopt;
  const json::object& data = visit.found.ticket->data;
  const auto url = get_string(data, "result_url");
  if (!url || !origin_of(*url)) return std::nullopt;
  http::Parameters parameters;
  if (get_bool(data, "includeEmailInRedirect").value_or(false) && visit.user && visit.user->email)
    parameters.add("email", *visit.user->email);
  parameters.add("success", success ? "true" : "false");
  parameters.add("message", std::string(message));
  const size_t fragment = url->find('#');
  std::string out(url->substr(0, fragment));
  out += (out.find('?') == std::string::npos ? "?" : "&") + parameters.encode();
  if (fragment != std::string_view::npos) out += url->substr(fragment);
  return out;
}

}  // namespace gatehouse::login
