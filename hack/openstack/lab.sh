#!/bin/bash
# An OpenStack of our own, on one Debian 12 machine: README.md says what is in it, and what is not.
#
#   lab.sh up              brings up what is down; done twice, it changes nothing
#   lab.sh down            stops every process that `up` started, and takes its links and its firewall rule away
#   lab.sh openrc [admin]  prints the OS_* variables of the user `alfred`, or of the administrator, for `eval`
set -euo pipefail

HERE=$(cd "${0%/*}" && pwd)
export LAB=${ALFRED_OPENSTACK_LAB:-/var/tmp/alfred-openstack}
# Nothing here is a secret: all of it listens on the loopback of a test machine.
export PASSWORD=alfred
export KEYSTONE=http://127.0.0.1:5000/v3
export SUBNET=10.77.0
export CONFIG=$LAB/config STATE=$LAB/state LOG=$LAB/log RUN=$LAB/run

# shellcheck source=daemons.sh
. "$HERE/daemons.sh"
# shellcheck source=services.sh
. "$HERE/services.sh"

up() {
  check_machine
  # Where Debian keeps uwsgi and the agents, whatever the caller's PATH; and no proxy stands before a loopback.
  export PATH=/usr/sbin:/usr/bin:/sbin:/bin no_proxy='*'
  # Other users than root have to reach their own folders in ours.
  umask 022
  mkdir -p "$LAB" "$CONFIG" "$STATE" "$LOG" "$RUN"
  trap 'told_failure $?' EXIT

  step "packages (the first time: some minutes)"
  packages
  step "guest image, beside all that follows"
  once guest-image "$HERE/guest-image.sh" "$LAB/guest" &
  local guest_image=$!

  step "database, queue, cache"
  start_mariadb
  start_rabbitmq
  start_memcached

  step "schemas"
  nova_schema & # takes as long as all the others
  local nova_schema=$!
  keystone_schema
  glance_schema
  placement_schema
  neutron_schema
  wait $nova_schema

  step "services"
  wires_on
  start_keystone
  # Before nova, which ends when it finds no placement there.
  once catalogue with_openrc admin python3 "$HERE/catalogue.py"
  start_placement
  start_glance
  start_neutron
  start_libvirt
  start_nova

  step "guest image"
  wait $guest_image
  step "what a tenant finds: users, flavors, networks, images"
  with_openrc admin python3 "$HERE/cloud.py" "$LAB/guest"
  step "ready: eval \"\$($HERE/lab.sh openrc)\""
  trap - EXIT
}

down() {
  guests_off
  stop_all
  wires_off
}

openrc() {
  local user=${1:-alfred}
  cat <<VARIABLES
export OS_AUTH_URL=$KEYSTONE
export OS_USERNAME=$user
export OS_PASSWORD=$PASSWORD
export OS_PROJECT_NAME=$user
export OS_USER_DOMAIN_NAME=Default
export OS_PROJECT_DOMAIN_NAME=Default
export OS_REGION_NAME=RegionOne
export OS_IDENTITY_API_VERSION=3
export OS_INTERFACE=public
VARIABLES
}

# USER COMMAND…
with_openrc() (
  eval "$(openrc "$1")"
  shift
  exec "$@"
)

check_machine() {
  local release
  release=$(. /etc/os-release 2>/dev/null && echo "$ID $VERSION_ID") || release=unknown
  [ "$release" = 'debian 12' ] || fail "the lab is made of Debian 12's packages, and this is ${release}: run it on Debian 12, in a virtual machine for example"
  [ "$(id -u)" = 0 ] || fail 'the lab makes network links and starts daemons: run it as root'
}

case "${1:-}" in
  up) up ;;
  down) down ;;
  openrc) openrc "${2:-alfred}" ;;
  *)
    sed -n '2,6s/^# \{0,1\}//p' "$0" >&2
    exit 2
    ;;
esac
