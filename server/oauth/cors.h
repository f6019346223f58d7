#pragma once
#include <string>
#include <string_view>

#include "http/router.h"
#include "model/clients/client_store.h"
#include "oauth/parameters.h"

namespace gatehouse::oauth {

/// Whether scripts of `origin` belong to the client: its allowed_origins, web_origins and the origins of its callbacks, by Auth0's rules.
bool is_own_origin(const model::Client& client, std::string_view origin);

/// Lets the scripts of the client that asks read the answer (Fetch §3.2): never with credentials, never for `null`, never for others.
/// Without an authenticated client the one the body names counts, so that its scripts can read their errors.
void allow_origin_of(const http::Request& request, const model::Client* client, const model::ClientStore& clients,
                     const BodyParameters& body, http::Response& response);
/// Public documents: everybody's scripts may read them.
void allow_every_origin(http::Response& response);

/// Answers the preflight of a path. It names no client, so it promises nothing: the answer to the request itself decides who reads.
void mount_preflight(http::Router& router, std::string pattern, std::string methods);

}  // namespace gatehouse::oauth
