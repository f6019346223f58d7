// CPU of the work nobody can avoid, through the libraries alone: one RSA-2048 signature (RS256), one Argon2id hash with the server's
// parameters. Prints one JSON object; times are microseconds of CPU.
#include <argon2.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <time.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

namespace {

double cpu_us() {
  timespec t{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return double(t.tv_sec) * 1e6 + double(t.tv_nsec) / 1e3;
}

/// Median over rounds of the CPU that one call takes.
template <class F>
double median_us(int rounds, int calls, F call) {
  std::vector<double> each;
  for (int r = 0; r < rounds; ++r) {
    const double before = cpu_us();
    for (int i = 0; i < calls; ++i) call();
    each.push_back((cpu_us() - before) / calls);
  }
  std::nth_element(each.begin(), each.begin() + each.size() / 2, each.end());
  return each[each.size() / 2];
}

}  // namespace

int main(int argc, char** argv) {
  const int rounds = argc > 1 ? std::atoi(argv[1]) : 15;
  EVP_PKEY* key = EVP_RSA_gen(2048);
  const std::string input(700, 'x');  // about the signing input of an access token
  unsigned char signature[256];
  const double sign = median_us(rounds, 200, [&] {
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    size_t length = sizeof signature;
    if (EVP_DigestSignInit(context, nullptr, EVP_sha256(), nullptr, key) != 1 ||
        EVP_DigestSign(context, signature, &length, reinterpret_cast<const unsigned char*>(input.data()), input.size()) != 1)
      std::abort();
    EVP_MD_CTX_free(context);
  });
  char encoded[128];
  const double hash = median_us(rounds, 1, [&] {
    if (argon2id_hash_encoded(2, 19456, 1, "correct horse battery", 21, "0123456789abcdef", 16, 32, encoded, sizeof encoded) != ARGON2_OK)
      std::abort();
  });
  std::printf("{\"rs256_signature_us\": %.2f, \"argon2id_us\": %.1f}\n", sign, hash);
  EVP_PKEY_free(key);
}
