#pragma once
#include "login/page.h"
#include "model/connections/connection_store.h"

namespace gatehouse::login {

struct LoginVisit;

/// What kind of place a connection sends people to.
enum class WayKind {
  database,      ///< a password or passkey of ours
  passwordless,  ///< a code or link by mail or phone
  social,        ///< a button, always
  enterprise,    ///< a button when it wants one; people come here by their mail domain
  none,          ///< a strategy that cannot be signed in with here
};
WayKind way_of(const model::Connection& connection);

/// What people call a connection: its display name, else that of its provider, else its own.
std::string shown_name(const model::Connection& connection);

/// The company connection whose `domain_aliases` have the domain of this address (home-realm discovery); null: none.
std::shared_ptr<const model::Connection> connection_for_domain(const LoginVisit& visit, std::string_view identifier);

/// The first connection of this kind that the login offers; null: none.
std::shared_ptr<const model::Connection> first_way(const LoginVisit& visit, WayKind kind);

/// Whether this login begins with one field for who somebody is: the tenant wants it so, or nobody has a password here.
bool begins_with_identifier(const LoginVisit& visit);
/// Whether there is anything to type: else the page has only buttons.
bool has_identifier(const LoginVisit& visit);

/// Whether this login lets people make an account with a password.
bool may_sign_up(const LoginVisit& visit);
/// Whether it has buttons.
bool has_way(const LoginVisit& visit);

/// Sets `ways`, `ways_form` and `ways_images` for templates/ways.liquid: a button for each social and company connection, in one form
/// that posts its `connection` to /u/login/federated.
void add_ways(const LoginVisit& visit, const ScreenTexts& texts, Page& page);

}  // namespace gatehouse::login
