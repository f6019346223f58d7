#include "oauth/authorize/endpoint.h"

#include <algorithm>

#include "base/text.h"
#include "connections/passwordless/passwordless_connection.h"
#include "oauth/authorize/response_modes/response_mode.h"
#include "oauth/parameters.h"
#include "oauth/tokens/user_tokens.h"

namespace gatehouse::oauth {
namespace {

Progress progress_of(const std::optional<model::LoginTransaction>& transaction) {
  Progress progress;
  if (!transaction) return progress;
  progress.prompted = true;
  progress.signed_in_now = transaction->session.has_value() && !get_bool(transaction->flow, "sso").value_or(false);
  if (const std::optional<std::string_view> consent = get_string(transaction->flow, "consent")) progress.consent = *consent == "accept";
  return progress;
}

http::Response to_page(const http::Request& request, std::string location) {
  http::Response response = http::Response::redirect(std::move(location), request.method == http::Method::POST ? 303 : 302);
  response.no_store();
  return response;
}

}  // namespace

void AuthorizeEndpoint::mount(http::Router& router) {
  router.get("/authorize", {.lane = http::Lane::store, .scope = "browser"}, [this](const http::Request& r) { return begin(r, r.query); });
  router.post("/authorize", {.lane = http::Lane::store, .scope = "browser", .max_body = 64 * 1024}, [this](const http::Request& r) {
    gatehouse::Result<http::Parameters> form = http::Parameters::parse(r.body);
    if (r.content_type() != "application/x-www-form-urlencoded" || !form)
      return page(r, nullptr, OAuthError{OAuthErrc::invalid_request, "The body must be a form (application/x-www-form-urlencoded)."},
                  nullptr);
    return begin(r, std::move(*form));
  });
  router.get("/authorize/resume", {.lane = http::Lane::store, .scope = "browser"}, [this](const http::Request& r) { return resume(r); });
}

http::Response AuthorizeEndpoint::begin(const http::Request& http_request, http::Parameters parameters) const {
  if (const gatehouse::Result<void> fresh = parts_.db.refresh_caches(); !fresh)
    return page(http_request, nullptr, OAuthError(fresh.error()), nullptr);
  const gatehouse::Result<std::shared_ptr<const model::Tenant>> tenant = parts_.tenants.get(http_request.tenant);
  if (!tenant) return page(http_request, nullptr, OAuthError(tenant.error()), nullptr);
  AuthorizeRequest request{.http = http_request, .tenant = **tenant, .parameters = std::move(parameters)};
  if (const gatehouse::Result<void, Refusal> passed = run_checks(request, parts_.checks); !passed)
    return refuse(request, passed.error().error, passed.error().tell);
  return proceed(request, std::nullopt);
}

http::Response AuthorizeEndpoint::resume(const http::Request& http_request) const {
  if (const gatehouse::Result<void> fresh = parts_.db.refresh_caches(); !fresh)
    return page(http_request, nullptr, OAuthError(fresh.error()), nullptr);
  const gatehouse::Result<std::shared_ptr<const model::Tenant>> tenant = parts_.tenants.get(http_request.tenant);
  if (!tenant) return page(http_request, nullptr, OAuthError(tenant.error()), nullptr);
  const std::string_view state = http_request.query.get("state").value_or("");
  gatehouse::Result<std::optional<model::LoginTransaction>> found = parts_.db.read([&](storage::Reader& reader) {
    return parts_.transactions.find(reader, http_request.tenant, state, http_request.cookie(model::kBrowserCookie).value_or(""),
                                    parts_.clock.now());
  });
  if (!found) return page(http_request, tenant->get(), OAuthError(found.error()), nullptr);
  if (!*found)
    return page(http_request, tenant->get(),
                OAuthError{OAuthErrc::invalid_request,
                           "This sign-in is not known in this browser: it was finished, has expired, or was begun in another browser. "
                           "Go back to the application and start again."},
                nullptr);
  model::LoginTransaction transaction = std::move(**found);

  // The checks run again on what was kept: the client may have been changed or deleted in between.
  http::Parameters parameters;
  for (const json::key_value_pair& member : transaction.request)
    if (member.value().is_string()) parameters.add(std::string(member.key()), std::string(member.value().as_string()));
  AuthorizeRequest request{.http = http_request, .tenant = **tenant, .parameters = std::move(parameters)};
  if (const gatehouse::Result<void, Refusal> passed = run_checks(request, parts_.checks); !passed)
    return refuse(request, passed.error().error, passed.error().tell, transaction);
  if (transaction.step != "resume") {
    const std::string_view path = transaction.step == "consent" ? "consent" : transaction.step == "signup" ? "signup" : "login";
    return to_page(http_request, request.tenant.issuer + "u/" + std::string(path) + "?state=" + http::percent_encode(state));
  }
  if (transaction.rounds > kMaxRounds)
    return refuse(
        request,
        OAuthError{
            OAuthErrc::invalid_request, "Sign-in was stopped: it went around between the application and the login pages too often.",
            "After " + std::to_string(transaction.rounds) + " rounds there still was no session to answer with. Are cookies blocked?"},
        Tell::page, transaction);
  return proceed(request, std::move(transaction));
}

http::Response AuthorizeEndpoint::proceed(const AuthorizeRequest& request, std::optional<model::LoginTransaction> transaction) const {
  const Timestamp now = parts_.clock.now();
  const Progress progress = progress_of(transaction);
  if (progress.consent == false)
    return refuse(request, OAuthError{OAuthErrc::access_denied, "User did not authorize the request"}, Tell::redirect, transaction);

  // Whoever comes straight from the login pages is answered; everybody else is looked at first, because most of them are not, and what
  // only reads leaves the writer alone.
  if (progress.signed_in_now) {
    const SessionId session = *transaction->session;
    return answer(request, std::move(transaction), progress, session);
  }
  gatehouse::Result<Visitor> visitor =
      parts_.db.read([&](storage::Reader& reader) { return visitor_of(reader, request, transaction, now); });
  if (!visitor) return refuse(request, OAuthError(visitor.error()), Tell::redirect, transaction);
  const Due due = what_is_due(request, *visitor, progress, now);
  if (due != Due::login) {
    const gatehouse::Result<bool> lacks = lacks_second_factor(request, *visitor);
    if (!lacks) return refuse(request, OAuthError(lacks.error()), Tell::redirect, transaction);
    if (*lacks) return ask(request, std::move(transaction), *visitor, Due::second_factor);
  }
  if (due == Due::nothing) return answer(request, std::move(transaction), progress, visitor->session->id);
  return ask(request, std::move(transaction), *visitor, due);
}

gatehouse::Result<bool> AuthorizeEndpoint::lacks_second_factor(const AuthorizeRequest& request, const Visitor& visitor) const {
  const std::vector<std::string>& amr = visitor.session->amr;
  if (std::find(amr.begin(), amr.end(), "mfa") != amr.end()) return false;
  const std::vector<std::string_view> acr = split(request.get("acr_values"), ' ');
  TRY(const mfa::Due due, parts_.mfa.due({.tenant = request.tenant,
                                          .client = request.client.get(),
                                          .user = *visitor.user,
                                          .step_up = std::find(acr.begin(), acr.end(), model::kMultiFactorAcr) != acr.end(),
                                          .step_up_if_enrolled = request.audience == mfa_audience(request.tenant),
                                          .has_session = true,
                                          .remembered_browser = request.http.cookie(model::kRememberedBrowserCookie).value_or(""),
                                          .ip = request.http.client_ip,
                                          .user_agent = request.http.header("user-agent").value_or("")}));
  return due != mfa::Due::none;
}

gatehouse::Result<Visitor> AuthorizeEndpoint::visitor_of(storage::Reader& reader, const AuthorizeRequest& request,
                                                         const std::optional<model::LoginTransaction>& transaction, Timestamp now) const {
  TRY(Visitor visitor, parts_.visitors.read(reader, request, request.http.cookie(model::kSessionCookie), now));
  // What the pages proved holds for the session they began, not for whichever cookie the browser sends now.
  if (transaction && transaction->session && (!visitor.session || visitor.session->id != *transaction->session)) {
    visitor.session.reset();
    visitor.user.reset();
  }
  return visitor;
}

http::Response AuthorizeEndpoint::ask(const AuthorizeRequest& request, std::optional<model::LoginTransaction> transaction,
                                      const Visitor& visitor, Due due) const {
  if (visitor.blocked) return refuse(request, OAuthError{OAuthErrc::unauthorized, "user is blocked"}, Tell::redirect, transaction);
  if (request.prompt.none) {
    switch (due) {
      case Due::login:
        return refuse(request, OAuthError{OAuthErrc::login_required, "Login required"}, Tell::redirect, transaction);
      case Due::second_factor:
        return refuse(request, OAuthError{OAuthErrc::interaction_required, "Multifactor authentication required"}, Tell::redirect,
                      transaction);
      case Due::consent:
        return refuse(request, OAuthError{OAuthErrc::consent_required, "Consent required"}, Tell::redirect, transaction);
      case Due::confirmation:
        return refuse(request,
                      OAuthError{OAuthErrc::interaction_required, "The callback URL cannot be verified, so the user must confirm it.",
                                 "Set skip_non_verifiable_callback_uri_confirmation_prompt to allow silent sign-in here."},
                      Tell::redirect, transaction);
      case Due::nothing:
        break;
    }
  }
  return show_page(request, std::move(transaction), visitor, due);
}

http::Response AuthorizeEndpoint::show_page(const AuthorizeRequest& request, std::optional<model::LoginTransaction> transaction,
                                            const Visitor& visitor, Due due) const {
  const Timestamp now = parts_.clock.now();
  const bool is_new = !transaction.has_value();
  std::string state(request.http.query.get("state").value_or(""));
  std::optional<std::string> new_cookie;
  if (is_new) {
    transaction.emplace();
    state = model::TransactionStore::make_state(parts_.random);
    std::string cookie(request.http.cookie(model::kBrowserCookie).value_or(""));
    if (!model::TransactionStore::is_cookie(cookie)) {
      cookie = model::TransactionStore::make_cookie(parts_.random);
      new_cookie = cookie;
    }
    transaction->id = model::TransactionStore::digest(state);
    transaction->tenant = request.tenant.id;
    transaction->client = request.client->id;
    transaction->browser_digest = model::TransactionStore::digest(cookie);
    for (const std::string_view name : kKeptParameters)
      if (const std::optional<std::string_view> value = request.parameters.get(name)) transaction->request[name] = *value;
    transaction->request["redirect_uri"] = request.redirect_uri;
    if (const auto link = request.parameters.get("verification_code"))  // a secret: only its digest is kept
      transaction->request["verification_code"] = connections::PasswordlessConnection::link_digest(*link);
    transaction->created_at = now;
    transaction->expires_at = now + kTransactionLifetime;
  } else {
    ++transaction->rounds;
  }

  std::string_view screen = "login";
  if (due == Due::login) {
    if (is_new && (request.get("screen_hint") == "signup" || request.get("screen_hint") == "signup-id")) screen = "signup";
    transaction->user.reset();
    transaction->session.reset();
    transaction->flow.erase("sso");
    transaction->flow.erase("consent");
  } else if (due == Due::second_factor) {
    screen = "mfa";
    transaction->user.reset();
    transaction->session.reset();
    transaction->flow.erase("sso");
  } else {
    screen = "consent";
    if (!transaction->session) transaction->flow["sso"] = true;
    transaction->user = visitor.user->id;
    transaction->session = visitor.session->id;
    transaction->flow["ask"] = due == Due::consent ? "consent" : "callback";
    const std::vector<std::string> scopes = scopes_to_consent(request, visitor);
    transaction->flow["scopes"] = json::array(scopes.begin(), scopes.end());
    transaction->flow["audience"] = request.audience;
  }
  transaction->step = screen;

  const gatehouse::Result<void> stored = parts_.db.write_unsynced([&](storage::Transaction& tx) -> gatehouse::Result<void> {
    if (due == Due::second_factor) {  // the session's first factor counts; the pages ask for the second one
      TRY(const std::optional<sign_in::Authenticated> who, parts_.sign_in.of_session(tx, *visitor.session));
      if (!who) return Error{Errc::unavailable, "The session has ended."};
      TRY(transaction->flow["who"], parts_.sign_in.suspend(tx, *who));
    }
    return is_new ? parts_.transactions.insert(tx, *transaction) : parts_.transactions.update(tx, *transaction);
  });
  if (!stored) return refuse(request, OAuthError(stored.error()), Tell::redirect);
  http::Response response =
      to_page(request.http, request.tenant.issuer + "u/" + (due == Due::second_factor ? "login" : std::string(screen)) +
                                "?state=" + http::percent_encode(state));  // the pages know which of theirs asks for a factor
  if (new_cookie) response.set_cookie({.name = std::string(model::kBrowserCookie), .value = *new_cookie});
  return response;
}

http::Response AuthorizeEndpoint::answer(const AuthorizeRequest& request, std::optional<model::LoginTransaction> transaction,
                                         const Progress& progress, const SessionId& session) const {
  // Before anything is written. Silent requests come from scripts, which have reasons of their own to ask often.
  if (!request.prompt.none && !parts_.loop_guard.may_answer(request.http, request.client->id, session))
    return refuse(
        request,
        OAuthError{OAuthErrc::invalid_request, "Sign-in was stopped: the application sends you back here as soon as you have signed in.",
                   "\"" + request.client->name +
                       "\" got an answer again and again within a few seconds. Usually the application cannot keep its session: a blocked "
                       "or oversized cookie, a wrong base URL, a "
                       "failing code exchange. Its own log tells."},
        Tell::page);
  const Timestamp now = parts_.clock.now();
  const std::string code_text = request.response_type.code ? parts_.random.base64url(32) : std::string();
  struct Judged {
    Visitor visitor;
    Due due = Due::nothing;  ///< something: nothing was written
  };
  const Result<Judged> judged = parts_.db.write([&](storage::Transaction& tx) -> Result<Judged> {
    TRY(Visitor current, visitor_of(tx, request, transaction, now));
    const Due due = what_is_due(request, current, progress, now);
    if (due != Due::nothing) return Judged{std::move(current), due};
    if (transaction) {
      // Removing it is what makes the answer single: of two tabs that come back at once one finds nothing.
      TRY(const bool removed, parts_.transactions.remove(tx, request.tenant.id, transaction->id));
      if (!removed) return OAuthError{OAuthErrc::login_required, "This sign-in was finished already."};
      if (progress.consent == true) {
        const std::vector<std::string> scopes = scopes_to_consent(request, current);
        if (!scopes.empty())
          TRY_VOID(parts_.consents.allow(tx, request.tenant.id, current.user->id, request.client->id, request.audience, scopes, now));
      }
    }
    if (request.response_type.code) TRY_VOID(parts_.codes.insert(tx, make_code(request, current, code_text, now)));
    TRY_VOID(parts_.sessions.touch(tx, *current.session, request.client->id, request.tenant.idle_session_lifetime(), now));
    if (!progress.signed_in_now) {
      logs::Event done =
          event(request, "ssa", request.prompt.none ? "Successful silent authentication" : "Signed in with the existing session");
      about_user(done, *current.user, current.session->connection);
      done.session_id = current.session->id.str();
      TRY_VOID(parts_.log.write(tx, done));
    }
    return Judged{std::move(current)};
  });
  if (!judged) return refuse(request, judged.error(), Tell::redirect);
  const Visitor& visitor = judged->visitor;
  if (judged->due != Due::nothing) return ask(request, std::move(transaction), visitor, judged->due);
  Result<http::Parameters> parameters = success_parameters(request, visitor, code_text, parts_.issuer, now);
  if (!parameters) return refuse(request, parameters.error(), Tell::redirect);
  if (request.response_type.token && request.api && MissingPermissionsNotice::concerns(*request.api, visitor.permissions.size())) {
    logs::Event notice = event(request, "w", "");
    about_user(notice, *visitor.user, visitor.session->connection);
    parts_.notice.token_issued(std::move(notice), *request.api, visitor.permissions.size());
  }
  return respond(request, *parameters, parts_.random);
}

http::Response AuthorizeEndpoint::refuse(const AuthorizeRequest& request, const OAuthError& error, Tell tell,
                                         const std::optional<model::LoginTransaction>& transaction) const {
  logs::Event failed = event(request, request.prompt.none ? "fsa" : "f", error.description);
  failed.details = event_details(error);
  failed.details["redirect_uri"] = request.get("redirect_uri");
  if (transaction) {
    const gatehouse::Result<void> ended = parts_.db.write([&](storage::Transaction& tx) -> gatehouse::Result<void> {
      TRY_VOID(parts_.transactions.remove(tx, request.tenant.id, transaction->id));
      return parts_.log.write(tx, failed);
    });
    if (!ended) parts_.log.enqueue(std::move(failed));
  } else if (!error.logged) {
    parts_.log.enqueue(std::move(failed));
  }
  if (tell == Tell::page || request.redirect_uri.empty()) return page(request.http, &request.tenant, error, request.client.get());
  return respond(request, error_parameters(request, error), parts_.random);
}

http::Response AuthorizeEndpoint::page(const http::Request& request, const model::Tenant* tenant, const OAuthError& error,
                                       const model::Client* client) const {
  const bool show = tenant && tenant->is_local();
  const int status = status_of(error.code);
  http::Response response = parts_.error_page(request, {.status = status == 401 ? 400 : status,
                                                        .error = std::string(to_string(error.code)),
                                                        .description = error.description,
                                                        .details = show ? error.details : std::string(),
                                                        .client_id = client ? client->id.str() : std::string()});
  response.no_store();
  return response;
}

logs::Event AuthorizeEndpoint::event(const AuthorizeRequest& request, std::string_view type, std::string_view description) const {
  logs::Event event = logs::Event::from(request.http, type, description);
  event.audience = request.audience.empty() ? std::string(request.get("audience")) : request.audience;
  event.scope = request.scopes.to_string();
  if (request.client) {
    event.client = request.client->id;
    event.client_name = request.client->name;
  } else {
    event.client = ClientId(std::string(request.get("client_id")));
  }
  return event;
}

}  // namespace gatehouse::oauth
