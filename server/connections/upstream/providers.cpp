#include "connections/upstream/provider.h"

namespace gatehouse::connections {

const Provider* find_provider(std::string_view strategy) {
  static const Provider* const all[] = {
      &google_oauth2(), &github(), &apple(), &windowslive(), &facebook(), &linkedin(), &oauth2(), &oidc(), &okta(), &waad(), &google_apps(),
  };
  for (const Provider* provider : all)
    if (provider->strategy == strategy) return provider;
  return nullptr;
}

}  // namespace gatehouse::connections
