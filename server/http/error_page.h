#pragma once
#include <functional>
#include <string>

#include "http/request.h"
#include "http/response.h"

namespace gatehouse::http {

/// What a browser is shown when it cannot be sent back to the application. Rendered by login/error_page.cpp; oauth/ gets the
/// renderer through its constructor. Everything in it comes from outside and is escaped there.
struct ErrorPage {
  int status = 400;
  std::string error{};        ///< the protocol's word: invalid_request, unauthorized_client, …
  std::string description{};  ///< Auth0's sentence
  std::string details{};      ///< values that differ and where to put them right; empty where strangers must not see them
  std::string client_id{};    ///< empty: unknown
};
using ErrorPageRenderer = std::function<Response(const Request&, const ErrorPage&)>;

}  // namespace gatehouse::http
