#pragma once
#include "model/description/property.h"

namespace gatehouse::model {

/// The body of POST, PUT and PATCH /email-templates.
const Property& email_template_body();

}  // namespace gatehouse::model
