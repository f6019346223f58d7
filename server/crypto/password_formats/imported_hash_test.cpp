#include "crypto/password_formats/imported_hash.h"

#include <gtest/gtest.h>

#include "crypto/password_hash.h"
#include "crypto/password_scheme.h"
#include "crypto/testing.h"

namespace gatehouse::crypto {
namespace {

json::object custom(std::string_view text) { return json::parse(json::string_view(text.data(), text.size())).as_object(); }

bool fits(const std::string& stored, std::string_view password) {
  static FakeRandom random;
  static PasswordHasher hasher({.permits = 1}, random);
  const Result<bool> verified = hasher.verify(password, stored);
  EXPECT_TRUE(verified) << verified.error().message << " " << verified.error().detail;
  EXPECT_TRUE(hasher.needs_rehash(stored) || is_argon2(stored));
  return verified && *verified;
}

struct Case {
  const char* name;
  const char* password;
  const char* hash;
};
class ImportedHashes : public ::testing::TestWithParam<Case> {};

// Published vectors: RFC 1320, 1321, 2202, 4231, 6070, 7914; the others are what Node.js' crypto module says.
INSTANTIATE_TEST_SUITE_P(
    Formats, ImportedHashes,
    ::testing::Values(
        Case{"md4_of_rfc_1320", "abc", R"({"algorithm":"md4","hash":{"value":"a448017aaf21d8525fc10ae87aa6729d","encoding":"hex"}})"},
        Case{"md4_in_base64", "abc", R"({"algorithm":"md4","hash":{"value":"pEgBeq8h2FJfwQroeqZynQ==","encoding":"base64"}})"},
        Case{"ntlm_is_md4_of_utf16", "password",
             R"({"algorithm":"md4","hash":{"value":"8846F7EAEE8FB117AD06BDD830B7586C","encoding":"hex"},"password":{"encoding":"utf16le"}})"},
        Case{"md5_of_rfc_1321", "message digest", R"({"algorithm":"md5","hash":{"value":"f96b697d7cb7938d525a2f31aaf161d0","encoding":"hex"}})"},
        Case{"md5_with_the_salt_in_front_as_auth0_documents_it", "password",
             R"({"algorithm":"md5","hash":{"value":"67A1E09BB1F83F5007DC119C14D663AA","encoding":"hex"},"salt":{"value":"salt","position":"prefix"}})"},
        Case{"md5_with_the_salt_behind", "password",
             R"({"algorithm":"md5","hash":{"value":"b305cadbb3bce54f3aa59c64fec00dea","encoding":"hex"},"salt":{"value":"73616c74","encoding":"hex","position":"suffix"}})"},
        Case{"sha1", "abc", R"({"algorithm":"sha1","hash":{"value":"a9993e364706816aba3e25717850c26c9cd0d89d","encoding":"hex"}})"},
        Case{"sha256_in_url_base64", "abc",
             R"({"algorithm":"sha256","hash":{"value":"ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0","encoding":"base64"}})"},
        Case{"sha512", "abc",
             R"({"algorithm":"sha512","hash":{"value":"ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f","encoding":"hex"}})"},
        Case{"hmac_md5_of_rfc_2202", "what do ya want for nothing?",
             R"({"algorithm":"hmac","hash":{"value":"750c783e6ab0b503eaa86e310a5db738","encoding":"hex","digest":"md5","key":{"value":"Jefe"}}})"},
        Case{"hmac_sha256_of_rfc_4231", "what do ya want for nothing?",
             R"({"algorithm":"hmac","hash":{"value":"5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843","encoding":"hex","digest":"sha256","key":{"value":"4a656665","encoding":"hex"}}})"},
        Case{"pbkdf2_sha1_of_rfc_6070", "password", R"({"algorithm":"pbkdf2","hash":{"value":"$pbkdf2-sha1$i=4096,l=20$c2FsdA$SwB5AbdlSJq+rUnZJvch0GWkKcE"}})"},
        Case{"pbkdf2_under_an_alias", "password",
             R"({"algorithm":"pbkdf2","hash":{"value":"$pbkdf2-RSA-SHA1$i=4096,l=20$c2FsdA$SwB5AbdlSJq+rUnZJvch0GWkKcE","encoding":"utf8"}})"},
        Case{"scrypt_of_rfc_7914", "pleaseletmein",
             R"({"algorithm":"scrypt","hash":{"value":"7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887",)"
             R"("encoding":"hex"},"salt":{"value":"SodiumChloride"},"keylen":64})"},
        Case{"scrypt_with_all_parameters", "password",
             R"({"algorithm":"scrypt","hash":{"value":"fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b3731622eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640",)"
             R"("encoding":"hex"},"salt":{"value":"NaCl"},"keylen":64,"cost":1024,"blockSize":8,"parallelization":16})"},
        Case{"ldap_sha", "password", R"({"algorithm":"ldap","hash":{"value":"{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=","encoding":"utf8"}})"},
        Case{"ldap_ssha", "password", R"({"algorithm":"ldap","hash":{"value":"{SSHA}yI6cZwQadOA1e+/f+T+H3eCQQhRzYWx0"}})"},
        Case{"ldap_md5", "password", R"({"algorithm":"ldap","hash":{"value":"{MD5}X03MO1qnZdYdgyfeuILPmQ=="}})"},
        Case{"bcrypt_of_auth0s_documentation", "hello",
             R"({"algorithm":"bcrypt","hash":{"value":"$2b$10$nFguVi9LsCAcvTZFKQlRKeLVydo8ETv483lkNsSFI/Wl1Rz1Ypo1K"}})"}),
    [](const auto& info) { return info.param.name; });

TEST_P(ImportedHashes, the_right_password_fits_and_no_other) {
  const Result<std::string> stored = stored_form(custom(GetParam().hash));
  ASSERT_TRUE(stored) << stored.error().message;
  EXPECT_TRUE(PasswordHasher::is_supported(*stored));
  EXPECT_TRUE(fits(*stored, GetParam().password));
  EXPECT_FALSE(fits(*stored, std::string(GetParam().password) + "x"));
  EXPECT_FALSE(fits(*stored, ""));
}

TEST(ImportedHash, the_documented_scrypt_pbkdf2_and_ldap_examples_are_accepted) {
  for (const char* text :
       {R"({"algorithm":"pbkdf2","hash":{"value":"$pbkdf2-md4$i=100000,l=64$+N375B8q0Fw$fp2R9KAM4hK/votGHC5Fu+jhqbxUD8+Nic/EMSGvNC3UP/k7wSHI0uXluHRSkZfl/BOheYqNOemayG90ZaSSQw","encoding":"utf8"}})",
        R"({"algorithm":"pbkdf2","hash":{"value":"$pbkdf2-sha512$i=100000,l=64$KNyFsA2rWoE$I2CQGI9H0JxdDf3kERRI97kPCGxh0KWBIV3MxyaS191gDGfzVBGyS4BibhgqWQ0/ails8mHuU9ckASxHOOq58w"}})",
        R"({"algorithm":"ldap","hash":{"value":"{SSHA384}/cgEjdoZh85DhurDeOQEMO1rMlAur93SVPbYe5XSD4lF7nNuvrBju5hUeg9A6agRemgSXGl5YuE=","encoding":"utf8"}})",
        R"({"algorithm":"hmac","hash":{"value":"cg7f42jH39/2EaAU4wNd4s2lKIk=","encoding":"base64","digest":"sha1","key":{"value":"736868","encoding":"hex"}}})",
        R"({"algorithm":"scrypt","hash":{"value":"097f6197e1b41538f723e32aa7a68e8d76227d8e432ce5faa4882a913032db29","encoding":"hex"},"salt":{"value":"abc123","encoding":"utf8"},"keylen":32,"cost":4096})"}) {
    const Result<std::string> stored = stored_form(custom(text));
    EXPECT_TRUE(stored) << text << ": " << stored.error().message;
  }
}

TEST(ImportedHash, what_the_schemes_know_is_stored_as_it_is) {
  constexpr const char* bcrypt = "$2b$10$nFguVi9LsCAcvTZFKQlRKeLVydo8ETv483lkNsSFI/Wl1Rz1Ypo1K";
  constexpr const char* argon2 = "$argon2id$v=19$m=65536,t=2,p=1$J6Q/82PCyaNpYKRELJyTZg$m04qUAB8rexWDR4+/0f+SFB+4XMFxt7YAvAq2UycYos";
  EXPECT_EQ(*stored_form({{"algorithm", "bcrypt"}, {"hash", {{"value", bcrypt}}}}), bcrypt);
  EXPECT_EQ(*stored_form({{"algorithm", "argon2"}, {"hash", {{"value", argon2}}}}), argon2);
}

TEST(ImportedHash, a_salted_bcrypt_counts_the_salt_into_its_72_bytes) {
  // bcrypt("pepperhello")
  const json::object salted{{"algorithm", "bcrypt"},
                            {"hash", {{"value", "$2b$04$abcdefghijklmnopqrstuuEXAMPLEEXAMPLEEXAMPLEEXAMPLEEXA"}}},
                            {"salt", {{"value", "pepper"}, {"position", "prefix"}}}};
  const Result<std::string> stored = stored_form(salted);
  ASSERT_TRUE(stored) << stored.error().message;
  EXPECT_TRUE(is_imported_hash(*stored));
  EXPECT_FALSE(fits(*stored, "hello"));
}

TEST(ImportedHash, a_password_its_old_encoding_cannot_express_is_wrong) {
  const Result<std::string> stored =
      stored_form(custom(R"({"algorithm":"md5","hash":{"value":"d41d8cd98f00b204e9800998ecf8427e","encoding":"hex"},"password":{"encoding":"latin1"}})"));
  ASSERT_TRUE(stored);
  EXPECT_FALSE(fits(*stored, "日本"));  // the hash is that of nothing at all
}

TEST(ImportedHash, latin1_and_utf16_are_what_was_hashed) {
  // md5("caf\xe9")
  const Result<std::string> latin1 =
      stored_form(custom(R"({"algorithm":"md5","hash":{"value":"7b2f7ee8dca3a3a2a3bfb4bf2bd9dc6d","encoding":"hex"},"password":{"encoding":"latin1"}})"));
  ASSERT_TRUE(latin1);
  const ImportedHash hash = *ImportedHash::read(custom(R"({"algorithm":"md5","hash":{"value":"x"},"password":{"encoding":"latin1"}})"));
  EXPECT_EQ(hash.encoded("caf\xc3\xa9"), "caf\xe9");
  ImportedHash wide = hash;
  wide.password_encoding = ImportedHash::PasswordEncoding::utf16le;
  EXPECT_EQ(wide.encoded("a\xf0\x9f\x98\x80"), std::string("a\0\x3d\xd8\x00\xde", 6));
}

TEST(ImportedHash, costs_that_would_stall_a_login_are_refused) {
  for (const char* text :
       {R"({"algorithm":"scrypt","hash":{"value":"00","encoding":"hex"},"salt":{"value":"x"},"keylen":1,"cost":1073741824})",
        R"({"algorithm":"scrypt","hash":{"value":"00","encoding":"hex"},"salt":{"value":"x"},"keylen":1,"cost":16384,"blockSize":9223372036854775807})",
        R"({"algorithm":"scrypt","hash":{"value":"00","encoding":"hex"},"salt":{"value":"x"},"keylen":1,"cost":16384,"parallelization":100000})",
        R"({"algorithm":"scrypt","hash":{"value":"00","encoding":"hex"},"salt":{"value":"x"},"keylen":1,"cost":1000})",
        R"({"algorithm":"scrypt","hash":{"value":"00","encoding":"hex"},"keylen":1})",
        R"({"algorithm":"pbkdf2","hash":{"value":"$pbkdf2-sha1$i=1000000000,l=20$c2FsdA$SwB5AbdlSJq+rUnZJvch0GWkKcE"}})",
        R"({"algorithm":"pbkdf2","hash":{"value":"$pbkdf2-sha1$i=9223372036854775807,l=20$c2FsdA$SwB5AbdlSJq+rUnZJvch0GWkKcE"}})",
        R"({"algorithm":"argon2","hash":{"value":"$argon2id$v=19$m=16777216,t=2,p=1$J6Q/82PCyaNpYKRELJyTZg$m04qUAB8rexWDR4+/0f+SFB+4XMFxt7YAvAq2UycYos"}})",
        R"({"algorithm":"bcrypt","hash":{"value":"$2b$31$nFguVi9LsCAcvTZFKQlRKeLVydo8ETv483lkNsSFI/Wl1Rz1Ypo1K"}})"})
    EXPECT_FALSE(stored_form(custom(text))) << text;
}

TEST(ImportedHash, what_cannot_be_a_hash_of_its_kind_is_refused) {
  for (const char* text :
       {R"({"algorithm":"md5","hash":{"value":"abcd","encoding":"hex"}})", R"({"algorithm":"md5","hash":{"value":"zz","encoding":"hex"}})",
        R"({"algorithm":"rot13","hash":{"value":"nop"}})", R"({"algorithm":"ldap","hash":{"value":"{CRYPT}xyz"}})",
        R"({"algorithm":"ldap","hash":{"value":"{SSHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g="}})", R"({"algorithm":"ldap","hash":{"value":"password"}})",
        R"({"algorithm":"hmac","hash":{"value":"750c783e6ab0b503eaa86e310a5db738","encoding":"hex","digest":"md5"}})",
        R"({"algorithm":"hmac","hash":{"value":"750c783e6ab0b503eaa86e310a5db738","encoding":"hex","digest":"crc32","key":{"value":"Jefe"}}})",
        R"({"algorithm":"pbkdf2","hash":{"value":"$pbkdf2-sha1$i=4096,l=21$c2FsdA$SwB5AbdlSJq+rUnZJvch0GWkKcE"}})",
        R"({"algorithm":"pbkdf2","hash":{"value":"$pbkdf2-none$i=4096,l=20$c2FsdA$SwB5AbdlSJq+rUnZJvch0GWkKcE"}})",
        R"({"algorithm":"bcrypt","hash":{"value":"$2x$10$nFguVi9LsCAcvTZFKQlRKeLVydo8ETv483lkNsSFI/Wl1Rz1Ypo1K"}})"})
    EXPECT_FALSE(stored_form(custom(text))) << text;
}

}  // namespace
}  // namespace gatehouse::crypto
