#include "model/connections/connection.h"

namespace gatehouse::model {

bool Connection::is_enabled_for(const ClientId& client) const {
  return std::find(enabled_clients.begin(), enabled_clients.end(), client.str()) != enabled_clients.end();
}

std::string Connection::password_policy() const { return std::string(get_string(options, "passwordPolicy").value_or("good")); }

bool Connection::disable_signup() const { return get_bool(options, "disable_signup").value_or(false); }

bool Connection::requires_username() const { return get_bool(options, "requires_username").value_or(false); }

bool Connection::brute_force_protection() const { return get_bool(options, "brute_force_protection").value_or(true); }

bool Connection::disable_self_service_change_password() const {
  return get_bool(options, "disable_self_service_change_password").value_or(false);
}

Connection::Passkeys Connection::passkeys() const {
  Passkeys out;
  if (const json::object* methods = get_object(options, "authentication_methods"))
    if (const json::object* passkey = get_object(*methods, "passkey")) out.enabled = get_bool(*passkey, "enabled").value_or(false);
  const json::object* wanted = get_object(options, "passkey_options");
  if (!wanted) return out;
  const std::string_view ui = get_string(*wanted, "challenge_ui").value_or("both");
  out.button = ui != "autofill";
  out.autofill = ui != "button";
  out.progressive_enrollment = get_bool(*wanted, "progressive_enrollment_enabled").value_or(true);
  out.local_enrollment = get_bool(*wanted, "local_enrollment_enabled").value_or(true);
  return out;
}

}  // namespace gatehouse::model
