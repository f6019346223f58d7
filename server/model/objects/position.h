#pragma once
#include "base/clock.h"

namespace gatehouse::model {

/// A number for the order of creation: later calls in this process get larger ones, whatever the clock does; two nodes cannot
/// meet unless they insert in the same microsecond under the same `slot` (Transaction::slot()), which the slot excludes.
int64_t next_position(Timestamp now, int64_t slot);

}  // namespace gatehouse::model
