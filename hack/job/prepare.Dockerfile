# The first step of every task: makes what the second one works on.
FROM alpine:3.20
COPY suites /suites
# The task is called SUITE-SHARD.
CMD ["sh", "-euc", "suite=${ALFRED_TASK%-*}; cp /suites/$suite.sql $ALFRED_SHARED/suite.sql; echo $ALFRED_TASK takes $suite.sql"]
