#include "app/data_folder.h"

#include <sys/stat.h>

#include <cerrno>
#include <filesystem>

#include "base/files.h"
#include "jose/certificates.h"

namespace gatehouse::app {
namespace {

/// Host of the issuer without its port, brackets of an IPv6 address taken off: what a certificate names.
std::string certificate_host(const std::string& issuer) {
  std::string host = config::issuer_host(issuer);
  if (host.starts_with('[')) return host.substr(1, host.find(']') - 1);
  return host.substr(0, host.find(':'));
}

}  // namespace

Result<void> make_data_folder(const std::string& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return Error{Errc::unavailable, "The data folder cannot be made: " + folder + ": " + error.message()};
  if (::chmod(folder.c_str(), 0700) != 0)
    return Error{Errc::unavailable, "The data folder's mode cannot be set: " + folder + ": " + std::strerror(errno)};
  return {};
}

Result<TlsFiles> prepare_tls(const config::Settings& settings, Timestamp now) {
  const std::string folder = std::filesystem::absolute(settings.data).lexically_normal().string();
  const TlsFiles own{folder + "/tls.pem", folder + "/tls-key.pem", folder + "/ca.pem"};
  if (!settings.tls_cert.empty()) return TlsFiles{settings.tls_cert, settings.tls_key, settings.tls_cert};

  jose::CertificateAuthority ca;
  Result<std::string> ca_cert = read_file(own.ca_file), ca_key = read_file(folder + "/ca-key.pem");
  if (ca_cert && ca_key) {
    ca = {std::move(*ca_cert), std::move(*ca_key)};
  } else {
    TRY(ca, jose::make_certificate_authority("Gatehouse local CA", now));
    TRY_VOID(write_file(folder + "/ca-key.pem", ca.key_pem, 0600));
    TRY_VOID(write_file(own.ca_file, ca.certificate_pem, 0644));
  }

  std::vector<std::string> hosts{"localhost", "127.0.0.1", "::1"};
  if (const std::string host = certificate_host(settings.issuer); std::find(hosts.begin(), hosts.end(), host) == hosts.end())
    hosts.push_back(host);
  const Result<std::string> chain = read_file(own.cert_file);
  if (!chain || !read_file(own.key_file) || !jose::certificate_covers(*chain, ca.certificate_pem, hosts, now)) {
    TRY(const jose::ServerCertificate certificate, jose::issue_server_certificate(ca, hosts, now));
    TRY_VOID(write_file(own.key_file, certificate.key_pem, 0600));
    TRY_VOID(write_file(own.cert_file, certificate.chain_pem, 0644));
  }
  return own;
}

}  // namespace gatehouse::app
