#include "crypto/sealing.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "base/encoding.h"
#include "base/files.h"
#include "crypto/aead.h"
#include "crypto/crypto.h"

namespace gatehouse::crypto {
namespace {

constexpr size_t file_size_max = 64 * 1024;

Error file_error(const std::string& file, const char* what) {
  return {Errc::internal, "The master key file " + file + " " + what + ": " + std::strerror(errno)};
}

Result<std::string> read_file(const std::string& file) {
  const int fd = open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) {
    if (errno == ENOENT) return Error{Errc::not_found, "The master key file " + file + " does not exist."};
    return file_error(file, "cannot be opened");
  }
  std::string text(file_size_max, '\0');
  const ssize_t size = read(fd, text.data(), text.size());
  close(fd);
  if (size < 0) return file_error(file, "cannot be read");
  text.resize(static_cast<size_t>(size));
  return text;
}

// Durable before it counts: what is sealed under a key that a power cut loses is lost too.
Result<void> write_new_file(const std::string& file, std::string_view text) {
  const int fd = open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) return file_error(file, "cannot be made");
  const bool written = write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && fsync(fd) == 0;
  if (close(fd) != 0 || !written) {
    const Error error = file_error(file, "cannot be written");
    unlink(file.c_str());
    return error;
  }
  return {};
}

bool is_key_id(std::string_view id) {
  return !id.empty() && id.size() <= 64 && std::ranges::all_of(id, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

std::string new_line(Random& random) { return random.hex(8) + " " + base64_encode(random.bytes(aead_key_size)) + "\n"; }

}  // namespace

Result<MasterKeys> MasterKeys::parse(std::string_view text) {
  MasterKeys keys;
  for (int number = 1; !text.empty(); ++number) {
    const size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    while (!line.empty() && (line.back() == ' ' || line.back() == '\r')) line.remove_suffix(1);
    if (line.empty() || line.front() == '#') continue;
    const std::string where = "Line " + std::to_string(number) + " of the master key file ";
    const size_t blank = line.find(' ');
    const std::string_view id = line.substr(0, blank);
    if (blank == std::string_view::npos || !is_key_id(id)) return Error{Errc::invalid_argument, where + "is not `key-id base64key`."};
    std::optional<std::string> bytes = base64_decode(line.substr(blank + 1));
    if (!bytes || bytes->size() != aead_key_size) return Error{Errc::invalid_argument, where + "has no key of 32 bytes in base64."};
    if (std::ranges::any_of(keys.keys_, [&](const Key& key) { return key.id == id; })) {
      return Error{Errc::invalid_argument, where + "has a key id that stands above it already."};
    }
    keys.keys_.push_back({std::string(id), SecretString(std::move(*bytes))});
  }
  if (keys.keys_.empty()) return Error{Errc::invalid_argument, "The master key file holds no key."};
  return keys;
}

Result<MasterKeys> MasterKeys::load_or_create(const std::string& file, Random& random) {
  Result<std::string> text = read_file(file);
  if (!text && text.error().code == Errc::not_found) {
    // Written aside and linked into place: of two processes that start at once both end with the same key.
    const std::string aside = file + "." + random.hex(8);
    TRY_VOID(write_new_file(aside, new_line(random)));
    const bool linked = link(aside.c_str(), file.c_str()) == 0 || errno == EEXIST;
    const Error error = linked ? Error{} : file_error(file, "cannot be made");
    unlink(aside.c_str());
    if (!linked) return error;
    TRY_VOID(sync_folder_of(file));
    text = read_file(file);
  }
  if (!text) return std::move(text).error();
  Result<MasterKeys> keys = parse(*text);
  wipe(text->data(), text->size());
  return keys;
}

Result<void> MasterKeys::add_new(const std::string& file, Random& random) {
  TRY(std::string old_text, read_file(file));
  std::string text = new_line(random) + old_text;
  TRY(MasterKeys keys, parse(text));
  const std::string aside = file + "." + random.hex(8);
  Result<void> written = write_new_file(aside, text);
  wipe(text.data(), text.size());
  wipe(old_text.data(), old_text.size());
  TRY_VOID(std::move(written));
  if (rename(aside.c_str(), file.c_str()) != 0) {
    const Error error = file_error(file, "cannot be replaced");
    unlink(aside.c_str());
    return error;
  }
  TRY_VOID(sync_folder_of(file));
  keys_ = std::move(keys.keys_);
  return {};
}

struct Sealer::Impl {
  MasterKeys keys;
  Random& random;
};

Sealer::Sealer(MasterKeys keys, Random& random) : impl_(std::make_unique<Impl>(std::move(keys), random)) {}
Sealer::~Sealer() = default;

std::string Sealer::seal(std::string_view secret, std::string_view context) const {
  const MasterKeys::Key& key = impl_->keys.keys().front();
  const std::string nonce = impl_->random.bytes(aead_nonce_size);
  return std::string(prefix) + key.id + "." + base64url_encode(nonce + aes_256_gcm_encrypt(key.bytes.reveal(), nonce, context, secret));
}

Result<SecretString> Sealer::open(std::string_view sealed, std::string_view context) const {
  const Error malformed{Errc::invalid_argument, "This is not a sealed value."};
  if (!sealed.starts_with(prefix)) return malformed;
  sealed.remove_prefix(prefix.size());
  const size_t dot = sealed.find('.');
  if (dot == std::string_view::npos) return malformed;
  const std::string_view id = sealed.substr(0, dot);
  const std::optional<std::string> body = base64url_decode(sealed.substr(dot + 1));
  if (!body || body->size() < aead_nonce_size + aead_tag_size) return malformed;
  const auto& keys = impl_->keys.keys();
  const auto key = std::ranges::find_if(keys, [&](const MasterKeys::Key& k) { return k.id == id; });
  const Error closed{Errc::internal, "A stored secret cannot be opened."};
  if (key == keys.end()) {
    return Error{closed.code, closed.message, "sealed under master key " + std::string(id) + ", which the key file does not have"};
  }
  const std::string_view bytes = *body;
  std::optional<std::string> secret =
      aes_256_gcm_decrypt(key->bytes.reveal(), bytes.substr(0, aead_nonce_size), context, bytes.substr(aead_nonce_size));
  if (!secret) return Error{closed.code, closed.message, "moved, damaged or another master key: " + std::string(context)};
  return SecretString(std::move(*secret));
}

bool Sealer::is_current(std::string_view sealed) const { return sealed.starts_with(std::string(prefix) + impl_->keys.current_id() + "."); }

std::string Sealer::current_key_id() const { return impl_->keys.current_id(); }

}  // namespace gatehouse::crypto
