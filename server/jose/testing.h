#pragma once
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/encoding.h"
#include "jose/jwt.h"

namespace gatehouse::jose {

inline constexpr Algorithm asymmetric_algorithms[] = {Algorithm::RS256, Algorithm::RS384, Algorithm::RS512, Algorithm::PS256,
                                                      Algorithm::PS384, Algorithm::PS512, Algorithm::ES256, Algorithm::ES384,
                                                      Algorithm::ES512, Algorithm::EdDSA};

/// A file of testdata/ as JSON.
inline json::value test_vectors(const std::string& name) {
  std::ifstream stream(std::filesystem::path(__FILE__).parent_path() / "testdata" / name);
  EXPECT_TRUE(stream.is_open()) << name;
  return json::parse(std::string(std::istreambuf_iterator<char>(stream), {}));
}

/// One key an algorithm for the whole test program: generating RSA keys is slow. RSA algorithms share one.
inline const PrivateKey& test_key(Algorithm algorithm) {
  static std::map<Algorithm, PrivateKey> keys;
  const auto found = keys.find(algorithm);
  if (found != keys.end()) return found->second;
  const Scheme scheme = info(algorithm).scheme;
  if ((scheme == Scheme::rsa_pkcs1 || scheme == Scheme::rsa_pss) && algorithm != Algorithm::RS256) {
    const SecretString pem = test_key(Algorithm::RS256).to_pem();
    return keys.emplace(algorithm, *PrivateKey::from_pem(pem.reveal(), algorithm)).first->second;
  }
  return keys.emplace(algorithm, *PrivateKey::generate(algorithm)).first->second;
}

}  // namespace gatehouse::jose
