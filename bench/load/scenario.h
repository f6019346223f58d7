#pragma once
#include <string>
#include <vector>

#include "template.h"

namespace bench {

/// What of an answer (head and body as they came) the steps after it need: the text between `after` and `until`.
struct Capture {
  std::string name, after, until;
};

/// One request and what is expected of its answer.
struct Step {
  Template head;  ///< request line and fields, without Host, Content-Length, Cookie and the blank line
  Template body;
  int status = 200;  ///< any other fails the step; 0 takes every status
  std::vector<Capture> captures;
};

/// What the connections do: each repeats the flow, all its steps in order, until the time or the number of flows is used up.
struct Scenario {
  enum class Connect { keep, full_handshake, resumed_handshake };

  std::string address = "127.0.0.1";
  uint16_t port = 0;
  std::string host;             ///< Host field and TLS server name
  bool tls = true;
  size_t connections = 1;
  double seconds = 0;           ///< 0: until `flows` are done
  size_t flows = 0;             ///< 0: until `seconds` are over
  Connect connect = Connect::keep;  ///< whether a flow begins with a connection of its own, and of which kind
  bool hold = false;            ///< after the flows keep the connections open until a signal comes
  bool sticky = false;          ///< a connection keeps its row and what it captured: the next flow begins where the last one ended
  std::vector<int> watch;       ///< processes whose CPU of the measured window is reported
  std::vector<Step> steps;
  std::vector<Variables> rows;  ///< the variables of a flow; flows take them in turn

  /// Reads the JSON text that bench/load/load.mjs writes. Throws on what it does not understand.
  static Scenario parse(const std::string& text);
};

}  // namespace bench
