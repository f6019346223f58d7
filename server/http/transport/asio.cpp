// The whole of Asio and Beast, compiled once (DESIGN: "Building on two cores").
#include <boost/asio/impl/src.hpp>
#include <boost/beast/src.hpp>
