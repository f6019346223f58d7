#pragma once
#include "model/description/description.h"

namespace gatehouse::model {

/// A body of /branding/phone/providers; `configuration` and `credentials` depend on its `name`.
const Property& phone_provider_body();
/// What a provider's `configuration` or `credentials` may hold; null: there is no such provider.
const Property* phone_configuration(std::string_view provider);
const Property* phone_credentials(std::string_view provider);
/// A body of /branding/phone/templates.
const Property& phone_template_body();
/// A body of …/try: `{to, delivery_method}`.
const Property& phone_try_body();
/// Bodies of /guardian/factors/{sms,phone}/….
const Property& guardian_twilio_body();
const Property& guardian_selected_provider_body();
const Property& guardian_phone_templates_body();

}  // namespace gatehouse::model
