#pragma once
#include "app/parts.h"
#include "management/anomaly/anomaly_resource.h"
#include "management/attack_protection/attack_protection_resource.h"
#include "management/branding/page_template_resource.h"
#include "management/branding/phone_providers_resource.h"
#include "management/branding/phone_templates_resource.h"
#include "management/branding/themes_resource.h"
#include "management/email_templates/email_templates_resource.h"
#include "management/emails/provider_resource.h"
#include "management/guardian/phone_messages_resource.h"
#include "management/guardian/enrollments_resource.h"
#include "management/guardian/guardian_resource.h"
#include "management/jobs/jobs_resource.h"
#include "management/jobs/users_exports.h"
#include "management/jobs/users_imports.h"
#include "management/logs/logs_resource.h"
#include "management/management.h"
#include "management/prompts/custom_text_resource.h"
#include "management/prompts/partials_resource.h"
#include "management/prompts/rendering_resource.h"
#include "management/tickets/tickets_resource.h"
#include "management/user_blocks/user_blocks_resource.h"
#include "management/users/authentication_methods_resource.h"
#include "management/users/users_resource.h"

namespace gatehouse::app {

/// The Management API verifies its tokens with the tenant's own keys.
class RingKeys final : public management::VerificationKeys {
 public:
  explicit RingKeys(const model::KeyRing& ring) : ring_(ring) {}
  Result<std::optional<jose::PublicKey>> find(const TenantId& tenant, std::string_view kid) const override {
    return ring_.find_public(tenant, kid);
  }

 private:
  const model::KeyRing& ring_;
};

/// The objects behind the routes.
struct App::Parts::Mounted {
  explicit Mounted(Parts& p)
      : keys(p.key_ring),
        oauth({*p.db,
               *p.random,
               *p.clock,
               p.key_ring,
               p.tenants,
               p.clients,
               p.resource_servers,
               p.client_grants,
               p.connections,
               p.users,
               p.roles,
               p.sessions,
               p.transactions,
               p.authorization_codes,
               p.refresh_tokens,
               p.consents,
               p.sign_in,
               p.mfa,
               p.database_connection,
               p.protection,
               p.events,
               p.login->error_page(),
               p.passwordless_connection,
               &p.upstream}),
        api(p.router,
            {*p.db, keys, p.events, *p.log, *p.clock, *p.random, p.sealer, {p.settings.management_rate, p.settings.management_rate}}),
        users(api, {p.users, p.roles, p.resource_servers, p.connections, p.clients, p.tenants, p.sessions, p.refresh_tokens,
                    p.database_connection, p.hasher, &p.upstream_store}),
        email_provider(api, p.tenants),
        email_templates(api, p.tenants),
        phone_providers(api, p.tenants, p.messenger),
        phone_templates(api, p.tenants, p.messenger),
        phone_messages(api, p.tenants),
        custom_text(api, p.tenants),
        partials(api, p.tenants),
        rendering(api, p.tenants),
        themes(api, p.tenants),
        page_template(api, p.tenants),
        logs(api),
        jobs(api, {p.jobs, p.tenants, p.users, p.clients, p.database_connection}),
        users_exports(api, {p.router, p.jobs, p.job_files, p.users, p.connections}),
        users_imports(api, {p.jobs, p.job_files, p.users, p.connections, p.tenants, p.messenger, p.settings.max_import_bytes}),
        attack_protection(api, p.tenants),
        guardian(api, p.tenants),
        enrollments(api, {p.users, p.tenants, p.tickets, p.mfa, p.messenger}),
        authentication_methods(api, {p.users, p.tenants, p.mfa}),
        user_blocks(api, p.users, p.protection),
        anomaly(api, p.protection),
        tickets(api, {p.clients, p.connections, p.users, p.tickets}),
        configuration(api, {p.tenants, p.clients, p.resource_servers, p.client_grants, p.connections, p.roles, p.users, p.refresh_tokens,
                            p.keys, p.key_ring, p.jobs}) {}

  RingKeys keys;
  oauth::Oauth oauth;
  management::Api api;
  management::UsersResource users;
  management::EmailProviderResource email_provider;
  management::EmailTemplatesResource email_templates;
  management::PhoneProvidersResource phone_providers;
  management::PhoneTemplatesResource phone_templates;
  management::PhoneMessagesResource phone_messages;
  management::CustomTextResource custom_text;
  management::PartialsResource partials;
  management::RenderingResource rendering;
  management::ThemesResource themes;
  management::PageTemplateResource page_template;
  management::LogsResource logs;
  management::JobsResource jobs;
  management::UsersExports users_exports;
  management::UsersImports users_imports;
  management::AttackProtectionResource attack_protection;
  management::GuardianResource guardian;
  management::EnrollmentsResource enrollments;
  management::AuthenticationMethodsResource authentication_methods;
  management::UserBlocksResource user_blocks;
  management::AnomalyResource anomaly;
  management::TicketsResource tickets;
  management::Configuration configuration;
};

}  // namespace gatehouse::app
