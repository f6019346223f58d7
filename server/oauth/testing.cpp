#include "oauth/testing.h"

#include <stdexcept>

#include "base/encoding.h"
#include "crypto/crypto.h"

namespace gatehouse::oauth {
namespace {

template <class R>
void must(const R& result) {
  if (!result) throw std::runtime_error(result.error().message + " " + result.error().detail);
}

crypto::MasterKeys test_keys() { return *crypto::MasterKeys::parse("test " + base64_encode(std::string(32, 'k')) + "\n"); }

}  // namespace

const TenantId World::kTenant("test");

gatehouse::Result<void> EventCollector::write(storage::Transaction&, const logs::Event& event) {
  enqueue(event);
  return {};
}
void EventCollector::enqueue(logs::Event event) {
  const std::lock_guard lock(mutex_);
  events_.push_back(std::move(event));
}
logs::Event EventCollector::last(std::string_view type) const {
  const std::lock_guard lock(mutex_);
  for (auto it = events_.rbegin(); it != events_.rend(); ++it)
    if (it->type == type) return *it;
  return {};
}
size_t EventCollector::count(std::string_view type, const ClientId& client) const {
  const std::lock_guard lock(mutex_);
  return static_cast<size_t>(
      std::count_if(events_.begin(), events_.end(), [&](const logs::Event& e) { return e.type == type && e.client == client; }));
}

void Browser::take(const http::Response& response) {
  for (const auto& [name, value] : response.headers) {
    if (to_lower_ascii(name) != "set-cookie") continue;
    const std::string pair = value.substr(0, value.find(';'));
    const std::string cookie = pair.substr(0, pair.find('='));
    const bool removed = value.find("Max-Age=0") != std::string::npos;
    if (removed)
      cookies.erase(cookie);
    else
      cookies[cookie] = pair.substr(pair.find('=') + 1);
  }
}
Fields Browser::headers() const {
  std::string all;
  for (const auto& [name, value] : cookies) all += (all.empty() ? "" : "; ") + name + "=" + value;
  return all.empty() ? Fields{} : Fields{{"cookie", all}};
}

World::World(const std::string& database_kind)
    : test_db(storage::make_test_database(database_kind)),
      db(*test_db),
      sealer(test_keys(), random),
      hasher({.permits = 0, .memory_kib = 64, .passes = 1}, random),
      tenants(db),
      clients(db, sealer),
      apis(db, sealer),
      client_grants(db),
      connections(db),
      users(db),
      sessions(db),
      key_store(sealer, random),
      keys(db, key_store, clock),
      protection(db, tenants, mail, random, clock),
      database({.db = db,
                .users = users,
                .tickets = tickets,
                .sessions = sessions,
                .refresh_tokens = refresh_tokens,
                .hasher = hasher,
                .random = random,
                .clock = clock,
                .log = events,
                .messenger = mail}),
      sign_in({.db = db,
               .users = users,
               .sessions = sessions,
               .transactions = transactions,
               .hasher = hasher,
               .random = random,
               .clock = clock,
               .log = events,
               .protection = protection,
               .mfa = mfa}) {
  model::Tenant tenant;
  tenant.id = kTenant;
  tenant.issuer = kIssuer;
  tenant.host = "localhost:8443";
  tenant.settings = json::object{{"default_directory", kConnection},
                                 {"skip_non_verifiable_callback_uri_confirmation_prompt", true},
                                 {"allowed_logout_urls", json::array{"https://tenant.example/bye"}}};
  const auto first_keys = key_store.make_first_keys(kTenant, tenant.host, clock.now());
  must(first_keys);
  model::StoredObject connection{.id = "con_0000000000000001",
                                 .properties = {{"name", kConnection},
                                                {"strategy", "auth0"},
                                                {"enabled_clients", json::array{}},
                                                {"options", json::object{{"passwordPolicy", "none"}}}}};
  must(db.write([&](storage::Transaction& tx) -> gatehouse::Result<void> {
    TRY_VOID(tenants.insert(tx, tenant, clock.now()));
    TRY_VOID(key_store.insert(tx, kTenant, *first_keys, clock.now()));
    return connections.objects().insert(tx, kTenant, connection, clock.now());
  }));
  oauth = std::make_unique<Oauth>(Oauth::Parts{.db = db,
                                               .random = random,
                                               .clock = clock,
                                               .keys = keys,
                                               .tenants = tenants,
                                               .clients = clients,
                                               .resource_servers = apis,
                                               .client_grants = client_grants,
                                               .connections = connections,
                                               .users = users,
                                               .roles = roles,
                                               .sessions = sessions,
                                               .transactions = transactions,
                                               .authorization_codes = codes,
                                               .refresh_tokens = refresh_tokens,
                                               .consents = consents,
                                               .sign_in = sign_in,
                                               .mfa = mfa,
                                               .database = database,
                                               .protection = protection,
                                               .log = events,
                                               .error_page = [](const http::Request&, const http::ErrorPage& page) {
                                                 return http::Response::html(page.status,
                                                                             page.error + "\n" + page.description + "\n" + page.details);
                                               },
                                               .passwordless = passwordless});
  oauth->mount(router);
}

World& World::of(const std::string& database_kind) {
  static std::map<std::string, std::unique_ptr<World>> worlds;
  std::unique_ptr<World>& world = worlds[database_kind];
  if (!world) world = std::make_unique<World>(database_kind);
  return *world;
}

http::Response World::call(http::Method method, const std::string& target, const std::string& body, const std::string& content_type,
                           const Fields& headers) {
  http::Request request;
  request.method = method;
  request.target = target;
  request.path = target.substr(0, target.find('?'));
  if (const size_t mark = target.find('?'); mark != std::string::npos) {
    auto query = http::Parameters::parse(target.substr(mark + 1));
    if (!query) return http::Response::text(400, query.error().message);
    request.query = std::move(*query);
  }
  request.headers = headers;
  if (!content_type.empty()) request.headers.emplace_back("content-type", content_type);
  request.body = body;
  request.id = "request";
  request.tenant = kTenant;
  request.issuer = kIssuer;
  request.client_ip = "192.0.2.1";
  request.received = clock.now();
  const http::Router::Match match = router.match(method, request.path);
  if (!match.route) return http::Response::text(match.path_known ? 405 : 404, "no route");
  request.lane = match.route->planner ? match.route->planner(request) : match.route->lane;
  return match.route->handler(request);
}

http::Response World::get(const std::string& path, const Fields& query, const Fields& headers) {
  http::Parameters parameters;
  for (const auto& [name, value] : query) parameters.add(name, value);
  return call(http::Method::GET, query.empty() ? path : path + "?" + parameters.encode(), {}, {}, headers);
}
http::Response World::get(Browser& browser, const std::string& path, const Fields& query) {
  http::Response response = get(path, query, browser.headers());
  browser.take(response);
  return response;
}
http::Response World::post(const std::string& path, const Fields& form, const Fields& headers) {
  http::Parameters parameters;
  for (const auto& [name, value] : form) parameters.add(name, value);
  return call(http::Method::POST, path, parameters.encode(), "application/x-www-form-urlencoded", headers);
}
http::Response World::post_json(const std::string& path, const json::value& body) {
  return call(http::Method::POST, path, json::serialize(body), "application/json");
}

ClientId World::add_client(const std::string& name, const json::object& properties) {
  const ClientId id("client-" + name);
  model::StoredObject object{
      .id = id.str(),
      .properties = {{"name", name},
                     {"app_type", "regular_web"},
                     {"is_first_party", true},
                     {"token_endpoint_auth_method", "client_secret_post"},
                     {"callbacks", json::array{"https://" + name + ".example/cb"}},
                     {"allowed_logout_urls", json::array{"https://" + name + ".example", "https://" + name + ".example/bye"}},
                     {"client_secret", sealer.seal(secret(name), model::ClientStore::secret_context(id))},
                     {"grant_types",
                      {"authorization_code", "implicit", "refresh_token", "client_credentials", "password",
                       "http://auth0.com/oauth/grant-type/password-realm"}}}};
  for (const json::key_value_pair& property : properties) object.properties[property.key()] = property.value();
  must(db.write([&](storage::Transaction& tx) -> gatehouse::Result<void> {
    TRY_VOID(clients.objects().insert(tx, kTenant, object, clock.now()));
    TRY(std::optional<model::StoredObject> connection, connections.objects().find(tx, kTenant, "con_0000000000000001"));
    connection->properties["enabled_clients"].as_array().emplace_back(id.str());
    return connections.objects().replace(tx, kTenant, *connection, clock.now());
  }));
  return id;
}
void World::change_client(const ClientId& id, const json::object& properties) {
  must(db.write([&](storage::Transaction& tx) -> gatehouse::Result<void> {
    TRY(std::optional<model::StoredObject> object, clients.objects().find(tx, kTenant, id.str()));
    for (const json::key_value_pair& property : properties) object->properties[property.key()] = property.value();
    return clients.objects().replace(tx, kTenant, *object, clock.now());
  }));
}
void World::add_api(const std::string& identifier, const std::vector<std::string>& scopes, const json::object& properties) {
  json::array list;
  for (const std::string& scope : scopes) list.push_back(json::object{{"value", scope}, {"description", scope}});
  model::StoredObject object{.id = random.hex(24),
                             .properties = {{"name", identifier},
                                            {"identifier", identifier},
                                            {"scopes", list},
                                            {"signing_alg", "RS256"},
                                            {"token_lifetime", 86400},
                                            {"token_lifetime_for_web", 7200},
                                            {"allow_offline_access", true}}};
  for (const json::key_value_pair& property : properties) object.properties[property.key()] = property.value();
  if (const json::value* secret = object.properties.if_contains("signing_secret"))
    object.properties["signing_secret"] =
        sealer.seal(std::string(secret->as_string()), model::ResourceServerStore::signing_secret_context(ResourceServerId(object.id)));
  must(db.write([&](storage::Transaction& tx) { return apis.objects().insert(tx, kTenant, object, clock.now()); }));
}
void World::add_client_grant(const ClientId& client, const std::string& audience, const std::vector<std::string>& scopes) {
  model::StoredObject object{.id = "cgr_" + random.alphanumeric(16),
                             .properties = {{"client_id", client.str()},
                                            {"audience", audience},
                                            {"subject_type", "client"},
                                            {"scope", json::array(scopes.begin(), scopes.end())}}};
  must(db.write([&](storage::Transaction& tx) { return client_grants.objects().insert(tx, kTenant, object, clock.now()); }));
}
UserId World::add_user(const std::string& name) {
  model::User user;
  const std::string own = random.hex(24);
  user.tenant = kTenant;
  user.id = UserId("auth0|" + own);
  user.email = name + "@example.com";
  user.email_verified = true;
  user.attributes = {{"given_name", "Given"}, {"family_name", name}};
  user.identities = {{std::string(kConnection), "auth0", own, false, {}}};
  user.fill_defaults();
  const auto hash = hasher.hash("correct horse " + name);
  must(hash);
  must(db.write([&](storage::Transaction& tx) {
    return users.insert(tx, user, model::PasswordCredential{*hash, clock.now(), {}}, clock.now());
  }));
  return user.id;
}
void World::change_user(const UserId& id, const std::function<void(model::User&)>& change) {
  must(db.write([&](storage::Transaction& tx) -> gatehouse::Result<void> {
    TRY(std::optional<model::User> user, users.find(tx, kTenant, id));
    change(*user);
    return users.replace(tx, *user, clock.now());
  }));
}
void World::permit(const UserId& user, const std::string& audience, const std::vector<std::string>& permissions) {
  std::vector<model::PermissionRef> refs;
  for (const std::string& permission : permissions) refs.push_back({audience, permission});
  must(db.write([&](storage::Transaction& tx) { return roles.add_direct_permissions(tx, kTenant, user, refs); }));
}

void World::sign_in_on_page(Browser& browser, const std::string& state, const std::string& user) {
  const auto transaction = db.read([&](storage::Reader& reader) {
    return transactions.find(reader, kTenant, state, browser.cookies[std::string(model::kBrowserCookie)], clock.now());
  });
  must(transaction);
  if (!*transaction) throw std::runtime_error("no such transaction in this browser");
  const auto tenant = tenants.find(kTenant);
  const auto client = clients.find(kTenant, (*transaction)->client);
  const auto connection = connections.find_by_name(kTenant, kConnection);
  const sign_in::Attempt attempt{
      .tenant = tenant->get(), .client = client->get(), .connection = connection->get(), .identifier = user + "@example.com", .event = {}};
  auto who = sign_in.with_password(attempt, "correct horse " + user);
  if (!who) throw std::runtime_error("sign-in: " + who.error().message);
  model::LoginTransaction login = **transaction;
  std::optional<std::string_view> previous;
  if (const auto cookie = browser.cookies.find(std::string(model::kSessionCookie)); cookie != browser.cookies.end())
    previous = cookie->second;
  auto admitted = sign_in.admit(attempt, std::move(*who));
  if (!admitted) throw std::runtime_error("sign-in: " + admitted.error().message);
  auto started = sign_in.start_session(attempt, *admitted, login, previous);
  if (!started) throw std::runtime_error("session: " + started.error().message);
  browser.cookies[std::string(model::kSessionCookie)] = std::string(started->cookie_value.reveal());
}

void World::answer_consent(const std::string& state, const std::string& browser_cookie, std::string_view answer) {
  must(db.write([&](storage::Transaction& tx) -> gatehouse::Result<void> {
    TRY(std::optional<model::LoginTransaction> transaction, transactions.find(tx, kTenant, state, browser_cookie, clock.now()));
    if (!transaction) return Error{Errc::not_found, "no such transaction"};
    transaction->flow["consent"] = answer;
    transaction->step = "resume";
    return transactions.update(tx, *transaction);
  }));
}

http::Response World::authorize(Browser& browser, Fields query, const std::string& user) {
  http::Response response = get(browser, "/authorize", query);
  const std::string location = header(response, "location");
  if (!location.starts_with(std::string(kIssuer) + "u/login") && !location.starts_with(std::string(kIssuer) + "u/signup")) return response;
  const std::string state = location_parameter(response, "state");
  sign_in_on_page(browser, state, user);
  return get(browser, "/authorize/resume", {{"state", state}});
}

std::string World::code_for(Browser& browser, const ClientId& client, const std::string& name, const std::string& user, Fields more) {
  Fields query{
      {"client_id", client.str()}, {"redirect_uri", "https://" + name + ".example/cb"}, {"response_type", "code"}, {"state", "st"}};
  bool has_scope = false;
  for (const auto& [key, value] : more) has_scope |= key == "scope";
  if (!has_scope) query.emplace_back("scope", "openid profile email");
  query.insert(query.end(), more.begin(), more.end());
  const http::Response response = authorize(browser, query, user);
  std::string code = location_parameter(response, "code");
  if (code.empty())
    throw std::runtime_error("no code: " + std::to_string(response.status) + " " + header(response, "location") + " " + response.body);
  return code;
}

std::string header(const http::Response& response, std::string_view name) {
  for (const auto& [key, value] : response.headers)
    if (to_lower_ascii(key) == name) return value;
  return {};
}
std::string location_parameter(const http::Response& response, std::string_view name) {
  const std::string location = header(response, "location");
  const size_t start = location.find_first_of("?#");
  if (start == std::string::npos) return {};
  std::string text = location.substr(start + 1);
  std::replace(text.begin(), text.end(), '#', '&');
  const auto parameters = http::Parameters::parse(text);
  return parameters ? std::string(parameters->get(name).value_or("")) : std::string();
}
json::object json_of(const http::Response& response) {
  const auto value = parse_json(response.bytes());
  return value && value->is_object() ? value->as_object() : json::object{};
}
json::object claims_of(std::string_view jwt) {
  const auto parsed = jose::ParsedJwt::parse(jwt);
  return parsed ? parsed->claims : json::object{};
}

}  // namespace gatehouse::oauth
