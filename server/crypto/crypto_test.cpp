#include "crypto/crypto.h"

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "crypto/aead.h"

namespace gatehouse::crypto {
namespace {

TEST(Digests, match_the_published_vectors) {  // FIPS 180-4 examples, RFC 1321 §A.5
  EXPECT_EQ(hex_encode(sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(hex_encode(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(hex_encode(digest(Digest::sha384, "abc")),
            "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7");
  EXPECT_EQ(hex_encode(digest(Digest::sha512, "abc")),
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd"
            "454d4423643ce80e2a9ac94fa54ca49f");
  EXPECT_EQ(hex_encode(sha1("abc")), "a9993e364706816aba3e25717850c26c9cd0d89d");
  EXPECT_EQ(hex_encode(md5("message digest")), "f96b697d7cb7938d525a2f31aaf161d0");
}

TEST(Digests, can_be_alternated_on_one_thread) {
  const std::string first = sha256("a");
  EXPECT_EQ(hex_encode(sha1("abc")), "a9993e364706816aba3e25717850c26c9cd0d89d");
  EXPECT_EQ(sha256("a"), first);
}

TEST(Hmac, matches_RFC_4231) {
  const std::string key(20, '\x0b');
  EXPECT_EQ(hex_encode(hmac_sha256(key, "Hi There")), "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(hex_encode(hmac(Digest::sha384, "Jefe", "what do ya want for nothing?")),
            "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649");
  EXPECT_EQ(hex_encode(hmac(Digest::sha512, "Jefe", "what do ya want for nothing?")),
            "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fd"
            "caeab1a34d4a6b4b636e070a38bce737");
  const std::string long_key(131, '\xaa');
  EXPECT_EQ(hex_encode(hmac_sha256(long_key, "Test Using Larger Than Block-Size Key - Hash Key First")),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(Hmac, an_empty_key_is_an_empty_key_and_not_the_one_before) {
  const std::string empty = "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad";
  EXPECT_EQ(hex_encode(hmac_sha256("", "")), empty);
  hmac_sha256("another key", "data");
  EXPECT_EQ(hex_encode(hmac_sha256({}, {})), empty);
}

TEST(Hmac, is_the_same_on_many_threads) {
  std::vector<std::thread> threads;
  std::atomic<int> wrong = 0;
  const std::string expected = hmac_sha256("key", "data");
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 500; ++i) wrong += hmac_sha256("key", "data") != expected;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

TEST(ConstantTimeEqual, compares_like_equality) {
  EXPECT_TRUE(constant_time_equal("", ""));
  EXPECT_TRUE(constant_time_equal("abc", "abc"));
  EXPECT_FALSE(constant_time_equal("abc", "abd"));
  EXPECT_FALSE(constant_time_equal("abc", "abcd"));
  EXPECT_FALSE(constant_time_equal(std::string("a\0b", 3), std::string("a\0c", 3)));
}

TEST(Aes256Gcm, matches_the_NIST_vector) {  // gcmEncryptExtIV256, test case 16 of the GCM specification
  const auto bytes = [](const char* hex) { return *hex_decode(hex); };
  const std::string key = bytes("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308");
  const std::string nonce = bytes("cafebabefacedbaddecaf888");
  const std::string associated = bytes("feedfacedeadbeeffeedfacedeadbeefabaddad2");
  const std::string plaintext =
      bytes("d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39");
  const std::string sealed = aes_256_gcm_encrypt(key, nonce, associated, plaintext);
  EXPECT_EQ(hex_encode(sealed),
            "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
            "76fc6ece0f4e1768cddf8853bb2d551b");
  EXPECT_EQ(aes_256_gcm_decrypt(key, nonce, associated, sealed), plaintext);
}

TEST(Aes256Gcm, opens_nothing_that_was_touched) {
  const std::string key(32, 'k');
  const std::string nonce(12, 'n');
  const std::string sealed = aes_256_gcm_encrypt(key, nonce, "where", "secret");
  for (size_t at = 0; at < sealed.size(); ++at) {
    std::string touched = sealed;
    touched[at] = static_cast<char>(touched[at] ^ 1);
    EXPECT_FALSE(aes_256_gcm_decrypt(key, nonce, "where", touched)) << at;
  }
  EXPECT_FALSE(aes_256_gcm_decrypt(key, nonce, "elsewhere", sealed));
  EXPECT_FALSE(aes_256_gcm_decrypt(key, nonce, "where", sealed.substr(0, sealed.size() - 1)));
  EXPECT_FALSE(aes_256_gcm_decrypt(key, nonce, "where", sealed.substr(0, 15)));
  EXPECT_FALSE(aes_256_gcm_decrypt(std::string(31, 'k'), nonce, "where", sealed));
  EXPECT_FALSE(aes_256_gcm_decrypt(key, std::string(11, 'n'), "where", sealed));
  EXPECT_FALSE(aes_256_gcm_decrypt(key, nonce, "where", ""));
  EXPECT_EQ(aes_256_gcm_decrypt(key, nonce, "where", sealed), "secret");
}

TEST(Aes256Gcm, seals_the_empty_string) {
  const std::string key(32, 'k');
  const std::string nonce(12, 'n');
  EXPECT_EQ(aes_256_gcm_decrypt(key, nonce, "", aes_256_gcm_encrypt(key, nonce, "", "")), "");
  EXPECT_THROW(aes_256_gcm_encrypt("short", nonce, "", ""), std::invalid_argument);
}

}  // namespace
}  // namespace gatehouse::crypto
