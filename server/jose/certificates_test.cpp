#include "jose/certificates.h"

#include <gtest/gtest.h>

#include "jose/testing.h"

namespace gatehouse::jose {
namespace {

using std::chrono::days;
const Timestamp now = from_micros(1'800'000'000'000'000);

TEST(SelfSignedCertificate, holds_the_key_and_reads_back) {
  for (const Algorithm algorithm : {Algorithm::RS256, Algorithm::PS256, Algorithm::ES256, Algorithm::EdDSA}) {
    const PrivateKey& key = test_key(algorithm);
    const std::string der = key.self_signed_certificate("localhost:8443", now);
    const std::string pem = certificate_pem(der);
    EXPECT_TRUE(pem.starts_with("-----BEGIN CERTIFICATE-----\r\nMII")) << pem;
    EXPECT_TRUE(pem.ends_with("\r\n-----END CERTIFICATE-----")) << "as Auth0 writes it, without a last line end";
    const auto read = PublicKey::from_pem(pem, algorithm);
    ASSERT_TRUE(read.ok()) << to_string(algorithm) << read.error().message;
    EXPECT_TRUE(read->verify("text", key.sign("text"))) << to_string(algorithm);
  }
}

TEST(SelfSignedCertificate, takes_a_name_that_is_too_long_or_odd) {
  const PrivateKey& key = test_key(Algorithm::ES256);
  EXPECT_EQ(certificate_common_name(key.self_signed_certificate("localhost:8443", now)), "localhost:8443");
  EXPECT_EQ(certificate_common_name(key.self_signed_certificate(std::string(300, 'n'), now)), std::string(64, 'n'));
  EXPECT_EQ(certificate_common_name(key.self_signed_certificate("", now)), "");
  std::string umlauts;
  for (int i = 0; i < 40; ++i) umlauts += "ü";
  EXPECT_EQ(certificate_common_name(key.self_signed_certificate("x" + umlauts, now)), "x" + umlauts.substr(0, 62))
      << "no half letter at the end";
}

TEST(Pkcs7, has_the_form_Auth0_shows) {
  const std::string pem = certificate_pkcs7_pem(test_key(Algorithm::RS256).self_signed_certificate("localhost", now));
  EXPECT_TRUE(pem.starts_with("-----BEGIN PKCS7-----\r\nMII"));
  EXPECT_TRUE(pem.ends_with("\r\n-----END PKCS7-----"));
}

class LocalAuthority : public testing::Test {
 protected:
  CertificateAuthority ca_ = *make_certificate_authority("Gatehouse local CA", now);
  std::vector<std::string> hosts_{"localhost", "127.0.0.1", "::1", "gatehouse.test"};
  ServerCertificate server_ = *issue_server_certificate(ca_, hosts_, now);
};

TEST_F(LocalAuthority, issues_a_certificate_that_covers_its_hosts_and_no_others) {
  EXPECT_TRUE(certificate_covers(server_.chain_pem, ca_.certificate_pem, hosts_, now));
  EXPECT_TRUE(certificate_covers(server_.chain_pem, ca_.certificate_pem, {"localhost"}, now));
  EXPECT_FALSE(certificate_covers(server_.chain_pem, ca_.certificate_pem, {"localhost", "other.test"}, now));
  EXPECT_FALSE(certificate_covers(server_.chain_pem, ca_.certificate_pem, {"127.0.0.2"}, now));
  EXPECT_FALSE(certificate_covers(server_.chain_pem, ca_.certificate_pem, {"sub.gatehouse.test"}, now));
}

TEST_F(LocalAuthority, wants_a_new_certificate_a_month_before_the_old_one_ends) {
  EXPECT_TRUE(certificate_covers(server_.chain_pem, ca_.certificate_pem, hosts_, now + days(360)));
  EXPECT_FALSE(certificate_covers(server_.chain_pem, ca_.certificate_pem, hosts_, now + days(370)));
  EXPECT_FALSE(certificate_covers(server_.chain_pem, ca_.certificate_pem, hosts_, now - days(1)));
}

TEST_F(LocalAuthority, does_not_vouch_for_another_authoritys_certificate) {
  const CertificateAuthority other = *make_certificate_authority("Gatehouse local CA", now);
  EXPECT_FALSE(certificate_covers(server_.chain_pem, other.certificate_pem, hosts_, now));
  EXPECT_FALSE(certificate_covers("", ca_.certificate_pem, hosts_, now));
  EXPECT_FALSE(certificate_covers("text", "text", hosts_, now));
}

TEST_F(LocalAuthority, gives_key_and_chain_of_two) {
  EXPECT_TRUE(server_.key_pem.starts_with("-----BEGIN PRIVATE KEY-----\n"));
  EXPECT_TRUE(server_.chain_pem.ends_with(ca_.certificate_pem));
  const auto leaf = PublicKey::from_pem(server_.chain_pem, Algorithm::ES256);
  const auto key = PrivateKey::from_pem(server_.key_pem, Algorithm::ES256);
  ASSERT_TRUE(leaf.ok() && key.ok());
  EXPECT_TRUE(leaf->verify("text", key->sign("text")));
}

TEST_F(LocalAuthority, refuses_names_that_would_smuggle_in_others) {
  for (const std::string host : {"", "a,DNS:b", "a b", "a\nb", "a/b", "email:x", "münchen.example"}) {
    EXPECT_FALSE(issue_server_certificate(ca_, {host}, now).ok()) << host;
  }
  EXPECT_FALSE(issue_server_certificate(ca_, {}, now).ok());
  const CertificateAuthority other = *make_certificate_authority("other", now);
  EXPECT_FALSE(issue_server_certificate({ca_.certificate_pem, other.key_pem}, hosts_, now).ok());
  EXPECT_FALSE(issue_server_certificate({"", ""}, hosts_, now).ok());
}

}  // namespace
}  // namespace gatehouse::jose
