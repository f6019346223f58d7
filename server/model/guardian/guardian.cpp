#include "model/guardian/guardian.h"

#include "model/resealing.h"

namespace gatehouse::model::guardian {
namespace {

using namespace description;

Property text() { return string().max(10'240).nullable(); }

const Property& message_types_body() {
  static const Property body = object().field("message_types", array(one_of({"sms", "voice"})).unique().required());
  return body;
}

const Property& webauthn_body() {
  static const Property body = object()
                                   .field("userVerification", one_of({"discouraged", "preferred", "required"}))
                                   .field("overrideRelyingParty", boolean())
                                   .field("relyingPartyIdentifier", string().max(253).nullable());
  return body;
}

const Property& push_provider_body() {
  static const Property body = object().field("provider", one_of({"guardian", "sns", "direct"}).required().not_enforced());
  return body;
}

const Property& apns_body() {
  static const Property body = object()
                                   .field("sandbox", boolean().not_enforced())
                                   .field("bundle_id", text().not_enforced())
                                   .field("p12", text().secret().not_enforced());
  return body;
}

const Property& fcm_body() {
  static const Property body = object().field("server_key", text().secret().not_enforced());
  return body;
}

const Property& fcmv1_body() {
  static const Property body = object().field("server_credentials", text().secret().not_enforced());
  return body;
}

const Property& sns_body() {
  static const Property body = object()
                                   .field("aws_access_key_id", text().not_enforced())
                                   .field("aws_secret_access_key", text().secret().not_enforced())
                                   .field("aws_region", text().not_enforced())
                                   .field("sns_apns_platform_application_arn", text().not_enforced())
                                   .field("sns_gcm_platform_application_arn", text().not_enforced());
  return body;
}

const Property& duo_body() {
  static const Property body =
      object().field("ikey", text().not_enforced()).field("skey", text().secret().not_enforced()).field("host", text().not_enforced());
  return body;
}

json::object nothing() { return {}; }

}  // namespace

bool is_built(std::string_view factor) { return factor != "duo" && factor != "push-notification"; }

const std::vector<Document>& documents() {
  static const std::vector<Document> all{
      {"/guardian/factors/phone/message-types", kPhoneMessageTypes, "phone message types", message_types_body,
       [] {
         return json::object{{"message_types", json::array{"sms"}}};
       }},
      {"/guardian/factors/webauthn-roaming/settings", kWebAuthnRoaming, "security key settings", webauthn_body,
       [] {
         return json::object{{"userVerification", "discouraged"}, {"overrideRelyingParty", false}};
       }},
      {"/guardian/factors/webauthn-platform/settings", kWebAuthnPlatform, "device biometrics settings", webauthn_body,
       [] {
         return json::object{{"overrideRelyingParty", false}};
       }},
      {"/guardian/factors/push-notification/selected-provider", kPushProvider, "push notification provider", push_provider_body,
       [] {
         return json::object{{"provider", "guardian"}};
       }},
      {"/guardian/factors/push-notification/providers/apns", "guardian/push_apns", "APNs settings", apns_body,
       [] {
         return json::object{{"sandbox", false}};
       },
       true, true},
      {"/guardian/factors/push-notification/providers/fcm", "guardian/push_fcm", "FCM settings", fcm_body, nothing, false, true},
      {"/guardian/factors/push-notification/providers/fcmv1", "guardian/push_fcmv1", "FCM v1 settings", fcmv1_body, nothing, false, true},
      {"/guardian/factors/push-notification/providers/sns", "guardian/push_sns", "SNS settings", sns_body, nothing, true, true},
      {"/guardian/factors/duo/settings", "guardian/duo", "Duo settings", duo_body, nothing, true, true},
  };
  return all;
}

std::string secret_context(const TenantId& tenant, std::string_view document, std::string_view property) {
  return sealed_context("tenant_documents", property, tenant.str() + "/" + std::string(document));
}

const Property& factor_body() {
  static const Property body = object().field("enabled", boolean().required().about("Whether this factor is enabled."));
  return body;
}

const Property& policies_body() {
  static const Property body = array(one_of({"all-applications", "confidence-score"})).items(0, 1).unique();
  return body;
}

}  // namespace gatehouse::model::guardian
