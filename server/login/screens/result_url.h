#pragma once
#include "login/flow.h"

namespace gatehouse::login {

/// Where a ticket sends the browser in the end (`result_url`), with Auth0's `success` and `message`, and the address where
/// `includeEmailInRedirect` says so; nothing when the ticket names no safe place.
std::optional<std::string> result_url(const TicketVisit& visit, bool success, std::string_view message);

}  // namespace gatehouse::login
