#pragma once
#include "model/description/description.h"

namespace gatehouse::model {

const Description& client_description();
/// POST and PATCH /clients/{client_id}/credentials.
const Property& client_credential_body();
const Property& client_credential_patch();

/// What Auth0 gives a new application depends on what kind it is: grant types, token lifetimes, JWT settings. `properties` is a
/// checked body; keys that it has stay.
void fill_client_defaults(json::object& properties);

/// The SAML, WS-Federation and service add-ons of an application (part of the description).
Property client_addons();

}  // namespace gatehouse::model
