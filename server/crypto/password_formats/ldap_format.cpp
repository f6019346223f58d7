#include "base/encoding.h"
#include "crypto/crypto.h"
#include "crypto/password_formats/legacy_digests.h"
#include "crypto/password_formats/password_format.h"

// userPassword of RFC 2307 §5.3: {SCHEME}base64(digest ‖ salt), the salted schemes beginning with S as OpenLDAP has them.
namespace gatehouse::crypto {
namespace {

struct Parts {
  std::string digest_name, digest, salt;
};

/// {MD5} {SMD5} {SHA} {SSHA} {SHA256} {SSHA512} …; {SHA} is SHA-1. Nullopt: another scheme, or malformed.
std::optional<Parts> parse(std::string_view text) {
  const size_t end = text.find('}');
  if (text.empty() || text.front() != '{' || end == std::string_view::npos) return std::nullopt;
  std::string scheme = to_lower_ascii(text.substr(1, end - 1));
  const bool salted = scheme.starts_with("ss") || scheme.starts_with("sm");
  if (salted) scheme.erase(0, 1);
  if (scheme == "sha") scheme = "sha1";
  if (scheme != "md5" && scheme != "sha1" && scheme != "sha224" && scheme != "sha256" && scheme != "sha384" && scheme != "sha512")
    return std::nullopt;
  std::string padded(text.substr(end + 1));
  while (padded.ends_with('=')) padded.pop_back();
  while (padded.size() % 4 != 0) padded.push_back('=');
  const auto bytes = base64_decode(padded);
  const size_t size = digest_size(scheme);
  if (!bytes || bytes->size() < size || bytes->size() > size + 64 || (bytes->size() > size) != salted) return std::nullopt;
  return Parts{scheme, bytes->substr(0, size), bytes->substr(size)};
}

}  // namespace

std::optional<std::string> ldap_complaint(const ImportedHash& hash) {
  if (hash.salt) return "The salt of an ldap hash stands in the hash";
  if (!parse(hash.hash)) return "The ldap hash is not of the form {SCHEME}base64 with a scheme of md5, smd5, sha* or ssha*";
  return std::nullopt;
}

Result<bool> verify_ldap_format(std::string_view password, const ImportedHash& hash) {
  const std::optional<Parts> parts = parse(hash.hash);
  if (!parts) return Error{Errc::invalid_argument, "This is not an LDAP password."};
  std::string input(password);
  input += parts->salt;
  const Result<std::string> computed = named_digest(parts->digest_name, input);
  wipe(input.data(), input.size());
  if (!computed) return computed.error();
  return constant_time_equal(*computed, parts->digest);
}

}  // namespace gatehouse::crypto
