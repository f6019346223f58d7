#pragma once
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "config/settings.h"

namespace gatehouse::app {

/// Makes the data folder (0700). Errors: unavailable.
Result<void> make_data_folder(const std::string& folder);

/// Where certificate and key lie.
struct TlsFiles {
  std::string cert_file, key_file, ca_file;
};
/// The operator's certificate if configured, else one of our own under a local CA in the data folder (`ca.pem`, `ca-key.pem`, `tls.pem`,
/// `tls-key.pem`), for localhost, 127.0.0.1, ::1 and the issuer's host; issued anew when the issuer changed or its end is near.
Result<TlsFiles> prepare_tls(const config::Settings& settings, Timestamp now);

}  // namespace gatehouse::app
