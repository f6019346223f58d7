// The server's half of a TLS handshake in memory, both halves in this thread and only the server's calls timed: no sockets, no kernel.
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <memory>
#include <stdexcept>

#include "primitives.h"

namespace bench {
namespace {

void need(bool done) {
  if (!done) throw std::runtime_error("libssl refused");
}

/// A server context with a fresh P-256 certificate, as ours makes on its first start.
SSL_CTX* server_context() {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* certificate = X509_new();
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), 0);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 86400);
  X509_set_pubkey(certificate, key);
  need(X509_sign(certificate, key, EVP_sha256()) > 0);
  SSL_CTX* context = SSL_CTX_new(TLS_server_method());
  need(SSL_CTX_use_certificate(context, certificate) == 1 && SSL_CTX_use_PrivateKey(context, key) == 1);
  X509_free(certificate);
  EVP_PKEY_free(key);
  return context;
}

SSL_SESSION* kept = nullptr;

int keep(SSL*, SSL_SESSION* session) {
  SSL_SESSION_free(kept);
  kept = session;
  return 1;
}

/// CPU of the server's half of one handshake.
double handshake(SSL_CTX* server_context, SSL_CTX* client_context, SSL_SESSION* resume) {
  SSL* server = SSL_new(server_context);
  SSL* client = SSL_new(client_context);
  BIO *server_side = nullptr, *client_side = nullptr;
  need(BIO_new_bio_pair(&server_side, 65536, &client_side, 65536) == 1);
  SSL_set_bio(server, server_side, server_side);
  SSL_set_bio(client, client_side, client_side);
  SSL_set_accept_state(server);
  SSL_set_connect_state(client);
  if (resume) {  // a copy: libssl uses a session once (RFC 8446 §C.4)
    SSL_SESSION* copy = SSL_SESSION_dup(resume);
    SSL_set_session(client, copy);
    SSL_SESSION_free(copy);
  }
  double us = 0;
  while (!SSL_is_init_finished(server) || !SSL_is_init_finished(client)) {
    SSL_do_handshake(client);
    const double before = clock_us(CLOCK_THREAD_CPUTIME_ID);
    SSL_do_handshake(server);
    us += clock_us(CLOCK_THREAD_CPUTIME_ID) - before;
  }
  char byte = 0;
  SSL_read(client, &byte, 1);  // takes the session tickets
  need(!resume || SSL_session_reused(client));
  SSL_shutdown(client);
  SSL_free(client);
  SSL_free(server);
  return us;
}

}  // namespace

double handshake_us(bool resumed) {
  SSL_CTX* server = server_context();
  SSL_CTX* client = SSL_CTX_new(TLS_client_method());
  SSL_CTX_set_session_cache_mode(client, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(client, keep);
  handshake(server, client, nullptr);
  SSL_SESSION* session = kept;
  SSL_SESSION_up_ref(session);
  std::vector<double> each;
  for (int i = 0; i < 500; ++i) each.push_back(handshake(server, client, resumed ? session : nullptr));
  std::nth_element(each.begin(), each.begin() + each.size() / 2, each.end());
  SSL_SESSION_free(session);
  SSL_CTX_free(client);
  SSL_CTX_free(server);
  return each[each.size() / 2];
}

}  // namespace bench
