#pragma once
#include "model/description/description.h"

namespace gatehouse::model {

const Description& client_grant_description();

}  // namespace gatehouse::model
