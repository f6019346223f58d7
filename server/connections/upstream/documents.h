#pragma once
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/json.h"
#include "http/client.h"

namespace gatehouse::connections {

/// How long a person waits at most for all the calls of one step of a login.
class Deadline {
 public:
  explicit Deadline(milliseconds limit) : until_(std::chrono::steady_clock::now() + limit) {}
  [[nodiscard]] milliseconds left() const {
    return std::max(milliseconds(0), std::chrono::duration_cast<milliseconds>(until_ - std::chrono::steady_clock::now()));
  }

 private:
  std::chrono::steady_clock::time_point until_;
};

/// JSON documents of other servers (discovery, key sets), fetched when needed and kept: fresh for a while, good for longer when their
/// server cannot be reached. Bounded in number and size. Safe from many threads; a document is fetched by one of them at a time, and who
/// has an older copy does not wait.
class Documents {
 public:
  using Document = std::shared_ptr<const json::object>;
  static constexpr seconds kFresh{900};           ///< asked for again after that
  static constexpr seconds kGood{72 * 3600};      ///< used for so long through an outage
  static constexpr seconds kPause{10};            ///< between attempts at a server that does not answer
  static constexpr seconds kRefetchPause{30};     ///< between fetches that somebody's unknown key id brings about
  static constexpr size_t kMost = 500;            ///< documents
  static constexpr size_t kLargest = 128 * 1024;  ///< bytes of one

  Documents(http::Client& client, const Clock& clock) : client_(client), clock_(clock) {}

  /// Blocks while it is fetched. Errors: unavailable, timeout, invalid_argument (not a JSON object, too large, status other than 200).
  [[nodiscard]] Result<Document> get(const std::string& url, const Deadline& deadline);
  /// Newer than `known`, if its server may be asked again so soon; else what there is.
  [[nodiscard]] Result<Document> newer(const std::string& url, const Document& known, const Deadline& deadline);
  [[nodiscard]] size_t size() const;

 private:
  struct Entry {
    Document document;
    Timestamp fetched_at{};
    Timestamp tried_at{};
    Timestamp refetched_at{};
    std::optional<Error> failure;  ///< of the last attempt
    bool fetching = false;
  };
  [[nodiscard]] Result<Document> look_up(const std::string& url, const Deadline& deadline, const Document& known);
  [[nodiscard]] Result<Document> fetch(const std::string& url, const Deadline& deadline);
  void make_room();  ///< with the lock held

  http::Client& client_;
  const Clock& clock_;
  mutable std::mutex mutex_;
  std::condition_variable fetched_;
  std::map<std::string, Entry, std::less<>> entries_;
};

}  // namespace gatehouse::connections
