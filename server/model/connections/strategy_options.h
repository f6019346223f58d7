#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "model/description/property.h"

namespace gatehouse::model {

/// Every strategy a connection may have, built here or not.
const std::vector<std::string>& connection_strategies();
/// Whether people can sign in through connections of this strategy. Those of others are checked loosely, kept and given back.
bool is_built_strategy(std::string_view strategy);
/// `options` of a strategy other than auth0: the properties that several strategies or the engine know, each optional and nullable;
/// others are kept as they come. Data that the Management API, the docs and the engine share.
const Property& strategy_options(std::string_view strategy);

/// Whether the text at this place in `options` is a secret, whatever the strategy: names of members joined by dots ("client_secret",
/// "decryptionKey.key"), positions in lists left out.
bool is_secret_option(std::string_view path);

}  // namespace gatehouse::model
