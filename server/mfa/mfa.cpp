#include "mfa/mfa.h"

namespace gatehouse::mfa {

Result<Due> Mfa::due(const Question&) const { return Due::none; }

}  // namespace gatehouse::mfa
