#include <cmath>

#include "config/settings.h"
#include "model/tenants/tenant_store.h"

namespace gatehouse::model {
namespace {

/// Hours on the wire, whole or fractional.
seconds hours(const json::object& settings, std::string_view name, double fallback) {
  const json::value* value = settings.if_contains(name);
  double hours = fallback;
  if (value && value->is_number()) hours = value->to_number<double>();
  if (!(hours > 0) || hours > 24.0 * 365) hours = fallback;
  return seconds(std::llround(hours * 3600));
}

}  // namespace

std::string Tenant::friendly_name() const { return std::string(get_string(settings, "friendly_name").value_or(id.str())); }

bool Tenant::flag(std::string_view name) const {
  const json::object* flags = get_object(settings, "flags");
  return flags && get_bool(*flags, name).value_or(false);
}

std::string Tenant::default_directory() const { return std::string(get_string(settings, "default_directory").value_or("")); }

std::string Tenant::default_audience() const { return std::string(get_string(settings, "default_audience").value_or("")); }

seconds Tenant::session_lifetime() const { return hours(settings, "session_lifetime", 168); }

seconds Tenant::idle_session_lifetime() const { return hours(settings, "idle_session_lifetime", 72); }

std::vector<std::string> Tenant::allowed_logout_urls() const { return get_strings(settings, "allowed_logout_urls"); }

bool Tenant::identifier_first() const { return get_bool(prompts, "identifier_first").value_or(false); }

bool Tenant::is_local() const { return config::is_local_issuer(issuer); }

}  // namespace gatehouse::model
