ARG PG_VERSION=16
ARG VARIANT=alpine
FROM --platform=linux/amd64 postgres:${PG_VERSION}-${VARIANT}
RUN apk add \
    # a comment within
    tzdata
