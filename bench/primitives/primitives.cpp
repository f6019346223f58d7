// What the libraries alone need for the work nobody can avoid: bench_primitives NAME… prints one JSON object {NAME: figure, …}.
#include "primitives.h"

#include <cstdio>
#include <functional>
#include <map>
#include <string>

int main(int argc, char** argv) {
  using namespace bench;
  const std::map<std::string, std::function<double()>> figures = {
      {"RS256_signature_us", [] { return signature_us("RS256"); }},
      {"ES256_signature_us", [] { return signature_us("ES256"); }},
      {"EdDSA_signature_us", [] { return signature_us("EdDSA"); }},
      {"RS256_verification_us", [] { return verification_us("RS256"); }},
      {"argon2id_us", argon2id_us},
      {"argon2id_per_second", argon2id_per_second},
      {"full_handshake_us", [] { return handshake_us(false); }},
      {"resumed_handshake_us", [] { return handshake_us(true); }},
      {"fdatasyncs_per_second", fdatasyncs_per_second},
      {"sqlite_commits_per_second", sqlite_commits_per_second},
      {"postgres_commits_per_second", postgres_commits_per_second},
  };
  try {
    for (int i = 1; i < argc; ++i) std::printf("%s\"%s\": %.3f", i == 1 ? "{" : ", ", argv[i], figures.at(argv[i])());
    std::puts("}");
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench_primitives: %s\n", error.what());
    return 1;
  }
}
