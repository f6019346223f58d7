#!/bin/bash
# A PostgreSQL server for tests, in a folder of its own, reachable only by this machine.
#
#   tests/support/postgres.sh start DIR [PID]   starts it and prints its URL (postgresql://…); with PID, it is stopped when that process ends
#   tests/support/postgres.sh restart DIR       stops it hard and starts it again on the same port
#   tests/support/postgres.sh stop DIR          stops it and removes DIR
#
# Its fsync is off (killed processes lose nothing by that, only a power cut would); GATEHOUSE_TEST_FSYNC=on for benchmarks.
# PostgreSQL refuses to run as root, so root becomes postgres (or nobody) first.
set -euo pipefail

usage() { sed -n '2,9s/^# \{0,1\}//p' "$0" >&2; exit 2; }
[ $# -ge 2 ] || usage
command=$1 dir=$2 owner_pid=${3:-}

bin=
for candidate in /usr/lib/postgresql/15/bin /usr/lib/postgresql/*/bin; do
  [ -x "$candidate/initdb" ] && bin=$candidate && break
done
[ -n "$bin" ] || { echo "postgres.sh: PostgreSQL is not installed (Debian package postgresql-15)" >&2; exit 1; }

as_server() {
  if [ "$(id -u)" -eq 0 ]; then
    local user=nobody
    id postgres >/dev/null 2>&1 && user=postgres
    setpriv --reuid "$user" --regid "$(id -g "$user")" --clear-groups env HOME="$dir" "$@"
  else
    "$@"
  fi
}

launch() {
  # pg_ctl leaves the server behind as a daemon; its own descriptors must not hold our caller's pipe open.
  if ! as_server "$bin/pg_ctl" -D "$dir/data" -l "$dir/log" -w -t 60 -o "-p $(cat "$dir/port")" start >/dev/null 2>&1 </dev/null; then
    tail -20 "$dir/log" >&2
    return 1
  fi
}

url() { echo "postgresql://gatehouse@127.0.0.1:$(cat "$dir/port")/postgres"; }

case $command in
  start)
    mkdir -p "$dir" && chmod 755 "$dir"
    dir=$(cd "$dir" && pwd)
    [ "$(id -u)" -ne 0 ] || chown "$(id postgres >/dev/null 2>&1 && echo postgres || echo nobody)" "$dir"
    if [ ! -f "$dir/data/PG_VERSION" ]; then
      as_server "$bin/initdb" -D "$dir/data" -U gatehouse -A trust -E UTF8 --locale=C --no-sync >"$dir/initdb.log" 2>&1 ||
        { cat "$dir/initdb.log" >&2; exit 1; }
      as_server tee -a "$dir/data/postgresql.conf" >/dev/null <<CONF
listen_addresses = '127.0.0.1'
unix_socket_directories = '$dir'
max_connections = 300
shared_buffers = 64MB
max_wal_size = 256MB
fsync = ${GATEHOUSE_TEST_FSYNC:-off}
full_page_writes = ${GATEHOUSE_TEST_FSYNC:-off}
log_min_messages = fatal
log_min_error_statement = panic
CONF
    fi
    # A port that is free now may be taken a moment later: try a few.
    for attempt in 1 2 3 4 5 6 7 8; do
      port=$((20000 + (RANDOM * 32768 + RANDOM) % 12000))
      (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && continue
      echo "$port" >"$dir/port"
      if launch; then
        if [ -n "$owner_pid" ]; then
          script=$(readlink -f "$0")
          setsid bash -c "while kill -0 $owner_pid 2>/dev/null; do sleep 0.5; done; exec '$script' stop '$dir'" >/dev/null 2>&1 </dev/null &
        fi
        url
        exit 0
      fi
    done
    echo "postgres.sh: could not start PostgreSQL in $dir" >&2
    exit 1
    ;;
  restart)
    as_server "$bin/pg_ctl" -D "$dir/data" -m immediate -w stop >/dev/null 2>&1 || true
    launch && url
    ;;
  stop)
    [ -d "$dir/data" ] || exit 0
    as_server "$bin/pg_ctl" -D "$dir/data" -m immediate -w stop >/dev/null 2>&1 || true
    rm -rf "$dir"
    ;;
  *) usage ;;
esac
