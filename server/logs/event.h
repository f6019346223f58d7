#pragma once
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/id.h"
#include "base/json.h"
#include "http/request.h"
#include "storage/database.h"

namespace gatehouse::logs {

/// A tenant log event, Auth0's codes as data (logs/codes.h describes each). Values that a request may not show to strangers
/// (registered identifiers, callback lists) belong into `details`; secrets, tokens, codes and passwords never.
struct Event {
  TenantId tenant;
  std::string type;         ///< s, f, fp, fu, seacft, feacft, sapi, fapi, slo, ss, …
  std::string description;  ///< a sentence
  ClientId client;          ///< empty: none
  std::string client_name;
  UserId user;
  std::string user_name;
  std::string connection;
  std::string connection_id;
  std::string strategy;
  std::string strategy_type;
  std::string audience;
  std::string scope;  ///< space-separated
  std::string ip;
  std::string user_agent;
  std::string hostname;
  std::string tracking_id;  ///< request id; the same one error pages show
  std::string session_id;
  std::string organization_id;
  json::object auth0_client;  ///< name, version, env of the SDK (Auth0-Client header)
  json::object details;

  /// Fills tenant, ip, user_agent, hostname, tracking_id, auth0_client from a request.
  static Event from(const http::Request& request, std::string_view type, std::string_view description);
};

/// Writes tenant log events. Events of requests that change something go into their unit of work; those of requests that change
/// nothing (machine tokens, failures) wait in a bounded queue for at most 100 ms.
class EventLog {
 public:
  virtual ~EventLog() = default;
  virtual Result<void> write(storage::Transaction& tx, const Event& event) = 0;  ///< inside a unit of work
  virtual void enqueue(Event event) = 0;                                         ///< never blocks; a full queue drops and counts
};

}  // namespace gatehouse::logs
