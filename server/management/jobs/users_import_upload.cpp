#include "management/jobs/users_import_upload.h"

namespace gatehouse::management {
namespace {

constexpr size_t longest_field = 1024;  // bytes

}  // namespace

UsersImportUpload::UsersImportUpload(storage::Database& db, const jobs::JobFiles& files, const Clock& clock, TenantId tenant,
                                     std::string job, const std::optional<std::string>& boundary)
    : db_(db), files_(files), clock_(clock), tenant_(std::move(tenant)), job_(std::move(job)) {
  if (boundary) reader_.emplace(*boundary, static_cast<http::MultipartReader::Receiver&>(*this));
}

std::optional<http::Response> UsersImportUpload::take(std::string_view piece) {
  if (!reader_) return to_response(ApiError(ApiErrc::unsupported_media_type, "Unsupported Media Type"));
  if (const Result<void> fed = reader_->feed(piece); !fed) return to_response(refusal(fed.error()));
  return std::nullopt;
}

ApiResult<void> UsersImportUpload::finish(std::string_view rest) {
  if (!reader_) return ApiError(ApiErrc::unsupported_media_type, "Unsupported Media Type");
  if (const Result<void> fed = reader_->feed(rest); !fed) return refusal(fed.error());
  if (!reader_->complete()) return ApiError(ApiErrc::invalid_body, "The multipart body ends before its last boundary");
  if (!piece_.empty()) TRY_VOID(store_piece());
  return {};
}

ApiError UsersImportUpload::refusal(const Error& error) const {
  if (error.code == Errc::invalid_argument) return {ApiErrc::invalid_body, error.message};
  return ApiError(error);
}

Result<void> UsersImportUpload::begin_part(std::string_view name, std::optional<std::string_view>) {
  if (name == "users") {
    if (has_file_) return Error{Errc::invalid_argument, "Only one users file can be imported at once"};
    has_file_ = true;
    field_ = nullptr;
    return {};
  }
  field_ = &fields_[std::string(name.substr(0, 100))];
  return {};
}

Result<void> UsersImportUpload::part_data(std::string_view data) {
  if (field_) {
    if (field_->size() + data.size() > longest_field) return Error{Errc::invalid_argument, "A field of the form is too long"};
    field_->append(data);
    return {};
  }
  file_bytes_ += int64_t(data.size());
  while (!data.empty()) {
    const size_t taken = std::min(data.size(), jobs::JobFiles::piece_size - piece_.size());
    piece_.append(data.substr(0, taken));
    data.remove_prefix(taken);
    if (piece_.size() == jobs::JobFiles::piece_size) TRY_VOID(store_piece());
  }
  return {};
}

Result<void> UsersImportUpload::store_piece() {
  const std::string sealed = files_.seal(tenant_, job_, pieces_, piece_);
  TRY_VOID(db_.write([&](storage::Transaction& tx) { return jobs::JobFiles::add(tx, tenant_, job_, pieces_, sealed, clock_.now()); }));
  ++pieces_;
  piece_.clear();
  return {};
}

}  // namespace gatehouse::management
