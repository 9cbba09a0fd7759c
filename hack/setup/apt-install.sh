#!/bin/sh
# Installs Debian packages, as root, without a word unless it fails. Starts none of the daemons that they bring: a machine that
# runs specs has not asked for an sshd or a database.
set -eu

policy=/usr/sbin/policy-rc.d # what invoke-rc.d and systemd's hooks ask before they start anything
if [ ! -e $policy ]; then
  trap 'rm -f $policy' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  printf '#!/bin/sh\nexit 101\n' >$policy
  chmod +x $policy
fi

export DEBIAN_FRONTEND=noninteractive
told=$(apt-get update -qq 2>&1 && apt-get install -qq -y --no-install-recommends "$@" 2>&1) || {
  printf '%s\n' "$told" "apt-get could not install $*; see above." >&2
  exit 1
}
