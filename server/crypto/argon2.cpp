#include <argon2.h>
#include <sys/mman.h>

#include <charconv>

#include "base/encoding.h"
#include "crypto/crypto.h"
#include "crypto/password_scheme.h"

namespace gatehouse::crypto {
namespace {

using SteadyClock = std::chrono::steady_clock;

// A stored hash with a higher cost is a way to stall the server, not a password.
constexpr uint32_t memory_kib_max = 256 * 1024;
constexpr uint32_t passes_max = 32;
constexpr uint32_t lanes_max = 16;
constexpr size_t tag_size = 32;
constexpr size_t huge_page = 2 * 1024 * 1024;

/// Memory for one hash at a time: mapped once, its pages touched beforehand, because 4,900 page faults cost more than a
/// tenth of the hash.
struct Buffer {
  void* data = nullptr;
  size_t size = 0;
  SteadyClock::time_point idle_since{};
};

Buffer map_buffer(size_t wanted) {
  const size_t size = (wanted + huge_page - 1) / huge_page * huge_page;
  void* data = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (data == MAP_FAILED) return {};
  madvise(data, size, MADV_HUGEPAGE);
  madvise(data, size, MADV_DONTDUMP);
  madvise(data, size, MADV_POPULATE_WRITE);
  return {data, size, {}};
}

/// Buffers that wait for the next hash. There are never more than hashes that ran at once, which PasswordHasher bounds.
struct BufferPool {
  std::mutex mutex;
  std::vector<Buffer> idle;
};
BufferPool& pool() {
  static BufferPool* const instance = new BufferPool;  // threads may still hash while statics are destroyed
  return *instance;
}

thread_local Buffer in_use;

int take_buffer(uint8_t** memory, size_t size) {
  {
    BufferPool& buffers = pool();
    const std::lock_guard lock(buffers.mutex);
    const auto found =
        std::ranges::find_if(buffers.idle, [&](const Buffer& b) { return b.size >= size && b.size <= 2 * size + huge_page; });
    if (found != buffers.idle.end()) {
      in_use = *found;
      buffers.idle.erase(found);
      *memory = static_cast<uint8_t*>(in_use.data);
      return ARGON2_OK;
    }
  }
  in_use = map_buffer(size);
  *memory = static_cast<uint8_t*>(in_use.data);
  return in_use.data ? ARGON2_OK : ARGON2_MEMORY_ALLOCATION_ERROR;
}

[[maybe_unused]] bool is_zero(const uint8_t* memory, size_t size) {
  return size == 0 || (memory[0] == 0 && std::memcmp(memory, memory + 1, size - 1) == 0);
}

void return_buffer(uint8_t* memory, [[maybe_unused]] size_t size) {
  if (!memory) return;
  assert(is_zero(memory, size));  // libargon2 wipes its blocks before it frees them; nothing of a password waits in the pool
  in_use.idle_since = SteadyClock::now();
  BufferPool& buffers = pool();
  const std::lock_guard lock(buffers.mutex);
  buffers.idle.push_back(in_use);
}

struct Parsed {
  argon2_type type = Argon2_id;
  uint32_t version = ARGON2_VERSION_10;
  Argon2Cost cost;
  std::string salt;
  std::string tag;
};

// PHC strings use base64 without padding.
std::optional<std::string> decode_unpadded(std::string_view text) {
  std::string padded(text);
  if (padded.find('=') != std::string::npos) return std::nullopt;
  while (padded.size() % 4 != 0) padded.push_back('=');
  return base64_decode(padded);
}

std::string encode_unpadded(std::string_view bytes) {
  std::string text = base64_encode(bytes);
  while (text.ends_with('=')) text.pop_back();
  return text;
}

bool take_prefix(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

bool take_number(std::string_view& text, uint32_t& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || text.front() == '-') return false;
  text.remove_prefix(static_cast<size_t>(end - text.data()));
  return true;
}

/// $argon2id$v=19$m=19456,t=2,p=1$salt$tag; without v=… it is version 1.0, as libargon2 before 2016 wrote it.
std::optional<Parsed> parse(std::string_view text) {
  Parsed parsed;
  if (text.size() > 1024) return std::nullopt;
  if (take_prefix(text, "$argon2id$")) {
    parsed.type = Argon2_id;
  } else if (take_prefix(text, "$argon2i$")) {
    parsed.type = Argon2_i;
  } else {
    return std::nullopt;
  }
  if (take_prefix(text, "v=") && !(take_number(text, parsed.version) && take_prefix(text, "$"))) return std::nullopt;
  if (parsed.version != ARGON2_VERSION_10 && parsed.version != ARGON2_VERSION_13) return std::nullopt;
  Argon2Cost& cost = parsed.cost;
  if (!(take_prefix(text, "m=") && take_number(text, cost.memory_kib) && take_prefix(text, ",t=") && take_number(text, cost.passes) &&
        take_prefix(text, ",p=") && take_number(text, cost.lanes) && take_prefix(text, "$"))) {
    return std::nullopt;
  }
  if (cost.lanes < 1 || cost.lanes > lanes_max || cost.passes < 1 || cost.passes > passes_max || cost.memory_kib < 8 * cost.lanes ||
      cost.memory_kib > memory_kib_max) {
    return std::nullopt;
  }
  const size_t dollar = text.find('$');
  if (dollar == std::string_view::npos) return std::nullopt;
  const auto salt = decode_unpadded(text.substr(0, dollar));
  const auto tag = decode_unpadded(text.substr(dollar + 1));
  if (!salt || !tag || salt->size() < 8 || salt->size() > 64 || tag->size() < 16 || tag->size() > 128) return std::nullopt;
  parsed.salt = *salt;
  parsed.tag = *tag;
  return parsed;
}

Result<std::string> compute(std::string_view password, std::string_view salt, size_t size, const Argon2Cost& cost, argon2_type type,
                            uint32_t version) {
  std::string tag(size, '\0');
  argon2_context context{};
  context.out = reinterpret_cast<uint8_t*>(tag.data());
  context.outlen = static_cast<uint32_t>(tag.size());
  // libargon2 writes to neither unless a flag asks it to.
  context.pwd = reinterpret_cast<uint8_t*>(const_cast<char*>(password.data()));
  context.pwdlen = static_cast<uint32_t>(password.size());
  context.salt = reinterpret_cast<uint8_t*>(const_cast<char*>(salt.data()));
  context.saltlen = static_cast<uint32_t>(salt.size());
  context.t_cost = cost.passes;
  context.m_cost = cost.memory_kib;
  context.lanes = cost.lanes;
  context.threads = 1;  // the same hash as with a thread a lane; the cores belong to the other permits
  context.version = version;
  context.allocate_cbk = take_buffer;
  context.free_cbk = return_buffer;
  if (const int code = argon2_ctx(&context, type); code != ARGON2_OK) {
    return Error{Errc::unavailable, "The password cannot be hashed at the moment.", std::string("argon2: ") + argon2_error_message(code)};
  }
  return tag;
}

}  // namespace

bool is_argon2(std::string_view stored) { return parse(stored).has_value(); }

Result<bool> verify_argon2(std::string_view password, std::string_view stored) {
  const std::optional<Parsed> parsed = parse(stored);
  if (!parsed) return Error{Errc::invalid_argument, "This is not an Argon2 hash."};
  TRY(const std::string tag, compute(password, parsed->salt, parsed->tag.size(), parsed->cost, parsed->type, parsed->version));
  return constant_time_equal(tag, parsed->tag);
}

Result<std::string> hash_argon2id(std::string_view password, std::string_view salt, const Argon2Cost& cost) {
  TRY(const std::string tag, compute(password, salt, tag_size, cost, Argon2_id, ARGON2_VERSION_13));
  return "$argon2id$v=19$m=" + std::to_string(cost.memory_kib) + ",t=" + std::to_string(cost.passes) + ",p=" + std::to_string(cost.lanes) +
         "$" + encode_unpadded(salt) + "$" + encode_unpadded(tag);
}

std::optional<Argon2Cost> argon2id_cost(std::string_view stored) {
  const std::optional<Parsed> parsed = parse(stored);
  if (!parsed || parsed->type != Argon2_id || parsed->version != ARGON2_VERSION_13) return std::nullopt;
  return parsed->cost;
}

size_t trim_argon2_buffers(SteadyClock::duration idle) {
  BufferPool& buffers = pool();
  const std::lock_guard lock(buffers.mutex);
  const auto deadline = SteadyClock::now() - idle;
  std::erase_if(buffers.idle, [&](const Buffer& buffer) {
    if (buffer.idle_since > deadline) return false;
    munmap(buffer.data, buffer.size);
    return true;
  });
  return buffers.idle.size();
}

}  // namespace gatehouse::crypto
