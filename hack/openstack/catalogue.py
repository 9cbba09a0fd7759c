#!/usr/bin/python3
"""The catalogue: where keystone tells clients, and the services each other, to go. OS_* is the administrator."""

import openstack

SERVICES = {
    "compute": "http://127.0.0.1:8774/v2.1",
    "image": "http://127.0.0.1:9292",
    "network": "http://127.0.0.1:9696",
    "placement": "http://127.0.0.1:8778",
}

identity = openstack.connect().identity

for kind, url in SERVICES.items():
    service = next(identity.services(type=kind), None) or identity.create_service(name=kind, type=kind)
    for interface in ("public", "internal"):
        if not next(identity.endpoints(service_id=service.id, interface=interface), None):
            identity.create_endpoint(service_id=service.id, interface=interface, url=url, region_id="RegionOne")
