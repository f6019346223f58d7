#pragma once
#include "model/description/description.h"

namespace gatehouse::model {

/// PATCH /tenants/settings, /branding and /prompts.
const Property& tenant_settings_body();
const Property& branding_body();
const Property& prompts_body();

/// The language codes that Auth0 knows.
const std::vector<std::string>& locales();

/// What a new tenant's documents hold. `local`: on a loopback or .test issuer the confirmation of unverifiable callbacks is off, so
/// that single sign-on works on localhost.
json::object default_tenant_settings(bool local);
json::object default_prompts();

}  // namespace gatehouse::model
