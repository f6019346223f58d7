#include "jobs/gzip.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <random>

namespace gatehouse::jobs {
namespace {

/// zlib's own reader of gzip files; empty when it refuses.
std::string unpacked(const std::string& file) {
  z_stream stream{};
  inflateInit2(&stream, 15 + 16);
  stream.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(file.data()));
  stream.avail_in = uInt(file.size());
  std::string out;
  int result = Z_OK;
  while (result == Z_OK) {
    char bytes[4096];
    stream.next_out = reinterpret_cast<Bytef*>(bytes);
    stream.avail_out = sizeof bytes;
    result = inflate(&stream, Z_NO_FLUSH);
    out.append(bytes, sizeof bytes - stream.avail_out);
  }
  const bool whole = result == Z_STREAM_END && stream.avail_in == 0;
  inflateEnd(&stream);
  return whole ? out : "";
}

TEST(GzipFile, is_one_file_whoever_made_its_pieces) {
  const std::string first = "one\n" + std::string(300'000, 'x'), second(100'000, 'x'), third = "three\n";
  GzipFile one;
  std::string file = GzipFile::head();
  file += one.piece(first);
  file += one.piece("");
  GzipFile another(one.crc(), one.bytes());  // after an interruption
  file += another.piece(second);
  file += another.piece(third);
  file += another.tail();
  EXPECT_EQ(unpacked(file), first + second + third);
  EXPECT_LT(file.size(), 2'000u);
}

TEST(GzipFile, holds_nothing_or_what_cannot_be_compressed) {
  EXPECT_EQ(unpacked(GzipFile::head() + GzipFile().tail()), "");
  std::mt19937 chance(7);  // NOLINT: the same every time
  std::string noise(700'000, '\0');
  for (char& c : noise) c = char(chance());
  GzipFile gzip;
  const std::string piece = gzip.piece(noise);
  EXPECT_EQ(unpacked(GzipFile::head() + piece + gzip.tail()), noise);
  EXPECT_LT(piece.size(), noise.size() + 1'000);
}

TEST(GzipFile, shows_in_its_trailer_when_a_piece_is_missing) {
  GzipFile gzip;
  const std::string first = gzip.piece("first"), second = gzip.piece("second");
  EXPECT_EQ(unpacked(GzipFile::head() + first + second + gzip.tail()), "firstsecond");
  EXPECT_EQ(unpacked(GzipFile::head() + second + gzip.tail()), "");
}

}  // namespace
}  // namespace gatehouse::jobs
