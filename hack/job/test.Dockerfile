# The second step: runs the suite against the database, and keeps its result in the cache and in the artifact.
FROM alpine:3.20
RUN apk add --no-cache postgresql16-client redis
ARG RELEASE=unknown
ENV RELEASE=$RELEASE
COPY run-suite /usr/local/bin/
CMD ["run-suite"]
