#pragma once
#include "model/clients/client.h"
#include "model/tenants/tenant_store.h"
#include "model/users/user.h"

namespace gatehouse::connections {

/// What Auth0's mail templates may name: user, application, connection, tenant, friendly_name, support_email, support_url, url.
/// Profile texts are data; the template engine escapes them.
json::object mail_variables(const model::Tenant& tenant, const model::User& user, const model::Client* client, std::string_view url);

}  // namespace gatehouse::connections
