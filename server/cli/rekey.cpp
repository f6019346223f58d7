#include <cstdio>
#include <filesystem>

#include "cli/commands.h"
#include "crypto/random.h"
#include "model/resealing.h"

namespace gatehouse::cli {
namespace {

/// What may still need a key that is no longer the first of its file.
Result<std::vector<std::string>> still_in_use(storage::Database& db, const crypto::MasterKeys& keys,
                                              const model::Resealing::Outcome& outcome) {
  std::vector<std::string> places = outcome.unopened;
  for (const crypto::MasterKeys::Key& key : keys.keys()) {
    if (key.id == keys.current_id()) continue;
    TRY(const std::vector<std::string> columns, model::columns_sealed_under(db, key.id));
    places.insert(places.end(), columns.begin(), columns.end());
  }
  return places;
}

Result<int> seal_anew(const config::Settings& settings) {
  if (!std::filesystem::exists(settings.master_key))
    return Error{Errc::not_found, "There is no master key file " + settings.master_key + ": nothing can be opened without it"};
  TRY(const std::unique_ptr<storage::Database> db,
      storage::open_database({.url = settings.database}));  // refused while a server has the SQLite file
  crypto::SystemRandom random;
  const auto load = [&] { return crypto::MasterKeys::load_or_create(settings.master_key, random); };

  // Where something is sealed under an older key already, an earlier run was interrupted, or the operator has put a new key first, on
  // all nodes: then that key is the one to seal with.
  TRY(crypto::MasterKeys keys, load());
  const crypto::Sealer before(std::move(keys), random);
  TRY(const model::Resealing::Outcome found, model::Resealing(before).look(*db));
  if (!found.unopened.empty())
    return Error{Errc::invalid_argument,
                 "The keys in " + settings.master_key + " do not open everything in this database: nothing was changed",
                 found.unopened.front()};
  TRY(keys, load());
  if (found.outdated == 0) TRY_VOID(keys.add_new(settings.master_key, random));

  TRY(keys, load());
  const std::string id = keys.current_id();
  const crypto::Sealer sealer(std::move(keys), random);
  TRY(const model::Resealing::Outcome done, model::Resealing(sealer).run(*db));
  std::fprintf(stderr, "Sealed %lld secrets with master key %s, the first in %s.\n", static_cast<long long>(done.outdated), id.c_str(),
               settings.master_key.c_str());

  TRY(keys, load());
  TRY(const std::vector<std::string> places, still_in_use(*db, keys, done));
  if (places.empty()) {
    std::fprintf(stderr, "The keys below it open older backups only: delete their lines when you need none of those any more.\n");
    return 0;
  }
  std::fprintf(stderr, "Keep the keys below it, something is still sealed with them:\n");
  for (const std::string& place : places) std::fprintf(stderr, "  %s\n", place.c_str());
  return 1;
}

}  // namespace

int rekey(const config::Settings& settings) {
  const Result<int> done = seal_anew(settings);
  if (done) return *done;
  return fail(done.error());
}

}  // namespace gatehouse::cli
