#include "jobs/gzip.h"

#include <zlib.h>

#include <stdexcept>

namespace gatehouse::jobs {
namespace {

constexpr int level = 5;
constexpr int raw_deflate = -15;  // no zlib header: the gzip one is ours
constexpr int memory = 8;

void append_number(std::string& out, uint32_t number) {
  for (int shift = 0; shift < 32; shift += 8) out += char(number >> shift & 0xff);
}

}  // namespace

std::string GzipFile::head() {
  return {"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff", 10};  // deflate, no name, no time, no particular system
}

std::string GzipFile::piece(std::string_view content) {
  if (content.empty()) return {};
  z_stream stream{};
  if (deflateInit2(&stream, level, Z_DEFLATED, raw_deflate, memory, Z_DEFAULT_STRATEGY) != Z_OK) throw std::bad_alloc();
  constexpr size_t mark = 16;  // a full flush adds an empty block
  std::string out(deflateBound(&stream, content.size()) + mark, '\0');
  stream.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(content.data()));  // NOLINT: zlib does not write there
  stream.avail_in = uInt(content.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = uInt(out.size());
  const int result = deflate(&stream, Z_FULL_FLUSH);
  const bool whole = result == Z_OK && stream.avail_in == 0 && stream.avail_out > 0;
  out.resize(out.size() - stream.avail_out);
  deflateEnd(&stream);
  if (!whole) throw std::logic_error("deflate did not take all");
  crc_ = uint32_t(crc32_z(crc_, reinterpret_cast<const Bytef*>(content.data()), content.size()));
  bytes_ += int64_t(content.size());
  return out;
}

std::string GzipFile::tail() const {
  std::string out("\x03\x00", 2);  // the last block, an empty one
  append_number(out, crc_);
  append_number(out, uint32_t(bytes_));  // modulo 2³², as RFC 1952 wants it
  return out;
}

}  // namespace gatehouse::jobs
