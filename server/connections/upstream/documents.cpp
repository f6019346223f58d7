#include "connections/upstream/documents.h"

namespace gatehouse::connections {

Result<Documents::Document> Documents::get(const std::string& url, const Deadline& deadline) { return look_up(url, deadline, nullptr); }

Result<Documents::Document> Documents::newer(const std::string& url, const Document& known, const Deadline& deadline) {
  return look_up(url, deadline, known);
}

Result<Documents::Document> Documents::look_up(const std::string& url, const Deadline& deadline, const Document& known) {
  std::unique_lock lock(mutex_);
  while (true) {
    const Timestamp now = clock_.now();
    Entry* entry = nullptr;
    if (const auto found = entries_.find(url); found != entries_.end()) entry = &found->second;
    bool wanted = true;
    if (entry) {
      const bool have = entry->document && now - entry->fetched_at < kGood;
      const bool fresh = have && now - entry->fetched_at < kFresh && now >= entry->fetched_at;
      if (fresh && entry->document != known) return entry->document;
      if (fresh && now - entry->refetched_at < kRefetchPause) return entry->document;
      const bool resting = entry->failure && now - entry->tried_at < kPause && now >= entry->tried_at;
      if (have && (resting || entry->fetching)) return entry->document;
      if (resting) return *entry->failure;
      wanted = !entry->fetching;
    }
    if (!wanted) {  // somebody else is at it
      const milliseconds left = deadline.left();
      if (left.count() == 0 || fetched_.wait_for(lock, left) == std::cv_status::timeout)
        return Error{Errc::timeout, "The identity provider does not answer."};
      continue;
    }
    if (!entry) {
      make_room();
      entry = &entries_[url];
    }
    entry->fetching = true;
    entry->tried_at = now;
    if (known && entry->document == known) entry->refetched_at = now;
    lock.unlock();
    Result<Document> made = fetch(url, deadline);
    lock.lock();
    entry = &entries_[url];  // entries that are being fetched are never thrown out
    entry->fetching = false;
    if (made) {
      entry->document = *made;
      entry->fetched_at = now;
      entry->failure.reset();
    } else {
      entry->failure = made.error();
    }
    fetched_.notify_all();
    if (!made && entry->document && now - entry->fetched_at < kGood) return entry->document;
    return made;
  }
}

Result<Documents::Document> Documents::fetch(const std::string& url, const Deadline& deadline) {
  http::OutboundRequest request;
  request.url = url;
  request.headers = {{"accept", "application/json"}};
  request.timeout = deadline.left();
  request.max_response = kLargest;
  if (request.timeout.count() == 0) return Error{Errc::timeout, "The identity provider does not answer."};
  TRY(const http::OutboundResponse response, client_.send(request));
  if (response.status != 200)
    return Error{Errc::unavailable, "The identity provider does not answer as it should.",
                 url + ": status " + std::to_string(response.status)};
  Result<json::value> value = parse_json(response.body, {.max_depth = 16, .max_bytes = kLargest});
  if (!value || !value->is_object())
    return Error{Errc::unavailable, "The identity provider does not answer as it should.", url + ": not a JSON object"};
  return Document(std::make_shared<const json::object>(std::move(value->get_object())));
}

/// The one that was asked for longest ago goes.
void Documents::make_room() {
  if (entries_.size() < kMost) return;
  auto oldest = entries_.end();
  for (auto it = entries_.begin(); it != entries_.end(); ++it)
    if (!it->second.fetching && (oldest == entries_.end() || it->second.tried_at < oldest->second.tried_at)) oldest = it;
  if (oldest != entries_.end()) entries_.erase(oldest);
}

size_t Documents::size() const {
  const std::lock_guard lock(mutex_);
  return entries_.size();
}

}  // namespace gatehouse::connections
