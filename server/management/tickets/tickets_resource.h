#pragma once
#include "management/api.h"
#include "model/clients/client_store.h"
#include "model/connections/connection_store.h"
#include "model/tickets/ticket_store.h"
#include "model/users/user_store.h"

namespace gatehouse::management {

/// POST /tickets/password-change and /tickets/email-verification: links like those in mails, for whoever sends them in another way.
class TicketsResource {
 public:
  struct Parts {
    const model::ClientStore& clients;
    const model::ConnectionStore& connections;
    const model::UserStore& users;
    const model::TicketStore& tickets;
  };
  TicketsResource(Api& api, Parts parts) : api_(api), parts_(parts) {}
  void mount();

 private:
  ApiResult<http::Response> change_password(const Call& call) const;
  ApiResult<http::Response> verify_email(const Call& call) const;
  /// Makes a ticket with what both kinds of body share and answers with its link below `path`.
  ApiResult<http::Response> create(storage::Transaction& tx, const Call& call, const model::User& user, model::Ticket ticket,
                                   std::string_view secret, std::string_view path) const;
  ApiResult<void> check_client(const Call& call) const;

  Api& api_;
  Parts parts_;
};

}  // namespace gatehouse::management
