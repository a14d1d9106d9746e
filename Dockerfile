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
COPY plugins/go.mod plugins/go.sum plugins/
COPY plugins-gcp/go.mod plugins-gcp/go.sum plugins-gcp/
COPY plugins-aws/go.mod plugins-aws/go.sum plugins-aws/
RUN --mount=type=cache,target=/go/pkg/mod for module in . plugins*; do (cd "$module" && go mod download) || exit 1; done
COPY . .
COPY --from=page /src/internal/webui/dist internal/webui/dist
ARG VERSION
RUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/root/.cache/go-build \
    mkdir /out; for program in dkron:cmd/dkron dkron-plugins:plugins dkron-executor-gcppubsub:plugins-gcp dkron-executor-ecs:plugins-aws; do \
        (cd "${program#*:}" && CGO_ENABLED=0 go build -tags hashicorpmetrics,grpcnotrace -trimpath \
            -ldflags "-s -w ${VERSION:+-X main.version=${VERSION}}" -o "/out/${program%%:*}" .) || exit 1; \
    done \
    && /out/dkron-plugins install /out

# Jobs need a shell, and those that call others need certificates and time zones.
FROM debian:stable-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates tzdata \
    && rm -rf /var/lib/apt/lists/*
# Plugins lie next to dkron, where it finds them.
COPY --from=build /out /usr/local/bin
ENV SHELL=/bin/bash
# API and UI, gossip, RPC and Raft
EXPOSE 8080 8946/tcp 8946/udp 6868
# As process 1, the node reaps the orphans of its jobs.
ENTRYPOINT ["dkron"]
