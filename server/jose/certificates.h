#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace gatehouse::jose {

/// A local certificate authority and a server certificate under it, for TLS on a developer's machine. PEM texts.
struct CertificateAuthority {
  std::string certificate_pem;  ///< CA:TRUE, keyCertSign; ECDSA P-256
  std::string key_pem;
};
Result<CertificateAuthority> make_certificate_authority(std::string_view common_name, Timestamp now);

struct ServerCertificate {
  std::string chain_pem;  ///< leaf, then CA
  std::string key_pem;
};
/// Leaf for DNS names and IP addresses (SAN), serverAuth, 397 days.
Result<ServerCertificate> issue_server_certificate(const CertificateAuthority& ca, const std::vector<std::string>& hosts, Timestamp now);
/// Whether the first certificate of a PEM covers all hosts, was issued by `ca_pem`, and stays valid for 30 days more.
bool certificate_covers(std::string_view chain_pem, std::string_view ca_pem, const std::vector<std::string>& hosts, Timestamp now);

/// What the first certificate of a PEM says about itself.
struct CertificateFacts {
  std::string thumbprint_sha256;  ///< base64url, as x5t#S256 (RFC 7515 §4.1.8)
  std::string thumbprint_sha1;    ///< lower-case hex
  std::string subject;            ///< RFC 2253
  std::vector<std::pair<std::string, std::string>> names{};  ///< of the subject, one by one: {"commonName", "example.com"}
  Timestamp expires_at{};
};
/// Errors: invalid_argument (not a certificate).
Result<CertificateFacts> read_certificate(std::string_view pem);

}  // namespace gatehouse::jose
