#include "management/jobs/imported_factors.h"

#include "mfa/otp.h"

namespace gatehouse::management {
namespace {

namespace method_type = model::method_type;

constexpr size_t shortest_secret = 10;  // bytes: 16 characters of base32, the least that authenticator apps were ever given

}  // namespace

std::vector<model::AuthenticationMethod> ImportedFactors::make(const model::User& user, const std::vector<model::ImportedFactor>& factors,
                                                               Timestamp now, bool& all) const {
  std::vector<model::AuthenticationMethod> out;
  for (const model::ImportedFactor& factor : factors) {
    model::AuthenticationMethod method;
    method.id = model::AuthenticationMethodStore::make_id(factor.type, random_);
    method.tenant = user.tenant;
    method.user = user.id;
    method.type = factor.type;
    method.confirmed = true;
    method.created_at = now;
    method.enrolled_at = now;
    if (factor.type == method_type::kTotp) {
      const std::optional<std::string> secret = mfa::Otp::from_base32(factor.value);
      if (secret && secret->size() >= shortest_secret)
        method.secret = sealer_.seal(*secret, model::AuthenticationMethodStore::secret_context(method.tenant, method.id));
    } else if (factor.type == method_type::kPhone) {
      method.phone_number = model::normalize_phone(factor.value);
      method.data["preferred_authentication_method"] = "sms";
    } else {
      method.email = model::normalize_email(factor.value);
    }
    if (method.secret || method.phone_number || method.email)
      out.push_back(std::move(method));
    else
      all = false;
  }
  return out;
}

Result<void> ImportedFactors::insert(storage::Transaction& tx, const std::vector<model::AuthenticationMethod>& methods) {
  const model::AuthenticationMethodStore store;
  for (const model::AuthenticationMethod& method : methods) TRY_VOID(store.insert(tx, method));
  return {};
}

Result<void> ImportedFactors::add_missing(storage::Transaction& tx, const model::User& user,
                                          std::vector<model::AuthenticationMethod> methods, Timestamp now) {
  if (methods.empty()) return {};
  TRY(const std::vector<model::AuthenticationMethod> held,
      model::AuthenticationMethodStore().list(tx, user.tenant, user.id, model::AuthenticationMethodStore::Which::confirmed, now));
  std::erase_if(methods, [&](const model::AuthenticationMethod& method) {
    return std::ranges::any_of(held, [&](const model::AuthenticationMethod& one) { return one.type == method.type; });
  });
  for (model::AuthenticationMethod& method : methods) method.user = user.id;
  return insert(tx, methods);
}

}  // namespace gatehouse::management
