#include "model/resource_servers/resource_server_description.h"

namespace gatehouse::model {
using namespace description;

namespace {

Property scope() {
  return object()
    .field("value", string().required().length(1, 280).about("Value of this scope."))
    .field("description", string().max(500).about("User-friendly description of this scope."));
}

Property token_encryption() {
  return object()
    .field("format", one_of({"compact-nested-jwe"}).required())
    .field("encryption_key", object()
      .field("name", string().max(128))
      .field("alg", one_of({"RSA-OAEP-256", "RSA-OAEP-384", "RSA-OAEP-512"}).required())
      .field("kid", string().max(128))
      .field("pem", string().required().max(4096))
      .field("thumbprint_sha256", string().read_only())
      .required());
}

/// Who needs a client grant, users and machines apart; unnamed keys are kept.
Property subject_type_authorization() {
  const json::value defaults = {{"client", {{"policy", "require_client_grant"}}}, {"user", {{"policy", "allow_all"}}}};
  return open_object()
    .field("user", open_object().field("policy", one_of({"allow_all", "deny_all", "require_client_grant"})))
    .field("client", open_object().field("policy", one_of({"deny_all", "require_client_grant"})))
    .by_default(defaults);
}

}  // namespace

const Description& resource_server_description() {
  static const Description resource_servers = describe("resource-servers")
    .field("identifier", string().required().length(1, 600).create_only().about("Unique identifier for the API used as the audience parameter"))
    .field("name", string().length(1, 200).pattern(patterns::no_angle_brackets).about("Friendly name for this resource server"))
    .field("scopes", array(scope()).items(0, 1000).about("List of permissions (scopes) that this API uses"))
    .field("signing_alg", one_of({"HS256", "RS256", "RS512", "PS256", "ES256", "EdDSA"}).by_default("RS256"))
    .field("signing_secret", string().length(16, 512).secret("read:resource_servers").about("Secret used to sign tokens when using symmetric algorithms"))
    .field("allow_offline_access", boolean().by_default(false))
    .field("allow_online_access", boolean().not_enforced())
    .field("allow_online_access_with_ephemeral_sessions", boolean().not_enforced())
    .field("token_lifetime", integer().range(0, 2'592'000).by_default(86'400).about("Seconds that access tokens live"))
    .field("token_lifetime_for_web", integer().range(0, 2'592'000).by_default(7'200))
    .field("skip_consent_for_verifiable_first_party_clients", boolean().by_default(false))
    .field("enforce_policies", boolean())
    .field("token_dialect", one_of({"access_token", "access_token_authz", "rfc9068_profile", "rfc9068_profile_authz"}))
    .field("token_encryption", token_encryption().nullable().not_enforced())
    .field("consent_policy", one_of({"transactional-authorization-with-mfa"}).nullable().not_enforced())
    .field("authorization_details", array(any()).items(0, 100).nullable().not_enforced())
    .field("proof_of_possession", object()
      .field("mechanism", one_of({"mtls", "dpop"}).required())
      .field("required", boolean().required())
      .field("required_for", one_of({"public_clients", "all_clients"}))
      .nullable().not_enforced())
    .field("subject_type_authorization", subject_type_authorization())
    .field("authorization_policy", object().field("policy_id", string().required().length(1, 128)).nullable().not_enforced())
    .field("verificationLocation", string().max(2048).nullable().not_enforced())
    .field("verification_location", string().max(2048).nullable().not_enforced())
    .field("options", open_object().nullable().not_enforced())
    .field("is_system", boolean().read_only())
    .field("client_id", string().read_only())
    .missing("The resource server does not exist", "inexistent_resource_server")
    .taken("A resource server with the same identifier already exists", "resource_server_conflict");
  return resource_servers;
}

}  // namespace gatehouse::model
