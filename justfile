# The same names as the npm scripts: `just check` is `npm run check`.
set quiet

default:
    just --list

# all set-up, then a sample job on the local engine
quickstart:
    npm run quickstart

# src → dist, for bin/alfred and bin/alfred-server
build:
    npm run build

# types, lint, import floors, contract, fast specs
check:
    npm run check

# all set-up, then every spec, the end-to-end ones included
test *ARGS:
    npm test -- {{ARGS}}

# an OpenStack on this machine (Debian 12, root), then the specs that need it; --keep leaves it up
openstack-test *ARGS:
    npm run openstack-test -- {{ARGS}}

# what check would say of style, put right
format:
    npm run format

# proto/alfred.proto → src/rpc/generated
gen:
    npm run gen

# the server from its sources
server *ARGS:
    npm run server -- {{ARGS}}

# `alfred run` from its sources
run *ARGS:
    npm run run -- {{ARGS}}

# the figures of the README; a name runs one
bench *ARGS:
    npm run bench -- {{ARGS}}

# the dashboard on a simulated server, without Docker
demo *ARGS:
    npm run demo -- {{ARGS}}

# pictures of what terminals show, in var/screens; needs tmux
screens:
    npm run screens
