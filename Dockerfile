# The controller, and nothing else: a static program that needs no files beside it.
#
#   make release && docker build --tag sealwright-controller .
#
# `make image` packs the same without Docker, byte for byte the same each time.
FROM scratch
ARG PROGRAM=target/x86_64-unknown-linux-musl/release/controller
COPY --chmod=0555 ${PROGRAM} /usr/bin/controller
ENV PATH=/usr/bin
USER 1001:65534
EXPOSE 8080 8081
ENTRYPOINT ["controller"]
