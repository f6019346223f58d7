#!/usr/bin/env bash
# isolated.sh COMMAND…: runs the command in a network and a mount namespace of its own (unshare needs no root for that).
# In there every port is free, also 443; the hosts file has the names below, all of them this machine; nothing else is reachable.
set -euo pipefail
PATH=$PATH:/usr/sbin:/sbin

names="gatehouse.test shop.test desk.test classic.test"

if [ "${GATEHOUSE_ISOLATED-}" != yes ]; then
  export GATEHOUSE_ISOLATED=yes
  if unshare -Urnm true 2>/dev/null; then exec unshare -Urnm "$0" "$@"; fi
  if [ "$(id -u)" = 0 ] && unshare -nm true 2>/dev/null; then exec unshare -nm "$0" "$@"; fi
  echo "isolated.sh: this machine allows neither user namespaces nor, to root, network namespaces; see man unshare" >&2
  exit 1
fi

ip link set lo up
hosts=$(mktemp)
printf '127.0.0.1 localhost %s\n::1 localhost\n' "$names" >"$hosts"
chmod 644 "$hosts"
mount --bind "$hosts" /etc/hosts
rm "$hosts"  # the mount keeps it
exec "$@"
