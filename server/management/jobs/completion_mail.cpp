#include "management/jobs/completion_mail.h"

#include "messaging/mime.h"

namespace gatehouse::management {
namespace {

constexpr std::string_view kAdministrators =
    "SELECT user_id FROM user_permissions WHERE tenant = $1 AND resource_server_identifier = $2 AND permission_name = "
    "'update:tenant_settings' LIMIT $3";

}  // namespace

Result<std::set<std::string>> CompletionMail::recipients(storage::Reader& reader, const model::Tenant& tenant,
                                                         std::string_view asked_by) const {
  TRY(const storage::Rows rows, reader.query(kAdministrators, tenant.id, tenant.issuer + "api/v2/", int64_t(most_recipients)));
  std::vector<UserId> ids;
  if (!asked_by.empty()) ids.emplace_back(std::string(asked_by));
  for (const storage::Row& row : rows) ids.emplace_back(row.text(0));
  TRY(const std::vector<model::User> users, parts_.users.find_all(reader, tenant.id, ids));
  std::set<std::string> out;
  for (const model::User& user : users)
    if (user.email && !user.blocked && messaging::is_mail_address(*user.email) && out.size() < most_recipients) out.insert(*user.email);
  return out;
}

Result<void> CompletionMail::queue(storage::Transaction& tx, const model::Tenant& tenant, const jobs::Job& job, const json::object& state,
                                   const json::object& variables) const {
  if (!get_bool(state, "send_completion_email").value_or(false)) return {};
  messaging::Mail mail{.tenant = job.tenant, .template_name = "users_import"};
  mail.variables = variables;
  mail.variables["job_id"] = job.id;
  for (const std::string_view name : {"connection", "external_id", "status_details"})
    if (const auto text = get_string(state, name)) mail.variables[name] = *text;
  TRY(const std::set<std::string> addresses, recipients(tx, tenant, get_string(state, "asked_by").value_or("")));
  for (const std::string& address : addresses) {
    mail.to = address;
    mail.variables["user"] = json::object{{"email", address}};
    TRY_VOID(parts_.messenger.queue_mail(tx, mail));
  }
  return {};
}

}  // namespace gatehouse::management
