#pragma once
#include "management/api.h"
#include "messaging/messenger.h"
#include "mfa/mfa.h"
#include "model/tickets/ticket_store.h"
#include "model/users/user_store.h"

namespace gatehouse::management {

/// /guardian/enrollments: one second factor of a user by its id, and links with which users enrol one.
class EnrollmentsResource {
 public:
  struct Parts {
    const model::UserStore& users;
    const model::TenantStore& tenants;
    const model::TicketStore& tickets;
    const mfa::Mfa& mfa;
    messaging::Messenger& messenger;
  };
  EnrollmentsResource(Api& api, Parts parts) : api_(api), parts_(parts) {}
  void mount();

 private:
  ApiResult<http::Response> get(const Call& call) const;
  ApiResult<http::Response> remove(const Call& call) const;
  ApiResult<http::Response> create_ticket(const Call& call) const;
  /// By the part of a method's id after the bar, or all of it. Errors: 404.
  [[nodiscard]] ApiResult<model::AuthenticationMethod> existing(storage::Reader& reader, const Call& call) const;

  Api& api_;
  Parts parts_;
  model::AuthenticationMethodStore methods_;
};

}  // namespace gatehouse::management
