#include "crypto/password_formats/imported_hash.h"

#include <array>

#include "base/encoding.h"
#include "crypto/crypto.h"
#include "crypto/password_formats/password_format.h"
#include "crypto/password_scheme.h"

namespace gatehouse::crypto {
namespace {

constexpr std::array<PasswordFormat, 11> formats{{
    {"argon2", argon2_complaint, verify_argon2_format},
    {"bcrypt", bcrypt_complaint, verify_bcrypt_format},
    {"hmac", hmac_complaint, verify_hmac_format},
    {"ldap", ldap_complaint, verify_ldap_format},
    {"md4", digest_complaint, verify_digest_format},
    {"md5", digest_complaint, verify_digest_format},
    {"sha1", digest_complaint, verify_digest_format},
    {"sha256", digest_complaint, verify_digest_format},
    {"sha512", digest_complaint, verify_digest_format},
    {"pbkdf2", pbkdf2_complaint, verify_pbkdf2_format},
    {"scrypt", scrypt_complaint, verify_scrypt_format},
}};

constexpr std::string_view stored_prefix = R"({"algorithm":)";  // nothing else that is stored begins like this

Error unfit(std::string sentence) { return Error{Errc::invalid_argument, std::move(sentence)}; }

/// Base64 as Node.js reads it: either alphabet, padded or not.
std::optional<std::string> decode_base64(std::string text) {
  for (char& c : text) c = c == '-' ? '+' : c == '_' ? '/' : c;
  while (text.ends_with('=')) text.pop_back();
  while (text.size() % 4 != 0) text.push_back('=');
  return base64_decode(text);
}

/// A {value, encoding} object of the schema.
Result<std::string> decoded(const json::object& object, std::string_view what, std::string_view usual) {
  const std::string value(get_string(object, "value").value_or(""));
  const std::string_view encoding = get_string(object, "encoding").value_or(usual);
  if (encoding == "utf8") return value;
  std::optional<std::string> bytes = encoding == "hex"      ? hex_decode(to_lower_ascii(value))
                                     : encoding == "base64" ? decode_base64(value)
                                                            : std::nullopt;
  if (!bytes) return unfit("The value of " + std::string(what) + " is not " + std::string(encoding));
  return *std::move(bytes);
}

ImportedHash::PasswordEncoding password_encoding(std::string_view name) {
  using Encoding = ImportedHash::PasswordEncoding;
  if (name == "ascii") return Encoding::ascii;
  if (name == "latin1" || name == "binary") return Encoding::latin1;
  if (name == "utf16le" || name == "ucs2") return Encoding::utf16le;
  return Encoding::utf8;
}

/// The next code point of a well-formed UTF-8 text.
char32_t next_code_point(std::string_view text, size_t& at) {
  const auto first = static_cast<unsigned char>(text[at++]);
  if (first < 0x80) return first;
  const int more = first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : 1;
  char32_t point = first & (0x3F >> more);
  for (int i = 0; i < more; ++i) point = point << 6 | (static_cast<unsigned char>(text[at++]) & 0x3F);
  return point;
}

void append_utf16le(std::string& out, char32_t point) {
  const auto unit = [&](char32_t u) { out.append({static_cast<char>(u & 0xFF), static_cast<char>(u >> 8 & 0xFF)}); };
  if (point < 0x10000) return unit(point);
  unit(0xD800 + ((point - 0x10000) >> 10));
  unit(0xDC00 + ((point - 0x10000) & 0x3FF));
}

}  // namespace

const PasswordFormat* password_format(std::string_view algorithm) {
  const auto found = std::ranges::find(formats, algorithm, &PasswordFormat::algorithm);
  return found == formats.end() ? nullptr : &*found;
}

Result<ImportedHash> ImportedHash::read(const json::object& object) {
  ImportedHash out;
  out.algorithm = get_string(object, "algorithm").value_or("");
  const json::object* hash = get_object(object, "hash");
  if (!hash || !get_string(*hash, "value")) return unfit("hash.value is missing");
  TRY(out.hash, decoded(*hash, "hash", "utf8"));
  if (const json::object* salt = get_object(object, "salt")) {
    TRY(out.salt, decoded(*salt, "salt", "utf8"));
    if (get_string(*salt, "position") == "suffix") out.salt_position = SaltPosition::suffix;
  }
  if (const json::object* password = get_object(object, "password"))
    out.password_encoding = crypto::password_encoding(get_string(*password, "encoding").value_or("utf8"));
  out.digest = get_string(*hash, "digest").value_or("");
  if (const json::object* key = get_object(*hash, "key")) {
    TRY(out.key, decoded(*key, "hash.key", "utf8"));
  }
  out.keylen = get_int(object, "keylen").value_or(0);
  out.cost = get_int(object, "cost").value_or(out.cost);
  out.block_size = get_int(object, "blockSize").value_or(out.block_size);
  out.parallelization = get_int(object, "parallelization").value_or(out.parallelization);
  return out;
}

std::string ImportedHash::salted(std::string_view text) const {
  std::string out(salt_position == SaltPosition::prefix ? salt.value_or("") : std::string());
  out.append(text);
  if (salt_position == SaltPosition::suffix) out.append(salt.value_or(""));
  return out;
}

std::optional<std::string> ImportedHash::encoded(std::string_view password) const {
  if (password_encoding == PasswordEncoding::utf8) return std::string(password);
  if (!is_valid_utf8(password)) return std::nullopt;
  std::string out;
  for (size_t at = 0; at < password.size();) {
    const char32_t point = next_code_point(password, at);
    if (password_encoding == PasswordEncoding::utf16le) {
      append_utf16le(out, point);
      continue;
    }
    if (point > (password_encoding == PasswordEncoding::ascii ? 0x7FU : 0xFFU)) return std::nullopt;
    out.push_back(static_cast<char>(point));
  }
  return out;
}

Result<std::string> stored_form(const json::object& custom_password_hash) {
  TRY(const ImportedHash hash, ImportedHash::read(custom_password_hash));
  const PasswordFormat* format = password_format(hash.algorithm);
  if (!format) return unfit("The algorithm " + hash.algorithm + " is not known");
  if (auto complaint = format->complaint(hash)) return unfit(*std::move(complaint));
  // Where the text says everything, it is stored like our own: the schemes that know it need no detour.
  const bool plain = !hash.salt && hash.password_encoding == ImportedHash::PasswordEncoding::utf8;
  if (plain && (is_bcrypt(hash.hash) || is_argon2(hash.hash))) return hash.hash;
  json::object stored{{"algorithm", hash.algorithm}};
  for (const auto& [key, value] : custom_password_hash)
    if (key != "algorithm") stored[key] = value;
  return json::serialize(stored);
}

bool is_imported_hash(std::string_view stored) { return stored.starts_with(stored_prefix); }

Result<bool> verify_imported_hash(std::string_view password, std::string_view stored) {
  TRY(const json::value value, parse_json(stored));
  TRY(const ImportedHash hash, ImportedHash::read(value.as_object()));
  const PasswordFormat* format = password_format(hash.algorithm);
  if (!format || format->complaint(hash))
    return Error{Errc::internal, "The password cannot be checked.", "a stored hash of the form " + hash.algorithm + " is refused"};
  // A password that the old system's encoding cannot express is wrong, at the price of a check all the same.
  std::optional<std::string> bytes = hash.encoded(password);
  const bool expressible = bytes.has_value();
  std::string phrase = std::move(bytes).value_or("");
  Result<bool> fits = format->verify(phrase, hash);
  wipe(phrase.data(), phrase.size());
  if (!fits) return fits;
  return expressible && *fits;
}

}  // namespace gatehouse::crypto
