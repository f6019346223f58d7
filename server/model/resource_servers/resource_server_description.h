#pragma once
#include "model/description/description.h"

namespace gatehouse::model {

const Description& resource_server_description();

}  // namespace gatehouse::model
