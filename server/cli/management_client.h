#pragma once
#include <string>

#include "base/json.h"
#include "base/secret_string.h"
#include "config/settings.h"

namespace gatehouse::cli {

/// The Management API of the server that runs on a data folder, called as its bootstrap client over loopback TLS.
class ManagementClient {
 public:
  /// Reads DATA/bootstrap.json and gets a token. Errors: not_found (no such file), unavailable (no server answers).
  static Result<ManagementClient> connect(const config::Settings& settings);

  struct Answer {
    int status = 0;
    json::value body;
  };
  /// `path` below /api/v2.
  Result<Answer> call(const std::string& method, const std::string& path, const json::value& body = nullptr);
  /// The same; an answer that is not 2xx is an error with the server's message.
  Result<json::value> expect(const std::string& method, const std::string& path, const json::value& body = nullptr);

  [[nodiscard]] const std::string& issuer() const { return issuer_; }
  [[nodiscard]] const std::string& domain() const { return domain_; }
  [[nodiscard]] const std::string& ca_file() const { return ca_file_; }

 private:
  Result<Answer> send(const std::string& method, const std::string& url, const json::value& body, bool with_token);
  std::string issuer_, domain_, ca_file_;
  SecretString token_;
};

}  // namespace gatehouse::cli
