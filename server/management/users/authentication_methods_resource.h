#pragma once
#include "management/api.h"
#include "mfa/mfa.h"
#include "model/users/user_store.h"

namespace gatehouse::management {

/// What users prove themselves with beside their password, as administrators see and change it: /users/{id}/authentication-methods,
/// /authenticators, /enrollments, /recovery-code-regeneration and /multifactor.
class AuthenticationMethodsResource {
 public:
  struct Parts {
    const model::UserStore& users;
    const model::TenantStore& tenants;
    const mfa::Mfa& mfa;
  };
  AuthenticationMethodsResource(Api& api, Parts parts) : api_(api), parts_(parts) {}
  void mount();

 private:
  ApiResult<http::Response> list(const Call& call) const;
  ApiResult<http::Response> create(const Call& call) const;
  ApiResult<http::Response> replace_all(const Call& call) const;
  ApiResult<http::Response> remove_all(const Call& call) const;
  ApiResult<http::Response> get(const Call& call) const;
  ApiResult<http::Response> update(const Call& call) const;
  ApiResult<http::Response> remove(const Call& call) const;
  ApiResult<http::Response> list_enrollments(const Call& call) const;
  ApiResult<http::Response> reset(const Call& call) const;
  ApiResult<http::Response> remove_provider(const Call& call) const;
  ApiResult<http::Response> forget_browsers(const Call& call) const;
  ApiResult<http::Response> new_recovery_code(const Call& call) const;

  /// The user of the path. Errors: inexistent_user.
  [[nodiscard]] ApiResult<model::User> existing(storage::Reader& reader, const Call& call) const;
  /// The method of the path, which must be the user's. Errors: 404.
  [[nodiscard]] ApiResult<model::AuthenticationMethod> method(storage::Reader& reader, const Call& call, const model::User& user) const;
  [[nodiscard]] std::vector<model::AuthenticationMethod> confirmed(const std::vector<model::AuthenticationMethod>& all) const;
  /// A method as a checked body describes it. Errors: invalid_body.
  [[nodiscard]] ApiResult<model::AuthenticationMethod> made_from(const Call& call, const model::User& user, const json::object& body) const;
  [[nodiscard]] mfa::Person person(const Call& call, const model::Tenant& tenant, const model::User& user) const;

  Api& api_;
  Parts parts_;
  model::AuthenticationMethodStore methods_;
};

/// A method as an enrolment of /guardian/enrollments/{id} and /users/{id}/enrollments.
json::object show_enrollment(const model::AuthenticationMethod& method);

}  // namespace gatehouse::management
