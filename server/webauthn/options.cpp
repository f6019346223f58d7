#include "webauthn/options.h"

#include "base/encoding.h"
#include "crypto/crypto.h"

namespace gatehouse::webauthn {

json::array descriptors(const std::vector<Descriptor>& list) {
  json::array out;
  for (const Descriptor& one : list) {
    json::object item{{"type", "public-key"}, {"id", base64url_encode(one.id)}};
    if (!one.transports.empty()) item["transports"] = json::array(one.transports.begin(), one.transports.end());
    out.push_back(std::move(item));
  }
  return out;
}

std::string_view name_of(UserVerification wanted) {
  switch (wanted) {
    case UserVerification::required:
      return "required";
    case UserVerification::preferred:
      return "preferred";
    case UserVerification::discouraged:
      return "discouraged";
  }
  return "";
}

json::object CreationOptions::to_json() const {
  json::array parameters;
  for (const Algorithm algorithm : kAlgorithms)
    parameters.push_back(json::object{{"type", "public-key"}, {"alg", static_cast<int>(algorithm)}});
  json::object selection{{"residentKey", resident ? "required" : "discouraged"}};
  if (resident) selection["requireResidentKey"] = true;  // Level 1 browsers
  selection["userVerification"] = name_of(verification);
  if (!attachment.empty()) selection["authenticatorAttachment"] = attachment;
  json::object out{{"challenge", base64url_encode(challenge)},
                   {"timeout", kTimeoutMs},
                   {"rp", json::object{{"id", party.id}, {"name", party.name}}},
                   {"pubKeyCredParams", std::move(parameters)},
                   {"authenticatorSelection", std::move(selection)},
                   {"user", json::object{{"id", base64url_encode(user_handle)}, {"name", name}, {"displayName", display_name}}}};
  if (!exclude.empty()) out["excludeCredentials"] = descriptors(exclude);
  return out;
}

json::object RequestOptions::to_json() const {
  json::object out{
      {"challenge", base64url_encode(challenge)}, {"timeout", kTimeoutMs}, {"rpId", party.id}, {"userVerification", name_of(verification)}};
  if (!allow.empty()) out["allowCredentials"] = descriptors(allow);
  return out;
}

std::string user_handle(std::string_view tenant, std::string_view user_id) {
  return crypto::sha256("gatehouse user handle\n" + std::string(tenant) + "\n" + std::string(user_id));
}

}  // namespace gatehouse::webauthn
