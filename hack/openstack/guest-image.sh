#!/bin/bash
# Makes the guest of the lab: Debian 12 with an SSH server and a Docker engine, as a kernel, an initrd and a disk without a boot
# loader (QEMU starts the kernel by itself).
#
#   guest-image.sh FOLDER    writes vmlinuz, initrd and disk.qcow2 there, the disk last
set -euo pipefail

HERE=$(cd "${0%/*}" && pwd)
FOLDER=$1
ROOT=$FOLDER/root

PACKAGES=(
  systemd-sysv udev dbus kmod e2fsprogs iproute2 iptables ca-certificates sudo
  linux-image-cloud-amd64 initramfs-tools
  openssh-server docker.io zstd
  jq # reads the config drive
)

main() {
  rm -rf "$ROOT"
  mkdir -p "$FOLDER"
  install_system
  with_proc configure_system
  take_kernel
  slim
  make_disk
  rm -rf "$ROOT"
}

install_system() {
  debootstrap --variant=minbase --include="$(IFS=,; echo "${PACKAGES[*]}")" bookworm "$ROOT"
}

# An initrd without a proc file system to read would be made for no machine at all.
with_proc() { # COMMAND…
  mount -t proc proc "$ROOT/proc"
  trap 'umount "$ROOT/proc"' EXIT
  "$@"
  umount "$ROOT/proc"
  trap - EXIT
}

configure_system() {
  echo '/dev/vda / ext4 errors=remount-ro 0 0' >"$ROOT/etc/fstab"
  echo guest >"$ROOT/etc/hostname"
  # Each guest makes its own.
  : >"$ROOT/etc/machine-id"
  rm -f "$ROOT"/etc/ssh/ssh_host_*
  cp "$HERE/guest/sshd.conf" "$ROOT/etc/ssh/sshd_config.d/lab.conf"
  # A registry on the machine that the lab is on speaks plain HTTP.
  install -D -m 644 "$HERE/guest/docker-daemon.json" "$ROOT/etc/docker/daemon.json"
  install -m 755 "$HERE/guest/config-drive" "$ROOT/usr/local/sbin/config-drive"
  cp "$HERE/guest/config-drive.service" "$ROOT/etc/systemd/system/"
  chroot "$ROOT" useradd --create-home --shell /bin/bash --groups docker,sudo debian
  echo 'debian ALL=(ALL) NOPASSWD:ALL' >"$ROOT/etc/sudoers.d/debian"
  chroot "$ROOT" systemctl enable config-drive.service docker.service ssh.service
  # Guests live for minutes, and their processor is slow.
  chroot "$ROOT" systemctl mask apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer e2scrub_reap.service \
    fstrim.timer systemd-timesyncd.service
  small_initrd
}

# Only what it takes to mount the disk.
small_initrd() {
  printf '%s\n' virtio_pci virtio_blk virtio_net ext4 crc32c_generic >>"$ROOT/etc/initramfs-tools/modules"
  sed -i 's/^MODULES=.*/MODULES=list/; s/^COMPRESS=.*/COMPRESS=gzip/; /^# *COMPRESSLEVEL=/d' "$ROOT/etc/initramfs-tools/initramfs.conf"
  chroot "$ROOT" update-initramfs -u
}

take_kernel() {
  mv "$ROOT"/boot/vmlinuz-* "$FOLDER/vmlinuz"
  mv "$ROOT"/boot/initrd.img-* "$FOLDER/initrd"
}

slim() {
  chroot "$ROOT" apt-get clean
  rm -rf "${ROOT:?}"/{boot/*,var/lib/apt/lists/*,usr/share/{doc,man,locale}/*}
}

make_disk() {
  local raw=$FOLDER/disk.raw
  truncate -s 6G "$raw"
  mke2fs -q -t ext4 -L root -E lazy_itable_init=1,lazy_journal_init=1 -d "$ROOT" "$raw"
  qemu-img convert -O qcow2 "$raw" "$FOLDER/disk.qcow2.part"
  rm "$raw"
  mv "$FOLDER/disk.qcow2.part" "$FOLDER/disk.qcow2"
}

main
