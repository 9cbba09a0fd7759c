# The services, a function each: what it is configured with, what its schema is, what runs. Bash, sourced by lab.sh.
# shellcheck shell=bash

PACKAGES=(
  mariadb-server rabbitmq-server memcached
  keystone glance-api placement-api
  nova-api nova-conductor nova-scheduler nova-compute nova-compute-kvm
  neutron-server neutron-linuxbridge-agent
  libvirt-daemon-system libvirt-clients genisoimage # a hypervisor, and the tool for config drives
  python3-pymysql python3-memcache python3-openstacksdk
  debootstrap gettext-base iproute2 iptables sudo
)

packages() {
  # None of the daemons that Debian would start: all of ours run from our folder.
  once packages "$HERE/../setup/apt-install.sh" "${PACKAGES[@]}"
}

# NAME: its file on top of what all services share.
configure() {
  # Only our own variables: OpenStack's files have dollars of their own.
  # shellcheck disable=SC2016
  cat "$HERE/config/common.conf" "$HERE/config/$1.conf" | envsubst '$STATE $PASSWORD $KEYSTONE' >"$CONFIG/$1.conf"
}

# NAME PORT PROCESSES WSGI_FILE: an API behind uwsgi.
wsgi() {
  # uwsgi closes each connection and says so: a client that kept it alive would meet a reset.
  daemon "$1" uwsgi --plugin python3 --master --die-on-term --lazy-apps --need-app --enable-threads --buffer-size 65535 \
    --add-header 'Connection: close' --http-socket "127.0.0.1:$2" --processes "$3" --wsgi-file "$4"
}

# ── what OpenStack stands on ──

start_mariadb() {
  local data=$STATE/mariadb socket=$STATE/mariadb/socket/mariadb
  # For root alone, by the socket's folder: so nobody needs a password, and no port is open.
  install -d -o mysql -m 755 "$data"
  install -d -o mysql -m 700 "$data/socket"
  once mariadb-install mariadb-install-db --no-defaults --user=mysql --datadir="$data/files" --skip-test-db
  daemon mariadb mariadbd --no-defaults --user=mysql --datadir="$data/files" --socket="$socket" --skip-networking \
    --skip-grant-tables --skip-log-bin --innodb-flush-log-at-trx-commit=0 --max-connections=600 --character-set-server=utf8mb3
  within 60 sql 'SELECT 1' || fail "MariaDB does not answer: $LOG/mariadb.log says why"
  local database
  for database in keystone glance placement nova_api nova nova_cell0 neutron; do sql "CREATE DATABASE IF NOT EXISTS $database"; done
}

sql() { # STATEMENT
  mariadb --no-defaults --socket="$STATE/mariadb/socket/mariadb" --execute "$1" >/dev/null 2>&1
}

# With the distribution of Erlang bound to the loopback, too; and the cookie in our folder, not in the package's.
start_rabbitmq() {
  local home=$STATE/rabbitmq
  install -d -o rabbitmq "$home"
  cp "$HERE/config/rabbitmq.conf" "$CONFIG"
  daemon epmd setpriv --reuid=rabbitmq --regid=rabbitmq --clear-groups epmd -address 127.0.0.1
  daemon rabbitmq setpriv --reuid=rabbitmq --regid=rabbitmq --clear-groups env HOME="$home" ERL_EPMD_ADDRESS=127.0.0.1 \
    RABBITMQ_NODENAME=alfred@localhost RABBITMQ_CONFIG_FILE="$CONFIG/rabbitmq.conf" RABBITMQ_MNESIA_BASE="$home/mnesia" \
    RABBITMQ_LOG_BASE="$home/log" RABBITMQ_ENABLED_PLUGINS_FILE="$home/plugins" \
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS='-kernel inet_dist_use_interface {127,0,0,1} +sbwt none' \
    /usr/lib/rabbitmq/bin/rabbitmq-server
}

start_memcached() {
  daemon memcached memcached -u memcache -l 127.0.0.1 -p 11211 -m 64
}

# ── schemas: database migrations take long, and once is enough ──

keystone_schema() {
  configure keystone
  once keystone-schema keystone_make_schema
}

keystone_make_schema() {
  local manage=(keystone-manage --config-file "$CONFIG/keystone.conf")
  install -d -m 700 "$STATE/fernet" "$STATE/credential"
  "${manage[@]}" db_sync
  "${manage[@]}" fernet_setup --keystone-user root --keystone-group root
  "${manage[@]}" credential_setup --keystone-user root --keystone-group root
  "${manage[@]}" bootstrap --bootstrap-password "$PASSWORD" --bootstrap-region-id RegionOne \
    --bootstrap-public-url "$KEYSTONE" --bootstrap-internal-url "$KEYSTONE" --bootstrap-admin-url "$KEYSTONE"
}

glance_schema() {
  configure glance
  once glance-schema glance-manage --config-file "$CONFIG/glance.conf" db_sync
}

placement_schema() {
  configure placement
  once placement-schema placement-manage --config-file "$CONFIG/placement.conf" db sync
}

neutron_schema() {
  configure neutron
  once neutron-schema neutron-db-manage --config-file "$CONFIG/neutron.conf" upgrade head
}

nova_schema() {
  configure nova
  once nova-schema nova_make_schema
}

nova_make_schema() {
  local manage=(nova-manage --config-file "$CONFIG/nova.conf")
  "${manage[@]}" api_db sync
  "${manage[@]}" cell_v2 map_cell0
  # 2: an attempt that was interrupted has made it.
  "${manage[@]}" cell_v2 create_cell --name cell1 || [ $? = 2 ]
  "${manage[@]}" db sync
}

# ── OpenStack ──

start_keystone() {
  OS_KEYSTONE_CONFIG_FILES=$CONFIG/keystone.conf wsgi keystone 5000 2 /usr/bin/keystone-wsgi-public
  wait_for_port keystone 5000
}

start_placement() {
  OS_PLACEMENT_CONFIG_DIR=$CONFIG wsgi placement 8778 1 /usr/bin/placement-api
}

start_glance() {
  daemon glance glance-api --config-file "$CONFIG/glance.conf"
}

start_neutron() {
  wait_for_port rabbitmq 5672
  daemon neutron-server neutron-server --config-file "$CONFIG/neutron.conf"
  daemon neutron-agent neutron-linuxbridge-agent --config-file "$CONFIG/neutron.conf"
}

# In a view of its own on the machine: its files under /run, /etc and /var are ours, the machine's stay as they are.
start_libvirt() {
  local at=$STATE/libvirt
  mkdir -p "$at"/{run,lib,cache,log}
  cp "$HERE/config/libvirtd.conf" "$HERE/config/qemu.conf" "$CONFIG"
  daemon libvirtd unshare --mount sh -ec "
    mount --bind $at/run /run
    mount --bind $at/lib /var/lib/libvirt
    mount --bind $at/cache /var/cache/libvirt
    mount --bind $at/log /var/log/libvirt
    mount --bind $CONFIG/qemu.conf /etc/libvirt/qemu.conf
    mkdir -p /run/libvirt
    exec libvirtd --config $CONFIG/libvirtd.conf"
  within 60 libvirt_answers || fail "libvirt does not answer: $LOG/libvirtd.log says why"
}

libvirt_answers() {
  in_libvirt version >/dev/null 2>&1
}

in_libvirt() { # COMMAND…
  virsh --quiet --connect "qemu+unix:///system?socket=$STATE/libvirt/run/libvirt/libvirt-sock" "$@"
}

start_nova() {
  mkdir -p "$STATE/nova/instances"
  cp /etc/nova/api-paste.ini "$CONFIG"
  OS_NOVA_CONFIG_DIR=$CONFIG wsgi nova-api 8774 1 /usr/bin/nova-api-wsgi
  local part
  for part in conductor scheduler compute; do daemon "nova-$part" "nova-$part" --config-file "$CONFIG/nova.conf"; done
  wait_for_port placement 8778
  wait_for_port glance 9292
  wait_for_port neutron-server 9696
  wait_for_port nova-api 8774
}

# ── the guests' wire: the machine holds one end, OpenStack's bridge gets the other ──

FORWARDED=(FORWARD -i brq+ -o brq+ -j ACCEPT)

wires_on() {
  if ! ip link show lab-host >/dev/null 2>&1; then
    ip link add lab-host type veth peer name lab-wire
    ip address add "$SUBNET.1/24" dev lab-host
    ip link set lab-host up
    ip link set lab-wire up
  fi
  # A Docker engine on the machine drops what is forwarded, and frames on a bridge count as that.
  iptables -C "${FORWARDED[@]}" 2>/dev/null || iptables -I "${FORWARDED[@]}"
}

wires_off() {
  local bridge
  bridge=$(basename "$(readlink /sys/class/net/lab-wire/master 2>/dev/null)")
  ip link delete lab-host 2>/dev/null || true
  [ -z "$bridge" ] || ip link delete "$bridge"
  iptables -D "${FORWARDED[@]}" 2>/dev/null || true
}

# The guests would run on without their hypervisor.
guests_off() {
  local guest
  runs libvirtd || return 0
  for guest in $(in_libvirt list --name); do in_libvirt destroy "$guest"; done
}
