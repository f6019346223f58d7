#include "http/transport/connection.h"

#include <poll.h>
#include <unistd.h>

#include "http/body_source.h"
#include "http/transport/response_writer.h"

namespace gatehouse::http::transport {
namespace {

constexpr seconds body_total{60};
constexpr size_t body_floor = 16 * 1024;  // bytes a second a long body must come in with after that
constexpr seconds write_total{60};
constexpr size_t write_floor = 16 * 1024;  // bytes a second a long answer must go out with
constexpr seconds drain_timeout{2};
constexpr size_t drain_limit = 4 * 1024 * 1024;  // bytes
constexpr int turns_at_once = 16;                // pipelined requests before other connections get their turn
constexpr milliseconds patience{50};             // who was queued longer may have left
constexpr std::string_view too_many = "Too many requests are waiting.";
constexpr std::string_view internal_error = "An internal error occurred.";
constexpr size_t joined_body = 64 * 1024;  // bodies up to this go out in one piece with their head

}  // namespace

/// A request and its answer, from the first byte to the last.
struct Connection::Exchange {
  explicit Exchange(const RequestLimits& limits) : reader(limits) {}
  RequestReader reader;
  Router::Match match;
  Response response;
  std::string_view body;  ///< what of the response's body is not in output_ and still to be sent
  int64_t unfetched = 0;  ///< bytes of the response's source that are still to come
  SteadyTime first_byte, head_done, progress, respond_start;
  bool close = false;

  [[nodiscard]] Request& request() { return reader.request(); }
};

Connection::Connection(Loop& loop, Shared& shared, int socket, const IpAddress& peer)
    : loop_(loop), shared_(shared), socket_(loop.io(), socket), descriptor_(socket), peer_(peer), since_(std::chrono::steady_clock::now()) {
  loop_.add(*this);
}

Connection::~Connection() {
  loop_.removed();
  shared_.dismiss(peer_);
}

void Connection::start(const TlsContext* tls) {
  if (shared_.stopping || !stream_.open(socket_.native_handle(), tls)) return close();
  if (!stream_.encrypted()) phase_ = Phase::idle;
  wait(Io::want_read, since_ + shared_.options.header_timeout);
}

void Connection::begin_stop() {
  switch (phase_) {
    case Phase::handshake:
    case Phase::idle:
      return close();
    case Phase::reading:
      return loop_.wheel().schedule(*this, *loop_.hurry_until());
    case Phase::handling:
    case Phase::writing:
    case Phase::draining:
    case Phase::closed:
      return;
  }
}

void Connection::close() {
  if (phase_ == Phase::closed) return;
  if (phase_ == Phase::idle && stream_.encrypted()) stream_.finish_writing();
  if (phase_ == Phase::writing) report();  // answered, though the client did not stay for all of it
  phase_ = Phase::closed;
  TimerWheel::cancel(*this);
  boost::system::error_code ignored;
  socket_.close(ignored);  // the wait that keeps us alive, if any, ends with it
}

void Connection::expire() {
  const auto keep = shared_from_this();
  if (phase_ == Phase::handling || phase_ == Phase::closed) return;
  if (phase_ != Phase::reading) return close();
  fail(408, "The request did not come in time.", true);
  advance();
}

void Connection::wait(Io direction, SteadyTime deadline) {
  if (phase_ == Phase::reading && loop_.hurry_until()) deadline = std::min(deadline, *loop_.hurry_until());
  loop_.wheel().schedule(*this, deadline);
  const auto type =
      direction == Io::want_write ? boost::asio::posix::stream_descriptor::wait_write : boost::asio::posix::stream_descriptor::wait_read;
  socket_.async_wait(type, [self = shared_from_this(), ticket = ++wait_ticket_](const boost::system::error_code& error) {
    if (ticket != self->wait_ticket_ || self->phase_ == Phase::closed) return;
    if (error) return self->close();
    self->advance();
  });
}

/// Goes on until the socket or a lane has to be waited for.
void Connection::advance() {
  for (int turn = 0;;) {
    switch (phase_) {
      case Phase::handshake:
        if (!shake_hands()) return;
        break;
      case Phase::idle:
        if (++turn > turns_at_once) return loop_.post([self = shared_from_this()] { self->advance(); });
        if (!read_request()) return;
        break;
      case Phase::reading:
        if (!read_request()) return;
        break;
      case Phase::writing:
        if (!write_response()) return;
        break;
      case Phase::draining:
        if (!drain()) return;
        break;
      case Phase::handling:
      case Phase::closed:
        return;
    }
  }
}

bool Connection::shake_hands() {
  const Io io = stream_.handshake();
  if (io == Io::done) {
    phase_ = Phase::idle;
    since_ = std::chrono::steady_clock::now();
    return true;
  }
  if (io == Io::closed)
    close();
  else
    wait(io, since_ + shared_.options.header_timeout);
  return false;
}

/// Reads until a request is complete or refused; false when its bytes have to be waited for.
bool Connection::read_request() {
  const ServerOptions& options = shared_.options;
  std::string held;
  while (true) {
    std::string_view data;
    if (!input_.empty()) {
      held.swap(input_);
      input_.clear();
      data = held;
    } else {
      const std::span<char> buffer = loop_.read_buffer();
      size_t received = 0;
      switch (const Io io = stream_.read(buffer.data(), buffer.size(), received)) {
        case Io::done:
          data = {buffer.data(), received};
          break;
        case Io::closed:
          return close(), false;
        case Io::want_read:
        case Io::want_write: {
          if (phase_ == Phase::idle) {
            wait(io, since_ + options.keep_alive_timeout);
          } else if (!exchange_->reader.head_complete()) {
            wait(io, exchange_->first_byte + options.header_timeout);
          } else {
            const seconds whole = body_total + seconds(exchange_->reader.body_received() / body_floor);
            wait(io, std::min(exchange_->progress + options.body_idle_timeout, exchange_->head_done + whole));
          }
          return false;
        }
      }
    }

    const SteadyTime now = std::chrono::steady_clock::now();
    if (phase_ == Phase::idle) {
      phase_ = Phase::reading;
      exchange_ = std::make_unique<Exchange>(shared_.request_limits);
      exchange_->first_byte = now;
      exchange_->request().id = loop_.next_request_id();
      exchange_->request().client_ip = peer_.to_string();
      exchange_->request().received = shared_.clock.now();
    }
    exchange_->progress = now;
    RequestReader& reader = exchange_->reader;
    RequestReader::Step step = reader.read(data);
    if (step == RequestReader::Step::head) {
      exchange_->head_done = now;
      on_head();
      const size_t own_limit = exchange_->match.route ? exchange_->match.route->max_body : 0;
      step = reader.begin_body(own_limit != 0 ? own_limit : shared_.options.max_body);
      if (step == RequestReader::Step::more && !data.empty()) {
        step = reader.read(data);
      } else if (step == RequestReader::Step::more && reader.expects_continue()) {
        size_t sent = 0;
        static constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
        if (stream_.write(go_on, sent) != Io::done || sent != go_on.size()) return close(), false;
      }
    }
    switch (step) {
      case RequestReader::Step::head:
      case RequestReader::Step::more:
        if (!has_piece()) continue;
        hand_over_piece();
        return true;
      case RequestReader::Step::failed:
        fail(reader.status(), reader.message(), true);
        return true;
      case RequestReader::Step::complete:
        input_.assign(data);
        dispatch();
        return true;
    }
  }
}

/// The head is known: who asks, and which route is meant.
void Connection::on_head() {
  Request& request = exchange_->request();
  if (shared_.proxies.trusts(peer_)) {
    std::vector<std::string_view> forwarded_for;
    for (const auto& [name, value] : request.headers)
      if (name == "x-forwarded-for") forwarded_for.emplace_back(value);
    request.client_ip = shared_.proxies.client_ip(peer_, forwarded_for);
  }
  exchange_->match = shared_.router.match(request.method, request.path);
  for (auto& [name, value] : exchange_->match.parameters) request.path_parameters.emplace(name, value);
}

/// False when the request was answered instead: the host is nobody's.
bool Connection::find_tenant() {
  Request& request = exchange_->request();
  const Route* const route = exchange_->match.route;
  if ((route && route->any_tenant) || !request.issuer.empty()) return true;
  std::string_view host = exchange_->reader.host();
  const auto forwarded = request.header("x-forwarded-host");
  if (forwarded && shared_.proxies.trusts(peer_)) host = *forwarded;
  auto tenant = shared_.hooks.resolve_host(host);
  if (!tenant) return fail(404, "Nothing is served under this host name.", exchange_->close), false;
  request.tenant = std::move(tenant->first);
  request.issuer = std::move(tenant->second);
  return true;
}

/// Whether enough of a large body has come for its sink.
bool Connection::has_piece() const {
  const Route* const route = exchange_->match.route;
  return route && route->open_sink && exchange_->request().body.size() >= kBodyPiece;
}

/// Lets the route's sink take what has come of the body, on the route's lane; reading goes on when it has.
void Connection::hand_over_piece() {
  TimerWheel::cancel(*this);
  exchange_->close = true;
  if (!find_tenant()) return;
  LanePool* const pool = shared_.pool(exchange_->match.route->lane);
  phase_ = Phase::handling;
  LanePool::Task task = [self = shared_from_this()](SteadyTime::duration) mutable {
    const bool abandoned = self->shared_.abandoned;
    const bool refused = !abandoned && !self->store_piece();
    Loop& loop = self->loop_;
    loop.post([self = std::move(self), abandoned, refused] {
      if (self->phase_ == Phase::closed) return;
      self->phase_ = Phase::reading;
      self->exchange_->progress = std::chrono::steady_clock::now();
      if (abandoned)
        self->fail(503, too_many, true);
      else if (refused)
        self->respond();
      self->advance();
    });
  };
  if (!pool || !pool->submit(task)) fail(503, too_many, true);
}

/// On the lane. False when the sink refused; its answer is then the response.
bool Connection::store_piece() noexcept {
  Exchange& exchange = *exchange_;
  Request& request = exchange.request();
  std::optional<Response> refusal;
  try {
    try {
      if (!request.sink) request.sink = exchange.match.route->open_sink(request);
      refusal = request.sink->take(std::exchange(request.body, {}));
    } catch (const std::exception& error) {
      if (shared_.hooks.thrown) shared_.hooks.thrown(request, error.what());
      refusal = shared_.hooks.failure(request, 500, internal_error);
    }
    if (refusal && shared_.hooks.finish) shared_.hooks.finish(request, *refusal);
  } catch (...) {
    refusal = Response::empty(500);
  }
  if (refusal) exchange.response = std::move(*refusal);
  return !refusal;
}

/// Everything has come: finds the tenant and the lane, and answers there.
void Connection::dispatch() {
  Request& request = exchange_->request();
  const Route* const route = exchange_->match.route;
  exchange_->close = !exchange_->reader.keep_alive();
  TimerWheel::cancel(*this);
  try {
    if (!find_tenant()) return;
    if (route) request.lane = route->planner ? route->planner(request) : route->lane;
  } catch (const std::exception& error) {
    if (shared_.hooks.thrown) shared_.hooks.thrown(request, error.what());
    return fail(500, internal_error, exchange_->close);
  }

  LanePool* const pool = shared_.pool(request.lane);
  if (!pool) {
    if (route && route->costly && loop_.is_behind()) return fail(503, too_many, exchange_->close);
    exchange_->response = answer();
    return respond();
  }
  phase_ = Phase::handling;
  LanePool::Task task = [self = shared_from_this()](SteadyTime::duration waited) mutable {
    const bool run = !self->shared_.abandoned && (waited < patience || !self->peer_has_left());
    if (run) self->exchange_->response = self->answer();
    // Our hold on the connection goes along: it must not die on this thread.
    Loop& loop = self->loop_;
    loop.post([self = std::move(self), run] {
      if (self->phase_ == Phase::closed) return;
      run ? self->respond() : self->fail(503, too_many, true);
      self->advance();
    });
  };
  if (!pool->submit(task)) fail(503, too_many, exchange_->close);
}

/// Whether the client has ended its side. Most that did so in a queue gave up; those that still listen are told to come back. Any thread.
bool Connection::peer_has_left() const {
  pollfd state{descriptor_, POLLRDHUP, 0};
  return ::poll(&state, 1, 0) > 0 && (state.revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0;
}

/// The route's answer, finished; runs on the request's lane. Whatever is thrown becomes a 500.
Response Connection::answer() noexcept {
  Exchange& exchange = *exchange_;
  const Request& request = exchange.request();
  Response response;
  try {
    try {
      response = exchange.match.route ? exchange.match.route->handler(request) : shared_.hooks.no_route(request, exchange.match);
    } catch (const std::exception& error) {
      if (shared_.hooks.thrown) shared_.hooks.thrown(request, error.what());
      response = shared_.hooks.failure(request, 500, internal_error);
    }
    if (shared_.hooks.finish) shared_.hooks.finish(request, response);
  } catch (...) {
    response = Response::empty(500);
  }
  return response;
}

/// Answers what cannot be handled.
void Connection::fail(int status, std::string_view message, bool close) {
  exchange_->close = close;
  exchange_->match.route = nullptr;
  const Request& request = exchange_->request();
  Response& response = exchange_->response;
  try {
    response = shared_.hooks.failure(request, status, message);
    if (status == 405) response.set("Allow", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
    if (shared_.hooks.finish) shared_.hooks.finish(request, response);
  } catch (...) {
    response = Response::empty(status);
  }
  respond();
}

void Connection::respond() {
  phase_ = Phase::writing;
  Exchange& exchange = *exchange_;
  const Request& request = exchange.request();
  exchange.respond_start = exchange.progress = std::chrono::steady_clock::now();
  if (shared_.stopping) exchange.close = true;
  for (const auto& [name, value] : exchange.response.headers)
    if (name == "Connection" && value == "close") exchange.close = true;
  output_.swap(loop_.spare_output());
  output_.clear();
  sent_ = 0;
  write_head(output_, exchange.response, loop_.date(shared_.clock.now()), exchange.close);
  const bool with_body = has_body(request.method, exchange.response.status);
  exchange.body = with_body && !exchange.response.source ? exchange.response.bytes() : std::string_view();
  exchange.unfetched = with_body && exchange.response.source ? exchange.response.source->size() : 0;
  if (exchange.body.size() <= joined_body) {
    output_.append(exchange.body);
    exchange.body = {};
  }
}

/// False when the socket takes no more for now.
bool Connection::write_response() {
  Exchange& exchange = *exchange_;
  while (sent_ < output_.size() || !exchange.body.empty()) {
    const bool from_output = sent_ < output_.size();
    const std::string_view rest = from_output ? std::string_view(output_).substr(sent_) : exchange.body;
    size_t sent = 0;
    const Io io = stream_.write(rest, sent);
    if (io == Io::closed) return close(), false;
    if (io != Io::done) {
      const size_t all = exchange.response.source ? size_t(exchange.response.source->size()) : exchange.response.bytes().size();
      const seconds whole = write_total + seconds(all / write_floor);
      wait(io, std::min(exchange.progress + shared_.options.body_idle_timeout, exchange.respond_start + whole));
      return false;
    }
    exchange.progress = std::chrono::steady_clock::now();
    if (from_output)
      sent_ += sent;
    else
      exchange.body.remove_prefix(sent);
  }
  if (exchange.unfetched > 0) return fetch_piece(), true;
  return finish_exchange();
}

/// Has the next piece of the answer made on the route's lane; writing goes on when it is there.
void Connection::fetch_piece() {
  TimerWheel::cancel(*this);
  LanePool* const pool = exchange_->match.route ? shared_.pool(exchange_->match.route->lane) : nullptr;
  phase_ = Phase::handling;
  LanePool::Task task = [self = shared_from_this()](SteadyTime::duration) mutable {
    Result<std::string> piece = self->shared_.abandoned ? Error{Errc::unavailable, ""} : self->next_piece();
    Loop& loop = self->loop_;
    loop.post([self = std::move(self), piece = std::move(piece)]() mutable {
      if (self->phase_ == Phase::closed) return;
      self->phase_ = Phase::writing;
      Exchange& exchange = *self->exchange_;
      if (!piece || piece->empty() || int64_t(piece->size()) > exchange.unfetched) return self->close();
      exchange.unfetched -= int64_t(piece->size());
      exchange.progress = std::chrono::steady_clock::now();
      self->output_ = *std::move(piece);
      self->sent_ = 0;
      self->advance();
    });
  };
  if (pool && pool->submit(task)) return;
  phase_ = Phase::writing;
  close();
}

/// On the lane.
Result<std::string> Connection::next_piece() noexcept {
  try {
    return exchange_->response.source->next();
  } catch (const std::exception& error) {
    if (shared_.hooks.thrown) shared_.hooks.thrown(exchange_->request(), error.what());
    return Error{Errc::internal, ""};
  }
}

/// False when the next request has to be waited for.
bool Connection::finish_exchange() {
  output_.clear();
  output_.swap(loop_.spare_output());
  std::string().swap(output_);  // whatever came back in exchange: an idle connection holds nothing
  report();
  const bool close_now = exchange_->close;
  exchange_.reset();
  since_ = std::chrono::steady_clock::now();
  if (close_now) {
    std::string().swap(input_);
    stream_.finish_writing();
    phase_ = Phase::draining;
    return true;
  }
  phase_ = Phase::idle;
  if (!input_.empty() || stream_.has_pending()) return true;
  // The usual case: nothing has come yet. Waiting first saves a read that would only say so.
  wait(Io::want_read, since_ + shared_.options.keep_alive_timeout);
  return false;
}

void Connection::report() noexcept {
  if (!shared_.hooks.observe) return;
  try {
    const auto duration = std::chrono::duration_cast<microseconds>(std::chrono::steady_clock::now() - exchange_->first_byte);
    shared_.hooks.observe(exchange_->request(), exchange_->response, exchange_->match.route, duration);
  } catch (...) {  // a log that cannot be written must not take the answer down with it
  }
}

bool Connection::drain() {
  const std::span<char> buffer = loop_.read_buffer();
  while (true) {
    size_t received = 0;
    const Io io = stream_.discard(buffer.data(), buffer.size(), received);
    if (io == Io::want_read) {
      wait(io, since_ + drain_timeout);
      return false;
    }
    drained_ += received;
    if (io == Io::closed || drained_ > drain_limit) return close(), false;
  }
}

}  // namespace gatehouse::http::transport
