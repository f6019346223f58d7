#include "model/branding/phone_description.h"

#include <map>

namespace gatehouse::model {
using namespace description;

namespace {

const std::vector<std::string> methods{"text", "voice"};
Property delivery_methods() { return array(one_of(methods)).items(1, 2).unique().required(); }
Property url() { return string().length(1, 2'048).format(Format::url); }

}  // namespace

const Property& phone_provider_body() {
  static const Property body = object()
    .field("name", one_of({"twilio", "custom"}).required().about("Name of the phone notification provider"))
    .field("disabled", boolean().about("Whether the provider is enabled (false) or disabled (true)."))
    .field("configuration", open_object())
    .field("credentials", open_object().required().about("Provider credentials required to use authenticate to the provider."));
  return body;
}

/// `base_url` (Twilio's API elsewhere) and `webhook_url`, `webhook_secret` (a custom provider that is called directly) are ours.
const Property* phone_configuration(std::string_view provider) {
  static const std::map<std::string_view, Property> all = [] {
    std::map<std::string_view, Property> map;
    map.emplace("twilio", object()
      .field("default_from", string().length(1, 64))
      .field("mssid", string().length(1, 64))
      .field("sid", string().length(1, 64).required())
      .field("delivery_methods", delivery_methods())
      .field("base_url", url()));
    map.emplace("custom", object().field("delivery_methods", delivery_methods()).field("default_from", string().length(1, 64)).field("webhook_url", url()));
    return map;
  }();
  const auto found = all.find(provider);
  return found == all.end() ? nullptr : &found->second;
}

const Property* phone_credentials(std::string_view provider) {
  static const std::map<std::string_view, Property> all = [] {
    std::map<std::string_view, Property> map;
    map.emplace("twilio", object().field("auth_token", string().length(1, 255).secret().required()));
    map.emplace("custom", object().field("webhook_secret", string().length(16, 255).secret()));
    return map;
  }();
  const auto found = all.find(provider);
  return found == all.end() ? nullptr : &found->second;
}

const Property& phone_template_body() {
  static const Property body = object()
    .field("type", one_of({"otp_verify", "otp_enroll", "change_password", "blocked_account", "password_breach"}).create_only())
    .field("disabled", boolean().about("Whether the template is enabled (false) or disabled (true)."))
    .field("content", object()
      .field("syntax", one_of({"liquid"}))
      .field("from", string().max(64).about("Default phone number to be used as 'from' when sending a phone notification"))
      .field("body", object()
        .field("text", string().length(1, 10'000).about("Content of the phone template for text notifications"))
        .field("voice", string().length(1, 10'000).about("Content of the phone template for voice notifications"))));
  return body;
}

const Property& phone_try_body() {
  static const Property body = object()
    .field("to", string().required().length(1, 16).about("The recipient phone number to receive a given notification."))
    .field("delivery_method", one_of(methods));
  return body;
}

const Property& guardian_twilio_body() {
  static const Property body = object()
    .field("from", string().max(64).nullable().about("From number"))
    .field("messaging_service_sid", string().max(255).nullable().about("Copilot SID"))
    .field("auth_token", string().max(255).secret().nullable().about("Twilio Authentication token"))
    .field("sid", string().max(255).nullable().about("Twilio SID"));
  return body;
}

const Property& guardian_selected_provider_body() {
  static const Property body = object().field("provider", one_of({"auth0", "twilio", "phone-message-hook"}).required());
  return body;
}

const Property& guardian_phone_templates_body() {
  static const Property body = object()
    .field("enrollment_message", string().required().length(1, 10'000).about("Message sent to the user when they are invited to enroll with a phone number."))
    .field("verification_message", string().required().length(1, 10'000).about("Message sent to the user when they are prompted to verify their account."));
  return body;
}

}  // namespace gatehouse::model
