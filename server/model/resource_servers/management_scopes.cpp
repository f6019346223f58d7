#include "model/resource_servers/management_scopes.h"

namespace gatehouse::model {
namespace {

constexpr std::string_view kScopes[] = {
    "create:actions", "create:agents", "create:authentication_methods", "create:client_credentials", "create:client_grants",
    "create:clients", "create:connection_profiles", "create:connections", "create:connections_keys",
    "create:current_user_device_credentials", "create:custom_domains", "create:custom_signing_keys", "create:directory_provisionings",
    "create:email_provider", "create:email_templates", "create:encryption_keys", "create:event_streams", "create:experimentation",
    "create:flows", "create:flows_vault_connections", "create:forms", "create:group_roles", "create:guardian_enrollment_tickets",
    "create:hooks", "create:log_streams", "create:network_acl_keys", "create:network_acls", "create:organization_client_grants",
    "create:organization_clients", "create:organization_connections", "create:organization_discovery_domains",
    "create:organization_group_roles", "create:organization_invitations", "create:organization_member_roles",
    "create:organization_members", "create:organizations", "create:phone_providers", "create:phone_templates",
    "create:rate_limit_policies", "create:resource_servers", "create:role_members", "create:roles", "create:rules", "create:scim_config",
    "create:scim_token", "create:self_service_profiles", "create:signing_keys", "create:sso_access_tickets",
    "create:token_exchange_profiles", "create:user_attribute_profiles", "create:user_tickets", "create:users",
    "create:users_app_metadata", "create:vdcs_templates", "delete:actions", "delete:agents", "delete:anomaly_blocks",
    "delete:authentication_methods", "delete:branding", "delete:client_credentials", "delete:client_grants", "delete:clients",
    "delete:connection_profiles", "delete:connections", "delete:current_user", "delete:current_user_device_credentials",
    "delete:custom_domains", "delete:custom_signing_keys", "delete:device_credentials", "delete:directory_provisionings",
    "delete:email_provider", "delete:encryption_keys", "delete:event_streams", "delete:experimentation", "delete:flows",
    "delete:flows_executions", "delete:flows_vault_connections", "delete:forms", "delete:grants", "delete:group_roles", "delete:groups",
    "delete:guardian_enrollments", "delete:hooks", "delete:log_streams", "delete:network_acl_keys", "delete:network_acls",
    "delete:organization_client_grants", "delete:organization_clients", "delete:organization_connections",
    "delete:organization_discovery_domains", "delete:organization_group_roles", "delete:organization_invitations",
    "delete:organization_member_roles", "delete:organization_members", "delete:organizations", "delete:phone_providers",
    "delete:phone_templates", "delete:rate_limit_policies", "delete:refresh_tokens", "delete:resource_servers", "delete:role_members",
    "delete:roles", "delete:rules", "delete:rules_configs", "delete:scim_config", "delete:scim_token", "delete:self_service_profiles",
    "delete:sessions", "delete:sso_access_tickets", "delete:token_exchange_profiles", "delete:user_attribute_profiles", "delete:users",
    "delete:users_app_metadata", "delete:vdcs_templates", "read:actions", "read:agents", "read:anomaly_blocks", "read:attack_protection",
    "read:authentication_methods", "read:branding", "read:client_credentials", "read:client_grants", "read:client_keys",
    "read:client_summary", "read:clients", "read:connection_profiles", "read:connections", "read:connections_keys", "read:current_user",
    "read:custom_domains", "read:custom_signing_keys", "read:device_credentials", "read:directory_provisionings", "read:email_provider",
    "read:email_templates", "read:encryption_keys", "read:event_deliveries", "read:event_streams", "read:events", "read:experimentation",
    "read:flows", "read:flows_executions", "read:flows_vault_connections", "read:forms", "read:grants", "read:group_members",
    "read:group_roles", "read:groups", "read:guardian_enrollments", "read:guardian_factors", "read:hooks", "read:log_streams",
    "read:logs", "read:logs_users", "read:mfa_policies", "read:network_acl_keys", "read:network_acls", "read:organization_client_grants",
    "read:organization_clients", "read:organization_connections", "read:organization_discovery_domains", "read:organization_group_roles",
    "read:organization_groups", "read:organization_invitations", "read:organization_member_effective_roles",
    "read:organization_member_role_source_groups", "read:organization_member_roles", "read:organization_members", "read:organizations",
    "read:organizations_summary", "read:phone_providers", "read:phone_templates", "read:prompts", "read:rate_limit_policies",
    "read:refresh_tokens", "read:resource_servers", "read:role_members", "read:roles", "read:rules", "read:rules_configs",
    "read:scim_config", "read:scim_token", "read:self_service_profile_custom_texts", "read:self_service_profiles", "read:sessions",
    "read:signing_keys", "read:stats", "read:tenant_settings", "read:token_exchange_profiles", "read:user_attribute_profiles",
    "read:user_effective_permissions", "read:user_effective_roles", "read:user_idp_tokens", "read:user_permission_source_roles",
    "read:user_role_source_groups", "read:users", "read:users_app_metadata", "read:vdcs_templates", "update:actions", "update:agents",
    "update:attack_protection", "update:authentication_methods", "update:branding", "update:client_credentials", "update:client_grants",
    "update:client_keys", "update:client_token_vault_privileged_access", "update:clients", "update:connection_profiles",
    "update:connections", "update:connections_keys", "update:current_user_identities", "update:current_user_metadata",
    "update:custom_domains", "update:custom_signing_keys", "update:directory_provisionings", "update:email_provider",
    "update:email_templates", "update:encryption_keys", "update:event_deliveries", "update:event_streams", "update:experimentation",
    "update:flows", "update:flows_vault_connections", "update:forms", "update:guardian_factors", "update:hooks", "update:log_streams",
    "update:mfa_policies", "update:network_acls", "update:organization_clients", "update:organization_connections",
    "update:organization_discovery_domains", "update:organizations", "update:phone_providers", "update:phone_templates", "update:prompts",
    "update:rate_limit_policies", "update:refresh_tokens", "update:resource_servers", "update:roles", "update:rules",
    "update:rules_configs", "update:scim_config", "update:self_service_profile_custom_texts", "update:self_service_profiles",
    "update:sessions", "update:signing_keys", "update:tenant_settings", "update:token_exchange_profiles",
    "update:user_attribute_profiles", "update:users", "update:users_app_metadata", "update:vdcs_templates",
};

/// read:client_grants → Read client grants
std::string describe_scope(std::string_view scope) {
  std::string text(scope);
  for (char& c : text)
    if (c == ':' || c == '_') c = ' ';
  text.front() = char(text.front() - 'a' + 'A');
  return text;
}

}  // namespace

std::vector<ResourceServer::Scope> management_scopes() {
  std::vector<ResourceServer::Scope> out;
  for (const std::string_view scope : kScopes) out.push_back({std::string(scope), describe_scope(scope)});
  return out;
}

}  // namespace gatehouse::model
