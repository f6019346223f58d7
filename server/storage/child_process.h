#pragma once
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

namespace gatehouse::storage {

/// Runs one test of this program in a process of its own, with one argument in the environment, and reads what it prints. Such a
/// test is the part that the child plays; it does nothing without argument(). Killed at the latest with this object.
class ChildProcess {
 public:
  /// `before` are words in front of the command, e.g. unshare and its options.
  ChildProcess(const std::string& test, const std::string& argument, std::vector<std::string> before = {}) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return;
    char self[4096] = {};
    (void)!::readlink("/proc/self/exe", self, sizeof self - 1);
    std::vector<std::string> words = std::move(before);
    words.insert(words.end(), {self, "--gtest_filter=" + test});
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    std::vector<std::string> variables{"GATEHOUSE_CHILD_ARGUMENT=" + argument};
    for (char** variable = environ; *variable; ++variable) variables.emplace_back(*variable);
    std::vector<char*> environment;
    for (std::string& variable : variables) environment.push_back(variable.data());
    environment.push_back(nullptr);
    pid_ = ::fork();
    if (pid_ == 0) {  // only calls that are safe in a fork of a threaded process
      ::dup2(ends[1], STDOUT_FILENO);
      ::execvpe(arguments[0], arguments.data(), environment.data());
      ::_exit(127);
    }
    ::close(ends[1]);
    output_ = ends[0];
  }
  ~ChildProcess() {
    if (pid_ > 0) kill_hard();
    if (output_ >= 0) ::close(output_);
  }
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  /// The next line without its end, or nothing when the child has closed its output.
  std::string line() {
    std::string line;
    for (char c; ::read(output_, &c, 1) == 1 && c != '\n';) line.push_back(c);
    return line;
  }
  /// Everything until the child ends, and its exit code.
  std::pair<std::string, int> finish() {
    std::string all;
    char buffer[4096];
    for (ssize_t count; (count = ::read(output_, buffer, sizeof buffer)) > 0;) all.append(buffer, static_cast<size_t>(count));
    int status = 0;
    ::waitpid(std::exchange(pid_, -1), &status, 0);
    return {all, WIFEXITED(status) ? WEXITSTATUS(status) : 128};
  }
  void kill_hard() {
    ::kill(pid_, SIGKILL);
    int status = 0;
    ::waitpid(std::exchange(pid_, -1), &status, 0);
  }

  static std::string argument() {
    const char* argument = std::getenv("GATEHOUSE_CHILD_ARGUMENT");
    return argument ? argument : "";
  }

 private:
  pid_t pid_ = -1;
  int output_ = -1;
};

}  // namespace gatehouse::storage
