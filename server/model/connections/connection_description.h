#pragma once
#include "model/description/description.h"

namespace gatehouse::model {

const Description& connection_description();
/// `options` of strategy auth0.
const Property& database_options();
/// [{client_id, status}]: PATCH /connections/{id}/clients.
const Property& connection_clients_body();

/// What Auth0 fills in at a connection's creation, by its strategy. `properties` is a checked body; keys that it has stay.
void fill_connection_defaults(json::object& properties);
/// The same for `options` that replace earlier ones.
void fill_changed_options(std::string_view strategy, json::object& options);

/// The options that hold secrets, whatever the strategy.
bool is_secret_option(std::string_view name);

}  // namespace gatehouse::model
