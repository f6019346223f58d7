#pragma once
#include <string_view>

#include "model/description/property.h"

namespace gatehouse::model {

/// The body of POST and PATCH /emails/provider. What stands in `credentials` depends on `name`: email_credentials().
const Property& email_provider_body();
/// Credentials of a provider; null when there is no such provider.
const Property* email_credentials(std::string_view provider);

}  // namespace gatehouse::model
