#include "model/clients/client.h"

namespace gatehouse::model {

bool Client::allows_grant(std::string_view grant_type) const {
  return std::find(grant_types.begin(), grant_types.end(), grant_type) != grant_types.end();
}

}  // namespace gatehouse::model
