#include "jose/certificates.h"

#include <arpa/inet.h>
#include <openssl/asn1.h>
#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs7.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "base/encoding.h"
#include "jose/key.h"

namespace gatehouse::jose {
namespace {

using std::chrono::days;
constexpr size_t common_name_max = 64;  // ub-common-name (RFC 5280 appendix A.1)

struct ExtensionDeleter {
  void operator()(X509_EXTENSION* p) const { X509_EXTENSION_free(p); }
};
struct Pkcs7Deleter {
  void operator()(PKCS7* p) const { PKCS7_free(p); }
};

// A certificate that begins a moment ago also serves a client whose clock is behind.
constexpr auto backdated = std::chrono::hours(1);

std::string common_name_of(std::string_view text) {
  std::string name(text.substr(0, common_name_max));
  while (!name.empty() && !is_valid_utf8(name)) name.pop_back();
  return name;
}

void set_time(X509* certificate, Timestamp from, Timestamp until) {
  if (!ASN1_TIME_set(X509_getm_notBefore(certificate), to_unix_seconds(from)) ||
      !ASN1_TIME_set(X509_getm_notAfter(certificate), to_unix_seconds(until))) {
    openssl_failed("certificate dates");
  }
}

/// Version 3, a random serial number of 127 bits, subject CN=name.
Owned<X509> new_certificate(std::string_view common_name, EVP_PKEY* key, Timestamp from, Timestamp until) {
  Owned<X509> certificate(X509_new());
  const Owned<BIGNUM> serial(BN_new());
  if (!certificate || !serial || BN_rand(serial.get(), 127, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) != 1 ||
      !BN_to_ASN1_INTEGER(serial.get(), X509_get_serialNumber(certificate.get())) ||
      X509_set_version(certificate.get(), X509_VERSION_3) != 1 || X509_set_pubkey(certificate.get(), key) != 1) {
    openssl_failed("certificate");
  }
  set_time(certificate.get(), from, until);
  const std::string name = common_name_of(common_name);
  if (!name.empty() && X509_NAME_add_entry_by_NID(X509_get_subject_name(certificate.get()), NID_commonName, MBSTRING_UTF8, bytes_of(name),
                                                  static_cast<int>(name.size()), -1, 0) != 1) {
    openssl_failed("certificate subject");
  }
  return certificate;
}

void add_extension(X509* certificate, X509* issuer, int id, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const std::unique_ptr<X509_EXTENSION, ExtensionDeleter> extension(X509V3_EXT_conf_nid(nullptr, &context, id, value.c_str()));
  if (!extension || X509_add_ext(certificate, extension.get(), -1) != 1) openssl_failed("certificate extension");
}

void sign_certificate(X509* certificate, EVP_PKEY* key) {
  const EVP_MD* digest = EVP_PKEY_get_base_id(key) == EVP_PKEY_ED25519 ? nullptr : EVP_sha256();
  if (X509_sign(certificate, key, digest) <= 0) openssl_failed("certificate signature");
}

std::string to_der(const X509* certificate) {
  std::string der(static_cast<size_t>(std::max(0, i2d_X509(certificate, nullptr))), '\0');
  unsigned char* out = bytes_of(der);
  if (i2d_X509(certificate, &out) <= 0) openssl_failed("certificate");
  return der;
}

Owned<X509> from_der(std::string_view der) {
  const unsigned char* in = bytes_of(der);
  return Owned<X509>(d2i_X509(nullptr, &in, static_cast<long>(der.size())));
}

std::string to_pem(X509* certificate) {
  const Owned<BIO> bio(BIO_new(BIO_s_mem()));
  if (!bio || PEM_write_bio_X509(bio.get(), certificate) != 1) openssl_failed("PEM");
  return text_of(bio.get());
}

Owned<X509> from_pem(std::string_view pem) {
  const Owned<BIO> bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  Owned<X509> certificate(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
  forget_openssl_errors();
  return certificate;
}

std::string with_crlf(const std::string& pem) {
  std::string out;
  for (const char c : pem) {
    if (c == '\n')
      out += "\r\n";
    else
      out.push_back(c);
  }
  while (out.ends_with('\n') || out.ends_with('\r')) out.pop_back();
  return out;
}

bool is_ip_address(const std::string& host) {
  std::array<unsigned char, sizeof(in6_addr)> address{};
  return inet_pton(AF_INET, host.c_str(), address.data()) == 1 || inet_pton(AF_INET6, host.c_str(), address.data()) == 1;
}

// The names end in OpenSSL's little extension language, where a comma would begin another entry.
bool is_host_name(const std::string& host) {
  return !host.empty() && host.size() <= 253 && std::ranges::all_of(host, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '*';
  });
}

}  // namespace

std::string PrivateKey::self_signed_certificate(std::string_view common_name, Timestamp from) const {
  EVP_PKEY* key = impl_->key.get();
  const Owned<X509> certificate = new_certificate(common_name, key, from, from + days(3650));
  X509_set_issuer_name(certificate.get(), X509_get_subject_name(certificate.get()));
  add_extension(certificate.get(), certificate.get(), NID_basic_constraints, "critical,CA:TRUE");
  add_extension(certificate.get(), certificate.get(), NID_subject_key_identifier, "hash");
  add_extension(certificate.get(), certificate.get(), NID_key_usage, "critical,digitalSignature,keyCertSign");
  sign_certificate(certificate.get(), key);
  return to_der(certificate.get());
}

std::string certificate_pem(std::string_view der) {
  const Owned<X509> certificate = from_der(der);
  if (!certificate) openssl_failed("certificate");
  return with_crlf(to_pem(certificate.get()));
}

std::string certificate_pkcs7_pem(std::string_view der) {
  const Owned<X509> certificate = from_der(der);
  const std::unique_ptr<PKCS7, Pkcs7Deleter> bundle(PKCS7_new());
  const Owned<BIO> bio(BIO_new(BIO_s_mem()));
  if (!certificate || !bundle || !bio || PKCS7_set_type(bundle.get(), NID_pkcs7_signed) != 1 ||
      PKCS7_content_new(bundle.get(), NID_pkcs7_data) != 1 || PKCS7_add_certificate(bundle.get(), certificate.get()) != 1) {
    openssl_failed("PKCS#7");
  }
  PKCS7_set_detached(bundle.get(), 1);
  if (PEM_write_bio_PKCS7(bio.get(), bundle.get()) != 1) openssl_failed("PKCS#7");
  return with_crlf(text_of(bio.get()));
}

std::string certificate_common_name(std::string_view der) {
  const Owned<X509> certificate = from_der(der);
  if (!certificate) openssl_failed("certificate");
  const X509_NAME* subject = X509_get_subject_name(certificate.get());
  const int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
  if (at < 0) return {};
  const ASN1_STRING* name = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at));
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(name)), static_cast<size_t>(ASN1_STRING_length(name))};
}

Result<CertificateAuthority> make_certificate_authority(std::string_view common_name, Timestamp now) {
  TRY(const PrivateKey key, PrivateKey::generate(Algorithm::ES256));
  const SecretString key_pem = key.to_pem();
  const Owned<BIO> bio(BIO_new_mem_buf(key_pem.reveal().data(), static_cast<int>(key_pem.reveal().size())));
  const Owned<EVP_PKEY> pkey(PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr));
  if (!pkey) openssl_failed("authority's key");
  const Owned<X509> certificate = new_certificate(common_name, pkey.get(), now - backdated, now + days(3650));
  X509_set_issuer_name(certificate.get(), X509_get_subject_name(certificate.get()));
  add_extension(certificate.get(), certificate.get(), NID_basic_constraints, "critical,CA:TRUE,pathlen:0");
  add_extension(certificate.get(), certificate.get(), NID_key_usage, "critical,keyCertSign,cRLSign");
  add_extension(certificate.get(), certificate.get(), NID_subject_key_identifier, "hash");
  sign_certificate(certificate.get(), pkey.get());
  return CertificateAuthority{to_pem(certificate.get()), std::string(key_pem.reveal())};
}

Result<ServerCertificate> issue_server_certificate(const CertificateAuthority& ca, const std::vector<std::string>& hosts, Timestamp now) {
  if (hosts.empty()) return Error{Errc::invalid_argument, "A server certificate needs a host name."};
  std::string names;
  for (const std::string& host : hosts) {
    const bool address = is_ip_address(host);
    if (!address && !is_host_name(host)) return Error{Errc::invalid_argument, "This is not a host name: " + host};
    names += (names.empty() ? "" : ",") + std::string(address ? "IP:" : "DNS:") + host;
  }
  const Owned<X509> issuer = from_pem(ca.certificate_pem);
  const Owned<BIO> bio(BIO_new_mem_buf(ca.key_pem.data(), static_cast<int>(ca.key_pem.size())));
  const Owned<EVP_PKEY> issuer_key(PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr));
  forget_openssl_errors();
  if (!issuer || !issuer_key || X509_check_private_key(issuer.get(), issuer_key.get()) != 1) {
    forget_openssl_errors();
    return Error{Errc::invalid_argument, "The certificate authority's certificate and key do not belong together."};
  }
  TRY(const PrivateKey key, PrivateKey::generate(Algorithm::ES256));
  const SecretString key_pem = key.to_pem();
  const Owned<BIO> key_bio(BIO_new_mem_buf(key_pem.reveal().data(), static_cast<int>(key_pem.reveal().size())));
  const Owned<EVP_PKEY> pkey(PEM_read_bio_PrivateKey(key_bio.get(), nullptr, nullptr, nullptr));
  if (!pkey) openssl_failed("server's key");
  // 397 days is the longest that browsers accept (CA/Browser Forum; Apple HT211025).
  const Owned<X509> certificate = new_certificate(hosts.front(), pkey.get(), now - backdated, now + days(397) - backdated);
  X509_set_issuer_name(certificate.get(), X509_get_subject_name(issuer.get()));
  add_extension(certificate.get(), issuer.get(), NID_basic_constraints, "critical,CA:FALSE");
  add_extension(certificate.get(), issuer.get(), NID_key_usage, "critical,digitalSignature");
  add_extension(certificate.get(), issuer.get(), NID_ext_key_usage, "serverAuth");
  add_extension(certificate.get(), issuer.get(), NID_subject_key_identifier, "hash");
  add_extension(certificate.get(), issuer.get(), NID_authority_key_identifier, "keyid:always");
  add_extension(certificate.get(), issuer.get(), NID_subject_alt_name, names);
  sign_certificate(certificate.get(), issuer_key.get());
  return ServerCertificate{to_pem(certificate.get()) + ca.certificate_pem, std::string(key_pem.reveal())};
}

bool certificate_covers(std::string_view chain_pem, std::string_view ca_pem, const std::vector<std::string>& hosts, Timestamp now) {
  const Owned<X509> certificate = from_pem(chain_pem);
  const Owned<X509> issuer = from_pem(ca_pem);
  if (!certificate || !issuer) return false;
  time_t begin = to_unix_seconds(now);
  time_t end = to_unix_seconds(now + days(30));
  const bool in_time =
      X509_cmp_time(X509_get0_notBefore(certificate.get()), &begin) < 0 && X509_cmp_time(X509_get0_notAfter(certificate.get()), &end) > 0;
  const bool issued = X509_verify(certificate.get(), X509_get0_pubkey(issuer.get())) == 1;
  forget_openssl_errors();
  return in_time && issued && std::ranges::all_of(hosts, [&](const std::string& host) {
           return is_ip_address(host) ? X509_check_ip_asc(certificate.get(), host.c_str(), 0) == 1
                                      : X509_check_host(certificate.get(), host.data(), host.size(), 0, nullptr) == 1;
         });
}

Result<CertificateFacts> read_certificate(std::string_view pem) {
  const Owned<X509> certificate = from_pem(pem);
  if (!certificate) {
    forget_openssl_errors();
    return Error{Errc::invalid_argument, "not a certificate"};
  }
  CertificateFacts facts;
  facts.thumbprint_sha256 = base64url_encode(crypto::sha256(to_der(certificate.get())));
  facts.thumbprint_sha1 = hex_encode(crypto::sha1(to_der(certificate.get())));
  const X509_NAME* subject = X509_get_subject_name(certificate.get());
  for (int i = 0; i < X509_NAME_entry_count(subject); ++i) {
    const X509_NAME_ENTRY* entry = X509_NAME_get_entry(subject, i);
    const char* name = OBJ_nid2ln(OBJ_obj2nid(X509_NAME_ENTRY_get_object(entry)));
    unsigned char* text = nullptr;
    const int length = ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(entry));
    if (name && length >= 0) facts.names.emplace_back(name, std::string(reinterpret_cast<const char*>(text), size_t(length)));
    OPENSSL_free(text);
  }
  const Owned<BIO> bio(BIO_new(BIO_s_mem()));
  if (!bio || X509_NAME_print_ex(bio.get(), X509_get_subject_name(certificate.get()), 0, XN_FLAG_RFC2253) < 0)
    openssl_failed("certificate subject");
  facts.subject = text_of(bio.get());
  tm until{};
  if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate.get()), &until) != 1) {
    forget_openssl_errors();
    return Error{Errc::invalid_argument, "the certificate's end is not a date"};
  }
  facts.expires_at = from_micros(static_cast<int64_t>(timegm(&until)) * 1'000'000);
  return facts;
}

}  // namespace gatehouse::jose
