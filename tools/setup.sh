# Sourced by ./run and ./test: installs what a bare Debian 12 lacks. Costs a few milliseconds when everything is there.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

# The npm package `node` fetches its binary, the package node-linux-<machine>, from an install script; named directly it needs none.
node_version=22.23.3
npm_version=11.21.2

say() { printf '%s\n' "$*" >&2; }

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

# The packages of the named sections of packages.txt.
packages_of() {
  awk -v wanted=" $* " '
    /^\[/ { gsub(/[][]/, ""); on = index(wanted, " " $1 " "); next }
    on && NF && !/^#/ { print $1 }' "$root/tools/packages.txt"
}

# need_packages SECTION…: apt-get installs what is not installed yet.
need_packages() {
  local wanted installed missing
  wanted=$(packages_of "$@" | sort)
  if ! command -v dpkg-query >/dev/null; then
    say "This is no Debian: please install by hand what tools/packages.txt lists, should the build not find it."
    return 0
  fi
  # shellcheck disable=SC2086
  installed=$(dpkg-query -W -f '${Package} ${db:Status-Status}\n' $wanted 2>/dev/null |
    awk '$2 == "installed" { print $1 }' | sort -u || true)
  missing=$(comm -23 <(printf '%s\n' "$wanted") <(printf '%s\n' "$installed"))
  [ -z "$missing" ] && return 0
  # shellcheck disable=SC2086
  install_packages $missing
}

install_packages() {
  say "Installing Debian packages: $*"
  local log
  log=$(mktemp)
  if ! { as_root apt-get update -q &&
         as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@"; } >"$log" 2>&1; then
    tail -n 30 "$log" >&2
    rm -f "$log"
    say "apt-get could not install: $*"
    return 1
  fi
  rm -f "$log"
}

# Puts Node.js 22 or newer and its npm on PATH: the machine's own where it is new enough, otherwise the pinned npm packages in
# .cache/node (Debian 12's own Node.js is 18, which the SDKs refuse; it serves only to fetch the pinned one).
need_node() {
  if command -v node >/dev/null && command -v npm >/dev/null && [ "$(node -p 'process.versions.node.split(".")[0]')" -ge 22 ]; then
    return 0
  fi
  local machine home
  case $(uname -m) in aarch64 | arm64) machine=arm64 ;; *) machine=x64 ;; esac
  home="$root/.cache/node-$node_version"
  if [ ! -x "$home/bin/node" ] || [ ! -e "$home/bin/npm" ]; then
    command -v npm >/dev/null || install_packages nodejs npm || return 1
    say "Installing Node.js $node_version into ${home#"$root"/}"
    rm -rf "$home"
    mkdir -p "$home/bin"
    echo '{"private": true}' >"$home/package.json"
    (cd "$home" && npm install --no-save --no-package-lock --ignore-scripts --no-audit --no-fund --loglevel=error \
      "node-linux-$machine@$node_version" "npm@$npm_version") >&2 || return 1
    ln -s "../node_modules/node-linux-$machine/bin/node" "$home/bin/node"
    ln -s ../node_modules/npm/bin/npm-cli.js "$home/bin/npm"
  fi
  PATH="$home/bin:$PATH"
  export PATH
}

# npm_ci FOLDER: installs what the folder's lock file names, when the lock file has changed since the last time.
npm_ci() {
  local stamp="$1/node_modules/.lock-stamp" now
  now=$(sha256sum <"$1/package-lock.json")
  [ "$(cat "$stamp" 2>/dev/null)" = "$now" ] && return 0
  say "Installing npm packages of ${1#"$root"/}"
  (cd "$1" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error) >&2 || return 1
  mkdir -p "$1/node_modules"
  printf '%s\n' "$now" >"$stamp"
}

# build PRESET TARGET…: configures the preset on first use and brings the targets up to date. Ninja knows what changed.
# More cmake arguments for the first configuration may stand in the variable cmake_arguments.
build() {
  local preset=$1 tree="$root/build/$1"
  shift
  if [ ! -f "$tree/build.ninja" ]; then
    say "Configuring build/$preset"
    mkdir -p "$tree"
    # shellcheck disable=SC2086
    if ! (cd "$root" && cmake --preset "$preset" ${cmake_arguments-}) >"$tree/configure.log" 2>&1; then
      cat "$tree/configure.log" >&2
      return 1
    fi
  fi
  say "Building $* in build/$preset (minutes the first time, seconds when nothing changed)"
  # Ninja redraws one line on a terminal. Elsewhere only a failure is worth its output.
  if [ -t 2 ]; then
    ninja -C "$tree" "$@" >&2
  elif ! ninja --quiet -C "$tree" "$@" >"$tree/build.log" 2>&1; then
    cat "$tree/build.log" >&2
    return 1
  fi
}
