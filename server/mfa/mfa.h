#pragma once
#include "base/result.h"
#include "mfa/due.h"
#include "mfa/proof.h"

namespace gatehouse::mfa {

/// Second factors: who needs one, which there are, enrolling, challenging, verifying.
class Mfa {
 public:
  /// Whether a second factor is due. Reads cached policies; the database only where a policy (or `step_up`) asks for one.
  [[nodiscard]] Result<Due> due(const Question& question) const;
};

}  // namespace gatehouse::mfa
