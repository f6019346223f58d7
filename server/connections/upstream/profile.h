#pragma once
#include "connections/upstream/provider.h"

namespace gatehouse::connections {

/// What a profile may weigh. More than that is cut (texts, lists) or refused (all of it).
struct ProfileLimits {
  size_t bytes = 100 * 1024;  ///< of all of it, as JSON
  size_t subject = 255;       ///< bytes
  size_t text = 4'096;        ///< bytes of one text
  size_t items = 500;         ///< of a list, such as groups
  size_t members = 300;       ///< of an object
  size_t depth = 6;
};

/// A member, or with a leading slash a JSON pointer (RFC 6901); null where there is none.
const json::value* find_source(const json::object& from, std::string_view source);

/// Makes a profile of what a provider has said: the connection's own mapping (`profileMapping`, `attribute_map`, `fieldsMap`) or the
/// provider's, then the rest where it is kept. Names that are ours or the protocol's are never taken over. Errors: invalid_argument (no
/// usable subject, or too large).
Result<Profile> make_profile(const Upstream& upstream, const Answer& answer, const ProfileLimits& limits = {});

/// Whether the connection's attribute_map asks for something that only the user information endpoint knows.
bool maps_userinfo(const model::Connection& connection);

}  // namespace gatehouse::connections
