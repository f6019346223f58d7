#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include "app/app.h"
#include "cli/commands.h"

namespace gatehouse::cli {

int serve(const config::Settings& settings) {
  // Signals are taken by this thread alone; every thread the app starts inherits the mask.
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&signals, signal);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);

  Result<std::unique_ptr<app::App>> app = app::App::create(settings);
  Result<void> started = app ? (*app)->start() : Result<void>(app.error());
  if (!started) return fail(started.error());
  std::printf("ready %s\n", settings.issuer.c_str());
  std::fflush(stdout);

  for (;;) {
    int signal = 0;
    if (sigwait(&signals, &signal) != 0) continue;
    if (signal != SIGHUP) break;
    (*app)->reload();
  }
  // A job may wait longer than anybody should for a mail server; it is leased, and done again by whoever starts next.
  std::thread([] {
    std::this_thread::sleep_for(seconds(32));
    std::_Exit(0);
  }).detach();
  (*app)->stop();
  if ((*app)->busy()) std::_Exit(0);  // the promise is 30 s: what is committed is on disk, and nobody waits for the rest
  return 0;
}

}  // namespace gatehouse::cli
