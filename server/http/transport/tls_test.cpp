#include <sys/wait.h>

#include <filesystem>
#include <fstream>

#include "http/transport/test_server.h"

namespace gatehouse::http::transport {
namespace {

using ClientContext = std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)>;

/// Certificates made by the openssl command: a root, an intermediate that it signed, and a server's that the intermediate signed.
class TlsTest : public ServerTest {
 protected:
  TlsTest() {
    char name[] = "/tmp/gatehouse-tls-XXXXXX";
    directory = mkdtemp(name);
    const std::string ec = " -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 ";
    run("req -x509" + ec + "-subj /CN=root -keyout root.key -out root.pem");
    run("req -x509" + ec + "-subj /CN=middle -CA root.pem -CAkey root.key -addext basicConstraints=critical,CA:TRUE -keyout middle.key -out middle.pem");
    issue("one");
    options.tls = TlsOptions{path("one.chain.pem"), path("one.key")};
  }
  ~TlsTest() override { std::filesystem::remove_all(directory); }

  void issue(const std::string& name) {
    run("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=" + name +
        " -CA middle.pem -CAkey middle.key -addext basicConstraints=critical,CA:FALSE -addext subjectAltName=DNS:localhost -keyout " + name +
        ".key -out " + name + ".pem");
    std::ofstream(path(name + ".chain.pem")) << read(name + ".pem") << read("middle.pem");
  }
  void run(const std::string& arguments) {
    ASSERT_EQ(std::system(("cd " + directory + " && openssl " + arguments + " >/dev/null 2>openssl.txt").c_str()), 0) << read("openssl.txt");
  }
  std::string path(const std::string& name) const { return directory + "/" + name; }
  std::string read(const std::string& name) const {
    std::ostringstream text;
    text << std::ifstream(path(name)).rdbuf();
    return text.str();
  }
  /// Knows the root only: without the intermediate in the server's chain nothing verifies.
  ClientContext client_context() const {
    ClientContext context(SSL_CTX_new(TLS_client_method()), &SSL_CTX_free);
    SSL_CTX_load_verify_locations(context.get(), path("root.pem").c_str(), nullptr);
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
    return context;
  }
  static std::string subject(TestClient& client) {
    const std::unique_ptr<X509, decltype(&X509_free)> certificate(SSL_get1_peer_certificate(client.ssl()), &X509_free);
    char text[256] = "";
    if (certificate) X509_NAME_oneline(X509_get_subject_name(certificate.get()), text, sizeof text);
    return text;
  }

  std::string directory;
};

TEST_F(TlsTest, ServesBothVersionsWithTheWholeChain) {
  start();
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    const ClientContext context = client_context();
    SSL_CTX_set_min_proto_version(context.get(), version);
    SSL_CTX_set_max_proto_version(context.get(), version);
    TestClient client(port(), context.get());
    ASSERT_TRUE(client.connected());
    EXPECT_EQ(client.get("/hello").body, "hello");
    EXPECT_EQ(client.get("/large").body.size(), 3'000'000u);
    const std::string body(1 << 20, 'b');
    EXPECT_EQ(client.ask("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1048576\r\n\r\n" + body).body, body);
    std::string all;
    for (int i = 0; i < 50; ++i) all += "GET /items/" + std::to_string(i) + " HTTP/1.1\r\nHost: a\r\n\r\n";
    client.send(all);
    for (int i = 0; i < 50; ++i) ASSERT_EQ(client.receive().body, std::to_string(i));
  }
}

TEST_F(TlsTest, RefusesOldVersionsAndWeakSuites) {
  start();
  const ClientContext old = client_context();
  SSL_CTX_set_security_level(old.get(), 0);
  SSL_CTX_set_min_proto_version(old.get(), TLS1_VERSION);
  SSL_CTX_set_max_proto_version(old.get(), TLS1_1_VERSION);
  EXPECT_FALSE(TestClient(port(), old.get()).connected());
  for (const char* suites : {"ECDHE-ECDSA-AES128-SHA256", "ECDHE-ECDSA-AES256-SHA", "AES128-GCM-SHA256", "DHE-RSA-AES128-GCM-SHA256"}) {
    const ClientContext weak = client_context();
    SSL_CTX_set_max_proto_version(weak.get(), TLS1_2_VERSION);
    ASSERT_EQ(SSL_CTX_set_cipher_list(weak.get(), suites), 1);
    EXPECT_FALSE(TestClient(port(), weak.get()).connected()) << suites;
  }
}

TEST_F(TlsTest, AgreesOnHttp11AndOnNothingElse) {
  start();
  const ClientContext both = client_context();
  SSL_CTX_set_alpn_protos(both.get(), reinterpret_cast<const unsigned char*>("\x02h2\x08http/1.1"), 12);
  TestClient client(port(), both.get());
  ASSERT_TRUE(client.connected());
  const unsigned char* protocol = nullptr;
  unsigned length = 0;
  SSL_get0_alpn_selected(client.ssl(), &protocol, &length);
  EXPECT_EQ(std::string_view(reinterpret_cast<const char*>(protocol), length), "http/1.1");
  const ClientContext h2 = client_context();
  SSL_CTX_set_alpn_protos(h2.get(), reinterpret_cast<const unsigned char*>("\x02h2"), 3);
  EXPECT_FALSE(TestClient(port(), h2.get()).connected());
}

TEST_F(TlsTest, ResumesSessions) {
  start();
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    const ClientContext context = client_context();
    SSL_CTX_set_max_proto_version(context.get(), version);
    SSL_SESSION* session = nullptr;
    {
      TestClient first(port(), context.get());
      EXPECT_EQ(first.get("/hello").status, 200);
      session = SSL_get1_session(first.ssl());
      SSL_shutdown(first.ssl());
    }
    TestClient second(port(), context.get(), "127.0.0.1", session);
    EXPECT_EQ(SSL_session_reused(second.ssl()), 1);
    EXPECT_EQ(second.get("/hello").status, 200);
    SSL_SESSION_free(session);
  }
}

TEST_F(TlsTest, AnswersNothingToPlainHttp) {
  start();
  TestClient plain(port());
  plain.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(plain.receive_all(), "");
}

TEST_F(TlsTest, SaysGoodbyeProperly) {
  start();
  const ClientContext context = client_context();
  TestClient client(port(), context.get());
  EXPECT_EQ(client.ask("GET /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").status, 200);
  EXPECT_TRUE(client.ends());
  EXPECT_EQ(SSL_get_shutdown(client.ssl()) & SSL_RECEIVED_SHUTDOWN, SSL_RECEIVED_SHUTDOWN) << "a truncated answer must be told from a whole one";
}

TEST_F(TlsTest, TakesANewCertificateWithoutARestart) {
  start();
  const ClientContext context = client_context();
  TestClient before(port(), context.get());
  EXPECT_EQ(subject(before), "/CN=one");
  issue("two");
  std::filesystem::copy_file(path("two.chain.pem"), path("one.chain.pem"), std::filesystem::copy_options::overwrite_existing);
  EXPECT_FALSE(server->reload_tls()) << "the key does not fit";
  TestClient still(port(), context.get());
  EXPECT_EQ(subject(still), "/CN=one") << "the old ones stay";
  std::filesystem::copy_file(path("two.key"), path("one.key"), std::filesystem::copy_options::overwrite_existing);
  ASSERT_TRUE(server->reload_tls());
  EXPECT_TRUE(eventually([&] {
    TestClient after(port(), context.get());
    return subject(after) == "/CN=two";
  }));
  EXPECT_EQ(before.get("/hello").status, 200) << "open connections go on";
}

TEST_F(TlsTest, NamesTheFileThatDoesNotLoad) {
  options.tls->cert_file = path("absent.pem");
  const auto result = Server::start(options, router, {}, clock);
  ASSERT_FALSE(result);
  EXPECT_NE(result.error().message.find("absent.pem"), std::string::npos);
}

TEST_F(TlsTest, CutsOffSlowHandshakes) {
  options.header_timeout = milliseconds(300);
  start();
  TestClient silent(port()), half(port());
  half.send(std::string("\x16\x03\x01\x02\x00\x01", 6));
  EXPECT_TRUE(silent.ends());
  half.receive_all();
  EXPECT_TRUE(eventually([&] { return server->load().connections == 0; }));
}

size_t resident_kib() {
  size_t total = 0, resident = 0;
  std::ifstream("/proc/self/statm") >> total >> resident;
  return resident * static_cast<size_t>(sysconf(_SC_PAGESIZE)) / 1024;
}

/// Prints a figure: the true one when run alone, since memory that earlier tests have given back is used again. The bound is
/// generous, because the allocator has its moods.
TEST_F(TlsTest, HoldsIdleConnectionsCheaply) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  constexpr double bound = 1'000;  // sanitizers keep books of their own
#else
  constexpr double bound = 40;
#endif
  start();
  constexpr int count = 400;
  // The clients live in a process of their own, or their memory would be counted too.
  int ready[2], done[2];
  ASSERT_EQ(pipe(ready) | pipe(done), 0);
  get("/hello");
  const size_t before = resident_kib();
  const pid_t child = fork();
  if (child == 0) {
    const ClientContext context = client_context();
    std::vector<std::unique_ptr<TestClient>> clients;
    char state = 'y';
    for (int i = 0; i < count; ++i) {
      clients.push_back(std::make_unique<TestClient>(port(), context.get()));
      if (clients.back()->get("/hello").status != 200) state = 'n';
    }
    (void)!write(ready[1], &state, 1);
    (void)!::read(done[0], &state, 1);
    _exit(0);
  }
  char state = 0;
  ASSERT_EQ(::read(ready[0], &state, 1), 1);
  EXPECT_EQ(state, 'y');
  EXPECT_EQ(server->load().connections, static_cast<size_t>(count));
  const double each = double(resident_kib() - before) / count;
  std::printf("idle TLS connection: %.1f KiB\n", each);
  RecordProperty("kib_per_idle_tls_connection", std::to_string(each));
  EXPECT_LT(each, bound);
  ASSERT_EQ(write(done[1], "x", 1), 1);
  waitpid(child, nullptr, 0);
}

}  // namespace
}  // namespace gatehouse::http::transport
