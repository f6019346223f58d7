#include "webauthn/webauthn.h"

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "crypto/crypto.h"
#include "webauthn/authenticator_data.h"
#include "webauthn/cbor.h"
#include "webauthn/client_data.h"
#include "webauthn/testing.h"

namespace gatehouse::webauthn {
namespace {

const RelyingParty kParty = *RelyingParty::of("https://login.example.com/");
const std::string kHandle = user_handle("acme", "auth0|1");

struct Ceremony {
  explicit Ceremony(Algorithm algorithm = Algorithm::ES256) : authenticator(algorithm) {}
  std::string challenge = std::string(31, 'c') + "1";
  TestAuthenticator authenticator;

  [[nodiscard]] json::object creation() const {
    return CreationOptions{
        .party = kParty, .challenge = challenge, .user_handle = kHandle, .name = "ada", .display_name = "Ada", .resident = true}
        .to_json();
  }
  [[nodiscard]] json::object request() const { return RequestOptions{.party = kParty, .challenge = challenge}.to_json(); }
  Result<Registration> register_with(const Lies& lies = {}, bool verified = false) {
    return Registration::verify({kParty, challenge, verified}, authenticator.create(creation(), lies));
  }
  Result<Assertion> assert_with(const Credential& credential, const Lies& lies = {}, bool verified = false, bool must_name_user = true) {
    return Assertion::verify({kParty, challenge, verified}, credential, kHandle, must_name_user, authenticator.get(request(), lies));
  }
  Credential registered(const Lies& lies = {}) {
    auto made = register_with(lies);
    EXPECT_TRUE(made.ok()) << (made.ok() ? "" : made.error().detail);
    return made.ok() ? made->credential() : Credential{};
  }
};

std::string why(const auto& result) {
  return result.ok() ? "taken" : result.error().detail.empty() ? result.error().message : result.error().detail;
}

class EachAlgorithm : public testing::TestWithParam<Algorithm> {};

TEST_P(EachAlgorithm, RegistersAndSignsIn) {
  Ceremony ceremony(GetParam());
  auto made = ceremony.register_with();
  ASSERT_TRUE(made.ok()) << why(made);
  EXPECT_EQ(made->credential().id, ceremony.authenticator.credential_id);
  EXPECT_EQ(made->aaguid(), "2a2a2a2a-2a2a-2a2a-2a2a-2a2a2a2a2a2a");
  EXPECT_EQ(made->transports(), (std::vector<std::string>{"internal", "hybrid"}));
  EXPECT_EQ(made->attachment(), "platform");
  EXPECT_EQ(made->rp_id(), "login.example.com");
  EXPECT_TRUE(made->user_verified());
  const auto asserted = ceremony.assert_with(made->credential());
  ASSERT_TRUE(asserted.ok()) << why(asserted);
  EXPECT_EQ(asserted->sign_count(), 2u);
  EXPECT_EQ(asserted->previous_sign_count(), 1u);
  EXPECT_EQ(asserted->credential_id(), ceremony.authenticator.credential_id);
}

TEST_P(EachAlgorithm, RefusesAnotherKeysSignature) {
  Ceremony ceremony(GetParam());
  const Credential credential = ceremony.registered();
  EXPECT_EQ(why(ceremony.assert_with(credential, {.another_key = true})), "signature");
}

INSTANTIATE_TEST_SUITE_P(WebAuthn, EachAlgorithm, testing::Values(Algorithm::EdDSA, Algorithm::ES256, Algorithm::RS256),
                         [](const auto& info) {
                           return info.param == Algorithm::EdDSA ? "EdDSA" : info.param == Algorithm::ES256 ? "ES256" : "RS256";
                         });

struct Lie {
  const char* name;
  Lies lies;
  bool verified = false;
  const char* answer;
};

const Lie kLies[] = {
    {"AnotherOrigin", {.origin = "https://login.example.com.evil.test"}, false, "origin https://login.example.com.evil.test"},
    {"TheOriginWithoutTls", {.origin = "http://login.example.com"}, false, "origin http://login.example.com"},
    {"AnotherPort", {.origin = "https://login.example.com:8443"}, false, "origin https://login.example.com:8443"},
    {"AnotherRelyingParty", {.rp_id = "example.com"}, false, "another relying party"},
    {"AnotherChallenge", {.challenge = std::string(32, 'd')}, false, "another challenge"},
    {"AShorterChallenge", {.challenge = std::string(31, 'c')}, false, "another challenge"},
    {"AFrameOfAnotherSite", {.cross_origin = true}, false, "in a frame of another site"},
    {"ATopOrigin", {.client_data = R"(,"topOrigin":"https://evil.test")"}, false, "in a frame of another site"},
    {"NobodyThere", {.user_present = false}, false, "the user was not there"},
    {"NobodyVerified", {.user_verified = false}, true, "the user was not verified"},
    {"BackedUpWithoutBeingEligible", {.backed_up = true}, false, "backed up, but not eligible (§6.1.3)"},
    {"TrailingBytes", {.trailing = true}, false, "trailing bytes"},
};

class EachLie : public testing::TestWithParam<Lie> {};

TEST_P(EachLie, IsRefusedAtRegistration) {
  Ceremony ceremony;
  EXPECT_EQ(why(ceremony.register_with(GetParam().lies, GetParam().verified)), GetParam().answer);
}

TEST_P(EachLie, IsRefusedAtSignIn) {
  Ceremony ceremony;
  const Credential credential = ceremony.registered();
  EXPECT_EQ(why(ceremony.assert_with(credential, GetParam().lies, GetParam().verified)), GetParam().answer);
}

INSTANTIATE_TEST_SUITE_P(WebAuthn, EachLie, testing::ValuesIn(kLies), [](const auto& info) { return info.param.name; });

TEST(WebAuthn, ARegistrationIsNoSignInAndTheOtherWayRound) {
  Ceremony ceremony;
  EXPECT_EQ(why(ceremony.register_with({.type = "webauthn.get"})), "type webauthn.get");
  const Credential credential = ceremony.registered();
  EXPECT_EQ(why(ceremony.assert_with(credential, {.type = "webauthn.create"})), "type webauthn.create");
}

TEST(WebAuthn, TheCounterMustGrow) {
  Ceremony ceremony;
  Credential credential = ceremony.registered();
  credential.sign_count = 7;
  for (const uint32_t count : {0U, 6U, 7U})
    EXPECT_TRUE(why(ceremony.assert_with(credential, {.sign_count = count})).starts_with("the signature counter"));
  EXPECT_TRUE(ceremony.assert_with(credential, {.sign_count = 8}).ok());
}

TEST(WebAuthn, AnAuthenticatorThatNeverCountsIsFine) {
  Ceremony ceremony;
  ceremony.authenticator.counts = false;
  const Credential credential = ceremony.registered();
  EXPECT_EQ(credential.sign_count, 0u);
  EXPECT_TRUE(ceremony.assert_with(credential).ok());
}

TEST(WebAuthn, ThePasskeyOfAnotherUserIsRefused) {
  Ceremony ceremony;
  const Credential credential = ceremony.registered();
  EXPECT_EQ(why(ceremony.assert_with(credential, {.user_handle = user_handle("acme", "auth0|2")})), "user handle");
  EXPECT_EQ(why(ceremony.assert_with(credential, {.user_handle = ""})), "user handle");
  EXPECT_TRUE(ceremony.assert_with(credential, {.user_handle = ""}, false, false).ok()) << "a security key that stores no user";
  EXPECT_EQ(why(ceremony.assert_with(credential, {.user_handle = "x"}, false, false)), "user handle");
}

TEST(WebAuthn, AnotherCredentialIsRefused) {
  Ceremony ceremony, other;
  const Credential credential = ceremony.registered();
  EXPECT_EQ(why(ceremony.assert_with(other.registered())), "another credential");
  json::object answer = ceremony.authenticator.get(ceremony.request());
  answer["rawId"] = base64url_encode("something else");
  EXPECT_EQ(why(Assertion::verify({kParty, ceremony.challenge}, credential, kHandle, true, answer)), "rawId differs from id");
}

TEST(WebAuthn, BackupFlagsAreKept) {
  Ceremony ceremony;
  const Credential credential = ceremony.registered({.backup_eligible = true});
  EXPECT_TRUE(credential.backup_eligible);
  EXPECT_FALSE(credential.backed_up);
  const auto asserted = ceremony.assert_with(credential, {.backup_eligible = true, .backed_up = true});
  ASSERT_TRUE(asserted.ok()) << why(asserted);
  EXPECT_TRUE(asserted->backed_up());
  EXPECT_EQ(why(ceremony.assert_with(credential)), "backup eligibility changed (§7.2 step 18)");
}

TEST(WebAuthn, ExtensionsAndAttestationsAreReadOver) {
  Ceremony ceremony;
  const auto made = ceremony.register_with({.extensions = true, .attestation = true});
  ASSERT_TRUE(made.ok()) << why(made);
  EXPECT_EQ(made->attestation_format(), "packed");
  const auto asserted = ceremony.assert_with(made->credential(), {.extensions = true});
  EXPECT_TRUE(asserted.ok()) << why(asserted);
}

TEST(WebAuthn, ABitThatChangedIsNoticed) {
  Ceremony ceremony;
  const Credential credential = ceremony.registered();
  for (const char* member : {"clientDataJSON", "authenticatorData", "signature"}) {
    json::object answer = ceremony.authenticator.get(ceremony.request());
    json::object& inner = answer["response"].as_object();
    std::string bytes = *base64url_decode(inner[member].as_string());
    bytes[bytes.size() - 3] ^= 1;
    inner[member] = base64url_encode(bytes);
    EXPECT_FALSE(Assertion::verify({kParty, ceremony.challenge}, credential, kHandle, true, answer).ok()) << member;
    inner.erase(member);
    EXPECT_FALSE(Assertion::verify({kParty, ceremony.challenge}, credential, kHandle, true, answer).ok()) << member;
  }
}

TEST(WebAuthn, KeysThatWereNotAskedForAreRefused) {
  const auto key = [](std::initializer_list<std::pair<int64_t, std::string>> pairs) {
    std::string out = cbor_head(5, pairs.size());
    for (const auto& [label, value] : pairs) out += cbor_integer(label) + value;
    return out;
  };
  const std::string x(32, '\1'), y(32, '\2');
  EXPECT_EQ(why(check_public_key(
                key({{1, cbor_integer(2)}, {3, cbor_integer(-7)}, {-1, cbor_integer(1)}, {-2, cbor_bytes(x)}, {-3, cbor_bytes(y)}}))),
            "ES256: no such point");
  EXPECT_EQ(why(check_public_key(
                key({{1, cbor_integer(2)}, {3, cbor_integer(-7)}, {-1, cbor_integer(2)}, {-2, cbor_bytes(x)}, {-3, cbor_bytes(y)}}))),
            "ES256: not a P-256 key");
  EXPECT_EQ(why(check_public_key(key({{1, cbor_integer(2)}, {3, cbor_integer(-35)}}))), "an algorithm that was not asked for");
  EXPECT_EQ(why(check_public_key(key(
                {{1, cbor_integer(3)}, {3, cbor_integer(-257)}, {-1, cbor_bytes(std::string(128, '\xff'))}, {-2, cbor_bytes("\1\0\1")}}))),
            "RS256: not 2048 bits");
  EXPECT_EQ(why(check_public_key(key({{1, cbor_integer(1)}, {3, cbor_integer(-8)}, {3, cbor_integer(-7)}}))), "not a COSE_Key");
  EXPECT_EQ(why(check_public_key("")), "not a COSE_Key");
}

TEST(WebAuthn, ClientDataIsStrict) {
  const std::string challenge = base64url_encode(std::string(32, 'c'));
  const auto text = [&](const std::string& more) {
    return R"({"type":"webauthn.get","challenge":")" + challenge + R"(","origin":"https://a.test")" + more + "}";
  };
  EXPECT_TRUE(ClientData::parse(text("")).ok());
  EXPECT_TRUE(ClientData::parse(text(R"(,"other_keys_can_be_added_here":"do not compare")")).ok());
  EXPECT_FALSE(ClientData::parse(text(R"(,"origin":"https://b.test")")).ok()) << "a member that is there twice";
  EXPECT_FALSE(ClientData::parse(text(R"(,"crossOrigin":"no")")).ok());
  EXPECT_FALSE(ClientData::parse(text(R"(,"x":")" + std::string(5000, 'x') + "\"")).ok());
  EXPECT_FALSE(ClientData::parse("[]").ok());
  EXPECT_FALSE(ClientData::parse(R"({"type":"webauthn.get","challenge":"AA","origin":"https://a.test"})").ok()) << "too short to be random";
}

TEST(WebAuthn, CborThatClaimsMoreThanItHasIsRefused) {
  for (const std::string_view bytes :
       {std::string_view("\x9b\x7f\xff\xff\xff\xff\xff\xff\xff", 9), std::string_view("\xbf\xff", 2),
        std::string_view("\x5b\xff\xff\xff\xff\xff\xff\xff\xff", 9), std::string_view("\xc0\x01", 2),
        std::string_view("\x81\x81\x81\x81\x81\x01", 6), std::string_view("\x18", 1), std::string_view("", 0)}) {
    CborReader reader(bytes);
    EXPECT_FALSE(reader.skip()) << hex_encode(bytes);
    EXPECT_TRUE(reader.failed());
    EXPECT_FALSE(reader.done());
  }
  EXPECT_FALSE(AttestationObject::parse(cbor_head(5, 1) + cbor_text("fmt") + cbor_text("none")).ok());
}

TEST(RelyingParty, IsTheHostOrAParentOfIt) {
  EXPECT_EQ(RelyingParty::of("https://login.example.com:8443/")->id, "login.example.com");
  EXPECT_EQ(RelyingParty::of("https://login.example.com:8443/")->origins.front(), "https://login.example.com:8443");
  EXPECT_EQ(RelyingParty::of("https://login.example.com/", "example.com")->id, "example.com");
  for (const char* id : {"com", "evil.test", "gin.example.com", "other.example.com", "", ".example.com", "x.login.example.com"})
    EXPECT_EQ(RelyingParty::of("https://login.example.com/", id)->id, "login.example.com") << id;
}

TEST(RelyingParty, NeedsADomainAndTls) {
  EXPECT_FALSE(RelyingParty::of("https://192.0.2.1/"));
  EXPECT_FALSE(RelyingParty::of("https://[2001:db8::1]:8443/"));
  EXPECT_FALSE(RelyingParty::of("http://login.example.com/"));
  EXPECT_EQ(RelyingParty::of("http://localhost:3000/")->id, "localhost");
  EXPECT_EQ(RelyingParty::of("http://acme.localhost:3000/")->origins.front(), "http://acme.localhost:3000");
}

TEST(Options, HaveTheBrowsersForm) {
  Ceremony ceremony;
  const json::object creation = ceremony.creation();
  EXPECT_EQ(creation.at("rp"), (json::value{{"id", "login.example.com"}, {"name", "login.example.com"}}));
  EXPECT_EQ(json::serialize(creation.at("pubKeyCredParams")),
            R"([{"type":"public-key","alg":-8},{"type":"public-key","alg":-7},{"type":"public-key","alg":-257}])");
  EXPECT_EQ(creation.at("authenticatorSelection").at("residentKey"), "required");
  EXPECT_EQ(creation.at("challenge").as_string(), base64url_encode(ceremony.challenge));
  EXPECT_EQ(base64url_decode(creation.at("user").at("id").as_string())->size(), 32u);
  const json::object request = RequestOptions{.party = kParty, .challenge = ceremony.challenge, .allow = {{"abc", {"usb"}}}}.to_json();
  EXPECT_EQ(json::serialize(request.at("allowCredentials")), R"([{"type":"public-key","id":"YWJj","transports":["usb"]}])");
  EXPECT_FALSE(ceremony.request().contains("allowCredentials"));
}

}  // namespace
}  // namespace gatehouse::webauthn
