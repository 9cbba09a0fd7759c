#!/usr/bin/python3
"""What a tenant finds in the lab, made or found: a user without privileges, flavors, networks, images.

    cloud.py GUEST_FOLDER    OS_* is the administrator, PASSWORD the tenant's, SUBNET like 10.77.0; the folder is guest-image.sh's
"""

import os
import sys
import tempfile
import time
from pathlib import Path

import openstack

PASSWORD = os.environ["PASSWORD"]
SUBNET = os.environ["SUBNET"]


def tenant(cloud):
    """A project and its user, both called alfred, with the roles that any tenant has."""
    identity = cloud.identity
    project = identity.find_project("alfred") or identity.create_project(name="alfred", domain_id="default")
    user = identity.find_user("alfred") or identity.create_user(
        name="alfred", password=PASSWORD, domain_id="default", default_project_id=project.id
    )
    for role in ("member", "reader"):
        identity.assign_project_role_to_user(project, user, identity.find_role(role))


def flavors(cloud):
    """Two that boot, and one that no machine has room for."""
    for name, id, vcpus, ram in (("small", "1", 1, 1024), ("medium", "2", 2, 2048), ("vast", "3", 512, 1024**2)):
        if not cloud.compute.find_flavor(name):
            cloud.compute.create_flavor(name=name, id=id, vcpus=vcpus, ram=ram, disk=8)


def networks(cloud):
    """The one that guests are reached on, and one that has no address that Alfred could use."""
    network = cloud.network
    if not network.find_network("private"):
        private = network.create_network(
            name="private", shared=True, provider_network_type="flat", provider_physical_network="lab"
        )
        network.create_subnet(
            name="private",
            network_id=private.id,
            ip_version=4,
            cidr=f"{SUBNET}.0/24",
            gateway_ip=f"{SUBNET}.1",
            enable_dhcp=False,
            allocation_pools=[{"start": f"{SUBNET}.10", "end": f"{SUBNET}.250"}],
        )
    if not network.find_network("only-ipv6"):
        only_ipv6 = network.create_network(name="only-ipv6", shared=True, provider_network_type="local")
        network.create_subnet(
            name="only-ipv6", network_id=only_ipv6.id, ip_version=6, cidr="fd77::/64", gateway_ip=None, enable_dhcp=False
        )


def images(cloud, guest: Path):
    """Debian with Docker, and an empty disk: a machine that runs, and never answers."""
    upload(cloud, "guest-kernel", guest / "vmlinuz", "aki")
    upload(cloud, "guest-initrd", guest / "initrd", "ari")
    upload(
        cloud,
        "debian-12-docker",
        guest / "disk.qcow2",
        "qcow2",
        kernel_id=cloud.image.find_image("guest-kernel").id,
        ramdisk_id=cloud.image.find_image("guest-initrd").id,
        # Docker 20.10 fails to start containers in a guest with half of AppArmor.
        os_command_line="root=/dev/vda rw console=ttyS0 net.ifnames=0 quiet mitigations=off apparmor=0",
    )
    with tempfile.NamedTemporaryFile() as blank:
        blank.truncate(1024**2)
        upload(cloud, "blank", blank.name, "raw")


def upload(cloud, name, file, disk_format, **properties):
    """An image that did not get all of its bytes is made anew."""
    found = cloud.image.find_image(name)
    if found and found.status == "active":
        return
    if found:
        cloud.image.delete_image(found)
    container_format = disk_format if disk_format in ("aki", "ari") else "bare"
    cloud.image.create_image(
        name, filename=str(file), disk_format=disk_format, container_format=container_format, visibility="public", **properties
    )


def has_reported(cloud):
    """A server that is asked for before the compute host and the network's agent have reported ends in ERROR."""
    hosts = [service.state == "up" for service in cloud.compute.services(binary="nova-compute")]
    agents = [agent.is_alive for agent in cloud.network.agents()]
    hypervisors = list(cloud.compute.hypervisors())
    return all([*hosts, *agents]) and bool(hosts and agents and hypervisors)


def wait_for_reports(cloud):
    give_up_at = time.monotonic() + 120
    while not has_reported(cloud):
        if time.monotonic() > give_up_at:
            sys.exit("nova-compute or the network's agent does not report: nova-compute.log and neutron-agent.log say why")
        time.sleep(0.5)


cloud = openstack.connect()
tenant(cloud)
flavors(cloud)
networks(cloud)
images(cloud, Path(sys.argv[1]))
wait_for_reports(cloud)
