# The same names as the npm scripts: `just check` is `npm run check`.
set quiet

build:
    npm run build

# types, lint, import floors, contract, fast specs
check:
    npm run check

# proto/alfred.proto → src/rpc/generated
gen:
    npm run gen

test:
    npm test

server *ARGS:
    npm run server -- {{ARGS}}

run *ARGS:
    npm run run -- {{ARGS}}

bench:
    npm run bench
