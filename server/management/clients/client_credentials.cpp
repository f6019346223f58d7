#include "jose/certificates.h"
#include "management/clients/clients_resource.h"
#include "model/clients/client_description.h"

// /clients/{id}/credentials: the public keys and certificates an application proves itself with. They are kept inside the client,
// so that it and they are read and cached as one.
namespace gatehouse::management {

using model::StoredObject;

namespace {

constexpr std::string_view stored_as = model::ClientStore::credentials_property;
constexpr size_t most_credentials = 20;

ApiError missing_credential() { return ApiError(ApiErrc::not_found, "The credential does not exist", "inexistent_credential"); }

std::optional<Timestamp> parse_date(std::string_view text) {
  // The format was checked: YYYY-MM-DDTHH:MM:SS, a fraction, Z or an offset.
  const auto number = [&](size_t from, size_t count) {
    int value = 0;
    for (size_t i = from; i < from + count; ++i) value = value * 10 + (text[i] - '0');
    return value;
  };
  const std::chrono::year_month_day day{std::chrono::year(number(0, 4)), std::chrono::month(static_cast<unsigned>(number(5, 2))),
                                        std::chrono::day(static_cast<unsigned>(number(8, 2)))};
  if (!day.ok() || number(11, 2) > 23 || number(14, 2) > 59 || number(17, 2) > 60) return std::nullopt;
  Timestamp time =
      std::chrono::sys_days(day) + std::chrono::hours(number(11, 2)) + std::chrono::minutes(number(14, 2)) + seconds(number(17, 2));
  const size_t zone = text.find_last_of("Zz+-");
  if (zone != std::string_view::npos && zone > 18 && text[zone] != 'Z' && text[zone] != 'z') {
    const std::chrono::minutes offset(number(zone + 1, 2) * 60 + number(zone + 4, 2));
    time += text[zone] == '-' ? microseconds(offset) : -microseconds(offset);
  }
  return time;
}

json::object show_credential(const json::object& credential) {
  json::object shown;
  for (const auto& member : credential) {
    const std::string_view name = member.key();
    if (name.ends_with("_us"))
      shown[name.substr(0, name.size() - 3)] = to_iso8601(from_micros(member.value().to_number<int64_t>()));
    else if (name != "jwk")
      shown[name] = member.value();
  }
  return shown;
}

json::array& credentials_of(StoredObject& client) {
  json::value& stored = client.properties[stored_as];
  if (!stored.is_array()) stored = json::array{};
  return stored.get_array();
}

json::object* find_credential(json::array& credentials, std::string_view id) {
  for (json::value& credential : credentials)
    if (credential.is_object() && get_string(credential.get_object(), "id") == id) return &credential.get_object();
  return nullptr;
}

/// All places of a client that name credentials.
std::vector<json::array*> references(json::object& client) {
  std::vector<json::array*> found;
  const auto look = [&](json::value* holder) {
    if (!holder || !holder->is_object()) return;
    if (json::value* credentials = holder->get_object().if_contains("credentials"); credentials && credentials->is_array())
      found.push_back(&credentials->get_array());
  };
  if (json::value* methods = client.if_contains("client_authentication_methods"); methods && methods->is_object())
    for (auto& method : methods->get_object()) look(&method.value());
  look(client.if_contains("signed_request_object"));
  look(client.if_contains("token_vault_privileged_access"));
  return found;
}

}  // namespace

ApiResult<StoredObject> ClientsResource::get_client(storage::Reader& reader, const Call& call) const {
  TRY(std::optional<StoredObject> client, objects().find(reader, call.tenant(), call.parameter("id")));
  if (!client) return missing();
  return *std::move(client);
}

ApiResult<json::object> ClientsResource::make_credential(const Call& call, const json::object& body) const {
  const std::string type(get_string(body, "credential_type").value_or(""));
  const std::string pem(get_string(body, "pem").value_or(""));
  json::object credential;
  credential["id"] = "cred_" + parts().random.base58(22);
  if (const auto name = get_string(body, "name")) credential["name"] = *name;
  credential["credential_type"] = type;
  const Result<jose::CertificateFacts> certificate = jose::read_certificate(pem);

  if (type == "public_key") {
    const std::string alg(get_string(body, "alg").value_or("RS256"));
    const Result<jose::PublicKey> key = jose::PublicKey::from_pem(pem, *jose::parse_algorithm(alg));
    if (!key) return ApiError(ApiErrc::invalid_body, "The pem is not a PEM-formatted public key or X509 certificate of at least 2048 bits");
    credential["kid"] = get_string(body, "kid").value_or(key->thumbprint());
    credential["alg"] = alg;
    credential["jwk"] = key->to_jwk(get_string(credential, "kid").value_or(""));
  } else if (type == "cert_subject_dn" && body.contains("subject_dn") == body.contains("pem")) {
    return ApiError(ApiErrc::invalid_body, "Exactly one of subject_dn and pem must be set");
  } else if (type == "cert_subject_dn" && body.contains("subject_dn")) {
    credential["subject_dn"] = *get_string(body, "subject_dn");
  } else {
    if (!certificate) return ApiError(ApiErrc::invalid_body, "The pem is not a PEM-formatted X509 certificate");
    if (type == "cert_subject_dn") credential["subject_dn"] = certificate->subject;
    credential["thumbprint_sha256"] = certificate->thumbprint_sha256;
  }

  credential["created_at_us"] = to_micros(call.now());
  credential["updated_at_us"] = to_micros(call.now());
  if (const auto expires_at = get_string(body, "expires_at")) {
    const std::optional<Timestamp> time = parse_date(*expires_at);
    if (!time)
      return payload_error("'Object didn't pass validation for format date-time: " + std::string(*expires_at) + "' on property expires_at");
    credential["expires_at_us"] = to_micros(*time);
  } else if (certificate && (type == "x509_cert" || get_bool(body, "parse_expiry_from_cert").value_or(false))) {
    credential["expires_at_us"] = to_micros(certificate->expires_at);
  }
  return credential;
}

ApiResult<void> ClientsResource::register_credentials(const Call& call, StoredObject& client) const {
  json::array fresh;
  json::array& stored = credentials_of(client);
  for (json::array* reference : references(client.properties)) {
    for (json::value& entry : *reference) {
      json::object& named = entry.get_object();
      if (named.contains("credential_type")) {
        TRY(json::object credential, make_credential(call, named));
        named = json::object{{"id", credential["id"]}};
        stored.push_back(std::move(credential));
      } else if (!find_credential(stored, get_string(named, "id").value_or(""))) {
        return ApiError(ApiErrc::invalid_body, "The credential " + std::string(get_string(named, "id").value_or("")) + " does not exist");
      }
    }
  }
  if (stored.size() > most_credentials)
    return ApiError(ApiErrc::invalid_body, "A client can have " + std::to_string(most_credentials) + " credentials at most");
  if (stored.empty()) client.properties.erase(stored_as);
  return {};
}

ApiResult<http::Response> ClientsResource::list_credentials(const Call& call) const {
  return call.read([&](storage::Reader& reader) -> ApiResult<http::Response> {
    TRY(StoredObject client, get_client(reader, call));
    json::array shown;
    for (const json::value& credential : credentials_of(client)) shown.push_back(show_credential(credential.get_object()));
    return http::Response::json(200, shown);
  });
}

ApiResult<http::Response> ClientsResource::get_credential(const Call& call) const {
  return call.read([&](storage::Reader& reader) -> ApiResult<http::Response> {
    TRY(StoredObject client, get_client(reader, call));
    const json::object* credential = find_credential(credentials_of(client), call.parameter("credential_id"));
    if (!credential) return missing_credential();
    return http::Response::json(200, show_credential(*credential));
  });
}

/// Errors: inexistent_client, invalid_body.
ApiResult<http::Response> ClientsResource::create_credential(const Call& call) const {
  if (const auto complaint = model::client_credential_body().complaint(call.body(), model::Body::create)) return payload_error(*complaint);
  TRY(const json::object credential, make_credential(call, call.body().get_object()));
  return call.write([&](storage::Transaction& tx) -> ApiResult<http::Response> {
    TRY(StoredObject client, get_client(tx, call));
    json::array& credentials = credentials_of(client);
    if (credentials.size() >= most_credentials)
      return ApiError(ApiErrc::invalid_body, "A client can have " + std::to_string(most_credentials) + " credentials at most");
    credentials.push_back(credential);
    TRY_VOID(objects().replace(tx, call.tenant(), client, call.now()));
    return http::Response::json(201, show_credential(credential));
  });
}

/// Changes when a credential ends; null: never. Errors: inexistent_client, inexistent_credential, invalid_body.
ApiResult<http::Response> ClientsResource::update_credential(const Call& call) const {
  if (const auto complaint = model::client_credential_patch().complaint(call.body(), model::Body::update)) return payload_error(*complaint);
  const json::object& body = call.body().get_object();
  return call.write([&](storage::Transaction& tx) -> ApiResult<http::Response> {
    TRY(StoredObject client, get_client(tx, call));
    json::object* credential = find_credential(credentials_of(client), call.parameter("credential_id"));
    if (!credential) return missing_credential();
    if (const json::value* expires_at = body.if_contains("expires_at")) {
      const std::optional<Timestamp> time = expires_at->is_string() ? parse_date(expires_at->get_string()) : std::nullopt;
      if (time)
        (*credential)["expires_at_us"] = to_micros(*time);
      else
        credential->erase("expires_at_us");
    }
    (*credential)["updated_at_us"] = to_micros(call.now());
    TRY_VOID(objects().replace(tx, call.tenant(), client, call.now()));
    return http::Response::json(200, show_credential(*credential));
  });
}

/// Errors: inexistent_client, inexistent_credential, invalid_body (something of the client still names it).
ApiResult<http::Response> ClientsResource::remove_credential(const Call& call) const {
  const std::string& id = call.parameter("credential_id");
  return call.write([&](storage::Transaction& tx) -> ApiResult<http::Response> {
    TRY(StoredObject client, get_client(tx, call));
    json::array& credentials = credentials_of(client);
    json::object* credential = find_credential(credentials, id);
    if (!credential) return missing_credential();
    for (json::array* reference : references(client.properties))
      if (find_credential(*reference, id))
        return ApiError(ApiErrc::invalid_body, "The credential is in use by the client and cannot be deleted");
    for (size_t i = 0; i < credentials.size(); ++i)
      if (credentials[i].if_object() == credential) {
        credentials.erase(credentials.begin() + static_cast<std::ptrdiff_t>(i));
        break;
      }
    TRY_VOID(objects().replace(tx, call.tenant(), client, call.now()));
    return http::Response::empty(204);
  });
}

}  // namespace gatehouse::management
