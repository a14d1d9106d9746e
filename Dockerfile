# syntax=docker/dockerfile:1

FROM node:22 AS page
WORKDIR /src/web
COPY web/package.json web/package-lock.json web/.npmrc ./
RUN --mount=type=cache,target=/root/.npm npm ci
COPY api /src/api
COPY web ./
RUN npm run build

FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN --mount=type=cache,target=/go/pkg/mod go mod download
COPY . .
COPY --from=page /src/internal/webui/dist internal/webui/dist
ARG VERSION
RUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/root/.cache/go-build \
    CGO_ENABLED=0 go build -tags hashicorpmetrics -trimpath -ldflags "-s -w ${VERSION:+-X main.version=${VERSION}}" \
    -o /out/dkron ./cmd/dkron

# Jobs need a shell, and those that call others need certificates and time zones.
FROM debian:stable-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates tzdata \
    && rm -rf /var/lib/apt/lists/*
COPY --from=build /out/dkron /usr/local/bin/dkron
ENV SHELL=/bin/bash
# API and UI, gossip, RPC and Raft
EXPOSE 8080 8946/tcp 8946/udp 6868
# As process 1, the node reaps the orphans of its jobs.
ENTRYPOINT ["dkron"]
