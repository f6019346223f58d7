#pragma once
#include "attack_protection/attack_protection.h"
#include "connections/testing.h"
#include "mfa/mfa.h"
#include "sign_in/sign_in.h"

namespace gatehouse::sign_in {

/// A tenant at whose door people can be signed in (tests).
struct TestDoor : connections::TestTenant {
  using TestTenant::TestTenant;
  Attempt attempt(std::string identifier, const std::string& ip = "192.0.2.7") {
    kept_tenant = tenant();
    kept_client = client();
    kept_connection = connection();
    Attempt a{
        .tenant = kept_tenant.get(), .client = kept_client.get(), .connection = kept_connection.get(), .identifier = std::move(identifier)};
    a.event = event(ip);
    return a;
  }
  std::shared_ptr<const model::Tenant> kept_tenant;
  std::shared_ptr<const model::Client> kept_client;
  std::shared_ptr<const model::Connection> kept_connection;
  model::TransactionStore transactions;
  attack_protection::AttackProtection protection{*db, tenants, mail, random, clock};
  mfa::Mfa second_factors{{*db, tenants, mail, sealer, random, clock, log}};
  SignIn sign_in{{*db, users, sessions, transactions, hasher, random, clock, log, protection, second_factors}};
};

}  // namespace gatehouse::sign_in
