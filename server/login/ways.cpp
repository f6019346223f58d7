#include "login/ways.h"

#include "base/encoding.h"
#include "base/text.h"
#include "connections/upstream/provider.h"
#include "login/flow.h"
#include "login/theme.h"

namespace gatehouse::login {
namespace {

struct Name {
  std::string_view strategy, name;
};
/// What people call a provider of social logins; others are called what the connection is.
constexpr Name kNames[] = {{"google-oauth2", "Google"},  {"github", "GitHub"},     {"apple", "Apple"},
                           {"windowslive", "Microsoft"}, {"facebook", "Facebook"}, {"linkedin", "LinkedIn"}};

bool has_domain(const model::Connection& connection, std::string_view domain) {
  const json::array* aliases = get_array(connection.options, "domain_aliases");
  if (!aliases) return false;
  return std::any_of(aliases->begin(), aliases->end(), [&](const json::value& alias) {
    return alias.is_string() && to_lower_ascii(std::string_view(alias.get_string())) == domain;
  });
}

/// Social connections always have a button; a company's has one when it says so.
bool has_button(const model::Connection& connection) {
  const WayKind kind = way_of(connection);
  return kind == WayKind::social || (kind == WayKind::enterprise && get_bool(connection.properties, "show_as_button").value_or(false));
}

}  // namespace

WayKind way_of(const model::Connection& connection) {
  if (connection.is_database()) return WayKind::database;
  if (connection.strategy == "email" || connection.strategy == "sms") return WayKind::passwordless;
  const connections::Provider* provider = connections::find_provider(connection.strategy);
  return !provider ? WayKind::none : provider->is_social ? WayKind::social : WayKind::enterprise;
}

std::string shown_name(const model::Connection& connection) {
  if (!connection.display_name.empty()) return connection.display_name;
  for (const Name& known : kNames)
    if (known.strategy == connection.strategy) return std::string(known.name);
  return connection.name;
}

std::shared_ptr<const model::Connection> connection_for_domain(const LoginVisit& visit, std::string_view identifier) {
  const auto email = model::normalize_email(trim(identifier));
  if (!email) return nullptr;
  const std::string domain = to_lower_ascii(std::string_view(*email).substr(email->find('@') + 1));
  for (const auto& connection : visit.connections)
    if (way_of(*connection) == WayKind::enterprise && has_domain(*connection, domain)) return connection;
  return nullptr;
}

std::shared_ptr<const model::Connection> first_way(const LoginVisit& visit, WayKind kind) {
  for (const auto& connection : visit.connections)
    if (way_of(*connection) == kind) return connection;
  return nullptr;
}

bool has_identifier(const LoginVisit& visit) {
  return std::any_of(visit.connections.begin(), visit.connections.end(), [](const auto& connection) {
    const WayKind kind = way_of(*connection);
    const json::array* aliases = get_array(connection->options, "domain_aliases");
    return kind == WayKind::database || kind == WayKind::passwordless || (kind == WayKind::enterprise && aliases && !aliases->empty());
  });
}

bool begins_with_identifier(const LoginVisit& visit) {
  return visit.tenant->identifier_first() ? visit.connection || has_identifier(visit) : !visit.connection && has_identifier(visit);
}

bool may_sign_up(const LoginVisit& visit) {
  return visit.connection && visit.connection->is_database() && !visit.connection->disable_signup();
}

bool has_way(const LoginVisit& visit) {
  return std::any_of(visit.connections.begin(), visit.connections.end(), [](const auto& connection) { return has_button(*connection); });
}

void add_ways(const LoginVisit& visit, const ScreenTexts& texts, Page& page) {
  json::array buttons;
  for (const auto& connection : visit.connections) {
    if (!has_button(*connection)) continue;
    json::object button{{"name", connection->name}, {"strategy", connection->strategy}};
    button["text"] = texts.get("federatedConnectionButtonText", {{"connectionName", shown_name(*connection)}});
    if (const auto icon = get_string(connection->options, "icon_url"))
      if (const auto url = safe_image_url(*icon)) {
        button["icon"] = *url;
        page.images.push_back(*origin_of(*url));
      }
    buttons.push_back(std::move(button));
  }
  if (buttons.empty()) return;
  page.variables["ways"] = std::move(buttons);
  page.variables["ways_form"] = form_of(visit, "/u/login/federated");
}

}  // namespace gatehouse::login
