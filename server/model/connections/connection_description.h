#pragma once
#include "model/description/description.h"

namespace gatehouse::model {

const Description& connection_description();
/// `options` of strategy auth0.
const Property& database_options();
/// `options` of strategies whose people come from another identity provider by OAuth 2 or OpenID Connect (upstream_options.cpp); null:
/// another strategy.
const Property* upstream_options(std::string_view strategy);
/// [{client_id, status}]: PATCH /connections/{id}/clients.
const Property& connection_clients_body();

/// What Auth0 fills in at a connection's creation, by its strategy. `properties` is a checked body; keys that it has stay.
/// `host`: the tenant's domain.
void fill_connection_defaults(json::object& properties, std::string_view host);
/// The same for `options` that replace earlier ones.
void fill_changed_options(std::string_view strategy, json::object& options, const json::object& before, std::string_view host);
/// Whether an administrator elsewhere sets such a connection up through a ticket (provisioning_ticket_url).
bool has_provisioning_ticket(std::string_view strategy);

}  // namespace gatehouse::model
