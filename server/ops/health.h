#pragma once
#include <functional>

#include "http/router.h"
#include "storage/fwd.h"

namespace gatehouse::ops {

/// Mounts GET /healthz and GET /readyz, served whatever the Host. `stopping` says whether the server is about to end; the
/// database must outlive the router.
void mount(http::Router& router, storage::Database& database, std::function<bool()> stopping);

}  // namespace gatehouse::ops
