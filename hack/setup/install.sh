#!/bin/sh
# Makes node_modules what package-lock.json says, and does nothing when it is that already. What runs before anything is
# installed, so: plain sh, for a machine that has git, Node 20 or later and npm.
set -eu
cd "${0%/*}/../.."

# npm writes its hidden lock file last, so an interrupted installation counts as none.
installed=node_modules/.package-lock.json
if [ ! -f $installed ] || [ -n "$(find package.json package-lock.json -newer $installed)" ]; then
  echo 'Installing the packages (npm ci)…' >&2
  # Only errors: under Node 20 npm warns of packages that want a newer one, and they will run on the Node among them.
  # Inside an npm script `npm` would run on the project's own Node, the one that is being replaced.
  if [ -n "${npm_execpath:-}" ] && [ -n "${npm_node_execpath:-}" ]; then
    "$npm_node_execpath" "$npm_execpath" ci --loglevel=error >&2
  else
    npm ci --loglevel=error >&2
  fi
fi

node=node_modules/.bin/node
if [ ! -x $node ]; then
  echo "No Node for $(uname -sm) among the packages. Alfred runs on Linux and macOS, x64 and arm64; if this is one of them, run: npm ci --include=optional" >&2
  exit 1
fi
if ! problem=$($node --version 2>&1); then
  if [ "$(id -u)" != 0 ] || [ ! -f /etc/debian_version ]; then
    echo "Node can't start here, most likely for want of libatomic: install libatomic1 (Debian, Ubuntu) or libatomic (Fedora). It says: $problem" >&2
    exit 1
  fi
  echo 'Installing libatomic1, which Node needs (apt-get)…' >&2
  hack/setup/apt-install.sh libatomic1 >&2
  $node --version >/dev/null
fi
