#pragma once
#include <string>

#include "model/clients/client.h"
#include "model/tenants/tenant_store.h"

namespace gatehouse::connections {

/// What the tenant's mail template says of the link in it: how long it works and where it leads in the end.
struct LinkSettings {
  seconds lifetime{432'000};        ///< urlLifetimeInSeconds; Auth0's default is five days
  std::string result_url;           ///< resultUrl, its Liquid filled in; empty: a page of ours
  bool email_in_redirect = false;   ///< includeEmailInRedirect
  void write_to(json::object& ticket_data) const;
};

/// Reads them inside a snapshot or unit of work. `resultUrl` may name application.name, application.clientID and
/// application.callback_domain, nothing else; one that does not parse counts as empty.
Result<LinkSettings> link_settings(storage::Reader& reader, const model::Tenant& tenant, std::string_view template_name, const json::object& mail_variables,
                                   seconds lifetime);

}  // namespace gatehouse::connections
